//! From the host's calls to the operators of a plugin.

use crate::aggregate::{self, Aggregation, Fold};
use crate::config::nearest;
use crate::data::{Batch, Context, Error, Field};
use crate::host::report_panics;
use crate::state::{self, Stateful, Update};
use crate::transform::{self, Partition, Transform};
use std::cell::RefCell;

/// Export operators as a plugin: a component of the worlds that are named here.
///
/// ```
/// use sluicebox_sdk::prelude::*;
///
/// /// Lines to words.
/// #[flat_map(output = "word")]
/// fn split(line: &str) -> impl Iterator<Item = &str> {
///     line.split_whitespace()
/// }
///
/// /// The larger of numbers.
/// #[reduce]
/// fn largest(a: i64, b: i64) -> i64 {
///     a.max(b)
/// }
///
/// plugin! {
///     transforms: [split],
///     aggregates: [largest],
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! plugin {
    ($($interface:ident: [$($operator:ty),* $(,)?]),+ $(,)?) => {
        #[doc(hidden)]
        struct __SluiceboxPlugin;

        $crate::__allocator!();
        $($crate::__interface!($interface __SluiceboxPlugin $($operator)*);)+
    };
    ($($other:tt)*) => {
        ::core::compile_error!("name the plugin's operators: plugin! { transforms: [a, b], aggregates: [c] }");
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __interface {
    (transforms $plugin:ident $($operator:ty)*) => { $crate::__transforms!($plugin $($operator)*); };
    (aggregates $plugin:ident $($operator:ty)*) => { $crate::__aggregates!($plugin $($operator)*); };
    (states $plugin:ident $($operator:ty)*) => { $crate::__states!($plugin $($operator)*); };
    (sinks $plugin:ident $($operator:ty)*) => { $crate::__sinks!($plugin $($operator)*); };
    (receivers $plugin:ident $($operator:ty)*) => { $crate::__receivers!($plugin $($operator)*); };
    ($other:ident $($rest:tt)*) => {
        ::core::compile_error!(::core::concat!(
            "there are no `", ::core::stringify!($other), "`; a plugin has `transforms` (map, flat_map, filter, map_partitions), \
             `aggregates` (reduce, aggregate), `states` (update_state_by_key, map_with_state), `sinks` (sink) and `receivers` (receiver)"
        ));
    };
}

/// The allocator is exported by the plugin's own crate, which is the one whose exports the linker keeps.
#[doc(hidden)]
#[macro_export]
macro_rules! __allocator {
    () => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            #[unsafe(export_name = "cabi_realloc")]
            unsafe extern "C" fn cabi_realloc(old: *mut u8, old_len: usize, align: usize, new_len: usize) -> *mut u8 {
                unsafe { $crate::guest::cabi_realloc(old, old_len, align, new_len) }
            }
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __transforms {
    ($plugin:ident $($transform:ty)*) => {
        const _: () = {
            use $crate::data::{Batch, Context, Error, Field};
            use $crate::plugin::{TransformEntry, transforms};
            static OFFERED: &[TransformEntry] = &[$(TransformEntry::of::<$transform>()),*];

            impl $crate::bindings::transform::exports::sluicebox::operator::transform::Guest for $plugin {
                fn describe() -> Vec<$crate::transform::Operator> {
                    transforms::describe(OFFERED)
                }
                fn bind(name: String, config: String, input: Vec<Field>) -> Result<$crate::transform::Binding, Error> {
                    transforms::bind(OFFERED, &name, &config, &input)
                }
                fn open(context: Context, name: String, config: String, input: Vec<Field>) -> Result<(), Error> {
                    transforms::open(OFFERED, &context, &name, &config, &input)
                }
                fn process(input: Batch) -> Result<$crate::transform::Output, Error> {
                    transforms::process(input)
                }
                fn finish() -> Result<Option<Batch>, Error> {
                    transforms::finish()
                }
            }

            $crate::bindings::transform::export_transform!($plugin with_types_in $crate::bindings::transform);
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __aggregates {
    ($plugin:ident $($aggregate:ty)*) => {
        const _: () = {
            use $crate::data::{Batch, Context, Error, Field};
            use $crate::plugin::{AggregateEntry, aggregates};
            static OFFERED: &[AggregateEntry] = &[$(AggregateEntry::of::<$aggregate>()),*];

            impl $crate::bindings::aggregate::exports::sluicebox::operator::aggregate::Guest for $plugin {
                fn describe() -> Vec<$crate::aggregate::Operator> {
                    aggregates::describe(OFFERED)
                }
                fn bind(name: String, config: String, input: Vec<Field>) -> Result<$crate::aggregate::Binding, Error> {
                    aggregates::bind(OFFERED, &name, &config, &input)
                }
                fn open(context: Context, name: String, config: String, input: Vec<Field>) -> Result<(), Error> {
                    aggregates::open(OFFERED, &context, &name, &config, &input)
                }
                fn partial(values: Batch, groups: Vec<u32>, n_groups: u32) -> Result<Batch, Error> {
                    aggregates::current(|fold| fold.partial(&values, &groups, n_groups))
                }
                fn merge(partials: Batch, groups: Vec<u32>, n_groups: u32) -> Result<Batch, Error> {
                    aggregates::current(|fold| fold.merge(&partials, &groups, n_groups))
                }
                fn unmerge(whole: Batch, partials: Batch, groups: Vec<u32>) -> Result<Batch, Error> {
                    aggregates::current(|fold| fold.unmerge(&whole, &partials, &groups))
                }
                fn finish(partials: Batch) -> Result<Batch, Error> {
                    aggregates::current(|fold| fold.finish(partials))
                }
            }

            $crate::bindings::aggregate::export_aggregate!($plugin with_types_in $crate::bindings::aggregate);
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __states {
    ($plugin:ident $($state:ty)*) => {
        const _: () = {
            use $crate::data::{Batch, Context, Error, Field};
            use $crate::plugin::{StateEntry, states};
            static OFFERED: &[StateEntry] = &[$(StateEntry::of::<$state>()),*];

            impl $crate::bindings::state::exports::sluicebox::operator::state::Guest for $plugin {
                fn describe() -> Vec<$crate::state::Operator> {
                    states::describe(OFFERED)
                }
                fn bind(
                    name: String,
                    config: String,
                    keys: Vec<Field>,
                    input: Vec<Field>,
                ) -> Result<$crate::state::Binding, Error> {
                    states::bind(OFFERED, &name, &config, &keys, &input)
                }
                fn open(
                    context: Context,
                    name: String,
                    config: String,
                    keys: Vec<Field>,
                    input: Vec<Field>,
                ) -> Result<(), Error> {
                    states::open(OFFERED, &context, &name, &config, &keys, &input)
                }
                fn update(work: $crate::state::Work) -> Result<$crate::state::Outcome, Error> {
                    states::current(|state| state.update(&work))
                }
                fn migrate(version: u32, schema: Vec<Field>, old: Batch) -> Result<Batch, Error> {
                    states::current(|state| state.migrate(version, &schema, &old))
                }
            }

            $crate::bindings::state::export_state!($plugin with_types_in $crate::bindings::state);
        };
    };
}

/// How an operator is opened: context, configuration, columns bound.
type Open<Task> = fn(&Context, &str, &[Field]) -> Result<Box<Task>, Error>;

/// A transform offered.
pub struct TransformEntry {
    describe: fn() -> transform::Operator,
    bind: fn(&str, &[Field]) -> Result<transform::Binding, Error>,
    open: Open<dyn Partition>,
}

impl TransformEntry {
    /// The entry of an operator.
    pub const fn of<T: Transform>() -> Self {
        TransformEntry { describe: T::describe, bind: T::bind, open: T::open }
    }
}

/// An aggregate offered.
pub struct AggregateEntry {
    describe: fn() -> aggregate::Operator,
    bind: fn(&str, &[Field]) -> Result<aggregate::Binding, Error>,
    open: Open<dyn Fold>,
}

impl AggregateEntry {
    /// The entry of an operator.
    pub const fn of<T: Aggregation>() -> Self {
        AggregateEntry { describe: T::describe, bind: T::bind, open: T::open }
    }
}

/// Send panics to the host's log; every exported function that may be the first does so.
pub fn report() {
    report_panics();
}

/// The entry of that name among those offered.
pub fn find_named<'a, E>(offered: &'a [E], name: &str, name_of: impl Fn(&E) -> String) -> Result<&'a E, Error> {
    report_panics();
    let names: Vec<String> = offered.iter().map(name_of).collect();
    match names.iter().position(|offered| offered == name) {
        Some(index) => Ok(&offered[index]),
        None => Err(not_offered(name, &names)),
    }
}

/// What to say of an operator that is not among those offered.
fn not_offered(name: &str, offered: &[String]) -> Error {
    let offered: Vec<&str> = offered.iter().map(String::as_str).collect();
    Error::failed(match nearest(name, &offered) {
        Some(near) => format!("the plugin offers no operator `{name}`; did you mean `{near}`?"),
        None => format!("the plugin offers no operator `{name}`; it offers `{}`", offered.join("`, `")),
    })
}

macro_rules! calls {
    ($module:ident, $entry:ident, $task:ty, $operator:path, $binding:path) => {
        /// The exported functions, over the table of operators that [`plugin!`](crate::plugin!) makes.
        pub mod $module {
            use super::*;

            thread_local! {
                static CURRENT: RefCell<Option<Box<$task>>> = const { RefCell::new(None) };
            }

            /// The operators offered.
            pub fn describe(offered: &[$entry]) -> Vec<$operator> {
                report_panics();
                offered.iter().map(|entry| (entry.describe)()).collect()
            }

            fn find<'a>(offered: &'a [$entry], name: &str) -> Result<&'a $entry, Error> {
                report_panics();
                let names = || offered.iter().map(|entry| (entry.describe)().name);
                match names().position(|offered| offered == name) {
                    Some(index) => Ok(&offered[index]),
                    None => Err(not_offered(name, &names().collect::<Vec<_>>())),
                }
            }

            /// Agree on schemas.
            pub fn bind(offered: &[$entry], name: &str, config: &str, input: &[Field]) -> Result<$binding, Error> {
                (find(offered, name)?.bind)(config, input)
            }

            /// Choose the operator for the calls that follow.
            pub fn open(
                offered: &[$entry],
                context: &Context,
                name: &str,
                config: &str,
                input: &[Field],
            ) -> Result<(), Error> {
                let task = (find(offered, name)?.open)(context, config, input)?;
                CURRENT.set(Some(task));
                Ok(())
            }

            /// Call the operator that is open.
            pub fn current<R>(call: impl FnOnce(&mut $task) -> Result<R, Error>) -> Result<R, Error> {
                CURRENT.with_borrow_mut(|current| match current {
                    Some(task) => call(task.as_mut()),
                    None => Err(Error::failed("no operator is open")),
                })
            }
        }
    };
}

calls!(transform_calls, TransformEntry, dyn Partition, transform::Operator, transform::Binding);
calls!(aggregate_calls, AggregateEntry, dyn Fold, aggregate::Operator, aggregate::Binding);

pub use aggregate_calls as aggregates;

/// How an operator over keyed state is bound: configuration, the key's columns, the others.
type BindState = fn(&str, &[Field], &[Field]) -> Result<state::Binding, Error>;
/// How it is opened.
type OpenState = fn(&Context, &str, &[Field], &[Field]) -> Result<Box<dyn Update>, Error>;

/// An operator over keyed state offered.
pub struct StateEntry {
    describe: fn() -> state::Operator,
    bind: BindState,
    open: OpenState,
}

impl StateEntry {
    /// The entry of an operator.
    pub const fn of<T: Stateful>() -> Self {
        StateEntry { describe: T::describe, bind: T::bind, open: T::open }
    }
}

/// The exported functions of operators over keyed state.
pub mod states {
    use super::*;

    thread_local! {
        static CURRENT: RefCell<Option<Box<dyn Update>>> = const { RefCell::new(None) };
    }

    /// The operators offered.
    pub fn describe(offered: &[StateEntry]) -> Vec<state::Operator> {
        report_panics();
        offered.iter().map(|entry| (entry.describe)()).collect()
    }

    fn find<'a>(offered: &'a [StateEntry], name: &str) -> Result<&'a StateEntry, Error> {
        report_panics();
        let names = || offered.iter().map(|entry| (entry.describe)().name);
        match names().position(|offered| offered == name) {
            Some(index) => Ok(&offered[index]),
            None => Err(not_offered(name, &names().collect::<Vec<_>>())),
        }
    }

    /// Agree on schemas.
    pub fn bind(
        offered: &[StateEntry],
        name: &str,
        config: &str,
        keys: &[Field],
        input: &[Field],
    ) -> Result<state::Binding, Error> {
        (find(offered, name)?.bind)(config, keys, input)
    }

    /// Choose the operator for the calls that follow.
    pub fn open(
        offered: &[StateEntry],
        context: &Context,
        name: &str,
        config: &str,
        keys: &[Field],
        input: &[Field],
    ) -> Result<(), Error> {
        CURRENT.set(Some((find(offered, name)?.open)(context, config, keys, input)?));
        Ok(())
    }

    /// Call the operator that is open.
    pub fn current<R>(call: impl FnOnce(&dyn Update) -> Result<R, Error>) -> Result<R, Error> {
        CURRENT.with_borrow(|current| match current {
            Some(state) => call(state.as_ref()),
            None => Err(Error::failed("no operator is open")),
        })
    }
}

/// The exported functions of transforms.
pub mod transforms {
    pub use super::transform_calls::*;
    use super::{Batch, Error};
    use crate::transform::Output;

    /// Work on a chunk.
    pub fn process(input: Batch) -> Result<Output, Error> {
        current(|task| task.process(input))
    }

    /// The partition has ended.
    pub fn finish() -> Result<Option<Batch>, Error> {
        current(|task| task.finish())
    }
}

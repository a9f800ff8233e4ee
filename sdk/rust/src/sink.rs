//! Outputs: the trait for authors, the one beneath it, and what the host's calls come to.

use crate::data::{Batch, Context, Field};
use crate::error::Error;
use crate::read::{Cursor, Read};
use crate::schema;
use crate::transform::null_in;
use serde::de::DeserializeOwned;

pub use crate::bindings::sink::exports::sluicebox::operator::sink::{Operator, Target};

/// An output: rows of a partition are written where its readers don't see them, and seen once their batch is committed. Goes under `#[sink]`.
///
/// A partition has an instance of its own: [`Sink::open`], [`Sink::write`] for each row, [`Sink::prepare`]. When all partitions of a batch have prepared, and that is
/// on record, [`Sink::commit`] gets what they returned, in another instance, perhaps another process, and perhaps again. So what a commit needs is
/// in those bytes, and a second commit of a batch changes nothing: what is kept under the batch's time, or the partition's, is there once.
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
///
/// #[config]
/// struct Options {
///     prefix: String,
/// }
///
/// struct Lines {
///     prefix: String,
///     text: String,
/// }
///
/// /// Logs each batch's lines.
/// #[sink]
/// impl Sink for Lines {
///     type Config = Options;
///     type Input<'a> = &'a str;
///
///     fn open(config: Options, _context: &Context) -> Result<Self, Error> {
///         Ok(Lines { prefix: config.prefix, text: String::new() })
///     }
///
///     fn write(&mut self, line: &str) -> Result<(), Error> {
///         self.text += &format!("{}{line}\n", self.prefix);
///         Ok(())
///     }
///
///     fn prepare(self) -> Result<Vec<u8>, Error> {
///         Ok(self.text.into_bytes())
///     }
///
///     fn commit(_config: Options, batch: &Target, prepared: Vec<Vec<u8>>) -> Result<(), Error> {
///         info!("batch {}: {}", batch.batch_time_ms, String::from_utf8_lossy(&prepared.concat()));
///         Ok(())
///     }
/// }
///
/// let prepared = testing::write::<Lines, _>(r#"{"prefix": "> "}"#, &[], ["to be", "or not"]).unwrap();
/// assert_eq!(prepared, b"> to be\n> or not\n");
/// ```
pub trait Sink: Sized + 'static {
    /// The configuration; the attribute fills in [`NoConfig`](crate::NoConfig) where there is none.
    type Config: DeserializeOwned;
    /// A row read.
    type Input<'a>: Read<'a>;

    /// Begin a partition; the attribute fills in `Default` where this is missing. `context.stream` is the output's name.
    fn open(config: Self::Config, context: &Context) -> Result<Self, Error>;

    /// Take a row.
    fn write(&mut self, row: Self::Input<'_>) -> Result<(), Error>;

    /// All rows of the partition were written: what [`Sink::commit`] needs of it, at most 64 KiB.
    fn prepare(self) -> Result<Vec<u8>, Error>;

    /// Make a batch's rows seen, as one. `prepared` has what each partition's [`Sink::prepare`] returned, in their order.
    fn commit(config: Self::Config, batch: &Target, prepared: Vec<Vec<u8>>) -> Result<(), Error>;

    /// Remove what partitions prepared in an attempt at a batch that comes to nothing; there may be nothing to remove.
    fn abort(_config: Self::Config, _batch: &Target, _prepared: Vec<Vec<u8>>) -> Result<(), Error> {
        Ok(())
    }
}

/// An output as the host sees it: schemas and buffers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sink",
    note = "a sink is a type with an `impl Sink` under #[sink]"
)]
pub trait Output {
    /// What the operator is called, writes and does.
    fn describe() -> Operator;

    /// Which of the columns offered it writes.
    fn bind(config: &str, input: &[Field]) -> Result<Vec<u32>, Error>;

    /// Begin a partition; `input` has the columns bound.
    fn open(context: &Context, config: &str, input: &[Field]) -> Result<Box<dyn Partition>, Error>;

    /// Make a batch seen.
    fn commit(target: &Target, config: &str, prepared: Vec<Vec<u8>>) -> Result<(), Error>;

    /// Remove what was prepared.
    fn abort(target: &Target, config: &str, prepared: Vec<Vec<u8>>) -> Result<(), Error>;
}

/// A partition being written.
pub trait Partition {
    /// Take a chunk.
    fn write(&mut self, input: Batch) -> Result<(), Error>;

    /// All chunks were written.
    fn prepare(self: Box<Self>) -> Result<Vec<u8>, Error>;
}

/// A [`Sink`] at work.
pub struct EachRow<S> {
    /// What the author keeps.
    pub sink: S,
    /// Names of the columns read, for messages.
    pub names: Vec<String>,
}

impl<S: Sink> Partition for EachRow<S> {
    fn write(&mut self, input: Batch) -> Result<(), Error> {
        let column = S::Input::open_row(&mut Cursor::new(&input))?;
        let may_lack = S::Input::may_lack(&column);
        for row in 0..input.rows as usize {
            if let Some(lacking) = may_lack.then(|| S::Input::lacks(&column, row)).flatten() {
                return Err(Error::failed(null_in(&self.names, lacking)));
            }
            self.sink.write(S::Input::get(&column, row))?;
        }
        Ok(())
    }

    fn prepare(self: Box<Self>) -> Result<Vec<u8>, Error> {
        self.sink.prepare()
    }
}

/// A binding to all the columns offered, if they are those expected.
pub fn bind(expected: &[Field], offered: &[Field]) -> Result<Vec<u32>, Error> {
    schema::bind(expected, offered)
}

/// How a partition is begun: context, configuration, columns bound.
type Open = fn(&Context, &str, &[Field]) -> Result<Box<dyn Partition>, Error>;
/// How a batch is committed or aborted: the batch, configuration, what was prepared.
type Settle = fn(&Target, &str, Vec<Vec<u8>>) -> Result<(), Error>;

/// A sink offered.
pub struct SinkEntry {
    describe: fn() -> Operator,
    bind: fn(&str, &[Field]) -> Result<Vec<u32>, Error>,
    open: Open,
    commit: Settle,
    abort: Settle,
}

impl SinkEntry {
    /// The entry of an operator.
    pub const fn of<S: Output>() -> Self {
        SinkEntry { describe: S::describe, bind: S::bind, open: S::open, commit: S::commit, abort: S::abort }
    }
}

/// The exported functions, over the table of sinks that [`plugin!`](crate::plugin!) makes.
#[doc(hidden)]
pub mod exported {
    use super::*;
    use crate::plugin::{find_named, report};
    use std::cell::RefCell;

    thread_local! {
        static CURRENT: RefCell<Option<Box<dyn Partition>>> = const { RefCell::new(None) };
    }

    pub fn describe(offered: &[SinkEntry]) -> Vec<Operator> {
        report();
        offered.iter().map(|entry| (entry.describe)()).collect()
    }

    fn find<'a>(offered: &'a [SinkEntry], name: &str) -> Result<&'a SinkEntry, Error> {
        find_named(offered, name, |entry| (entry.describe)().name)
    }

    pub fn bind(offered: &[SinkEntry], name: &str, config: &str, input: &[Field]) -> Result<Vec<u32>, Error> {
        (find(offered, name)?.bind)(config, input)
    }

    pub fn open(
        offered: &[SinkEntry],
        context: &Context,
        name: &str,
        config: &str,
        input: &[Field],
    ) -> Result<(), Error> {
        let partition = (find(offered, name)?.open)(context, config, input)?;
        CURRENT.set(Some(partition));
        Ok(())
    }

    pub fn write(input: Batch) -> Result<(), Error> {
        CURRENT.with_borrow_mut(|current| match current {
            Some(partition) => partition.write(input),
            None => Err(Error::failed("no sink is open")),
        })
    }

    pub fn prepare() -> Result<Vec<u8>, Error> {
        match CURRENT.take() {
            Some(partition) => partition.prepare(),
            None => Err(Error::failed("no sink is open")),
        }
    }

    pub fn commit(
        offered: &[SinkEntry],
        target: &Target,
        name: &str,
        config: &str,
        prepared: Vec<Vec<u8>>,
    ) -> Result<(), Error> {
        (find(offered, name)?.commit)(target, config, prepared)
    }

    pub fn abort(
        offered: &[SinkEntry],
        target: &Target,
        name: &str,
        config: &str,
        prepared: Vec<Vec<u8>>,
    ) -> Result<(), Error> {
        (find(offered, name)?.abort)(target, config, prepared)
    }
}

#[doc(hidden)]
#[macro_export]
macro_rules! __sinks {
    ($plugin:ident $($sink:ty)*) => {
        const _: () = {
            use $crate::data::{Batch, Context, Error, Field};
            use $crate::sink::{Operator, SinkEntry, Target, exported};
            static OFFERED: &[SinkEntry] = &[$(SinkEntry::of::<$sink>()),*];

            impl $crate::bindings::sink::exports::sluicebox::operator::sink::Guest for $plugin {
                fn describe() -> Vec<Operator> {
                    exported::describe(OFFERED)
                }
                fn bind(name: String, config: String, input: Vec<Field>) -> Result<Vec<u32>, Error> {
                    exported::bind(OFFERED, &name, &config, &input)
                }
                fn open(context: Context, name: String, config: String, input: Vec<Field>) -> Result<(), Error> {
                    exported::open(OFFERED, &context, &name, &config, &input)
                }
                fn write(input: Batch) -> Result<(), Error> {
                    exported::write(input)
                }
                fn prepare() -> Result<Vec<u8>, Error> {
                    exported::prepare()
                }
                fn commit(target: Target, name: String, config: String, prepared: Vec<Vec<u8>>) -> Result<(), Error> {
                    exported::commit(OFFERED, &target, &name, &config, prepared)
                }
                fn abort(target: Target, name: String, config: String, prepared: Vec<Vec<u8>>) -> Result<(), Error> {
                    exported::abort(OFFERED, &target, &name, &config, prepared)
                }
            }

            $crate::bindings::sink::export_sink!($plugin with_types_in $crate::bindings::sink);
        };
    };
}

//! Sources of rows: the trait for authors, the one beneath it, and what the host's calls come to.

use crate::data::{Context, Field};
use crate::error::Error;
use crate::write::{Rows, Write};
use serde::de::DeserializeOwned;
use std::time::Duration;

pub use crate::bindings::receiver::exports::sluicebox::operator::receiver::{Chunk, Operator};

/// A source of rows, which the host asks for them. Goes under `#[receiver]`.
///
/// [`Receiver::start`], then [`Receiver::receive`] again and again, [`Receiver::ack`] in between, and [`Receiver::stop`] at the end. After an error or a panic the host
/// starts another, after a pause that grows, at the position of the last rows it took.
///
/// ```
/// use sluicebox_sdk::{prelude::*, testing};
/// use std::time::Duration;
///
/// struct Numbers {
///     next: u64,
///     end: u64,
/// }
///
/// #[config]
/// struct Options {
///     end: u64,
/// }
///
/// /// The numbers from 0.
/// #[receiver(output = "number")]
/// impl Receiver for Numbers {
///     type Config = Options;
///     type Output = u64;
///     const REPLAYABLE: bool = true;
///
///     fn start(config: Options, _context: &Context, position: Option<&[u8]>) -> Result<Self, Error> {
///         let next = match position {
///             Some(position) => u64::from_le_bytes(position.try_into().map_err(Error::failed)?),
///             None => 0,
///         };
///         Ok(Numbers { next, end: config.end })
///     }
///
///     fn receive(&mut self, rows: &mut Rows<u64>, max_rows: usize, _max_time: Duration) -> Result<Progress, Error> {
///         while self.next < self.end && rows.len() < max_rows {
///             rows.push(self.next);
///             self.next += 1;
///         }
///         let position = self.next.to_le_bytes().to_vec();
///         Ok(if self.next == self.end { Progress::Ended(position) } else { Progress::At(position) })
///     }
/// }
///
/// assert_eq!(testing::receive::<Numbers, u64>(r#"{"end": 5}"#, 2).unwrap(), [0, 1, 2, 3, 4]);
/// ```
pub trait Receiver: Sized + 'static {
    /// The configuration; the attribute fills in [`NoConfig`](crate::NoConfig) where there is none.
    type Config: DeserializeOwned;
    /// A row received.
    type Output: Write;

    /// Whether `start` with an older position gives the rows after it again.
    const REPLAYABLE: bool = false;

    /// Begin to receive the rows after `position`; none: where the source begins. `context.partition` of `context.partitions` tells the receivers of
    /// one stream apart.
    fn start(config: Self::Config, context: &Context, position: Option<&[u8]>) -> Result<Self, Error>;

    /// Push rows as they come: at most `max_rows`, for about `max_time`. Return where the source stands after them, also where there are none.
    fn receive(
        &mut self,
        rows: &mut Rows<Self::Output>,
        max_rows: usize,
        max_time: Duration,
    ) -> Result<Progress, Error>;

    /// All rows up to `position`, which [`Receiver::receive`] returned, are safe with the host: the source may forget them.
    fn ack(&mut self, _position: &[u8]) -> Result<(), Error> {
        Ok(())
    }

    /// Let go of the source.
    fn stop(self) {}
}

/// Where a source stands: in terms of its own, at most 64 KiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// More may come.
    At(Vec<u8>),
    /// Nothing more comes.
    Ended(Vec<u8>),
}

/// A receiver as the host sees it: schemas and buffers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a receiver",
    note = "a receiver is a type with an `impl Receiver` under #[receiver]"
)]
pub trait Source {
    /// What the operator is called and does.
    fn describe() -> Operator;

    /// The columns received.
    fn bind(config: &str) -> Result<Vec<Field>, Error>;

    /// Begin to receive.
    fn start(context: &Context, config: &str, position: Option<&[u8]>) -> Result<Box<dyn Started>, Error>;
}

/// A receiver at work.
pub trait Started {
    /// Wait for rows.
    fn receive(&mut self, max_rows: u32, max_time_ms: u32) -> Result<Chunk, Error>;

    /// Rows up to a position are safe.
    fn ack(&mut self, position: &[u8]) -> Result<(), Error>;

    /// Let go of the source.
    fn stop(self: Box<Self>);
}

/// A [`Receiver`] at work.
pub struct Receiving<R>(pub R);

impl<R: Receiver> Started for Receiving<R> {
    fn receive(&mut self, max_rows: u32, max_time_ms: u32) -> Result<Chunk, Error> {
        let mut rows = Rows::<R::Output>::default();
        let max_time = Duration::from_millis(u64::from(max_time_ms));
        let progress = self.0.receive(&mut rows, max_rows as usize, max_time)?;
        let (position, ended) = match progress {
            Progress::At(position) => (position, false),
            Progress::Ended(position) => (position, true),
        };
        Ok(Chunk { rows: rows.into_batch(), position, ended })
    }

    fn ack(&mut self, position: &[u8]) -> Result<(), Error> {
        self.0.ack(position)
    }

    fn stop(self: Box<Self>) {
        self.0.stop();
    }
}

/// How a receiver is started: context, configuration, position.
type Start = fn(&Context, &str, Option<&[u8]>) -> Result<Box<dyn Started>, Error>;

/// A receiver offered.
pub struct ReceiverEntry {
    describe: fn() -> Operator,
    bind: fn(&str) -> Result<Vec<Field>, Error>,
    start: Start,
}

impl ReceiverEntry {
    /// The entry of an operator.
    pub const fn of<R: Source>() -> Self {
        ReceiverEntry { describe: R::describe, bind: R::bind, start: R::start }
    }
}

/// The exported functions, over the table of receivers that [`plugin!`](crate::plugin!) makes.
#[doc(hidden)]
pub mod exported {
    use super::*;
    use crate::plugin::{find_named, report};
    use std::cell::RefCell;

    thread_local! {
        static CURRENT: RefCell<Option<Box<dyn Started>>> = const { RefCell::new(None) };
    }

    pub fn describe(offered: &[ReceiverEntry]) -> Vec<Operator> {
        report();
        offered.iter().map(|entry| (entry.describe)()).collect()
    }

    fn find<'a>(offered: &'a [ReceiverEntry], name: &str) -> Result<&'a ReceiverEntry, Error> {
        find_named(offered, name, |entry| (entry.describe)().name)
    }

    pub fn bind(offered: &[ReceiverEntry], name: &str, config: &str) -> Result<Vec<Field>, Error> {
        (find(offered, name)?.bind)(config)
    }

    pub fn start(
        offered: &[ReceiverEntry],
        context: &Context,
        name: &str,
        config: &str,
        position: Option<&[u8]>,
    ) -> Result<(), Error> {
        let started = (find(offered, name)?.start)(context, config, position)?;
        CURRENT.set(Some(started));
        Ok(())
    }

    fn current<T>(call: impl FnOnce(&mut dyn Started) -> Result<T, Error>) -> Result<T, Error> {
        CURRENT.with_borrow_mut(|current| match current {
            Some(started) => call(started.as_mut()),
            None => Err(Error::failed("no receiver is started")),
        })
    }

    pub fn receive(max_rows: u32, max_time_ms: u32) -> Result<Chunk, Error> {
        current(|started| started.receive(max_rows, max_time_ms))
    }

    pub fn ack(position: &[u8]) -> Result<(), Error> {
        current(|started| started.ack(position))
    }

    pub fn stop() {
        if let Some(started) = CURRENT.take() {
            started.stop();
        }
    }
}

#[doc(hidden)]
#[macro_export]
macro_rules! __receivers {
    ($plugin:ident $($receiver:ty)*) => {
        const _: () = {
            use $crate::data::{Context, Error, Field};
            use $crate::receiver::{Chunk, Operator, ReceiverEntry, exported};
            static OFFERED: &[ReceiverEntry] = &[$(ReceiverEntry::of::<$receiver>()),*];

            impl $crate::bindings::receiver::exports::sluicebox::operator::receiver::Guest for $plugin {
                fn describe() -> Vec<Operator> {
                    exported::describe(OFFERED)
                }
                fn bind(name: String, config: String) -> Result<Vec<Field>, Error> {
                    exported::bind(OFFERED, &name, &config)
                }
                fn start(context: Context, name: String, config: String, position: Option<Vec<u8>>) -> Result<(), Error> {
                    exported::start(OFFERED, &context, &name, &config, position.as_deref())
                }
                fn receive(max_rows: u32, max_time_ms: u32) -> Result<Chunk, Error> {
                    exported::receive(max_rows, max_time_ms)
                }
                fn ack(position: Vec<u8>) -> Result<(), Error> {
                    exported::ack(&position)
                }
                fn stop() {
                    exported::stop()
                }
            }

            $crate::bindings::receiver::export_receiver!($plugin with_types_in $crate::bindings::receiver);
        };
    };
}

//! What an operator can do in any call, and which of it the configuration asks for.

use sluicebox_sdk::data::Error;
use sluicebox_sdk::serde::Deserialize;
use sluicebox_sdk::{Level, config, count, log};

/// What is done wrong.
#[derive(Deserialize, Clone, Copy, PartialEq, Default)]
#[serde(crate = "sluicebox_sdk::serde", rename_all = "kebab-case")]
pub enum Act {
    /// Nothing.
    #[default]
    None,

    // In any call.
    /// Never end.
    Loop,
    /// Call itself without end.
    Recurse,
    /// Take memory without end.
    Memory,
    /// Trap.
    Trap,
    /// Refuse with a message of a million bytes, control characters in it.
    Refuse,
    /// Refuse with a message that is no UTF-8.
    RefuseNoUtf8,
    /// Log without end, nearly.
    Log,
    /// Count under ten thousand names.
    Counters,

    // In the binding.
    /// Read a column that isn't offered.
    BindColumnBeyond,
    /// Make 20,000 columns.
    BindManyColumns,
    /// Make a column that is nested a thousand deep.
    BindDeep,
    /// Make a column of an empty name.
    BindNoName,
    /// Keep state of no column.
    BindNoState,
    /// Make columns where there are none, and none where there are.
    BindOtherOutput,
    /// Have keys time out at once, also those that never do.
    BindOtherTimeout,

    // In rows made.
    /// A row too many.
    MoreRows,
    /// No row at all.
    FewerRows,
    /// The batch says that it has more rows than its columns.
    RowsDiffer,
    /// Offsets go back.
    OffsetsDescend,
    /// Offsets lead beyond the bytes.
    OffsetsBeyond,
    /// An offset is below zero.
    OffsetsNegative,
    /// The last offset is missing.
    OffsetsShort,
    /// A text has bytes that are never in UTF-8.
    NoUtf8,
    /// A text ends within a character, of which the next has the rest.
    CharacterCut,
    /// A null in a column that has none.
    Null,
    /// The number of nulls is wrong.
    NullCount,
    /// A column is missing.
    ColumnMissing,
    /// There is a buffer too many.
    BufferTooMany,
    /// A column's values are too short.
    ValuesShort,
    /// A text of eight megabytes.
    Output,
    /// A million empty buffers.
    Buffers,
    /// A position, or what is to be committed, of more bytes than it may have.
    LargeAnswer,
    /// The indices of rows kept, where rows are to be made, and the other way round.
    OtherRows,
    /// Rows at the end of the partition, where there can't be any, and without end.
    HeldBack,
    /// A batch without rows at the end of the partition.
    HeldBackNothing,

    // In indices.
    /// Keep a row that isn't there.
    KeptBeyond,
    /// Keep rows in descending order.
    KeptDescend,
    /// Keep a row twice.
    KeptTwice,
    /// Reject a row that isn't there.
    RejectedBeyond,
    /// Reject rows in descending order.
    RejectedDescend,
    /// Say where each row's rows end, where nobody asked.
    Expanded,
    /// Don't say where any row's rows end.
    EndsMissing,
    /// Say where the rows end of a row more than there are.
    EndsTooMany,
    /// The first row's rows end after the second's.
    EndsDescend,
    /// Every row's rows end beyond the last.
    EndsBeyond,
    /// The last row's rows end before the last.
    EndsBefore,
    /// Reject a row of which a row was made.
    EndsOfRejected,
    /// Keep all rows, and reject one of them.
    KeptAndRejected,
    /// Give state to a key that isn't there.
    StateBeyond,
    /// Give state to keys in descending order.
    StateDescends,
    /// Give state to a key twice.
    StateTwice,
    /// Remove the state of a key that isn't there.
    RemovedBeyond,
    /// Remove state in descending order.
    RemovedDescends,
    /// Remove the state of a key twice.
    RemovedTwice,
    /// Give state to a key and remove it.
    StateAndRemoved,
    /// Give state to a key that has timed out.
    StateOfTimedOut,
    /// Remove the state of a key that has timed out.
    RemovedTimedOut,
    /// Emit a row where none can be.
    EmittedByUpdate,
    /// Make a column with a name of a million bytes.
    BindLongName,
    /// Never end when the host wants room for what it hands over.
    AllocateLoop,
    /// Trap then.
    AllocateTrap,
    /// Give it room beyond the memory.
    AllocateBeyond,
    /// Give it room that isn't aligned.
    AllocateUnaligned,
    /// Give it the same room each time.
    AllocateSame,
    /// Never end when what was returned is freed.
    FreeLoop,
    /// A buffer beyond the memory.
    BuffersBeyond,
    /// Two buffers that overlap.
    BuffersOverlap,
    /// Reject the first row for a reason of a million bytes, control characters in it.
    RejectedAtLength,
}

/// The call in which it is done.
#[derive(Deserialize, Clone, Copy, PartialEq, Default)]
#[serde(crate = "sluicebox_sdk::serde", rename_all = "kebab-case")]
pub enum Call {
    Bind,
    Open,
    #[default]
    Process,
    Partial,
    Merge,
    Unmerge,
    Finish,
    Write,
    Prepare,
    Commit,
    Abort,
    Start,
    Receive,
    Ack,
    Stop,
    Update,
}

/// The configuration.
#[config]
#[derive(Clone, Copy)]
pub struct Deeds {
    /// What is done.
    #[serde(default)]
    pub act: Act,
    /// In which call.
    #[serde(default)]
    pub r#in: Call,
    /// Only in a call with this number among the rows; in all if there is none.
    #[serde(default)]
    at: Option<i64>,
}

impl Deeds {
    /// Read the configuration.
    pub fn read(config: &str) -> Result<Self, Error> {
        sluicebox_sdk::__private::config(config)
    }

    /// Whether it is to be done to these rows.
    pub fn concerns(&self, numbers: &[i64]) -> bool {
        self.at.is_none_or(|at| numbers.contains(&at))
    }

    /// Do what can be done in any call, if it is to be done in this one.
    pub fn commit(&self, call: Call) -> Result<(), Error> {
        if self.r#in == call { self.act.commit() } else { Ok(()) }
    }
}

impl Act {
    /// Whether it is done to where each row's rows end.
    pub fn is_of_ends(self) -> bool {
        matches!(self, Act::EndsMissing | Act::EndsTooMany | Act::EndsDescend | Act::EndsBeyond | Act::EndsBefore)
    }

    /// Do what can be done in any call.
    pub fn commit(self) -> Result<(), Error> {
        match self {
            Act::Loop => endless_on_purpose(),
            Act::Recurse => {
                count("depth", u64::from(recurse_on_purpose(0)));
                Ok(())
            }
            Act::Memory => {
                let mut all = Vec::new();
                loop {
                    all.push(std::hint::black_box(vec![1_u8; 1 << 20]));
                }
            }
            Act::Trap => trap_on_purpose(),
            Act::Refuse => Err(Error::failed("\u{1b}[31mno\n".repeat(125_000))),
            // SAFETY: none; the host is to find out.
            Act::RefuseNoUtf8 => Err(Error::Failed(unsafe { String::from_utf8_unchecked(vec![0xff; 100]) })),
            Act::Log => {
                (0..100_000).for_each(|_| log(Level::Warn, "\u{1b}[31mflood\nof lines"));
                Ok(())
            }
            Act::Counters => {
                (0..10_000).for_each(|n| count(&format!("counter_{n}"), u64::MAX));
                count(&"long".repeat(100_000), 1);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

#[inline(never)]
pub fn endless_on_purpose() -> ! {
    loop {
        std::hint::black_box(());
    }
}

#[inline(never)]
fn trap_on_purpose() -> ! {
    std::process::abort()
}

#[inline(never)]
#[allow(unconditional_recursion)]
fn recurse_on_purpose(depth: u32) -> u32 {
    recurse_on_purpose(std::hint::black_box(depth) + 1).rotate_left(depth)
}

//! What an instance has of the host: its log and its counters, both bounded, and what it holds of the outside.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::bindings::{counters, logging};
use super::error::{Role, shown};
use super::grants::Grants;
use super::limiter::Limiter;
use super::reference::References;
use super::wasi::numbers_of;
use super::wasi::outside::Outside;
use super::{OperatorRef, Task};
use crate::clock::{Stopwatch, ThreadStopwatch};
use rand_chacha::ChaCha20Rng;

/// Lines that a task may log.
pub const MAX_LOG_LINES: u64 = 1_000;
/// Bytes that a task may log.
pub const MAX_LOG_BYTES: u64 = 256 << 10;
/// Counters that an operator may have.
pub const MAX_COUNTERS: usize = 64;
/// The longest name of a counter, in bytes.
pub const MAX_COUNTER_NAME: usize = 64;
/// How much of a panic's message an error shows, in bytes.
const MAX_MESSAGE: usize = 4_096;
/// The longest line that is printed in one, in bytes.
const MAX_LINE: usize = 8_192;
/// How many times its limit of processor time a call may take by the clock.
const PATIENCE: u32 = 10;

/// The call under way.
pub struct Running {
    /// How much processor time it may take.
    pub limit: Duration,
    /// How much it takes, from its first tick on: most calls end before, and to ask costs as much as a small call.
    pub spent: Option<ThreadStopwatch>,
    /// How long it takes by the clock.
    pub passed: Stopwatch,
    /// How long it may take by the clock.
    pub patience: Duration,
}

impl Running {
    /// A call that begins now and may take so much processor time, and waits so long for something besides.
    pub fn start(limit: Duration, wait: Duration) -> Self {
        let patience = limit.saturating_mul(PATIENCE).saturating_add(wait);
        Self { limit: limit.saturating_add(wait), spent: None, passed: Stopwatch::start(), patience }
    }

    /// How much longer it may take by the clock.
    pub fn time_left(&self) -> Duration {
        self.patience.saturating_sub(self.passed.elapsed())
    }
}

/// Where a guest prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    /// To its standard output.
    Out,
    /// To its standard error.
    Error,
}

/// What a guest printed and that isn't in the log yet.
#[derive(Debug, Default)]
struct Prints {
    /// Of the standard output, a line that hasn't ended.
    out: Vec<u8>,
    /// Of the standard error, a line that hasn't ended.
    error: Vec<u8>,
    /// The last lines printed to the standard error in the call under way: where it traps, they say why.
    last: String,
}

/// The data of an instance's store.
pub struct Guest {
    /// What it allocates.
    pub limiter: Limiter,
    /// The call under way, or the last one.
    pub running: Running,
    plugin: Arc<str>,
    operator: Arc<str>,
    task: Option<Task>,
    role: Role,
    log_lines: u64,
    log_bytes: u64,
    /// Lines dropped since the limit was reached.
    pub log_dropped: u64,
    /// The sums of this task.
    pub counters: BTreeMap<String, u64>,
    counter_refused: bool,
    last_error: Option<String>,
    /// What it printed; most guests print nothing.
    prints: Option<Box<Prints>>,
    /// The call under way, and how many were made before it on this work, by other instances too.
    call: (&'static str, u64),
    grants: Grants,
    /// What it may read of the job's, where that is granted.
    references: Option<Arc<References>>,
    /// What it holds of the outside; most never ask.
    outside: Option<Box<Outside>>,
}

impl Guest {
    /// An instance that works for `op`, on `task` if there is one, whose rows have that role.
    pub fn new(
        op: Option<&OperatorRef>,
        task: Option<&Task>,
        role: Role,
        limiter: Limiter,
        references: &Arc<References>,
    ) -> Self {
        let name = |of: fn(&OperatorRef) -> &str| Arc::from(op.map_or("", of));
        // Whoever has no rows to work on has nothing to do outside: jobs are checked where nothing of theirs can be reached.
        let grants = op.filter(|_| task.is_some()).map_or(Grants::NONE, |op| op.limits.grants.clone());
        Self {
            limiter,
            running: Running::start(Duration::ZERO, Duration::ZERO),
            plugin: name(|op| &op.plugin),
            operator: name(|op| &op.operator),
            task: task.cloned(),
            role,
            log_lines: 0,
            log_bytes: 0,
            log_dropped: 0,
            counters: BTreeMap::new(),
            counter_refused: false,
            last_error: None,
            prints: None,
            call: ("", task.map_or(0, |task| task.done)),
            references: grants.reads_any().then(|| references.clone()),
            grants,
            outside: None,
        }
    }

    /// The last line logged as an error since this was asked, which a guest that panics writes just before it traps, or the last that it printed as one.
    pub fn take_last_error(&mut self) -> Option<String> {
        let printed = self.prints.as_mut().map(|prints| std::mem::take(&mut prints.last));
        self.last_error.take().or(printed.filter(|text| !text.is_empty()))
    }

    /// A call begins.
    pub fn begin_call(&mut self, call: &'static str) {
        self.call = (call, self.call.1 + 1);
        let _ = self.take_last_error();
        if let Some(outside) = &mut self.outside {
            outside.numbers = None;
        }
    }

    /// A call has ended: lines that it didn't end are logged.
    pub fn end_call(&mut self) {
        let Some(prints) = &mut self.prints else { return };
        for (printed, rest) in
            [(Printed::Out, std::mem::take(&mut prints.out)), (Printed::Error, std::mem::take(&mut prints.error))]
        {
            if !rest.is_empty() {
                self.print_line(printed, &rest);
            }
        }
    }

    /// The random numbers of the call under way: the same whenever it is made on the same input, whatever was tried before.
    pub fn numbers(&mut self) -> &mut ChaCha20Rng {
        let numbers = self.outside().numbers.take().unwrap_or_else(|| {
            let task = self.task.as_ref();
            let (call, number) = self.call;
            numbers_of(&[
                task.map_or("", |task| &task.job).as_bytes(),
                task.map_or("", |task| &task.stream).as_bytes(),
                self.plugin.as_bytes(),
                self.operator.as_bytes(),
                &task.map_or(0, |task| task.batch.as_millis()).to_le_bytes(),
                &task.map_or(0, |task| task.partition).to_le_bytes(),
                call.as_bytes(),
                &number.to_le_bytes(),
            ])
        });
        self.outside().numbers.insert(numbers)
    }

    /// The guest printed this: whole lines go to its log, what is left waits for the rest of its line.
    pub fn print(&mut self, printed: Printed, bytes: &[u8]) {
        let prints = self.prints.get_or_insert_default();
        let rest = match printed {
            Printed::Out => &mut prints.out,
            Printed::Error => &mut prints.error,
        };
        let mut text = std::mem::take(rest);
        text.extend_from_slice(bytes);
        let mut left = text.as_slice();
        while let Some((line, after)) = next_line(left) {
            self.print_line(printed, line);
            left = after;
        }
        let left = left.to_vec();
        let prints = self.prints.get_or_insert_default();
        match printed {
            Printed::Out => prints.out = left,
            Printed::Error => prints.error = left,
        }
    }

    fn print_line(&mut self, printed: Printed, line: &[u8]) {
        if line.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(line);
        let level = match printed {
            Printed::Out => logging::Level::Info,
            Printed::Error => logging::Level::Warn,
        };
        if printed == Printed::Error {
            let last = &mut self.prints.get_or_insert_default().last;
            if !last.is_empty() {
                last.push('\n');
            }
            last.push_str(&shown(&text, MAX_MESSAGE));
            // Of more than can be shown the end says most, as at the end of a stack of calls.
            if last.len() > MAX_MESSAGE {
                let from = last.ceil_char_boundary(last.len() - MAX_MESSAGE);
                last.drain(..from);
            }
        }
        self.log_line(level, &text);
    }

    /// What it may read of the job's, where its grants say so.
    pub fn references(&self, granted: impl Fn(&Grants) -> bool) -> Option<&Arc<References>> {
        // Whoever connects somewhere has given the grants away.
        let grants = self.outside.as_ref().map_or(&self.grants, |outside| &outside.grants);
        self.references.as_ref().filter(|_| granted(grants))
    }

    /// What it holds of the outside.
    pub fn outside(&mut self) -> &mut Outside {
        let grants = &mut self.grants;
        self.outside.get_or_insert_with(|| Box::new(Outside::new(std::mem::take(grants))))
    }

    /// It wanted to reach something that it may not connect to.
    pub fn refused_to_connect(&mut self, what: &str) {
        let help = format!("add what it needs to connect in grants of [plugin.{}]", self.plugin);
        self.refused(what, &help);
    }

    /// It wanted to do something that isn't granted; said in the log once.
    pub fn refused(&mut self, what: &str, help: &str) {
        if !std::mem::replace(&mut self.outside().refusal_told, true) {
            let what = shown(what, 512);
            self.line(logging::Level::Warn, &format!("the plugin may not {what}: {help}"));
        }
    }

    /// The time of its batch, in milliseconds since 1970; 0 where it works for none.
    pub fn batch_millis(&self) -> u64 {
        self.task.as_ref().map_or(0, |task| u64::try_from(task.batch.as_millis()).unwrap_or(0))
    }

    /// Let it log as much again as a task may: for instances that outlive batches.
    pub fn renew_log(&mut self) {
        (self.log_lines, self.log_bytes, self.log_dropped) = (0, 0, 0);
    }

    fn line(&self, level: logging::Level, message: &str) {
        let (plugin, operator) = (&*self.plugin, &*self.operator);
        let task = self.task.as_ref();
        let stream = task.map(|task| &*task.stream);
        // A receiver works for no batch, and a commit for no partition.
        let batch = task.filter(|_| self.role != Role::Receiver).map(|task| task.batch.as_millis());
        let partition = task.filter(|_| self.role != Role::Commit).map(|task| task.partition);
        match level {
            logging::Level::Debug => tracing::debug!(plugin, operator, stream, batch, partition, "{message}"),
            logging::Level::Info => tracing::info!(plugin, operator, stream, batch, partition, "{message}"),
            logging::Level::Warn => tracing::warn!(plugin, operator, stream, batch, partition, "{message}"),
            logging::Level::Error => tracing::error!(plugin, operator, stream, batch, partition, "{message}"),
        }
    }
}

impl Guest {
    fn log_line(&mut self, level: logging::Level, message: &str) {
        self.log_lines = self.log_lines.saturating_add(1);
        self.log_bytes = self.log_bytes.saturating_add(message.len() as u64);
        if self.log_lines <= MAX_LOG_LINES && self.log_bytes <= MAX_LOG_BYTES {
            self.line(level, &shown(message, message.len()));
            return;
        }
        if self.log_dropped == 0 {
            self.line(
                logging::Level::Warn,
                "the plugin logs more than a task may: what follows is dropped and counted",
            );
        }
        self.log_dropped += 1;
    }
}

/// The first line of a text, or as much of it as is printed in one, and what comes after it; none where the line may go on.
fn next_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'\n', &text[..text.len().min(MAX_LINE + 1)]);
    match end {
        Some(end) => Some((text[..end].strip_suffix(b"\r").unwrap_or(&text[..end]), &text[end + 1..])),
        None => text.split_at_checked(MAX_LINE).filter(|(_, after)| !after.is_empty()),
    }
}

impl logging::Host for Guest {
    fn log(&mut self, level: logging::Level, message: String) {
        if level == logging::Level::Error {
            self.last_error = Some(shown(&message, MAX_MESSAGE));
        }
        self.log_line(level, &message);
    }
}

impl counters::Host for Guest {
    fn add(&mut self, name: String, count: u64) {
        if let Some(sum) = self.counters.get_mut(&name) {
            *sum = sum.saturating_add(count);
            return;
        }
        let named = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let good = !name.is_empty() && name.len() <= MAX_COUNTER_NAME && name.bytes().all(named);
        if good && self.counters.len() < MAX_COUNTERS {
            self.counters.insert(name, count);
        } else if !self.counter_refused {
            self.counter_refused = true;
            let name = shown(&name, MAX_COUNTER_NAME);
            self.line(logging::Level::Warn, &format!("the counter \"{name}\" is dropped: an operator has at most {MAX_COUNTERS}, each named by 1 to {MAX_COUNTER_NAME} of a-z, 0-9 and _"));
        }
    }
}

#[cfg(test)]
mod tests {
    use counters::Host as _;
    use logging::Host as _;

    use super::*;
    use crate::memory::MemoryBudget;
    use crate::plugin::Limits;

    fn guest() -> Guest {
        Guest::new(
            None,
            None,
            Role::Stream,
            Limiter::new(&Limits::default(), &MemoryBudget::new(1 << 20)).unwrap(),
            &Arc::default(),
        )
    }

    #[test]
    fn a_log_is_bounded_in_lines_and_bytes() {
        let mut guest = guest();
        (0..MAX_LOG_LINES + 5).for_each(|_| guest.log(logging::Level::Debug, "x".to_owned()));
        assert_eq!(guest.log_dropped, 5);
        let mut guest = self::guest();
        guest.log(logging::Level::Debug, "x".repeat(MAX_LOG_BYTES as usize));
        guest.log(logging::Level::Error, "oh".to_owned());
        assert_eq!((guest.log_dropped, guest.take_last_error().as_deref()), (1, Some("oh")));
    }

    #[test]
    fn counters_add_up_and_are_few() {
        let mut guest = guest();
        guest.add("rows_seen".to_owned(), u64::MAX - 1);
        guest.add("rows_seen".to_owned(), 5);
        guest.add("Rows".to_owned(), 1);
        guest.add(String::new(), 1);
        (0..100).for_each(|idx| guest.add(format!("c{idx}"), 1));
        assert_eq!((guest.counters.len(), guest.counters["rows_seen"]), (MAX_COUNTERS, u64::MAX));
    }
}

//! What an instance has of the host: its log and its counters, both bounded, and what it holds of the outside.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::bindings::{counters, logging};
use super::error::{PluginErrorKind, Role, shown};
use super::grants::Grants;
use super::instance::Work;
use super::limiter::Limiter;
use super::limits::{HOST_CALL, Limit};
use super::origin::Origin;
use super::reference::References;
use super::wasi::numbers_of;
use super::wasi::outside::Outside;
use super::{Logged, OperatorRef, Task};
use crate::clock::{Stopwatch, ThreadStopwatch};
use rand_chacha::ChaCha20Rng;

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
    /// Where what it logs is kept until the call has succeeded, since one that fails is made again.
    held: Option<Vec<(logging::Level, String)>>,
    /// What was logged, also by instances before it.
    logged: Logged,
    log_lines_allowed: u64,
    log_bytes_allowed: u64,
    /// What the call under way has handed to the host's functions.
    host_call_bytes: u64,
    host_call_bytes_allowed: u64,
    refusal: Option<PluginErrorKind>,
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
    /// An instance that does `work`.
    pub fn new(work: &Work, limiter: Limiter, references: &Arc<References>) -> Self {
        let Work { op, task, limits, role, .. } = work;
        let (op, task) = (op.as_ref(), task.as_ref());
        let name = |of: fn(&OperatorRef) -> &str| Arc::from(op.map_or("", of));
        // Whoever has no rows to work on has nothing to do outside: jobs are checked where nothing of theirs can be reached.
        let grants = op.filter(|_| task.is_some()).map_or(Grants::NONE, |op| op.limits.grants.clone());
        Self {
            limiter,
            running: Running::start(Duration::ZERO, Duration::ZERO),
            plugin: name(|op| &op.plugin),
            operator: name(|op| &op.operator),
            task: task.cloned(),
            role: *role,
            held: op.filter(|op| !op.on_error.is_plain()).map(|_| vec![]),
            logged: task.map_or_else(Logged::default, |task| task.logged),
            log_lines_allowed: limits.log_lines,
            log_bytes_allowed: limits.log_bytes,
            host_call_bytes: 0,
            host_call_bytes_allowed: limits.host_call_bytes,
            refusal: None,
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
        self.host_call_bytes = 0;
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

    /// It wanted to send a request where it may not.
    pub fn refused_to_ask(&mut self, origin: &Origin) {
        let help = format!("add the origin to http in grants of [plugin.{}]", self.plugin);
        self.refused(&format!("send requests to {origin}"), &help);
    }

    /// It sends a request, which is said in the log where that is asked for: a plugin may send many.
    pub fn sends(&self, method: &str, origin: &Origin) {
        self.line(logging::Level::Debug, &format!("a request is sent: {method} {origin}"));
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
        (self.logged, self.log_dropped) = (Logged::default(), 0);
    }

    /// What was logged.
    pub fn logged(&self) -> Logged {
        self.logged
    }

    /// What the call under way, or the last one, has handed to the host's functions.
    pub fn host_call_bytes(&self) -> u64 {
        self.host_call_bytes
    }

    /// The limit that a host's function was refused by.
    pub fn take_refusal(&mut self) -> Option<PluginErrorKind> {
        self.refusal.take()
    }

    /// Write down what was logged in calls that have succeeded.
    pub fn tell_held(&mut self) {
        let held = self.held.as_mut().map(std::mem::take).unwrap_or_default();
        held.into_iter().for_each(|(level, line)| self.line(level, &line));
    }

    /// A host's function is handed so many bytes.
    ///
    /// # Errors
    /// Where the call has handed over more than it may; it ends then.
    pub fn charge(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.host_call_bytes = self.host_call_bytes.saturating_add(HOST_CALL).saturating_add(bytes as u64);
        let allowed = self.host_call_bytes_allowed;
        if self.host_call_bytes <= allowed {
            return Ok(());
        }
        let kind = PluginErrorKind::LimitExceeded { limit: Limit::HostCallBytes, allowed, requested: None };
        let error = wasmtime::format_err!("{kind}");
        self.refusal = Some(kind);
        Err(error)
    }

    /// Log a line, now or once the call has succeeded.
    fn tell(&mut self, level: logging::Level, line: String) {
        match &mut self.held {
            Some(held) => held.push((level, line)),
            None => self.line(level, &line),
        }
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
        let (lines, bytes) =
            (self.logged.lines.saturating_add(1), self.logged.bytes.saturating_add(message.len() as u64));
        if self.log_dropped == 0 && lines <= self.log_lines_allowed && bytes <= self.log_bytes_allowed {
            self.logged = Logged { lines, bytes };
            self.tell(level, shown(message, message.len()));
            return;
        }
        if self.log_dropped == 0 {
            let what = "the plugin logs more than a task may: what follows is dropped and counted; raise `log-lines` or `log-bytes` in [plugin.P]";
            self.tell(logging::Level::Warn, what.to_owned());
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
    fn log(&mut self, level: logging::Level, message: String) -> wasmtime::Result<()> {
        self.charge(message.len())?;
        if level == logging::Level::Error {
            self.last_error = Some(shown(&message, MAX_MESSAGE));
        }
        self.log_line(level, &message);
        Ok(())
    }
}

impl counters::Host for Guest {
    fn add(&mut self, name: String, count: u64) -> wasmtime::Result<()> {
        self.charge(name.len())?;
        if let Some(sum) = self.counters.get_mut(&name) {
            *sum = sum.saturating_add(count);
            return Ok(());
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
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use counters::Host as _;
    use logging::Host as _;

    use super::*;
    use crate::memory::MemoryBudget;
    use crate::plugin::{Digest, Limits};

    fn guest(limits: Limits) -> Guest {
        let limiter = Limiter::new(&limits, &MemoryBudget::new(1 << 20)).unwrap();
        Guest::new(&Work::on(Digest([0; 32]), limits), limiter, &Arc::default())
    }

    #[test]
    fn a_log_is_bounded_in_lines_and_bytes() {
        let limits = || Limits { log_lines: 10, log_bytes: 100, ..Limits::default() };
        let mut lines = guest(limits());
        (0..15).for_each(|_| lines.log(logging::Level::Debug, "x".to_owned()).unwrap());
        assert_eq!((lines.log_dropped, lines.logged()), (5, Logged { lines: 10, bytes: 10 }));
        let mut bytes = guest(limits());
        bytes.log(logging::Level::Debug, "x".repeat(100)).unwrap();
        bytes.log(logging::Level::Error, "oh".to_owned()).unwrap();
        assert_eq!((bytes.log_dropped, bytes.take_last_error().as_deref()), (1, Some("oh")));
    }

    #[test]
    fn what_a_call_hands_to_the_host_is_bounded() {
        let mut guest = guest(Limits { host_call_bytes: 10 * HOST_CALL, ..Limits::default() });
        for _ in 0..3 {
            guest.begin_call("transform.process");
            (0..9).for_each(|_| guest.add("n".to_owned(), 1).unwrap());
            assert!(guest.take_refusal().is_none());
            assert_eq!(guest.host_call_bytes(), 9 * (HOST_CALL + 1));
            assert!(guest.log(logging::Level::Debug, "x".repeat(100)).is_err());
            let refusal = guest.take_refusal().unwrap().to_string();
            assert_eq!(refusal, "it went over its limit of 640 B; raise `host-call-bytes` in [plugin.P]");
        }
        assert_eq!(guest.logged(), Logged::default());
    }

    #[test]
    fn counters_add_up_and_are_few() {
        let mut guest = guest(Limits::default());
        guest.add("rows_seen".to_owned(), u64::MAX - 1).unwrap();
        guest.add("rows_seen".to_owned(), 5).unwrap();
        guest.add("Rows".to_owned(), 1).unwrap();
        guest.add(String::new(), 1).unwrap();
        (0..100).for_each(|idx| guest.add(format!("c{idx}"), 1).unwrap());
        assert_eq!((guest.counters.len(), guest.counters["rows_seen"]), (MAX_COUNTERS, u64::MAX));
    }
}

//! What can go wrong with a plugin, told so that one knows which plugin, operator, stream, batch and partition, and what to do.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use bytesize::ByteSize;

use super::limits::Limit;
use super::{Digest, Task};
use crate::memory::OverBudget;

/// The result of anything done with a plugin.
pub type Result<T, E = PluginError> = std::result::Result<T, E>;

/// A plugin, or what was asked of it, is at fault. Read the fields of [`PluginFailure`] through it.
#[derive(Debug, Clone)]
pub struct PluginError(Box<PluginFailure>);

/// Who failed, when, and how.
#[derive(Debug, Clone)]
pub struct PluginFailure {
    /// The plugin's name in the job; none while a component is added or looked at.
    pub plugin: Option<String>,
    /// The operator, where it is about one.
    pub operator: Option<String>,
    /// The component.
    pub digest: Option<Digest>,
    /// The partition that was worked on; none while schemas are agreed on.
    pub task: Option<Task>,
    /// The guest's function that was called, such as `transform.process`; none where no call was made.
    pub call: Option<&'static str>,
    /// What happened.
    pub kind: PluginErrorKind,
    /// The guest's stack, innermost frame first, where it trapped.
    pub backtrace: Option<String>,
    /// What the task's rows are to the job.
    pub role: Role,
    /// Whether the call was made again as often as it may be.
    pub given_up: bool,
    /// Whether the plugin's grants give it what may differ when the same call is made again.
    pub may_differ: bool,
}

/// What the rows of a task are to the job, which says how its place is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// They become those of a stream.
    #[default]
    Stream,
    /// They are received for a stream.
    Receiver,
    /// An output writes them.
    Output,
    /// An output makes them seen, or removes them; who asks for that says of which output and batch.
    Commit,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum PluginErrorKind {
    /// The bytes are no component: empty, a core module, compiled code, or not WebAssembly.
    NotAComponent(String),
    /// The component is larger than any may be.
    TooLarge {
        /// The component's size, in bytes.
        size: u64,
        /// The largest allowed, in bytes.
        allowed: u64,
    },
    /// The component can't be compiled within limits.
    NotCompiled(String),
    /// The component doesn't have the functions of a world that is hosted.
    WrongWorld(String),
    /// The component wants something from the host that it is not given.
    ForbiddenImport(Vec<String>),
    /// The component imports what it would have to be granted.
    NotGranted {
        /// The imports.
        imports: Vec<String>,
    },
    /// No component of that digest was added.
    NotAdded,
    /// The plugin has no such operator.
    UnknownOperator {
        /// The interface that was asked, such as `transform`.
        interface: &'static str,
        /// The operators it has there.
        offered: Vec<String>,
    },
    /// The stream's columns don't suit what the operator declares, or can't cross to a plugin.
    Schema(String),
    /// The guest refuses the configuration.
    InvalidConfig(String),
    /// The guest refuses the columns.
    InvalidInput(String),
    /// The guest says that it failed.
    Failed(String),
    /// The guest can't reach something outside.
    Unavailable(String),
    /// The guest trapped.
    Trap {
        /// The trap.
        reason: String,
        /// The last error the guest logged before it, which is a Rust guest's panic message.
        message: Option<String>,
    },
    /// The call took longer than it may.
    Timeout {
        /// How long a call may take.
        allowed: Duration,
        /// The limit that says so.
        limit: Limit,
    },
    /// The guest wanted more than its limits give.
    LimitExceeded {
        /// The limit.
        limit: Limit,
        /// The most it may have, in bytes or elements.
        allowed: u64,
        /// What it asked for in all; none where that isn't known.
        requested: Option<u64>,
    },
    /// The job's memory is used up.
    OverBudget(OverBudget),
    /// Too many instances live at a time.
    NoFreeInstance(String),
    /// The guest returned something that breaks the contract.
    InvalidOutput(String),
    /// The rows handed over don't fit what was agreed on with the operator.
    InvalidRows(String),
    /// The sandbox itself failed.
    Sandbox(String),
}

impl PluginError {
    /// A failure that nobody is blamed for yet.
    pub fn new(kind: PluginErrorKind) -> Self {
        Self(Box::new(PluginFailure {
            plugin: None,
            operator: None,
            digest: None,
            task: None,
            call: None,
            kind,
            backtrace: None,
            role: Role::Stream,
            given_up: false,
            may_differ: false,
        }))
    }

    /// Say what the task's rows are.
    pub(super) fn in_role(mut self, role: Role) -> Self {
        self.0.role = role;
        self
    }

    /// Say whether the plugin was given what may differ next time.
    pub(super) fn given_what_may_differ(mut self, may_differ: bool) -> Self {
        self.0.may_differ = may_differ;
        self
    }

    /// Say which component it is about.
    pub(super) fn of(mut self, digest: Digest) -> Self {
        self.0.digest = Some(digest);
        self
    }

    /// Say which operator it is about.
    pub(super) fn by(mut self, plugin: &str, operator: &str, digest: Digest) -> Self {
        self.0.plugin = Some(plugin.to_owned());
        self.0.operator = Some(operator.to_owned());
        self.0.digest = Some(digest);
        self
    }

    /// Say which partition was worked on.
    pub(super) fn during(mut self, task: Option<&Task>) -> Self {
        self.0.task = task.cloned();
        self
    }

    /// Say which call it was.
    pub(super) fn calling(mut self, call: &'static str) -> Self {
        self.0.call = Some(call);
        self
    }

    pub(super) fn with_backtrace(mut self, backtrace: Option<String>) -> Self {
        self.0.backtrace = backtrace;
        self
    }

    /// Whether the same call may succeed when it is made again: a timeout, something that was used up, or something outside that couldn't be reached; and of a plugin that is
    /// granted what may differ, a trap or an invalid answer as well. All else happens again on the same input.
    pub fn is_retriable(&self) -> bool {
        let may_pass = match self.0.kind {
            PluginErrorKind::Timeout { .. }
            | PluginErrorKind::OverBudget(_)
            | PluginErrorKind::NoFreeInstance(_)
            | PluginErrorKind::Unavailable(_) => true,
            PluginErrorKind::Trap { .. } | PluginErrorKind::InvalidOutput(_) => self.0.may_differ,
            _ => false,
        };
        may_pass && !self.0.given_up
    }

    /// Whether rows or partials that the call was given may be what made it fail: the guest was at work on them, and what went wrong is its own.
    pub fn blames_rows(&self) -> bool {
        const CALLS: [&str; 7] = [
            "transform.process",
            "transform.finish",
            "aggregate.partial",
            "aggregate.merge",
            "aggregate.unmerge",
            "aggregate.finish",
            "state.update",
        ];
        !matches!(
            self.0.kind,
            PluginErrorKind::OverBudget(_)
                | PluginErrorKind::NoFreeInstance(_)
                | PluginErrorKind::Unavailable(_)
                | PluginErrorKind::Schema(_)
                | PluginErrorKind::InvalidRows(_)
                | PluginErrorKind::Sandbox(_)
        ) && self.0.call.is_none_or(|call| CALLS.contains(&call))
    }

    /// The call was made again as often as it may be. What others use too may be free again when the whole batch is run again; time
    /// that a call takes by itself will not be less.
    pub(crate) fn give_up(mut self) -> Self {
        self.0.given_up = matches!(
            self.0.kind,
            PluginErrorKind::Timeout { .. } | PluginErrorKind::Trap { .. } | PluginErrorKind::InvalidOutput(_)
        );
        self
    }
}

impl Deref for PluginError {
    type Target = PluginFailure;

    fn deref(&self) -> &PluginFailure {
        &self.0
    }
}

impl std::error::Error for PluginError {}

impl From<PluginErrorKind> for PluginError {
    fn from(kind: PluginErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for PluginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.plugin, &self.operator, &self.digest) {
            (Some(plugin), Some(operator), _) => write!(f, "plugin {plugin}, operator {operator}")?,
            (Some(plugin), None, _) => write!(f, "plugin {plugin}")?,
            (None, _, Some(digest)) => write!(f, "component {}", &digest.to_string()[..12])?,
            (None, _, None) => write!(f, "component")?,
        }
        if let Some(task) = &self.task {
            let Task { stream, batch, partition, partitions, attempt, .. } = task;
            match self.role {
                Role::Stream => write!(f, ", stream {stream}, batch {batch}, partition {partition} of {partitions}")?,
                Role::Output => write!(f, ", output {stream}, batch {batch}, partition {partition} of {partitions}")?,
                Role::Receiver => write!(f, ", stream {stream}, receiver {partition} of {partitions}")?,
                Role::Commit => {}
            }
            if *attempt > 0 && matches!(self.role, Role::Stream | Role::Output) {
                write!(f, ", attempt {attempt}")?;
            }
        }
        if let Some(call) = self.call {
            write!(f, ", in {call}")?;
        }
        write!(f, ": {}", self.kind)?;
        if let Some(backtrace) = &self.backtrace {
            write!(f, "\n{backtrace}")?;
        }
        Ok(())
    }
}

impl fmt::Display for PluginErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAComponent(what) | Self::NotCompiled(what) => write!(f, "{what}"),
            Self::TooLarge { size, allowed } => {
                write!(f, "it has {}, and a component may have {}", ByteSize::b(*size), ByteSize::b(*allowed))
            }
            Self::WrongWorld(what) => write!(f, "{what}"),
            Self::ForbiddenImport(imports) => write!(
                f,
                "it imports {}, which is not given to plugins; build it without what needs that",
                imports.join(", ")
            ),
            Self::NotGranted { imports } => {
                let (http, sockets) = split_http(imports);
                let some = |imports: &[&str], may: &str| {
                    let imports = imports.join(", ");
                    (!imports.is_empty())
                        .then(|| format!("it imports {imports}, which is given only to plugins that may {may}"))
                };
                let both = [some(&sockets, "connect somewhere"), some(&http, "send HTTP requests")];
                f.write_str(&both.into_iter().flatten().collect::<Vec<_>>().join("; "))
            }
            Self::NotAdded => write!(f, "no component of this digest was added"),
            Self::UnknownOperator { interface, offered } if offered.is_empty() => {
                write!(f, "the plugin offers no {interface} operators")
            }
            Self::UnknownOperator { interface, offered } => {
                write!(f, "the plugin has no such {interface} operator; it offers {}", offered.join(", "))
            }
            Self::Schema(what) => write!(f, "{what}"),
            Self::InvalidConfig(what) => write!(f, "the configuration is refused: {what}"),
            Self::InvalidInput(what) => write!(f, "the columns are refused: {what}"),
            Self::Failed(what) => write!(f, "the operator failed: {what}"),
            Self::Unavailable(what) => write!(f, "what the operator needs can't be had now: {what}"),
            Self::Trap { reason, message: Some(message) } => write!(f, "the operator trapped ({reason}): {message}"),
            Self::Trap { reason, message: None } => write!(f, "the operator trapped: {reason}"),
            Self::Timeout { allowed, limit } => write!(
                f,
                "the call took longer than {}; make the operator faster or raise `{limit}` in [plugin.P]",
                humantime::format_duration(*allowed)
            ),
            Self::LimitExceeded { limit, allowed, requested } => {
                let allowed = limit.show(*allowed);
                match requested {
                    Some(requested) => {
                        write!(f, "it asked for {}, and its limit is {allowed}", limit.show(*requested))?
                    }
                    None if *limit == Limit::RowsPerRow => write!(f, "it made more than {allowed}")?,
                    None => write!(f, "it went over its limit of {allowed}")?,
                }
                write!(f, "; raise `{}` in [plugin.P]", limit.key())
            }
            Self::OverBudget(over) => write!(f, "{over}"),
            Self::NoFreeInstance(what) => write!(f, "no instance is free: {what}"),
            Self::InvalidOutput(what) => write!(f, "what the operator returned is invalid: {what}"),
            Self::InvalidRows(what) => write!(f, "{what}"),
            Self::Sandbox(what) => write!(f, "the sandbox failed: {what}"),
        }
    }
}

impl PluginErrorKind {
    /// A word for it, as dead letters have it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Trap { .. } => "trap",
            Self::Timeout { .. } => "timeout",
            Self::LimitExceeded { .. } => "limit",
            Self::InvalidOutput(_) => "invalid-output",
            _ => "failed",
        }
    }

    /// What to add to the plugin's table of the job file, where that would help.
    pub fn grants_to_add(&self) -> Option<String> {
        let Self::NotGranted { imports } = self else { return None };
        let (http, sockets) = split_http(imports);
        let (keys, places, what, none) = match (sockets.is_empty(), http.is_empty()) {
            (_, true) => ("connect = [\"HOST:PORT\"]", "places it may connect to", "sockets", "connect = []"),
            (true, false) => ("http = [\"https://HOST\"]", "origins it may send requests to", "HTTP", "http = []"),
            (false, false) => (
                "connect = [\"HOST:PORT\"], http = [\"https://HOST\"]",
                "places it may connect to and the origins it may send requests to",
                "these",
                "connect = [], http = []",
            ),
        };
        Some(format!(
            "if it is trusted with that, add grants = {{ {keys} }} with the {places}; if only its language's run-time imports {what}, add grants = {{ {none} }}"
        ))
    }
}

/// Those of these imports that are HTTP's, and the others.
fn split_http(imports: &[String]) -> (Vec<&str>, Vec<&str>) {
    imports.iter().map(String::as_str).partition(|import| import.starts_with("wasi:http/"))
}

/// A guest's text, made fit to be shown: cut to `max` bytes, control characters escaped.
pub(super) fn shown(text: &str, max: usize) -> String {
    let cut = cut(text, max);
    let mut shown = String::with_capacity(cut.len());
    for c in cut.chars() {
        if c.is_control() && c != '\t' {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    if cut.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// The first `max` bytes of `text`, less what would cut a character in two.
pub(super) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::BatchTime;

    #[test]
    fn an_error_names_all_that_is_known() {
        let task = Task {
            job: Arc::from("j"),
            stream: Arc::from("words"),
            batch: BatchTime(2000),
            partition: 1,
            partitions: 4,
            attempt: 2,
            done: 0,
            logged: Default::default(),
        };
        let kind = PluginErrorKind::LimitExceeded { limit: Limit::Memory, allowed: 1 << 20, requested: Some(3 << 20) };
        let error =
            PluginError::from(kind).by("p", "split", Digest([7; 32])).during(Some(&task)).calling("transform.process");
        assert_eq!(
            error.to_string(),
            "plugin p, operator split, stream words, batch 2000, partition 1 of 4, attempt 2, in transform.process: \
             it asked for 3.0 MiB, and its limit is 1.0 MiB; raise `memory` in [plugin.P]"
        );
        assert!(!error.is_retriable());
        assert!(
            PluginError::from(PluginErrorKind::Timeout { allowed: Duration::from_millis(5), limit: Limit::Time })
                .is_retriable()
        );
        let trap = || PluginError::from(PluginErrorKind::Trap { reason: "unreachable".to_owned(), message: None });
        assert!(!trap().is_retriable() && trap().given_what_may_differ(true).is_retriable());
        assert!(!trap().given_what_may_differ(true).give_up().is_retriable());
    }

    #[test]
    fn a_guests_text_is_cut_and_escaped() {
        assert_eq!(shown("a\u{1b}[31mb\nc", 100), "a\\u{1b}[31mb\\nc");
        assert_eq!(shown("ééé", 3), "é…");
        assert_eq!(cut("ééé", 3), "é");
    }
}

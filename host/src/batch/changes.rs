//! What applying another job file to a running job would change, and what becomes of what the job holds: told before anything is done.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::canary::is_shadow;
use super::carry_over::{CarryOver, Fate};
use super::driver::Driver;
use super::edition::Edition;
use super::keep::{dataset_columns, left_out, shape};
use super::log::Dropped;
use super::migrate::stateful;
use super::recover::{difference, in_words};
use crate::dstream::{DStream, Evaluation, Graph, Reads, Stream};
use crate::error::{Diagnostic, Diagnostics};
use crate::job::definition::{Definition, OutputDefinition, Place, SinkDefinition, SourceDefinition, StreamBody};
use crate::job::file::differences::differences;
use crate::job::same;
use crate::plugin::Digest;
use crate::receiver::InputStream;

/// What becomes of a part of the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// There was none.
    Added,
    /// It is another.
    Changed,
    /// There is none any more.
    Removed,
}

impl ChangeKind {
    /// The sign before it in a plan.
    pub fn sign(self) -> char {
        match self {
            Self::Added => '+',
            Self::Changed => '~',
            Self::Removed => '-',
        }
    }
}

/// One part of the job that is another than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What becomes of it.
    pub kind: ChangeKind,
    /// The part, as `stream "words"`.
    pub part: String,
    /// What of it is another, in the words of the job file.
    pub how: Vec<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.sign(), self.part)?;
        if self.how.is_empty() { Ok(()) } else { write!(f, " ({})", self.how.join("; ")) }
    }
}

/// What applying a job file would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplyPlan {
    /// The job file now; none of a job of a program.
    pub from: Option<Digest>,
    /// The job file that is to be applied.
    pub to: Option<Digest>,
    /// What would be another, in the order of the file.
    pub changes: Vec<Change>,
    /// What becomes of state, windows and sources.
    pub carried: Vec<CarryOver>,
    /// Why it can't be applied; empty if it can.
    pub refused: Vec<Diagnostic>,
    /// Sources that are stopped: they are gone, or others take their places.
    pub(super) leaving: BTreeSet<String>,
    /// Sources that others take the places of, and that those go on from.
    pub(super) succeeded: BTreeSet<String>,
    pub(super) dropped: Dropped,
}

impl ApplyPlan {
    /// What can't be applied for these mistakes.
    pub fn refused(Diagnostics(refused): Diagnostics) -> Self {
        Self { refused, ..Self::default() }
    }

    /// Whether something that the job holds would be lost.
    pub fn drops(&self) -> bool {
        self.carried.iter().any(|of| matches!(of.fate, Fate::Dropped(_)))
    }
}

/// Another edition of a job that is to take the place of the one that runs.
#[derive(Debug)]
pub struct Candidate {
    /// With the components that its file names.
    pub edition: Arc<Edition>,
    /// With the components that plugins are to be.
    pub graph: Arc<Graph>,
}

impl Driver {
    /// What putting a candidate in place would do.
    pub fn plan_of(&self, candidate: &Candidate) -> ApplyPlan {
        let edition = self.edition();
        let (before, after) = (edition.definition(), candidate.edition.definition());
        let mut plan = ApplyPlan { from: before.digest(), to: after.digest(), ..ApplyPlan::default() };
        plan.changes = changes(before, after, &self.components.current().graph, &candidate.graph);
        self.options_of(before, after, &mut plan);
        folders_of(&edition, &candidate.edition, &mut plan);
        self.states_of(candidate, &mut plan);
        self.datasets_of(candidate, &mut plan);
        self.sources_of(&edition, &candidate.edition, &mut plan);
        let plugins = before.plugins.iter().filter(|plugin| !after.plugins.iter().any(|of| of.name == plugin.name));
        plan.dropped.plugins = plugins.map(|plugin| plugin.name.clone()).collect();
        plan
    }

    fn options_of(&self, before: &Definition, after: &Definition, plan: &mut ApplyPlan) {
        let place = |key: &str| {
            let setting = format!("--set job.{key}");
            let flag = after.file.iter().flat_map(|file| &file.settings).any(|said| said.starts_with(&setting[6..]));
            if flag { Place::Flag(setting.into()) } else { after.job.place.clone() }
        };
        for key in same::fixed_options(&before.job, &after.job) {
            let message =
                format!("[job] {key} is another than that of the running job, and can't change while it runs");
            let help = match key {
                "name" | "checkpoint" => {
                    "a job of another name or checkpoint is another job; give --set as the job was run with".to_owned()
                }
                _ => format!(
                    "leave {key} as it is, giving --set as the job was run with; or drain the job, and run it with this file"
                ),
            };
            plan.refused.push(place(key).wrong(message).help(help));
        }
        if self.parts.checkpoint.is_some() && before.digest().is_some() && after.digest().is_none() {
            let message = "a job with a checkpoint that was started with a job file takes what another job file says, not what a program does";
            plan.refused.push(Diagnostic::new(message).help("read the job file, and apply that"));
        }
    }

    fn states_of(&self, candidate: &Candidate, plan: &mut ApplyPlan) {
        let (services, key_groups) = (self.parts.engine.services(), self.parts.engine.key_groups());
        let after: BTreeMap<Arc<str>, _> =
            stateful(&candidate.graph).map(|(stream, of)| (stream.name.clone(), of)).collect();
        for state in services.state.streams().into_iter().filter(|state| !is_shadow(state.stream())) {
            let name = state.stream();
            let then = shape(state.spec());
            let fate = match after.get(name) {
                None => {
                    plan.dropped.states.push(name.clone());
                    Fate::Dropped("no such stream keeps state any more, or no output needs it".to_owned())
                }
                Some(stateful) => {
                    let now = shape(&stateful.spec(key_groups));
                    match difference(name, "", &then, &now) {
                        Some(why) => Fate::Stops(why),
                        None if then == now => Fate::CarriesOver,
                        None => Fate::Migrates(format!(
                            "from version {} ({}) to version {} ({}), by its operator",
                            then.version,
                            in_words(&then.state),
                            now.version,
                            in_words(&now.state)
                        )),
                    }
                }
            };
            if let Fate::Stops(why) = &fate {
                plan.refused.push(place_of(candidate.edition.definition(), name).wrong(why.clone()));
            }
            let what = format!("state of {} keys, {} bytes", state.n_keys(), state.live_bytes());
            plan.carried.push(CarryOver { name: name.to_string(), what, fate });
        }
        // What an earlier file has left under the name of a stream that is new counts no more.
        let new = after.into_keys().filter(|name| services.state.get(name).is_none());
        plan.dropped.states.extend(new);
    }

    fn datasets_of(&self, candidate: &Candidate, plan: &mut ApplyPlan) {
        let services = self.parts.engine.services();
        let before = self.components.current().graph.clone();
        let (kept_before, kept_after) = (kept(&before), kept(&candidate.graph));
        let same = |name: &str| match (kept_before.get(name), kept_after.get(name)) {
            (Some(then), Some(now)) => dataset_columns(then) == dataset_columns(now),
            _ => false,
        };
        for (name, stream) in &kept_before {
            let (rows, bytes, batches) = services.datasets.size(name);
            // A window can be made of the partials that are kept of its batches, too.
            let partials = name.strip_suffix("#window").map(|of| format!("{of}#partials"));
            let fate = match kept_after.get(name) {
                _ if same(name) => Fate::CarriesOver,
                Some(after) => match left_out(name, &dataset_columns(stream), &dataset_columns(after)) {
                    (true, why) => Fate::Dropped(why),
                    (false, _) => Fate::CarriesOver,
                },
                None if partials.is_some_and(|partials| same(&partials)) => Fate::CarriesOver,
                None => Fate::Dropped("no window reads it any more".to_owned()),
            };
            if !same(name) {
                plan.dropped.datasets.push(name.clone());
            }
            if batches > 0 {
                let what = format!("datasets of {batches} batches, {rows} rows, {bytes} bytes");
                plan.carried.push(CarryOver { name: name.to_string(), what, fate });
            }
        }
        let is_new = |name: &&Arc<str>| !kept_before.contains_key(*name);
        plan.dropped.datasets.extend(kept_after.keys().filter(is_new).cloned());
        let time = |graph: &Graph, name: &str| {
            let stream = graph.streams.iter().find(|stream| *stream.name == *name)?;
            Some(stream.schema.field(stream.event_time?.column).name().clone())
        };
        for name in services.reports.with_event_times() {
            if time(&before, &name) != time(&candidate.graph, &name) {
                plan.dropped.event_times.push(name);
            }
        }
    }

    fn sources_of(&self, before: &Edition, after: &Edition, plan: &mut ApplyPlan) {
        for (name, source) in &before.sources {
            let is_kept = after.sources.get(name).is_some_and(|of| is_same(of, source));
            let (then, now) = (source_of(before.definition(), name), source_of(after.definition(), name));
            let succeeds = matches!((then, now), (Some(then), Some(now)) if same::place(then, now));
            let fate = match now {
                _ if is_kept => Fate::CarriesOver,
                Some(SourceDefinition::Receiver(_)) if succeeds && self.parts.received.is_none() => {
                    Fate::Stops(format!(
                        "stream \"{name}\": its receiver would have to be another, and a job without a checkpoint doesn't know where it stands"
                    ))
                }
                Some(_) if succeeds => Fate::CarriesOver,
                Some(_) => Fate::Dropped(
                    "the source reads from elsewhere, and begins anew; what it has received comes into a batch first"
                        .to_owned(),
                ),
                None => Fate::Dropped(
                    "the job has no such source any more; what it has received comes into a batch first".to_owned(),
                ),
            };
            if let Fate::Stops(why) = &fate {
                let help = "leave the source and its plugin as they are, or drain the job, and run it with this file";
                plan.refused.push(place_of(after.definition(), name).wrong(why.clone()).help(help));
            }
            if !is_kept {
                plan.leaving.insert(name.clone());
                match succeeds {
                    true => drop(plan.succeeded.insert(name.clone())),
                    false => plan.dropped.sources.push(name.clone()),
                }
            }
            let what = match is_kept {
                true => "its receiver, or where it stands".to_owned(),
                false => "where it stands; it is stopped".to_owned(),
            };
            plan.carried.push(CarryOver { name: name.clone(), what, fate });
        }
        let new = after.sources.keys().filter(|name| !before.sources.contains_key(*name));
        plan.dropped.sources.extend(new.cloned());
    }
}

/// A folder of files belongs to one output as long as the job runs.
fn folders_of(before: &Edition, after: &Edition, plan: &mut ApplyPlan) {
    let folder = |output: &OutputDefinition| match &output.sink {
        SinkDefinition::Files { path, .. } => std::path::absolute(path).ok(),
        _ => None,
    };
    for output in after.definition().written() {
        let Some(path) = folder(output) else { continue };
        let is_new = |name: &str| match (before.sink(name), after.sink(&output.name)) {
            (Some(then), Some(now)) => !std::ptr::addr_eq(Arc::as_ptr(then), Arc::as_ptr(now)),
            _ => true,
        };
        let mut others = before.definition().written().filter(|other| folder(other).as_ref() == Some(&path));
        if let Some(other) = others.find(|other| is_new(&other.name)) {
            let message = format!(
                "output \"{}\": it would be another than output \"{}\", which writes to {} in the running job",
                output.name,
                other.name,
                path.display()
            );
            let help = "write to another folder; or drain the job, and run it with this file";
            plan.refused.push(output.place.wrong(message).help(help));
        }
    }
}

/// Whether two are the very same source.
pub(super) fn is_same(a: &Arc<dyn InputStream>, b: &Arc<dyn InputStream>) -> bool {
    std::ptr::addr_eq(Arc::as_ptr(a), Arc::as_ptr(b))
}

/// A source's definition.
pub(super) fn source_of<'a>(definition: &'a Definition, name: &str) -> Option<&'a SourceDefinition> {
    match &definition.streams.iter().find(|stream| stream.name == name)?.body {
        StreamBody::Source(source) => Some(source),
        StreamBody::Operation { .. } => None,
    }
}

/// Where a stream stands, or the stream that one is a step of.
fn place_of(definition: &Definition, name: &str) -> Place {
    let name = name.split('#').next().unwrap_or(name);
    let stream = definition.streams.iter().find(|stream| stream.name == name);
    stream.map_or_else(|| definition.job.place.clone(), |stream| stream.place.clone())
}

/// Streams whose datasets later batches read.
fn kept(graph: &Graph) -> BTreeMap<Arc<str>, &Stream> {
    let (evaluations, mut kept) = (graph.evaluations(), vec![graph.remember.is_some(); graph.streams.len()]);
    for (idx, stream) in graph.streams.iter().enumerate().filter(|(idx, _)| evaluations[*idx] != Evaluation::Unneeded) {
        let operation = stream.operation();
        kept[idx] |= operation.is_some_and(DStream::reads_itself);
        if matches!(operation.map(DStream::reads), Some(Reads::Back(_))) {
            stream.parents.iter().for_each(|parent| kept[*parent] = true);
        }
    }
    let all = graph.streams.iter().zip(kept).zip(evaluations);
    let all =
        all.filter(|((stream, kept), evaluation)| *kept && *evaluation != Evaluation::Unneeded && !stream.is_table());
    all.map(|((stream, _), _)| (stream.name.clone(), stream)).collect()
}

/// What differs between two definitions, the components of whose plugins are those of the graphs.
fn changes(before: &Definition, after: &Definition, graph: &Graph, graph_after: &Graph) -> Vec<Change> {
    let told = match (&before.file, &after.file) {
        (Some(before), Some(after)) => differences(before, after),
        _ => BTreeMap::new(),
    };
    let mut all = vec![];
    let how = |table: &str| told.get(table).cloned().unwrap_or_default();
    let options = same::other_options(&before.job, &after.job);
    if !options.is_empty() {
        let how = match how("job") {
            lines if lines.is_empty() => options.iter().map(|key| (*key).to_owned()).collect(),
            lines => lines,
        };
        all.push(Change { kind: ChangeKind::Changed, part: "[job]".to_owned(), how });
    }
    let mut add = |kind: &str, parts: Vec<(ChangeKind, String, Vec<String>)>| {
        let change = |(change, name, mut lines): (ChangeKind, String, Vec<String>)| {
            if change == ChangeKind::Changed {
                lines.extend(how(&format!("{kind}.{name}")));
            }
            Change { kind: change, part: format!("{kind} \"{name}\""), how: lines }
        };
        all.extend(parts.into_iter().map(change));
    };
    let mut plugins = compared(&before.plugins, &after.plugins, |of| &of.name, same::plugin);
    for name in after.plugins.iter().map(|plugin| &plugin.name) {
        let (Some(then), Some(now)) = (graph.plugins.get(name), graph_after.plugins.get(name)) else { continue };
        if then == now {
            continue;
        }
        let line = format!("component: {then} -> {now}");
        match plugins.iter_mut().find(|(_, of, _)| of == name) {
            Some((_, _, lines)) => lines.push(line),
            None => plugins.push((ChangeKind::Changed, name.clone(), vec![line])),
        }
    }
    add("plugin", plugins);
    add("stream", compared(&before.streams, &after.streams, |of| &of.name, same::stream));
    add("table", compared(&before.tables, &after.tables, |of| &of.name, same::table));
    let same_broadcast = |a: &crate::job::definition::BroadcastDefinition,
                          b: &crate::job::definition::BroadcastDefinition| {
        (&a.source, a.refresh) == (&b.source, b.refresh)
    };
    add("broadcast", compared(&before.broadcasts, &after.broadcasts, |of| &of.name, same_broadcast));
    add("output", compared(&before.outputs, &after.outputs, |of| &of.name, same::output));
    let letters = |kind| Change { kind, part: "[dead-letters]".to_owned(), how: how("dead-letters") };
    match (&before.dead_letters, &after.dead_letters) {
        (None, Some(_)) => all.push(letters(ChangeKind::Added)),
        (Some(_), None) => all.push(letters(ChangeKind::Removed)),
        (Some(a), Some(b)) if !same::output(&a.output, &b.output) || a.limits != b.limits => {
            all.push(letters(ChangeKind::Changed));
        }
        _ => {}
    }
    all
}

fn compared<T>(
    before: &[T],
    after: &[T],
    name: impl Fn(&T) -> &String,
    same: impl Fn(&T, &T) -> bool,
) -> Vec<(ChangeKind, String, Vec<String>)> {
    let mut all = vec![];
    for of in after {
        match before.iter().find(|then| name(then) == name(of)) {
            None => all.push((ChangeKind::Added, name(of).clone(), vec![])),
            Some(then) if !same(then, of) => all.push((ChangeKind::Changed, name(of).clone(), vec![])),
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|then| !after.iter().any(|of| name(of) == name(then)));
    all.extend(gone.map(|then| (ChangeKind::Removed, name(then).clone(), vec![])));
    all
}

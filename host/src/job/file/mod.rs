//! Reads a job file: TOML to a [`Definition`], strict, with every mistake at once.
//!
//! [`tree`] turns text into values that know where they stand; [`setting`] puts `--set` flags on top; [`table`] and [`value`] read them, telling
//! [`report`] what is wrong; a file for each part of the job file says what may stand there; [`path`] looks at the files it names,
//! and [`graph`] at how streams hang together. [`differences`] says what one file says otherwise than another.

mod backpressure;
mod broadcast;
mod control;
mod dead_letters;
pub mod differences;
mod event_time;
mod graph;
mod job;
mod kafka;
mod name;
mod operation;
mod operator;
mod output;
mod pair;
pub(crate) mod path;
pub(crate) mod plugin;
mod policy;
mod postgres;
pub(crate) mod report;
mod setting;
pub(crate) mod source;
pub(crate) mod state;
mod static_table;
mod stream;
pub(crate) mod table;
mod transform;
pub(crate) mod tree;
pub(crate) mod value;

#[cfg(test)]
mod doc_tests;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Diagnostic, Diagnostics};
use crate::job::definition::{Definition, FileText, JobOptions, PluginDefinition};
use crate::plugin::Grants;

pub use setting::Setting;

use operator::Plugins;
use output::Output;
use path::{Expected, Paths};
use report::Report;
use stream::Stream;
use table::{Key, Table, key};

const JOB: Key = key("job", "{}");
const PLUGIN: Key = key("plugin", "{}");
const STREAM: Key = key("stream", "{}");
const TABLE: Key = key("table", "{}");
const BROADCAST: Key = key("broadcast", "{}");
const OUTPUT: Key = key("output", "{}");
const DEAD_LETTERS: Key =
    key("dead-letters", "{ sink = { type = \"files\", path = \"dead-letters\", format = \"json\" } }");

/// Job files are written by hand; a larger file is another kind of file.
const MAX_BYTES: u64 = 4 << 20;

/// A job file that was read.
#[derive(Debug, Clone)]
pub struct JobFile {
    /// What it says.
    pub definition: Definition,
    /// What was probably not meant.
    pub warnings: Diagnostics,
}

/// A job file with mistakes.
#[derive(Debug, Clone)]
pub struct Mistaken {
    /// Every mistake that the file alone shows, in its order.
    pub mistakes: Diagnostics,
    /// What is right in it, to look for mistakes that components, columns and queries show. None where parts of the text could not be read at all.
    pub rest: Option<Box<Definition>>,
}

/// Read the job file at `path`, with `settings` on top, and look at the files it names.
///
/// # Errors
/// Every mistake found, in the order of the file, and what is left without them.
pub fn read(path: &Path, settings: Vec<Setting>) -> Result<JobFile, Mistaken> {
    let text = text_of(path).map_err(|mistake| Mistaken { mistakes: Diagnostics(vec![mistake]), rest: None })?;
    let paths = Paths::of_job_file(path);
    parse_with(path, path, &text, settings, &paths, |report| paths.check(report, |_| true))
}

/// As [`read`], of a job file that was read before, or elsewhere; errors call it `name`.
///
/// # Errors
/// As [`read`].
pub fn read_text(name: &Path, file: &FileText) -> Result<JobFile, Mistaken> {
    let mut settings = vec![];
    for setting in &file.settings {
        match setting.parse() {
            Ok(setting) => settings.push(setting),
            Err(mistake) => return Err(Mistaken { mistakes: Diagnostics(vec![mistake]), rest: None }),
        }
    }
    if file.text.len() as u64 > MAX_BYTES {
        let message = format!("has {} bytes; a job file has at most {MAX_BYTES}", file.text.len());
        let mistake = Diagnostic { file: Some(name.to_owned()), ..Diagnostic::new(message) };
        return Err(Mistaken { mistakes: Diagnostics(vec![mistake]), rest: None });
    }
    let path = match (&file.folder, file.path.file_name()) {
        (Some(folder), Some(file)) => folder.join(file),
        _ => file.path.clone(),
    };
    let paths = Paths::of_job_file(&path);
    parse_with(name, &path, &file.text, settings, &paths, |report| paths.check(report, |_| true))
}

/// As [`read`], for a job whose sources and sinks are replaced: directories that it names need not be there.
///
/// # Errors
/// As [`read`].
pub fn read_for_cases(path: &Path, settings: Vec<Setting>) -> Result<JobFile, Mistaken> {
    let text = text_of(path).map_err(|mistake| Mistaken { mistakes: Diagnostics(vec![mistake]), rest: None })?;
    let paths = Paths::of_job_file(path);
    let is_component = |expected| expected == Expected::Component;
    parse_with(path, path, &text, settings, &paths, |report| paths.check(report, is_component))
}

/// Read a job file's text, with `settings` on top, without a look at the files it names; `path` is what errors call it, and says where relative paths begin.
///
/// # Errors
/// As [`read`], without what is left.
pub fn parse(path: &Path, text: &str, settings: Vec<Setting>) -> Result<JobFile, Diagnostics> {
    parse_with(path, path, text, settings, &Paths::of_job_file(path), |_| ()).map_err(|mistaken| mistaken.mistakes)
}

fn text_of(path: &Path) -> Result<String, Diagnostic> {
    let wrong =
        |message: String, help: &str| Diagnostic { file: Some(path.to_owned()), ..Diagnostic::new(message) }.help(help);
    let metadata =
        path.metadata().map_err(|error| wrong(format!("can't be read: {error}"), "give the path of a job file"))?;
    if !metadata.is_file() {
        return Err(wrong("is not a file".into(), "give the path of a job file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(wrong(
            format!("has {} bytes; a job file has at most {MAX_BYTES}", metadata.len()),
            "give the path of a job file",
        ));
    }
    let bytes =
        std::fs::read(path).map_err(|error| wrong(format!("can't be read: {error}"), "give the path of a job file"))?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count();
        wrong(format!("is not text: line {line} is not UTF-8"), "a job file is TOML, which is UTF-8")
    })
}

/// Read the text of the file at `path`, which errors call `name`.
fn parse_with(
    name: &Path,
    path: &Path,
    text: &str,
    settings: Vec<Setting>,
    paths: &Paths,
    look_at_files: impl FnOnce(&Report),
) -> Result<JobFile, Mistaken> {
    let mut tree = tree::read(name, text);
    let report = Report::of_text(tree.mistakes, tree.torn);
    let folder = path.parent().map(Path::to_owned);
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let settings_said = settings.iter().map(|setting| setting.text.clone()).collect();
    let file = FileText { path, text: text.to_owned(), settings: settings_said, folder };
    for setting in settings {
        setting.apply(&mut tree.root, &report);
    }
    let (job, rest) = definition(Table::root(&tree.root, &report), paths, &report);
    look_at_files(&report);
    let warnings = report.take_warnings();
    match job {
        Some(job) if report.is_clean() => {
            Ok(JobFile { definition: Definition { job, file: Some(Arc::new(file)), ..rest }, warnings })
        }
        _ => {
            let rest = (!report.is_torn()).then(|| Box::new(rest));
            Err(Mistaken { mistakes: report.into_mistakes(), rest })
        }
    }
}

/// `[job]`, where it is right, and all else that is; the definition's own options are those of any job.
fn definition(mut root: Table<'_>, paths: &Paths, report: &Report) -> (Option<JobOptions>, Definition) {
    let job = match root.get(JOB) {
        Some(value) => value.headed_table("[job]").and_then(|table| job::read(table, paths)),
        None => {
            report.missing(root.place().wrong("[job] is missing").help("add [job] with name and batch-interval"));
            None
        }
    };
    let plugins = named_tables(&mut root, PLUGIN, report);
    let streams = named_tables(&mut root, STREAM, report);
    let tables = named_tables(&mut root, TABLE, report);
    let broadcasts = named_tables(&mut root, BROADCAST, report);
    let outputs = named_tables(&mut root, OUTPUT, report);
    let dead_letters = root.get(DEAD_LETTERS).map(|value| value.headed_table("[dead-letters]"));
    if !root.has(STREAM) {
        report.missing(root.place().wrong("nothing to run: no stream").help("add a [stream.NAME] with a source"));
    }
    if !root.has(OUTPUT) {
        report
            .missing(root.place().wrong("nothing to run: no output").help("add an [output.NAME] with input and sink"));
    }
    root.finish();

    // Operations refer to plugins by name, also to those that are wrong themselves.
    let names = Plugins {
        declared: plugins.iter().map(|(name, _)| *name).collect(),
        tables: tables.iter().map(|(name, _)| *name).collect(),
        ..Plugins::default()
    };
    let of_job = plugin::OfJob {
        tables: &names.tables,
        broadcasts: &broadcasts.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
    };
    let plugins: Vec<_> = plugins.into_iter().map(|(name, table)| plugin::read(name, table?, paths, &of_job)).collect();
    let streams: Vec<Stream<'_>> = streams
        .into_iter()
        .filter_map(|(name, table)| Some(stream::read(name, table?, &names, paths, report)))
        .collect();
    let outputs: Vec<Output<'_>> =
        outputs.into_iter().filter_map(|(name, table)| Some(output::read(name, table?, &names, paths))).collect();

    let dead_letters = dead_letters.flatten().and_then(|table| dead_letters::read(table, &names, paths));

    let granted: Vec<&Grants> = plugins.iter().flatten().map(|plugin| &plugin.limits.grants).collect();
    graph::check_tables(&streams, &tables, &granted, report);
    graph::warn_of_unread_broadcasts(&broadcasts, &granted, report);
    graph::check_names(&streams, &names.tables, &outputs, report);
    graph::check_circles(&streams, report);
    graph::warn_of_unread(&streams, &outputs, report);

    let plugins: Vec<PluginDefinition> = plugins.into_iter().flatten().collect();
    check_plugins(&plugins, job.as_ref(), &names, report);
    let tables: Vec<_> = tables.into_iter().map(|(name, table)| static_table::read(name, table?, paths)).collect();
    let broadcasts: Vec<_> = broadcasts.into_iter().map(|(name, table)| broadcast::read(name, table?, paths)).collect();
    let rest = Definition {
        job: JobOptions::new("job", Duration::from_secs(1)),
        plugins,
        streams: streams.into_iter().filter_map(|stream| stream.definition).collect(),
        tables: tables.into_iter().flatten().collect(),
        broadcasts: broadcasts.into_iter().flatten().collect(),
        outputs: outputs.into_iter().filter_map(|output| output.definition).collect(),
        dead_letters,
        file: None,
        started_with: None,
    };
    (job, rest)
}

/// The tables of `[plugin]`, `[stream]` or `[output]` with their names; no table where something else stands.
fn named_tables<'a>(root: &mut Table<'a>, kind: Key, report: &Report) -> Vec<(&'a str, Option<Table<'a>>)> {
    let header = format!("[{}.NAME]", kind.name);
    let Some(value) = root.get(kind) else { return vec![] };
    let Some(tables) = value.headed_table(&header) else { return vec![] };
    let named = tables.named(kind).map(|(name, value)| {
        name::check(name, value.label(), value.key_place(), report);
        (name, value.headed_table(value.label()))
    });
    let named: Vec<_> = named.collect();
    if named.is_empty() && kind != PLUGIN {
        let _: Option<()> = value.wrong("the table is empty", format!("add {header}"));
    }
    named
}

/// What is wrong with plugins in view of the rest of the job file.
fn check_plugins(plugins: &[PluginDefinition], job: Option<&JobOptions>, names: &Plugins<'_>, report: &Report) {
    let used = names.used.borrow();
    for plugin in plugins {
        if let Some(job) = job.filter(|job| plugin.limits.memory > job.memory) {
            let message = format!(
                "[plugin.{}] memory: an instance may use {} bytes, the whole job {}",
                plugin.name, plugin.limits.memory, job.memory
            );
            report.wrong(plugin.place.wrong(message).help("raise [job] memory, or lower the plugin's"));
        }
        if !used.contains(&plugin.name) {
            let message = format!("[plugin.{}] is used by nothing", plugin.name);
            report.warn(plugin.place.wrong(message).help("remove it, or name one of its operators"));
        }
    }
}

//! `sluicebox replay --batch`: a recorded batch once more, offline; and `sluicebox capture`, which takes one out as a case.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use serde_json::{Value as Json, json};
use tokio::runtime::Builder;

use crate::batch::{ComparedStream, Made};
use crate::clock::BatchTime;
use crate::context::Options;
use crate::context::recorded::{self, Captured, ReplayRequest, Replayed, ReplayedOutput, Seen, Which};
use crate::engine::reports::{OperatorReport, OperatorUse};
use crate::error::{Error, Result};
use crate::plugin::{Compiler, Limit};
use crate::receiver::InputRange;

use super::args::{CaptureArgs, ReplayArgs};
use super::table::{aligned, counted};
use super::{cache, out, read_job, status};

/// `replay JOB.toml --batch TIME`.
pub fn replay(args: &ReplayArgs, batch: &str) -> Result<()> {
    let definition = read_job(&args.job)?.definition;
    let with: BTreeMap<String, PathBuf> = args.with.iter().map(|with| pair(with)).collect::<Result<_>>()?;
    let request = ReplayRequest { which: which(batch)?, with };
    let replayed = block_on(recorded::replay(&definition, &options(), &request))?;
    match args.json {
        true => out::result(&format!("{:#}\n", as_json(&replayed)))?,
        false => out::result(&as_text(&replayed))?,
    }
    match replayed.is_same() {
        true => Ok(()),
        // What differs was told.
        false => Err(Error::Failed(String::new())),
    }
}

/// `capture JOB.toml --batch TIME --stream S -o DIR`.
pub fn capture(args: &CaptureArgs) -> Result<()> {
    let definition = read_job(&args.job)?.definition;
    let which = which(&args.batch)?;
    let captured = block_on(recorded::capture(&definition, &options(), which, &args.stream))?;
    let folder = &args.output;
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file() {
        return Err(Error::invalid(format!("{} is there already; name a new folder", folder.display())));
    }
    let component = format!("{}.wasm", captured.plugin);
    let written = fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join("cases.toml"), &captured.cases))
        .and_then(|()| fs::write(folder.join(&component), &captured.component));
    written.map_err(|error| Error::failed(format!("writing {}: {error}", folder.display())))?;
    let Captured { batch, plugin, operator, digest, rows_in, rows_out, n_keys, notes, .. } = &captured;
    if args.json {
        let document = json!({
            "folder": folder.display().to_string(),
            "batch-time": batch.0,
            "plugin": plugin,
            "operator": operator,
            "digest": digest.to_string(),
            "rows-in": rows_in,
            "rows-out": rows_out,
            "keys": n_keys,
            "notes": notes,
        });
        return out::result(&format!("{document:#}\n"));
    }
    let mut text = format!(
        "{}: {plugin}/{operator} in batch {batch}: {rows_in} rows in, {rows_out} out, {n_keys} keys with state\n",
        folder.display()
    );
    text.extend(notes.iter().map(|note| format!("note: {note}\n")));
    text += &format!("run it with: sluicebox plugin test {}\n", shown(folder));
    out::result(&text)
}

fn shown(folder: &Path) -> String {
    folder.display().to_string()
}

fn options() -> Options {
    Options { cache: cache::folder(), compiler: Compiler::this_program(), ..Options::default() }
}

fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("sluicebox-io")
        .enable_all()
        .build()
        .map_err(|error| Error::failed(format!("threads can't be started: {error}")))?;
    runtime.block_on(work)
}

/// A batch's time: `last`, milliseconds since 1970, or RFC 3339.
fn which(text: &str) -> Result<Which> {
    if text == "last" {
        return Ok(Which::Last);
    }
    if let Ok(ms) = text.parse() {
        return Ok(Which::At(BatchTime(ms)));
    }
    let since_1970 = |time: std::time::SystemTime| {
        let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_millis()).ok()
    };
    match humantime::parse_rfc3339_weak(text).ok().and_then(since_1970) {
        Some(ms) => Ok(Which::At(BatchTime(ms))),
        None => Err(Error::invalid_with_help(
            format!("--batch: \"{text}\" is no batch's time"),
            "it is a time of UTC, such as 2026-11-21T10:15:00Z, or milliseconds since 1970, or last",
        )),
    }
}

/// `PLUGIN=FILE`.
fn pair(with: &str) -> Result<(String, PathBuf)> {
    match with.split_once('=') {
        Some((plugin, file)) if !plugin.is_empty() && !file.is_empty() => Ok((plugin.to_owned(), file.into())),
        _ => Err(Error::invalid(format!("--with: \"{with}\" is not PLUGIN=FILE"))),
    }
}

/// What a batch read of a source, in words.
fn read_of(range: &InputRange) -> String {
    match range {
        InputRange::Blocks(blocks) => counted(blocks.len(), "block"),
        InputRange::Files(files) => {
            format!("{} of {}", counted(files.len(), "file"), ByteSize(files.iter().map(|file| file.size).sum()))
        }
        InputRange::Offsets(offsets) => {
            let n: i64 = offsets.iter().map(|range| range.until - range.from).sum();
            format!(
                "{} of {}",
                counted(usize::try_from(n).unwrap_or(0), "message"),
                counted(offsets.len(), "partition")
            )
        }
        InputRange::NoDataset => "nothing: it couldn't be asked".to_owned(),
    }
}

fn as_text(replayed: &Replayed) -> String {
    let Replayed { checkpoint, batch, components, with, inputs, notes, ran, ran_with, outputs, streams } = replayed;
    let time = status::time_or_dash(Some(batch.0));
    let mut text = format!("batch {batch} ({time}) of {checkpoint}\n");
    let mut facts: Vec<[String; 2]> = vec![];
    for (plugin, digest) in components {
        let instead = with.get(plugin).map(|other| format!(", tried beside {other}")).unwrap_or_default();
        facts.push([format!("plugin {plugin}"), format!("{digest}{instead}")]);
    }
    facts.extend(inputs.iter().map(|(source, range)| [format!("source {source}"), read_of(range)]));
    facts.extend(notes.iter().map(|note| ["note".to_owned(), note.clone()]));
    text += &aligned(&facts);
    let (first, second) = if with.is_empty() { ("recorded", "now") } else { ("recorded", "with") };
    if let Err(error) = ran {
        text += &format!("\nthe batch fails with the components it ran with: {error}\n");
    }
    if let Some(Err(error)) = ran_with {
        text += &format!("\nthe batch fails with what is tried: {error}\n");
    }
    if !outputs.is_empty() {
        let heading = ["output", &format!("rows {first}"), &format!("rows {second}"), "compared"].map(str::to_owned);
        let row = |output: &ReplayedOutput| {
            let compared = match &output.seen {
                Seen::Rows(differences) if differences.is_none() => "the same rows".to_owned(),
                Seen::Rows(differences) => {
                    format!("{} only {first}, {} only {second}", differences.only.0, differences.only.1)
                }
                Seen::Number(why) => format!("by number: {why}"),
            };
            [output.name.clone(), output.rows.0.to_string(), output.rows.1.to_string(), compared]
        };
        text += "\n";
        text += &aligned(&std::iter::once(heading).chain(outputs.iter().map(row)).collect::<Vec<_>>());
        for output in outputs {
            if let Seen::Rows(differences) = &output.seen {
                text.extend(differences.samples.iter().map(|sample| format!("  {}: {sample}\n", output.name)));
            }
        }
    }
    if !streams.is_empty() {
        text += "\n";
        text += &streams_text(streams, [ran.as_ref().ok(), ran_with.as_ref().and_then(|ran| ran.as_ref().ok())]);
    }
    if with.is_empty()
        && let Ok(reports) = ran
        && !reports.is_empty()
    {
        text += "\n";
        text += &operators_text(reports);
    }
    text += if replayed.is_same() { "\nthe same\n" } else { "\nnot the same\n" };
    text
}

fn streams_text(streams: &[ComparedStream], reports: [Option<&BTreeMap<OperatorUse, OperatorReport>>; 2]) -> String {
    let heading = ["stream", "operator", "component", "rows", "rows of it alone", "time", "per row", "memory"];
    let row =
        |of: &ComparedStream, which: &str, made: &Made, reports: Option<&BTreeMap<OperatorUse, OperatorReport>>| {
            let per_row = match made.rows {
                0 => "-".to_owned(),
                rows => format!("{:.0} ns", made.took.as_nanos() as f64 / rows as f64),
            };
            let used = reports.and_then(|reports| reports.iter().find(|(of_use, _)| *of_use.stream == *of.stream));
            let memory = used.and_then(|(_, report)| report.usage.of(Limit::Memory));
            [
                of.stream.clone(),
                of.operator.clone(),
                which.to_owned(),
                made.rows.to_string(),
                made.only.to_string(),
                format!("{:.1} ms", made.took.as_secs_f64() * 1e3),
                per_row,
                memory.map_or_else(|| "-".to_owned(), |memory| ByteSize(memory.used).to_string()),
            ]
        };
    let rows = streams
        .iter()
        .flat_map(|of| [row(of, "recorded", &of.current, reports[0]), row(of, "with", &of.candidate, reports[1])]);
    let mut text = aligned(&std::iter::once(heading.map(str::to_owned)).chain(rows).collect::<Vec<_>>());
    for of in streams {
        text.extend(of.samples.iter().map(|sample| format!("  {}: {sample}\n", of.stream)));
        text.extend(of.errors.iter().map(|error| format!("  {}: fails: {error}\n", of.stream)));
    }
    text
}

fn operators_text(reports: &BTreeMap<OperatorUse, OperatorReport>) -> String {
    let heading = ["operator", "stream", "rows in", "rows out", "left out", "time", "memory"].map(str::to_owned);
    let row = |(of, report): (&OperatorUse, &OperatorReport)| {
        let memory = report.usage.of(Limit::Memory).map_or(0, |used| used.used);
        [
            format!("{}/{}", of.plugin, of.operator),
            of.stream.to_string(),
            report.rows_in.to_string(),
            report.rows_out.to_string(),
            report.left_out().to_string(),
            format!("{:.1} ms", report.nanos as f64 / 1e6),
            ByteSize(memory).to_string(),
        ]
    };
    aligned(&std::iter::once(heading).chain(reports.iter().map(row)).collect::<Vec<_>>())
}

fn as_json(replayed: &Replayed) -> Json {
    let Replayed { checkpoint, batch, components, with, inputs, notes, ran_with, outputs, streams, .. } = replayed;
    let digests = |components: &BTreeMap<String, crate::plugin::Digest>| -> Json {
        components.iter().map(|(plugin, digest)| (plugin.clone(), Json::from(digest.to_string()))).collect()
    };
    let ran = |ran: &std::result::Result<BTreeMap<OperatorUse, OperatorReport>, String>| match ran {
        Ok(reports) => json!({ "operators": reports.iter().map(operator_json).collect::<Vec<_>>() }),
        Err(error) => json!({ "error": error }),
    };
    let output = |output: &ReplayedOutput| {
        let mut json = json!({
            "output": output.name,
            "rows": [output.rows.0, output.rows.1],
            "same": output.is_same(),
        });
        match &output.seen {
            Seen::Rows(differences) => {
                json["only"] = json!([differences.only.0, differences.only.1]);
                json["samples"] = differences.samples.clone().into();
            }
            Seen::Number(why) => json["by-number"] = why.as_str().into(),
        }
        json
    };
    let made = |made: &Made| json!({ "rows": made.rows, "only": made.only, "nanoseconds": u64::try_from(made.took.as_nanos()).unwrap_or(u64::MAX) });
    let stream = |of: &ComparedStream| {
        json!({
            "stream": of.stream,
            "operator": of.operator,
            "recorded": made(&of.current),
            "with": made(&of.candidate),
            "samples": of.samples,
            "errors": of.errors,
        })
    };
    json!({
        "checkpoint": checkpoint,
        "batch-time": batch.0,
        "components": digests(components),
        "with": digests(with),
        "inputs": inputs,
        "notes": notes,
        "ran": ran(&replayed.ran),
        "ran-with": ran_with.as_ref().map(ran),
        "outputs": outputs.iter().map(output).collect::<Vec<_>>(),
        "streams": streams.iter().map(stream).collect::<Vec<_>>(),
        "same": replayed.is_same(),
    })
}

fn operator_json((of, report): (&OperatorUse, &OperatorReport)) -> Json {
    json!({
        "plugin": of.plugin,
        "operator": of.operator,
        "stream": *of.stream,
        "rows-in": report.rows_in,
        "rows-out": report.rows_out,
        "left-out": report.left_out(),
        "nanoseconds": report.nanos,
        "memory": report.usage.of(Limit::Memory).map(|used| used.used),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_named_by_their_time() {
        assert_eq!(which("last").unwrap(), Which::Last);
        assert_eq!(which("1795274793000").unwrap(), Which::At(BatchTime(1_795_274_793_000)));
        assert_eq!(which("1970-01-01T00:00:01.5Z").unwrap(), Which::At(BatchTime(1500)));
        assert_eq!(which("1970-01-02 00:00:00").unwrap(), Which::At(BatchTime(86_400_000)));
        assert!(which("yesterday").unwrap_err().to_string().contains("\"yesterday\" is no batch's time"));
        assert!(pair("words").is_err() && pair("=x").is_err());
        assert_eq!(pair("words=a=b.wasm").unwrap(), ("words".to_owned(), "a=b.wasm".into()));
    }
}

//! `sluicebox replay`: dead letters through their operators once more, outside of any job.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::context::Options;
use crate::context::replay::{Letter, Outcome, Replay, read};
use crate::error::{Error, Result};
use crate::job::definition::{ComponentSource, Definition, FileFormat};
use crate::job::nearest::did_you_mean;
use crate::memory::MemoryBudget;
use crate::output::files::encode::Encoder;
use crate::plugin::Compiler;

use super::args::ReplayArgs;
use super::table::{aligned, counted};
use super::{cache, out, read_job};

/// The most letters of which it is said what they fail by.
const TOLD: usize = 20;
/// How much of a reason is shown, in characters.
const SHOWN: usize = 200;

/// `replay JOB.toml --dead-letters FOLDER`.
pub fn replay(args: &ReplayArgs, folder: &Path) -> Result<()> {
    let mut definition = read_job(&args.job)?.definition;
    args.with.iter().try_for_each(|with| take_component(&mut definition, with))?;
    let memory = MemoryBudget::new(definition.job.memory);
    let mut letters = read(folder, &memory)?;
    if let Some(stream) = &args.stream {
        letters.retain(|letter| letter.stream == *stream);
    }
    let streams: Vec<&str> = letters.iter().map(|letter| letter.stream.as_str()).collect();
    if args.output.is_some() && streams.iter().any(|stream| *stream != streams[0]) {
        let message = "the dead letters are of several streams, whose rows have columns of their own";
        return Err(Error::invalid_with_help(message, "name one with --stream"));
    }
    let options = Options { cache: cache::folder(), compiler: Compiler::this_program(), ..Options::default() };
    let mut replay = Replay::new(definition, &options)?;
    let (mut made, mut failing, mut counts) = (vec![], vec![], BTreeMap::new());
    for letter in &letters {
        let counts: &mut [usize; 4] = counts.entry((&*letter.stream, &*letter.plugin, &*letter.operator)).or_default();
        let (column, why) = match replay.row(letter) {
            Outcome::Passes(rows) => {
                made.extend(rows);
                (0, None)
            }
            Outcome::Rejected(why) => (1, Some(why)),
            Outcome::Fails(why) => (2, Some(why)),
            Outcome::NotTried(why) => (3, Some(why)),
        };
        counts[column] += 1;
        failing.extend(why.map(|why| (letter, why)));
    }
    let report = report(&counts, &failing);
    match args.output.as_deref() {
        Some(path) if path == Path::new("-") => {
            write(io::stdout(), &made)?;
            out::note(&report);
        }
        Some(path) => {
            let file = File::create(path).map_err(|error| Error::failed(format!("{}: {error}", path.display())))?;
            write(file, &made)?;
            out::result(&report)?;
        }
        None => out::result(&report)?,
    }
    match failing.len() {
        0 => Ok(()),
        // They were told of.
        _ => Err(Error::failed("")),
    }
}

/// `--with PLUGIN=FILE`.
fn take_component(definition: &mut Definition, with: &str) -> Result<()> {
    let Some((name, path)) = with.split_once('=') else {
        return Err(Error::invalid_with_help(
            format!("--with {with}: it is not of the form PLUGIN=FILE"),
            "write the plugin's name, = and the path of a component",
        ));
    };
    let names: Vec<String> = definition.plugins.iter().map(|plugin| plugin.name.clone()).collect();
    let Some(plugin) = definition.plugins.iter_mut().find(|plugin| plugin.name == name) else {
        let help = did_you_mean(name, names.iter().map(String::as_str), "plugins");
        return Err(Error::invalid_with_help(format!("--with {with}: the job has no plugin \"{name}\""), help));
    };
    plugin.component = ComponentSource::File(path.into());
    // It is another on purpose.
    plugin.digest = None;
    Ok(())
}

fn report(counts: &BTreeMap<(&str, &str, &str), [usize; 4]>, failing: &[(&Letter, String)]) -> String {
    let heading = ["stream", "operator", "passes", "rejected", "fails", "not tried"].map(str::to_owned);
    let row = |((stream, plugin, operator), counts): (&(&str, &str, &str), &[usize; 4])| {
        let [passes, rejected, fails, not_tried] = counts.map(|count| count.to_string());
        [(*stream).to_owned(), format!("{plugin}/{operator}"), passes, rejected, fails, not_tried]
    };
    let rows: Vec<_> = std::iter::once(heading).chain(counts.iter().map(row)).collect();
    let mut text = aligned(&rows);
    for (letter, why) in failing.iter().take(TOLD) {
        let Letter { batch, stream, partition, row, .. } = letter;
        let mut shown: String = why.lines().next().unwrap_or_default().chars().take(SHOWN).collect();
        if shown.len() < why.len() {
            shown.push('…');
        }
        text += &format!("batch {batch}, stream {stream}, partition {partition}, row {row}: {shown}\n");
    }
    if failing.len() > TOLD {
        text += &format!("and {}\n", counted(failing.len() - TOLD, "other row"));
    }
    text
}

/// Rows as JSON, an object a line, as an output of files writes them.
fn write(file: impl Write + Send, made: &[RecordBatch]) -> Result<()> {
    let Some(first) = made.first() else { return Ok(()) };
    let schema: SchemaRef = first.schema();
    let written = Encoder::new(FileFormat::Json, schema, file).and_then(|mut encoder| {
        made.iter().try_for_each(|rows| encoder.write(rows))?;
        encoder.finish()
    });
    written.map(drop).map_err(|error| Error::failed(format!("what the operator makes can't be written: {error}")))
}

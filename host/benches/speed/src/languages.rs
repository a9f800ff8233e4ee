//! What an operator costs in each language: `words/split` and `mask-pii` of plugins/, each beside the same in Rust as a component and beside the same in the host.
//!
//! All of a line's figures are of one process and one thread. A component is compiled by this process, by both processors' threads.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluicebox::arrow::array::{Array, AsArray, RecordBatch, StringBuilder};
use sluicebox::plugin::{Limits, OperatorRef};

use crate::inputs::{self, Numbers};
use crate::measure::{Result, case, duration, head, in_turns, ratio, row};
use crate::operators::{chunks, same, split};
use crate::plugins::{Guests, Transform};

/// Rows of a partition.
const ROWS: usize = 8_192;
/// How many characters `mask-pii` shows if it isn't told otherwise, and what stands for the others.
const SHOWN: (usize, char) = (4, '*');

/// A language's components.
pub struct Language {
    name: String,
    words: PathBuf,
    mask: PathBuf,
}

impl Language {
    /// Of `NAME=FOLDER`, where FOLDER/words/words.wasm and FOLDER/mask-pii/mask-pii.wasm are.
    ///
    /// # Errors
    /// When it isn't written so.
    pub fn parse(text: &str) -> Result<Self> {
        let (name, folder) = text.split_once('=').ok_or_else(|| format!("\"{text}\" is not NAME=FOLDER"))?;
        let of = |plugin: &str| PathBuf::from(folder).join(plugin).join(format!("{plugin}.wasm"));
        Ok(Self { name: name.to_owned(), words: of("words"), mask: of("mask-pii") })
    }
}

/// A language's component, compiled.
struct Compiled {
    name: String,
    size: u64,
    seconds: f64,
    guests: Guests,
}

impl Compiled {
    fn new(name: &str, component: &PathBuf) -> Result<Self> {
        let size = std::fs::metadata(component).map_err(|error| format!("{}: {error}", component.display()))?.len();
        let start = Instant::now();
        let guests = Guests::new(component)?;
        Ok(Self { name: name.to_owned(), size, seconds: start.elapsed().as_secs_f64(), guests })
    }

    /// An operator of it, with limits that none of them comes near.
    fn transform(&self, name: &str, config: &str, rows: &RecordBatch) -> Result<Transform<'_>> {
        let (time, start_time) = (Duration::from_secs(60), Some(Duration::from_secs(60)));
        let limits = Limits { time, start_time, memory: 256 << 20, ..Limits::default() };
        let operator = OperatorRef { config: config.to_owned(), limits, ..self.guests.operator(name) };
        self.guests.bound(operator, &rows.schema())
    }
}

/// Print the tables.
///
/// # Errors
/// If a component isn't built, fails, or gives another answer than the host does.
pub fn table(languages: &[Language], budget: Duration) -> Result<()> {
    let words = compile(languages, |language| &language.words)?;
    instances(&words, budget)?;
    let about = "Partitions of 8,192 lines, in an instance that is at work: lines a second, against the same operator in Rust, as a component and in the host. Medians; ratios are medians of those of the rounds.";
    head("Operators by language", about, &["operator", "language", "lines a second", "of Rust's", "of the host's"], 2);
    operator("words/split", "split", "{}", &words, split, budget)?;
    drop(words);
    let mask = compile(languages, |language| &language.mask)?;
    operator("mask-pii", "mask-pii", r#"{"columns":["value"]}"#, &mask, masked, budget)
}

fn compile(languages: &[Language], of: impl Fn(&Language) -> &PathBuf) -> Result<Vec<Compiled>> {
    languages.iter().map(|language| Compiled::new(&language.name, of(language))).collect()
}

fn instances(words: &[Compiled], budget: Duration) -> Result<()> {
    let about = "The component of words: its bytes, how long it takes to be compiled, which is done once and kept, and partitions of one line and of 8,192 in a fresh instance and in one that is at work.";
    let columns =
        ["language", "size", "compiled in", "1 line, fresh", "at work", "8,192 lines, fresh", "at work", "ratio"];
    head("Instances by language", about, &columns, 1);
    for compiled in words {
        let lines = [1, ROWS].map(|rows| inputs::lines(&mut Numbers::new(), rows));
        let [one, many] = lines;
        let (one, many) = ([one?], [many?]);
        let operator = compiled.transform("split", "{}", &one[0])?;
        let (mut at_one, mut at_many) = (operator.open()?, operator.open()?);
        let times = in_turns(
            budget,
            vec![
                case(|| operator.partition(&one)),
                case(|| Ok(at_one.process(&one[0])?)),
                case(|| operator.partition(&many)),
                case(|| Ok(at_many.process(&many[0])?)),
            ],
        )?;
        let size = match compiled.size {
            size if size < 1_000_000 => format!("{} KB", size / 1_000),
            size => format!("{:.1} MB", size as f64 / 1e6),
        };
        let shown: Vec<String> = times.iter().map(|times| duration(times.median())).collect();
        let [first, second, third, fourth] = &shown[..] else { return Err("four cases have four times".into()) };
        let fresh = ratio(times[2].ratio_to(&times[3]));
        let compiling = duration(compiled.seconds);
        row(&[&compiled.name, &size, &compiling, first, second, third, fourth, &fresh]);
    }
    Ok(())
}

fn operator(
    title: &str,
    name: &str,
    config: &str,
    of: &[Compiled],
    native: fn(&RecordBatch) -> Result<RecordBatch>,
    budget: Duration,
) -> Result<()> {
    let lines = chunks(&inputs::lines(&mut Numbers::new(), ROWS)?);
    let expected = lines.iter().map(native).collect::<Result<Vec<_>>>()?;
    let operators = of.iter().map(|of| of.transform(name, config, &lines[0])).collect::<Result<Vec<_>>>()?;
    for operator in &operators {
        same(title, &expected, &operator.partition(&lines)?)?;
    }
    let mut at_work = operators.iter().map(Transform::open).collect::<Result<Vec<_>>>()?;
    let mut cases = vec![case(|| lines.iter().map(native).collect::<Result<Vec<_>>>())];
    let lines = &lines;
    cases.extend(
        at_work.iter_mut().map(|task| {
            case(move || lines.iter().map(|chunk| Ok(task.process(chunk)?.rows)).collect::<Result<Vec<_>>>())
        }),
    );
    // Each in its turn, so a round is as long as all of them: some rounds more than for two.
    let times = in_turns(budget * 4, cases)?;
    let (host, guests) = times.split_first().ok_or("the host's is there")?;
    let rate = |seconds: f64| match ROWS as f64 / seconds {
        rate if rate < 1e6 => format!("{:.0} k", rate / 1e3),
        rate => format!("{:.1} M", rate / 1e6),
    };
    row(&[title, "the host", &rate(host.median()), "", ""].map(str::to_owned));
    for (compiled, times) in of.iter().zip(guests) {
        let rust = guests.first().map_or(f64::NAN, |rust| rust.ratio_to(times));
        let shares = [rust, host.ratio_to(times)].map(|share| format!("{:.1} %", 100.0 * share));
        let cells = [title, &compiled.name, &rate(times.median()), &shares[0], &shares[1]];
        row(&cells.map(str::to_owned));
    }
    Ok(())
}

/// `mask-pii` in the host: all characters but the last few.
fn masked(lines: &RecordBatch) -> Result<RecordBatch> {
    let texts = lines.column(0).as_string::<i32>();
    let bytes = texts.value_offsets()[texts.len()] - texts.value_offsets()[0];
    let mut made = StringBuilder::with_capacity(texts.len(), bytes as usize);
    let (shown, mask) = SHOWN;
    let mut text = String::new();
    for line in texts.iter().flatten() {
        let hidden = line.chars().count().saturating_sub(shown);
        let rest = line.char_indices().nth(hidden).map_or(line.len(), |(at, _)| at);
        text.clear();
        text.extend(std::iter::repeat_n(mask, hidden));
        text.push_str(&line[rest..]);
        made.append_value(&text);
    }
    Ok(RecordBatch::try_new(lines.schema(), vec![Arc::new(made.finish())])?)
}

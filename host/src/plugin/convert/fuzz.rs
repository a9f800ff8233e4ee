//! What a guest may return, at random: schemas, batches, descriptions and indices that somebody hostile could write, read as the host reads them.
//!
//! An input is bytes, read as what a guest returned in the way [`Bytes`] says, so any bytes are some input. Whatever it is, reading it must not panic, and
//! what is accepted must be sound: arrays that Arrow finds nothing wrong with, which cross to a guest and back as the same. The search changes inputs at random,
//! and keeps those that end in a way that none before did; how an input ends is its error without numbers. It needs no compiler's help, so it
//! runs as a test: `make fuzz`. What it has found is in `corpus.txt`, a line for each way to end, and is read again by a plain test.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow::array::Array;
use arrow::datatypes::Schema;

use super::generate::{Random, batch};
use super::lift::{Invalid, ascending_below, lift};
use super::lower::{as_result, lower};
use super::schema::{Origin, from_wit, to_wit_owned};
use crate::plugin::bindings::aggregate::exports::sluicebox::operator::aggregate as wit_aggregate;
use crate::plugin::bindings::data as wit;
use crate::plugin::operators::{aggregates, find};
use crate::plugin::transform::ends_of;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/plugin/convert/corpus.txt");
/// The longest input, in bytes.
const LONGEST: usize = 4_096;
/// What one call may return here, in bytes.
const ALLOWED: u64 = 1 << 16;

/// Bytes read as numbers, names, schemas and batches; zeros after their end.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken.to_vec()
    }

    /// A text, of those that may matter: what wasmtime hands over is UTF-8, and what it says decides little.
    fn text(&mut self) -> String {
        match self.byte() {
            255 => "long".repeat(75),
            254 => String::new(),
            253 => "\u{1b}[31m\0\"ä".to_owned(),
            252 => "+02:00".to_owned(),
            251 => "Europe/Berlin".to_owned(),
            250 => "Split".to_owned(),
            number => format!("c{}", number % 50),
        }
    }

    fn field(&mut self) -> wit::FieldResult {
        use wit::DataTypeResult as T;
        let unit = |byte: u8| {
            [wit::TimeUnit::Second, wit::TimeUnit::Millisecond, wit::TimeUnit::Microsecond, wit::TimeUnit::Nanosecond]
                [byte as usize % 4]
        };
        let data_type = match self.byte() % 25 {
            0 => T::Boolean,
            1 => T::Int8,
            2 => T::Int16,
            3 => T::Int32,
            4 => T::Int64,
            5 => T::Uint8,
            6 => T::Uint16,
            7 => T::Uint32,
            8 => T::Uint64,
            9 => T::Float32,
            10 => T::Float64,
            11 => T::Decimal128(wit::DecimalType { precision: self.byte(), scale: self.byte() as i8 }),
            12 => T::Utf8,
            13 => T::Binary,
            14 => T::FixedSizeBinary(self.u32()),
            15 => T::Date32,
            16 => T::Date64,
            17 => T::Time(unit(self.byte())),
            18 => {
                let (unit, zone) = (unit(self.byte()), self.byte() % 2 == 1);
                T::Timestamp(wit::TimestampTypeResult { unit, zone: zone.then(|| self.text()) })
            }
            19 => T::Duration(unit(self.byte())),
            20 => T::Interval(
                [wit::IntervalUnit::YearMonth, wit::IntervalUnit::DayTime, wit::IntervalUnit::MonthDayNano]
                    [self.byte() as usize % 3],
            ),
            21 => T::List,
            22 => T::FixedSizeList(self.u32()),
            23 => T::Struct,
            _ => T::Map,
        };
        let (nullable, children) = (self.byte() % 2 == 1, u32::from(self.byte()));
        wit::FieldResult { name: self.text(), data_type, nullable, children }
    }

    fn fields(&mut self) -> Vec<wit::FieldResult> {
        match self.byte() {
            // More than there may be.
            255 => vec![self.field(); 10_001],
            n => (0..n).map(|_| self.field()).collect(),
        }
    }

    fn batch(&mut self) -> wit::BatchResult {
        let rows = self.u32();
        let nodes = (0..self.byte()).map(|_| wit::Node { length: self.u32(), null_count: self.u32() }).collect();
        let n_buffers = self.byte();
        let mut buffer = || {
            let length = u16::from_le_bytes([self.byte(), self.byte()]);
            self.bytes(length as usize)
        };
        wit::BatchResult { rows, nodes, buffers: (0..n_buffers).map(|_| buffer()).collect() }
    }
}

/// Fields and a batch as bytes that [`Bytes`] reads so.
fn written(fields: &[wit::FieldResult], batch: &wit::BatchResult) -> Vec<u8> {
    use wit::DataTypeResult as T;
    let mut out = vec![0, fields.len() as u8];
    for (idx, field) in fields.iter().enumerate() {
        match &field.data_type {
            T::Boolean => out.push(0),
            T::Int8 => out.push(1),
            T::Int16 => out.push(2),
            T::Int32 => out.push(3),
            T::Int64 => out.push(4),
            T::Uint8 => out.push(5),
            T::Uint16 => out.push(6),
            T::Uint32 => out.push(7),
            T::Uint64 => out.push(8),
            T::Float32 => out.push(9),
            T::Float64 => out.push(10),
            T::Decimal128(of) => out.extend([11, of.precision, of.scale as u8]),
            T::Utf8 => out.push(12),
            T::Binary => out.push(13),
            T::FixedSizeBinary(n) => {
                out.push(14);
                out.extend(n.to_le_bytes());
            }
            T::Date32 => out.push(15),
            T::Date64 => out.push(16),
            T::Time(unit) => out.extend([17, *unit as u8]),
            T::Timestamp(of) => {
                out.extend([18, of.unit as u8, u8::from(of.zone.is_some())]);
                out.extend(of.zone.iter().map(|_| 252));
            }
            T::Duration(unit) => out.extend([19, *unit as u8]),
            T::Interval(unit) => out.extend([20, *unit as u8]),
            T::List => out.push(21),
            T::FixedSizeList(n) => {
                out.push(22);
                out.extend(n.to_le_bytes());
            }
            T::Struct => out.push(23),
            T::Map => out.push(24),
        }
        out.extend([u8::from(field.nullable), field.children as u8, (idx % 50) as u8]);
    }
    out.extend(batch.rows.to_le_bytes());
    out.push(batch.nodes.len() as u8);
    for node in &batch.nodes {
        out.extend(node.length.to_le_bytes());
        out.extend(node.null_count.to_le_bytes());
    }
    out.push(batch.buffers.len() as u8);
    for buffer in &batch.buffers {
        out.extend((buffer.len() as u16).to_le_bytes());
        out.extend(buffer);
    }
    out
}

/// Read an input as the host would; how it ends.
///
/// # Panics
/// Where the host would, and where it would accept what isn't sound.
fn read(input: &[u8]) -> String {
    let mut bytes = Bytes(input);
    match bytes.byte() % 4 {
        0 | 1 => {
            let schema = match from_wit(&bytes.fields(), Origin::Made) {
                Ok(schema) => Arc::new(schema),
                Err(what) => return format!("schema: {what}"),
            };
            let rows = match lift(bytes.batch(), &schema, ALLOWED) {
                Ok(rows) => rows,
                Err(Invalid::TooLarge(_)) => return "batch: it is too large".to_owned(),
                Err(Invalid::Broken(what)) => return format!("batch: {what}"),
            };
            for column in rows.columns() {
                column.to_data().validate_full().expect("an accepted column is sound");
                assert_eq!(column.len(), rows.num_rows());
            }
            let lowered = lower(rows.columns(), rows.num_rows(), &schema).expect("what came crosses back");
            let again = lift(as_result(&lowered), &schema, u64::MAX).expect("and comes again");
            assert_eq!(again.num_rows(), rows.num_rows());
            let first = schema.fields().first().map_or("nothing".to_owned(), |field| field.data_type().to_string());
            let kind = first.split('(').next().unwrap_or_default();
            format!("{} rows of {kind}", if rows.num_rows() > 0 { "some" } else { "no" })
        }
        2 => {
            let operator = |bytes: &mut Bytes<'_>| wit_aggregate::Operator {
                name: bytes.text(),
                doc: bytes.text(),
                input: (bytes.byte() % 2 == 1).then(|| bytes.fields()),
                invertible: bytes.byte() % 2 == 1,
            };
            let described = match bytes.byte() {
                255 => vec![operator(&mut bytes); 1_001],
                n => (0..n % 8).map(|_| operator(&mut bytes)).collect(),
            };
            match aggregates(described) {
                Ok(operators) => {
                    let n_operators = operators.len();
                    let found = operators.first().map(|first| first.name.clone());
                    found.map(|name| find(operators, &name, "aggregate").expect("it is there"));
                    format!("{} operators", if n_operators > 0 { "some" } else { "no" })
                }
                Err(kind) => format!("description: {kind}"),
            }
        }
        _ => {
            let (rows_in, rows_out) = (bytes.byte() as usize, bytes.u32());
            let mut numbers = || (0..bytes.byte()).map(|_| bytes.u32()).collect::<Vec<_>>();
            let (ends, rejected) = (numbers(), numbers());
            if let Err(what) = ascending_below(rejected.iter().copied(), rows_in, "rejected rows") {
                return format!("indices: {what}");
            }
            match ends_of(&ends, rows_in, rows_out, rejected.iter().copied()) {
                Ok(()) => "ends".to_owned(),
                Err(what) => format!("ends: {what}"),
            }
        }
    }
}

/// How an input ends, without numbers; its panic if it panics.
fn outcome(input: &[u8]) -> Result<String, String> {
    let ended = catch_unwind(AssertUnwindSafe(|| read(input))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
    })?;
    let mut plain = String::new();
    for letter in ended.chars().take(400) {
        match letter {
            digit if digit.is_ascii_digit() => plain.extend((!plain.ends_with('#')).then_some('#')),
            control if control.is_control() => {}
            letter => plain.push(letter),
        }
    }
    // Which of the names it is, and how deep, decides nothing.
    for name in ["Europe/Berlin", "+#:#", "Split", "\\u{#b}[#m\\u{#}\"ä"] {
        plain = plain.replace(name, "c#");
    }
    while plain.contains("c#: c#: ") {
        plain = plain.replace("c#: c#: ", "c#: ");
    }
    Ok(plain.trim().to_owned())
}

fn mutated(random: &mut Random, inputs: &[Vec<u8>]) -> Vec<u8> {
    const NUMBERS: [u32; 10] = [0, 1, 2, 255, 65_535, 0x7fff_ffff, 0x8000_0000, u32::MAX, u32::MAX - 1, 0x0001_0000];
    let mut input = inputs[random.below(inputs.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        let end = (at + random.below(16)).min(input.len());
        match random.below(9) {
            0 | 1 if at < input.len() => input[at] ^= 1 << random.below(8),
            2 if at < input.len() => input[at] = [0, 1, 2, 127, 128, 254, 255, 25][random.below(8)],
            3 if at < input.len() => input[at] = random.next() as u8,
            4 if at + 4 <= input.len() => {
                input[at..at + 4].copy_from_slice(&NUMBERS[random.below(NUMBERS.len())].to_le_bytes());
            }
            5 => {
                input.drain(at..end);
            }
            6 => {
                let copied = input[at..end].to_vec();
                input.splice(at..at, copied);
            }
            7 => {
                let other = &inputs[random.below(inputs.len())];
                let from = random.below(other.len() + 1);
                let until = (from + random.below(64)).min(other.len());
                input.splice(at..end, other[from..until].iter().copied());
            }
            _ => input.insert(at, random.next() as u8),
        }
    }
    input.truncate(LONGEST);
    input
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The corpus: inputs by how they end.
fn corpus() -> BTreeMap<String, Vec<u8>> {
    let text = std::fs::read_to_string(CORPUS).unwrap_or_default();
    let entry = |line: &str| {
        let (outcome, hex) = line.split_once('\t').expect("an outcome, a tabulator, and hexadecimal digits");
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal digits");
        (outcome.to_owned(), (0..hex.len()).step_by(2).map(byte).collect())
    };
    text.lines().map(entry).collect()
}

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![vec![], vec![2, 1, 1, 2, 0, 0], vec![3, 2, 2, 0, 0, 0, 2, 1, 0, 0, 0, 2, 0, 0, 0, 0]];
    for seed in 0..200 {
        let rows = batch(&mut Random(seed));
        let rows = rows.slice(0, rows.num_rows().min(9));
        let schema: Schema = rows.schema().as_ref().clone();
        if let (Ok(fields), Ok(lowered)) =
            (to_wit_owned(&schema), lower(rows.columns(), rows.num_rows(), &rows.schema()))
        {
            let input = written(&fields, &as_result(&lowered));
            seeds.extend((input.len() <= LONGEST && fields.len() < 255).then_some(input));
        }
    }
    seeds
}

/// Search for so many runs; inputs that end in ways that no other does.
///
/// # Panics
/// With the input, at the first that does.
fn search(runs: u64, seed: u64) -> BTreeMap<String, Vec<u8>> {
    let mut random = Random(seed);
    let mut found = corpus();
    let mut inputs: Vec<Vec<u8>> = seeds().into_iter().chain(found.values().cloned()).collect();
    let panicking = |input: &[u8], what: String| panic!("an input makes the host panic: {what}\n{}", hex(input));
    for run in 0..runs {
        let input = match inputs.get(usize::try_from(run).unwrap_or(usize::MAX)) {
            // First all that are there.
            Some(input) => input.clone(),
            None => mutated(&mut random, &inputs),
        };
        let ended = outcome(&input).unwrap_or_else(|what| panicking(&input, what));
        match found.get_mut(&ended) {
            Some(shorter) if shorter.len() <= input.len() => {}
            Some(longer) => *longer = input,
            None => {
                inputs.push(input.clone());
                found.insert(ended, input);
            }
        }
    }
    found
}

/// Each input of the corpus ends as the corpus says.
#[test]
fn what_was_found_ends_as_it_did() {
    let corpus = corpus();
    assert!(corpus.len() > 40, "{} inputs", corpus.len());
    for (ended, input) in corpus {
        assert_eq!(outcome(&input).as_ref(), Ok(&ended), "{}", hex(&input));
    }
}

/// Valid rows, written as inputs, are accepted: the search begins behind the first check.
#[test]
fn the_search_begins_with_rows_that_are_accepted() {
    let seeds = seeds();
    let accepted = seeds.iter().filter(|seed| outcome(seed).is_ok_and(|ended| ended.contains(" rows of "))).count();
    assert!(accepted > 100 && accepted + 3 >= seeds.len(), "{accepted} of {}", seeds.len());
}

/// Short, or as long as `SLUICEBOX_FUZZ="RUNS SEED"` says, for `make fuzz`: then what it finds goes into the corpus.
#[test]
fn a_search_finds_no_panic() {
    let Ok(asked) = std::env::var("SLUICEBOX_FUZZ") else {
        search(20_000, 1);
        return;
    };
    let mut numbers = asked.split_whitespace().map(|number| number.parse::<u64>().expect("a number"));
    let (runs, seed) = (numbers.next().unwrap_or(3_000_000), numbers.next().unwrap_or(1));
    let before = corpus().len();
    let found = search(runs, seed);
    println!("{runs} runs from seed {seed}: {} ways to end, {before} before", found.len());
    let lines: String = found.iter().map(|(ended, input)| format!("{ended}\t{}\n", hex(input))).collect();
    std::fs::write(Path::new(CORPUS), lines).expect("the corpus can be written");
}

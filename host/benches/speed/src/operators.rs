//! Guests against the same Rust in the host, over the same Arrow arrays in the same chunks.
//!
//! The guest's side is all that a partition costs: a fresh instance, the rows handed over, its work, the rows taken back and checked, the
//! instance's end. The host's side is the same function, called over Arrow's arrays, its rows put into Arrow's builders.

use std::sync::Arc;
use std::time::Duration;

use sluicebox::arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, Int64Builder, RecordBatch, RecordBatchOptions, StringBuilder,
};
use sluicebox::arrow::datatypes::{DataType, Field, Int64Type, Schema};
use sluicebox::datafusion::logical_expr::EmitTo;
use sluicebox::datafusion::physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use sluicebox::datafusion::physical_plan::aggregates::order::GroupOrdering;

use crate::functions;
use crate::inputs::{self, Numbers};
use crate::measure::{Result, Times, case, duration, head, in_turns, ratio, row};
use crate::plugins::{Aggregate, Guests};

/// Rows of a partition, and how many times as long as the host a guest may take.
const ROWS: [(usize, f64); 3] = [(1_024, 2.0), (8_192, 1.5), (65_536, 1.5)];
/// About how many bytes of rows the engine hands over at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Print the table.
///
/// # Errors
/// If a guest fails, or gives another answer than the host.
pub fn table(guests: &Guests, budget: Duration) -> Result<()> {
    let columns = ["operator", "rows", "host", "guest", "ratio", "ratio of the best", "target"];
    let about = "A partition in a fresh instance, against the same function in the host. Medians; the ratio is the median of the rounds' ratios.";
    head("A guest against the same Rust in the host", about, &columns, 1);
    for (name, operator, native) in [("split", "split", split as Chunk), ("split, cut by the SDK", "cut", cut)] {
        for (rows, target) in ROWS {
            let lines = chunks(&inputs::lines(&mut Numbers::new(), rows)?);
            let operator = guests.transform(operator, &lines[0].schema())?;
            let native = || lines.iter().map(native).collect::<Result<Vec<_>>>();
            same(name, &native()?, &operator.partition(&lines)?)?;
            let host = case(native);
            print(name, rows, target, in_turns(budget, vec![host, case(|| operator.partition(&lines))])?);
        }
    }
    for (rows, target) in ROWS {
        let words = inputs::words(&mut Numbers::new(), rows)?;
        let operator = guests.aggregate("tally", &Schema::empty())?;
        let (host, guest) = (|| count_by_key(&words, tally), || count_by_key(&words, |g, n| folded(&operator, g, n)));
        same("tally", &[host()?], &[guest()?])?;
        print("count, by key", rows, target, in_turns(budget, vec![case(host), case(guest)])?);
    }
    for (rows, _) in ROWS {
        let (groups, n_groups) = groups_of(&mut key_groups()?, &inputs::words(&mut Numbers::new(), rows)?)?;
        let operator = guests.aggregate("tally", &Schema::empty())?;
        let (host, guest) = (|| tally(&groups, n_groups), || folded(&operator, &groups, n_groups));
        print("count, its fold alone", rows, None, in_turns(budget, vec![case(host), case(guest)])?);
    }
    for (rows, target) in ROWS {
        let pairs = chunks(&inputs::integers(&mut Numbers::new(), rows, 2, 1 << 32)?);
        let operator = guests.transform("gcd", &pairs[0].schema())?;
        let native = || pairs.iter().map(gcd).collect::<Result<Vec<_>>>();
        same("gcd", &native()?, &operator.partition(&pairs)?)?;
        let host = case(native);
        print("gcd", rows, target, in_turns(budget, vec![host, case(|| operator.partition(&pairs))])?);
    }
    Ok(())
}

fn print(name: &str, rows: usize, target: impl Into<Option<f64>>, times: Vec<Times>) {
    let (host, guest) = (&times[0], &times[1]);
    row(&[
        name.to_owned(),
        rows.to_string(),
        duration(host.median()),
        duration(guest.median()),
        ratio(guest.ratio_to(host)),
        ratio(guest.best() / host.best()),
        target.into().map(ratio).unwrap_or_default(),
    ]);
}

/// An error where host and guest made different rows.
pub fn same(name: &str, host: &[RecordBatch], guest: &[RecordBatch]) -> Result<()> {
    let columns =
        |rows: &[RecordBatch]| rows.iter().flat_map(|rows| rows.columns().to_vec()).collect::<Vec<ArrayRef>>();
    match columns(host) == columns(guest) {
        true => Ok(()),
        false => Err(format!("{name}: host and guest made different rows").into()),
    }
}

/// Cut as the engine cuts what it hands over.
pub fn chunks(rows: &RecordBatch) -> Vec<RecordBatch> {
    let bytes = rows.get_array_memory_size().max(1);
    let length = (rows.num_rows() * CHUNK_BYTES / bytes).clamp(1, rows.num_rows());
    let starts = (0..rows.num_rows()).step_by(length);
    starts.map(|start| rows.slice(start, length.min(rows.num_rows() - start))).collect()
}

/// An operator in the host, over a chunk.
type Chunk = fn(&RecordBatch) -> Result<RecordBatch>;

/// Words of lines, as the guest cuts them.
pub fn split(lines: &RecordBatch) -> Result<RecordBatch> {
    words_of(lines, |line, words| functions::split(line).for_each(|word| words.append_value(word)))
}

fn cut(lines: &RecordBatch) -> Result<RecordBatch> {
    words_of(lines, |line, words| functions::cut(line).for_each(|word| words.append_value(word)))
}

fn words_of(lines: &RecordBatch, put: impl Fn(&str, &mut StringBuilder)) -> Result<RecordBatch> {
    let lines = lines.column(0).as_string::<i32>();
    let bytes = lines.value_offsets()[lines.len()] - lines.value_offsets()[0];
    // Room as the SDK makes it.
    let mut words = StringBuilder::with_capacity(bytes as usize / 8, bytes as usize);
    lines.iter().flatten().for_each(|line| put(line, &mut words));
    Ok(RecordBatch::try_new(inputs::text_schema("word"), vec![Arc::new(words.finish())])?)
}

fn gcd(pairs: &RecordBatch) -> Result<RecordBatch> {
    let (a, b) = (pairs.column(0).as_primitive::<Int64Type>(), pairs.column(1).as_primitive::<Int64Type>());
    let mut made = Int64Builder::with_capacity(pairs.num_rows());
    for (a, b) in a.values().iter().zip(b.values()) {
        made.append_value(functions::gcd(*a, *b));
    }
    let schema = Schema::new(vec![Field::new("gcd", DataType::Int64, false)]);
    Ok(RecordBatch::try_new(Arc::new(schema), vec![Arc::new(made.finish())])?)
}

fn key_groups() -> Result<Box<dyn GroupValues>> {
    Ok(new_group_values(inputs::text_schema("word"), &GroupOrdering::None)?)
}

/// Each row's group, and how many there are; what the engine does before it calls an aggregate.
fn groups_of(keys: &mut Box<dyn GroupValues>, words: &RecordBatch) -> Result<(Vec<u32>, u32)> {
    let mut groups = Vec::with_capacity(words.num_rows());
    keys.intern(words.columns(), &mut groups)?;
    Ok((groups.into_iter().map(|group| group as u32).collect(), keys.len() as u32))
}

/// Words and how often each comes, counted by `fold`.
fn count_by_key(words: &RecordBatch, fold: impl Fn(&[u32], u32) -> Result<RecordBatch>) -> Result<RecordBatch> {
    let mut keys = key_groups()?;
    let (groups, n_groups) = groups_of(&mut keys, words)?;
    let counts = fold(&groups, n_groups)?;
    let mut columns = keys.emit(EmitTo::All)?;
    columns.extend(counts.columns().iter().cloned());
    let fields = vec![Field::new("word", DataType::Utf8, false), Field::new("count", DataType::Int64, false)];
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// The fold of `tally` in the host.
fn tally(groups: &[u32], n_groups: u32) -> Result<RecordBatch> {
    let mut counts = vec![0; n_groups as usize];
    groups.iter().for_each(|group| functions::tally(&mut counts[*group as usize]));
    let schema = Schema::new(vec![Field::new("count", DataType::Int64, false)]);
    Ok(RecordBatch::try_new(Arc::new(schema), vec![Arc::new(Int64Array::from(counts))])?)
}

/// The fold of `tally` in a guest.
fn folded(operator: &Aggregate<'_>, groups: &[u32], n_groups: u32) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(groups.len()));
    let values = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options)?;
    operator.fold(&values, groups, n_groups)
}

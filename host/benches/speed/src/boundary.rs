//! What crossing costs: bytes into a guest and out again by the host's own code, and the making of instances.

use std::time::Duration;

use sluicebox::arrow::array::{Array, ArrayRef, MutableArrayData, RecordBatch, RecordBatchOptions, make_array};
use sluicebox::arrow::datatypes::Schema;

use crate::inputs::{self, Numbers};
use crate::measure::{Result, case, duration, head, in_turns, ratio, row};
use crate::plugins::Guests;

/// Bytes of one buffer, and of how many it is.
const SHAPES: [(usize, usize); 6] =
    [(8 << 10, 1), (64 << 10, 1), (256 << 10, 1), (512 << 10, 1), (64 << 10, 8), (512 << 10, 4)];

/// Print the table of bytes that cross.
///
/// # Errors
/// If a guest fails.
pub fn crossing(guests: &Guests, budget: Duration) -> Result<()> {
    let columns = [
        "buffers",
        "copied in the host",
        "reused",
        "fresh",
        "reused GB/s",
        "fresh GB/s",
        "fresh to copied",
        "target GB/s",
    ];
    let about = "A chunk of int64 columns into a guest that hands it back, what came out dropped; in an instance that is at work, and in a fresh one with all that \
                 it costs. GB/s are of what went in and came out; the host's own copy is of as many bytes, twice.";
    head("Into a guest and out of it", about, &columns, 1);
    for (bytes, n_buffers) in SHAPES {
        let rows = inputs::integers(&mut Numbers::new(), bytes / 8, n_buffers, u64::MAX >> 1)?;
        let operator = guests.transform("echo", &rows.schema())?;
        let chunk = [rows.clone()];
        if operator.partition(&chunk)?[0].columns() != rows.columns() {
            return Err("the guest did not hand back what it was handed".into());
        }
        let mut at_work = operator.open()?;
        let cases = vec![
            case(|| copied(&copied(&rows)?)),
            case(|| Ok(at_work.process(&rows)?)),
            case(|| operator.partition(&chunk)),
        ];
        let times = in_turns(budget, cases)?;
        let (copied, reused, fresh) = (&times[0], &times[1], &times[2]);
        let rate = |seconds: f64| format!("{:.1}", (2 * bytes * n_buffers) as f64 / seconds / 1e9);
        row(&[
            format!("{n_buffers} of {} KiB", bytes >> 10),
            duration(copied.median()),
            duration(reused.median()),
            duration(fresh.median()),
            rate(reused.median()),
            rate(fresh.median()),
            ratio(fresh.ratio_to(copied)),
            if bytes > 64 << 10 { "10.0".to_owned() } else { String::new() },
        ]);
    }
    Ok(())
}

/// The rows, each buffer copied.
fn copied(rows: &RecordBatch) -> Result<RecordBatch> {
    let copy = |column: &ArrayRef| {
        let data = column.to_data();
        let mut copy = MutableArrayData::new(vec![&data], false, data.len());
        copy.try_extend(0, 0, data.len())?;
        Ok(make_array(copy.freeze()))
    };
    let columns = rows.columns().iter().map(copy).collect::<Result<_>>()?;
    Ok(RecordBatch::try_new(rows.schema(), columns)?)
}

/// Print the table of instances.
///
/// # Errors
/// If a guest fails.
pub fn instances(guests: &Guests, budget: Duration) -> Result<()> {
    let rows = inputs::integers(&mut Numbers::new(), 1, 1, 10)?;
    let operator = guests.transform("echo", &rows.schema())?;
    let tally = guests.aggregate("tally", &Schema::empty())?;
    let none = RecordBatch::try_new_with_options(
        Schema::empty().into(),
        vec![],
        &RecordBatchOptions::new().with_row_count(Some(1)),
    )?;
    let mut at_work = operator.open()?;
    let whole = std::slice::from_ref(&rows);
    let cases = vec![
        ("a call with one row, in an instance at work", case(|| Ok(at_work.process(&rows)?))),
        ("a transform opened for a partition, and dropped", case(|| operator.open())),
        ("the same with a chunk of one row, and finished", case(|| operator.partition(whole))),
        ("an aggregate opened, one row folded and finished, and dropped", case(|| tally.fold(&none, &[0], 1))),
        ("a transform bound to a stream's columns, once for a job", case(|| guests.transform("echo", &rows.schema()))),
    ];
    let (names, cases): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    let about = format!(
        "With {}.",
        if guests.host.metrics().pooled { "the pool of instances" } else { "no pool of instances" }
    );
    head("Instances", &about, &["what", "best", "median"], 1);
    for (name, times) in names.iter().zip(in_turns(budget, cases)?) {
        row(&[(*name).to_owned(), duration(times.best()), duration(times.median())]);
    }
    Ok(())
}

//! Echo, split and sum, on every shape, at several chunk sizes.

use crate::gather;
use crate::host::Guest;
use crate::inputs::{self, TextColumn};
use crate::measure::{Bench, Timing};
use crate::shapes::{
    BatchIn, BatchVec, BodyIn, BodyOut, ColumnIn, ColumnOut, Line, Node, Number, TableIn, TableOut, Text, Values,
};
use std::hint::black_box;
use wasmtime::Result;

/// Rows of text in 1 MiB.
const MIB_OF_TEXT: usize = 17_800;

pub fn measure(bench: &mut Bench, language: &str, guest: &Guest, chunks: &[usize]) -> Result<()> {
    for rows in chunks {
        echo_ints(bench, language, guest, *rows)?;
    }
    for rows in chunks {
        echo_text(bench, language, guest, *rows)?;
    }
    for rows in chunks {
        // Half a MiB of text is left out for a whole one.
        split(bench, language, guest, if *rows == 8_192 { MIB_OF_TEXT } else { *rows })?;
    }
    for rows in chunks {
        sum(bench, language, guest, *rows)?;
    }
    Ok(())
}

/// `buffers` one after the other in one list, as a host without `Gather` has to put them.
pub fn put_together(buffers: &[&[u8]]) -> Vec<u8> {
    let (ranges, len) = gather::ranges(buffers);
    let mut body = Vec::with_capacity(len);
    for (buffer, (start, _)) in buffers.iter().zip(ranges) {
        body.resize(start as usize, 0);
        body.extend_from_slice(buffer);
    }
    body.resize(len, 0);
    body
}

fn echo_ints(bench: &mut Bench, language: &str, guest: &Guest, rows: usize) -> Result<()> {
    let what = format!("{language}: echo int64, {rows} rows");
    let values = inputs::ints(rows);
    let bytes = inputs::int_bytes(&values);
    let moved = 2 * bytes.len();
    let node = [Node { length: rows as u32, null_count: 0 }];
    echo_buffers(bench, &what, guest, &node, &[&[], &bytes])?;
    let columns = [ColumnIn::Int64(Values { validity: None, values: &values })];
    let timing = bench.call(
        guest,
        ("calls", "echo-table"),
        || (TableIn { rows: rows as u32, columns: &columns },),
        |_, (table,): (TableOut,)| matches!(&table.columns[..], [ColumnOut::Int64(ints)] if ints.values == values),
    )?;
    bench.row(&what, "typed lists", timing, moved);
    let floats: Vec<f64> = values.iter().map(|value| *value as f64).collect();
    let columns = [ColumnIn::Float64(Values { validity: None, values: &floats })];
    let timing = bench.call(
        guest,
        ("calls", "echo-table"),
        || (TableIn { rows: rows as u32, columns: &columns },),
        |_, (table,): (TableOut,)| matches!(&table.columns[..], [ColumnOut::Float64(out)] if out.values == floats),
    )?;
    bench.row(&what, "typed lists, as float64", timing, moved);
    let numbers = inputs::numbers(&values);
    let timing =
        bench.call(guest, ("calls", "echo-numbers"), || (&numbers[..],), |_, (out,): (Vec<Number>,)| out == numbers)?;
    bench.row(&what, "list of records", timing, moved);
    Ok(())
}

fn echo_text(bench: &mut Bench, language: &str, guest: &Guest, rows: usize) -> Result<()> {
    let what = format!("{language}: echo text, {rows} rows");
    let text = inputs::text(rows);
    let offsets = text.offset_bytes();
    let moved = 2 * (offsets.len() + text.bytes.len());
    echo_buffers(bench, &what, guest, &[text.node()], &[&[], &offsets, &text.bytes])?;
    let columns = [text_column(&text)];
    let timing = bench.call(
        guest,
        ("calls", "echo-table"),
        || (TableIn { rows: rows as u32, columns: &columns },),
        |_, (table,): (TableOut,)| is_text(&table, &text),
    )?;
    bench.row(&what, "typed lists", timing, moved);
    let strings = text.strings();
    let timing =
        bench.call(guest, ("calls", "echo-strings"), || (&strings[..],), |_, (out,): (Vec<String>,)| out == strings)?;
    bench.row(&what, "list of strings", timing, moved);
    let lines = text.lines();
    let timing =
        bench.call(guest, ("calls", "echo-lines"), || (&lines[..],), |_, (out,): (Vec<Line<String>>,)| out == lines)?;
    bench.row(&what, "list of records", timing, moved);
    Ok(())
}

/// Echo of one column's buffers in the shapes that are made of them.
fn echo_buffers(bench: &mut Bench, what: &str, guest: &Guest, nodes: &[Node], buffers: &[&[u8]]) -> Result<()> {
    let rows = nodes[0].length;
    let moved = 2 * buffers.iter().map(|buffer| buffer.len()).sum::<usize>();
    let batch = || (BatchIn { rows, nodes, buffers },);
    let timing = bench
        .call(guest, ("calls", "echo"), batch, |_, (out,): (BatchVec,)| out.buffers == buffers && out.nodes == nodes)?;
    bench.row(what, "buffers", timing, moved);
    let timing = bench.call(guest, ("calls", "echo-emit"), batch, |store, (): ()| {
        store.data().emitted.aligned.len() == buffers.len()
    })?;
    bench.row(what, "buffers, emitted", timing, moved);
    let timing = bench.call(
        guest,
        ("calls", "echo-body"),
        || (BodyIn { rows, nodes, ranges: gather::ranges(buffers).0, bytes: put_together(buffers) },),
        |_, (out,): (BodyOut<Vec<u8>>,)| out.rows == rows && out.nodes == nodes && out.bytes == put_together(buffers),
    )?;
    bench.row(what, "one body", timing, moved);
    Ok(())
}

fn split(bench: &mut Bench, language: &str, guest: &Guest, rows: usize) -> Result<()> {
    let what = format!("{language}: split text, {rows} rows");
    let text = inputs::text(rows);
    let words = text.split();
    let (offsets, word_offsets) = (text.offset_bytes(), words.offset_bytes());
    let moved = offsets.len() + text.bytes.len() + word_offsets.len() + words.bytes.len();
    let nodes = [text.node()];
    let buffers: [&[u8]; 3] = [&[], &offsets, &text.bytes];
    let rows = rows as u32;
    let expected: [&[u8]; 3] = [&[], &word_offsets, &words.bytes];

    let batch = || (BatchIn { rows, nodes: &nodes, buffers: &buffers },);
    let timing = bench.call(guest, ("calls", "split"), batch, |_, (out,): (BatchVec,)| {
        out.buffers == expected && out.rows == words.rows()
    })?;
    bench.row(&what, "buffers", timing, moved);
    let native = bench.best(|| {
        black_box(black_box(&text).split());
        Ok(())
    })?;
    bench.row(&what, "(the same in the host)", Timing { reused: native, fresh: native }, moved);
    let timing =
        bench.call(guest, ("calls", "split-emit"), batch, |store, (): ()| store.data().emitted.aligned.len() == 3)?;
    bench.row(&what, "buffers, emitted", timing, moved);
    let timing = bench.call(
        guest,
        ("calls", "split-body"),
        || (BodyIn { rows, nodes: &nodes, ranges: gather::ranges(&buffers).0, bytes: put_together(&buffers) },),
        |_, (out,): (BodyOut<Vec<u8>>,)| {
            let range = |(start, end): (u32, u32)| out.bytes.get(start as usize..end as usize);
            out.ranges.len() == 3
                && range(out.ranges[1]) == Some(&word_offsets)
                && range(out.ranges[2]) == Some(&words.bytes)
        },
    )?;
    bench.row(&what, "one body", timing, moved);
    let columns = [text_column(&text)];
    let timing = bench.call(
        guest,
        ("calls", "split-table"),
        || (TableIn { rows, columns: &columns },),
        |_, (table,): (TableOut,)| is_text(&table, &words),
    )?;
    bench.row(&what, "typed lists", timing, moved);
    let (strings, expected) = (text.strings(), words.strings());
    let timing = bench.call(
        guest,
        ("calls", "split-strings"),
        || (&strings[..],),
        |_, (out,): (Vec<String>,)| out == expected,
    )?;
    bench.row(&what, "list of strings", timing, moved);
    let (lines, expected) = (text.lines(), words.lines());
    let timing = bench.call(
        guest,
        ("calls", "split-lines"),
        || (&lines[..],),
        |_, (out,): (Vec<Line<String>>,)| out == expected,
    )?;
    bench.row(&what, "list of records", timing, moved);
    Ok(())
}

fn sum(bench: &mut Bench, language: &str, guest: &Guest, rows: usize) -> Result<()> {
    let what = format!("{language}: sum int64, {rows} rows");
    let values = inputs::ints(rows);
    let bytes = inputs::int_bytes(&values);
    let expected: i64 = values.iter().sum();
    let nodes = [Node { length: rows as u32, null_count: 0 }];
    let buffers: [&[u8]; 2] = [&[], &bytes];
    let rows = rows as u32;
    let right = |_: &mut _, (sum,): (i64,)| sum == expected;

    let timing =
        bench.call(guest, ("calls", "sum"), || (BatchIn { rows, nodes: &nodes, buffers: &buffers },), right)?;
    bench.row(&what, "buffers", timing, bytes.len());
    let native = bench.best(|| {
        black_box(black_box(&values).iter().sum::<i64>());
        Ok(())
    })?;
    bench.row(&what, "(the same in the host)", Timing { reused: native, fresh: native }, bytes.len());
    let body = || (BodyIn { rows, nodes: &nodes, ranges: gather::ranges(&buffers).0, bytes: put_together(&buffers) },);
    let timing = bench.call(guest, ("calls", "sum-body"), body, right)?;
    bench.row(&what, "one body", timing, bytes.len());
    let columns = [ColumnIn::Int64(Values { validity: None, values: &values })];
    let timing = bench.call(guest, ("calls", "sum-table"), || (TableIn { rows, columns: &columns },), right)?;
    bench.row(&what, "typed lists", timing, bytes.len());
    let numbers = inputs::numbers(&values);
    let timing = bench.call(guest, ("calls", "sum-numbers"), || (&numbers[..],), right)?;
    bench.row(&what, "list of records", timing, bytes.len());
    Ok(())
}

fn text_column(text: &TextColumn) -> ColumnIn<'_> {
    ColumnIn::Utf8(Text { validity: None, offsets: &text.offsets, bytes: &text.bytes })
}

fn is_text(table: &TableOut, text: &TextColumn) -> bool {
    matches!(&table.columns[..], [ColumnOut::Utf8(out)] if out.offsets == text.offsets && out.bytes == text.bytes)
        && table.rows == text.rows()
}

//! Narrow and wide chunks, and the host's ways of lowering its buffers and of lifting the guest's.

use crate::gather::{self, Gather};
use crate::host::{Guest, Setup};
use crate::inputs;
use crate::measure::{Bench, Timing};
use crate::outlet::Outlet;
use crate::shapes::{BatchIn, BatchVec, BatchView, BodyIn, BodyOut, ColumnIn, Node, TableIn, TableOut, Values};
use crate::workloads::put_together;
use wasmtime::Result;

pub fn measure(bench: &mut Bench, guest: &Guest, component: &[u8]) -> Result<()> {
    for (rows, n_columns) in [(1_024, 1), (1_024, 8), (1_024, 64), (8_192, 1), (8_192, 8), (8_192, 64)] {
        echo(bench, guest, rows, n_columns)?;
    }
    for (rows, n_columns) in [(8_192, 1), (65_536, 1), (8_192, 8)] {
        into(bench, guest, rows, n_columns)?;
        out_of(bench, component, rows, n_columns)?;
    }
    Ok(())
}

/// The same int64 column as often as wanted, with and without the empty validity buffers that nullable columns have.
struct Columns {
    rows: u32,
    values: Vec<i64>,
    bytes: Vec<u8>,
    n_columns: usize,
    nodes: Vec<Node>,
}

impl Columns {
    fn new(rows: usize, n_columns: usize) -> Self {
        let values = inputs::ints(rows);
        let bytes = inputs::int_bytes(&values);
        Columns {
            rows: rows as u32,
            values,
            bytes,
            n_columns,
            nodes: vec![Node { length: rows as u32, null_count: 0 }; n_columns],
        }
    }

    fn buffers(&self) -> Vec<&[u8]> {
        (0..self.n_columns).flat_map(|_| [&[][..], &self.bytes]).collect()
    }

    fn dense(&self) -> Vec<&[u8]> {
        vec![&self.bytes; self.n_columns]
    }

    fn bytes(&self) -> usize {
        self.n_columns * self.bytes.len()
    }
}

fn echo(bench: &mut Bench, guest: &Guest, rows: usize, n_columns: usize) -> Result<()> {
    let what = format!("echo {n_columns} int64 columns of {rows} rows");
    let columns = Columns::new(rows, n_columns);
    let (rows, nodes, moved) = (columns.rows, &columns.nodes[..], 2 * columns.bytes());
    let (buffers, dense) = (columns.buffers(), columns.dense());

    for (shape, buffers) in [("buffers", &buffers), ("buffers, none for validity", &dense)] {
        let batch = || (BatchIn { rows, nodes, buffers },);
        let timing = bench.call(guest, ("calls", "echo"), batch, |_, (out,): (BatchVec,)| out.buffers == *buffers)?;
        bench.row(&what, shape, timing, moved);
    }
    let batch = || (BatchIn { rows, nodes, buffers: &buffers },);
    let timing = bench.call(guest, ("calls", "echo-emit"), batch, |store, (): ()| {
        store.data().emitted.aligned.len() == buffers.len()
    })?;
    bench.row(&what, "buffers, emitted", timing, moved);
    let expected = put_together(&dense);
    let body = || (BodyIn { rows, nodes, ranges: gather::ranges(&dense).0, bytes: put_together(&dense) },);
    let timing =
        bench.call(guest, ("calls", "echo-body"), body, |_, (out,): (BodyOut<Vec<u8>>,)| out.bytes == expected)?;
    bench.row(&what, "one body, put together first", timing, moved);
    let body = || (BodyIn { rows, nodes, ranges: gather::ranges(&dense).0, bytes: Gather(&dense) },);
    let timing =
        bench.call(guest, ("calls", "echo-body"), body, |_, (out,): (BodyOut<Vec<u8>>,)| out.bytes == expected)?;
    bench.row(&what, "one body, gathered by wasmtime's internals", timing, moved);
    let typed = vec![ColumnIn::Int64(Values { validity: None, values: &columns.values }); n_columns];
    let table = || (TableIn { rows, columns: &typed },);
    let timing =
        bench.call(guest, ("calls", "echo-table"), table, |_, (out,): (TableOut,)| out.columns.len() == n_columns)?;
    bench.row(&what, "typed lists", timing, moved);
    Ok(())
}

/// Into the guest only.
fn into(bench: &mut Bench, guest: &Guest, rows: usize, n_columns: usize) -> Result<()> {
    let what = format!("into the guest, {n_columns} int64 columns of {rows} rows");
    let columns = Columns::new(rows, n_columns);
    let (rows, nodes, moved) = (columns.rows, &columns.nodes[..], columns.bytes());
    let (buffers, dense) = (columns.buffers(), columns.dense());
    let right = |_: &mut _, (out,): (u32,)| out == rows;

    let timing = bench.call(guest, ("calls", "take"), || (BatchIn { rows, nodes, buffers: &buffers },), right)?;
    bench.row(&what, "buffers, from &[&[u8]]", timing, moved);
    // A parameter that is made for the call and dropped after it, as bindings with owned parameters want it.
    let export = guest.export("calls", "take")?;
    let owned = || -> Vec<Vec<u8>> { buffers.iter().map(|buffer| buffer.to_vec()).collect() };
    let (mut store, instance) = guest.instance()?;
    let typed = instance.get_typed_func::<(BatchIn<'_, Vec<u8>>,), (u32,)>(&mut store, &export)?;
    let reused = bench.best(|| {
        let buffers = owned();
        typed.call(&mut store, (BatchIn { rows, nodes, buffers: &buffers },)).map(drop)
    })?;
    let fresh = bench.best(|| {
        let buffers = owned();
        let (mut store, instance) = guest.instance()?;
        let typed = instance.get_typed_func::<(BatchIn<'_, Vec<u8>>,), (u32,)>(&mut store, &export)?;
        typed.call(&mut store, (BatchIn { rows, nodes, buffers: &buffers },)).map(drop)
    })?;
    bench.row(&what, "buffers, from Vec<Vec<u8>>, copied first", Timing { reused, fresh }, moved);
    let body = || (BodyIn { rows, nodes, ranges: gather::ranges(&dense).0, bytes: put_together(&dense) },);
    let timing = bench.call(guest, ("calls", "take-body"), body, right)?;
    bench.row(&what, "one body, put together first", timing, moved);
    let body = || (BodyIn { rows, nodes, ranges: gather::ranges(&dense).0, bytes: Gather(&dense) },);
    let timing = bench.call(guest, ("calls", "take-body"), body, right)?;
    bench.row(&what, "one body, gathered by wasmtime's internals", timing, moved);
    let typed = vec![ColumnIn::Int64(Values { validity: None, values: &columns.values }); n_columns];
    let timing = bench.call(guest, ("calls", "take-table"), || (TableIn { rows, columns: &typed },), right)?;
    bench.row(&what, "typed lists, from &[i64]", timing, moved);
    Ok(())
}

/// In and out, by what becomes of the output.
fn out_of(bench: &mut Bench, component: &[u8], rows: usize, n_columns: usize) -> Result<()> {
    let what = format!("in and out of the guest, {n_columns} int64 columns of {rows} rows");
    let columns = Columns::new(rows, n_columns);
    let (rows, nodes, moved) = (columns.rows, &columns.nodes[..], 2 * columns.bytes());
    let buffers = columns.buffers();
    let batch = || (BatchIn { rows, nodes, buffers: &buffers },);

    let guest = Guest::load(component, &Setup::USUAL)?;
    let timing = bench.call(&guest, ("calls", "echo"), batch, |_, (out,): (BatchVec,)| out.buffers == buffers)?;
    bench.row(&what, "returned, into Vec<u8>", timing, moved);
    #[cfg(feature = "bytes")]
    {
        let timing =
            bench.call(&guest, ("calls", "echo"), batch, |_, (out,): (crate::shapes::BatchOut<bytes::Bytes>,)| {
                out.buffers == buffers
            })?;
        bench.row(&what, "returned, into bytes::Bytes", timing, moved);
    }
    let timing = bench.call(&guest, ("calls", "echo"), batch, |_, (out,): (BatchView,)| out.rows == rows)?;
    bench.row(&what, "returned, not read (freed by then)", timing, moved);
    for (shape, outlet) in [
        ("emitted, viewed, into new buffers aligned to 64", Outlet::Aligned),
        ("emitted, viewed, into buffers used again", Outlet::Again),
        ("emitted, into Vec<u8>", Outlet::Lifted),
    ] {
        let guest = Guest::load(component, &Setup { outlet, ..Setup::USUAL })?;
        let timing = bench.call(&guest, ("calls", "echo-emit"), batch, |_, (): ()| true)?;
        bench.row(&what, shape, timing, moved);
    }
    Ok(())
}

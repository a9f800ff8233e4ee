//! What the engine's settings do to creating instances, to moving data and to computing.

use crate::host::{Guest, MIB, Setup};
use crate::inputs;
use crate::measure::{Bench, Timing};
use crate::shapes::{BatchIn, BatchVec, Node};
use std::path::Path;
use wasmtime::Result;

pub fn measure(bench: &mut Bench, folder: &Path, everything: &[u8]) -> Result<()> {
    let plain = crate::component(&folder.join("rust-plain.wasm"))?;
    let resourceful = crate::component(&folder.join("rust-resourceful.wasm"))?;
    let usual = Setup::USUAL;
    let large_stack = crate::component(&folder.join("rust-large-stack.wasm"))?;
    let components = [
        ("three plain functions", &plain[..]),
        ("a resource", &resourceful),
        ("every function", everything),
        ("every function, stack of 1 MiB", &large_stack),
    ];
    for (what, component) in components {
        let what = format!("an instance created and dropped: {what}");
        for (name, setup) in allocations() {
            let guest = Guest::load(component, &setup)?;
            let fresh = bench.best(|| guest.instance().map(drop))?;
            bench.row(&what, &name, Timing { reused: f64::NAN, fresh }, 0);
        }
    }
    for rows in [8_192, 65_536] {
        let values = inputs::int_bytes(&inputs::ints(rows));
        let nodes = [Node { length: rows as u32, null_count: 0 }];
        let what = format!("echo int64, {rows} rows, by allocation");
        for (name, setup) in allocations() {
            let guest = Guest::load(everything, &setup)?;
            let timing = echo(bench, &guest, "echo", &nodes, &[&[], &values])?;
            bench.row(&what, &name, timing, 2 * values.len());
        }
        let guest = Guest::load(&large_stack, &usual)?;
        let timing = echo(bench, &guest, "echo", &nodes, &[&[], &values])?;
        bench.row(&what, "pool, 16 MiB kept resident, stack of 1 MiB", timing, 2 * values.len());
    }
    let text = inputs::text(17_800);
    let offsets = text.offset_bytes();
    let moved = offsets.len() + text.bytes.len();
    for (name, setup) in allocations() {
        let guest = Guest::load(everything, &setup)?;
        let timing = echo(bench, &guest, "split", &[text.node()], &[&[], &offsets, &text.bytes])?;
        bench.row("split text, 17800 rows, by allocation", &name, timing, moved);
    }
    for (name, epoch) in [("epoch checks", true), ("no epoch checks", false)] {
        let guest = Guest::load(everything, &Setup { epoch, ..usual })?;
        let timing = echo(bench, &guest, "split", &[text.node()], &[&[], &offsets, &text.bytes])?;
        bench.row("split text, 17800 rows, by interruption", name, timing, moved);
    }
    let values = inputs::int_bytes(&inputs::ints(65_536));
    for (name, epoch) in [("epoch checks", true), ("no epoch checks", false)] {
        let guest = Guest::load(everything, &Setup { epoch, ..usual })?;
        let nodes = [Node { length: 65_536, null_count: 0 }];
        let buffers: [&[u8]; 2] = [&[], &values];
        let batch = || (BatchIn { rows: 65_536, nodes: &nodes, buffers: &buffers },);
        let timing = bench.call(&guest, ("calls", "sum"), batch, |_, (_,): (i64,)| true)?;
        bench.row("sum int64, 65536 rows, by interruption", name, timing, values.len());
    }
    Ok(())
}

/// A guest of another language, whose memory is large before anything is in it.
pub fn large(bench: &mut Bench, language: &str, component: &[u8]) -> Result<()> {
    let values = inputs::int_bytes(&inputs::ints(8_192));
    let nodes = [Node { length: 8_192, null_count: 0 }];
    let what = format!("{language}: echo int64, 8192 rows, by allocation");
    for keep_resident in [16 * MIB, 4 * MIB, MIB, 0] {
        let guest = Guest::load(component, &Setup { keep_resident, ..Setup::USUAL })?;
        let timing = echo(bench, &guest, "echo", &nodes, &[&[], &values])?;
        bench.row(&what, &format!("pool, {} MiB kept resident", keep_resident / MIB), timing, 2 * values.len());
    }
    let guest = Guest::load(component, &Setup { pagemap: true, ..Setup::USUAL })?;
    let timing = echo(bench, &guest, "echo", &nodes, &[&[], &values])?;
    bench.row(&what, "pool, 16 MiB kept resident, pagemap", timing, 2 * values.len());
    Ok(())
}

fn allocations() -> Vec<(String, Setup)> {
    let mut setups = Vec::new();
    for cow in [true, false] {
        for keep_resident in [16 * MIB, 4 * MIB, MIB, 0] {
            let images = if cow { "" } else { ", no copy-on-write" };
            let name = format!("pool, {} MiB kept resident{images}", keep_resident / MIB);
            setups.push((name, Setup { keep_resident, cow, ..Setup::USUAL }));
        }
    }
    setups.push(("pool, 16 MiB kept resident, pagemap".into(), Setup { pagemap: true, ..Setup::USUAL }));
    setups.push(("on demand".into(), Setup { pool: false, ..Setup::USUAL }));
    setups
}

fn echo(bench: &Bench, guest: &Guest, function: &str, nodes: &[Node], buffers: &[&[u8]]) -> Result<Timing> {
    let batch = || (BatchIn { rows: nodes[0].length, nodes, buffers },);
    bench.call(guest, ("calls", function), batch, |_, (out,): (BatchVec,)| out.buffers.len() == buffers.len())
}

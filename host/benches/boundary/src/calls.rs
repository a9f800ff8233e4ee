//! What a call costs that moves no data, and a session as plain functions against a resource.

use crate::host::Guest;
use crate::measure::{Bench, Timing};
use crate::shapes::{BatchIn, BatchVec, Node};
use wasmtime::component::ResourceAny;
use wasmtime::{Error, Result};

const CONFIG: (&str, &str) = ("split", r#"{"separator":" "}"#);

pub fn measure(bench: &mut Bench, language: &str, guest: &Guest) -> Result<()> {
    let what = format!("{language}: a call without data");
    let timing = bench.call(guest, ("calls", "nothing"), || (), |_, (): ()| true)?;
    bench.row(&what, "no arguments, no result", timing, 0);
    let nodes = [Node { length: 0, null_count: 0 }];
    let buffers: [&[u8]; 2] = [&[], &[]];
    let batch = || (BatchIn { rows: 0, nodes: &nodes, buffers: &buffers },);
    let timing = bench.call(guest, ("calls", "echo"), batch, |_, (out,): (BatchVec,)| out.nodes == nodes)?;
    bench.row(&what, "batch of no rows, returned", timing, 0);
    let timing = bench.call(guest, ("calls", "echo-emit"), batch, |_, (): ()| true)?;
    bench.row(&what, "batch of no rows, emitted", timing, 0);
    for n_calls in [1, 16] {
        let what = format!("{language}: a session with {n_calls} batches of no rows");
        let timing = session(bench, guest, n_calls)?;
        bench.row(&what, "plain functions", timing, 0);
        let timing = resource(bench, guest, n_calls)?;
        bench.row(&what, "a resource", timing, 0);
    }
    Ok(())
}

type Answer<T> = Result<T, String>;

fn message(message: String) -> Error {
    Error::msg(message)
}

fn session(bench: &Bench, guest: &Guest, n_calls: usize) -> Result<Timing> {
    let [open, process, finish] = ["open", "process", "finish"].map(|function| guest.export("session", function));
    let (open, process, finish) = (open?, process?, finish?);
    let nodes = [Node { length: 0, null_count: 0 }];
    let buffers: [&[u8]; 2] = [&[], &[]];
    let run = |store: &mut wasmtime::Store<_>, instance: &wasmtime::component::Instance| -> Result<()> {
        let open = instance.get_typed_func::<(&str, &str), (Answer<()>,)>(&mut *store, &open)?;
        let process = instance.get_typed_func::<(BatchIn<'_, &[u8]>,), (Answer<BatchVec>,)>(&mut *store, &process)?;
        let finish = instance.get_typed_func::<(), (Answer<Option<BatchVec>>,)>(&mut *store, &finish)?;
        open.call(&mut *store, CONFIG)?.0.map_err(message)?;
        for _ in 0..n_calls {
            process.call(&mut *store, (BatchIn { rows: 0, nodes: &nodes, buffers: &buffers },))?.0.map_err(message)?;
        }
        finish.call(&mut *store, ())?.0.map_err(message)?;
        Ok(())
    };
    let (mut store, instance) = guest.instance()?;
    let reused = bench.best(|| run(&mut store, &instance))?;
    drop(store);
    let fresh = bench.best(|| {
        let (mut store, instance) = guest.instance()?;
        run(&mut store, &instance)
    })?;
    Ok(Timing { reused, fresh })
}

fn resource(bench: &Bench, guest: &Guest, n_calls: usize) -> Result<Timing> {
    let [open, process, finish] = ["[constructor]operator", "[method]operator.process", "[method]operator.finish"]
        .map(|function| guest.export("sessions", function));
    let (open, process, finish) = (open?, process?, finish?);
    let nodes = [Node { length: 0, null_count: 0 }];
    let buffers: [&[u8]; 2] = [&[], &[]];
    let run = |store: &mut wasmtime::Store<_>, instance: &wasmtime::component::Instance| -> Result<()> {
        let open = instance.get_typed_func::<(&str, &str), (ResourceAny,)>(&mut *store, &open)?;
        let process =
            instance.get_typed_func::<(ResourceAny, BatchIn<'_, &[u8]>), (Answer<BatchVec>,)>(&mut *store, &process)?;
        let finish = instance.get_typed_func::<(ResourceAny,), (Answer<Option<BatchVec>>,)>(&mut *store, &finish)?;
        let (operator,) = open.call(&mut *store, CONFIG)?;
        for _ in 0..n_calls {
            process
                .call(&mut *store, (operator, BatchIn { rows: 0, nodes: &nodes, buffers: &buffers }))?
                .0
                .map_err(message)?;
        }
        finish.call(&mut *store, (operator,))?.0.map_err(message)?;
        operator.resource_drop(&mut *store)
    };
    let (mut store, instance) = guest.instance()?;
    let reused = bench.best(|| run(&mut store, &instance))?;
    drop(store);
    let fresh = bench.best(|| {
        let (mut store, instance) = guest.instance()?;
        run(&mut store, &instance)
    })?;
    Ok(Timing { reused, fresh })
}

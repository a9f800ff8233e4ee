//! Guests of a few instructions each, written as text: one that echoes, and one for each thing that a guest can do wrong, in each call.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, SourceMap};

use super::*;
use crate::memory::MemoryBudget;

/// A core module whose functions are written by hand; what isn't given echoes the first column, which is an int64 called `x`.
struct Module {
    kind: u8,
    imports: &'static str,
    start: &'static str,
    describe: &'static str,
    bind: &'static str,
    open: &'static str,
    process: &'static str,
    finish: &'static str,
}

const TRAP: &str = "unreachable";
const LOOP: &str = "(loop (br 0)) i32.const 0";
const RECURSE: &str = "call $deep i32.const 0";
const GROW: &str = "(drop (memory.grow (i32.const 2000))) i32.const 0";

impl Default for Module {
    fn default() -> Self {
        Self {
            kind: 0,
            imports: "",
            start: "",
            describe: "i32.const 1024",
            bind: "i32.const 2048",
            open: "i32.const 3072",
            // The arguments are rows, nodes and buffers; the result, at 4096, is ok(made(batch), rejected: []).
            process: "(i32.store (i32.const 4104) (local.get 0))
                (i32.store (i32.const 4108) (local.get 1)) (i32.store (i32.const 4112) (local.get 2))
                (i32.store (i32.const 4116) (local.get 3)) (i32.store (i32.const 4120) (local.get 4))
                i32.const 4096",
            finish: "i32.const 5120",
        }
    }
}

impl Module {
    fn text(&self) -> String {
        let Self { kind, imports, start, describe, bind, open, process, finish } = self;
        let name = |function: &str| format!("(export \"sluicebox:operator/transform@0.1.0#{function}\")");
        format!(
            r#"(module
              {imports}
              (memory (export "memory") 2)
              (global $top (mut i32) (i32.const 65536))
              ;; describe: one operator: name, kind, doc, no declared input
              (data (i32.const 1024) "\08\04\00\00\01\00\00\00")
              (data (i32.const 1032) "\00\05\00\00\02\00\00\00" "\{kind:02x}\00\00\00" "\00\05\00\00\00\00\00\00" "\00\00\00\00")
              (data (i32.const 1280) "op")
              ;; bind: ok, columns [0], output [x: int64]
              (data (i32.const 2048) "\00\00\00\00" "\20\08\00\00\01\00\00\00" "\30\08\00\00\01\00\00\00")
              (data (i32.const 2096) "\64\08\00\00\01\00\00\00" "\04\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00" "\00\00\00\00")
              (data (i32.const 2148) "x")
              (func $deep (call $deep) (call $deep))
              (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $top) (i32.const 15)) (i32.const -16)))
                (global.set $top (i32.add (local.get $at) (local.get 3)))
                (block (br_if 0 (i32.le_u (global.get $top) (i32.shl (memory.size) (i32.const 16))))
                  (drop (memory.grow (i32.const 64))))
                (local.get $at))
              (func $start {start})
              (start $start)
              (func {} (result i32) {describe})
              (func {} (param i32 i32 i32 i32 i32 i32) (result i32) {bind})
              (func {} (param i32 i32 i32 i32 i64 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {open})
              (func {} (param i32 i32 i32 i32 i32) (result i32) {process})
              (func {} (result i32) {finish}))"#,
            name("describe"),
            name("bind"),
            name("open"),
            name("process"),
            name("finish"),
        )
    }

    fn component(&self) -> Vec<u8> {
        let mut module = wat::parse_str(self.text()).unwrap();
        let mut sources = SourceMap::default();
        sources.push_str("data.wit", include_str!("../../../wit/data.wit"));
        sources.push_str("transform.wit", include_str!("../../../wit/transform.wit"));
        let mut resolve = Resolve::default();
        let package = resolve.push_group(sources.parse().map_err(|(_, e)| e).unwrap()).unwrap();
        let world = resolve.select_world(&[package], Some("transform-plugin")).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
    }
}

fn host() -> Arc<PluginHost> {
    let memory = MemoryBudget::new(1 << 30);
    PluginHost::new(PluginHostOptions { memory, parallelism: 1, cache: None, compiler: Compiler::InProcess }).unwrap()
}

fn op(digest: Digest) -> OperatorRef {
    let limits = Limits { time: Duration::from_millis(50), memory: 16 << 20, output: 1 << 20, ..Limits::default() };
    OperatorRef {
        plugin: "p".to_owned(),
        operator: "op".to_owned(),
        digest,
        config: "{}".to_owned(),
        limits,
        on_reject: Policy::Fail,
        on_error: Default::default(),
    }
}

fn task() -> Task {
    Task {
        job: "j".into(),
        stream: "s".into(),
        batch: BatchTime(1000),
        partition: 2,
        partitions: 3,
        attempt: 0,
        done: 0,
        logged: Default::default(),
    }
}

fn stream() -> SchemaRef {
    let fields = vec![Field::new("x", DataType::Int64, false), Field::new("note", DataType::Utf8, true)];
    Arc::new(Schema::new(fields))
}

fn chunk() -> RecordBatch {
    let x: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let note: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("c")]));
    RecordBatch::try_new(stream(), vec![x, note]).unwrap()
}

/// Everything, from bytes to the end of a partition.
fn run(host: &PluginHost, module: &Module) -> Result<Produced, PluginError> {
    let op = op(host.add(&module.component())?);
    let binding = host.bind_transform(&op, &stream())?;
    let mut opened = host.open_transform(&op, &binding, &task())?;
    let produced = opened.process(&chunk())?;
    opened.finish().map(|_| produced)
}

#[test]
fn a_guest_gets_its_columns_and_gives_rows_back() {
    let host = host();
    let module = Module::default();
    let digest = host.add(&module.component()).unwrap();
    let found = host.inspect(&digest).unwrap();
    assert_eq!((found.worlds, found.operators[0].name.as_str()), (vec!["transform".to_owned()], "op"));
    let op = op(digest);
    let binding = host.bind_transform(&op, &stream()).unwrap();
    assert_eq!((binding.kind, &binding.columns[..]), (TransformKind::Map, &[0][..]));
    assert_eq!(binding.output.as_ref(), &stream().project(&[0]).unwrap());
    let mut opened = host.open_transform(&op, &binding, &task()).unwrap();
    let produced = opened.process(&chunk().slice(1, 2)).unwrap();
    assert_eq!(produced.rows.column(0).as_ref(), &Int64Array::from(vec![2, 3]) as &dyn Array);
    assert_eq!(opened.process(&chunk().slice(0, 0)).unwrap().rows.num_rows(), 0);
    let (left, report) = (opened.finish().unwrap(), opened.report());
    assert_eq!((left, report.calls, report.memory_peak), (None, 3, 128 << 10));
    assert_eq!(host.metrics().traps + host.metrics().timeouts, 0);
    host.remove(&digest);
    let error = host.bind_transform(&op, &stream()).unwrap_err();
    assert!(matches!(error.kind, PluginErrorKind::NotAdded));
}

#[test]
fn whatever_a_guest_does_in_any_call_is_an_error_that_says_where() {
    let host = host();
    type IsRight = fn(&PluginErrorKind) -> bool;
    let wrongs: [(&str, IsRight); 4] = [
        (TRAP, |kind| matches!(kind, PluginErrorKind::Trap { reason, .. } if reason.contains("unreachable"))),
        (LOOP, |kind| matches!(kind, PluginErrorKind::Timeout { .. })),
        (RECURSE, |kind| matches!(kind, PluginErrorKind::Trap { reason, .. } if reason.contains("stack"))),
        (GROW, |kind| matches!(kind, PluginErrorKind::LimitExceeded { limit: Limit::Memory, .. })),
    ];
    for (body, is_right) in wrongs {
        let modules = [
            ("transform.describe", Module { describe: body, ..Module::default() }),
            ("transform.bind", Module { bind: body, ..Module::default() }),
            ("transform.open", Module { open: body, ..Module::default() }),
            ("transform.process", Module { process: body, ..Module::default() }),
            ("transform.finish", Module { finish: body, ..Module::default() }),
        ];
        for (call, module) in modules {
            let error = run(&host, &module).unwrap_err();
            assert!(is_right(&error.kind), "{body} in {call}: {error}");
            assert_eq!(error.call, Some(call));
            assert_eq!(error.plugin.as_deref(), Some("p"));
            assert_eq!(error.task.is_some(), !matches!(call, "transform.describe" | "transform.bind"));
            assert_eq!(error.is_retriable(), body == LOOP);
        }
    }
    let metrics = host.metrics();
    assert_eq!((metrics.traps, metrics.timeouts), (15, 5));
    assert_eq!(host.shared.budget.used(), 0, "all memory went back");
}

#[test]
fn what_runs_at_the_start_is_limited_too() {
    let host = host();
    let error = host.add(&Module { start: "unreachable", ..Module::default() }.component()).unwrap_err();
    assert!(matches!(error.kind, PluginErrorKind::Trap { .. }), "{error}");
    let grow = "(drop (memory.grow (i32.const 20000)))";
    let error = host.add(&Module { start: grow, ..Module::default() }.component()).unwrap_err();
    assert!(matches!(error.kind, PluginErrorKind::LimitExceeded { .. }), "{error}");
}

/// Run a module's operator within these limits; what it used.
fn metered(host: &PluginHost, module: &Module, limits: Limits) -> Result<TaskReport, PluginError> {
    let digest = host.add(&module.component())?;
    let op = OperatorRef { limits, ..op(digest) };
    let binding = host.bind_transform(&op, &stream())?;
    let mut opened = host.open_transform(&op, &binding, &task())?;
    opened.process(&chunk())?;
    opened.finish()?;
    Ok(opened.report())
}

/// A loop of so many turns, then the echo.
const TURNS: &str = "(local.set 0 (i32.const 1000)) (loop $again
    (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $again (local.get 0)))
    (i32.store (i32.const 4104) (i32.const 3))
    (i32.store (i32.const 4108) (local.get 1)) (i32.store (i32.const 4112) (local.get 2))
    (i32.store (i32.const 4116) (local.get 3)) (i32.store (i32.const 4120) (local.get 4))
    i32.const 4096";

#[test]
fn fuel_is_burnt_alike_in_every_run_and_limited() {
    let folder = tempfile::tempdir().unwrap();
    let options = || PluginHostOptions {
        memory: MemoryBudget::new(1 << 30),
        parallelism: 1,
        cache: Some(folder.path().join("cache")),
        compiler: Compiler::InProcess,
    };
    let module = Module { process: TURNS, ..Module::default() };
    let limits = |fuel| Limits { fuel, ..op(Digest([0; 32])).limits };
    let host = PluginHost::new(options()).unwrap();
    let report = metered(&host, &module, limits(Some(100_000))).unwrap();
    let used = report.usage.of(Limit::Fuel).unwrap();
    assert_eq!(used.allowed, Some(100_000));
    // Three instructions and more in each of a thousand turns.
    assert!((3_000..20_000).contains(&used.used) && report.fuel > used.used, "{used:?} of {}", report.fuel);
    let again = metered(&host, &module, limits(Some(100_000))).unwrap();
    assert_eq!((again.fuel, again.usage.of(Limit::Fuel)), (report.fuel, Some(used)));

    // As much as it burns is enough. It is looked at in each turn of a loop, so what comes after the last turn may be over it; a tenth less is not enough.
    assert_eq!(metered(&host, &module, limits(Some(used.used))).unwrap().fuel, report.fuel);
    let error = metered(&host, &module, limits(Some(used.used * 9 / 10))).unwrap_err();
    let said = format!("it went over its limit of {} of fuel; raise `fuel` in [plugin.P]", used.used * 9 / 10);
    assert!(error.to_string().contains(&format!("in transform.process: {said}")), "{error}");
    assert!(!error.is_retriable() && error.blames_rows());

    // Nothing is counted where nothing is to be; and where all is, nothing is limited.
    let plain = metered(&host, &module, limits(None)).unwrap();
    assert_eq!((plain.fuel, plain.usage.of(Limit::Fuel)), (0, None));
    let counted = metered(&host, &module, limits(Some(Limits::COUNTED))).unwrap();
    assert_eq!((counted.fuel, counted.usage.of(Limit::Fuel).unwrap().allowed), (report.fuel, None));
    let metrics = host.metrics();
    assert_eq!((metrics.components, metrics.compiled, metrics.from_cache), (1, 2, 0));
    drop(host);

    // The code of both kinds was kept, and neither is taken for the other.
    let host = PluginHost::new(options()).unwrap();
    assert_eq!(metered(&host, &module, limits(Some(100_000))).unwrap().fuel, report.fuel);
    assert_eq!((host.metrics().compiled, host.metrics().from_cache), (0, 2));

    // Without a pool too.
    let host = PluginHost::with_pool(options(), false).unwrap();
    assert_eq!(metered(&host, &module, limits(Some(100_000))).unwrap().fuel, report.fuel);
}

#[test]
fn a_component_is_forgotten_for_all_engines() {
    let host = host();
    let module = Module::default();
    let metered_op =
        |digest| OperatorRef { limits: Limits { fuel: Some(1_000_000), ..op(digest).limits }, ..op(digest) };
    let digest = host.add(&module.component()).unwrap();
    host.bind_transform(&metered_op(digest), &stream()).unwrap();
    host.remove(&digest);
    for op in [op(digest), metered_op(digest)] {
        let error = host.bind_transform(&op, &stream()).unwrap_err();
        assert!(matches!(error.kind, PluginErrorKind::NotAdded), "{error}");
    }
}

#[test]
fn a_stack_is_as_deep_as_the_job_says() {
    // It calls itself 4,000 times over.
    const DEEP: &str = "(call $down (i32.const 4000)) (i32.store (i32.const 4104) (local.get 0))
        (i32.store (i32.const 4108) (local.get 1)) (i32.store (i32.const 4112) (local.get 2))
        (i32.store (i32.const 4116) (local.get 3)) (i32.store (i32.const 4120) (local.get 4)) i32.const 4096";
    let down = "(func $down (param i32) (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))";
    let module = Module { process: DEEP, imports: down, ..Module::default() };
    let limits = |stack| Limits { stack, ..op(Digest([0; 32])).limits };
    let host = host();
    metered(&host, &module, limits(MAX_STACK)).unwrap();
    metered(&host, &module, Limits::default()).unwrap();
    let error = metered(&host, &module, limits(64 << 10)).unwrap_err();
    let said = "wasm trap: call stack exhausted, and its limit is 64.0 KiB; raise `stack` in [plugin.P]";
    assert!(error.to_string().contains(said), "{error}");
}

#[test]
fn a_table_grows_up_to_its_limit() {
    let grow = |process: &'static str| {
        let module = Module { imports: "(table $table 1 funcref)", kind: 1, process, ..Module::default() };
        run(&host(), &module)
    };
    // ok(made) of no rows, of which the nodes and buffers are missing, once the table has grown.
    let within = grow("(drop (table.grow $table (ref.null func) (i32.const 100))) i32.const 4096").unwrap_err();
    assert!(matches!(within.kind, PluginErrorKind::InvalidOutput(_)), "{within}");
    let beyond = grow("(drop (table.grow $table (ref.null func) (i32.const 100000))) i32.const 4096").unwrap_err();
    let expected =
        PluginErrorKind::LimitExceeded { limit: Limit::TableElements, allowed: 20_000, requested: Some(100_001) };
    assert_eq!(beyond.kind.to_string(), expected.to_string());
}

#[test]
fn a_trap_tells_the_panic_that_was_logged_and_the_stack() {
    let module = Module {
        imports: r#"(import "sluicebox:operator/logging@0.1.0" "log" (func $log (param i32 i32 i32)))
            (data (i32.const 8192) "it broke")"#,
        process: "(call $log (i32.const 3) (i32.const 8192) (i32.const 8)) unreachable",
        ..Module::default()
    };
    let error = run(&host(), &module).unwrap_err();
    let text = error.to_string();
    let begin = "plugin p, operator op, stream s, batch 1000, partition 2 of 3, in transform.process: the operator trapped (wasm trap: wasm `unreachable` instruction executed): it broke\n";
    assert!(text.starts_with(begin), "{text}");
    assert!(error.backtrace.as_deref().is_some_and(|stack| stack.contains("0:")), "{text}");
}

#[test]
fn answers_that_break_the_contract_are_not_used() {
    let host = host();
    let process =
        |body: &'static str, kind: u8| run(&host, &Module { process: body, kind, ..Module::default() }).unwrap_err();
    // ok(made) of more rows than came, with nodes and buffers as they were.
    let more = "(i32.store (i32.const 4104) (i32.const 4)) i32.const 4096";
    assert!(
        process(more, 0)
            .to_string()
            .ends_with("a map makes a row of each that it doesn't reject, 3 of 3, and it made 4")
    );
    let beyond =
        "(i32.store (i32.const 4108) (i32.const -8)) (i32.store (i32.const 4112) (i32.const 9)) i32.const 4096";
    assert!(matches!(process(beyond, 3).kind, PluginErrorKind::InvalidOutput(_)));
    let huge = "(i32.store (i32.const 4120) (i32.const 10000000)) (drop (memory.grow (i32.const 150))) (i32.store (i32.const 4120) (i32.const 1000000)) i32.const 4096";
    let error = process(huge, 3);
    assert!(matches!(error.kind, PluginErrorKind::LimitExceeded { limit: Limit::Output, .. }), "{error}");
    let kept = "(i32.store8 (i32.const 4100) (i32.const 2)) (i32.store (i32.const 4104) (i32.const 8192)) (i32.store (i32.const 4108) (i32.const 2)) i32.const 4096";
    assert!(process(kept, 0).to_string().ends_with("a map makes rows, and it said which it keeps"));
    let rejected =
        "(i32.store (i32.const 4132) (i32.const 8192)) (i32.store (i32.const 4136) (i32.const 2)) i32.const 4096";
    assert!(process(rejected, 3).to_string().ends_with("the rejected rows are not ascending: 0 comes after 0"));
    let refuse =
        "(i32.store8 (i32.const 4096) (i32.const 1)) (i32.store8 (i32.const 4100) (i32.const 2)) i32.const 4096";
    assert!(matches!(process(refuse, 0).kind, PluginErrorKind::Failed(_)));
    let finish = |kind| {
        run(
            &host,
            &Module { finish: "(i32.store8 (i32.const 5124) (i32.const 1)) i32.const 5120", kind, ..Module::default() },
        )
    };
    assert!(
        finish(0)
            .unwrap_err()
            .to_string()
            .ends_with("a map has no rows left when its partition ends, and it returned some")
    );
    assert!(finish(3).unwrap_err().to_string().ends_with("it returned a batch without rows"));
    let finish =
        "(i32.store8 (i32.const 5124) (i32.const 1)) (i32.store (i32.const 5128) (i32.const 1)) i32.const 5120";
    let error = run(&host, &Module { finish, kind: 3, ..Module::default() }).unwrap_err();
    assert!(error.to_string().contains("the batch has 0 nodes and 0 buffers"), "{error}");
    let filter = run(&host, &Module { kind: 2, ..Module::default() }).unwrap_err();
    assert!(filter.to_string().ends_with("a filter makes no columns, and its binding has some"), "{filter}");
}

#[test]
fn a_filter_keeps_all_columns_of_the_rows_it_names() {
    let module = Module {
        kind: 2,
        bind: "(i32.store (i32.const 2064) (i32.const 0)) i32.const 2048",
        // ok(kept([0, 2])), nothing rejected.
        process: "(i32.store8 (i32.const 4100) (i32.const 2)) (i32.store (i32.const 4104) (i32.const 8192))
            (i32.store (i32.const 4108) (i32.const 2)) (i32.store (i32.const 8196) (i32.const 2)) i32.const 4096",
        ..Module::default()
    };
    let produced = run(&host(), &module).unwrap();
    let note: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), Some("c")]));
    assert_eq!((produced.rows.num_rows(), produced.rows.column(1)), (2, &note));
}

#[test]
fn what_is_no_plugin_is_refused_by_what_it_is() {
    let host = host();
    let refused = |bytes: &[u8]| host.add(bytes).unwrap_err().kind.to_string();
    let component = |text: &str| wat::parse_str(text).unwrap();
    assert!(refused(b"").starts_with("the file is empty"));
    assert!(refused(b"#!/bin/sh").starts_with("it is not WebAssembly"));
    assert!(refused(&component("(module)")).starts_with("it is a core WebAssembly module"));
    assert!(
        refused(&component("(component)"))
            .starts_with("it exports nothing; a plugin exports sluicebox:operator/transform@0.1.0")
    );
    assert!(refused(b"\0asm\x0d\0\x01\0garbage").starts_with("it is not a valid component"));
    let compiled = host.plain.sandbox.engine.precompile_component(&component("(component)")).unwrap();
    assert!(refused(&compiled).starts_with("it is compiled code, which is never taken"));
    let state = r#"(component (instance $i) (export "sluicebox:operator/state@0.1.0" (instance $i)))"#;
    assert!(refused(&component(state)).starts_with("its functions aren't those of sluicebox:operator@0.1.0"));
    let other = r#"(component (instance $i) (export "other:package/thing@1.0.0" (instance $i)))"#;
    assert!(refused(&component(other)).starts_with("it exports only other:package/thing@1.0.0; a plugin exports"));
    let hollow = r#"(component (instance $i) (export "sluicebox:operator/transform@0.1.0" (instance $i)))"#;
    assert!(refused(&component(hollow)).starts_with("its functions aren't those of sluicebox:operator@0.1.0"));
    let server = r#"(component (import "wasi:http/incoming-handler@0.2.0" (instance)))"#;
    let refusal = "it imports wasi:http/incoming-handler@0.2.0, which is not given to plugins";
    assert!(refused(&component(server)).starts_with(refusal));
    assert!(refused(&vec![0; (64 << 20) + 1]).starts_with("it has 64.0 MiB, and a component may have 64.0 MiB"));
}

#[test]
fn what_was_built_against_an_earlier_version_of_wasis_http_links() {
    let text = r#"(component
        (import "wasi:http/types@0.2.0" (instance $types
            (export "fields" (type $fields (sub resource)))
            (export "[constructor]fields" (func (result (own $fields))))
            (export "outgoing-request" (type $request (sub resource)))
            (export "[constructor]outgoing-request" (func (param "headers" (own $fields)) (result (own $request))))
            (export "response-outparam" (type (sub resource)))))
        (import "wasi:http/outgoing-handler@0.2.3" (instance)))"#;
    let host = host();
    let engine = &host.plain.sandbox.engine;
    let component = super::component::compile(engine, &wat::parse_str(text).unwrap()).unwrap();
    let linker = super::component::linker(engine).unwrap();
    assert!(linker.instantiate_pre(&component).is_ok());
}

#[test]
fn without_a_pool_all_is_the_same() {
    let options = PluginHostOptions {
        memory: MemoryBudget::new(1 << 30),
        parallelism: 1,
        cache: None,
        compiler: Compiler::InProcess,
    };
    let host = PluginHost::with_pool(options, false).unwrap();
    assert_eq!(run(&host, &Module::default()).unwrap().rows.num_rows(), 3);
    let grow = run(&host, &Module { process: GROW, ..Module::default() }).unwrap_err();
    assert!(matches!(grow.kind, PluginErrorKind::LimitExceeded { limit: Limit::Memory, .. }), "{grow}");
    let endless = run(&host, &Module { process: LOOP, ..Module::default() }).unwrap_err();
    assert!(matches!(endless.kind, PluginErrorKind::Timeout { .. }), "{endless}");
}

#[test]
fn a_full_pool_can_be_tried_again() {
    let host = host();
    let op = op(host.add(&Module::default().component()).unwrap());
    let binding = host.bind_transform(&op, &stream()).unwrap();
    let mut held = Vec::new();
    let error = loop {
        match host.open_transform(&op, &binding, &task()) {
            Ok(opened) => held.push(opened),
            Err(error) => break error,
        }
        assert!(held.len() < 10_000, "a pool is bounded");
    };
    assert!(matches!(error.kind, PluginErrorKind::NoFreeInstance(_)) && error.is_retriable(), "{error}");
    held.clear();
    host.open_transform(&op, &binding, &task()).unwrap();
}

#[test]
fn tasks_go_from_thread_to_thread() {
    fn sent<T: Send>() {}
    sent::<TransformTask>();
    sent::<AggregateTask>();
    fn shared<T: Send + Sync>() {}
    shared::<PluginHost>();
    shared::<PluginError>();
}

#[test]
fn compiled_code_is_taken_from_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let component = Module::default().component();
    let metrics = || {
        let memory = MemoryBudget::new(1 << 30);
        let options = PluginHostOptions {
            memory,
            parallelism: 1,
            cache: Some(folder.path().join("cache")),
            compiler: Compiler::InProcess,
        };
        let host = PluginHost::new(options).unwrap();
        host.add(&component).unwrap();
        (host.metrics().compiled, host.metrics().from_cache)
    };
    assert_eq!(metrics(), (1, 0));
    assert_eq!(metrics(), (0, 1));
}

#[test]
fn the_jobs_memory_limits_instances_and_can_be_tried_again() {
    let memory = MemoryBudget::new(300 << 10);
    let host =
        PluginHost::new(PluginHostOptions { memory, parallelism: 1, cache: None, compiler: Compiler::InProcess })
            .unwrap();
    let op = op(host.add(&Module::default().component()).unwrap());
    let binding = host.bind_transform(&op, &stream()).unwrap();
    let open = || host.open_transform(&op, &binding, &task());
    let held = (open().unwrap(), open().unwrap());
    let error = open().unwrap_err();
    assert!(matches!(error.kind, PluginErrorKind::OverBudget(_)) && error.is_retriable(), "{error}");
    drop(held);
    open().unwrap();
}

/// A component's bytes with another version of the WIT package, which is as long.
fn of_version(component: &[u8], version: &str) -> Vec<u8> {
    const HERE: &[u8] = b"@0.1.0";
    let mut bytes = component.to_vec();
    let places = bytes.windows(HERE.len()).enumerate().filter(|(_, window)| *window == HERE).map(|(at, _)| at);
    for at in places.collect::<Vec<_>>() {
        bytes[at + 1..at + HERE.len()].copy_from_slice(version.as_bytes());
    }
    bytes
}

#[test]
fn components_of_the_same_series_are_taken_and_of_others_refused() {
    let host = host();
    // It imports a function, so that both directions are linked.
    let module = || Module {
        imports: r#"(import "sluicebox:operator/logging@0.1.0" "log" (func $log (param i32 i32 i32)))"#,
        ..Module::default()
    };
    let component = module().component();
    for (version, is_taken) in [("0.1.0", true), ("0.1.1", true), ("0.1.9", true), ("0.2.0", false), ("0.0.9", false)] {
        let added = host.add(&of_version(&component, version));
        match added {
            Ok(digest) if is_taken => {
                let op = op(digest);
                let binding = host.bind_transform(&op, &stream()).unwrap();
                let rows = host.open_transform(&op, &binding, &task()).unwrap().process(&chunk()).unwrap().rows;
                assert_eq!(rows.num_rows(), 3, "{version}");
                let built_against = host.inspect(&digest).unwrap().versions;
                assert_eq!(built_against.iter().map(ToString::to_string).collect::<Vec<_>>(), [version]);
            }
            Err(error) if !is_taken => {
                let told = error.kind.to_string();
                let begin = format!("it is built against sluicebox:operator@{version}, and this sluicebox ");
                assert!(told.starts_with(&begin) && told.contains("speaks 0.1 (as of 0.1.0); "), "{told}");
            }
            other => panic!("{version}: {other:?}"),
        }
    }
}

#[test]
fn what_a_later_version_has_added_is_told() {
    let host = host();
    let later = r#"(component
        (import "sluicebox:operator/logging@0.1.3" (instance (export "whisper" (func))))
        (instance $i) (export "sluicebox:operator/transform@0.1.3" (instance $i)))"#;
    let told = host.add(&wat::parse_str(later).unwrap()).unwrap_err().kind.to_string();
    assert!(told.starts_with("its functions aren't those of sluicebox:operator@0.1.0: "), "{told}");
    assert!(told.contains("whisper"), "{told}");
    let end = "; it is built against sluicebox:operator@0.1.3, and this sluicebox speaks 0.1.0; run it by a sluicebox that knows that, or build it with an SDK of this one";
    assert!(told.ends_with(end), "{told}");
}

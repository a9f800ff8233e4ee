//! Components are compiled in a process of its own, within limits: one that is made to take memory and time takes the process down, and nothing else.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use sluicebox::memory::MemoryBudget;
use sluicebox::plugin::{CompileLimits, Compiler, PluginHost, PluginHostOptions};
use sluicebox_tests::plugins::component;
use sluicebox_tests::program::program;

fn host(limits: CompileLimits) -> Arc<PluginHost> {
    let compiler = Compiler::Process { program: program(), limits };
    let memory = MemoryBudget::new(1 << 30);
    PluginHost::new(PluginHostOptions { memory, parallelism: 1, cache: None, compiler }).unwrap()
}

fn words() -> Vec<u8> {
    std::fs::read(component("words")).unwrap()
}

/// Why the component is refused; the host then takes another one.
fn refused(limits: CompileLimits, bytes: &[u8]) -> String {
    let host = host(limits);
    let error = host.add(bytes).unwrap_err();
    assert!(!error.is_retriable());
    assert_eq!(host.metrics().compiled, 0);
    error.kind.to_string()
}

/// A component with functions whose every value is needed until the end, which is where a compiler's work grows fastest.
fn bomb(functions: usize, values: usize) -> Vec<u8> {
    let mut text = "(component (core module (memory 1)\n".to_owned();
    for function in 0..functions {
        write!(text, "(func (export \"f{function}\") (param i64) (result i64)").unwrap();
        (0..values).for_each(|n| writeln!(text, "(i64.load offset={} (i32.wrap_i64 (local.get 0)))", n * 8).unwrap());
        (1..values).for_each(|n| text.push_str(if n % 2 == 0 { "i64.add\n" } else { "i64.mul\n" }));
        text.push_str(")\n");
    }
    text.push_str("))");
    wat::parse_str(text).unwrap()
}

#[test]
fn a_component_compiled_by_another_process_is_as_good() {
    let host = host(CompileLimits::default());
    let digest = host.add(&words()).unwrap();
    let found = host.inspect(&digest).unwrap();
    assert!(found.operators.iter().any(|operator| operator.name == "split"), "{found:?}");
    assert_eq!(host.metrics().compiled, 1);
}

#[test]
fn what_is_invalid_is_told_as_in_this_process() {
    let said = refused(CompileLimits::default(), b"\0asm\x0d\0\x01\0garbage");
    assert!(said.starts_with("it is not a valid component: ") && said.len() > 40, "{said}");
}

#[test]
fn a_component_that_takes_too_much_memory_to_compile_is_refused() {
    let limits = CompileLimits { memory: 192 << 20, ..CompileLimits::default() };
    host(limits).add(&words()).unwrap();
    let said = refused(limits, &bomb(4, 40_000));
    assert_eq!(said, "compiling it takes more than 192.0 MiB of memory, and that is the most");
}

#[test]
fn a_component_that_takes_too_long_to_compile_is_refused() {
    let bomb = bomb(400, 4_000);
    let limits = CompileLimits { processor_time: Duration::from_secs(1), ..CompileLimits::default() };
    assert_eq!(refused(limits, &bomb), "compiling it takes more than 1s of processor time, and that is the most");
    let limits = CompileLimits { time: Duration::from_millis(200), ..CompileLimits::default() };
    assert_eq!(refused(limits, &bomb), "compiling it takes more than 200ms, and that is the most");
}

#[test]
fn a_program_that_does_not_compile_is_an_error_that_says_so() {
    let refused = |program: &str| {
        let compiler = Compiler::Process { program: program.into(), limits: CompileLimits::default() };
        let options = PluginHostOptions { memory: MemoryBudget::new(1 << 30), parallelism: 1, cache: None, compiler };
        PluginHost::new(options).unwrap().add(&words()).unwrap_err().kind.to_string()
    };
    assert!(refused("/no/such/program").contains("a process that compiles it can't be started: No such file"));
    assert_eq!(refused("/bin/false"), "the process that compiled it ended with exit status: 1: ");
    let nothing = refused("/bin/true");
    assert!(nothing.contains("its compiled code doesn't suit this program"), "{nothing}");
}

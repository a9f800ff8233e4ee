//! What a batch costs between host and guest, by its shape, by how output is handed over, and by how instances are allocated. `run`, beside
//! this crate, builds the guests and calls this; README.md holds the figures and what was decided by them.
//!
//! Arguments: the folder of the guests, and what to measure: `rust`, `languages` (the guests in other languages), or both.

mod calls;
mod columns;
mod gather;
mod host;
mod inputs;
mod measure;
mod outlet;
mod settings;
mod shapes;
mod workloads;

use host::{Guest, Setup};
use measure::Bench;
use std::path::Path;
use std::time::Duration;
use wasmtime::{Error, Result};

// The product's allocator. What is lifted is allocated for every call, and allocators differ in whether they map and unmap such sizes.
#[cfg(not(feature = "system-allocator"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let usage = || Error::msg("usage: sluicebox-bench-boundary FOLDER-OF-GUESTS [rust] [languages]");
    let folder = arguments.next().ok_or_else(usage)?;
    let folder = Path::new(&folder);
    let parts: Vec<_> = arguments.collect();
    let mut bench = Bench::new(Duration::from_millis(50));
    if parts.iter().any(|part| part == "rust") {
        rust(&mut bench, folder)?;
    }
    if parts.iter().any(|part| part == "languages") {
        languages(&mut bench, folder)?;
    }
    Ok(())
}

fn rust(bench: &mut Bench, folder: &Path) -> Result<()> {
    let rust = component(&folder.join("rust-everything.wasm"))?;
    let guest = Guest::load(&rust, &Setup::USUAL)?;
    workloads::measure(bench, "Rust", &guest, &[1_024, 8_192, 65_536])?;
    columns::measure(bench, &guest, &rust)?;
    calls::measure(bench, "Rust", &guest)?;
    settings::measure(bench, folder, &rust)
}

fn languages(bench: &mut Bench, folder: &Path) -> Result<()> {
    for language in ["C", "Go", "JavaScript", "Python"] {
        let file = folder.join(format!("{}-everything.wasm", language.to_lowercase()));
        let bytes = component(&file)?;
        settings::large(bench, language, &bytes)?;
        let guest = Guest::load(&bytes, &Setup::USUAL)?;
        workloads::measure(bench, language, &guest, &[8_192])?;
        calls::measure(bench, language, &guest)?;
    }
    Ok(())
}

/// A component from a file, or from the core module in it.
fn component(file: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(file).map_err(|error| Error::msg(format!("{}: {error}", file.display())))?;
    // A component's version field says layer 1, a core module's layer 0.
    if bytes.get(6) == Some(&1) {
        return Ok(bytes);
    }
    let encode = || wit_component::ComponentEncoder::default().validate(true).module(&bytes)?.encode();
    encode().map_err(|error| Error::msg(format!("{}: {error:#}", file.display())))
}

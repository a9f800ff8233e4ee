//! The program `sluicebox`.

use std::process::ExitCode;

/// Batches are made of many short-lived buffers, from several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sluicebox::cli::main()
}

//! What the host costs, in tables: guests against the same Rust in the host, the boundary, the engine, keyed state, an empty batch, the start of the
//! program.
//!
//! usage: sluicebox-bench-speed --component FILE.wasm [--program PATH] [quick|full] [TABLE...]
//!
//! `host/benches/speed/run` builds the component and the program, and runs this. Everything that is compared is done in turns in this one process,
//! so that ratios hold on a busy machine too; the times themselves don't.

mod boundary;
mod empty;
mod engine;
#[path = "../guest/src/functions.rs"]
mod functions;
mod inputs;
mod measure;
mod operators;
mod plugins;
mod start;
mod state;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use measure::Result;
use plugins::Guests;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TABLES: [&str; 7] = ["operators", "boundary", "instances", "engine", "state", "empty", "start"];

/// What the command line says.
struct Settings {
    component: PathBuf,
    program: Option<PathBuf>,
    /// How long each figure is measured.
    budget: Duration,
    tables: Vec<String>,
}

fn main() -> ExitCode {
    match settings(std::env::args().skip(1)).and_then(|settings| run(&settings)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn settings(mut args: impl Iterator<Item = String>) -> Result<Settings> {
    let (mut component, mut program, mut budget, mut tables) = (None, None, Duration::from_secs(2), vec![]);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a path"));
        match arg.as_str() {
            "--component" => component = Some(PathBuf::from(value()?)),
            "--program" => program = Some(PathBuf::from(value()?)),
            "quick" => budget = Duration::from_secs(2),
            "full" => budget = Duration::from_secs(10),
            table if TABLES.contains(&table) => tables.push(table.to_owned()),
            other => return Err(format!("\"{other}\" is none of quick, full, {}", TABLES.join(", ")).into()),
        }
    }
    let component = component.ok_or("--component names the guest: host/benches/speed/run builds it")?;
    if tables.is_empty() {
        tables = TABLES.map(str::to_owned).to_vec();
    }
    Ok(Settings { component, program, budget, tables })
}

fn run(settings: &Settings) -> Result<()> {
    let guests = Guests::new(&settings.component)?;
    for table in &settings.tables {
        match table.as_str() {
            "operators" => operators::table(&guests, settings.budget)?,
            "boundary" => boundary::crossing(&guests, settings.budget)?,
            "instances" => boundary::instances(&guests, settings.budget)?,
            "engine" => engine::table(&guests, settings.budget)?,
            "state" => state::table(&guests, settings.budget)?,
            "empty" => empty::table(&settings.component)?,
            _ => match &settings.program {
                Some(program) => start::table(program, &settings.component)?,
                None => eprintln!("the start is not measured: --program names the program"),
            },
        }
    }
    Ok(())
}

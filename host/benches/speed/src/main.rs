//! What the host costs, in tables: guests against the same Rust in the host, the boundary, the engine, keyed state, windows, joins, event time, what
//! plugins receive and write, what the sandbox costs and what it holds, operators in other languages, a checkpoint, the log of received blocks, PostgreSQL, an empty batch, the start of the program.
//!
//! usage: sluicebox-bench-speed --component FILE.wasm [--lines FILE.wasm --tail FILE.wasm --hostile FILE.wasm] [--program PATH] [quick|full] [TABLE...]
//!        sluicebox-bench-speed --component FILE.wasm --side OPERATION [--built-in] [--keys N] [--rows N] [--warm N] [--batches N]
//!
//! `host/benches/speed/run` builds the component and the program, and runs this. Everything that is compared is done in turns in this one process,
//! so that ratios hold on a busy machine too; the times themselves don't.

mod boundary;
mod checkpoint;
mod empty;
mod engine;
mod event_time;
#[path = "../guest/src/functions.rs"]
mod functions;
mod inputs;
mod jobs;
mod joins;
mod languages;
mod measure;
mod operators;
mod outside;
mod plugins;
mod postgres;
mod received;
mod sandbox;
mod side;
mod start;
mod state;
mod static_table;
mod windows;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use languages::Language;
use measure::Result;
use outside::Components;
use plugins::Guests;
use side::Side;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TABLES: [&str; 16] = [
    "operators",
    "boundary",
    "instances",
    "engine",
    "state",
    "windows",
    "joins",
    "event-time",
    "outside",
    "sandbox",
    "languages",
    "checkpoint",
    "postgres",
    "received",
    "empty",
    "start",
];

/// What the command line says.
struct Settings {
    component: PathBuf,
    others: Components,
    languages: Vec<Language>,
    program: Option<PathBuf>,
    /// How long each figure is measured.
    budget: Duration,
    tables: Vec<String>,
    /// One operation instead of tables.
    side: Option<Side>,
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
    let (mut component, mut program, mut budget, mut tables) = (None, None, Duration::from_secs(1), vec![]);
    let (mut others, mut languages) = (Components::default(), vec![]);
    let mut side = Side { keys: 1_000_000, rows: 10_000, warm: 10, batches: 20, ..Side::default() };
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--component" => component = Some(PathBuf::from(value()?)),
            "--lines" => others.lines = PathBuf::from(value()?),
            "--hostile" => others.hostile = PathBuf::from(value()?),
            "--tail" => others.tail = PathBuf::from(value()?),
            "--language" => languages.push(Language::parse(&value()?)?),
            "--program" => program = Some(PathBuf::from(value()?)),
            "--side" => side.operation = value()?,
            "--built-in" => side.built_in = true,
            "--keys" => side.keys = value()?.parse()?,
            "--rows" => side.rows = value()?.parse()?,
            "--warm" => side.warm = value()?.parse()?,
            "--batches" => side.batches = value()?.parse()?,
            "quick" => budget = Duration::from_secs(1),
            "full" => budget = Duration::from_secs(10),
            table if TABLES.contains(&table) => tables.push(table.to_owned()),
            other => return Err(format!("\"{other}\" is none of quick, full, {}", TABLES.join(", ")).into()),
        }
    }
    let component = component.ok_or("--component names the guest: host/benches/speed/run builds it")?;
    if tables.is_empty() {
        tables = TABLES.map(str::to_owned).to_vec();
    }
    let side = (!side.operation.is_empty()).then_some(side);
    Ok(Settings { component, others, languages, program, budget, tables, side })
}

fn run(settings: &Settings) -> Result<()> {
    if let Some(side) = &settings.side {
        return side.run(&settings.component);
    }
    let guests = Guests::new(&settings.component)?;
    for table in &settings.tables {
        match table.as_str() {
            "operators" => operators::table(&guests, settings.budget)?,
            "boundary" => boundary::crossing(&guests, settings.budget)?,
            "instances" => boundary::instances(&guests, settings.budget)?,
            "engine" => engine::table(&guests, settings.budget)?,
            "state" => state::table(&guests, settings.budget)?,
            "windows" => windows::table(&settings.component, settings.budget)?,
            "joins" => {
                joins::table(&settings.component, settings.budget)?;
                static_table::table(&settings.component, settings.budget)?;
            }
            "event-time" => event_time::table(&settings.component, settings.budget)?,
            "outside" => outside::table(&settings.component, &settings.others, settings.budget)?,
            "sandbox" => sandbox::table(&settings.component, &guests, &settings.others.hostile, settings.budget)?,
            "languages" => match &settings.languages[..] {
                [] => eprintln!("languages are not measured: make bench-languages does"),
                languages => languages::table(languages, settings.budget)?,
            },
            "checkpoint" => checkpoint::table(&settings.component, settings.budget)?,
            "postgres" => postgres::table(settings.budget)?,
            "received" => received::table(&settings.component, settings.budget)?,
            "empty" => empty::table(&settings.component)?,
            _ => match &settings.program {
                Some(program) => start::table(program, &settings.component)?,
                None => eprintln!("the start is not measured: --program names the program"),
            },
        }
    }
    Ok(())
}

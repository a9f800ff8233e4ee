//! `make chaos`: jobs that are killed again and again for as long as it takes, and must make what jobs make that were left alone.
//!
//! `chaos [kills=N] [seed=N] [KIND...]`: that many kills of each kind of job, 60 if not given, from a seed that is told, so that a run can be made again; kills at each named place; and a minute in which
//! a job is sent ten times what it can do, over a socket and from a topic.

use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sluicebox_tests::chaos::ground::Failure;
use sluicebox_tests::chaos::kinds::{KINDS, Kind};
use sluicebox_tests::chaos::points;
use sluicebox_tests::chaos::spike::{self, Spike};

/// Kills of each job.
const KILLS: u64 = 60;

/// What the command line asks for.
struct Asked {
    kills: u64,
    seed: u64,
    /// Names of kinds; all where there is none.
    kinds: Vec<String>,
}

impl Asked {
    fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let mut asked = Self { kills: KILLS, seed: now, kinds: vec![] };
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).chain(["points", "spike"]).collect();
        for argument in arguments {
            let number = |text: &str| text.parse().map_err(|_| format!("\"{argument}\" has no number"));
            match argument.split_once('=') {
                Some(("kills", n)) => asked.kills = number(n)?,
                Some(("seed", n)) => asked.seed = number(n)?,
                None if known.contains(&argument.as_str()) => asked.kinds.push(argument),
                _ => {
                    return Err(format!(
                        "\"{argument}\" is neither kills=N, nor seed=N, nor one of {}",
                        known.join(", ")
                    ));
                }
            }
        }
        Ok(asked)
    }

    fn wants(&self, name: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == name)
    }
}

fn main() -> ExitCode {
    let asked = match Asked::parse(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(mistake) => {
            eprintln!("{mistake}");
            return ExitCode::from(2);
        }
    };
    let mut all_well = true;
    for Kind { name, run } in KINDS.iter().filter(|kind| asked.wants(kind.name)) {
        println!("{name}: {} kills from seed {}", asked.kills, asked.seed);
        all_well &= tell(name, || run(asked.seed, asked.kills).map(|outcome| outcome.to_string()));
    }
    if asked.wants("points") {
        all_well &= tell("points", || {
            points::run_all(2).map(|n_cases| format!("killed at each of {n_cases} named places, and there again"))
        });
    }
    if asked.wants("spike") {
        // They wait most of the time.
        let over_a_socket = std::thread::spawn(|| spike::socket(Spike::LONG));
        all_well &= tell("spike, from a topic", || spike::topic(Spike::LONG).map(|told| told.to_string()));
        all_well &= tell("spike, over a socket", || match over_a_socket.join() {
            Ok(told) => told.map(|told| told.to_string()),
            Err(_) => Err("it panicked".to_owned()),
        });
    }
    if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Run, and say what came of it.
fn tell(name: &str, run: impl FnOnce() -> Result<String, Failure>) -> bool {
    let since = Instant::now();
    let result = run();
    let took = since.elapsed();
    match &result {
        // A table says itself how long what it shows has taken.
        Ok(table) if table.contains('\n') => println!("{name}:\n{table}"),
        Ok(done) => println!("{name}: {done}, in {took:.0?}"),
        Err(failure) => println!("{name}: FAILED after {took:.0?}\n{failure}"),
    }
    result.is_ok()
}

//! The kinds of jobs that are killed: where their lines come from, and what else goes wrong.

#[cfg(debug_assertions)]
use std::path::PathBuf;

use super::ground::{Failure, Ground};
use super::job::Job;
use super::outcome::Outcome;
use super::outside::{Outages, Table, Topic};
use super::received::{Bare, Numbered};
#[cfg(debug_assertions)]
use super::seed::Seed;
#[cfg(debug_assertions)]
use super::storm::Weather;
use super::storm::{self, Fair};
#[cfg(debug_assertions)]
use super::swapped::Swaps;

/// A kind of job.
#[derive(Debug)]
pub struct Kind {
    /// Its name on the command line.
    pub name: &'static str,
    /// Have it killed so many times, from a seed.
    pub run: fn(seed: u64, n_kills: u64) -> Result<Outcome, Failure>,
}

/// All of them.
pub const KINDS: &[Kind] = &[
    Kind { name: "files", run: files },
    #[cfg(debug_assertions)]
    Kind { name: "store", run: store },
    Kind { name: "rivals", run: rivals },
    Kind { name: "standby", run: standby },
    Kind { name: "receiver", run: receiver },
    Kind { name: "socket", run: socket },
    Kind { name: "kafka", run: kafka },
    #[cfg(debug_assertions)]
    Kind { name: "swap", run: swap },
];

/// Files in, files out.
///
/// # Errors
/// As [`storm::run`].
pub fn files(seed: u64, n_kills: u64) -> Result<Outcome, Failure> {
    let ground = Ground::new(&Job::files());
    let carrier = ground.files();
    storm::run(ground, carrier, Fair, seed, n_kills)
}

/// Files in, files out; the checkpoint's operations fail, are slow, or are done and reported as failed, and each kill is a power failure: of the checkpoint, what wasn't synced is
/// gone.
///
/// # Errors
/// As [`storm::run`].
#[cfg(debug_assertions)]
pub fn store(seed: u64, n_kills: u64) -> Result<Outcome, Failure> {
    let ground = Ground::new(&Job::files());
    let carrier = ground.files();
    let weather = PowerCuts { remembered: ground.path().join("remembered") };
    storm::run(ground, carrier, weather, seed, n_kills)
}

/// Files in, files out; drivers take over from one another while they live.
///
/// # Errors
/// As [`super::rivals::run`].
pub fn rivals(seed: u64, n_times: u64) -> Result<Outcome, Failure> {
    super::rivals::run(Ground::new(&Job::files()), seed, n_times)
}

/// Files in, files out; each driver is killed under a standby.
///
/// # Errors
/// As [`super::rivals::run_standbys`].
pub fn standby(seed: u64, n_kills: u64) -> Result<Outcome, Failure> {
    super::rivals::run_standbys(Ground::new(&Job::files()).set("job.lease", "1s"), seed, n_kills)
}

/// From a plugin's receiver, whose sender keeps lines until they are acknowledged, into files and PostgreSQL, which refuses connections now and then.
///
/// # Errors
/// As [`storm::run`].
pub fn receiver(seed: u64, n_kills: u64) -> Result<Outcome, Failure> {
    let (server, table) = (Numbered::default(), Table::new());
    let ground = Ground::new(&server.job().with(&table.output()));
    let weather = (server.clone(), Outages { topic: None, table });
    storm::run(ground, server, weather, seed, n_kills)
}

/// From a bare TCP socket into files: what was logged is neither lost nor repeated.
///
/// # Errors
/// As [`storm::run`].
pub fn socket(seed: u64, n_kills: u64) -> Result<Outcome, Failure> {
    let server = Bare::new();
    storm::run(Ground::new(&server.job()), server.clone(), server, seed, n_kills)
}

/// From Kafka into files, Kafka and PostgreSQL; the broker is killed now and then and started again, and the database refuses connections.
///
/// # Errors
/// As [`storm::run`].
pub fn kafka(seed: u64, n_kills: u64) -> Result<Outcome, Failure> {
    let (mut topic, table) = (Topic::new(), Table::new());
    let ground = Ground::new(&topic.job().with(&topic.output()).with(&table.output()));
    storm::run(ground, topic.clone(), Outages { topic: Some(topic), table }, seed, n_kills)
}

/// Files in, files out; a plugin of the job, which keeps state, is swapped, migrated and gone back from at random moments.
///
/// # Errors
/// As [`storm::run`].
#[cfg(debug_assertions)]
pub fn swap(seed: u64, n_kills: u64) -> Result<Outcome, Failure> {
    let swaps = Swaps::new();
    let ground = swaps.ground();
    let carrier = ground.files();
    storm::run(ground, carrier, swaps, seed, n_kills)
}

/// Faults of the store, and power failures.
#[derive(Debug)]
#[cfg(debug_assertions)]
struct PowerCuts {
    remembered: PathBuf,
}

#[cfg(debug_assertions)]
impl Weather for PowerCuts {
    fn environment(&mut self, seed: &mut Seed) -> Vec<(String, String)> {
        let (seed, remembered) = (seed.within(0..1 << 32), self.remembered.display());
        let faults = format!("seed={seed},fail=0.03,lose-answer=0.03,delay=10ms,remember={remembered}");
        vec![(sluicebox::checkpoint::faults::VARIABLE.to_owned(), faults)]
    }

    fn after_kill(&mut self, ground: &Ground) -> Result<(), Failure> {
        let checkpoint = ground.path().join("checkpoint");
        if !self.remembered.exists() {
            // It was killed before the folder was made.
            return Ok(());
        }
        // Received blocks are in files of their own, which the store doesn't write.
        let lost = sluicebox::checkpoint::faults::lose_power(&checkpoint, &self.remembered, &["wal"]);
        lost.map_err(|error| format!("{} can't be made what it was: {error}", checkpoint.display()))
    }

    fn explains(&self, error: &str) -> bool {
        ["a fault that was asked for", "an answer that was lost"].iter().any(|fault| error.contains(fault))
    }
}

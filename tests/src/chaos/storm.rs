//! A run with many kills: at moments that the seed says, of which some are in the middle of recovery, snapshots and compaction.

use std::time::Duration;

use sluicebox::checkpoint::FaultPoint;
use sluicebox::checkpoint::fault_point::VARIABLE;

use super::feed::{Carrier, Feeder};
use super::ground::{Failure, Ground};
use super::outcome::{Fed, Outcome, check};
use super::seed::Seed;
use crate::program::Running;

/// What goes wrong beside the program's being killed.
pub trait Weather {
    /// How the program is killed next; called before it starts.
    fn kill(&mut self, seed: &mut Seed) -> Kill {
        Kill::draw(seed)
    }

    /// Environment of the next start.
    fn environment(&mut self, seed: &mut Seed) -> Vec<(String, String)> {
        let _ = seed;
        vec![]
    }

    /// Something that goes wrong while the program runs, before it is killed.
    fn disturb(&mut self, seed: &mut Seed, running: &mut Running) {
        let _ = (seed, running);
    }

    /// The program runs for the last time, and is fed a little longer.
    fn before_the_end(&mut self, running: &mut Running) {
        let _ = running;
    }

    /// The program is gone: what else is gone with it.
    ///
    /// # Errors
    /// What can't be.
    fn after_kill(&mut self, ground: &Ground) -> Result<(), Failure> {
        let _ = ground;
        Ok(())
    }

    /// What the lines that were given amount to.
    fn fed(&mut self, lines: Vec<String>) -> Fed {
        Fed::Exactly(lines)
    }

    /// All is written, and nobody writes any more: whether it is right as far as only this knows.
    ///
    /// # Errors
    /// What isn't.
    fn finish(&mut self, ground: &Ground) -> Result<(), Failure> {
        let _ = ground;
        Ok(())
    }

    /// Whether the program may end by itself with this error.
    fn explains(&self, error: &str) -> bool {
        let _ = error;
        false
    }
}

/// Nothing else goes wrong.
#[derive(Debug, Clone, Copy)]
pub struct Fair;

impl Weather for Fair {}

/// Two kinds of weather at once; how the program is killed, and what the lines amount to, is the first one's.
impl<A: Weather, B: Weather> Weather for (A, B) {
    fn kill(&mut self, seed: &mut Seed) -> Kill {
        self.0.kill(seed)
    }

    fn environment(&mut self, seed: &mut Seed) -> Vec<(String, String)> {
        [self.0.environment(seed), self.1.environment(seed)].concat()
    }

    fn disturb(&mut self, seed: &mut Seed, running: &mut Running) {
        self.0.disturb(seed, running);
        self.1.disturb(seed, running);
    }

    fn before_the_end(&mut self, running: &mut Running) {
        self.0.before_the_end(running);
        self.1.before_the_end(running);
    }

    fn after_kill(&mut self, ground: &Ground) -> Result<(), Failure> {
        self.0.after_kill(ground)?;
        self.1.after_kill(ground)
    }

    fn fed(&mut self, lines: Vec<String>) -> Fed {
        self.0.fed(lines)
    }

    fn finish(&mut self, ground: &Ground) -> Result<(), Failure> {
        self.0.finish(ground)?;
        self.1.finish(ground)
    }

    fn explains(&self, error: &str) -> bool {
        self.0.explains(error) || self.1.explains(error)
    }
}

/// How the program is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    /// So long after it was started.
    Starting(Duration),
    /// So long after a batch of its was done, however long it takes to come there on a busy machine.
    Working(Duration),
    /// When it comes to a place for the Nth time, and as [`Kill::Working`] if it doesn't.
    At(FaultPoint, u64, Duration),
}

impl Kill {
    /// A kill of any kind.
    pub fn draw(seed: &mut Seed) -> Self {
        match seed.within(0..10) {
            // While it starts, and recovers.
            0..3 => Self::Starting(seed.millis(1..600)),
            // While it works: a second or two are batches, snapshots and compactions.
            3..7 => Self::Working(seed.millis(1..2000)),
            _ => Self::At(seed.one_of(FaultPoint::ALL), seed.within(1..20), seed.millis(1000..2500)),
        }
    }
}

impl Kill {
    /// The place, as the program's environment names it.
    pub fn place(self) -> Option<String> {
        match self {
            Self::Starting(_) | Self::Working(_) => None,
            Self::At(point, nth, _) => Some(format!("{point}:{nth}")),
        }
    }

    /// Kill a program when it is time, if it hasn't been killed at its place or ended by itself.
    pub fn strike(self, ground: &Ground, running: &mut Running) {
        let has_ended = match self {
            Self::Starting(time) => running.ends_within(time),
            Self::Working(time) | Self::At(_, _, time) => ground.until_batch(running) || running.ends_within(time),
        };
        if !has_ended {
            running.signal("KILL");
        }
    }
}

/// Have a job killed `n_kills` times while it is fed, then let it finish, and check what it has written.
///
/// # Errors
/// What went wrong, with the seed; the folder is kept.
pub fn run(
    ground: Ground,
    carrier: impl Carrier,
    mut weather: impl Weather,
    seed: u64,
    n_kills: u64,
) -> Result<Outcome, Failure> {
    let outcome = rage(&ground, carrier, &mut weather, seed, n_kills);
    outcome.map_err(|failure| ground.keep(format!("seed {seed}: {failure}")))
}

fn rage(
    ground: &Ground,
    carrier: impl Carrier,
    weather: &mut impl Weather,
    seed: u64,
    n_kills: u64,
) -> Result<Outcome, Failure> {
    let mut seed = Seed::new(seed);
    let feeder = Feeder::start(seed.fork(), carrier);
    for number in 1..=n_kills {
        let kill = weather.kill(&mut seed);
        let struck = strike(ground, weather, &mut seed, kill).and_then(|()| weather.after_kill(ground));
        struck.map_err(|failure| format!("kill {number}, {kill:?}: {failure}"))?;
    }
    let mut running = ground.start(&[], &[]);
    weather.before_the_end(&mut running);
    let fed = weather.fed(feeder.finish());
    ground.finish(running, &fed)?;
    weather.finish(ground)?;
    check(ground, &fed)
}

fn strike(ground: &Ground, weather: &mut impl Weather, seed: &mut Seed, kill: Kill) -> Result<(), Failure> {
    let mut environment = weather.environment(seed);
    environment.extend(kill.place().map(|place| (VARIABLE.to_owned(), place)));
    let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (&**name, &**value)).collect();
    let mut running = ground.start(&[], &environment);
    weather.disturb(seed, &mut running);
    kill.strike(ground, &mut running);
    ground.killed_or(running, |error| weather.explains(error))
}

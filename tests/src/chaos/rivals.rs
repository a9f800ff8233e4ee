//! Runs in which another driver takes over: from one that lives, and may not have noticed when it wakes up; or, as a standby, from one that is gone.

use std::time::{Duration, Instant};

use sluicebox::checkpoint::fault_point::VARIABLE;
use sluicebox::testing::PATIENCE;

use super::feed::Feeder;
use super::ground::{Failure, Ground, LOOK};
use super::outcome::{Fed, Outcome, Written, check};
use super::seed::Seed;
use super::storm::Kill;
use crate::program::{Running, is_overtaken};

/// Lines that are to be written between two changes of the driver.
const LINES: usize = 20;

/// Have drivers of a job take over from one another `n_times`, every other one from a driver that is stopped by SIGSTOP meanwhile and goes on later; then let the last finish, and
/// check what they have written.
///
/// # Errors
/// What went wrong, with the seed; the folder is kept.
pub fn run(ground: Ground, seed: u64, n_times: u64) -> Result<Outcome, Failure> {
    let outcome = compete(&ground, seed, n_times);
    outcome.map_err(|failure| ground.keep(format!("seed {seed}: {failure}")))
}

fn compete(ground: &Ground, seed: u64, n_times: u64) -> Result<Outcome, Failure> {
    let mut seed = Seed::new(seed);
    let feeder = Feeder::start(seed.fork(), ground.files());
    let mut active = ground.start(&[], &[]);
    for number in 0..n_times {
        until_more(ground, &mut active)?;
        // Wherever it is now.
        active.ends_within(seed.millis(0..200));
        let is_stopped = number % 2 == 0;
        if is_stopped {
            active.suspend_between_changes(|driver| driver.ends_within(seed.millis(1..20)));
        }
        let mut next = ground.start(&[], &[]);
        let took_over = until_more(ground, &mut next);
        if is_stopped {
            active.signal("CONT");
        }
        if let Err(failure) = took_over {
            return Err(ground.given_up(next, &format!("driver {} of {n_times}: {failure}", number + 2)));
        }
        let since = Instant::now();
        while !active.ends_within(LOOK) {
            if since.elapsed() > PATIENCE || next.ends_within(Duration::ZERO) {
                return Err(ground.given_up(next, &format!("driver {} has not taken over", number + 2)));
            }
        }
        let ran = ground.ended_with(1, active)?;
        let is_told = ran.errors().iter().any(|error| is_overtaken(error));
        if !is_told {
            return Err(format!("a driver that was taken over from doesn't say so:\n{}", ran.stderr));
        }
        active = next;
    }
    let fed = Fed::Exactly(feeder.finish());
    ground.finish(active, &fed)?;
    check(ground, &fed)
}

/// Have the job's driver killed `n_kills` times, at random moments and places, each time under a standby, which is the next to be killed; then let the last finish, and check what they
/// have written.
///
/// # Errors
/// What went wrong, with the seed; the folder is kept.
pub fn run_standbys(ground: Ground, seed: u64, n_kills: u64) -> Result<Outcome, Failure> {
    let outcome = succeed(&ground, seed, n_kills);
    outcome.map_err(|failure| ground.keep(format!("seed {seed}: {failure}")))
}

fn succeed(ground: &Ground, seed: u64, n_kills: u64) -> Result<Outcome, Failure> {
    let mut seed = Seed::new(seed);
    let feeder = Feeder::start(seed.fork(), ground.files());
    // One may be killed that hasn't taken over yet. The first has nobody to wait for.
    let standby = |kill: Kill| {
        let place = kill.place();
        let environment: Vec<(&str, &str)> = place.iter().map(|place| (VARIABLE, place.as_str())).collect();
        let standby = ground.start(&["--standby"], &environment);
        standby.line_with("standing by");
        (standby, kill)
    };
    let (mut active, mut kill) = standby(Kill::draw(&mut seed));
    for number in 1..=n_kills {
        let next = match number == n_kills {
            // It isn't killed.
            true => standby(Kill::Working(Duration::MAX)),
            false => standby(Kill::draw(&mut seed)),
        };
        kill.strike(ground, &mut active);
        // On a machine that is busy enough, a standby has taken over before.
        ground.killed_or(active, is_overtaken).map_err(|failure| format!("kill {number}, {kill:?}: {failure}"))?;
        (active, kill) = next;
    }
    let fed = Fed::Exactly(feeder.finish());
    // Of two standbys that wait for the same driver the second may take over from the first, and here be the one that was killed last.
    if ground.until_written(&mut active, &fed).is_err() && active.ends_within(Duration::ZERO) {
        ground.killed_or(active, is_overtaken).map_err(|failure| format!("the last: {failure}"))?;
        active = ground.start(&["--standby"], &[]);
    }
    ground.finish(active, &fed)?;
    check(ground, &fed)
}

/// Returns once the job has written some more lines.
fn until_more(ground: &Ground, running: &mut Running) -> Result<(), Failure> {
    let written = Written::new(&ground.path().join("out/all")).look()?;
    ground.until_written(running, &Fed::AtLeast(written + LINES))
}

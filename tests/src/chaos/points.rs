//! Runs that are killed at a named place of the program.

use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use sluicebox::checkpoint::FaultPoint;
use sluicebox::checkpoint::fault_point::{LONG_LOG_VARIABLE, VARIABLE};

use super::feed::{Carrier, Feeder};
use super::ground::{Failure, Ground};
use super::job::Job;
use super::outcome::{Fed, Outcome, check};
use super::received::Numbered;
use super::seed::Seed;

/// How often a process comes to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comes {
    /// Again and again.
    Often,
    /// Once, when it starts.
    Once,
    /// Once, when it goes on from a checkpoint that has batches.
    OnceWhenItGoesOn,
}

/// Kill jobs at all places, each at its first passage, and going on, at its third, some of them at the same time. Returns how many places there are.
///
/// # Errors
/// What went wrong with each case that failed.
pub fn run_all(at_once: usize) -> Result<usize, Failure> {
    // Nobody swaps a plugin here, or applies a job file: jobs that are changed are killed by tests of their own.
    let changes = [FaultPoint::SwapBefore, FaultPoint::SwapAfter, FaultPoint::ApplyBefore, FaultPoint::ApplyAfter];
    let points = FaultPoint::ALL.iter().filter(|point| !changes.contains(point));
    let cases: Vec<_> = points.collect();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(vec![]));
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(point) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(failure) = run(**point) {
                        failures.lock().push(failure);
                    }
                }
            });
        }
    });
    match failures.into_inner() {
        failures if failures.is_empty() => Ok(cases.len()),
        failures => Err(format!("{} of {} cases failed:\n{}", failures.len(), cases.len(), failures.join("\n\n"))),
    }
}

fn comes(point: FaultPoint) -> Comes {
    match point {
        FaultPoint::TermBefore | FaultPoint::TermAfter | FaultPoint::ComponentBefore => Comes::Once,
        FaultPoint::RecoverBefore
        | FaultPoint::RecoverMiddle
        | FaultPoint::RecoverAfter
        | FaultPoint::ReceivedClosed
        | FaultPoint::ReceivedRemove => Comes::OnceWhenItGoesOn,
        _ => Comes::Often,
    }
}

/// Kill a job where it comes to `point` for the first time, and another process where that comes there for the third time, let a last one finish, and check what they have written. Where a
/// process comes there only once, three are killed, one after the other.
///
/// # Errors
/// What went wrong: also that the program doesn't come there. The folder is kept.
pub fn run(point: FaultPoint) -> Result<Outcome, Failure> {
    let server = Numbered::default();
    let is_received = point.name().starts_with("received-");
    let job = if is_received { server.job() } else { Job::files() };
    // The log is put together and trimmed again and again, and what it names no more is removed.
    let ground = Ground::new(&job).set("job.retain", "100ms").with(LONG_LOG_VARIABLE, "8");
    let carrier: Box<dyn Carrier> = if is_received { Box::new(server.clone()) } else { Box::new(ground.files()) };
    let outcome = killed_at(&ground, carrier, point).and_then(|outcome| server.check().map(|()| outcome));
    outcome.map_err(|failure| ground.keep(format!("{point}: {failure}")))
}

fn killed_at(ground: &Ground, carrier: Box<dyn Carrier>, point: FaultPoint) -> Result<Outcome, Failure> {
    let feeder = Feeder::start(Seed::new(3), carrier);
    let starts = match comes(point) {
        Comes::Often => vec![1, 3],
        Comes::Once => vec![1; 3],
        Comes::OnceWhenItGoesOn => {
            let first = ground.start(&[], &[(VARIABLE, "done-after:4")]);
            ground.killed(first)?;
            vec![1; 3]
        }
    };
    for passage in starts {
        let running = ground.start(&[], &[(VARIABLE, &format!("{point}:{passage}"))]);
        ground.killed(running)?;
    }
    let running = ground.start(&[], &[]);
    let fed = Fed::Exactly(feeder.finish());
    ground.finish(running, &fed)?;
    check(ground, &fed)
}

//! The thread that advances the engine's epoch, by which calls into guests are limited in time.
//!
//! It runs only while calls do: with none, it waits to be woken. It holds the engine weakly, and ends with it.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use wasmtime::Engine;

/// How often the epoch advances while guests run.
pub const TICK: Duration = Duration::from_millis(5);

#[derive(Debug, Default)]
struct Calls {
    running: Mutex<Running>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Running {
    n_calls: usize,
    /// Whether the thread waits for a call, and must be woken.
    idle: bool,
    stopped: bool,
}

/// Keeps time for calls; dropping it ends the thread.
#[derive(Debug)]
pub struct Ticker(Arc<Calls>);

impl Ticker {
    /// Start to keep the time of `engine`.
    ///
    /// # Errors
    /// If the thread can't be started.
    pub fn start(engine: &Engine) -> std::io::Result<Self> {
        let calls = Arc::new(Calls::default());
        let (waited, engine) = (Arc::clone(&calls), engine.weak());
        thread::Builder::new().name("guest-clock".to_owned()).spawn(move || {
            let mut running = waited.running.lock();
            while !running.stopped {
                running.idle = running.n_calls == 0;
                if running.idle {
                    waited.changed.wait(&mut running);
                    continue;
                }
                // Nothing wakes this before the time but the end of the host.
                waited.changed.wait_for(&mut running, TICK);
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => return,
                }
            }
        })?;
        Ok(Self(calls))
    }

    /// Keep time until the answer is dropped.
    pub fn call(&self) -> Call<'_> {
        let mut running = self.0.running.lock();
        running.n_calls += 1;
        if std::mem::take(&mut running.idle) {
            self.0.changed.notify_one();
        }
        Call(&self.0)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.0.running.lock().stopped = true;
        self.0.changed.notify_one();
    }
}

/// How many ticks make a deadline that is at least `time` away: the tick under way doesn't count.
pub fn ticks(time: Duration) -> u64 {
    let ticks = time.as_nanos().div_ceil(TICK.as_nanos());
    u64::try_from(ticks).unwrap_or(u64::MAX / 2).saturating_add(1).min(u64::MAX / 2)
}

/// A call into a guest that is under way.
pub struct Call<'a>(&'a Calls);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.running.lock().n_calls -= 1;
    }
}

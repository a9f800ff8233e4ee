//! `wasi:clocks`: what time it is to a guest.
//!
//! Unless `clock` is granted, the wall clock stands at the batch's time, and the monotonic clock begins there and goes on by [`STEP`] whenever it is read and by what a guest waits
//! for, without anybody waiting. Who may connect somewhere waits for others, so its monotonic clock is the machine's.

use std::time::Duration;

use wasmtime::Result;
use wasmtime::component::Resource;

use super::bindings::wasi::clocks::{monotonic_clock, wall_clock};
use super::poll::Pollable;
use crate::plugin::guest::Guest;

use super::bindings::wasi::clocks::wall_clock::Datetime;

/// How far a monotonic clock that stands still goes on when it is read, in nanoseconds: a loop until some time has passed ends, and soon.
pub const STEP: u64 = 1_000;

impl Guest {
    /// Nanoseconds of the instance's own clock, which has been read.
    pub fn read_clock(&mut self) -> u64 {
        let now = self.clock_stands_at();
        self.put_clock_forward(STEP);
        now
    }

    /// Nanoseconds of the instance's own clock.
    pub fn clock_stands_at(&mut self) -> u64 {
        let began = self.batch_millis().saturating_mul(1_000_000);
        let outside = self.outside();
        match outside.time_passes() {
            true => u64::try_from(outside.since.elapsed().as_nanos()).unwrap_or(u64::MAX),
            false => began.saturating_add(outside.put_forward),
        }
    }

    /// What is waited for is over at once, where no time passes by itself.
    pub fn put_clock_forward(&mut self, nanos: u64) {
        let put_forward = &mut self.outside().put_forward;
        *put_forward = put_forward.saturating_add(nanos);
    }
}

impl wall_clock::Host for Guest {
    fn now(&mut self) -> Result<Datetime> {
        let since_1970 = match self.outside().grants.clock {
            true => crate::clock::time_of_day(),
            false => Duration::from_millis(self.batch_millis()),
        };
        Ok(Datetime { seconds: since_1970.as_secs(), nanoseconds: since_1970.subsec_nanos() })
    }

    fn resolution(&mut self) -> Result<Datetime> {
        let nanoseconds = if self.outside().grants.clock { 1 } else { 1_000_000 };
        Ok(Datetime { seconds: 0, nanoseconds })
    }
}

impl monotonic_clock::Host for Guest {
    fn now(&mut self) -> Result<u64> {
        Ok(self.read_clock())
    }

    fn resolution(&mut self) -> Result<u64> {
        Ok(if self.outside().time_passes() { 1 } else { STEP })
    }

    fn subscribe_instant(&mut self, when: u64) -> Result<Resource<Pollable>> {
        self.subscribe_to(Pollable::At(when))
    }

    fn subscribe_duration(&mut self, when: u64) -> Result<Resource<Pollable>> {
        let at = self.clock_stands_at().saturating_add(when);
        self.subscribe_to(Pollable::At(at))
    }
}

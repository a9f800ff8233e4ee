//! Best of many, and the table. The best time is taken, not the mean: whatever else the machine does only adds.

use crate::host::{Guest, Host};
use std::time::{Duration, Instant};
use wasmtime::component::{ComponentNamedList, Lift, Lower};
use wasmtime::{Result, Store};

/// Seconds.
#[derive(Clone, Copy)]
pub struct Timing {
    /// In an instance that has been called before.
    pub reused: f64,
    /// With a store and an instance of its own, both dropped again.
    pub fresh: f64,
}

/// Measures, and prints a row for each.
pub struct Bench {
    budget: Duration,
    group: Option<(String, f64)>,
}

impl Bench {
    /// Each timing takes `budget`, or a few runs if that is longer.
    pub fn new(budget: Duration) -> Self {
        println!("| what | shape | reused | fresh | reused GB/s | fresh GB/s | to the first |");
        println!("|---|---|--:|--:|--:|--:|--:|");
        Bench { budget, group: None }
    }

    pub fn best(&self, mut run: impl FnMut() -> Result<()>) -> Result<f64> {
        let mut best = f64::MAX;
        let begin = Instant::now();
        let mut runs = 0;
        while runs < 3 || begin.elapsed() < self.budget {
            let start = Instant::now();
            run()?;
            best = best.min(start.elapsed().as_secs_f64());
            runs += 1;
        }
        Ok(best)
    }

    /// Time one call, its result dropped, in a reused and in fresh instances; `check` sees one result first.
    pub fn call<P, R>(
        &self,
        guest: &Guest,
        (interface, function): (&str, &str),
        params: impl Fn() -> P,
        check: impl FnOnce(&mut Store<Host>, R) -> bool,
    ) -> Result<Timing>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let export = guest.export(interface, function)?;
        let (mut store, instance) = guest.instance()?;
        let typed = instance.get_typed_func::<P, R>(&mut store, &export)?;
        let result = typed.call(&mut store, params())?;
        if !check(&mut store, result) {
            return Err(wasmtime::Error::msg(format!("{interface}#{function} gave a wrong answer")));
        }
        store.data_mut().emitted.clear();
        let reused = self.best(|| {
            drop(typed.call(&mut store, params())?);
            store.data_mut().emitted.clear();
            Ok(())
        })?;
        drop(store);
        let fresh = self.best(|| {
            let (mut store, instance) = guest.instance()?;
            let typed = instance.get_typed_func::<P, R>(&mut store, &export)?;
            drop(typed.call(&mut store, params())?);
            Ok(())
        })?;
        Ok(Timing { reused, fresh })
    }

    /// Print a row. `bytes` are those that went in plus those that came out. Rows of one `what` are compared with its first.
    pub fn row(&mut self, what: &str, shape: &str, timing: Timing, bytes: usize) {
        let first = match &self.group {
            Some((group, first)) if group == what => *first,
            _ => {
                self.group = Some((what.into(), timing.fresh));
                timing.fresh
            }
        };
        let rate =
            |seconds: f64| if bytes == 0 { String::new() } else { format!("{:.1}", bytes as f64 / seconds / 1e9) };
        println!(
            "| {what} | {shape} | {} | {} | {} | {} | {:.2} |",
            duration(timing.reused),
            duration(timing.fresh),
            rate(timing.reused),
            rate(timing.fresh),
            timing.fresh / first
        );
    }
}

/// A time in the unit that suits it; nothing for one that wasn't measured.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s.is_nan() => String::new(),
        s if s < 1e-6 => format!("{:.0} ns", s * 1e9),
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s => format!("{:.2} ms", s * 1e3),
    }
}

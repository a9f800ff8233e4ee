//! What a swap costs a running job: how late its batches are while its plugin is swapped again and again, what becomes of its rows, and how long the pause is in which migrated state takes its place.
//!
//! `make bench-swap`, optionally with `SWAPS=100 ROWS=20000 KEYS=1000000`.

use std::time::{Duration, Instant};

use sluicebox_tests::swaps::{self, Migrated, Plan};

fn setting(name: &str, default: i64) -> i64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let (n_swaps, rows, keys) = (setting("SWAPS", 100), setting("ROWS", 20_000), setting("KEYS", 1_000_000));
    let interval = Duration::from_millis(200);
    println!(
        "a job of {rows} rows each {interval:?}, tagged and summed up by 10,000 keys, {n_swaps} swaps at random moments"
    );
    println!(
        "{:<12} {:>8} {:>10} {:>9} {:>12} {:>12} {:>12} {:>12} {:>6} {:>6} {:>6}",
        "checkpoint",
        "swapped",
        "back",
        "refused",
        "calm median",
        "calm longest",
        "median",
        "longest",
        "lost",
        "twice",
        "mixed"
    );
    let folder = tempfile::tempdir().expect("a folder");
    for checkpoint in [None, Some(format!("file://{}", folder.path().display()))] {
        let name = if checkpoint.is_some() { "file" } else { "none" };
        let swaps = usize::try_from(n_swaps).expect("a count");
        let plan = Plan { interval, rows, keys: 10_000, calm: 20, swaps, seed: 7, checkpoint };
        let report = runtime.block_on(swaps::run(&plan));
        println!(
            "{name:<12} {:>8} {:>10} {:>9} {:>12.1?} {:>12.1?} {:>12.1?} {:>12.1?} {:>6} {:>6} {:>6}",
            report.swapped,
            report.rolled_back + report.went_back,
            report.refused,
            report.calm_median,
            report.calm,
            report.median,
            report.longest,
            report.lost,
            report.twice,
            report.mixed
        );
        assert_eq!((report.lost, report.twice, report.mixed, report.wrong_sums), (0, 0, 0, 0), "{report:#?}");
    }
    println!("\nstate of {keys} keys, migrated to another version while batches of {rows} rows go on");
    let start = Instant::now();
    let Migrated { swap, before, boundary, after } = runtime.block_on(swaps::migrate(keys, rows, interval));
    println!("swap, until it is recorded {swap:>10.1?}");
    println!("a batch before             {before:>10.1?}");
    println!("the batch at the boundary  {boundary:>10.1?}");
    println!("a batch after              {after:>10.1?}");
    println!("in all                     {:>10.1?}", start.elapsed());
}

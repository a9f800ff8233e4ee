//! What the sandbox costs, and what it holds: fresh instances, checks of what guests return, fuel that is counted, a candidate beside the current component, and a plugin's throughput while another does all the harm it can.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sluicebox::arrow::array::RecordBatch;
use sluicebox::plugin::{Answered, Limits, OperatorRef};

use crate::inputs::{self, Numbers};
use crate::jobs::{self, Job};
use crate::measure::{Result, Times, case, duration, head, in_turns, rate, ratio, row};
use crate::plugins::{Guests, Transform};

/// Rows of a partition.
const ROWS: [usize; 3] = [1_024, 8_192, 65_536];
/// Rows of a partition of the neighbour's.
const NEIGHBOURS_ROWS: usize = 8_192;
/// What the evil one does, in which call, and what it is. Each ends as its limit says, and begins anew at once.
const DEEDS: [(&str, &str, &str); 8] = [
    ("loop", "process", "loops without end, 50 ms of it a call"),
    ("memory", "process", "takes memory, all of its 64 MiB"),
    ("recurse", "process", "recurses until its stack is full"),
    ("trap", "process", "traps"),
    ("log", "process", "logs 100,000 lines a call"),
    ("counters", "process", "counts under 10,000 names a call"),
    ("refuse", "process", "refuses with a million bytes"),
    ("buffers", "process", "returns a million buffers"),
];

/// Print the tables.
///
/// # Errors
/// If a guest fails that shouldn't, or one doesn't that should.
pub fn table(component: &Path, guests: &Guests, hostile: &Path, budget: Duration) -> Result<()> {
    instances(guests, budget)?;
    checks(guests, budget)?;
    fuel(guests, budget)?;
    canary(component, budget)?;
    if hostile.as_os_str().is_empty() {
        eprintln!("neighbours are not measured: --hostile names plugins/hostile");
        return Ok(());
    }
    neighbours(guests, hostile, budget)
}

fn instances(guests: &Guests, budget: Duration) -> Result<()> {
    let about = "Lines split into words: a partition in a fresh instance, against the same in one that is at work. A fresh one is what the host gives each partition.";
    head("A fresh instance for each partition", about, &["rows", "reused", "fresh", "ratio"], 1);
    for rows in ROWS {
        let lines = [inputs::lines(&mut Numbers::new(), rows)?];
        let operator = guests.transform("split", &lines[0].schema())?;
        let mut at_work = operator.open()?;
        let cases = vec![case(|| Ok(at_work.process(&lines[0])?)), case(|| operator.partition(&lines))];
        let times = in_turns(budget, cases)?;
        print(rows, &times);
    }
    Ok(())
}

fn checks(guests: &Guests, budget: Duration) -> Result<()> {
    let about = "What the host does with what comes back, beside copying it: lengths, offsets and UTF-8 are checked, and arrays made. Against the whole call, in an instance at work, that made it.";
    head("Checks of what guests return", about, &["rows", "made of them", "the call", "the checks", "of the call"], 1);
    for rows in ROWS {
        for operator in ["split", "echo"] {
            let given = match operator {
                "split" => inputs::lines(&mut Numbers::new(), rows)?,
                _ => inputs::integers(&mut Numbers::new(), rows, 2, 1 << 32)?,
            };
            let operator = guests.transform(operator, &given.schema())?;
            let mut at_work = operator.open()?;
            let made = at_work.process(&given)?.rows;
            let answer = Answered::of(&made)?;
            let cases = vec![
                case(|| Ok(at_work.process(&given)?)),
                case(|| Ok(answer.copied())),
                case(|| Ok(answer.checked()?)),
            ];
            let times = in_turns(budget, cases)?;
            let (call, checks) = (times[0].median(), (times[2].median() - times[1].median()).max(0.0));
            let columns = if made.num_columns() == 1 { "words" } else { "int64, int64" };
            row(&[
                rows.to_string(),
                format!("{} rows of {columns}", made.num_rows()),
                duration(call),
                duration(checks),
                format!("{:.1} %", 100.0 * checks / call),
            ]);
        }
    }
    Ok(())
}

fn fuel(guests: &Guests, budget: Duration) -> Result<()> {
    let about = "Lines split into words, and rows given back as they are, by one component compiled twice: as it is, and so that it counts what it runs. A partition in a fresh instance.";
    head("Fuel that is counted", about, &["operator", "rows", "not counted", "counted", "ratio"], 2);
    for operator in ["split", "echo"] {
        for rows in ROWS {
            let given = match operator {
                "split" => inputs::lines(&mut Numbers::new(), rows)?,
                _ => inputs::integers(&mut Numbers::new(), rows, 2, 1 << 32)?,
            };
            let given = [given];
            let plain = guests.operator(operator);
            let limits = Limits { fuel: Some(Limits::COUNTED), ..plain.limits.clone() };
            let counted = guests.bound(OperatorRef { limits, ..plain.clone() }, &given[0].schema())?;
            let plain = guests.bound(plain, &given[0].schema())?;
            let times = in_turns(budget, vec![case(|| plain.partition(&given)), case(|| counted.partition(&given))])?;
            let (one, other) = (&times[0], &times[1]);
            row(&[
                operator.to_owned(),
                rows.to_string(),
                duration(one.median()),
                duration(other.median()),
                ratio(other.ratio_to(one)),
            ]);
        }
    }
    Ok(())
}

fn canary(component: &Path, budget: Duration) -> Result<()> {
    let about = "Batches of lines split into words, with and without a candidate that runs beside the current component, on the same rows, and has what it makes compared.";
    head("A candidate beside the current component", about, &["rows a batch", "without", "with", "ratio"], 1);
    let runtime = jobs::runtime()?;
    for rows in [8_192, 65_536] {
        let lines = inputs::lines(&mut Numbers::new(), rows)?;
        let start = || {
            runtime.block_on(Job::start(component, |context| {
                let (lines, queue) = context.queue_stream("lines", lines.schema())?;
                Ok((lines.flat_map("words", "speed/split")?, queue))
            }))
        };
        let ((mut plain, plain_queue), (mut tried, tried_queue)) = (start()?, start()?);
        let trial = runtime.block_on(tried.canary(another(component)?))?;
        let batch = |job: &mut Job, queue: &sluicebox::receiver::queue::Queue| {
            queue.push(vec![lines.clone()])?;
            runtime.block_on(job.batch())
        };
        let times = {
            let cases = vec![case(|| batch(&mut plain, &plain_queue)), case(|| batch(&mut tried, &tried_queue))];
            in_turns(budget, cases)?
        };
        let (compared, is_same) = tried.compared().ok_or("the candidate's trial has ended")?;
        if !is_same || compared == 0 {
            return Err(format!("of {compared} batches compared, some differ").into());
        }
        print(rows, &times);
        trial.abort();
        runtime.block_on(async {
            plain.stop().await?;
            tried.stop().await
        })?;
    }
    Ok(())
}

/// A component that is another by its digest and does the same: a section is added that says nothing.
fn another(component: &Path) -> Result<Vec<u8>> {
    let mut bytes = std::fs::read(component)?;
    bytes.extend([0, 8, 7]);
    bytes.extend(b"another");
    Ok(bytes)
}

fn print(rows: usize, times: &[Times]) {
    let (one, other) = (&times[0], &times[1]);
    row(&[rows.to_string(), duration(one.median()), duration(other.median()), ratio(other.ratio_to(one))]);
}

fn neighbours(guests: &Guests, hostile: &Path, budget: Duration) -> Result<()> {
    let about = "A plugin splits lines, partition after partition, on one thread; another plugin works on a second one, in the same process and beside the same memory. What the first one \
                 does a second, while the other does harm, against what it does while the other splits lines too: in turns, medians.";
    head("A neighbour's throughput", about, &["the other", "its calls", "neighbour's rows", "of usual"], 1);
    let lines = inputs::lines(&mut Numbers::new(), NEIGHBOURS_ROWS)?;
    let schema = lines.schema();
    let operator = guests.transform("split", &schema)?;
    let bytes = std::fs::read(hostile).map_err(|error| format!("{}: {error}", hostile.display()))?;
    let digest = guests.host.add(&bytes)?;
    let numbers = inputs::integers(&mut Numbers::new(), 100, 1, 1 << 32)?;
    let slice = (budget / 10).max(Duration::from_millis(100));
    for (act, call, what) in DEEDS {
        let evil = OperatorRef {
            plugin: "evil".to_owned(),
            operator: "map".to_owned(),
            digest,
            config: format!(r#"{{"act":"{act}","in":"{call}"}}"#),
            limits: Limits { time: Duration::from_millis(50), ..Limits::default() },
            ..guests.operator("map")
        };
        let evil = guests.bound(evil, &numbers.schema())?;
        let (mut usual, mut beside, mut calls) = (vec![], vec![], 0);
        for _ in 0..10 {
            let splits = || operator.partition(std::slice::from_ref(&lines)).map(drop);
            usual.push(beside_of(&operator, &lines, slice, splits)?.0);
            let harm = || match evil.partition(std::slice::from_ref(&numbers)) {
                // Floods are cut off, and everything else is an error.
                Ok(_) if matches!(act, "log" | "counters") => Ok(()),
                Ok(_) => Err(format!("a guest that {what} wasn't stopped").into()),
                Err(_) => Ok(()),
            };
            let (rows, n_calls) = beside_of(&operator, &lines, slice, harm)?;
            beside.push(rows);
            calls += n_calls;
        }
        let (usual, beside) = (Times(usual), Times(beside));
        row(&[what.to_owned(), calls.to_string(), rate(1, 1.0 / beside.median()), ratio(beside.ratio_to(&usual))]);
    }
    Ok(())
}

/// Rows that the operator works through in a second while another thread does `other` again and again, and how often that did it.
fn beside_of(
    operator: &Transform<'_>,
    lines: &RecordBatch,
    slice: Duration,
    other: impl Fn() -> Result<()> + Sync,
) -> Result<(f64, u64)> {
    let (is_over, calls) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                other()?;
                calls.fetch_add(1, Ordering::Relaxed);
            }
            Result::Ok(())
        });
        let (start, mut rows) = (Instant::now(), 0);
        let worked = loop {
            if let Err(error) = operator.partition(std::slice::from_ref(lines)) {
                break Err(error);
            }
            rows += lines.num_rows();
            if start.elapsed() >= slice {
                break Ok(rows as f64 / start.elapsed().as_secs_f64());
            }
        };
        is_over.store(true, Ordering::Relaxed);
        other.join().map_err(|_| "the other thread panicked")??;
        Ok((worked?, calls.load(Ordering::Relaxed)))
    })
}

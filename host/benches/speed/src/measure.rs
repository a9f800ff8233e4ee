//! Times of things done in turns, so that what else the machine does falls on all of them alike; and how they are written in a table.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Whatever can go wrong ends the benchmark.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Rounds at least, however long they take.
const LEAST_ROUNDS: usize = 5;
/// Rounds at most: more don't make a median better.
const MOST_ROUNDS: usize = 5_000;

/// How long one thing took, each time, in seconds.
#[derive(Debug, Clone, Default)]
pub struct Times(pub Vec<f64>);

impl Times {
    /// The shortest.
    pub fn best(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// As many were shorter as longer.
    pub fn median(&self) -> f64 {
        self.at(0.5)
    }

    /// The time that this share of all times was below.
    pub fn at(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        sorted.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
    }

    /// How many times as long as `other`: the median over rounds of what each was in that round.
    pub fn ratio_to(&self, other: &Times) -> f64 {
        Times(self.0.iter().zip(&other.0).map(|(mine, other)| mine / other).collect()).median()
    }
}

/// One thing to time.
pub type Case<'a> = Box<dyn FnMut() -> Result<()> + 'a>;

/// A case; what it makes is dropped within the time.
pub fn case<'a, T: 'a>(mut of: impl FnMut() -> Result<T> + 'a) -> Case<'a> {
    Box::new(move || of().map(|made| drop(black_box(made))))
}

/// Time all cases, one after the other, in rounds, for as long as `budget`. A first round isn't counted.
///
/// # Errors
/// The first that a case ends with.
pub fn in_turns(budget: Duration, mut cases: Vec<Case<'_>>) -> Result<Vec<Times>> {
    let mut times = vec![Times::default(); cases.len()];
    cases.iter_mut().try_for_each(|case| case())?;
    let begin = Instant::now();
    let mut rounds = 0;
    while rounds < LEAST_ROUNDS || (rounds < MOST_ROUNDS && begin.elapsed() < budget) {
        for (case, times) in cases.iter_mut().zip(&mut times) {
            let start = Instant::now();
            case()?;
            times.0.push(start.elapsed().as_secs_f64());
        }
        rounds += 1;
    }
    Ok(times)
}

/// A heading, a sentence about it, and the head of a table whose columns after the first `n_left` are numbers.
pub fn head(title: &str, about: &str, columns: &[&str], n_left: usize) {
    let rule = |idx| if idx < n_left { "---" } else { "--:" };
    println!("\n## {title}\n\n{about}\n");
    row(columns);
    row(&(0..columns.len()).map(rule).collect::<Vec<_>>());
}

/// A row of a table.
pub fn row<S: AsRef<str>>(cells: &[S]) {
    println!("| {} |", cells.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" | "));
}

/// Seconds in the unit that suits them.
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1e-6 => format!("{:.0} ns", s * 1e9),
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

/// Bytes in the unit that suits them.
pub fn bytes(n: u64) -> String {
    format!("{:.1} MB", n as f64 / 1e6)
}

/// So many rows in so many seconds.
pub fn rate(rows: usize, seconds: f64) -> String {
    format!("{:.1} M/s", rows as f64 / seconds / 1e6)
}

/// A ratio.
pub fn ratio(of: f64) -> String {
    format!("{of:.2}")
}

//! Every kind of transform.

use sluicebox_sdk::prelude::*;

/// The greatest common divisor of two numbers.
#[map(output = "gcd")]
pub fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.wrapping_abs() } else { gcd(b, a.wrapping_rem(b)) }
}

/// A number divided by another; by zero, it panics.
#[map(output = "quotient")]
pub fn divide(a: i64, b: i64) -> i64 {
    a / b
}

/// The sum of two columns, a chunk at a time.
#[map(columns, input = ["a", "b"], output = "sum")]
pub fn add(a: Column<'_, i64>, b: Column<'_, i64>, out: &mut Rows<i64>) {
    out.reserve(a.len(), 0);
    for (a, b) in a.iter().zip(b.iter()) {
        out.push(a.wrapping_add(b));
    }
}

/// The same text; logs and counts each row.
#[map(output = "value")]
pub fn noisy(value: &str) -> &str {
    debug!("saw {value}");
    count("rows", 1);
    value
}

/// Even numbers as they are.
#[map(output = "value")]
pub fn reject_odd(value: i64) -> Result<i64, Reject> {
    if value % 2 == 0 { Ok(value) } else { Err(reject!("{value} is odd")) }
}

/// The digits of a number that isn't below zero.
#[flat_map(output = "digit")]
pub fn digits(value: i64) -> Result<Vec<i64>, Reject> {
    let value = u64::try_from(value).map_err(|_| reject!("{value} is below zero"))?;
    Ok(value.to_string().bytes().map(|digit| i64::from(digit - b'0')).collect())
}

/// Keeps even numbers; rejects zero.
#[filter]
pub fn even(value: i64) -> Result<bool, Reject> {
    if value == 0 { Err(reject!("zero is not wanted")) } else { Ok(value % 2 == 0) }
}

/// What hides a text.
#[config]
pub struct Mask {
    /// Stands for a hidden character.
    with: char,
    /// How many characters at the end are shown.
    #[serde(default)]
    keep_last: usize,
}

/// Text with all but its last characters hidden.
#[map(output = "masked")]
pub fn mask(text: &str, #[config] mask: &Mask) -> String {
    let hidden = text.chars().count().saturating_sub(mask.keep_last);
    text.chars().enumerate().map(|(at, c)| if at < hidden { mask.with } else { c }).collect()
}

/// Where a row was seen.
#[map(output = ["job", "stream", "batch", "partition", "partitions", "value"])]
pub fn place<'a>(value: &'a str, #[context] context: &Context) -> (String, String, i64, u32, u32, &'a str) {
    let Context { job, stream, batch_time_ms, partition, partitions, .. } = context;
    (job.clone(), stream.clone(), *batch_time_ms, *partition, *partitions, value)
}

#[derive(Default)]
pub struct CountWords {
    words: u64,
}

/// How many words a partition has, in one row.
#[map_partitions(output = "words")]
impl MapPartitions for CountWords {
    type Input<'a> = &'a str;
    type Output = u64;

    fn process(&mut self, line: &str, _out: &mut Rows<u64>) -> Result<(), Reject> {
        self.words += line.split_whitespace().count() as u64;
        Ok(())
    }

    fn finish(&mut self, out: &mut Rows<u64>) {
        out.push(self.words);
    }
}

//! Every kind of aggregate.

use sluicebox_sdk::prelude::*;

/// The sum of numbers, which wraps around.
#[reduce(inverse = minus)]
pub fn sum(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

fn minus(whole: i64, part: i64) -> i64 {
    whole.wrapping_sub(part)
}

#[derive(Default)]
pub struct Mean;

/// The mean of numbers.
#[aggregate(output = "mean")]
impl Aggregate for Mean {
    type Input<'a> = i64;
    type Partial = (i64, i64);
    type Output = f64;

    fn add(&self, partial: &mut (i64, i64), value: i64) {
        *partial = (partial.0.wrapping_add(value), partial.1 + 1);
    }

    fn merge(&self, whole: &mut (i64, i64), part: (i64, i64)) {
        *whole = (whole.0.wrapping_add(part.0), whole.1 + part.1);
    }

    fn finish(&self, (sum, count): (i64, i64)) -> f64 {
        sum as f64 / count as f64
    }
}

#[derive(Default)]
pub struct Concat;

/// Texts one after the other: what comes out depends on their order.
#[aggregate(output = "text")]
impl Aggregate for Concat {
    type Input<'a> = &'a str;
    type Partial = String;
    type Output = String;

    fn add(&self, text: &mut String, value: &str) {
        text.push_str(value);
    }

    fn merge(&self, whole: &mut String, part: String) {
        whole.push_str(&part);
    }

    fn finish(&self, text: String) -> String {
        text
    }
}

//! `backpressure = true`, `false`, or a table that says how rates are estimated.

use crate::receiver::rate::PidOptions;

use super::table::{Key, key};
use super::tree::Content;
use super::value::{Value, optional};

const PROPORTIONAL: Key = key("proportional", "1.0");
const INTEGRAL: Key = key("integral", "0.2");
const DERIVATIVE: Key = key("derivative", "0.0");
const MIN_RATE: Key = key("min-rate", "100");

/// Read `backpressure`. The inner option is none where it is off.
pub fn read(value: &Value<'_>) -> Option<Option<PidOptions>> {
    match value.content() {
        Content::Boolean(is_on) => Some(is_on.then(PidOptions::default)),
        Content::Table(_) => {
            let mut table = value.table()?;
            let [proportional, integral, derivative] = [PROPORTIONAL, INTEGRAL, DERIVATIVE]
                .map(|key| optional(table.get(key).map(|value| number(&value, 0.0..=1e6))));
            // Less than one row in a quarter of an hour is none: nothing would be learned any more.
            let min_rate = optional(table.get(MIN_RATE).map(|value| number(&value, 0.001..=1e12)));
            table.finish();
            let usual = PidOptions::default();
            Some(Some(PidOptions {
                proportional: proportional?.unwrap_or(usual.proportional),
                integral: integral?.unwrap_or(usual.integral),
                derivative: derivative?.unwrap_or(usual.derivative),
                min_rate: min_rate?.unwrap_or(usual.min_rate),
            }))
        }
        _ => value.wrong_kind("true, false or a table"),
    }
}

/// A number in a range, written as an integer or a float.
fn number(value: &Value<'_>, range: std::ops::RangeInclusive<f64>) -> Option<f64> {
    let (Content::Integer(text, _) | Content::Float(text)) = value.content() else {
        return value.wrong_kind("a number");
    };
    match text.replace('_', "").parse::<f64>() {
        Ok(number) if range.contains(&number) => Some(number),
        _ => value.wrong(format!("{text} is out of range"), format!("it is from {} to {}", range.start(), range.end())),
    }
}

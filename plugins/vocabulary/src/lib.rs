//! The functions that tests/data/spark_cases.json names, under their names in kebab case. Its `meta.functions` says what each does; what they are
//! told (`n`, `s`, `list`, ...) is their plugin's configuration.

use sluicebox_sdk::prelude::*;

/// What a function is told.
#[config]
struct Told {
    #[serde(default)]
    n: i64,
    #[serde(default)]
    value: i64,
    #[serde(default)]
    s: String,
    #[serde(default)]
    list: Vec<String>,
}

/// The decimal text of a number.
#[map(output = "value")]
fn to_string(x: i64) -> String {
    x.to_string()
}

/// A number and its double.
#[flat_map(output = "value")]
fn x_and_double(x: i64) -> [i64; 2] {
    [x, 2 * x]
}

/// Whether a number is even.
#[filter]
fn is_even(x: i64) -> bool {
    x % 2 == 0
}

/// A number as a key, with the value told.
#[map(output = ["key", "value"])]
fn pair_with(x: i64, #[config] told: &Told) -> (i64, i64) {
    (x, told.value)
}

/// A number, and n more.
#[map(output = "value")]
fn add(x: i64, #[config] told: &Told) -> i64 {
    x + told.n
}

/// A number, and the one n greater.
#[flat_map(output = "value")]
fn x_and_x_plus(x: i64, #[config] told: &Told) -> [i64; 2] {
    [x, x + told.n]
}

/// The sum of numbers.
#[reduce(inverse = difference)]
fn sum(a: i64, b: i64) -> i64 {
    a + b
}

fn difference(accumulated: i64, leaving: i64) -> i64 {
    accumulated - leaving
}

/// Whether a pair's value is greater than zero.
#[filter]
fn value_gt_zero(_key: i64, value: i64) -> bool {
    value > 0
}

#[derive(Default)]
struct PartitionSum(i64);

/// The sum of a partition, 0 for an empty one.
#[map_partitions(output = "value")]
impl MapPartitions for PartitionSum {
    type Input<'a> = i64;
    type Output = i64;

    fn process(&mut self, value: i64, _out: &mut Rows<i64>) -> Result<(), Reject> {
        self.0 += value;
        Ok(())
    }

    fn finish(&mut self, out: &mut Rows<i64>) {
        out.push(self.0);
    }
}

/// How many characters a text has.
#[map(output = "value")]
fn string_length(text: &str) -> i64 {
    text.chars().count() as i64
}

/// Whether a text contains s.
#[filter]
fn contains(text: &str, #[config] told: &Told) -> bool {
    text.contains(&told.s)
}

/// Whether a pair's key contains s.
#[filter]
fn key_contains(key: &str, _value: i64, #[config] told: &Told) -> bool {
    key.contains(&told.s)
}

/// A text as a key, with its length.
#[map(output = ["key", "value"])]
fn pair_with_length(text: &str) -> (&str, i64) {
    (text, text.chars().count() as i64)
}

/// The characters of a text.
#[flat_map(output = "value")]
fn chars(text: &str) -> Vec<String> {
    text.chars().map(String::from).collect()
}

/// The characters of a text, each with the text's length as its key.
#[flat_map(output = ["key", "value"])]
fn length_paired_chars(text: &str) -> Vec<(i64, String)> {
    let length = text.chars().count() as i64;
    text.chars().map(|c| (length, String::from(c))).collect()
}

/// The characters of a pair's key, each with the pair's value as its key.
#[flat_map(output = ["key", "value"])]
fn value_paired_key_chars(key: &str, value: i64) -> Vec<(i64, String)> {
    key.chars().map(|c| (value, String::from(c))).collect()
}

/// A pair the other way round.
#[map(output = ["key", "value"])]
fn swap(key: &str, value: i64) -> (i64, &str) {
    (value, key)
}

/// A pair's key.
#[map(output = "value")]
fn first(key: i64, _value: i64) -> i64 {
    key
}

/// A pair's value.
#[map(output = "value")]
fn second(_key: &str, value: i64) -> i64 {
    value
}

/// A text in upper case.
#[map(output = "value")]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

/// A text with each of the suffixes told.
#[flat_map(output = "value")]
fn suffixes(text: &str, #[config] told: &Told) -> Vec<String> {
    told.list.iter().map(|suffix| format!("{text}{suffix}")).collect()
}

#[derive(Default)]
struct PartitionConcatUpper(String);

/// The texts of a partition in upper case, one after the other.
#[map_partitions(output = "value")]
impl MapPartitions for PartitionConcatUpper {
    type Input<'a> = &'a str;
    type Output = String;

    fn process(&mut self, text: &str, _out: &mut Rows<String>) -> Result<(), Reject> {
        self.0 += &text.to_uppercase();
        Ok(())
    }

    fn finish(&mut self, out: &mut Rows<String>) {
        out.push(self.0.as_str());
    }
}

#[derive(Default)]
struct PartitionSwap;

/// The pairs of a partition, each the other way round.
#[map_partitions(output = ["key", "value"])]
impl MapPartitions for PartitionSwap {
    type Input<'a> = (&'a str, i64);
    type Output = (i64, String);

    fn process(&mut self, (key, value): (&str, i64), out: &mut Rows<(i64, String)>) -> Result<(), Reject> {
        out.push((value, key));
        Ok(())
    }
}

#[derive(Default)]
struct RddSortByKey(Vec<(i64, i64)>);

/// The pairs of a dataset of one partition by their keys, ascending.
#[map_partitions(output = ["key", "value"])]
impl MapPartitions for RddSortByKey {
    type Input<'a> = (i64, i64);
    type Output = (i64, i64);

    fn process(&mut self, pair: (i64, i64), _out: &mut Rows<(i64, i64)>) -> Result<(), Reject> {
        self.0.push(pair);
        Ok(())
    }

    fn finish(&mut self, out: &mut Rows<(i64, i64)>) {
        self.0.sort_by_key(|(key, _)| *key);
        for pair in self.0.drain(..) {
            out.push(pair);
        }
    }
}

#[derive(Default)]
struct RddMapAdd {
    n: i64,
}

/// A dataset's numbers, each n greater.
#[map_partitions(output = "value")]
impl MapPartitions for RddMapAdd {
    type Config = Told;
    type Input<'a> = i64;
    type Output = i64;

    fn open(told: Told, _context: &Context) -> Result<Self, Error> {
        Ok(Self { n: told.n })
    }

    fn process(&mut self, x: i64, out: &mut Rows<i64>) -> Result<(), Reject> {
        out.push(x + self.n);
        Ok(())
    }
}

#[derive(Default)]
struct RddMapFirst;

/// The keys of a dataset's pairs.
#[map_partitions(output = "value")]
impl MapPartitions for RddMapFirst {
    type Input<'a> = (i64, i64);
    type Output = i64;

    fn process(&mut self, (key, _value): (i64, i64), out: &mut Rows<i64>) -> Result<(), Reject> {
        out.push(key);
        Ok(())
    }
}

#[derive(Default)]
struct ConcatStr;

/// The combiner `concat_str`: numbers as text, one after the other.
#[aggregate(output = "value")]
impl Aggregate for ConcatStr {
    type Input<'a> = i64;
    type Partial = String;
    type Output = String;

    fn add(&self, text: &mut String, value: i64) {
        text.push_str(&value.to_string());
    }

    fn merge(&self, whole: &mut String, part: String) {
        whole.push_str(&part);
    }

    fn finish(&self, text: String) -> String {
        text
    }
}

/// The sum of a key's values so far.
#[update_state_by_key(state = "value")]
fn running_sum(_key: &str, values: Vec<i64>, state: Option<i64>) -> Option<i64> {
    Some(state.unwrap_or(0) + values.iter().sum::<i64>())
}

/// A key's values so far.
#[update_state_by_key(state = "value")]
fn append_values(_key: &str, values: Vec<i64>, state: Option<Vec<i64>>) -> Option<Vec<i64>> {
    let mut all = state.unwrap_or_default();
    all.extend(values);
    Some(all)
}

/// Always raises.
#[map(output = "value")]
fn raise(_x: i64) -> i64 {
    panic!("This is a special error")
}

/// Raises where a number is 1.
#[map(output = "value")]
fn raise_at_one(x: i64) -> i64 {
    if x == 1 { panic!("This is a special error") } else { x }
}

plugin! {
    transforms: [
        to_string, x_and_double, is_even, pair_with, add, x_and_x_plus, value_gt_zero, PartitionSum, string_length, contains, key_contains,
        pair_with_length, chars, length_paired_chars, value_paired_key_chars, swap, first, second, upper, suffixes, PartitionConcatUpper,
        PartitionSwap, RddSortByKey, RddMapAdd, RddMapFirst, raise, raise_at_one,
    ],
    aggregates: [sum, ConcatStr],
    states: [running_sum, append_values],
}

//! The highest scores of a key, as a text.

use sluicebox_sdk::prelude::*;

/// How many are kept.
#[config]
struct Options {
    /// How many; at least 1.
    #[serde(default = "ten")]
    n: usize,
}

fn ten() -> usize {
    10
}

struct TopN {
    n: usize,
}

/// The names with the highest scores, as `name=score,...`: higher scores first, and of equal ones the name that comes first by its bytes.
#[aggregate(name = "top-n", input = ["name", "score"], output = "top")]
impl Aggregate for TopN {
    type Config = Options;
    type Input<'a> = (&'a str, i64);
    type Partial = (Vec<String>, Vec<i64>);
    type Output = String;

    fn open(options: Options, _context: &Context) -> Result<Self, Error> {
        match options.n {
            0 => Err(Error::invalid_config("n is 0; it is at least 1")),
            n => Ok(TopN { n }),
        }
    }

    fn add(&self, partial: &mut (Vec<String>, Vec<i64>), (name, score): (&str, i64)) {
        self.insert(partial, name, score);
    }

    fn merge(&self, whole: &mut (Vec<String>, Vec<i64>), part: (Vec<String>, Vec<i64>)) {
        for (name, score) in part.0.iter().zip(part.1) {
            self.insert(whole, name, score);
        }
    }

    fn finish(&self, (names, scores): (Vec<String>, Vec<i64>)) -> String {
        let each: Vec<String> = names.iter().zip(scores).map(|(name, score)| format!("{name}={score}")).collect();
        each.join(",")
    }
}

impl TopN {
    /// Keep the lists sorted, and no longer than they may be.
    fn insert(&self, (names, scores): &mut (Vec<String>, Vec<i64>), name: &str, score: i64) {
        let comes_before = |i: usize| (scores[i], name) >= (score, names[i].as_str());
        let mut at = names.len();
        while at > 0 && !comes_before(at - 1) {
            at -= 1;
        }
        if at < self.n {
            names.insert(at, name.to_owned());
            scores.insert(at, score);
            names.truncate(self.n);
            scores.truncate(self.n);
        }
    }
}

plugin! {
    aggregates: [TopN],
}

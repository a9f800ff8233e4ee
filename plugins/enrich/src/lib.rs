//! Looks keys up at a service over HTTP: each once in a partition, however often it comes.

use std::collections::HashMap;
use std::time::Duration;

use sluicebox_sdk::http::Request;
use sluicebox_sdk::prelude::*;

/// How many answers are kept of a partition.
const MAX_KEPT: usize = 10_000;

/// Where keys are looked up.
#[config]
pub struct Options {
    /// The beginning of the URL, to which the key is added: `http://127.0.0.1:8080/users/`. Its origin is to be granted.
    url: String,
    /// How long a request may take, in milliseconds.
    #[serde(default = "timeout_ms")]
    timeout_ms: u64,
}

fn timeout_ms() -> u64 {
    2_000
}

/// What is known of the keys of a partition.
pub struct Lookup {
    options: Options,
    known: HashMap<String, Option<String>>,
}

/// Rows of a key with what the service answers for it: text, or null where it has nothing.
#[map_partitions(output = ["key", "answer"])]
impl MapPartitions for Lookup {
    type Config = Options;
    type Input<'a> = &'a str;
    type Output = (String, Option<String>);

    fn open(options: Options, _context: &Context) -> Result<Self, Error> {
        Ok(Lookup { options, known: HashMap::new() })
    }

    fn process(&mut self, key: &str, out: &mut Rows<(String, Option<String>)>) -> Result<(), Reject> {
        if let Some(answer) = self.known.get(key) {
            out.push((key.to_owned(), answer.clone()));
            return Ok(());
        }
        // A service that fails says nothing of the row: the call fails, and is tried again as the job's `on-error` says.
        let answer = self.ask(key).unwrap_or_else(|error| panic!("{error}"));
        if self.known.len() < MAX_KEPT {
            count("keys_asked", 1);
            self.known.insert(key.to_owned(), answer.clone());
        }
        out.push((key.to_owned(), answer));
        Ok(())
    }
}

impl Lookup {
    fn ask(&self, key: &str) -> std::io::Result<Option<String>> {
        let url = format!("{}{}", self.options.url, encoded(key));
        let response = Request::get(&url).timeout(Duration::from_millis(self.options.timeout_ms)).send()?;
        match response.status() {
            404 => Ok(None),
            _ if response.is_success() => response.text().map(Some),
            status => Err(std::io::Error::other(format!("GET {url}: the service answered with status {status}"))),
        }
    }
}

/// A key as a part of a path.
fn encoded(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            _ => text += &format!("%{byte:02X}"),
        }
    }
    text
}

plugin! {
    transforms: [Lookup],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_a_part_of_the_path() {
        assert_eq!(encoded("a/../b?c#ä"), "a%2F..%2Fb%3Fc%23%C3%A4");
    }
}

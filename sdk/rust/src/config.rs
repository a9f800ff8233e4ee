//! Configuration: the plugin's `config` table of the job file, as a struct of the author's.
//!
//! `serde` says what is expected; this reads JSON for it in a way that every message names the key, and that an
//! unknown key is answered with the nearest known one.

use crate::error::Error;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;
use std::fmt::{self, Display};

/// Read the configuration.
pub fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Error> {
    let json = if json.trim().is_empty() { "{}" } else { json };
    let value: Value = serde_json::from_str(json).map_err(|e| Error::invalid_config(format!("config: {e}")))?;
    T::deserialize(At { value, path: String::new() }).map_err(|e| Error::invalid_config(e.0))
}

/// A value and the key where it stands.
struct At {
    value: Value,
    path: String,
}

/// What is wrong, the key first.
#[derive(Debug)]
struct Wrong(String);

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: Display>(message: T) -> Self {
        Wrong(message.to_string())
    }
}

impl At {
    fn child(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Put the key in front of a message that has none yet.
    fn name(path: &str, wrong: Wrong) -> Wrong {
        match wrong.0.starts_with("config") {
            true => wrong,
            false if path.is_empty() => Wrong(format!("config: {}", wrong.0)),
            false => Wrong(format!("config key `{path}`: {}", wrong.0)),
        }
    }

    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let path = self.path.clone();
        match self.value {
            Value::Array(items) => visitor.visit_seq(Items { items: items.into_iter(), path: path.clone(), index: 0 }),
            Value::Object(object) => {
                visitor.visit_map(Entries { entries: object.into_iter(), path: path.clone(), next: None })
            }
            scalar => scalar.deserialize_any(visitor).map_err(|e| Wrong(e.to_string())),
        }
        .map_err(|e| At::name(&path, e))
    }
}

impl<'de> Deserializer<'de> for At {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.visit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let path = self.path;
        self.value.deserialize_enum(name, variants, visitor).map_err(|e| At::name(&path, Wrong(e.to_string())))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if let Value::Object(object) = &self.value
            && let Some(unknown) = object.keys().find(|key| !known.contains(&key.as_str()))
        {
            let known = match nearest(unknown, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "there are no keys".to_owned(),
                None => format!("known keys are `{}`", known.join("`, `")),
            };
            return Err(Wrong(format!("config key `{}` is unknown; {known}", self.child(unknown))));
        }
        self.visit(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Wrong> for At {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

struct Items {
    items: std::vec::IntoIter<Value>,
    path: String,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(value) = self.items.next() else { return Ok(None) };
        let path = format!("{}[{}]", self.path, self.index);
        self.index += 1;
        seed.deserialize(At { value, path }).map(Some)
    }
}

struct Entries {
    entries: serde_json::map::IntoIter,
    path: String,
    next: Option<At>,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        let path = if self.path.is_empty() { key.clone() } else { format!("{}.{key}", self.path) };
        self.next = Some(At { value, path });
        let key: StrDeserializer<'_, Wrong> = key.as_str().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        match self.next.take() {
            Some(at) => seed.deserialize(at),
            None => Err(de::Error::custom("a value without a key")),
        }
    }
}

/// The candidate nearest to a word, if one is near: at most a third of it is to change.
pub(crate) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let (distance, near) = candidates.iter().map(|candidate| (distance(word, candidate), *candidate)).min()?;
    (distance <= word.chars().count().max(3) / 3).then_some(near)
}

/// Letters to insert, remove, replace or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let swapped = if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    table[i - 2][j - 2] + 1
                } else {
                    usize::MAX
                };
                replaced.min(swapped).min(table[i - 1][j] + 1).min(table[i][j - 1] + 1)
            };
        }
    }
    table[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    struct Options {
        keep_last: u32,
        #[serde(default)]
        mask: Option<Mask>,
        #[serde(default)]
        mode: Mode,
        #[serde(default)]
        ratios: Vec<f64>,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Mask {
        with: char,
    }

    #[derive(Deserialize, Debug, PartialEq, Default)]
    #[serde(rename_all = "kebab-case")]
    enum Mode {
        #[default]
        Strict,
        Loose,
    }

    #[track_caller]
    fn check(json: &str, expect: &str) {
        let message = match parse::<Options>(json) {
            Ok(options) => format!("{options:?}"),
            Err(Error::InvalidConfig(message)) => message,
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(message, expect);
    }

    #[test]
    fn every_message_names_its_key() {
        check(
            r#"{"keep-last": 4, "mask": {"with": "*"}, "mode": "loose", "ratios": [1, 0.5]}"#,
            "Options { keep_last: 4, mask: Some(Mask { with: '*' }), mode: Loose, ratios: [1.0, 0.5] }",
        );
        check(r#"{"kep-last": 4}"#, "config key `kep-last` is unknown; did you mean `keep-last`?");
        check(
            r#"{"colour": 4}"#,
            "config key `colour` is unknown; known keys are `keep-last`, `mask`, `mode`, `ratios`",
        );
        check(r#"{"keep-last": 4, "mask": {"wiht": "*"}}"#, "config key `mask.wiht` is unknown; did you mean `with`?");
        check(r#"{"keep-last": -4}"#, "config key `keep-last`: invalid value: integer `-4`, expected u32");
        check(
            r#"{"keep-last": 1, "ratios": [1, "x"]}"#,
            "config key `ratios[1]`: invalid type: string \"x\", expected f64",
        );
        check(
            r#"{"keep-last": 1, "mode": "lose"}"#,
            "config key `mode`: unknown variant `lose`, expected `strict` or `loose`",
        );
        check("", "config: missing field `keep-last`");
    }
}

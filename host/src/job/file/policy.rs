//! `on-reject` and `on-error`: what is done about rows that an operator rejects, and about calls in which it fails.

use crate::plugin::{MAX_RETRY, OnError, Overrides, Policy};

use super::table::{Key, Table, key};
use super::tree::Content;
use super::value::{Value, optional};

const ON_REJECT: Key = key("on-reject", "\"skip\"");
const ON_ERROR: Key = key("on-error", "\"dead-letter\"");
const RETRY: Key = key("retry", "3");
const THEN: Key = key("then", "\"dead-letter\"");
const AT_MOST: Key = key("at-most", "1000");

/// Read both keys of a plugin, or of one use of an operator.
pub fn read(table: &mut Table<'_>) -> Option<Overrides> {
    let on_reject = table.get(ON_REJECT).map(|value| value.one_of(&Policy::ALL));
    let on_error = table.get(ON_ERROR).map(|value| on_error(&value));
    Some(Overrides { on_reject: optional(on_reject)?, on_error: optional(on_error)? })
}

/// `"skip"`, or `{ retry = 3, then = "skip", at-most = 1000 }`.
fn on_error(value: &Value<'_>) -> Option<OnError> {
    match value.content() {
        Content::String(_) => value.one_of(&Policy::ALL).map(OnError::then),
        Content::Table(_) => {
            let mut table = value.table()?;
            let retry = table
                .get(RETRY)
                .map(|value| value.integer(0..=u64::from(MAX_RETRY)).and_then(|retry| u32::try_from(retry).ok()));
            let then = table.get(THEN).map(|value| value.one_of(&Policy::ALL));
            let at_most = table.get(AT_MOST).map(|value| value.integer(1..=1_000_000_000));
            table.finish();
            let (retry, then, at_most) = (optional(retry)?, optional(then)?, optional(at_most)?);
            let default = OnError::default();
            Some(OnError { retry, then: then.unwrap_or_default(), at_most: at_most.unwrap_or(default.at_most) })
        }
        _ => value.wrong_kind("\"fail\", \"skip\", \"dead-letter\", or a table with `retry`, `then` and `at-most`,"),
    }
}

//! `sink = { type = "postgres", ... }`.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::job::postgres::{GIVE_UP_AFTER, PostgresDefinition, PostgresMode, TableName};

use super::operator::{self, COLUMNS};
use super::table::{Key, Table, key};
use super::value::{Value, optional};

const URL: Key = key("url", "\"postgresql://user@localhost/shop\"");
const PASSWORD_ENV: Key = key("password-env", "\"SHOP_PASSWORD\"");
const TABLE: Key = key("table", "\"counts\"");
const MODE: Key = key("mode", "\"upsert\"");
const KEY: Key = key("key", "[\"word\"]");
const GIVE_UP: Key = key("give-up-after", "\"5min\"");

const GIVE_UP_RANGE: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(24 * 60 * 60);

#[derive(Clone, Copy)]
enum Mode {
    Append,
    Upsert,
}

/// Read what stands beside `type`.
pub fn read(mut table: Table<'_>) -> Option<PostgresDefinition> {
    let url = table.require(URL).and_then(|value| url(&value));
    let password_env = table.get(PASSWORD_ENV).map(|value| password_env(&value));
    let name = table.require(TABLE).and_then(|value| table_name(&value));
    let mode = table.get(MODE);
    let key = table.get(KEY);
    let columns = table.get(COLUMNS).map(|value| operator::columns(&value));
    let give_up_after = table.get(GIVE_UP).map_or(Some(GIVE_UP_AFTER), |value| value.duration(GIVE_UP_RANGE));
    let mode = match mode.as_ref().map(|value| value.one_of(&[("append", Mode::Append), ("upsert", Mode::Upsert)])) {
        None | Some(Some(Mode::Append)) => {
            if let Some(key) = &key {
                key.wrong_key("rows that are appended have no key", "remove it, or add mode = \"upsert\"");
            }
            Some(PostgresMode::Append)
        }
        Some(Some(Mode::Upsert)) => match key {
            Some(key) => operator::columns(&key).map(|key| PostgresMode::Upsert { key }),
            None => {
                table.wrong(
                    "key is missing",
                    "an upsert needs the columns that make a row the same: add key = [\"word\"]",
                );
                None
            }
        },
        Some(None) => None,
    };
    table.finish();
    Some(PostgresDefinition {
        url: url?,
        password_env: optional(password_env)?,
        table: name?,
        mode: mode?,
        columns: optional(columns)?,
        give_up_after: give_up_after?,
    })
}

fn url(value: &Value<'_>) -> Option<String> {
    let url = value.string()?;
    if url.starts_with("postgresql://") || url.starts_with("postgres://") {
        return Some(url.to_owned());
    }
    // It isn't shown: what isn't a URL may hold a password all the same.
    value.wrong(
        "it is not the URL of a PostgreSQL database",
        "it begins with postgresql://, as in \"postgresql://user@localhost/shop\"",
    )
}

fn password_env(value: &Value<'_>) -> Option<String> {
    let name = value.string()?;
    if name.is_empty() || name.contains(['=', '\0']) {
        return value
            .wrong(format!("\"{name}\" is not the name of an environment variable"), "for example \"SHOP_PASSWORD\"");
    }
    Some(name.to_owned())
}

fn table_name(value: &Value<'_>) -> Option<TableName> {
    let text = value.string()?;
    TableName::parse(text).or_else(|| {
        let help = "write TABLE or SCHEMA.TABLE; a name with a dot in it stands in double quotes";
        value.wrong(format!("\"{text}\" is not the name of a table"), help)
    })
}

//! What a job file says of a sink that writes to PostgreSQL.

use std::time::Duration;

/// How long a commit tries to reach the database where the job file doesn't say.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(5 * 60);

/// `sink = { type = "postgres", ... }`.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresDefinition {
    /// `url`: the database. It may hold a password, so it is never shown.
    pub url: String,
    /// `password-env`: the environment variable that has the password.
    pub password_env: Option<String>,
    /// `table`.
    pub table: TableName,
    /// `mode`, and `key`.
    pub mode: PostgresMode,
    /// `columns`: the stream's columns to write, each into the table's column of its name; all if none.
    pub columns: Option<Vec<String>>,
    /// `give-up-after`: how long a batch that can't be committed is tried again before the job fails.
    pub give_up_after: Duration,
}

/// What becomes of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostgresMode {
    /// `"append"`: they are added.
    Append,
    /// `"upsert"`: a row takes the place of the one with the same key.
    Upsert {
        /// `key`: the key's columns.
        key: Vec<String>,
    },
}

/// A table's name, and that of its schema where it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    /// The schema.
    pub schema: Option<String>,
    /// The table.
    pub name: String,
}

impl TableName {
    /// Read `TABLE` or `SCHEMA.TABLE`; a name with a dot stands in double quotes. Upper and lower case are kept.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = vec![];
        let mut rest = text;
        loop {
            let (part, after) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => rest.split_at(rest.find('.').unwrap_or(rest.len())),
            };
            if part.is_empty() || part.contains('\0') {
                return None;
            }
            parts.push(part.to_owned());
            match after.strip_prefix('.') {
                Some(next) => rest = next,
                None if after.is_empty() => break,
                None => return None,
            }
        }
        let name = parts.pop()?;
        let schema = parts.pop();
        parts.is_empty().then_some(Self { schema, name })
    }
}

impl std::fmt::Debug for PostgresDefinition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { table, mode, columns, .. } = self;
        f.debug_struct("PostgresDefinition")
            .field("table", table)
            .field("mode", mode)
            .field("columns", columns)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tables_are_as_they_are_written() {
        let name = |schema: Option<&str>, name: &str| {
            Some(TableName { schema: schema.map(str::to_owned), name: name.to_owned() })
        };
        for (text, expected) in [
            ("counts", name(None, "counts")),
            ("Sales.\"my.Counts\"", name(Some("Sales"), "my.Counts")),
            ("\"a\".b", name(Some("a"), "b")),
            ("", None),
            ("a.", None),
            (".a", None),
            ("a.b.c", None),
            ("\"a", None),
            ("\"a\"b", None),
            ("\"\"", None),
        ] {
            assert_eq!(TableName::parse(text), expected, "{text}");
        }
    }
}

//! The table, as the database's catalog describes it, and whether a stream's rows can go into it.

use arrow::datatypes::{Schema, SchemaRef};
use tokio_postgres::Client;

use super::fault::Fault;
use super::types::{self, create_table, fits, named, names, quoted_table, shown_table};
use crate::error::{Diagnostic, Diagnostics, Error, Result};
use crate::job::nearest::nearest;
use crate::job::postgres::{PostgresMode, TableName};

/// A table of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Whether it loses its rows when the database crashes.
    pub is_unlogged: bool,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The columns of each of its unique indexes that an upsert can use.
    pub unique: Vec<Vec<String>>,
    /// What the user may not do that the job needs.
    pub forbidden: Vec<String>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as SQL says it.
    pub shown: String,
    /// Its type, as the catalog calls it; of a domain, the type below.
    pub base: String,
    /// Whether it takes no null.
    pub is_not_null: bool,
    /// Whether rows can leave it out.
    pub has_default: bool,
    /// Whether the database makes its values itself.
    pub is_generated: bool,
}

const COLUMNS: &str = "
SELECT a.attname::text, format_type(a.atttypid, a.atttypmod),
       CASE t.typtype WHEN 'd' THEN (SELECT typname FROM pg_type b WHERE b.oid = t.typbasetype) ELSE t.typname END::text,
       a.attnotnull OR t.typnotnull, a.atthasdef OR t.typdefault IS NOT NULL OR a.attidentity <> '',
       a.attgenerated <> '' OR a.attidentity = 'a'
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

const UNIQUE: &str = "
SELECT ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]))
FROM pg_index i
WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL";

/// What looking at the table came to.
#[derive(Debug)]
pub enum Looked {
    /// It is there.
    Table(Table),
    /// It isn't; there are these, with their schemas where those have to be named.
    Missing(Vec<String>),
    /// Something has its name that rows can't be written to.
    Other(&'static str),
}

/// Look at the table that the job names.
///
/// # Errors
/// When the database doesn't answer.
pub async fn look(client: &Client, table: &TableName, mode: &PostgresMode) -> Result<Looked, Fault> {
    let found = "SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, c.relpersistence::text = 'u'
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)";
    let Some(row) = client.query_opt(found, &[&quoted_table(table)]).await? else {
        let near = "SELECT CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname || '.' END || c.relname
                    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1 LIMIT 10000";
        let near = client.query(near, &[]).await?;
        return Ok(Looked::Missing(near.iter().map(|row| row.get(0)).collect()));
    };
    let oid: u32 = row.get(0);
    match row.get(3) {
        "r" | "p" | "f" => {}
        "v" | "m" => return Ok(Looked::Other("a view")),
        "S" => return Ok(Looked::Other("a sequence")),
        "i" | "I" => return Ok(Looked::Other("an index")),
        _ => return Ok(Looked::Other("no table")),
    }
    let privileges: &[&str] = match mode {
        PostgresMode::Append => &["INSERT"],
        PostgresMode::Upsert { .. } => &["SELECT", "INSERT", "UPDATE"],
    };
    let mut forbidden = vec![];
    for privilege in privileges {
        // On columns alone is enough as well; what isn't is told by the first commit.
        let may = "SELECT has_table_privilege($1::oid, $2) OR has_any_column_privilege($1::oid, $2)";
        if !client.query_one(may, &[&oid, privilege]).await?.get::<_, bool>(0) {
            forbidden.push((*privilege).to_owned());
        }
    }
    let columns = client.query(COLUMNS, &[&oid]).await?;
    let columns = columns.iter().map(|row| Column {
        name: row.get(0),
        shown: row.get(1),
        base: row.get(2),
        is_not_null: row.get(3),
        has_default: row.get(4),
        is_generated: row.get(5),
    });
    let unique = client.query(UNIQUE, &[&oid]).await?;
    Ok(Looked::Table(Table {
        schema: row.get(1),
        name: row.get(2),
        is_unlogged: row.get(4),
        columns: columns.collect(),
        unique: unique.iter().map(|row| row.get(0)).collect(),
        forbidden,
    }))
}

/// What the rows are that are to go into a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The table, as the job names it.
    pub table: TableName,
    /// The columns.
    pub columns: SchemaRef,
    /// How.
    pub mode: PostgresMode,
}

impl Wanted {
    /// The key's columns; none where rows are appended.
    pub fn key(&self) -> &[String] {
        match &self.mode {
            PostgresMode::Append => &[],
            PostgresMode::Upsert { key } => key,
        }
    }

    /// The table, if it can hold the rows.
    ///
    /// # Errors
    /// Everything that is in the way.
    pub fn accept(&self, looked: Looked, database: &str) -> Result<Table> {
        let shown = shown_table(&self.table);
        let table = match looked {
            Looked::Table(table) => table,
            Looked::Missing(others) => {
                let create = format!("create it: {}", create_table(&self.table, &self.columns, self.key()));
                let help = match nearest(&shown, others.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean \"{near}\"? Or {create}"),
                    None => create,
                };
                return Err(Diagnostic::new(format!("there is no table {shown} in {database}")).help(help).into());
            }
            Looked::Other(what) => {
                return Err(Diagnostic::new(format!("{shown} in {database} is {what}")).help("name a table").into());
            }
        };
        let mut wrong = self.columns_wrong(&table);
        let key = self.key();
        let mut sorted = key.to_vec();
        sorted.sort();
        let is_unique = table.unique.iter().any(|columns| {
            let mut columns = columns.clone();
            columns.sort();
            columns == sorted
        });
        if !key.is_empty() && !is_unique && wrong.is_empty() {
            let message =
                format!("table {shown} has no unique index on ({}), by which an upsert finds rows", names(key));
            wrong.push(
                Diagnostic::new(message).help(format!("create it: CREATE UNIQUE INDEX ON {shown} ({})", names(key))),
            );
        }
        if !table.forbidden.is_empty() {
            let privileges = table.forbidden.join(", ");
            let message = format!("table {shown}: the user of the url may not {privileges}");
            wrong.push(Diagnostic::new(message).help(format!("grant it: GRANT {privileges} ON {shown} TO ...")));
        }
        if wrong.is_empty() { Ok(table) } else { Err(Error::Invalid(Diagnostics(wrong))) }
    }

    fn columns_wrong(&self, table: &Table) -> Vec<Diagnostic> {
        let shown = shown_table(&self.table);
        let mut wrong = vec![];
        for field in self.columns.fields() {
            let Some(column) = table.columns.iter().find(|column| column.name == *field.name()) else {
                let others = table.columns.iter().map(|column| column.name.as_str());
                let help = match nearest(field.name(), others.clone()) {
                    Some(near) => {
                        format!("did you mean \"{near}\"? Rename it in a query, or leave it out with columns")
                    }
                    None => format!(
                        "it has ({}); leave the column out with columns, or rename it in a query",
                        others.collect::<Vec<_>>().join(", ")
                    ),
                };
                wrong.push(Diagnostic::new(format!("table {shown} has no column \"{}\"", field.name())).help(help));
                continue;
            };
            if column.is_generated {
                let message =
                    format!("the database makes the values of column \"{}\" of table {shown} itself", column.name);
                wrong.push(Diagnostic::new(message).help("leave it out with columns"));
            } else if !fits(field.data_type(), &column.base) {
                let message = format!(
                    "{} can't go into column \"{}\" of table {shown}, which is {}",
                    named(field),
                    column.name,
                    column.shown
                );
                wrong.push(
                    Diagnostic::new(message).help("cast it in a query (transform = { sql = ... }), or alter the table"),
                );
            }
        }
        let left_out = table.columns.iter().filter(|column| {
            let is_written = self.columns.column_with_name(&column.name).is_some();
            column.is_not_null && !column.has_default && !column.is_generated && !is_written
        });
        for column in left_out {
            let message = format!(
                "column \"{}\" of table {shown} takes no null and has no default, and the rows don't have it",
                column.name
            );
            wrong.push(Diagnostic::new(message).help("give the stream such a column, or the table's a default"));
        }
        wrong
    }
}

/// What is wrong with columns before any table is looked at.
///
/// # Errors
/// The columns that no table can hold, and those of the key that aren't there.
pub fn bindable(columns: &Schema, key: &[String]) -> Result<()> {
    let unknown = columns.fields().iter().filter(|field| !types::is_known(field.data_type()));
    let mut wrong: Vec<Diagnostic> = unknown
        .map(|field| {
            let message = format!("{} can't be written to PostgreSQL", named(field));
            Diagnostic::new(message)
                .help("cast it in a query (transform = { sql = ... }), or leave it out with columns")
        })
        .collect();
    for name in key.iter().filter(|name| columns.column_with_name(name).is_none()) {
        let message = format!("key: there is no column \"{name}\" among those that are written");
        let others = columns.fields().iter().map(|field| field.name().as_str());
        let help = match nearest(name, others.clone()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("there are {}", others.collect::<Vec<_>>().join(", ")),
        };
        wrong.push(Diagnostic::new(message).help(help));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(Diagnostics(wrong))) }
}

//! Which streams a query reads.

use datafusion::common::TableReference;
use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::Statement as SqlStatement;

/// The tables that `sql` reads, each once, by name: in lower case unless the query quotes it.
///
/// # Errors
/// When it isn't one query; the message says why, and where in the text.
pub fn tables_read(sql: &str) -> Result<Vec<String>, String> {
    let mut statements = DFParser::parse_sql(sql).map_err(|error| plain(&error.strip_backtrace()))?;
    let statement = statements.pop_front().ok_or("there is no query")?;
    if !statements.is_empty() {
        return Err(format!("there are {} statements where one query is expected", statements.len() + 1));
    }
    match &statement {
        Statement::Statement(sql) if matches!(**sql, SqlStatement::Query(_)) => {}
        _ => return Err("only queries are possible: select, with or values".into()),
    }
    let (tables, _) = resolve_table_references(&statement, true).map_err(|error| plain(&error.strip_backtrace()))?;
    tables.into_iter().map(name_of).collect()
}

fn name_of(table: TableReference) -> Result<String, String> {
    match table {
        TableReference::Bare { table } => Ok(table.to_string()),
        other => Err(format!("\"{other}\" is not a stream: streams have no schema or catalog")),
    }
}

/// The engine's message without its own preamble.
fn plain(message: &str) -> String {
    let message = message.strip_prefix("SQL error: ").unwrap_or(message);
    let inner = message.strip_prefix("ParserError(\"").and_then(|rest| rest.strip_suffix("\")"));
    inner.unwrap_or(message).replace("\\\"", "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_streams_of_a_query() {
        for (sql, tables) in [
            ("select word, count from counts order by count desc limit 10", vec!["counts"]),
            ("select * from a join \"B\" on a.x = \"B\".x where a.y in (select y from C)", vec!["B", "a", "c"]),
            ("with t as (select * from a) select * from t union all select * from a", vec!["a"]),
            ("values (1), (2)", vec![]),
        ] {
            let mut read = tables_read(sql).unwrap();
            read.sort();
            assert_eq!(read, tables, "{sql}");
        }
    }

    #[test]
    fn refuses_what_is_no_query() {
        for (sql, message) in [
            ("", "there is no query"),
            ("select 1; select 2", "there are 2 statements where one query is expected"),
            ("drop table a", "only queries are possible: select, with or values"),
            ("copy a to 'x.csv'", "only queries are possible: select, with or values"),
            ("select * from s.a", "\"s.a\" is not a stream: streams have no schema or catalog"),
            ("selct 1", "Expected: an SQL statement, found: selct at Line: 1, Column: 1"),
        ] {
            assert_eq!(tables_read(sql), Err(message.to_owned()), "{sql}");
        }
    }
}

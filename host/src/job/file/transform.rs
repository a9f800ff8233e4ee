//! `transform`: a plugin's operator over whole partitions, or a query over the streams of `input`.

use crate::engine::sql::tables_read;
use crate::job::definition::OperationDefinition;
use crate::job::nearest::did_you_mean;

use super::operation::{Read, SQL, sql_mistake};
use super::operator::Plugins;
use super::table::{Key, key};
use super::tree::Content;
use super::value::Value;

pub const TRANSFORM: Key = key("transform", "{ sql = \"select word, batch_time() as at from words\" }");

/// `"PLUGIN/operator"`, `{ with = "PLUGIN/operator", columns = [...] }` or `{ sql = "..." }`.
pub fn read<'a>(value: &Value<'a>, reads: &mut Vec<Read<'a>>, plugins: &Plugins<'_>) -> Option<OperationDefinition> {
    if let Content::Table(_) = value.content() {
        let mut table = value.table()?;
        if table.has(SQL) {
            let query = table.get(SQL).and_then(|value| query(&value, reads, plugins));
            table.finish();
            return query.map(OperationDefinition::Sql);
        }
    }
    plugins.operator(value).map(OperationDefinition::Transform)
}

/// A query that reads the streams of `input`, all of them and no other, and static tables.
fn query<'a>(value: &Value<'a>, reads: &mut Vec<Read<'a>>, plugins: &Plugins<'_>) -> Option<String> {
    let text = value.string()?;
    let tables = match tables_read(text) {
        Ok(tables) => tables,
        Err(error) => return sql_mistake(value, &error),
    };
    let inputs = || reads.iter().map(|read| read.stream.as_str());
    // Where there is no input, that is what is wrong.
    if reads.is_empty() {
        return None;
    }
    let is_known = |table: &str| inputs().any(|input| input == table) || plugins.tables.contains(&table);
    if let Some(other) = tables.iter().find(|table| !is_known(table)) {
        let help = did_you_mean(other, inputs(), "inputs");
        return value.wrong(format!("the query reads \"{other}\", which is not in input"), help);
    }
    if let Some(unread) = reads.iter().find(|read| !tables.contains(&read.stream)) {
        let help = "remove it from input, or read it";
        return unread.value.wrong(format!("the query does not read \"{}\"", unread.stream), help);
    }
    let beside = tables.into_iter().filter(|table| plugins.tables.contains(&table.as_str()));
    reads.extend(beside.map(|stream| Read { stream, value: value.clone() }));
    Some(text.to_owned())
}

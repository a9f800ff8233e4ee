//! `columns` of a sink: which of the stream's columns it gets, in which order.

use arrow::datatypes::Schema;

use crate::error::{Diagnostic, Error, Result};
use crate::job::nearest::nearest;
use crate::job::types::SchemaNames;

/// Where the columns that are named stand in the stream, or all of its columns.
///
/// # Errors
/// The first that it doesn't have.
pub fn places(columns: Option<&[String]>, schema: &Schema) -> Result<Vec<usize>> {
    let Some(columns) = columns else { return Ok((0..schema.fields().len()).collect()) };
    let find = |column: &String| {
        schema.column_with_name(column).map(|(idx, _)| idx).ok_or_else(|| {
            let names = schema.fields().iter().map(|field| field.name().as_str());
            let help = match nearest(column, names) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("its input has the columns ({})", SchemaNames(schema)),
            };
            Error::from(Diagnostic::new(format!("its input has no column \"{column}\"")).help(help))
        })
    };
    columns.iter().map(find).collect()
}

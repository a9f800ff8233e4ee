//! Pieces of bytes that say nothing of what is in them: one column, `value`.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

/// The schema of a stream of pieces of bytes: one column, `value`.
pub fn schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> =
        LazyLock::new(|| Arc::new(Schema::new(vec![Field::new("value", DataType::Binary, false)])));
    Arc::clone(&SCHEMA)
}

//! Where columns are in a schema and in a batch: both are lists, depth first.

use sluicebox_sdk::data::{DataType, Field};

/// A column at the top.
#[derive(Debug, Clone, Copy)]
pub struct Tree {
    /// The index of its field.
    pub field: usize,
    /// The index of its first buffer.
    pub first_buffer: usize,
}

/// The columns at the top: those that are nobody's child.
pub fn trees(schema: &[Field]) -> Vec<Tree> {
    let (mut trees, mut field, mut buffer) = (vec![], 0, 0);
    while field < schema.len() {
        trees.push(Tree { field, first_buffer: buffer });
        let mut open = 1;
        while open > 0 && field < schema.len() {
            open = open - 1 + schema[field].children;
            buffer += n_buffers(&schema[field].data_type);
            field += 1;
        }
    }
    trees
}

/// How many buffers a node has: that of its nulls, and what its type says.
fn n_buffers(data_type: &DataType) -> usize {
    match data_type {
        DataType::Utf8 | DataType::Binary => 3,
        DataType::FixedSizeList(_) | DataType::Struct => 1,
        _ => 2,
    }
}

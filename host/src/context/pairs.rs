//! Operations on streams of keys and values, from Rust.

use super::builder::{StreamRef, add_stream, names, operator};
use crate::error::Result;
use crate::job::definition::{JoinType, OperationDefinition, StreamBody};

/// Operations by key. `key` and `on` name columns; [`StreamRef::then`] takes a number of partitions too.
impl StreamRef {
    /// A row for each pair of a row of this stream and one of `other` that have the same key: the key's columns, this stream's others, the other's
    /// others; a name that both have becomes `left_NAME` and `right_NAME`. Null is a key like others.
    pub fn join(&self, name: &str, other: &StreamRef, on: &[&str]) -> Result<StreamRef> {
        self.join_of(name, other, on, JoinType::Inner)
    }

    /// As [`StreamRef::join`], with this stream's rows that have no other.
    pub fn left_outer_join(&self, name: &str, other: &StreamRef, on: &[&str]) -> Result<StreamRef> {
        self.join_of(name, other, on, JoinType::Left)
    }

    /// As [`StreamRef::join`], with the other stream's rows that have no other.
    pub fn right_outer_join(&self, name: &str, other: &StreamRef, on: &[&str]) -> Result<StreamRef> {
        self.join_of(name, other, on, JoinType::Right)
    }

    /// As [`StreamRef::join`], with both streams' rows that have no other.
    pub fn full_outer_join(&self, name: &str, other: &StreamRef, on: &[&str]) -> Result<StreamRef> {
        self.join_of(name, other, on, JoinType::Full)
    }

    /// A row for each key that this stream or another has: its columns, then a list for each stream, named as the stream.
    pub fn cogroup(&self, name: &str, others: &[&StreamRef], on: &[&str]) -> Result<StreamRef> {
        self.with(name, others, OperationDefinition::Cogroup { on: names(on), partitions: None })
    }

    /// A row for each key: its columns, then the list `values`.
    pub fn group_by_key(&self, name: &str, key: &[&str]) -> Result<StreamRef> {
        self.then(name, OperationDefinition::GroupByKey { key: names(key), partitions: None })
    }

    /// The key's columns, then what a map makes of the others.
    pub fn map_values(&self, name: &str, key: &[&str], with: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::MapValues { key: names(key), with: operator(with)? })
    }

    /// The key's columns, then what a flat-map makes of the others: a row for each that it makes.
    pub fn flat_map_values(&self, name: &str, key: &[&str], with: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::FlatMapValues { key: names(key), with: operator(with)? })
    }

    /// The rows of each key combined into one by a plugin's aggregate.
    pub fn combine_by_key(&self, name: &str, key: &[&str], with: &str) -> Result<StreamRef> {
        let with = operator(with)?;
        self.then(name, OperationDefinition::CombineByKey { key: names(key), with, partitions: None })
    }

    /// A row for each partition, with the list `values`.
    pub fn glom(&self, name: &str) -> Result<StreamRef> {
        self.then(name, OperationDefinition::Glom)
    }

    /// The same rows in `partitions` partitions, those of a key in one.
    pub fn partition_by(&self, name: &str, key: &[&str], partitions: usize) -> Result<StreamRef> {
        self.then(name, OperationDefinition::PartitionBy { key: names(key), partitions: Some(partitions) })
    }

    /// An operation that reads this stream first, then others.
    pub fn with(&self, name: &str, others: &[&StreamRef], operation: OperationDefinition) -> Result<StreamRef> {
        let inputs = std::iter::once(self).chain(others.iter().copied()).map(|stream| stream.name.clone()).collect();
        add_stream(&self.definition, name, StreamBody::Operation { inputs, operation })
    }

    fn join_of(&self, name: &str, other: &StreamRef, on: &[&str], kind: JoinType) -> Result<StreamRef> {
        self.with(name, &[other], OperationDefinition::Join { on: names(on), kind, partitions: None })
    }
}

//! What is said of a job's parts to those who look at it from outside.

use super::definition::{
    AggregateDefinition, JoinType, OperationDefinition, OperatorName, SinkDefinition, SourceDefinition, StreamBody,
    UpdateDefinition,
};

impl StreamBody {
    /// What the stream is: its source's type, or its operation, as a job file names it.
    pub fn kind(&self) -> String {
        match self {
            Self::Source(source) => source.kind(),
            Self::Operation { operation, .. } => operation.kind().to_owned(),
        }
    }

    /// The plugin's operator that it calls.
    pub fn operator(&self) -> Option<&OperatorName> {
        match self {
            Self::Source(SourceDefinition::Receiver(receiver)) => Some(&receiver.operator),
            Self::Source(_) => None,
            Self::Operation { operation, .. } => operation.operator(),
        }
    }
}

impl SourceDefinition {
    /// Its `type`.
    pub fn kind(&self) -> String {
        match self {
            Self::Socket { .. } => "socket".to_owned(),
            Self::Files { .. } => "files".to_owned(),
            Self::Kafka(_) => "kafka".to_owned(),
            Self::Receiver(receiver) => named(&receiver.operator),
            Self::Constant { .. } | Self::ConstantFile { .. } => "constant".to_owned(),
            Self::Queue { .. } => "queue".to_owned(),
        }
    }
}

impl SinkDefinition {
    /// Its `type`.
    pub fn kind(&self) -> String {
        match self {
            Self::Print { .. } => "print".to_owned(),
            Self::Files { .. } => "files".to_owned(),
            Self::Kafka(_) => "kafka".to_owned(),
            Self::Postgres(_) => "postgres".to_owned(),
            Self::Operator(operator) => named(operator),
            Self::ForEach(_) => "for-each".to_owned(),
            Self::Custom(_) => "custom".to_owned(),
        }
    }

    /// The plugin's operator that it calls.
    pub fn operator(&self) -> Option<&OperatorName> {
        match self {
            Self::Operator(operator) => Some(operator),
            _ => None,
        }
    }
}

fn named(operator: &OperatorName) -> String {
    format!("{}/{}", operator.plugin, operator.operator)
}

impl OperationDefinition {
    /// Its key in a job file.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Map(_) => "map",
            Self::FlatMap(_) => "flat-map",
            Self::Filter(_) | Self::FilterWhere(_) => "filter",
            Self::MapPartitions(_) => "map-partitions",
            Self::Union => "union",
            Self::Repartition(_) => "repartition",
            Self::Count => "count",
            Self::CountByValue { .. } => "count-by-value",
            Self::Reduce { .. } => "reduce",
            Self::ReduceByKey { .. } => "reduce-by-key",
            Self::Window(_) => "window",
            Self::Join { kind: JoinType::Inner, .. } => "join",
            Self::Join { kind: JoinType::Left, .. } => "left-outer-join",
            Self::Join { kind: JoinType::Right, .. } => "right-outer-join",
            Self::Join { kind: JoinType::Full, .. } => "full-outer-join",
            Self::Cogroup { .. } => "cogroup",
            Self::GroupByKey { .. } => "group-by-key",
            Self::Glom => "glom",
            Self::MapValues { .. } => "map-values",
            Self::FlatMapValues { .. } => "flat-map-values",
            Self::CombineByKey { .. } => "combine-by-key",
            Self::PartitionBy { .. } => "partition-by",
            Self::GroupByKeyAndWindow { .. } => "group-by-key-and-window",
            Self::EventTimeWindow { .. } => "event-time-window",
            Self::DropDuplicates { .. } => "drop-duplicates",
            Self::LateOf => "late-of",
            Self::CountByWindow(_) => "count-by-window",
            Self::CountByValueAndWindow(_) => "count-by-value-and-window",
            Self::ReduceByWindow { .. } => "reduce-by-window",
            Self::ReduceByKeyAndWindow { .. } => "reduce-by-key-and-window",
            Self::UpdateStateByKey(_) => "update-state-by-key",
            Self::MapWithState(_) => "map-with-state",
            Self::SnapshotsOf => "snapshots-of",
            Self::Transform(_) | Self::Function(_) => "transform",
            Self::Sql(_) => "sql",
        }
    }

    /// The plugin's operator that it calls.
    pub fn operator(&self) -> Option<&OperatorName> {
        match self {
            Self::Map(operator)
            | Self::FlatMap(operator)
            | Self::Filter(operator)
            | Self::MapPartitions(operator)
            | Self::Transform(operator)
            | Self::MapValues { with: operator, .. }
            | Self::FlatMapValues { with: operator, .. }
            | Self::CombineByKey { with: operator, .. } => Some(operator),
            Self::Reduce { with }
            | Self::ReduceByKey { with, .. }
            | Self::EventTimeWindow { with, .. }
            | Self::ReduceByWindow { with, .. }
            | Self::ReduceByKeyAndWindow { with, .. } => match with {
                AggregateDefinition::Operator(operator) => Some(operator),
                AggregateDefinition::Count
                | AggregateDefinition::Sum
                | AggregateDefinition::Min
                | AggregateDefinition::Max => None,
            },
            Self::UpdateStateByKey(stateful) | Self::MapWithState(stateful) => match &stateful.with {
                UpdateDefinition::Operator(operator) => Some(operator),
                UpdateDefinition::BuiltIn(_) => None,
            },
            Self::FilterWhere(_)
            | Self::Union
            | Self::Repartition(_)
            | Self::Count
            | Self::CountByValue { .. }
            | Self::Window(_)
            | Self::Join { .. }
            | Self::Cogroup { .. }
            | Self::GroupByKey { .. }
            | Self::Glom
            | Self::PartitionBy { .. }
            | Self::GroupByKeyAndWindow { .. }
            | Self::DropDuplicates { .. }
            | Self::LateOf
            | Self::CountByWindow(_)
            | Self::CountByValueAndWindow(_)
            | Self::SnapshotsOf
            | Self::Function(_)
            | Self::Sql(_) => None,
        }
    }
}

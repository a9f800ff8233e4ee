//! Plans to bytes and back.
//!
//! DataFusion's nodes are encoded by datafusion-proto; ours are a frame inside it: a byte for the version, the length of a JSON text as 32 bits
//! little-endian, the text, which says what the node is, and the node's schemas, each as its length and datafusion-proto's encoding. A node's
//! bytes name blocks, datasets and operators; they never hold rows, and the host's services are found again where the plan runs.

use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::{Result, internal_datafusion_err, internal_err};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::bytes::{
    physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec,
};
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use datafusion_proto::protobuf;
use prost::Message;
use serde::{Deserialize, Serialize};

use super::aligned_union::AlignedUnionExec;
use super::assign_windows::{Assign, AssignWindowsExec};
use super::dataset_scan::{DatasetName, Layout};
use super::error::external;
use super::event_time::EventTimeExec;
use super::offset_scan::{OffsetScan, OffsetScanExec};
use super::plugin_aggregate::{PluginAggregate, PluginAggregateExec, Step};
use super::sessionize::{SessionizeExec, Sessions};
use super::state::{StateExec, StateOperator, StateUse, Stateful};
use super::state_snapshot::StateSnapshotExec;
use super::window_fold::WindowFoldExec;
use super::{
    BlockScanExec, CogroupExec, DatasetScanExec, Engine, ExchangeExec, ExchangeMode, Together, TransformExec, node,
};
use crate::clock::BatchTime;
use crate::plugin::{AggregateBinding, OperatorRef, StateBinding, StateKind, TransformBinding, TransformKind};
use crate::receiver::files::scan::{FileScan, FileScanExec};
use crate::state::StateTimes;

/// The version of the frame that is written; no other is read.
const VERSION: u8 = 1;

/// The bytes of a plan.
///
/// # Errors
/// For a node that neither datafusion-proto nor this codec knows.
pub fn encode(plan: Arc<dyn ExecutionPlan>) -> Result<Vec<u8>> {
    Ok(physical_plan_to_bytes_with_extension_codec(plan, &Codec)?.into())
}

/// The plan of these bytes, to be run by `engine`.
///
/// # Errors
/// For bytes that are no plan, or one of another version.
pub fn decode(bytes: &[u8], engine: &Engine) -> Result<Arc<dyn ExecutionPlan>> {
    physical_plan_from_bytes_with_extension_codec(bytes, engine.task(), &Codec)
}

/// One of our nodes, without its inputs and schemas.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Node {
    BlockScan {
        stream: Arc<str>,
        blocks: Vec<u64>,
    },
    FileScan(FileScan),
    OffsetScan(OffsetScan),
    DatasetScan {
        datasets: Vec<DatasetName>,
        layout: Layout,
    },
    Exchange {
        stream: Arc<str>,
        mode: ExchangeMode,
        partitions: usize,
    },
    Cogroup {
        stream: Arc<str>,
        together: Together,
        keys: Vec<Vec<usize>>,
    },
    /// Schemas: the binding's input and output.
    Transform {
        operator: OperatorRef,
        kind: TransformKind,
        columns: Vec<usize>,
        beside: Vec<usize>,
        stream: Arc<str>,
        batch: BatchTime,
        attempt: u32,
    },
    /// Schemas: the binding's input, partial and output.
    Aggregate {
        of: Aggregate,
        step: Step,
        keys: Vec<usize>,
    },
    /// Schemas as of `Aggregate`.
    WindowFold {
        of: Aggregate,
        n_keys: usize,
    },
    AlignedUnion,
    /// Schemas: the binding's keys, input, state and output.
    State(Box<StateNode>),
    StateSnapshot {
        of: Arc<str>,
        batch: BatchTime,
        attempt: u32,
        partitions: usize,
    },
    EventTime {
        stream: Arc<str>,
        column: usize,
        batch: BatchTime,
        attempt: u32,
    },
    AssignWindows(Assign),
    Sessionize(Sessions),
}

/// A [`PluginAggregate`] without its schemas.
#[derive(Debug, Serialize, Deserialize)]
struct Aggregate {
    operator: OperatorRef,
    columns: Vec<usize>,
    partial_version: u32,
    invertible: bool,
    values: Vec<usize>,
    stream: Arc<str>,
    batch: BatchTime,
    attempt: u32,
}

impl Aggregate {
    /// It, and its schemas.
    fn of(aggregate: &PluginAggregate) -> (Self, Vec<SchemaRef>) {
        let PluginAggregate { operator, binding, values, stream, batch, attempt } = aggregate.clone();
        let AggregateBinding { columns, input, partial, partial_version, output, invertible } = binding;
        let schemas = vec![input, partial, output];
        (Self { operator, columns, partial_version, invertible, values, stream, batch, attempt }, schemas)
    }

    fn with(self, mut schema: impl FnMut() -> Result<SchemaRef>) -> Result<PluginAggregate> {
        let Self { operator, columns, partial_version, invertible, values, stream, batch, attempt } = self;
        let (input, partial, output) = (schema()?, schema()?, schema()?);
        let binding = AggregateBinding { columns, input, partial, partial_version, output, invertible };
        Ok(PluginAggregate { operator, binding, values, stream, batch, attempt })
    }
}

/// A node's schemas and the rest of it, where it works on state.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct StateNode {
    operator: StateOperator,
    kind: StateKind,
    key_order: Vec<usize>,
    columns: Vec<usize>,
    version: u32,
    timeout: Option<Duration>,
    keys: Vec<usize>,
    values: Vec<usize>,
    timeout_ms: Option<i64>,
    time_to_live_ms: Option<i64>,
    state_size: Option<u64>,
    stream: Arc<str>,
    key_groups: u32,
    batch: BatchTime,
    attempt: u32,
    times: Option<StateTimes>,
}

/// A node and its schemas.
struct Frame {
    node: Node,
    schemas: Vec<SchemaRef>,
}

impl Frame {
    fn of(plan: &dyn ExecutionPlan) -> Option<Self> {
        let partitions = node::partition_count(plan);
        if let Some(scan) = plan.downcast_ref::<BlockScanExec>() {
            let blocks = scan.blocks().iter().map(|block| block.number).collect();
            Some(Self { node: Node::BlockScan { stream: scan.stream().clone(), blocks }, schemas: vec![plan.schema()] })
        } else if let Some(files) = plan.downcast_ref::<FileScanExec>() {
            Some(Self { node: Node::FileScan(files.scan().clone()), schemas: vec![plan.schema()] })
        } else if let Some(messages) = plan.downcast_ref::<OffsetScanExec>() {
            Some(Self { node: Node::OffsetScan(messages.scan().clone()), schemas: vec![plan.schema()] })
        } else if let Some(scan) = plan.downcast_ref::<DatasetScanExec>() {
            let node = Node::DatasetScan { datasets: scan.datasets().to_vec(), layout: scan.layout() };
            Some(Self { node, schemas: vec![plan.schema()] })
        } else if let Some(exchange) = plan.downcast_ref::<ExchangeExec>() {
            let node = Node::Exchange { stream: exchange.stream().clone(), mode: exchange.mode().clone(), partitions };
            Some(Self { node, schemas: Vec::new() })
        } else if let Some(cogroup) = plan.downcast_ref::<CogroupExec>() {
            let (together, keys) = (cogroup.together().clone(), cogroup.keys().to_vec());
            Some(Self { node: Node::Cogroup { stream: cogroup.stream().clone(), together, keys }, schemas: Vec::new() })
        } else if let Some(transform) = plan.downcast_ref::<TransformExec>() {
            Some(Self::of_transform(transform))
        } else if let Some(window) = plan.downcast_ref::<WindowFoldExec>() {
            let (of, schemas) = Aggregate::of(window.aggregate());
            Some(Self { node: Node::WindowFold { of, n_keys: window.n_keys() }, schemas })
        } else if plan.downcast_ref::<AlignedUnionExec>().is_some() {
            Some(Self { node: Node::AlignedUnion, schemas: Vec::new() })
        } else if let Some(state) = plan.downcast_ref::<StateExec>() {
            Some(Self::of_state(state.state_use()))
        } else if let Some(snapshot) = plan.downcast_ref::<StateSnapshotExec>() {
            let (of, batch, attempt) = snapshot.reads();
            let node = Node::StateSnapshot { of: of.clone(), batch, attempt, partitions };
            Some(Self { node, schemas: vec![plan.schema()] })
        } else if let Some(of) = plan.downcast_ref::<EventTimeExec>() {
            let (stream, column, (batch, attempt)) = (of.stream().clone(), of.column(), of.batch());
            Some(Self { node: Node::EventTime { stream, column, batch, attempt }, schemas: Vec::new() })
        } else if let Some(of) = plan.downcast_ref::<AssignWindowsExec>() {
            Some(Self { node: Node::AssignWindows(of.assign().clone()), schemas: Vec::new() })
        } else if let Some(of) = plan.downcast_ref::<SessionizeExec>() {
            Some(Self { node: Node::Sessionize(of.sessions().clone()), schemas: Vec::new() })
        } else {
            plan.downcast_ref::<PluginAggregateExec>().map(Self::of_aggregate)
        }
    }

    fn of_state(of: &StateUse) -> Self {
        let StateUse { stateful, stream, key_groups, batch, attempt, times } = of.clone();
        let Stateful { operator, binding, keys, values, timeout_ms, time_to_live_ms, state_size } =
            Stateful::clone(&stateful);
        let StateBinding { kind, key_order, keys: of_key, columns, input, state, version, output, timeout } = binding;
        let node = StateNode {
            operator,
            kind,
            key_order,
            columns,
            version,
            timeout,
            keys,
            values,
            timeout_ms,
            time_to_live_ms,
            state_size,
            stream,
            key_groups,
            batch,
            attempt,
            times,
        };
        Self { node: Node::State(Box::new(node)), schemas: vec![of_key, input, state, output] }
    }

    fn of_transform(transform: &TransformExec) -> Self {
        let (binding, (batch, attempt)) = (transform.binding(), transform.batch());
        let node = Node::Transform {
            operator: transform.operator().clone(),
            kind: binding.kind,
            columns: binding.columns.clone(),
            beside: transform.beside().to_vec(),
            stream: transform.stream().clone(),
            batch,
            attempt,
        };
        Self { node, schemas: vec![binding.input.clone(), binding.output.clone()] }
    }

    fn of_aggregate(aggregate: &PluginAggregateExec) -> Self {
        let (of, schemas) = Aggregate::of(aggregate.aggregate());
        Self { node: Node::Aggregate { of, step: aggregate.step(), keys: aggregate.keys().to_vec() }, schemas }
    }

    fn plan(self, inputs: &[Arc<dyn ExecutionPlan>]) -> Result<Arc<dyn ExecutionPlan>> {
        let mut schemas = self.schemas.into_iter();
        let mut schema = || schemas.next().ok_or_else(|| internal_datafusion_err!("a plan node's schema is missing"));
        let input = || match inputs {
            [input] => Ok(input.clone()),
            others => internal_err!("a plan node takes one input and was given {}", others.len()),
        };
        Ok(match self.node {
            Node::BlockScan { stream, blocks } => {
                let blocks =
                    blocks.into_iter().map(|number| crate::receiver::BlockId { stream: stream.clone(), number });
                Arc::new(BlockScanExec::new(stream.clone(), blocks.collect(), schema()?))
            }
            Node::FileScan(scan) => Arc::new(FileScanExec::new(scan, schema()?)),
            Node::OffsetScan(scan) => Arc::new(OffsetScanExec::new(scan, schema()?)),
            Node::DatasetScan { datasets, layout } => Arc::new(DatasetScanExec::of(datasets, layout, schema()?)),
            Node::Exchange { stream, mode, partitions } => {
                Arc::new(ExchangeExec::try_new(stream, input()?, mode, partitions)?)
            }
            Node::Cogroup { stream, together, keys } => {
                Arc::new(CogroupExec::try_new(stream, together, inputs.to_vec(), keys)?)
            }
            Node::Transform { operator, kind, columns, beside, stream, batch, attempt } => {
                let binding = TransformBinding { kind, columns, input: schema()?, output: schema()? };
                let transform = TransformExec::new(operator, binding, stream, batch, attempt, input()?);
                Arc::new(transform.with_beside(beside)?)
            }
            Node::StateSnapshot { of, batch, attempt, partitions } => {
                Arc::new(StateSnapshotExec::new(of, batch, attempt, partitions, schema()?))
            }
            Node::State(node) => {
                let StateNode { operator, kind, key_order, columns, version, timeout, keys, values, .. } = *node;
                let StateNode { timeout_ms, time_to_live_ms, state_size, stream, key_groups, batch, attempt, .. } =
                    *node;
                let times = node.times;
                let (of_key, read, state, output) = (schema()?, schema()?, schema()?, schema()?);
                let binding = StateBinding {
                    kind,
                    key_order,
                    keys: of_key,
                    columns,
                    input: read,
                    state,
                    version,
                    output,
                    timeout,
                };
                let stateful = Stateful { operator, binding, keys, values, timeout_ms, time_to_live_ms, state_size };
                let of = StateUse { stateful: Arc::new(stateful), stream, key_groups, batch, attempt, times };
                Arc::new(StateExec::over(of, inputs)?)
            }
            Node::Aggregate { of, step, keys } => {
                Arc::new(PluginAggregateExec::try_new(of.with(schema)?, step, keys, input()?)?)
            }
            Node::WindowFold { of, n_keys } => {
                Arc::new(WindowFoldExec::try_new(of.with(schema)?, n_keys, inputs.to_vec())?)
            }
            Node::EventTime { stream, column, batch, attempt } => {
                Arc::new(EventTimeExec::try_new(stream, column, (batch, attempt), input()?)?)
            }
            Node::AssignWindows(assign) => Arc::new(AssignWindowsExec::try_new(assign, input()?)?),
            Node::Sessionize(sessions) => Arc::new(SessionizeExec::try_new(sessions, input()?)?),
            Node::AlignedUnion => Arc::new(AlignedUnionExec::try_new(inputs.to_vec())?),
        })
    }

    fn write(&self, bytes: &mut Vec<u8>) -> Result<()> {
        bytes.push(VERSION);
        let json = serde_json::to_vec(&self.node).map_err(external)?;
        write_piece(bytes, &json)?;
        for schema in &self.schemas {
            let schema = protobuf::Schema::try_from(schema.as_ref())?;
            write_piece(bytes, &schema.encode_to_vec())?;
        }
        Ok(())
    }

    fn read(bytes: &[u8]) -> Result<Self> {
        let (version, mut rest) =
            bytes.split_first().ok_or_else(|| internal_datafusion_err!("a plan node has no bytes"))?;
        if *version != VERSION {
            return internal_err!("a plan node is of version {version}; this program reads version {VERSION}");
        }
        let node = serde_json::from_slice(read_piece(&mut rest)?).map_err(external)?;
        let mut schemas = Vec::new();
        while !rest.is_empty() {
            let schema = protobuf::Schema::decode(read_piece(&mut rest)?).map_err(external)?;
            schemas.push(Arc::new(Schema::try_from(&schema)?));
        }
        Ok(Self { node, schemas })
    }
}

fn write_piece(bytes: &mut Vec<u8>, piece: &[u8]) -> Result<()> {
    let length =
        u32::try_from(piece.len()).map_err(|_| internal_datafusion_err!("a plan node of {} bytes", piece.len()))?;
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(piece);
    Ok(())
}

fn read_piece<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    let cut = || internal_datafusion_err!("a plan node's bytes are cut off");
    let (length, after) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
    let (piece, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(cut)?;
    *rest = after;
    Ok(piece)
}

/// Our nodes, for datafusion-proto.
#[derive(Debug)]
struct Codec;

impl PhysicalExtensionCodec for Codec {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        _: &TaskContext,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Frame::read(bytes)?.plan(inputs)
    }

    fn try_encode(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        bytes: &mut Vec<u8>,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        match Frame::of(plan.as_ref()) {
            Some(frame) => frame.write(bytes),
            None => internal_err!("a {} can't be made into bytes", plan.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::{engine, words};

    #[test]
    fn bytes_that_are_no_plan_are_refused() {
        let engine = engine();
        let scan = Arc::new(DatasetScanExec::new("words".into(), BatchTime(1), 3, words(&["a"]).schema()));
        let bytes = encode(scan).unwrap();
        for end in 0..bytes.len() {
            // Each prefix is refused or read as something, and nothing panics.
            let _ = decode(&bytes[..end], &engine);
        }
        let mut frame = Vec::new();
        Frame::of(&DatasetScanExec::new("words".into(), BatchTime(1), 3, words(&["a"]).schema()))
            .unwrap()
            .write(&mut frame)
            .unwrap();
        assert!(Frame::read(&frame).is_ok());
        for end in 0..frame.len() {
            let cut = Frame::read(&frame[..end]).and_then(|frame| frame.plan(&[]));
            assert!(cut.is_err(), "{end} of {} bytes", frame.len());
        }
        frame[0] = VERSION + 1;
        assert!(Frame::read(&frame).err().unwrap().to_string().contains("version 2; this program reads version 1"));
    }
}

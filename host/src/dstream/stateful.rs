//! update-state-by-key and map-with-state: keyed state over batches; and all of it as a stream.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::physical_plan::ExecutionPlan;

use super::operator::in_force;
use super::{DStream, PlanContext, Reads};
use crate::engine::state::{StateOperator, Stateful};
use crate::error::{Error, Result};
use crate::job::definition::FileFormat;
use crate::plugin::OperatorRef;

/// Where the state that is there before the first batch comes from. Its columns are the key's and the state's.
#[derive(Debug)]
pub enum Initial {
    /// A file.
    File {
        /// Its path.
        path: PathBuf,
        /// Its format.
        format: FileFormat,
    },
    /// The first dataset of the second parent: for each column, its index there; and behind them, where it says so, that of how long keys have rested.
    Stream(Vec<usize>),
}

/// Keys and their state, worked on in every batch.
#[derive(Debug)]
pub struct KeyedState {
    /// What works on it, bound to the parent's columns.
    pub stateful: Arc<Stateful>,
    /// Partitions made; none: the job's parallelism.
    pub partitions: Option<usize>,
    /// The state before the first batch.
    pub initial: Option<Initial>,
}

impl DStream for KeyedState {
    fn plan(&self, cx: &PlanContext<'_>, parents: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        if let StateOperator::Plugin(operator) = &self.stateful.operator {
            in_force(cx, operator)?;
        }
        let mut parents = parents.into_iter();
        let input =
            parents.next().ok_or_else(|| Error::invalid("keyed state is made of one stream, and it has none"))?;
        let initial = match (&self.initial, cx.plans.state_has_begun(cx)) {
            (None, _) | (_, true) => None,
            (Some(Initial::File { path, format }), _) => {
                Some(cx.plans.initial_state(cx, path, *format, &self.stateful)?)
            }
            (Some(Initial::Stream(columns)), _) => {
                parents.next().map(|parent| cx.plans.project(parent, columns)).transpose()?
            }
        };
        cx.plans.keyed_state(cx, &self.stateful, input, initial, None, self.partitions)
    }

    fn reads(&self) -> Reads {
        match self.initial {
            // After the first batch, it isn't read.
            Some(Initial::Stream(_)) => Reads::Freely,
            _ => Reads::Through,
        }
    }

    fn has_dataset(&self, _: &[bool]) -> bool {
        // Keys that are known are updated, and time out, in batches without a dataset too.
        true
    }

    fn state(&self) -> Option<&KeyedState> {
        Some(self)
    }

    fn operator(&self) -> Option<&OperatorRef> {
        match &self.stateful.operator {
            StateOperator::Plugin(operator) => Some(operator),
            StateOperator::BuiltIn(_) | StateOperator::First => None,
        }
    }
}

/// All keys and their state after each batch: the key's columns, then the state's.
#[derive(Debug)]
pub struct StateSnapshots {
    /// The stream whose state it is.
    pub of: Arc<str>,
    /// The columns.
    pub schema: SchemaRef,
    /// As [`KeyedState::partitions`].
    pub partitions: Option<usize>,
}

impl DStream for StateSnapshots {
    fn plan(&self, cx: &PlanContext<'_>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(cx.plans.state_snapshot(cx, &self.of, self.schema.clone(), self.partitions))
    }

    fn reads(&self) -> Reads {
        Reads::Freely
    }
}

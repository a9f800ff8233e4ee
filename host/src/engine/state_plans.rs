//! Plans of keyed state, as streams ask for them.

use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::ProjectionExec;

use super::Plans;
use super::plans::wrong;
use super::state::{self, StateUse, Stateful};
use super::state_snapshot::StateSnapshotExec;
use crate::dstream::PlanContext;
use crate::error::{Error, Result};
use crate::job::definition::FileFormat;
use crate::job::types::SchemaNames;
use crate::receiver::FileVersion;
use crate::receiver::files::listing::modified_ms;
use crate::receiver::files::scan::{FileScan, FileScanExec, OnBadFile, partitions};
use crate::receiver::files::schema::infer;
use crate::state::StateTimes;

/// The most bytes of a file that one task reads.
const PART: u64 = 64 << 20;

impl Plans {
    /// Whether the stream's state is that of a batch, and not the initial one.
    pub fn state_has_begun(&self, cx: &PlanContext<'_>) -> bool {
        self.engine().services().state.has_begun(cx.stream)
    }

    /// Keys and state in a batch; `initial` has the columns of keys and state, before the first batch. Keys are forgotten by `times`; none: by batch time.
    pub fn keyed_state(
        &self,
        cx: &PlanContext<'_>,
        stateful: &Arc<Stateful>,
        input: Arc<dyn ExecutionPlan>,
        initial: Option<Arc<dyn ExecutionPlan>>,
        times: Option<StateTimes>,
        partitions: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let shuffle = self.shuffle(cx, partitions);
        let of = StateUse {
            stateful: stateful.clone(),
            stream: cx.stream.clone(),
            key_groups: shuffle.key_groups,
            batch: cx.batch,
            attempt: cx.attempt,
            times,
        };
        state::stateful(of, input, initial, &shuffle).map_err(wrong)
    }

    /// All keys and state of a stream as they are after the batch, in the partitions in which they are worked on.
    pub fn state_snapshot(
        &self,
        cx: &PlanContext<'_>,
        of: &Arc<str>,
        schema: SchemaRef,
        partitions: Option<usize>,
    ) -> Arc<dyn ExecutionPlan> {
        let partitions = self.shuffle(cx, partitions).partitions;
        Arc::new(StateSnapshotExec::new(of.clone(), cx.batch, cx.attempt, partitions, schema))
    }

    /// Some columns of a plan.
    pub fn project(&self, input: Arc<dyn ExecutionPlan>, columns: &[usize]) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = input.schema();
        let column = |idx: &usize| {
            let name = schema.field(*idx).name();
            (Arc::new(Column::new(name, *idx)) as Arc<dyn PhysicalExpr>, name.clone())
        };
        let columns: Vec<_> = columns.iter().map(column).collect();
        Ok(Arc::new(ProjectionExec::try_new(columns, input).map_err(wrong)?))
    }

    /// The keys and state in a file.
    pub fn initial_state(
        &self,
        cx: &PlanContext<'_>,
        path: &Path,
        format: FileFormat,
        stateful: &Stateful,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = stateful.spec(1).columns();
        check_file(path, format, &columns)?;
        let unreadable = |error| Error::invalid(format!("its initial state {}: {error}", path.display()));
        let metadata = path.metadata().map_err(unreadable)?;
        let file =
            FileVersion { path: path.display().to_string(), size: metadata.len(), modified_ms: modified_ms(&metadata) };
        let scan = FileScan {
            stream: cx.stream.clone(),
            batch: cx.batch,
            attempt: cx.attempt,
            content: format.into(),
            on_bad_file: OnBadFile::Fail,
            partitions: partitions(&[file], format.into(), self.engine().parallelism(), PART),
        };
        Ok(Arc::new(FileScanExec::new(scan, columns)))
    }
}

/// Refuse a file that has other columns than these.
fn check_file(path: &Path, format: FileFormat, wanted: &SchemaRef) -> Result<()> {
    let found = infer(path, format)
        .map_err(|reason| Error::invalid(format!("its initial state {} can't be read: {reason}", path.display())))?;
    // What text looks like says little about its types; Parquet's are the file's own word.
    let suits = |found: &DataType, wanted: &DataType| format != FileFormat::Parquet || found == wanted;
    let has = |found: &Schema| {
        wanted.fields().iter().all(|field| {
            found.column_with_name(field.name()).is_some_and(|(_, found)| suits(found.data_type(), field.data_type()))
        })
    };
    if has(&found) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "its keys and state have the columns ({}), and its initial state {} has ({})",
        SchemaNames(wanted),
        path.display(),
        SchemaNames(&found)
    )))
}

//! Queries over the streams of a batch.
//!
//! A query is a SELECT that reads streams by name, as they are written (`-` in a name asks for quotes). It is planned once for each combination
//! of its inputs' partition counts, and the plan is used again for every batch that has them; only queries that ask for the time are planned each
//! time, with the batch's. DataFusion's optimizer works on queries, over leaves that nothing is pushed into; its exchanges are
//! replaced by ours afterwards, so a query gives the same rows in the same order each time. Functions that don't are refused.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, OnceLock};

use arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider,
    SchemaProvider, Session, TableProvider,
};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DataFusionError, Result, internal_datafusion_err, plan_datafusion_err, plan_err};
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::execution::{FunctionRegistry, SessionState};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, LogicalPlan, TableType, Volatility};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{CastExpr, Column};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::limit::GlobalLimitExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::{ExecutionPlanProperties, Partitioning};
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::Statement as AstStatement;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use futures::FutureExt;
use parking_lot::Mutex;

use super::batch_time::batch_time;
use super::error::external;
use super::{DatasetScanExec, ExchangeExec, ExchangeMode, Shuffle, node, runtime};
use crate::clock::BatchTime;

/// Plans kept for one query, by the partition counts of its inputs.
const MAX_PLANS: usize = 16;
/// How often planning is asked whether it has ended.
const MOST_POLLS: usize = 10_000;

/// What is wrong with a query or an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.told())]
pub struct SqlError {
    /// What is wrong; it may end with hints.
    pub message: String,
    /// Line and column in the text, both from 1, where they are known.
    pub position: Option<(u64, u64)>,
}

impl SqlError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), position: None }
    }

    /// The message with its place, before hints.
    fn told(&self) -> String {
        match self.position {
            // The parser's own messages say it already.
            Some((line, column)) if !self.message.contains("Line: ") => {
                let (what, hints) = self.message.split_at(self.message.find("; ").unwrap_or(self.message.len()));
                format!("{what} at Line: {line}, Column: {column}{hints}")
            }
            _ => self.message.clone(),
        }
    }
}

impl From<DataFusionError> for SqlError {
    fn from(error: DataFusionError) -> Self {
        let diagnostic = error.diagnostic();
        let span = diagnostic.and_then(|diagnostic| diagnostic.span);
        let mut message = match error.find_root() {
            DataFusionError::SQL(error, _) => error.to_string(),
            root => super::error::plain(root),
        };
        for hint in diagnostic.iter().flat_map(|diagnostic| diagnostic.notes.iter().map(|note| &note.message)) {
            message = format!("{message}; {hint}");
        }
        let position = span.map(|span| (span.start.line, span.start.column)).or_else(|| position_in(&message));
        Self { message, position }
    }
}

/// Where the parser's message says that it is.
fn position_in(message: &str) -> Option<(u64, u64)> {
    let (_, place) = message.split_once("Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    let digits = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok());
    Some((digits(line)?, digits(column)?))
}

/// The streams a query reads, each once, sorted.
///
/// # Errors
/// For what is no single SELECT.
pub fn tables_read(text: &str) -> Result<Vec<String>, SqlError> {
    tables_of(&select(text)?)
}

/// The columns a query makes of streams with these columns, and the streams it reads.
///
/// # Errors
/// With what is wrong in the query, and where.
pub fn check(text: &str, inputs: &[(Arc<str>, SchemaRef)]) -> Result<(SchemaRef, Vec<String>), SqlError> {
    let query = Query::new(text, inputs)?;
    Ok((query.schema().clone(), query.reads().to_vec()))
}

/// A checked query.
#[derive(Debug)]
pub struct Query {
    text: String,
    reads: Vec<String>,
    /// The streams read, in the order of `reads`.
    inputs: Vec<(Arc<str>, SchemaRef)>,
    schema: SchemaRef,
    /// Whether it asks for the time.
    timed: bool,
    plans: Mutex<HashMap<Vec<usize>, Arc<dyn ExecutionPlan>>>,
}

impl Query {
    /// Look at a query over these streams; more may be given than it reads.
    ///
    /// # Errors
    /// With what is wrong in the query, and where.
    pub fn new(text: &str, inputs: &[(Arc<str>, SchemaRef)]) -> Result<Self, SqlError> {
        let statement = select(text)?;
        let reads = tables_of(&statement)?;
        let input = |name: &String| {
            let found = inputs.iter().find(|(input, _)| input.as_ref() == name);
            found.cloned().ok_or_else(|| SqlError::new(format!("it reads \"{name}\", which is no stream of this job")))
        };
        let inputs: Vec<_> = reads.iter().map(input).collect::<Result<_, _>>()?;
        let leaves: Vec<_> = inputs.iter().map(|(name, schema)| Leaf::new(name, schema, 1)).collect();
        let state = planning_state(BatchTime(0), 1, &leaves)?;
        let logical = logical(&state, statement)?;
        let timed = !deterministic(&logical)?;
        let physical = physical(&state, &logical)?;
        let schema = physical.schema();
        for (idx, field) in schema.fields().iter().enumerate() {
            if schema.fields()[..idx].iter().any(|before| before.name() == field.name()) {
                return Err(SqlError::new(format!(
                    "it makes two columns named \"{}\"; rename one with `as`",
                    field.name()
                )));
            }
        }
        Ok(Self { text: text.to_owned(), reads, inputs, schema, timed, plans: Mutex::default() })
    }

    /// The columns it makes.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The streams it reads, each once, sorted.
    pub fn reads(&self) -> &[String] {
        &self.reads
    }

    /// The plan for one batch. `leaves` are plans for the streams read, which can be read any number of times; `shuffle` says how
    /// many partitions keyed steps have, and whom the query is for.
    ///
    /// # Errors
    /// When a stream read has no leaf, or the query can't be planned.
    pub fn plan(
        &self,
        batch: BatchTime,
        leaves: &[(Arc<str>, Arc<dyn ExecutionPlan>)],
        shuffle: &Shuffle,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let leaf = |name: &Arc<str>| {
            let found = leaves.iter().find(|(leaf, _)| leaf == name);
            found
                .map(|(_, plan)| plan)
                .ok_or_else(|| plan_datafusion_err!("the query is given no rows of stream \"{name}\""))
        };
        let counts = self.inputs.iter().map(|(name, _)| Ok(node::partition_count(leaf(name)?.as_ref())));
        let counts: Vec<usize> = counts.collect::<Result<_>>()?;
        let known = if self.timed { None } else { self.plans.lock().get(&counts).cloned() };
        let plan = match known {
            Some(plan) => plan,
            None => self.planned(batch, counts, shuffle)?,
        };
        with_leaves(plan, |name| leaves.iter().find(|(leaf, _)| **leaf == *name).map(|(_, plan)| plan))
    }

    /// The plan over leaves that stand for the streams.
    fn planned(&self, batch: BatchTime, counts: Vec<usize>, shuffle: &Shuffle) -> Result<Arc<dyn ExecutionPlan>> {
        let leaves =
            self.inputs.iter().zip(&counts).map(|((name, schema), partitions)| Leaf::new(name, schema, *partitions));
        let state = planning_state(batch, shuffle.partitions, &leaves.collect::<Vec<_>>())?;
        let statement = select(&self.text).map_err(external)?;
        let plan = ours(physical(&state, &logical(&state, statement)?)?, shuffle)?;
        if !self.timed {
            let mut plans = self.plans.lock();
            if plans.len() >= MAX_PLANS {
                plans.clear();
            }
            plans.insert(counts, plan.clone());
        }
        Ok(plan)
    }
}

/// The plan with plans in place of the leaves that stand for them.
pub(super) fn with_leaves<'a>(
    plan: Arc<dyn ExecutionPlan>,
    leaf: impl Fn(&str) -> Option<&'a Arc<dyn ExecutionPlan>>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let with_leaves = plan.transform_up(|plan| match plan.downcast_ref::<DatasetScanExec>() {
        Some(scan) => {
            let name = scan.datasets().first().map_or("", |dataset| &dataset.stream);
            let leaf = leaf(name).ok_or_else(|| internal_datafusion_err!("there are no rows of \"{name}\""))?;
            Ok(Transformed::yes(leaf.clone()))
        }
        None => Ok(Transformed::no(plan)),
    });
    with_leaves.data()
}

/// The plan of what a program's DataFrame says is to be done with leaves.
///
/// # Errors
/// For functions that answer differently each time they are asked, and for what isn't only a question.
pub(super) fn planned(
    state: &SessionState,
    logical: &LogicalPlan,
    shuffle: &Shuffle,
) -> Result<Arc<dyn ExecutionPlan>> {
    if !matches!(logical.schema().fields().len(), 1..) {
        return plan_err!("it makes no column");
    }
    deterministic(logical)?;
    ours(physical(state, logical)?, shuffle)
}

/// A stream, as a query's table.
#[derive(Debug)]
pub(super) struct Leaf {
    stream: Arc<str>,
    batch: BatchTime,
    schema: SchemaRef,
    partitions: usize,
}

impl Leaf {
    /// What stands for a stream until there is a plan.
    fn new(stream: &Arc<str>, schema: &SchemaRef, partitions: usize) -> Arc<Self> {
        Self::of_batch(stream, BatchTime(0), schema, partitions)
    }

    /// As [`Leaf::new`], called by a number.
    pub(super) fn numbered(number: usize, schema: &SchemaRef, partitions: usize) -> Arc<Self> {
        Self::new(&number.to_string().into(), schema, partitions)
    }

    /// The dataset that a batch keeps of a stream.
    pub(super) fn of_batch(stream: &Arc<str>, batch: BatchTime, schema: &SchemaRef, partitions: usize) -> Arc<Self> {
        Arc::new(Self { stream: stream.clone(), batch, schema: schema.clone(), partitions })
    }
}

#[async_trait::async_trait]
impl TableProvider for Leaf {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let scan = DatasetScanExec::new(self.stream.clone(), self.batch, self.partitions, self.schema.clone());
        let Some(projection) = projection else { return Ok(Arc::new(scan)) };
        let columns = projection.iter().map(|idx| {
            let name = self.schema.field(*idx).name();
            (Arc::new(Column::new(name, *idx)) as Arc<dyn PhysicalExpr>, name.clone())
        });
        Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), Arc::new(scan))?))
    }
}

/// The one SELECT of the text.
fn select(text: &str) -> Result<Statement, SqlError> {
    let parser = DFParserBuilder::new(text).with_dialect(&GenericDialect {}).build();
    let mut statements = parser.and_then(|mut parser| parser.parse_statements())?;
    match (statements.pop_front(), statements.is_empty()) {
        (Some(Statement::Statement(statement)), true) if matches!(statement.as_ref(), AstStatement::Query(_)) => {
            Ok(Statement::Statement(statement))
        }
        (None, _) => Err(SqlError::new("it is empty; a query (select ...) is expected")),
        (Some(_), false) => Err(SqlError::new("it is more than one statement; one query (select ...) is expected")),
        (Some(other), true) => Err(SqlError::new(format!("`{other}` is no query; only select ... can be a stream"))),
    }
}

fn tables_of(statement: &Statement) -> Result<Vec<String>, SqlError> {
    let (tables, _) = resolve_table_references(statement, false)?;
    let name = |table: datafusion::common::TableReference| match table.schema() {
        None => Ok(table.table().to_owned()),
        Some(_) => Err(SqlError::new(format!("it reads \"{table}\"; streams have one name, without dots"))),
    };
    let mut names: Vec<String> = tables.into_iter().map(name).collect::<Result<_, _>>()?;
    names.sort();
    names.dedup();
    Ok(names)
}

/// The session that queries and expressions are planned in, without streams.
fn base() -> &'static SessionState {
    static BASE: OnceLock<SessionState> = OnceLock::new();
    BASE.get_or_init(|| {
        let mut config = runtime::session_config(1);
        config.options_mut().sql_parser.collect_spans = true;
        let mut state = SessionStateBuilder::new().with_config(config).with_default_features().build();
        // Tables are streams; nothing else makes rows.
        let functions: Vec<String> = state.table_functions().keys().cloned().collect();
        for function in functions {
            // It is there, so this can't fail.
            let _ = state.deregister_udtf(&function);
        }
        let _ = state.register_udf(batch_time());
        state
    })
}

/// A session in which it is the time of `batch`.
pub(super) fn state_at(batch: BatchTime) -> SessionState {
    at(base().clone(), batch)
}

/// The session with the time of `batch`, and with [`batch_time`].
pub(super) fn at(mut state: SessionState, batch: BatchTime) -> SessionState {
    if !state.scalar_functions().contains_key("batch_time") {
        // Nothing of that name is there that could be replaced.
        let _ = state.register_udf(batch_time());
    }
    state.execution_props_mut().query_execution_start_time =
        arrow::temporal_conversions::timestamp_ms_to_datetime(batch.as_millis()).map(|time| time.and_utc());
    state
}

pub(super) fn planning_state(batch: BatchTime, partitions: usize, leaves: &[Arc<Leaf>]) -> Result<SessionState> {
    let mut state = state_at(batch);
    state.config_mut().options_mut().execution.target_partitions = partitions.max(1);
    let names = &state.config_options().catalog;
    let (catalog_name, schema_name) = (names.default_catalog.clone(), names.default_schema.clone());
    let (schema, catalog, list) =
        (MemorySchemaProvider::new(), MemoryCatalogProvider::new(), MemoryCatalogProviderList::new());
    for leaf in leaves {
        schema.register_table(leaf.stream.to_string(), leaf.clone())?;
    }
    catalog.register_schema(&schema_name, Arc::new(schema))?;
    list.register_catalog(catalog_name, Arc::new(catalog));
    state.register_catalog_list(Arc::new(list));
    Ok(state)
}

/// Planning asks our leaves only, which answer at once.
///
/// It takes tokio's locks all the same, which nobody else has, but which make a task wait that has done much since it was last polled; and it may give way
/// to other tasks, of which there are none. So it doesn't count for the task that it is part of, and is asked again if it has given way.
fn at_once<T>(planning: impl Future<Output = Result<T>>) -> Result<T> {
    let mut planning = pin!(tokio::task::unconstrained(planning));
    let planned = (0..MOST_POLLS).find_map(|_| planning.as_mut().now_or_never());
    planned.ok_or_else(|| internal_datafusion_err!("planning a query waits for something"))?
}

fn logical(state: &SessionState, statement: Statement) -> Result<LogicalPlan> {
    at_once(state.statement_to_plan(statement))
}

fn physical(state: &SessionState, logical: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
    declared_types(at_once(state.create_physical_plan(logical))?)
}

/// Whether the plan gives the same rows at any time.
///
/// # Errors
/// For functions that give others each time they are asked.
fn deterministic(plan: &LogicalPlan) -> Result<bool> {
    let mut timeless = true;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expression| {
            timeless &= check_functions(expression)?;
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    Ok(timeless)
}

/// Whether the expression says the same at any time.
///
/// # Errors
/// For functions that say something else each time they are asked.
pub(super) fn check_functions(expression: &Expr) -> Result<bool> {
    let mut timeless = true;
    expression.apply(|expression| {
        if let Expr::ScalarFunction(function) = expression {
            match function.func.signature().volatility {
                Volatility::Immutable => {}
                Volatility::Stable => timeless = false,
                Volatility::Volatile => {
                    return plan_err!(
                        "{}() is not allowed: a batch that is run again must give the same rows",
                        function.name()
                    );
                }
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(timeless)
}

/// The expression with what is constant worked out, the time among it.
pub(super) fn with_time(expression: Expr, state: &SessionState, columns: &DFSchema) -> Result<Expr> {
    let context = SimplifyContext::builder()
        .with_schema(Arc::new(columns.clone()))
        .with_config_options(state.config_options().clone())
        .with_query_execution_start_time(state.execution_props().query_execution_start_time)
        .build();
    let simplifier = ExprSimplifier::new(context);
    simplifier.simplify(simplifier.coerce(expression, columns)?)
}

/// Columns in the types that streams are declared with: plain strings and binaries, no views or dictionaries.
fn declared_types(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = plan.schema();
    if schema.fields().iter().all(|field| declared(field.data_type()) == *field.data_type()) {
        return Ok(plan);
    }
    let columns = schema.fields().iter().enumerate().map(|(idx, field)| {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), idx));
        let to = declared(field.data_type());
        let column = if to == *field.data_type() { column } else { Arc::new(CastExpr::new(column, to, None)) };
        (column, field.name().clone())
    });
    Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), plan)?))
}

fn declared(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        DataType::Dictionary(_, values) => declared(values),
        other => other.clone(),
    }
}

/// The plan with our exchanges in place of DataFusion's, where ours can do the work.
pub(super) fn ours(plan: Arc<dyn ExecutionPlan>, shuffle: &Shuffle) -> Result<Arc<dyn ExecutionPlan>> {
    let replaced = plan.transform_up(|plan| {
        let (mode, partitions) = if let Some(repartition) = plan.downcast_ref::<RepartitionExec>() {
            match mode_of(repartition, shuffle.key_groups) {
                Some(mode) => (mode, repartition.partitioning().partition_count()),
                None => return Ok(Transformed::no(plan)),
            }
        } else if plan.is::<CoalescePartitionsExec>() {
            (ExchangeMode::Single, 1)
        } else {
            return Ok(Transformed::no(plan));
        };
        let input = node::only_child(plan.name(), plan.children().into_iter().cloned().collect())?;
        let exchange: Arc<dyn ExecutionPlan> =
            Arc::new(ExchangeExec::try_new(shuffle.stream.clone(), input, mode, partitions)?);
        Ok(Transformed::yes(match plan.fetch() {
            Some(rows) => Arc::new(GlobalLimitExec::new(exchange, 0, Some(rows))),
            None => exchange,
        }))
    });
    replaced.data()
}

/// How ours would exchange; none where DataFusion's does something ours can't.
fn mode_of(repartition: &RepartitionExec, key_groups: u32) -> Option<ExchangeMode> {
    if repartition.preserve_order() && repartition.input().output_partitioning().partition_count() > 1 {
        return None;
    }
    match repartition.partitioning() {
        Partitioning::RoundRobinBatch(_) => Some(ExchangeMode::Even),
        Partitioning::Hash(expressions, _) => {
            let schema = repartition.input().schema();
            let column = |expression: &Arc<dyn PhysicalExpr>| {
                let idx = expression.downcast_ref::<Column>()?.index();
                crate::state::key_group::check_key_type(schema.field(idx).data_type()).ok()?;
                Some(idx)
            };
            let columns = expressions.iter().map(column).collect::<Option<Vec<_>>>()?;
            Some(ExchangeMode::Keys { columns, key_groups })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::TimeUnit;

    use super::*;
    use crate::engine::Engine;
    use crate::engine::testing::{BATCH, dataset, engine, numbered, run};

    fn inputs() -> Vec<(Arc<str>, SchemaRef)> {
        let schema = numbered(&[("a", 1)]).schema();
        vec![("counts".into(), schema.clone()), ("other-counts".into(), schema)]
    }

    fn leaves(engine: &Engine) -> Vec<(Arc<str>, Arc<dyn ExecutionPlan>)> {
        let rows = |words: &[&str], from: i64| vec![numbered(&words.iter().copied().zip(from..).collect::<Vec<_>>())];
        let first = dataset(engine, "counts", vec![rows(&["a", "b", "a"], 1), rows(&["c", "b"], 10), vec![]]);
        let second = dataset(engine, "other-counts", vec![rows(&["c", "d"], 100)]);
        vec![("counts".into(), first), ("other-counts".into(), second)]
    }

    async fn rows_of(engine: &Engine, query: &Query) -> Vec<Vec<String>> {
        let shuffle = Shuffle { stream: "tested".into(), partitions: 2, key_groups: 128 };
        run(engine, query.plan(BATCH, &leaves(engine), &shuffle).unwrap()).await
    }

    async fn answer(text: &str) -> Vec<String> {
        let engine = engine();
        let query = Query::new(text, &inputs()).unwrap();
        let first = rows_of(&engine, &query).await;
        for _ in 0..3 {
            assert_eq!(rows_of(&engine, &query).await, first, "the plan can be used again, and gives the same order");
        }
        first.into_iter().flatten().collect()
    }

    fn refused(text: &str) -> SqlError {
        Query::new(text, &inputs()).unwrap_err()
    }

    #[tokio::test]
    async fn a_query_is_planned_by_a_task_that_has_done_much() {
        let query =
            Query::new("select word from counts union all select word from \"other-counts\"", &inputs()).unwrap();
        let engine = engine();
        while tokio::task::consume_budget().now_or_never().is_some() {}
        // Another await would be where the task gives way.
        let plan =
            query.plan(BATCH, &leaves(&engine), &Shuffle { stream: "tested".into(), partitions: 2, key_groups: 128 });
        assert_eq!(run(&engine, plan.unwrap()).await.concat().len(), 7);
    }

    #[tokio::test]
    async fn queries_answer() {
        for (text, expected) in [
            ("select word, n from counts order by n desc limit 2", vec!["b 11", "c 10"]),
            ("select word, sum(n) as total from counts group by word order by word", vec!["a 4", "b 13", "c 10"]),
            ("select c.word, o.n from counts c join \"other-counts\" o on c.word = o.word", vec!["c 100"]),
            ("select COUNT(*) as n from counts where word in (select word from \"other-counts\")", vec!["1"]),
            ("select word from counts union all select word from counts order by word limit 3", vec!["a", "a", "a"]),
            ("with t as (select max(n) as top from counts) select word from counts, t where n = top", vec!["b"]),
            (
                "select upper(word) as w, row_number() over (order by n desc) as r from counts order by r limit 1",
                vec!["B 1"],
            ),
            ("select n from counts where word = 'nowhere'", vec![]),
            ("select avg(n) as mean from counts", vec!["5.4"]),
        ] {
            assert_eq!(answer(text).await, expected, "{text}");
        }
    }

    /// DataFusion's exchanges would give the rows in another order each time.
    #[tokio::test]
    async fn rows_without_an_order_have_the_same_order_each_time() {
        let engine = engine();
        let words: Vec<String> = (0..300).map(|word| format!("word {}", word * 7 % 101)).collect();
        let part =
            |from: usize| vec![numbered(&words.iter().map(String::as_str).zip(from as i64..).collect::<Vec<_>>())];
        let query = Query::new("select c.word, count(*) as n, sum(c.n) as s from counts c join counts d on c.word = d.word group by c.word", &inputs()).unwrap();
        let shuffle = Shuffle { stream: "tested".into(), partitions: 3, key_groups: 128 };
        let mut first = None;
        for _ in 0..10 {
            let leaf = dataset(&engine, "counts", (0..5).map(part).collect());
            let made = run(&engine, query.plan(BATCH, &[("counts".into(), leaf)], &shuffle).unwrap()).await;
            assert_eq!(made.iter().flatten().count(), 101);
            assert_eq!(first.get_or_insert_with(|| made.clone()), &made);
        }
    }

    #[tokio::test]
    async fn batch_time_is_the_batchs_in_milliseconds() {
        let engine = engine();
        let query =
            Query::new("select batch_time() as t, arrow_typeof(batch_time()) as of from counts limit 1", &inputs());
        let query = query.unwrap();
        assert_eq!(
            query.schema().field(0).data_type(),
            &DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
        );
        assert!(!query.schema().field(0).is_nullable());
        assert_eq!(rows_of(&engine, &query).await, [["1970-01-01T00:00:01Z Timestamp(ms, \"UTC\")"]]);
        let query = Query::new("select batch_time() as t from counts where n > 10", &inputs()).unwrap();
        let shuffle = Shuffle { stream: "tested".into(), partitions: 2, key_groups: 128 };
        for (batch, expected) in [(1500, "1970-01-01T00:00:01.500Z"), (2000, "1970-01-01T00:00:02Z")] {
            let rows = run(&engine, query.plan(BatchTime(batch), &leaves(&engine), &shuffle).unwrap()).await;
            assert_eq!(rows.concat(), [expected], "planned anew for each batch");
        }
        let at_one = crate::engine::filter::filter(
            "batch_time() = to_timestamp_millis(1000) and n > 10",
            leaves(&engine).remove(0).1,
            BATCH,
        );
        assert_eq!(run(&engine, at_one.unwrap()).await.concat(), ["b 11"]);
    }

    #[tokio::test]
    async fn the_time_is_the_batchs() {
        let engine = engine();
        let query = Query::new("select cast(now() as bigint) as t from counts limit 1", &inputs()).unwrap();
        let millis = BATCH.as_millis().to_string();
        let rows = rows_of(&engine, &query).await;
        assert!(
            rows[0][0].starts_with(&millis) && rows[0][0].trim_start_matches(&millis).chars().all(|c| c == '0'),
            "{rows:?}"
        );
        let of_batch = "extract(year from now()) = 1970 and n > 10";
        let filtered = crate::engine::filter::filter(of_batch, leaves(&engine).remove(0).1, BATCH).unwrap();
        assert_eq!(run(&engine, filtered).await, [vec![], vec!["b 11"], vec![]]);
    }

    #[test]
    fn a_check_says_columns_and_streams_read() {
        let (schema, reads) =
            check("select c.word, concat(o.word, '!') as loud from counts c, \"other-counts\" o", &inputs()).unwrap();
        assert_eq!(reads, ["counts", "other-counts"]);
        let columns: Vec<_> =
            schema.fields().iter().map(|field| (field.name().as_str(), field.data_type().clone())).collect();
        assert_eq!(columns, [("word", DataType::Utf8), ("loud", DataType::Utf8)]);
        assert_eq!(tables_read("with t as (select 1) select * from t, b, a, b").unwrap(), ["a", "b"]);
    }

    #[test]
    fn what_is_no_query_is_refused_with_its_place() {
        let error = refused("select wrd from counts");
        assert!(error.message.contains("wrd") && error.position == Some((1, 8)), "{error:?}");
        let error = refused("select word\nfrom counts order order by n");
        assert!(error.position.is_some_and(|(line, _)| line == 2), "{error:?}");
        for (text, message) in [
            ("create table t (a int)", "is no query"),
            ("copy counts to 'file.csv'", "is no query"),
            ("create external table t stored as csv location 'x'", "is no query"),
            ("insert into counts values ('a', 1)", "is no query"),
            ("set a = 1", "is no query"),
            ("explain select 1", "is no query"),
            ("select 1; select 2", "more than one"),
            ("", "empty"),
            ("select * from 'file.csv'", "\"file.csv\", which is no stream"),
            ("select * from nowhere", "\"nowhere\", which is no stream"),
            ("select * from a.b", "without dots"),
            ("select * from information_schema.tables", "without dots"),
            ("select * from generate_series(1, 3)", "generate_series"),
            ("select random() as r from counts", "random() is not allowed"),
            ("select word from counts where uuid() = word", "uuid() is not allowed"),
            ("select c.word, d.word from counts c, counts d", "two columns named \"word\""),
            ("select Word from counts", "Word"),
        ] {
            let error = refused(text);
            assert!(error.message.contains(message), "{text}: {error:?}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        use crate::engine::filter::check_filter;
        let schema = inputs().remove(0).1;
        assert_eq!(check_filter("n > 1 and word like 'a%'", &schema), Ok(()));
        for (text, message) in [
            ("n + 1", "says true or false, but `n + 1` is of type int64"),
            ("m > 1", "m"),
            ("n > ", "Expected"),
            ("sum(n) > 1", "one row at a time"),
            ("random() > 0.5", "random() is not allowed"),
            ("n in (select n from counts)", ""),
        ] {
            let error = check_filter(text, &schema).unwrap_err();
            assert!(error.message.contains(message), "{text}: {error:?}");
        }
    }
}

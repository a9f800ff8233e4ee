//! The components of a job: added once, kept by digest, and given to those who bind and open operators.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::datatypes::{FieldRef, Schema};
use parking_lot::RwLock;
use wasmtime::Engine;
use wasmtime::component::Linker;

use super::bindings::aggregate::AggregatePlugin;
use super::bindings::receiver::ReceiverPlugin;
use super::bindings::sink::SinkPlugin;
use super::bindings::state::StatePlugin;
use super::bindings::transform::TransformPlugin;
use super::cache::CodeCache;
use super::compile::Compiler;
use super::component::{Plugin, check, check_bytes, linker};
use super::engine::engine;
use super::error::{PluginErrorKind, Result};
use super::grants::Grants;
use super::guest::Guest;
use super::instance::{Counts, Sandbox, Work};
use super::operators::{BoundState, Operator, OperatorKind};
use super::reference::References;
use super::ticker::Ticker;
use super::version::{self, Version};
use super::wasi::GivenBy;
use super::{Digest, Limits, OperatorRef, Policy};
use crate::error::Error;
use crate::memory::MemoryBudget;

const LOOK: Limits = Limits::LOOK;

/// How plugins are run.
#[derive(Debug, Clone)]
pub struct PluginHostOptions {
    /// What their memory is reserved from.
    pub memory: MemoryBudget,
    /// How many partitions are worked on at a time, which decides how many instances there can be.
    pub parallelism: usize,
    /// A folder for compiled code, for this user alone; none: components are compiled each time they are added.
    pub cache: Option<PathBuf>,
    /// Where components are compiled.
    pub compiler: Compiler,
}

/// Components, ready to work.
pub struct PluginHost {
    pub(super) sandbox: Arc<Sandbox>,
    linker: Linker<Guest>,
    cache: Option<CodeCache>,
    compiler: Compiler,
    plugins: RwLock<HashMap<Digest, Arc<Plugin>>>,
    pooled: bool,
    compiled: AtomicU64,
    from_cache: AtomicU64,
}

/// What is known of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its size, in bytes.
    pub size: u64,
    /// The interfaces it exports, such as `transform`.
    pub worlds: Vec<String>,
    /// The interfaces it imports.
    pub imports: Vec<String>,
    /// The versions of the WIT package that it is built against, the latest first; mostly one.
    pub versions: Vec<Version>,
    /// Its operators, those of `transform` first.
    pub operators: Vec<Operator>,
}

/// Sums over all plugins since the host started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PluginMetrics {
    /// Components held.
    pub components: u64,
    /// Components compiled.
    pub compiled: u64,
    /// Components whose code came from the cache.
    pub from_cache: u64,
    /// Whether instances come from a pool.
    pub pooled: bool,
    /// Instances made.
    pub instances: u64,
    /// Calls made.
    pub calls: u64,
    /// Nanoseconds spent in them.
    pub call_nanos: u64,
    /// Calls that ended in a trap or went over a limit of memory or output.
    pub traps: u64,
    /// Calls that took too long.
    pub timeouts: u64,
    /// The most linear memory that one instance had, in bytes.
    pub memory_high_water_bytes: u64,
}

impl PluginHost {
    /// A host without components.
    ///
    /// # Errors
    /// If the sandbox can't be set up on this machine. A cache that can't be used is a warning.
    pub fn new(options: PluginHostOptions) -> crate::error::Result<Arc<Self>> {
        let failed = |what: String| Error::failed(format!("the sandbox for plugins can't be set up: {what}"));
        let (engine, pooled) = engine(options.parallelism).map_err(|error| failed(format!("{error:#}")))?;
        Self::with_engine(options, engine, pooled)
    }

    /// A host that runs plugins on `engine`.
    pub(super) fn with_engine(
        options: PluginHostOptions,
        engine: Engine,
        pooled: bool,
    ) -> crate::error::Result<Arc<Self>> {
        let failed = |what: String| Error::failed(format!("the sandbox for plugins can't be set up: {what}"));
        let linker = linker(&engine).map_err(|error| failed(format!("{error:#}")))?;
        let ticker = Ticker::start(&engine).map_err(|error| failed(error.to_string()))?;
        let cache = options.cache.and_then(|folder| {
            CodeCache::open(&folder, &engine)
                .inspect_err(|error| tracing::warn!(folder = %folder.display(), %error, "compiled code can't be kept, components are compiled at each start"))
                .ok()
        });
        let references = Arc::default();
        let sandbox = Sandbox {
            engine,
            budget: options.memory,
            ticker,
            counts: Counts::default(),
            references,
            live: Default::default(),
        };
        Ok(Arc::new(Self {
            sandbox: Arc::new(sandbox),
            linker,
            cache,
            compiler: options.compiler,
            plugins: RwLock::default(),
            pooled,
            compiled: AtomicU64::new(0),
            from_cache: AtomicU64::new(0),
        }))
    }

    /// Check the component in `bytes`, compile it or take its code from the cache, and keep it under its digest. It takes as long as compiling does.
    ///
    /// # Errors
    /// If it is no component, wants what plugins aren't given, or hasn't the functions of a hosted world.
    pub fn add(&self, bytes: &[u8]) -> Result<Digest> {
        let digest = Digest::of(bytes);
        if self.plugins.read().contains_key(&digest) {
            return Ok(digest);
        }
        let work = Work::on(digest, LOOK);
        let plugin = self.prepare(bytes, digest).map_err(|kind| work.error(kind))?;
        self.try_out(&plugin, &work)?;
        self.plugins.write().insert(digest, Arc::new(plugin));
        Ok(digest)
    }

    /// What operators may read of the job's.
    pub fn references(&self) -> &Arc<References> {
        &self.sandbox.references
    }

    /// Whether the component imports nothing but what these grants give.
    ///
    /// # Errors
    /// If it was not added, or imports more.
    pub fn check_grants(&self, digest: &Digest, grants: &Grants) -> Result<()> {
        let work = Work::on(*digest, LOOK);
        let plugin = self.plugin(&work)?;
        let missing = |import: &&String| GivenBy::of(import).is_some_and(|given_by| !given_by.is_in(grants));
        let imports: Vec<String> = plugin.imports.iter().filter(missing).cloned().collect();
        match imports.is_empty() {
            true => Ok(()),
            false => Err(work.error(PluginErrorKind::NotGranted { imports })),
        }
    }

    fn prepare(&self, bytes: &[u8], digest: Digest) -> Result<Plugin, PluginErrorKind> {
        check_bytes(bytes)?;
        let engine = &self.sandbox.engine;
        let size = bytes.len() as u64;
        if let Some(component) = self.cache.as_ref().and_then(|cache| cache.load(engine, &digest)) {
            self.from_cache.fetch_add(1, Ordering::Relaxed);
            return check(&self.linker, &component, size);
        }
        let component = self.compiler.compile(engine, self.pooled, bytes)?;
        self.compiled.fetch_add(1, Ordering::Relaxed);
        let plugin = check(&self.linker, &component, size)?;
        if let Some(cache) = &self.cache {
            cache.store(&digest, &component);
        }
        Ok(plugin)
    }

    /// Make an instance of each world, which checks the types of its functions.
    fn try_out(&self, plugin: &Plugin, work: &Work) -> Result<()> {
        let tried = |error: super::PluginError| match &error.kind {
            PluginErrorKind::Sandbox(what) => {
                let what = format!("no instance of it can be made: {what}; {}", version::mismatched(&plugin.versions));
                work.error(PluginErrorKind::WrongWorld(what))
            }
            _ => error,
        };
        self.instance_of::<TransformPlugin>(plugin, work).map(drop).map_err(tried)?;
        self.instance_of::<AggregatePlugin>(plugin, work).map(drop).map_err(tried)?;
        self.instance_of::<SinkPlugin>(plugin, work).map(drop).map_err(tried)?;
        self.instance_of::<ReceiverPlugin>(plugin, work).map(drop).map_err(tried)?;
        self.instance_of::<StatePlugin>(plugin, work).map(drop).map_err(tried)
    }

    /// Forget the component; instances at work go on.
    pub fn remove(&self, digest: &Digest) {
        self.plugins.write().remove(digest);
    }

    /// What the component is and offers.
    ///
    /// # Errors
    /// If it was not added, or fails when it is asked.
    pub fn inspect(&self, digest: &Digest) -> Result<Inspection> {
        let work = Work::on(*digest, LOOK);
        let plugin = self.plugin(&work)?;
        let mut operators = Vec::new();
        operators.extend(self.offered::<TransformPlugin>(&plugin, &work)?);
        operators.extend(self.offered::<AggregatePlugin>(&plugin, &work)?);
        operators.extend(self.offered::<SinkPlugin>(&plugin, &work)?);
        operators.extend(self.offered::<ReceiverPlugin>(&plugin, &work)?);
        operators.extend(self.offered::<StatePlugin>(&plugin, &work)?);
        for operator in &mut operators {
            self.bind_by_default(*digest, operator);
        }
        let Plugin { size, worlds, imports, versions, .. } = &*plugin;
        let (worlds, imports, versions) = (worlds.clone(), imports.clone(), versions.clone());
        Ok(Inspection { digest: *digest, size: *size, worlds, imports, versions, operators })
    }

    /// Fill in what `operator` makes, and keeps, of the columns it declares, without configuration; nothing if it declares none, or doesn't agree.
    fn bind_by_default(&self, digest: Digest, operator: &mut Operator) {
        if matches!(operator.kind, OperatorKind::Receiver { .. }) {
            let op = op_without_configuration(digest, operator);
            operator.output = self.bind_receiver(&op).ok().map(|bound| bound.schema.as_ref().clone());
            return;
        }
        let Some(declared) = &operator.input else { return };
        // A column that may have any name gets one, which nobody else would give a column.
        let any = |idx| format!("column {idx} of the stream, whatever it is called");
        let names: Vec<String> = (0..declared.fields().len()).map(any).collect();
        let input = named(declared, &any);
        let op = op_without_configuration(digest, operator);
        let output = match &mut operator.kind {
            OperatorKind::Transform(_) => self.bind_transform(&op, &input).ok().map(|bound| bound.output),
            OperatorKind::Aggregate { .. } => self.bind_aggregate(&op, &input).ok().map(|bound| bound.output),
            OperatorKind::Sink | OperatorKind::Receiver { .. } => return,
            OperatorKind::State(state) => {
                let Some(keys) = &state.keys else { return };
                let key = |idx| format!("column {idx} of the key, whatever it is called");
                let bound = self.bind_state(&op, &named(keys, &key), &input).ok();
                state.bound = bound.as_ref().map(|bound| BoundState {
                    columns: Schema::clone(&bound.state),
                    version: bound.version,
                    timeout: bound.timeout,
                });
                bound.map(|bound| bound.output)
            }
        };
        let kept = |field: &FieldRef| match names.contains(field.name()) {
            true => Arc::new(field.as_ref().clone().with_name("")),
            false => Arc::clone(field),
        };
        operator.output = output.map(|output| Schema::new(output.fields().iter().map(kept).collect::<Vec<_>>()));
    }

    /// What all plugins did so far.
    pub fn metrics(&self) -> PluginMetrics {
        let counts = &self.sandbox.counts;
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        PluginMetrics {
            components: self.plugins.read().len() as u64,
            compiled: get(&self.compiled),
            from_cache: get(&self.from_cache),
            pooled: self.pooled,
            instances: get(&counts.instances),
            calls: get(&counts.calls),
            call_nanos: get(&counts.nanos),
            traps: get(&counts.traps),
            timeouts: get(&counts.timeouts),
            memory_high_water_bytes: get(&counts.memory_peak),
        }
    }

    /// The component that `work` is of.
    pub(super) fn plugin(&self, work: &Work) -> Result<Arc<Plugin>> {
        self.plugins.read().get(&work.digest).cloned().ok_or_else(|| work.error(PluginErrorKind::NotAdded))
    }
}

/// The columns of `declared`, those without a name called as `any` says of their place.
fn named(declared: &Schema, any: &dyn Fn(usize) -> String) -> Schema {
    let named = |(idx, field): (usize, &FieldRef)| match field.name().is_empty() {
        true => Arc::new(field.as_ref().clone().with_name(any(idx))),
        false => Arc::clone(field),
    };
    Schema::new(declared.fields().iter().enumerate().map(named).collect::<Vec<_>>())
}

fn op_without_configuration(digest: Digest, operator: &Operator) -> OperatorRef {
    OperatorRef {
        plugin: digest.to_string(),
        operator: operator.name.clone(),
        digest,
        config: "{}".to_owned(),
        limits: LOOK,
        on_reject: Policy::default(),
        on_error: Default::default(),
    }
}

impl std::fmt::Debug for PluginHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PluginHost").field("metrics", &self.metrics()).finish_non_exhaustive()
    }
}

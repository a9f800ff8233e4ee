//! The components of a job: added once, kept by digest, and given to those who bind and open operators.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::datatypes::{FieldRef, Schema};
use bytes::Bytes;
use parking_lot::{Mutex, RwLock};

use super::bindings::aggregate::AggregatePlugin;
use super::bindings::receiver::ReceiverPlugin;
use super::bindings::sink::SinkPlugin;
use super::bindings::state::StatePlugin;
use super::bindings::transform::TransformPlugin;
use super::compile::Compiler;
use super::compiled::{CodeCounts, Compiled};
use super::component::Plugin;
use super::engine::EngineKind;
use super::error::{PluginErrorKind, Result};
use super::grants::Grants;
use super::instance::{Shared, Work};
use super::operators::{BoundState, Operator, OperatorKind};
use super::reference::References;
use super::version::{self, Version};
use super::wasi::GivenBy;
use super::{Digest, Limits, OperatorRef, Policy, TrustedKey, signature};
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
    pub(super) shared: Arc<Shared>,
    parallelism: usize,
    cache: Option<PathBuf>,
    compiler: Compiler,
    /// What nearly all plugins run on.
    pub(super) plain: Compiled,
    /// What those run on that are limited otherwise: as many as there are kinds, a few dozen at most.
    others: Mutex<BTreeMap<EngineKind, Arc<Compiled>>>,
    /// The bytes of all components, for engines that come later.
    components: RwLock<HashMap<Digest, Bytes>>,
    /// What vouches for them, where that is known: the text of a signature's file.
    signatures: RwLock<HashMap<Digest, String>>,
    code: CodeCounts,
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
        Self::with_pool(options, true)
    }

    /// A host whose instances come from a pool, if there can be one, or don't.
    pub(super) fn with_pool(options: PluginHostOptions, pooled: bool) -> crate::error::Result<Arc<Self>> {
        let PluginHostOptions { memory: budget, parallelism, cache, compiler } = options;
        let (counts, references, live) = Default::default();
        let shared = Arc::new(Shared { budget, counts, references, live });
        let plain = Compiled::new(EngineKind::PLAIN, parallelism, pooled, cache.as_deref(), &shared)?;
        let (others, components, signatures, code) = Default::default();
        Ok(Arc::new(Self { shared, parallelism, cache, compiler, plain, others, components, signatures, code }))
    }

    /// Check the component in `bytes`, compile it or take its code from the cache, and keep it under its digest. It takes as long as compiling does.
    ///
    /// # Errors
    /// If it is no component, wants what plugins aren't given, or hasn't the functions of a hosted world.
    pub fn add(&self, bytes: &[u8]) -> Result<Digest> {
        let digest = Digest::of(bytes);
        if self.plain.get(&digest).is_some() {
            return Ok(digest);
        }
        let work = Work::on(digest, LOOK);
        let prepared = self.plain.prepare(bytes, digest, &self.compiler, &self.code);
        let plugin = prepared.map_err(|kind| work.error(kind))?;
        self.try_out(&plugin, &work)?;
        self.components.write().insert(digest, Bytes::copy_from_slice(bytes));
        self.plain.insert(digest, Arc::new(plugin));
        Ok(digest)
    }

    /// What operators may read of the job's.
    pub fn references(&self) -> &Arc<References> {
        &self.shared.references
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

    /// Keep the signature that came with a component, until that is removed; none leaves the one that is there.
    pub fn keep_signature(&self, digest: &Digest, text: Option<&str>) {
        if let Some(text) = text {
            self.signatures.write().insert(*digest, text.to_owned());
        }
    }

    /// See that one of the keys, if there are any, signed the component.
    ///
    /// # Errors
    /// What is wrong with the signature that came with it.
    pub fn check_signature(&self, digest: &Digest, keys: &[TrustedKey]) -> std::result::Result<(), String> {
        let (bytes, text) = (self.components.read().get(digest).cloned(), self.signatures.read().get(digest).cloned());
        // What the host hasn't got has no signature either.
        signature::check(keys, &bytes.unwrap_or_default(), text.as_deref())
    }

    /// How many bytes the component has, if it was added.
    pub fn size(&self, digest: &Digest) -> Option<u64> {
        self.components.read().get(digest).map(|bytes| bytes.len() as u64)
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
        self.components.write().remove(digest);
        self.signatures.write().remove(digest);
        self.plain.remove(digest);
        self.others.lock().values().for_each(|other| other.remove(digest));
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
        let counts = &self.shared.counts;
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        PluginMetrics {
            components: self.plain.len() as u64,
            compiled: get(&self.code.compiled),
            from_cache: get(&self.code.from_cache),
            pooled: self.plain.pooled,
            instances: get(&counts.instances),
            calls: get(&counts.calls),
            call_nanos: get(&counts.nanos),
            traps: get(&counts.traps),
            timeouts: get(&counts.timeouts),
            memory_high_water_bytes: get(&counts.memory_peak),
        }
    }

    /// The component that `work` is of, for the engine that its limits ask for.
    pub(super) fn plugin(&self, work: &Work) -> Result<Arc<Plugin>> {
        let kind = EngineKind::of(&work.limits);
        if kind == EngineKind::PLAIN {
            return self.plain.get(&work.digest).ok_or_else(|| work.error(PluginErrorKind::NotAdded));
        }
        let compiled = self.compiled_for(kind, work)?;
        if let Some(plugin) = compiled.get(&work.digest) {
            return Ok(plugin);
        }
        let _one = compiled.compiling.lock();
        if let Some(plugin) = compiled.get(&work.digest) {
            return Ok(plugin);
        }
        let bytes = self.components.read().get(&work.digest).cloned();
        let bytes = bytes.ok_or_else(|| work.error(PluginErrorKind::NotAdded))?;
        let prepared = compiled.prepare(&bytes, work.digest, &self.compiler, &self.code);
        let plugin = Arc::new(prepared.map_err(|kind| work.error(kind))?);
        compiled.insert(work.digest, plugin.clone());
        Ok(plugin)
    }

    /// The engine of a kind, made when it is first asked for.
    fn compiled_for(&self, kind: EngineKind, work: &Work) -> Result<Arc<Compiled>> {
        let mut others = self.others.lock();
        if let Some(known) = others.get(&kind) {
            return Ok(known.clone());
        }
        let pooled = self.plain.pooled;
        let made = Compiled::new(kind, self.parallelism, pooled, self.cache.as_deref(), &self.shared);
        let made = Arc::new(made.map_err(|error| work.error(PluginErrorKind::Sandbox(error.to_string())))?);
        others.insert(kind, made.clone());
        Ok(made)
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

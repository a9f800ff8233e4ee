//! Components compiled for one kind of engine, and what instances of them are made with.
//!
//! Most plugins run on the plain engine. One whose fuel is limited is compiled so that it counts what it does, which costs time; one with a stack of another size runs on an engine that gives it that. A component
//! is compiled for such an engine when it is first asked for: mostly when its operators are bound to a job, before any batch.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};
use wasmtime::component::Linker;

use super::Digest;
use super::cache::CodeCache;
use super::compile::Compiler;
use super::component::{Plugin, check, check_bytes, linker};
use super::engine::{EngineKind, engine, on_demand};
use super::error::PluginErrorKind;
use super::guest::Guest;
use super::instance::{Sandbox, Shared};
use super::ticker::Ticker;
use crate::error::Error;

/// The components of one kind of engine.
pub struct Compiled {
    /// What their instances run in.
    pub sandbox: Arc<Sandbox>,
    /// Whether instances come from a pool.
    pub pooled: bool,
    linker: Linker<Guest>,
    cache: Option<CodeCache>,
    plugins: RwLock<HashMap<Digest, Arc<Plugin>>>,
    /// Held while one is compiled on demand, so that no other thread compiles the same.
    pub compiling: Mutex<()>,
}

/// How often code was made, and how often it was found.
#[derive(Debug, Default)]
pub struct CodeCounts {
    /// Components compiled.
    pub compiled: AtomicU64,
    /// Components whose code came from the cache.
    pub from_cache: AtomicU64,
}

impl Compiled {
    /// An engine without components.
    ///
    /// # Errors
    /// If the sandbox can't be set up on this machine. A cache that can't be used is a warning.
    pub fn new(
        kind: EngineKind,
        parallelism: usize,
        pooled: bool,
        cache: Option<&Path>,
        shared: &Arc<Shared>,
    ) -> crate::error::Result<Self> {
        let failed = |what: String| Error::failed(format!("the sandbox for plugins can't be set up: {what}"));
        let made = match pooled {
            true => engine(parallelism, kind),
            false => on_demand(kind).map(|engine| (engine, false)),
        };
        let (engine, pooled) = made.map_err(|error| failed(format!("{error:#}")))?;
        let linker = linker(&engine).map_err(|error| failed(format!("{error:#}")))?;
        let ticker = Ticker::start(&engine).map_err(|error| failed(error.to_string()))?;
        let cache = cache.and_then(|folder| {
            CodeCache::open(folder, &engine)
                .inspect_err(|error| tracing::warn!(folder = %folder.display(), %error, "compiled code can't be kept, components are compiled at each start"))
                .ok()
        });
        let sandbox = Arc::new(Sandbox { engine, kind, ticker, shared: shared.clone() });
        let (plugins, compiling) = Default::default();
        Ok(Self { sandbox, pooled, linker, cache, plugins, compiling })
    }

    /// A component that is ready.
    pub fn get(&self, digest: &Digest) -> Option<Arc<Plugin>> {
        self.plugins.read().get(digest).cloned()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.plugins.read().len()
    }

    /// Keep a component that was prepared.
    pub fn insert(&self, digest: Digest, plugin: Arc<Plugin>) {
        self.plugins.write().insert(digest, plugin);
    }

    /// Forget a component; instances at work go on.
    pub fn remove(&self, digest: &Digest) {
        self.plugins.write().remove(digest);
    }

    /// Check the component in `bytes`, and compile it or take its code from the cache. It isn't kept.
    ///
    /// # Errors
    /// If it is none that plugins can be.
    pub fn prepare(
        &self,
        bytes: &[u8],
        digest: Digest,
        compiler: &Compiler,
        counts: &CodeCounts,
    ) -> Result<Plugin, PluginErrorKind> {
        check_bytes(bytes)?;
        let engine = &self.sandbox.engine;
        let size = bytes.len() as u64;
        if let Some(component) = self.cache.as_ref().and_then(|cache| cache.load(engine, &digest)) {
            counts.from_cache.fetch_add(1, Ordering::Relaxed);
            return check(&self.linker, &component, size, &self.sandbox);
        }
        let component = compiler.compile(engine, self.pooled, self.sandbox.kind.is_metered, bytes)?;
        counts.compiled.fetch_add(1, Ordering::Relaxed);
        let plugin = check(&self.linker, &component, size, &self.sandbox)?;
        if let Some(cache) = &self.cache {
            cache.store(&digest, &component);
        }
        Ok(plugin)
    }
}

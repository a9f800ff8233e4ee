//! A component, checked and compiled: from bytes that a user gave to something that instances can be made of.

use std::sync::Arc;

use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use super::bindings::aggregate::AggregatePluginPre;
use super::bindings::receiver::ReceiverPluginPre;
use super::bindings::sink::SinkPluginPre;
use super::bindings::state::StatePluginPre;
use super::bindings::transform::TransformPluginPre;
use super::bindings::{broadcasts, counters, data, logging, tables};
use super::error::{PluginErrorKind, shown};
use super::guest::Guest;
use super::instance::Sandbox;
use super::limits::MAX_COMPONENT;
use super::version::{self, INTERFACES, Version};
use super::wasi;

/// How often it is tried to make the images of a component's memories.
const IMAGE_TRIES: u32 = 8;

/// A component that passed all checks.
pub struct Plugin {
    /// What its instances run in.
    pub sandbox: Arc<Sandbox>,
    /// The component's size, in bytes.
    pub size: u64,
    /// The interfaces it exports, in the order of [`INTERFACES`].
    pub worlds: Vec<String>,
    /// The interfaces it imports.
    pub imports: Vec<String>,
    /// The versions of the package that it names, the latest first.
    pub versions: Vec<Version>,
    /// Its world `transform-plugin`, if it has it.
    pub transform: Option<TransformPluginPre<Guest>>,
    /// Its world `aggregate-plugin`, if it has it.
    pub aggregate: Option<AggregatePluginPre<Guest>>,
    /// Its world `sink-plugin`, if it has it.
    pub sink: Option<SinkPluginPre<Guest>>,
    /// Its world `receiver-plugin`, if it has it.
    pub receiver: Option<ReceiverPluginPre<Guest>>,
    /// Its world `state-plugin`, if it has it.
    pub state: Option<StatePluginPre<Guest>>,
}

/// What plugins may import: the log and the counters, and what can be granted.
pub fn linker(engine: &Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    data::add_to_linker::<Guest, wasmtime::component::HasSelf<Guest>>(&mut linker, |guest| guest)?;
    logging::add_to_linker::<Guest, wasmtime::component::HasSelf<Guest>>(&mut linker, |guest| guest)?;
    counters::add_to_linker::<Guest, wasmtime::component::HasSelf<Guest>>(&mut linker, |guest| guest)?;
    tables::add_to_linker::<Guest, wasmtime::component::HasSelf<Guest>>(&mut linker, |guest| guest)?;
    broadcasts::add_to_linker::<Guest, wasmtime::component::HasSelf<Guest>>(&mut linker, |guest| guest)?;
    wasi::add_to_linker(&mut linker)?;
    Ok(linker)
}

impl data::Host for Guest {}

/// Check that `bytes` look like a component, before they are compiled.
///
/// # Errors
/// What they are instead.
pub fn check_bytes(bytes: &[u8]) -> Result<(), PluginErrorKind> {
    let not = |what: &str| Err(PluginErrorKind::NotAComponent(what.to_owned()));
    if bytes.len() as u64 > MAX_COMPONENT {
        return Err(PluginErrorKind::TooLarge { size: bytes.len() as u64, allowed: MAX_COMPONENT });
    }
    // The magic number, then a version and a layer of 16 bits each.
    match bytes {
        [] => not("the file is empty, and a WebAssembly component is expected"),
        [0, b'a', b's', b'm', _, _, 1, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => {
            not("it is a core WebAssembly module, and a component is expected; make one with `sluicebox plugin build`")
        }
        [0, b'a', b's', b'm', ..] => not("it is WebAssembly of an unknown version, and a component is expected"),
        _ if Engine::detect_precompiled(bytes).is_some() => {
            not("it is compiled code, which is never taken; give the WebAssembly component it was compiled from")
        }
        _ => not("it is not WebAssembly, and a WebAssembly component is expected"),
    }
}

/// Compile `bytes`.
///
/// # Errors
/// What makes them invalid.
pub fn compile(engine: &Engine, bytes: &[u8]) -> Result<Component, PluginErrorKind> {
    Component::from_binary(engine, bytes).map_err(|error| {
        PluginErrorKind::NotAComponent(format!("it is not a valid component: {}", shown(&format!("{error:#}"), 1_024)))
    })
}

/// Check what `component`, which has `size` bytes and is compiled for `sandbox`, imports and exports.
///
/// # Errors
/// If it imports what plugins aren't given, or has none of the hosted worlds.
pub fn check(
    linker: &Linker<Guest>,
    component: &Component,
    size: u64,
    sandbox: &Arc<Sandbox>,
) -> Result<Plugin, PluginErrorKind> {
    let engine = linker.engine();
    let found = component.component_type();
    let imports: Vec<String> = found.imports(engine).map(|(name, _)| name.to_owned()).collect();
    let exports: Vec<String> = found.exports(engine).map(|(name, _)| name.to_owned()).collect();
    let worlds = version::worlds(&exports);
    let versions = version::versions(imports.iter().chain(&exports));
    let own = |name: &&String| version::is_given(name) || wasi::GivenBy::of(name).is_some();
    let forbidden: Vec<&String> = imports.iter().filter(|name| !own(name)).collect();
    let others: Vec<&String> = forbidden.iter().copied().filter(|name| !version::is_of_package(name)).collect();
    // Whoever is built against another version wants what that has.
    if !others.is_empty() || (!forbidden.is_empty() && !worlds.is_empty()) {
        let of = if others.is_empty() { forbidden } else { others };
        return Err(PluginErrorKind::ForbiddenImport(of.into_iter().map(|name| shown(name, 256)).collect()));
    }
    if worlds.is_empty() {
        let wrong = match version::versions(&exports).as_slice() {
            [] => wrong_world(&exports),
            versions => version::unspoken(versions),
        };
        return Err(PluginErrorKind::WrongWorld(wrong));
    }
    let mismatch = |error: wasmtime::Error| {
        PluginErrorKind::WrongWorld(format!(
            "its functions aren't those of sluicebox:operator@{}: {}; {}",
            version::latest(),
            shown(&format!("{error:#}"), 1_024),
            version::mismatched(&versions)
        ))
    };
    let instances = linker.instantiate_pre(component).map_err(mismatch)?;
    make_images(component);
    let has = |name: &str| worlds.contains(&name);
    let transform =
        has("transform").then(|| TransformPluginPre::new(instances.clone())).transpose().map_err(mismatch)?;
    let aggregate =
        has("aggregate").then(|| AggregatePluginPre::new(instances.clone())).transpose().map_err(mismatch)?;
    let sink = has("sink").then(|| SinkPluginPre::new(instances.clone())).transpose().map_err(mismatch)?;
    let receiver = has("receiver").then(|| ReceiverPluginPre::new(instances.clone())).transpose().map_err(mismatch)?;
    let state = has("state").then(|| StatePluginPre::new(instances.clone())).transpose().map_err(mismatch)?;
    let worlds = worlds.into_iter().map(str::to_owned).collect();
    let sandbox = sandbox.clone();
    Ok(Plugin { sandbox, size, worlds, imports, versions, transform, aggregate, sink, receiver, state })
}

/// Make what the memories of instances start from, which the first instance would make otherwise, and fail with it.
///
/// On Linux it is a sealed file in memory, and the kernel refuses the seal (EBUSY) as long as something else holds one of the file's pages, as compaction or
/// migration of memory does for a moment. It waits a while itself; a new file has new pages.
fn make_images(component: &Component) {
    // Where none is made, an instance tries again, and its error says why not.
    let _ = (0..IMAGE_TRIES).any(|_| component.initialize_copy_on_write_image().is_ok());
}

fn wrong_world(exports: &[String]) -> String {
    let expected = format!("a plugin exports {}", INTERFACES.map(version::full_name).join(" or "));
    match exports {
        [] => format!("it exports nothing; {expected}"),
        exports => {
            let names: Vec<String> = exports.iter().take(8).map(|name| shown(name, 256)).collect();
            format!("it exports only {}; {expected}", names.join(", "))
        }
    }
}

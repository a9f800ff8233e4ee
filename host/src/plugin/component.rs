//! A component, checked and compiled: from bytes that a user gave to something that instances can be made of.

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
use super::limits::MAX_COMPONENT;
use super::wasi;

/// The version of the package that this host speaks.
const VERSION: &str = "0.1.0";
/// The interfaces of the package, each of which has a world.
const INTERFACES: [&str; 5] = ["transform", "aggregate", "state", "receiver", "sink"];

/// A component that passed all checks.
pub struct Plugin {
    /// The component's size, in bytes.
    pub size: u64,
    /// The interfaces it exports, in the order of [`INTERFACES`].
    pub worlds: Vec<String>,
    /// The interfaces it imports.
    pub imports: Vec<String>,
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

/// Check what `component`, which has `size` bytes, imports and exports.
///
/// # Errors
/// If it imports what plugins aren't given, or has none of the hosted worlds.
pub fn check(linker: &Linker<Guest>, component: &Component, size: u64) -> Result<Plugin, PluginErrorKind> {
    let engine = linker.engine();
    let found = component.component_type();
    let imports: Vec<String> = found.imports(engine).map(|(name, _)| name.to_owned()).collect();
    let exports: Vec<String> = found.exports(engine).map(|(name, _)| name.to_owned()).collect();
    let given = ["data", "logging", "counters", "tables", "broadcasts"].map(full_name);
    let forbidden: Vec<String> = imports
        .iter()
        .filter(|name| !given.contains(name) && wasi::GivenBy::of(name).is_none())
        .map(|name| shown(name, 256))
        .collect();
    if !forbidden.is_empty() {
        return Err(PluginErrorKind::ForbiddenImport(forbidden));
    }
    let worlds: Vec<&str> = INTERFACES.into_iter().filter(|name| exports.contains(&full_name(name))).collect();
    if worlds.is_empty() {
        return Err(PluginErrorKind::WrongWorld(wrong_world(&exports)));
    }
    let mismatch = |error: wasmtime::Error| {
        PluginErrorKind::WrongWorld(format!(
            "its functions aren't those of sluicebox:operator@{VERSION}: {}; build it against this version's WIT package",
            shown(&format!("{error:#}"), 1_024)
        ))
    };
    let instances = linker.instantiate_pre(component).map_err(mismatch)?;
    let has = |name: &str| worlds.contains(&name);
    let transform =
        has("transform").then(|| TransformPluginPre::new(instances.clone())).transpose().map_err(mismatch)?;
    let aggregate =
        has("aggregate").then(|| AggregatePluginPre::new(instances.clone())).transpose().map_err(mismatch)?;
    let sink = has("sink").then(|| SinkPluginPre::new(instances.clone())).transpose().map_err(mismatch)?;
    let receiver = has("receiver").then(|| ReceiverPluginPre::new(instances.clone())).transpose().map_err(mismatch)?;
    let state = has("state").then(|| StatePluginPre::new(instances.clone())).transpose().map_err(mismatch)?;
    let worlds = worlds.into_iter().map(str::to_owned).collect();
    Ok(Plugin { size, worlds, imports, transform, aggregate, sink, receiver, state })
}

fn full_name(interface: &str) -> String {
    format!("sluicebox:operator/{interface}@{VERSION}")
}

fn wrong_world(exports: &[String]) -> String {
    let expected = format!("a plugin exports {}", INTERFACES.map(full_name).join(" or "));
    match exports {
        [] => format!("it exports nothing; {expected}"),
        exports => {
            let names: Vec<String> = exports.iter().take(8).map(|name| shown(name, 256)).collect();
            format!("it exports only {}; {expected}", names.join(", "))
        }
    }
}

//! Modules become components.
//!
//! Bindings of some languages put into the module which world it is of. A module without that says it by the names of its imports and exports, which are those of
//! the interfaces, so its world is made here: authors choose what they export by exporting it. What it imports of WASI's first preview goes through the adapter that is made for
//! that, to what this host gives every plugin.

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, SourceMap, WorldId};

/// The names of interfaces of ours, up to their own.
const OURS: &str = "sluicebox:operator/";
/// The version of the package that a module without a world of its own is built for.
const VERSION: &str = "0.1.0";
/// The interfaces that plugins export. Each has a world, `NAME-plugin`.
const INTERFACES: [&str; 5] = ["transform", "aggregate", "state", "receiver", "sink"];

/// The packages that a plugin's world is made of, each after those it uses: the files of each.
const PACKAGES: [&[(&str, &str)]; 9] = [
    &[("io.wit", include_str!("../wasi/wit/deps/io.wit"))],
    &[("clocks.wit", include_str!("../wasi/wit/deps/clocks.wit"))],
    &[("random.wit", include_str!("../wasi/wit/deps/random.wit"))],
    &[("filesystem.wit", include_str!("../wasi/wit/deps/filesystem.wit"))],
    &[("sockets.wit", include_str!("../wasi/wit/deps/sockets.wit"))],
    &[("cli.wit", include_str!("../wasi/wit/deps/cli.wit"))],
    &[("http.wit", include_str!("../wasi/wit/deps/http.wit"))],
    &[("world.wit", include_str!("../wasi/wit/world.wit"))],
    &[
        ("data.wit", include_str!("../../../../wit/data.wit")),
        ("transform.wit", include_str!("../../../../wit/transform.wit")),
        ("aggregate.wit", include_str!("../../../../wit/aggregate.wit")),
        ("state.wit", include_str!("../../../../wit/state.wit")),
        ("receiver.wit", include_str!("../../../../wit/receiver.wit")),
        ("sink.wit", include_str!("../../../../wit/sink.wit")),
        ("reference.wit", include_str!("../../../../wit/reference.wit")),
    ],
];

/// A component of a module, validated. Errors are sentences about the module.
pub fn of_module(module: &[u8]) -> Result<Vec<u8>, String> {
    let facts = Facts::of(module)?;
    let mut module = without_debug(module);
    if !facts.has_world {
        let (resolve, world) = world_of(&facts)?;
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
            .map_err(|error| format!("{error:#}"))?;
    }
    let mut encoder =
        ComponentEncoder::default().validate(true).module(&module).map_err(|error| format!("{error:#}"))?;
    if facts.asks_for_preview_1 {
        let (name, adapter) = (WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER);
        encoder = encoder.adapter(name, adapter).map_err(|error| format!("{error:#}"))?;
    }
    encoder.encode().map_err(|error| format!("{error:#}"))
}

/// The module without what debuggers read, which is most of one that was linked with a C library, and nothing here reads. Functions' names stay: errors name them.
fn without_debug(module: &[u8]) -> Vec<u8> {
    let header = module.len().min(8);
    let (mut kept, mut rest) = (module[..header].to_vec(), &module[header..]);
    while let Some((section, after)) = first_section(rest) {
        let is_debug = section.name.is_some_and(|name| name.starts_with(b".debug"));
        kept.extend_from_slice(if is_debug { &[] } else { &rest[..rest.len() - after.len()] });
        rest = after;
    }
    // Of what is no module the encoder says so.
    kept.extend_from_slice(rest);
    kept
}

/// A section of a module.
struct Section<'a> {
    /// Of a custom one.
    name: Option<&'a [u8]>,
}

/// The first section, and what comes after it: a byte of its kind, the size of its contents, and those; a custom one's begin with the size of its name, and that.
fn first_section(bytes: &[u8]) -> Option<(Section<'_>, &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    let (size, rest) = number(rest)?;
    let (contents, after) = rest.split_at_checked(size)?;
    let name = match kind {
        0 => number(contents).and_then(|(size, rest)| rest.get(..size)),
        _ => None,
    };
    Some((Section { name }, after))
}

/// A number, seven bits a byte, the lowest first; and what comes after it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let n_bytes = bytes.iter().take(5).position(|byte| byte & 0x80 == 0)? + 1;
    let (number, rest) = bytes.split_at(n_bytes);
    Some((number.iter().rev().fold(0, |read, byte| read << 7 | usize::from(byte & 0x7f)), rest))
}

/// What a module says of itself.
#[derive(Default)]
struct Facts {
    /// Whether its world is written into it.
    has_world: bool,
    /// Whether it imports anything of WASI's first preview.
    asks_for_preview_1: bool,
    /// Our interfaces that it exports.
    exported: Vec<&'static str>,
}

impl Facts {
    fn of(module: &[u8]) -> Result<Self, String> {
        let mut facts = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload.map_err(|error| error.to_string())? {
                Payload::CustomSection(section) => facts.has_world |= section.name().starts_with("component-type"),
                Payload::ImportSection(imports) => {
                    let mut imports = imports.into_imports().flatten();
                    facts.asks_for_preview_1 |=
                        imports.any(|import| import.module == WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME);
                }
                Payload::ExportSection(exports) => {
                    let names: Vec<&str> = exports.into_iter().flatten().map(|export| export.name).collect();
                    let exports = |interface: &&str| {
                        let of_it = format!("{OURS}{interface}@");
                        names.iter().any(|name| name.starts_with(&of_it))
                    };
                    facts.exported = INTERFACES.into_iter().filter(exports).collect();
                }
                _ => {}
            }
        }
        Ok(facts)
    }
}

/// The world of what a module exports, with all that the host offers to import; what the module doesn't import is left out of its component.
fn world_of(facts: &Facts) -> Result<(Resolve, WorldId), String> {
    let mut resolve = Resolve::default();
    let mut push = |files: &[(&str, &str)]| {
        let mut sources = SourceMap::default();
        for (name, text) in files {
            sources.push_str(name, *text);
        }
        let package = sources.parse().map_err(|(_, error)| error.to_string())?;
        resolve.push_group(package).map_err(|error| error.to_string())
    };
    for package in PACKAGES {
        push(package)?;
    }
    let worlds: String =
        facts.exported.iter().map(|interface| format!("  include {OURS}{interface}-plugin@{VERSION};\n")).collect();
    let text = format!(
        "package sluicebox:built;\nworld plugin {{\n  include sluicebox:outside/outside;\n  include {OURS}reference-data@{VERSION};\n{worlds}}}\n"
    );
    let package = push(&[("plugin.wit", &text)])?;
    let world = resolve.select_world(&[package], Some("plugin")).map_err(|error| format!("{error:#}"))?;
    Ok((resolve, world))
}

/// Whether the component exports an interface of ours.
pub fn exports_operators(component: &[u8]) -> bool {
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        match payload {
            Ok(Payload::Version { .. }) => depth += 1,
            Ok(Payload::End(_)) => depth -= 1,
            Ok(Payload::ComponentExportSection(exports)) if depth == 1 => {
                let mut exports = exports.into_iter().flatten();
                if exports.any(|export| export.name.name.starts_with(OURS)) {
                    return true;
                }
            }
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modules_world_is_what_it_exports() {
        let facts = Facts { exported: INTERFACES.to_vec(), ..Facts::default() };
        let (resolve, world) = world_of(&facts).unwrap();
        assert_eq!(resolve.worlds[world].exports.len(), INTERFACES.len());
        assert!(of_module(b"not wasm").is_err());
        let empty = of_module(b"\0asm\x01\0\0\0").unwrap();
        assert!(!exports_operators(&empty));
    }

    #[test]
    fn what_debuggers_read_is_left_out_and_names_stay() {
        let with = wat::parse_str(
            r#"(module (@custom ".debug_line" "abc") (func $named) (@custom ".debug_info" "a longer one") (@custom "other" "d"))"#,
        );
        let without = without_debug(&with.unwrap());
        let names = |module: &[u8]| -> Vec<String> {
            let custom = |payload: Payload<'_>| match payload {
                Payload::CustomSection(section) => Some(section.name().to_owned()),
                _ => None,
            };
            Parser::new(0).parse_all(module).filter_map(|payload| custom(payload.unwrap())).collect()
        };
        assert_eq!(names(&without), ["other", "name"]);
        let long = wat::parse_str(format!(r#"(module (@custom ".debug_str" "{}"))"#, "x".repeat(300))).unwrap();
        assert_eq!(without_debug(&long).len(), 8);
    }

    #[test]
    fn what_a_module_lacks_of_an_interface_is_named() {
        let module = wat::parse_str(
            r#"(module (memory (export "memory") 1) (func (export "sluicebox:operator/receiver@0.1.0#stop")))"#,
        );
        let refused = of_module(&module.unwrap()).unwrap_err();
        assert!(refused.contains("sluicebox:operator/receiver@0.1.0"), "{refused}");
    }
}

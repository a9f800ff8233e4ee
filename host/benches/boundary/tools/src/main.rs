//! The build steps of the boundary benchmark's C and Go guests that would otherwise need `wit-bindgen` and `wasm-tools` installed: the same
//! crates, called in process.
//!
//! - `bindings c|go WIT WORLD FOLDER` writes the bindings of a world.
//! - `component CORE-MODULE ADAPTER OUT [WIT WORLD]` makes a component; the last two for a module that doesn't carry its world's description.
//!   ADAPTER is text: what stands in for WASI preview 1.

use anyhow::{Context, Result, bail};
use std::path::Path;
use wit_bindgen_core::{Files, WorldGenerator};
use wit_parser::{Resolve, WorldId};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["bindings", language, wit, world, folder] => bindings(language, wit, world, Path::new(folder)),
        ["component", module, adapter, out] => component(module, adapter, out, None),
        ["component", module, adapter, out, wit, world] => component(module, adapter, out, Some((wit, world))),
        _ => bail!("usage: boundary-tools bindings c|go WIT WORLD FOLDER, or component MODULE ADAPTER OUT [WIT WORLD]"),
    }
}

fn world(wit: &str, world: &str) -> Result<(Resolve, WorldId)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit)?;
    let world = resolve.select_world(&[package], Some(world))?;
    Ok((resolve, world))
}

fn bindings(language: &str, wit: &str, name: &str, folder: &Path) -> Result<()> {
    let (mut resolve, world) = world(wit, name)?;
    let mut files = Files::default();
    let mut generator: Box<dyn WorldGenerator> = match language {
        "c" => wit_bindgen_c::Opts::default().build(),
        "go" => wit_bindgen_go::Opts::default().build(),
        other => bail!("no bindings for {other}; there are some for c and go"),
    };
    generator.generate(&mut resolve, world, &mut files)?;
    for (name, contents) in files.iter() {
        let file = folder.join(name);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        std::fs::write(&file, contents).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

fn component(module: &str, adapter: &str, out: &str, embed: Option<(&str, &str)>) -> Result<()> {
    let mut core = std::fs::read(module).with_context(|| module.to_owned())?;
    if let Some((wit, name)) = embed {
        let (resolve, world) = world(wit, name)?;
        wit_component::embed_component_metadata(&mut core, &resolve, world, wit_component::StringEncoding::UTF8)?;
    }
    let adapter = wat::parse_file(adapter)?;
    let component = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&core)?
        .adapter("wasi_snapshot_preview1", &adapter)?
        .encode()?;
    std::fs::write(out, component).with_context(|| out.to_owned())
}

//! `sluicebox plugin new`: the folder of a plugin with one operator, to begin from.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

use super::args::NewArgs;
use super::out;
use template::{Sdk, TEMPLATES, Template};

mod template;

/// The longest name of an operator, which the plugin's is at first.
const MAX_NAME: usize = 64;

/// `plugin new DIR`.
pub fn new(args: &NewArgs) -> Result<()> {
    let template = template_of(&args.lang)?;
    let name = name_of(&args.dir, template)?;
    let sdk = match (&template.sdk, &args.sdk) {
        (None, None) => None,
        (None, Some(_)) => {
            let carried = format!("--sdk: that of {} is in this program", template.title());
            return Err(Error::invalid(carried));
        }
        (Some(sdk), Some(dir)) => Some(sdk_in(sdk, dir).ok_or_else(|| {
            let (dir, Sdk { mark, .. }) = (dir.display(), sdk);
            Error::invalid(format!("--sdk: {dir} is not the folder of the SDK: it has no {mark} of {}", sdk.name))
        })?),
        (Some(sdk), None) => Some(find_sdk(sdk)?),
    };
    if args.dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) || args.dir.is_file() {
        return Err(Error::invalid(format!("{} is there already; name a new folder", args.dir.display())));
    }
    for (file, text) in template.files(name, sdk.as_deref()) {
        let path = args.dir.join(file);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.map_err(|error| Error::failed(format!("writing {}: {error}", path.display())))?;
    }
    out::result(&format!("{}: an operator to begin from is in {}\n", args.dir.display(), template.begin))
}

/// The template of a language.
fn template_of(language: &str) -> Result<&'static Template> {
    let template = TEMPLATES.iter().find(|template| template.language == language);
    template.ok_or_else(|| {
        let known: Vec<&str> = TEMPLATES.iter().map(|template| template.language).collect();
        Error::invalid(format!("--lang: there is no language \"{language}\"; there are {}", known.join(", ")))
    })
}

/// The plugin's name: the folder's.
fn name_of<'a>(dir: &'a Path, template: &Template) -> Result<&'a str> {
    let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let spelled = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= MAX_NAME
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if !spelled {
        let rule = format!("a-z, then a-z, 0-9 or -, at most {MAX_NAME} of them");
        return Err(Error::invalid(format!("\"{}\" can't be a plugin's name: {rule}", dir.display())));
    }
    if template.taken.contains(&name) {
        let means = format!("it means something else in {}", template.title());
        return Err(Error::invalid(format!("\"{name}\" can't be a plugin's name: {means}")));
    }
    Ok(name)
}

/// A folder of SDKs, by language.
const SDKS: &str = "SLUICEBOX_SDK";

/// The SDK in the folder that a variable names, or of the repository that the program was built in, or that the current folder is in.
fn find_sdk(sdk: &Sdk) -> Result<PathBuf> {
    let named = std::env::var_os(SDKS).and_then(|sdks| Path::new(&sdks).parent()?.join(sdk.folder).into());
    if let Some(found) = named.and_then(|named| sdk_in(sdk, &named)) {
        return Ok(found);
    }
    let places = [std::env::current_exe(), std::env::current_dir()];
    let mut above = places.iter().flatten().flat_map(|place| place.ancestors());
    above.find_map(|above| sdk_in(sdk, &above.join(sdk.folder))).ok_or_else(|| {
        let nowhere = format!("the SDK is neither in {SDKS}, nor above this program, nor above this folder");
        Error::invalid(format!("{nowhere}; name its folder, {} of a clone of the repository, by --sdk", sdk.folder))
    })
}

/// `dir`, from the root, if it has the SDK.
fn sdk_in(sdk: &Sdk, dir: &Path) -> Option<PathBuf> {
    let manifest = fs::read_to_string(dir.join(sdk.mark)).ok()?;
    if manifest.lines().any(|line| line == sdk.line) { dir.canonicalize().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::build::language::LANGUAGES;

    fn sdk() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/rust")
    }

    fn refused(dir: &Path, sdk: PathBuf) -> String {
        new(&NewArgs { dir: dir.to_owned(), lang: "rust".to_owned(), sdk: Some(sdk) }).unwrap_err().to_string()
    }

    #[test]
    fn a_plugin_is_called_as_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("to-upper");
        new(&NewArgs { dir: dir.clone(), lang: "rust".to_owned(), sdk: Some(sdk()) }).unwrap();
        let library = fs::read_to_string(dir.join("src/lib.rs")).unwrap();
        assert!(
            library.contains("fn to_upper(line: &str)") && library.contains("transforms: [to_upper],"),
            "{library}"
        );
        let manifest: toml::Table = fs::read_to_string(dir.join("Cargo.toml")).unwrap().parse().unwrap();
        assert_eq!(manifest["package"]["name"].as_str(), Some("to-upper"));
        assert_eq!(
            manifest["dependencies"]["sluicebox-sdk"]["path"].as_str().map(PathBuf::from),
            Some(sdk().canonicalize().unwrap())
        );
        assert_eq!(refused(&dir, sdk()), format!("{} is there already; name a new folder", dir.display()));
    }

    #[test]
    fn what_cant_be_a_plugin_is_refused_and_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["Shout", "1st", "a_b", "ä", &"a".repeat(65), ".."] {
            assert!(refused(&at(name), sdk()).contains("can't be a plugin's name: a-z, then"), "{name}");
        }
        assert!(
            refused(&at("match"), sdk())
                .ends_with("\"match\" can't be a plugin's name: it means something else in Rust")
        );
        assert!(refused(&at("shout"), at("sdk")).contains("is not the folder of the SDK"));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn each_language_has_a_template_and_its_name_in_it() {
        for template in TEMPLATES {
            assert!(LANGUAGES.iter().any(|language| language.name == template.language), "{}", template.language);
            let files = template.files("to-upper", Some(Path::new("/sdk")));
            let begin = files.iter().find(|(file, _)| *file == template.begin).expect("the file to begin from");
            assert!(begin.1.contains("to_upper") || begin.1.contains("toUpper"), "{}", begin.1);
            for (file, text) in &files {
                for placeholder in ["{name}", "{sdk}", "{operator}", "{language}", "{begin}", "shout"] {
                    assert!(!text.contains(placeholder), "{placeholder} in {file}: {text}");
                }
            }
            for file in ["README.md", "cases.toml", ".gitignore"] {
                assert!(files.iter().any(|(name, _)| *name == file), "{} has a {file}", template.language);
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let args = NewArgs { dir: folder.path().join("a"), lang: "cobol".to_owned(), sdk: None };
        let refused = new(&args).unwrap_err().to_string();
        assert!(refused.starts_with("--lang: there is no language \"cobol\"; there are rust, "), "{refused}");
    }
}

//! The languages that plugins are written in.

use std::path::Path;

use super::{BuildError, BuildOptions, Made, c, go, rust, script};

/// A language that plugins are written in. One more is an entry in [`LANGUAGES`], and a file that builds it.
pub struct Language {
    /// As `plugin new --lang` has it.
    pub name: &'static str,
    /// As people have it.
    pub title: &'static str,
    /// The file that a plugin's folder is known by.
    pub mark: &'static str,
    /// Whether a folder is that of a plugin in this language.
    pub(super) is_in: fn(&Path) -> bool,
    /// What an author does who has named no operators.
    pub(super) name_operators: &'static str,
    /// Compile the folder, which is an absolute path.
    pub(super) build: fn(&Path, &BuildOptions) -> Result<Made, BuildError>,
}

/// All of them. Of two that fit a folder, the first is taken.
pub const LANGUAGES: &[Language] = &[
    Language {
        name: "rust",
        title: "Rust",
        mark: "Cargo.toml",
        is_in: rust::is_in,
        name_operators: "name them in `sluicebox_sdk::plugin!`",
        build: rust::build,
    },
    Language {
        name: "go",
        title: "Go",
        mark: "go.mod",
        is_in: go::is_in,
        name_operators: "register them in an init function, by the SDK's package transform or another",
        build: go::build,
    },
    Language {
        name: "cpp",
        title: "C++",
        mark: "a .cpp file in it or in src",
        is_in: |dir| c::has_source(dir, c::CPP),
        name_operators: "name them in `SLUICEBOX_TRANSFORMS`, or another macro of sluicebox.h, outside all functions",
        build: c::build_cpp,
    },
    Language {
        name: "c",
        title: "C",
        mark: "a .c file in it or in src",
        is_in: |dir| c::has_source(dir, c::C),
        name_operators: "name them in `SLUICEBOX_TRANSFORMS`, or another macro of sluicebox.h, outside all functions",
        build: c::build_c,
    },
    Language {
        name: "python",
        title: "Python",
        mark: script::PYTHON_MARK,
        is_in: |dir| dir.join(script::PYTHON_MARK).is_file(),
        name_operators: "put one of sluicebox's decorators on a function of the module",
        build: script::build_python,
    },
    Language {
        name: "typescript",
        title: "TypeScript",
        mark: script::NODE_MARK,
        is_in: script::has_typescript,
        name_operators: "export what `map`, `flatMap` and the like return from the module",
        build: script::build_node,
    },
    Language {
        name: "javascript",
        title: "JavaScript",
        mark: script::NODE_MARK,
        is_in: |dir| dir.join(script::NODE_MARK).is_file(),
        name_operators: "export what `map`, `flatMap` and the like return from the module",
        build: script::build_node,
    },
];

/// What folders are known by, for people.
pub(super) fn marks() -> String {
    let marks: Vec<String> =
        LANGUAGES.iter().map(|language| format!("{} ({})", language.mark, language.title)).collect();
    marks.join(", ")
}

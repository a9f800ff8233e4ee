//! What a new plugin's folder has, by language. The files of each are in `../template`, with names in braces to be replaced, and `shout` where the operator's function is meant.

use std::path::Path;

use crate::plugin::build::language::LANGUAGES;

/// What the operator's function is called in the files.
const FUNCTION: &str = "shout";

/// What `plugin new` makes in a language.
pub struct Template {
    /// As `plugin build` calls it.
    pub language: &'static str,
    /// The file that has the operator.
    pub begin: &'static str,
    /// What is on a disk of it, for the plugin to name; none: this program carries it.
    pub sdk: Option<Sdk>,
    /// Names that the operator's function can't have.
    pub taken: &'static [&'static str],
    /// Whether the function's name has capitals where others have underlines.
    pub camel_case: bool,
    /// What git leaves out.
    pub ignored: &'static str,
    /// The files beside those that all have.
    pub files: &'static [(&'static str, &'static str)],
}

/// An SDK on a disk.
pub struct Sdk {
    /// Its name.
    pub name: &'static str,
    /// Where it is in the repository.
    pub folder: &'static str,
    /// The file that it is known by.
    pub mark: &'static str,
    /// A line of that.
    pub line: &'static str,
}

/// All languages.
pub const TEMPLATES: &[Template] = &[
    Template {
        language: "rust",
        begin: "src/lib.rs",
        sdk: Some(Sdk {
            name: "sluicebox-sdk",
            folder: "sdk/rust",
            mark: "Cargo.toml",
            line: "name = \"sluicebox-sdk\"",
        }),
        taken: &RUST_WORDS,
        camel_case: false,
        ignored: "/target\n*.wasm\n",
        files: &[
            ("Cargo.toml", include_str!("../template/rust/Cargo.toml.in")),
            ("src/lib.rs", include_str!("../template/rust/src/lib.rs")),
        ],
    },
    Template {
        language: "c",
        begin: "plugin.c",
        sdk: None,
        taken: &C_WORDS,
        camel_case: false,
        ignored: "*.wasm\n",
        files: &[("plugin.c", include_str!("../template/c/plugin.c"))],
    },
    Template {
        language: "python",
        begin: "plugin.py",
        sdk: None,
        taken: &PYTHON_WORDS,
        camel_case: false,
        ignored: "__pycache__/\n*.wasm\n",
        files: &[
            ("pyproject.toml", include_str!("../template/python/pyproject.toml.in")),
            ("plugin.py", include_str!("../template/python/plugin.py")),
        ],
    },
    Template {
        language: "javascript",
        begin: "index.js",
        sdk: None,
        taken: &JAVASCRIPT_WORDS,
        camel_case: true,
        ignored: "node_modules/\n*.wasm\n",
        files: &[
            ("package.json", include_str!("../template/javascript/package.json.in")),
            ("index.js", include_str!("../template/javascript/index.js")),
        ],
    },
    Template {
        language: "typescript",
        begin: "src/index.ts",
        sdk: None,
        taken: &JAVASCRIPT_WORDS,
        camel_case: true,
        ignored: "node_modules/\n*.wasm\n",
        files: &[
            ("package.json", include_str!("../template/typescript/package.json.in")),
            ("tsconfig.json", include_str!("../template/typescript/tsconfig.json.in")),
            ("src/index.ts", include_str!("../template/typescript/src/index.ts")),
        ],
    },
];

impl Template {
    /// The language, as people call it.
    pub fn title(&self) -> &'static str {
        LANGUAGES
            .iter()
            .find(|language| language.name == self.language)
            .map_or(self.language, |language| language.title)
    }

    /// The files of a new plugin.
    pub fn files(&self, name: &str, sdk: Option<&Path>) -> Vec<(&'static str, String)> {
        let function = if self.camel_case { camel_case(name) } else { name.replace('-', "_") };
        // What JSON escapes in a string, TOML and others read.
        let sdk = serde_json::Value::from(sdk.map(Path::to_string_lossy).unwrap_or_default()).to_string();
        let filled = |text: &str| {
            let text = text.replace(FUNCTION, &function).replace("{name}", name).replace("{operator}", name);
            text.replace("{sdk}", &sdk).replace("{language}", self.title()).replace("{begin}", self.begin)
        };
        let shared = [
            ("README.md", include_str!("../template/README.md")),
            ("cases.toml", include_str!("../template/cases.toml")),
            (".gitignore", self.ignored),
        ];
        self.files.iter().chain(&shared).map(|(file, text)| (*file, filled(text))).collect()
    }
}

/// `to-upper` as `toUpper`.
fn camel_case(name: &str) -> String {
    let mut parts = name.split('-').filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |joined, part| {
        let (head, tail) = part.split_at(1);
        joined + &head.to_ascii_uppercase() + tail
    })
}

/// Words that a function in Rust can't be called by, and crates that the new one would hide.
const RUST_WORDS: [&str; 55] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "sluicebox-sdk",
    "static",
    "std",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// Words of C and C++, and functions of their libraries that the header brings.
const C_WORDS: [&str; 108] = [
    "auto",
    "break",
    "case",
    "char",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extern",
    "float",
    "for",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "register",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "struct",
    "switch",
    "typedef",
    "union",
    "unsigned",
    "void",
    "volatile",
    "while",
    "bool",
    "true",
    "false",
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "bitand",
    "bitor",
    "catch",
    "char8_t",
    "char16_t",
    "char32_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "consteval",
    "constexpr",
    "constinit",
    "const_cast",
    "decltype",
    "delete",
    "dynamic_cast",
    "explicit",
    "export",
    "friend",
    "module",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "reinterpret_cast",
    "requires",
    "static_assert",
    "static_cast",
    "template",
    "this",
    "thread_local",
    "throw",
    "try",
    "typeid",
    "typename",
    "using",
    "virtual",
    "wchar_t",
    "xor",
    "xor_eq",
    "main",
    "memchr",
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
    "strcat",
    "strchr",
    "strcmp",
    "strcpy",
    "strlen",
    "strncmp",
    "strstr",
    "index",
];

/// Words of Python, and names that the module has.
const PYTHON_WORDS: [&str; 34] = [
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "sluicebox",
    "str",
    "try",
    "while",
    "with",
    "yield",
];

/// Words of JavaScript and TypeScript, and names that the module has.
const JAVASCRIPT_WORDS: [&str; 50] = [
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "map",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "string",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

//! What is no plugin is refused before a job starts, by what it is: whatever the file, `check` and `plugin inspect` say so and go on.

use std::fs::File;

use sluicebox_tests::folder::Folder;
use sluicebox_tests::plugins::{component, of_version};
use sluicebox_tests::program::run;

/// A job file with two plugins, of which the second is the odd one.
const JOB: &str = r#"
[plugin.words]
component = "words.wasm"

[plugin.odd]
component = "odd.wasm"

[stream.lines]
source = { type = "socket", address = "127.0.0.1:1" }

[stream.words]
input = "lines"
flat-map = "words/split"

[output.console]
input = "words"
sink = { type = "print" }
"#;

/// Assert that the file is refused with this.
#[track_caller]
fn refused(what: &str, folder: &Folder, said: &str) {
    for verb in ["check", "run"] {
        let ran = run(&folder.path(""), [verb, "job.toml"]);
        assert_eq!(ran.code, Some(2), "{what}: {}", ran.stderr);
        // The plugin that is wrong, where it stands, and no other.
        let place = "error: job.toml:8:9: plugin \"odd\": its component odd.wasm: ";
        assert!(ran.stderr.contains(place), "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{what}: no \"{said}\" in: {}", ran.stderr);
        assert!(!ran.stderr.contains("panicked") && !ran.stderr.contains("plugin \"words\""), "{what}: {}", ran.stderr);
    }
    let ran = run(&folder.path(""), ["plugin", "inspect", "odd.wasm"]);
    assert_eq!(ran.code, Some(2), "{what}: {}", ran.stderr);
    assert!(ran.stderr.contains("odd.wasm") && ran.stderr.contains(said), "{what}: no \"{said}\" in: {}", ran.stderr);
}

/// A folder with the job and its first plugin.
fn folder() -> Folder {
    let folder = Folder::new(JOB);
    std::fs::copy(component("words"), folder.path("words.wasm")).unwrap();
    folder
}

#[test]
fn bytes_that_are_no_component_are_refused() {
    let words = std::fs::read(component("words")).unwrap();
    let module = wat::parse_str("(module (func (export \"split\")))").unwrap();
    let bytes: [(&str, &[u8], &str); 6] = [
        ("an empty file", b"", "the file is empty, and a WebAssembly component is expected"),
        ("a script", b"#!/bin/sh\necho hello\n", "it is not WebAssembly"),
        ("the text of a component", b"(component)", "it is not WebAssembly"),
        (
            "a core module",
            &module,
            "it is a core WebAssembly module, and a component is expected; make one with `sluicebox plugin build`",
        ),
        ("a component that is cut off", &words[..words.len() / 2], "it is not a valid component"),
        ("a component's first bytes", &words[..8], "it exports nothing"),
    ];
    for (what, bytes, said) in bytes {
        let folder = folder();
        std::fs::write(folder.path("odd.wasm"), bytes).unwrap();
        refused(what, &folder, said);
    }
}

#[test]
fn components_of_another_kind_are_refused() {
    let texts = [
        (
            "an empty component",
            "(component)",
            "it exports nothing; a plugin exports sluicebox:operator/transform@0.1.0",
        ),
        (
            "a component of another package",
            r#"(component (instance $i) (export "wasi:cli/run@0.2.0" (instance $i)))"#,
            "it exports only wasi:cli/run@0.2.0; a plugin exports sluicebox:operator/transform@0.1.0",
        ),
        (
            "a component of another version",
            r#"(component (instance $i) (export "sluicebox:operator/transform@9.0.0" (instance $i)))"#,
            "it is built against sluicebox:operator@9.0.0, and this sluicebox 0.1.0 speaks 0.1 (as of 0.1.0); run it by a sluicebox that speaks that, or build it with an SDK of this one",
        ),
        (
            "a component without the functions of its world",
            r#"(component (instance $i) (export "sluicebox:operator/transform@0.1.0" (instance $i)))"#,
            "its functions aren't those of sluicebox:operator@0.1.0",
        ),
        (
            "a component that wants what nothing gives",
            r#"(component
                (import "wasi:keyvalue/store@0.2.0" (instance))
                (import "wasi:sockets/udp@0.3.0" (instance))
                (instance $i) (export "sluicebox:operator/transform@0.1.0" (instance $i)))"#,
            "it imports wasi:keyvalue/store@0.2.0, wasi:sockets/udp@0.3.0, which is not given to plugins; build it without what needs that",
        ),
        (
            "a component that wants a function",
            r#"(component (import "now" (func (result u64))))"#,
            "it imports now, which is not given to plugins",
        ),
    ];
    for (what, text, said) in texts {
        let folder = folder();
        std::fs::write(folder.path("odd.wasm"), wat::parse_str(text).unwrap()).unwrap();
        refused(what, &folder, said);
    }
}

#[test]
fn files_that_cannot_be_components_are_refused() {
    for is_directory in [false, true] {
        let folder = folder();
        if is_directory {
            std::fs::create_dir(folder.path("odd.wasm")).unwrap();
        }
        let check = folder.check();
        let inspect = run(&folder.path(""), ["plugin", "inspect", "odd.wasm"]);
        for ran in [&check, &inspect] {
            assert_eq!(ran.code, Some(2), "{}", ran.stderr);
            assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        }
        let said = if is_directory { "odd.wasm is not a file" } else { "odd.wasm does not exist" };
        assert!(check.stderr.contains(&format!("job.toml:9:13: [plugin.odd] component: {said}")), "{}", check.stderr);
        let said = if is_directory { "odd.wasm: there is no component in it" } else { "odd.wasm: can't be read: " };
        assert!(inspect.stderr.contains(said), "{}", inspect.stderr);
    }

    // As large as it says, without any of it on the disk.
    let huge = folder();
    File::create(huge.path("odd.wasm")).unwrap().set_len(10 << 30).unwrap();
    let ran = huge.check();
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("it has 10737418240 bytes, and 67108864 are the most"), "{}", ran.stderr);
}

#[test]
fn another_component_than_the_one_pinned_is_refused() {
    let digest = "ab".repeat(32);
    let folder = Folder::new(&JOB.replace("\"odd.wasm\"", &format!("\"words.wasm\"\ndigest = \"{digest}\"")));
    std::fs::copy(component("words"), folder.path("words.wasm")).unwrap();
    let ran = folder.check();
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("plugin \"odd\": its component has the digest "), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!(", not {digest}")), "{}", ran.stderr);
}

#[test]
fn a_component_is_checked_for_what_a_job_gives_it() {
    let folder = folder();
    let checked = |file: &str| run(&folder.path(""), ["plugin", "check", file]);
    let words = checked("words.wasm").ended_with(0).stdout;
    for said in [
        "built against  sluicebox:operator@0.1.0\n",
        "taken by       sluicebox 0.1.0, which this is, and later ones as long as they speak 0.1 of sluicebox:operator\n",
        "worlds         transform, aggregate, state\n",
        "signature      none\n",
        "needs          no grants\n",
        "  split",
    ] {
        assert!(words.contains(said), "no \"{said}\" in:\n{words}");
    }
    let json = run(&folder.path(""), ["plugin", "check", "words.wasm", "--json"]).ended_with(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["built-against"][0], &json["taken-since"]), (&"0.1.0".into(), &"0.1.0".into()));

    // A folder has one component, and what connects somewhere says so.
    std::fs::create_dir(folder.path("built")).unwrap();
    let none = checked("built").ended_with(2).stderr;
    assert!(none.contains("there is no component in it") && none.contains("sluicebox plugin build built"), "{none}");
    std::fs::copy(component("lines"), folder.path("built/lines.wasm")).unwrap();
    std::fs::write(folder.path("built/lines.wasm.minisig"), "no signature").unwrap();
    let lines = checked("built").ended_with(0).stdout;
    assert!(lines.contains("needs          grants = { connect = [\"HOST:PORT\"] }\n"), "{lines}");
    assert!(lines.contains("is no signature of minisign's"), "{lines}");
    std::fs::copy(component("words"), folder.path("built/words.wasm")).unwrap();
    let two = checked("built").ended_with(2).stderr;
    assert!(two.contains("there are several components in it: lines.wasm, words.wasm"), "{two}");

    let later = of_version(std::fs::read(component("words")).unwrap(), "0.7.0");
    std::fs::write(folder.path("later.wasm"), later).unwrap();
    let refused = checked("later.wasm").ended_with(2).stderr;
    let said = "later.wasm: it is built against sluicebox:operator@0.7.0, and this sluicebox 0.1.0 speaks 0.1 (as of 0.1.0); run it by a sluicebox that speaks that, or build it with an SDK of this one";
    assert!(refused.contains(said), "{refused}");
}

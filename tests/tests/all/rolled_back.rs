//! A plugin goes back to a component that it was before another job file was applied: only to one that fits the job as it is by then.

use std::io::Write;
use std::net::TcpStream;

use serde_json::Value;
use sluicebox::plugin::Digest;
use sluicebox_tests::control::{Controlled, Jobs};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::plugins::{another, chameleon, component, renamed};
use sluicebox_tests::server::Server;
use sluicebox_tests::signing::{Author, trusting};

/// Lines of a socket, and what a test makes of them with `[plugin.p]`.
struct Going {
    jobs: Jobs,
    folder: Folder,
    server: Server,
    job: Option<(Controlled, TcpStream)>,
}

impl Going {
    /// The components lie in the folder, and the job begins with the first.
    fn start(components: &[(&str, &[u8])], job: &str, streams: &str) -> Self {
        let (folder, server) = (Folder::with_job(""), Server::new().unwrap());
        components.iter().for_each(|(name, bytes)| folder.write(&format!("{name}.wasm"), bytes));
        let mut going = Self { jobs: Jobs::new(), folder, server, job: None };
        going.folder.write("job.toml", going.file(job, &format!("component = \"{}.wasm\"", components[0].0), streams));
        let job = going.jobs.start(&going.folder, &[]);
        going.job = Some((job, going.server.accept().unwrap()));
        going
    }

    fn file(&self, job: &str, plugin: &str, streams: &str) -> String {
        format!(
            "[job]\nname = \"test\"\nbatch-interval = \"50ms\"\n{job}\n[plugin.p]\n{plugin}\n\
             [stream.lines]\nsource = {{ type = \"socket\", address = \"{}\" }}\n{streams}",
            self.server.address()
        )
    }

    fn path(&self, name: &str) -> String {
        self.folder.path(name).display().to_string()
    }

    fn swap(&self, to: &str) {
        self.jobs.verb(&["swap", "test", "p", &self.path(&format!("{to}.wasm"))]).ended_with(0);
    }

    fn apply(&self, job: &str, plugin: &str, streams: &str) {
        self.folder.write("other.toml", self.file(job, plugin, streams));
        self.jobs.verb(&["apply", "test", &self.path("other.toml")]).ended_with(0);
    }

    /// What a rollback is refused with, after which the job is what it was.
    fn refused(&self) -> String {
        let now = self.now();
        let refused = self.jobs.verb(&["rollback", "test", "p"]).ended_with(2);
        assert_eq!(self.now(), now);
        refused.stderr
    }

    /// The component, and how many swaps there were.
    fn now(&self) -> (Value, usize) {
        let (job, _) = self.job.as_ref().unwrap();
        let digest = job.ask("GET", "/v1/operators").json()["plugins"][0]["digest"].clone();
        (digest, job.ask("GET", "/v1/swaps").json()["swaps"].as_array().unwrap().len())
    }

    /// Send a line, and wait for what comes of it.
    fn line(&mut self, line: &str, comes: &str) {
        let (job, peer) = self.job.as_mut().unwrap();
        peer.write_all(format!("{line}\n").as_bytes()).unwrap();
        job.program.line_with(comes);
    }

    fn drain(mut self) {
        self.jobs.verb(&["drain", "test"]).ended_with(0);
        self.job.take().unwrap().0.program.wait().ended_with(0);
    }

    /// Send a line by which the job fails, and return why it does.
    fn fails_at(mut self, line: &str) -> String {
        let (job, mut peer) = self.job.take().unwrap();
        peer.write_all(format!("{line}\n").as_bytes()).unwrap();
        job.program.wait().ended_with(1).stderr
    }
}

/// Numbers, tagged with the version of the component.
const TAGS: &str = r#"
[stream.numbers]
sql = "select cast(value as bigint) as value from lines"
[stream.tags]
input = "numbers"
map = "p/tag"
[output.tags]
input = "tags"
sink = { type = "print" }
"#;

#[test]
fn a_component_that_the_job_file_has_forbidden_since_is_not_gone_back_to() {
    // The earlier one is a little larger.
    let (first, second) = (another(chameleon(1)), chameleon(2));
    let mut going = Going::start(&[("first", &first), ("second", &second)], "", TAGS);
    going.line("1", "(1,1)");
    going.swap("second");
    going.line("2", "(2,2)");
    let (was, is) = (Digest::of(&first), Digest::of(&second));

    going.apply("", &format!("component = \"second.wasm\"\ndigest = \"{is}\""), TAGS);
    let pinned = going.refused();
    assert!(pinned.contains(&format!("plugin \"p\" is pinned to the component {is} by the job file")), "{pinned}");
    assert!(pinned.contains("help: take the key digest out of [plugin.p] to have it swapped"), "{pinned}");

    going.apply("", &format!("component = \"second.wasm\"\ncomponent-size = \"{}B\"", second.len()), TAGS);
    let too_large = format!(
        "plugin \"p\", component {was}: its component has {} bytes, and component-size allows {}",
        first.len(),
        second.len()
    );
    let refused = going.refused();
    assert!(refused.contains(&too_large), "no \"{too_large}\" in {refused}");
    // Nor is it swapped for, and neither is it begun with.
    let swapped = going.jobs.verb(&["swap", "test", "p", &going.path("first.wasm")]).ended_with(2).stderr;
    assert!(swapped.contains("and component-size allows"), "{swapped}");

    let (ann, bob) = (Author::new(1), Author::new(2));
    going.folder.write("second.wasm.minisig", ann.sign(&second));
    going.apply(&trusting(&[&ann]), "component = \"second.wasm\"", TAGS);
    let unsigned = going.refused();
    assert!(
        unsigned.contains(&format!(
            "plugin \"p\", component {was}: its signature is missing, and the job has trusted-keys"
        )),
        "{unsigned}"
    );
    assert!(
        unsigned.contains("help: sign it with a key of trusted-keys in [job], and give its file to `swap`"),
        "{unsigned}"
    );
    going.line("3", "(3,2)");

    // Whoever has it signed gives it once more; then it can be gone back to as long as the key is trusted.
    going.folder.write("first.wasm.minisig", bob.sign(&first));
    going.apply(&trusting(&[&ann, &bob]), "component = \"second.wasm\"", TAGS);
    going.swap("first");
    going.line("4", "(4,1)");
    going.swap("second");
    going.jobs.verb(&["rollback", "test", "p"]).ended_with(0);
    going.line("5", "(5,1)");
    // What the job has been swapped to is asked the same as what it begins with.
    going.folder.write("other.toml", going.file(&trusting(&[&ann]), "component = \"second.wasm\"", TAGS));
    let refused = going.jobs.verb(&["apply", "test", &going.path("other.toml")]).ended_with(2).stderr;
    let message = format!("plugin \"p\", component {was}: its signature is by a key that is not in trusted-keys");
    assert!(refused.contains("other.toml:5:") && refused.contains(&message), "{refused}");
    going.jobs.verb(&["rollback", "test", "p"]).ended_with(0);
    going.apply(&trusting(&[&ann]), "component = \"second.wasm\"", TAGS);
    let refused = going.refused();
    assert!(refused.contains(&message), "{refused}");
    going.line("6", "(6,2)");
    going.drain();
}

/// How many words there are, of whatever columns.
const COUNTED: &str = r#"
[stream.split]
input = "lines"
flat-map = "p/split"
[stream.tallied]
input = "split"
reduce-by-key = { key = ["word"], with = "p/tally" }
[stream.counted]
sql = "select count(*) as n, 'words' as what from tallied"
[output.counted]
input = "counted"
sink = { type = "print" }
"#;

#[test]
fn a_component_that_streams_have_no_use_for_any_more_is_not_gone_back_to() {
    let words = std::fs::read(component("words")).unwrap();
    // What tally makes has another name, and so has an operator.
    let first = renamed(renamed(words.clone(), "count\0\0\0", "caunt\0\0\0"), "running-count", "running-caunt");
    let was = Digest::of(&first);
    let mut going = Going::start(&[("first", &first), ("second", &words)], "", COUNTED);
    going.line("to be", "(2,words)");
    going.swap("second");
    going.line("or not to be", "(4,words)");
    let print = |stream: &str| format!("[output.{stream}]\ninput = \"{stream}\"\nsink = {{ type = \"print\" }}\n");
    let more = "[stream.more]\nsql = \"select count + 1 as more from tallied\"\n".to_owned();
    let running =
        "[stream.running]\ninput = \"split\"\nupdate-state-by-key = { key = [\"word\"], with = \"p/running-count\" }\n";
    for (streams, mistakes) in [
        (
            print("tallied"),
            ["the stream \"tallied\", which an output or a later batch reads, has the columns (word: ", "caunt: "],
        ),
        (more + &print("more"), ["stream \"more\"", "count"]),
        (running.to_owned() + &print("running"), ["stream \"running\"", "running-caunt"]),
    ] {
        going.apply("", "component = \"second.wasm\"", &format!("{COUNTED}{streams}"));
        let refused = going.refused();
        let begin = format!("error: plugin \"p\", component {was}: ");
        assert!(refused.contains(&begin), "no \"{begin}\" in {refused}");
        mistakes.iter().for_each(|mistake| assert!(refused.contains(mistake), "no \"{mistake}\" in {refused}"));
    }
    going.line("that is the question", "(question,1)");
    going.drain();
}

/// Nor does the job go back by itself to a component that its file forbids: it fails as the batch did.
#[test]
fn a_job_does_not_go_back_from_a_failure_to_a_component_that_its_file_forbids() {
    let (first, poisoned) = (chameleon(1), chameleon(901));
    let digest = Digest::of(&poisoned);
    let ann = Author::new(1);
    for (job, plugin) in [
        (String::new(), format!("component = \"poisoned.wasm\"\ndigest = \"{digest}\"")),
        (trusting(&[&ann]), "component = \"poisoned.wasm\"".to_owned()),
    ] {
        let mut going = Going::start(&[("first", &first), ("poisoned", &poisoned)], "", TAGS);
        going.folder.write("poisoned.wasm.minisig", ann.sign(&poisoned));
        going.swap("poisoned");
        going.line("1", "(1,901)");
        going.apply(&job, &plugin, TAGS);
        going.line("2", "(2,901)");
        let failed = going.fails_at("1013");
        assert!(failed.contains("1013 is poison"), "{failed}");
    }
}

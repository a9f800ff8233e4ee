//! Components are vouched for: a job that trusts keys takes none that wasn't signed with one of them, and does nothing with its bytes before it knows.

use std::sync::Arc;

use ring::signature::{Ed25519KeyPair, KeyPair};
use sluicebox::batch::{CanaryRequest, SwapRequest};
use sluicebox::context::plugin_definition;
use sluicebox::job::definition::{ComponentSource, PluginDefinition};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::{chameleon, component};
use sluicebox_tests::rows::number_schema;

/// Somebody with a key.
struct Author {
    key: Ed25519KeyPair,
    number: [u8; 8],
}

impl Author {
    fn new(seed: u8) -> Self {
        Self { key: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap(), number: [seed; 8] }
    }

    /// The key, as minisign prints it.
    fn public(&self) -> String {
        base64(&[b"Ed", &self.number[..], self.key.public_key().as_ref()].concat())
    }

    /// A signature, as minisign makes it.
    fn sign(&self, bytes: &[u8]) -> String {
        let signature = self.key.sign(bytes);
        let comment = "by the test";
        let whole = self.key.sign(&[signature.as_ref(), comment.as_bytes()].concat());
        let signature = base64(&[b"Ed", &self.number[..], signature.as_ref()].concat());
        format!("untrusted comment: x\n{signature}\ntrusted comment: {comment}\n{}\n", base64(whole.as_ref()))
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, idx| bits << 8 | u32::from(three.get(idx).copied().unwrap_or(0)));
        for idx in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * idx) & 63) as usize];
            text.push(if idx <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// Splits lines with a component in `words.wasm`, in a job that trusts `keys`.
fn splitting(keys: &str, plugin: &str) -> Folder {
    let folder = Folder::with_job(&format!(
        "[job]\nname = \"signed\"\nbatch-interval = \"100ms\"\n{keys}\n\
         [plugin.words]\ncomponent = \"words.wasm\"\n{plugin}\n\
         [stream.lines]\nsource = {{ type = \"files\", path = \"in\", format = \"text\" }}\n\
         [stream.words]\ninput = \"lines\"\nflat-map = \"words/split\"\n\
         [output.console]\ninput = \"words\"\nsink = {{ type = \"print\" }}\n"
    ));
    folder.write("in/lines", "to be\n");
    folder.write("words.wasm", std::fs::read(component("words")).unwrap());
    folder
}

fn trusting(authors: &[&Author]) -> String {
    let keys: Vec<String> = authors.iter().map(|author| format!("\"{}\"", author.public())).collect();
    format!("trusted-keys = [{}]", keys.join(", "))
}

#[test]
fn a_component_signed_with_a_trusted_key_is_taken() {
    let (ann, bob) = (Author::new(1), Author::new(2));
    let signature = bob.sign(&std::fs::read(component("words")).unwrap());
    let folder = splitting(&trusting(&[&ann, &bob]), "");
    folder.write("words.wasm.minisig", &signature);
    assert_eq!(folder.run(&["--drain"]).ended_with(0).printed_rows(), ["to", "be"]);
    let folder = splitting(&trusting(&[&bob]), "signature = \"elsewhere/it\"");
    folder.write("elsewhere/it", &signature);
    folder.check().ended_with(0);
}

#[test]
fn any_other_component_is_refused_before_anything_is_done_with_it() {
    let (ann, bob) = (Author::new(1), Author::new(2));
    let words = std::fs::read(component("words")).unwrap();
    let refused = |plugin: &str, signature: Option<String>, bytes: &[u8], message: &str| {
        let folder = splitting(&trusting(&[&ann]), plugin);
        folder.write("words.wasm", bytes);
        if let Some(signature) = signature {
            folder.write("words.wasm.minisig", signature);
        }
        for ran in [folder.check(), folder.run(&["--drain"])] {
            let ran = ran.ended_with(2);
            assert!(
                ran.stderr.contains("error: job.toml:5:9: plugin \"words\": its component's signature "),
                "{}",
                ran.stderr
            );
            assert!(
                ran.stderr.contains(message) && ran.stderr.contains("sign it, by `minisign -Sm COMPONENT`"),
                "{}",
                ran.stderr
            );
        }
    };
    refused("", None, &words, "words.wasm.minisig is not there");
    refused("", Some(bob.sign(&words)), &words, "is by a key that is not in trusted-keys (\"by the test\")");
    refused("", Some(ann.sign(b"other")), &words, "is of other bytes, or was changed");
    refused("", Some("nothing".to_owned()), &words, "is no signature of minisign's");
    // It isn't even looked at.
    refused("", None, b"no component at all", "words.wasm.minisig is not there");
    refused("", Some(ann.sign(&words)), b"no component at all", "is of other bytes");
}

#[test]
fn mistakes_about_keys_are_found_when_the_job_is_checked() {
    let key = Author::new(1).public();
    for (keys, plugin, message, help) in [
        ("trusted-keys = []", "", "[job] trusted-keys: there is no key", "name at least one"),
        (
            "trusted-keys = [\"RW\"]",
            "",
            "\"RW\" is not a key: it is no public key of minisign's",
            "56 characters that begin with RW",
        ),
        (&format!("trusted-keys = [\"{key}\", \"{key}\"]"), "", "the key stands twice", "name each key once"),
        (
            "",
            "signature = \"words.wasm\"",
            "it has a signature, and the job trusts no keys",
            "add the author's key to trusted-keys in [job]",
        ),
        ("", "signature = \"none\"", "[plugin.words] signature: ", "correct the path"),
    ] {
        let ran = splitting(keys, plugin).check().ended_with(2);
        assert!(ran.stderr.contains("error: job.toml:"), "{}", ran.stderr);
        assert!(ran.stderr.contains(message) && ran.stderr.contains(help), "{keys}: {}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_takes_no_other_component_either() {
    let (ann, bob) = (Author::new(1), Author::new(2));
    let folder = Folder::new("");
    folder.write("one.wasm", chameleon(1));
    folder.write("one.wasm.minisig", ann.sign(&chameleon(1)));
    let job = TestJob::new();
    job.context.job(|job| job.trusted_keys = vec![ann.public().parse().unwrap()]).unwrap();
    let source = ComponentSource::File(folder.path("one.wasm"));
    job.context.add_plugin(PluginDefinition { ..plugin_definition("chameleon", source) }).unwrap();
    let (input, _queue) = job.context.queue_stream("input", number_schema()).unwrap();
    let out = Collected::default();
    input.map("made", "chameleon/tag").unwrap().write_to("out", Arc::new(out)).unwrap();
    let started = job.start().await.unwrap();
    let to = |signature: Option<String>| SwapRequest {
        plugin: "chameleon".to_owned(),
        component: chameleon(2).into(),
        signature,
        by: "ann".to_owned(),
        why: String::new(),
    };
    for (signature, message) in [
        (None, "plugin \"chameleon\": the component's signature is missing, and the job has trusted-keys"),
        (Some(bob.sign(&chameleon(2))), "is by a key that is not in trusted-keys"),
        (Some(ann.sign(&chameleon(3))), "is of other bytes, or was changed"),
    ] {
        let request = to(signature.clone());
        let error = started.job.swap(request).await.unwrap_err().to_string();
        assert!(error.contains(message) && error.contains("send the signature too"), "{error}");
        let (plugin, component) = ("chameleon".to_owned(), chameleon(2).into());
        let tried = started.job.canary(CanaryRequest { plugin, component, signature, batches: 1 }).await;
        assert!(tried.unwrap_err().to_string().contains(message));
    }
    started.job.swap(to(Some(ann.sign(&chameleon(2))))).await.unwrap();
}

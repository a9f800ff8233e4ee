//! Components are vouched for: a job that trusts keys takes none that wasn't signed with one of them, and does nothing with its bytes before it knows.

use std::sync::Arc;

use sluicebox::batch::{CanaryRequest, SwapRequest};
use sluicebox::checkpoint::FaultPoint;
use sluicebox::checkpoint::fault_point::VARIABLE;
use sluicebox::context::plugin_definition;
use sluicebox::error::Result;
use sluicebox::job::definition::{ComponentSource, PluginDefinition};
use sluicebox::plugin::Digest;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::job::{Collected, StartedJob, TestJob};
use sluicebox_tests::plugins::{chameleon, component};
use sluicebox_tests::rows::{number_schema, numbers};
use sluicebox_tests::signing::{Author, trusting};

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

/// A job on the folder's checkpoint, begun at that batch, that trusts these keys; it tags a number, and says how.
async fn going_on(folder: &Folder, at: i64, keys: &[&Author]) -> Result<(StartedJob, String)> {
    let job = TestJob::at(at * 1000, |_| {});
    job.context.job(|job| {
        job.checkpoint = Some(format!("file://{}", folder.path("checkpoint").display()));
        job.trusted_keys = keys.iter().map(|author| author.public().parse().unwrap()).collect();
    })?;
    let source = ComponentSource::File(folder.path("one.wasm"));
    job.context.add_plugin(plugin_definition("chameleon", source))?;
    let (input, queue) = job.context.queue_stream("input", number_schema())?;
    let out = Collected::default();
    input.map("made", "chameleon/tag")?.write_to("out", Arc::new(out.clone()))?;
    let mut job = job.start().await?;
    queue.push(vec![numbers([at])])?;
    job.batch().await?;
    Ok((job, out.rows((at + 1) * 1000).concat()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_from_a_checkpoint_needs_a_signature_that_counts_now() {
    let (ann, bob) = (Author::new(1), Author::new(2));
    let folder = Folder::new("");
    folder.write("one.wasm", chameleon(1));
    folder.write("one.wasm.minisig", ann.sign(&chameleon(1)));
    let (job, tagged) = going_on(&folder, 0, &[&ann, &bob]).await.unwrap();
    assert_eq!(tagged, "0 1");
    let (plugin, bytes) = ("chameleon".to_owned(), chameleon(2));
    let (by, why) = ("ann".to_owned(), String::new());
    let signature = Some(bob.sign(&bytes));
    job.job.swap(SwapRequest { plugin, component: bytes.into(), signature, by, why }).await.unwrap();
    job.job.stop(true).await.unwrap();
    let (job, tagged) = going_on(&folder, 1, &[&ann, &bob]).await.unwrap();
    assert_eq!(tagged, "1 2");
    job.job.stop(true).await.unwrap();

    let digest = Digest::of(&chameleon(2));
    let kept = folder.path(format!("checkpoint/components/{digest}.minisig"));
    let refused = async |keys: &[&Author], message: &str| {
        let Err(error) = going_on(&folder, 2, keys).await else { panic!("{message}") };
        let error = error.to_string();
        assert!(
            error.contains(&format!("plugin \"chameleon\" was swapped to {digest}: its component's signature ")),
            "{error}"
        );
        assert!(
            error.contains(message) && error.contains("name the component that is wanted in the job file"),
            "{error}"
        );
    };
    refused(&[&ann], "is by a key that is not in trusted-keys").await;
    let text = std::fs::read(&kept).unwrap();
    std::fs::write(&kept, bob.sign(&chameleon(3))).unwrap();
    refused(&[&ann, &bob], "is of other bytes, or was changed").await;
    std::fs::remove_file(&kept).unwrap();
    refused(&[&ann, &bob], "is missing, and the job has trusted-keys").await;
    std::fs::write(&kept, text).unwrap();
    let (job, tagged) = going_on(&folder, 2, &[&bob, &ann]).await.unwrap();
    assert_eq!(tagged, "2 2");
    job.job.stop(true).await.unwrap();
}

#[test]
fn a_batch_that_was_planned_runs_with_no_component_that_the_job_file_forbids() {
    let ann = Author::new(1);
    let pinned = format!("digest = \"{}\"", Digest::of(&chameleon(2)));
    for (keys, pin, version, warnings) in [("", "", 1, 0), ("", &*pinned, 2, 0), (&*trusting(&[&ann]), "", 2, 1)] {
        let folder = Folder::new("");
        let job = |keys: &str, component: &str| {
            let checkpoint = folder.path("checkpoint");
            let text = format!(
                r#"[job]
name = "planned"
batch-interval = "100ms"
checkpoint = "file://{}"
{keys}
[plugin.chameleon]
component = {component}
[stream.numbers]
source = {{ type = "files", path = "in", format = "csv", schema = {{ value = "int64" }} }}
[stream.tags]
input = "numbers"
map = "chameleon/tag"
[output.tags]
input = "tags"
sink = {{ type = "print" }}
"#,
                checkpoint.display()
            );
            folder.write("job.toml", text);
        };
        folder.write("in/a.csv", "value\n7\n");
        folder.write("one.wasm", chameleon(1));
        folder.write("two.wasm", chameleon(2));
        folder.write("two.wasm.minisig", ann.sign(&chameleon(2)));
        job("", "\"one.wasm\"");
        let planned = folder.run_with(&[(VARIABLE, &format!("{}:1", FaultPoint::PlanAfter))], &["--drain"]);
        assert_eq!(planned.code, None, "{}", planned.stderr);
        job(keys, &format!("\"two.wasm\"\n{pin}"));
        let ran = folder.run(&["--drain"]).ended_with(0);
        let tagged = format!("(7,{version})");
        assert_eq!(ran.printed_rows(), [tagged], "{keys} {pin}");
        let told = ran.logged("nobody that the job trusts vouches for the component that the batch was planned with");
        assert_eq!(told.len(), warnings, "{}", ran.stderr);
    }
}

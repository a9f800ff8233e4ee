//! `sluicebox test`, as a user runs it.

use std::path::Path;

use sluicebox_tests::folder::Folder;
use sluicebox_tests::plugins::{component, repository};
use sluicebox_tests::program::{Ran, run};

const JOB: &str = r#"
[stream.numbers]
source = { type = "files", path = "not-there", format = "csv", schema = { n = "int64" } }

[stream.even]
input = "numbers"
filter = { where = "n % 2 = 0" }

[stream.counts]
input = "even"
count = true

[output.files]
input = "counts"
sink = { type = "files", path = "out", format = "csv" }
"#;

const CASES: &str = r#"
[[case]]
name = "right"
input.numbers = [[1, 2, 4], []]
expect.counts = [[2], [0]]

[[case]]
name = "wrong rows"
input.numbers = [[1, 2, 4, 2], "none", [2]]
expect.even = [[2, 2, 6], [], [2]]

[[case]]
name = "wrong order"
input.numbers = [[2, 4, 6]]
expect.even = { ordered = true, batches = [[4, 2, 6]] }
"#;

fn test(folder: &Folder, arguments: &[&str]) -> Ran {
    run(&folder.path(""), ["test", "job.toml"].iter().chain(arguments))
}

#[test]
fn a_failing_case_shows_what_differs() {
    let folder = Folder::new(JOB);
    folder.write("cases.toml", CASES);
    let ran = test(&folder, &["cases.toml"]).ended_with(1);
    assert_eq!(
        ran.stdout,
        r#"cases.toml
  ok    right
  FAIL  wrong rows (line 7)
        "even", batch 1 (at 100 ms): 1 row missing, 1 row unexpected
            n
          - 6
          + 4
        "even", batch 2 (at 200 ms): no dataset, and one is expected
  FAIL  wrong order (line 12)
        "even", batch 1 (at 100 ms): 1 row missing, 1 row unexpected, in order
            n
          - 4
            2
          + 4
            6
1 passed, 2 failed
"#
    );
    assert_eq!(ran.stderr, "");
    assert!(!folder.path("out").exists());
    let ran = test(&folder, &["cases.toml", "--filter", "right", "--log-level", "info"]).ended_with(0);
    assert!(ran.stdout.ends_with("1 passed, 0 failed\n") && ran.stderr.contains("batch completed"), "{ran:?}");
}

#[test]
fn a_case_leaves_the_checkpoint_of_the_job_alone() {
    let folder = Folder::new("");
    let checkpoint = folder.path("checkpoint");
    let counted = "[stream.sums]\ninput = \"even\"\nupdate-state-by-key = { key = [\"n\"], with = \"count\" }\n";
    let job = format!("checkpoint = \"file://{}\"\n{JOB}{counted}", checkpoint.display());
    folder.write("job.toml", folder.read("job.toml") + &job);
    let case = "[[case]]\nname = \"counted\"\ninput.numbers = [[2], [2]]\nexpect.sums = [[[2, 1]], [[2, 2]]]\n";
    folder.write("cases.toml", case);
    // The second would go on with what the first has counted.
    for _ in 0..2 {
        test(&folder, &["cases.toml"]).ended_with(0);
        assert!(!checkpoint.exists(), "a case has made {}", checkpoint.display());
    }
}

#[test]
fn programs_get_one_object() {
    let folder = Folder::new(JOB);
    folder.write("cases.toml", CASES);
    let ran = test(&folder, &["cases.toml", "--json", "--set", "job.batch-interval=2s"]).ended_with(1);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((document["passed"].as_u64(), document["failed"].as_u64()), (Some(1), Some(2)));
    let case = &document["cases"][1];
    assert_eq!(
        (case["name"].as_str(), case["line"].as_u64(), case["batches"].as_u64()),
        (Some("wrong rows"), Some(7), Some(3))
    );
    let [rows, not_emitted] = case["problems"].as_array().unwrap().as_slice() else { panic!("{case}") };
    assert_eq!(
        (&rows["kind"], &rows["missing"], &rows["unexpected"]),
        (
            &"rows".into(),
            &[[6]].into_iter().map(|row| row.to_vec()).collect(),
            &[[4]].into_iter().map(|row| row.to_vec()).collect()
        )
    );
    assert_eq!((not_emitted["kind"].as_str(), not_emitted["batch-time"].as_u64()), (Some("not-emitted"), Some(4000)));
}

#[test]
fn what_is_wrong_with_the_input_is_told_before_anything_runs() {
    let folder = Folder::new(JOB);
    folder.write(
        "cases.toml",
        "[[case]]\nname = 'a'\ninput.numbers = [['x']]\nexpect.evn = []\n[[case]]\nname = 'b'\nexpect.even = [['y']]\n",
    );
    folder.write("torn.json", "{");
    let ran = test(&folder, &["cases.toml"]).ended_with(2);
    let place = |error: &&str| error.split(": ").nth(1).unwrap_or_default().to_owned();
    assert_eq!(
        ran.errors().iter().map(place).collect::<Vec<_>>(),
        ["cases.toml:3:19", "cases.toml:4:8", "cases.toml:7:17"]
    );
    assert_eq!(ran.stdout, "");
    let ran = test(&folder, &["torn.json", "none.toml"]).ended_with(2);
    assert_eq!(ran.errors().iter().map(place).collect::<Vec<_>>(), ["torn.json:1:1", "none.toml"]);
    folder.write("cases.toml", CASES);
    let ran = test(&folder, &["cases.toml", "--filter", "nothing"]).ended_with(2);
    assert_eq!(ran.errors(), ["error: no case has \"nothing\" in its name, of 3"]);
    // A job that is wrong is wrong for every case, and is told once.
    let folder = Folder::new(&JOB.replace("n % 2", "m % 2"));
    folder.write("cases.toml", CASES);
    let ran = test(&folder, &["cases.toml"]).ended_with(2);
    assert!(ran.errors().len() == 1 && ran.errors()[0].contains("stream \"even\""), "{ran:?}");
}

#[test]
fn a_case_may_expect_a_job_file_that_is_wrong() {
    let folder = Folder::new(&JOB.replace("count = true", "cuont = true"));
    folder.write("cases.toml", "[[case]]\nname = 'a'\nerror = ['unknown key', 'cuont']\n");
    let ran = test(&folder, &["cases.toml"]).ended_with(0);
    assert_eq!(ran.stdout, "cases.toml\n  ok    a\n1 passed, 0 failed\n");
}

#[test]
fn the_examples_cases_pass() {
    let examples = repository().join("examples");
    let mut n_files = 0;
    for entry in std::fs::read_dir(examples.join("cases")).unwrap() {
        let cases = entry.unwrap().path();
        let job = examples.join(cases.file_name().unwrap());
        run(Path::new("."), [Path::new("test"), &job, &cases]).ended_with(0);
        n_files += 1;
    }
    let is_job = |entry: &std::fs::DirEntry| entry.path().extension().is_some_and(|extension| extension == "toml");
    let n_jobs = std::fs::read_dir(examples).unwrap().filter(|entry| entry.as_ref().is_ok_and(is_job)).count();
    assert_eq!(n_files, n_jobs, "each example has cases of its name");
}

#[test]
fn a_plugins_receiver_is_replaced_by_rows_of_its_columns() {
    let plugin = format!("[plugin.kitchen]\ncomponent = {:?}\n", component("kitchen"));
    let streams = "[stream.in]\nsource = { type = \"kitchen/counting\" }\n[output.out]\ninput = \"in\"\nsink = { type = \"print\" }\n";
    let folder = Folder::new(&(plugin + streams));
    folder.write("cases.toml", "[[case]]\nname = 'a'\ninput.in = [[[1, 7], [2, 7]]]\nexpect.in = [[[2, 7]]]\n");
    let ran = test(&folder, &["cases.toml"]).ended_with(1);
    assert!(ran.stdout.contains("    number  receiver\n          + 1       7\n"), "{ran:?}");
}

#[test]
fn constants_give_their_own_rows_unless_a_case_has_others() {
    let folder = Folder::new(
        r#"
[stream.words]
source = { type = "socket", address = "localhost:1", framing = "length-prefixed" }

[stream.rates]
source = { type = "constant", path = "rates.csv", format = "csv", schema = { rate = "int64" } }

[stream.all]
sql = "select encode(w.value, 'hex') as word, r.rate from words w cross join rates r"

[output.console]
input = "all"
sink = { type = "print" }
"#,
    );
    folder.write("rates.csv", "rate\n7\n8\n");
    folder.write(
        "cases.toml",
        r#"
[[case]]
name = "own rows"
input.words = [["0x00ff"], ["0x01"]]
expect.all = [[["00ff", 7], ["00ff", 8]], [["01", 7], ["01", 8]]]

[[case]]
name = "other rows"
input.words = [["0x00ff"], ["0x01"]]
input.rates = [[1]]
expect.all = [[["00ff", 1]], []]
"#,
    );
    let ran = test(&folder, &["cases.toml"]).ended_with(0);
    assert!(ran.stdout.contains("2 passed, 0 failed"), "{}", ran.stdout);
}

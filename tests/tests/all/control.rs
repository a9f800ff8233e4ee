//! The control server of a running job, its clients, and the registry by which they find it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sluicebox_tests::control::{Controlled, Jobs, ask, send};
use sluicebox_tests::folder::Folder;
use sluicebox_tests::json_schema::check;
use sluicebox_tests::plugins::{chameleon, component, repository};
use sluicebox_tests::server::{Server, until_arrived};

/// Words of a socket, whose address `--set` gives, and how often each came.
fn words(more: &str) -> Folder {
    let component = component("words");
    Folder::with_job(&format!(
        r#"
[job]
name = "words"
batch-interval = "100ms"
{more}

[plugin.words]
component = "{}"

[stream.lines]
source = {{ type = "socket", address = "set:1" }}

[stream.words]
input = "lines"
flat-map = "words/split"

[stream.counts]
input = "words"
update-state-by-key = {{ key = "word", with = "count" }}

[output.console]
input = "counts"
sink = {{ type = "print" }}
"#,
        component.display()
    ))
}

/// The job of [`words`], and who sends it lines.
fn started(jobs: &Jobs, folder: &Folder, more: &[&str]) -> (Controlled, TcpStream) {
    let server = Server::new().unwrap();
    let address = format!("stream.lines.source.address={}", server.address());
    let job = jobs.start(folder, &[&["--set", &address], more].concat());
    (job, server.accept().unwrap())
}

#[test]
fn every_route_answers_as_its_document_says() {
    let (jobs, folder) = (Jobs::new(), words(""));
    let (job, mut peer) = started(&jobs, &folder, &[]);
    peer.write_all(b"one two\ntwo\n").unwrap();
    job.program.line_with("two");
    let document = job.ask("GET", "/v1/openapi.json").json();
    let paths = document["paths"].as_object().unwrap();
    let mut n_asked = 0;
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let answer = match path.as_str() {
                "/v1/end" => job.ask("GET", "/v1/end?timeout_ms=1"),
                // Where there are components to give: see below.
                _ if path.starts_with("/v1/plugins/") => continue,
                // Where there is a job file to give.
                "/v1/plan" | "/v1/apply" => continue,
                // Those that end a job have another.
                "/v1/drain" | "/v1/stop" => {
                    let (other, _peer) = started(&jobs, &folder, &[]);
                    let answer = other.ask("POST", &format!("{path}?wait_ms=60000"));
                    assert_eq!(answer.json()["end"], json!({ "ended": true, "error": null }));
                    other.program.wait().ended_with(0);
                    answer
                }
                _ => job.ask(&method.to_ascii_uppercase(), path),
            };
            assert_eq!(answer.status, 200, "{method} {path}: {answer:?}");
            for (content_type, content) in operation["responses"]["200"]["content"].as_object().unwrap() {
                assert!(answer.headers.contains(&format!("content-type: {content_type}")), "{path}: {answer:?}");
                if content_type == "application/json" && path != "/v1/openapi.json" {
                    check(&answer.json(), &content["schema"], &document)
                        .unwrap_or_else(|wrong| panic!("{path}: {wrong}"));
                }
            }
            n_asked += 1;
        }
    }
    assert!(n_asked >= 17, "{n_asked}");
}

#[test]
fn what_a_job_does_can_be_looked_at() {
    let (jobs, folder) = (Jobs::new(), words(""));
    let (job, mut peer) = started(&jobs, &folder, &[]);
    peer.write_all(b"one two\ntwo\n").unwrap();
    job.program.line_with("two");
    // The batch that wrote it is done soon.
    let until = |path: &str, is_it: &dyn Fn(&Value) -> bool| {
        let since = Instant::now();
        loop {
            let answer = job.ask("GET", path).json();
            if is_it(&answer) {
                return answer;
            }
            assert!(since.elapsed() < Duration::from_secs(60), "{path}: {answer:#}");
        }
    };
    let about = until("/v1/job", &|job| job["rows"] == 2);
    assert_eq!(about["name"], "words");
    assert_eq!((&about["state"], &about["ready"]), (&json!("active"), &json!(true)));
    assert_eq!(about["pid"], jobs.entries()[0]["pid"]);
    assert_eq!(about["job_file"], folder.path("job.toml").display().to_string());

    let streams = job.ask("GET", "/v1/streams").json();
    let described: Vec<Value> = streams["streams"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stream| json!([stream["name"], stream["kind"], stream["inputs"], stream["columns"][0]["name"]]))
        .collect();
    let expected = [
        json!(["lines", "socket", [], "value"]),
        json!(["words", "flat-map", ["lines"], "word"]),
        json!(["counts", "update-state-by-key", ["words"], "word"]),
    ];
    assert_eq!(described, expected);
    assert_eq!(streams["outputs"][0]["input"], "counts");

    let operators = job.ask("GET", "/v1/operators").json();
    let work = &operators["operators"][0];
    assert_eq!((&work["of"], &work["plugin"], &work["operator"]), (&json!("words"), &json!("words"), &json!("split")));
    assert_eq!((&work["work"]["rows_in"], &work["work"]["rows_out"]), (&json!(2), &json!(3)));
    assert_eq!(operators["plugins"][0]["digest"].as_str().unwrap().len(), 64);

    for of in [work, &operators["plugins"][0]] {
        let memory = of["limits"].as_array().unwrap().iter().find(|limit| limit["name"] == "memory").unwrap();
        let used = memory["used"].as_u64().unwrap();
        assert!(used > 0 && Some(used) <= memory["allowed"].as_u64(), "{memory}");
    }

    let batches = job.ask("GET", "/v1/batches?limit=256").json();
    let batches = batches["batches"].as_array().unwrap();
    let with_rows: Vec<&Value> = batches.iter().filter(|batch| batch["rows"] == 2).collect();
    assert_eq!(with_rows.len(), 1, "{batches:#?}");
    let batch = with_rows[0];
    let ms = |name: &str| batch[name].as_u64().unwrap();
    assert_eq!(ms("total_delay_ms"), ms("scheduling_delay_ms") + ms("processing_delay_ms"));
    assert_eq!((&batch["status"], &batch["inputs"][0]["stream"]), (&json!("completed"), &json!("lines")));
    assert_eq!(
        job.ask("GET", "/v1/batches?limit=0").json()["batches"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|batch| batch["status"] == "completed")
            .count(),
        0
    );

    let receivers = job.ask("GET", "/v1/receivers").json();
    let receiver = &receivers["receivers"][0];
    assert_eq!((&receiver["active"], &receiver["rows_received"]), (&json!(true), &json!(2)));
    assert_eq!(job.ask("GET", "/v1/state").json()["state"][0]["keys"], 2);
    assert!(job.ask("GET", "/v1/memory").json()["total_bytes"].as_u64().unwrap() > 0);

    let metrics = job.ask("GET", "/metrics").body;
    for line in [
        "sluicebox_job_info{job=\"words\",version=\"0.1.0\"} 1",
        "sluicebox_job_ready 1",
        "sluicebox_batch_interval_seconds 0.1",
        "sluicebox_input_rows_total{stream=\"lines\"} 2",
        "sluicebox_operator_output_rows_total{stream=\"words\",plugin=\"words\",operator=\"split\"} 3",
        "sluicebox_state_keys{stream=\"counts\"} 2",
        "# TYPE sluicebox_batch_total_delay_seconds histogram",
    ] {
        assert!(metrics.lines().any(|of| of == line), "{line} is missing:\n{metrics}");
    }
    let ratio =
        "sluicebox_operator_limit_used_ratio{stream=\"words\",plugin=\"words\",operator=\"split\",limit=\"memory\"} ";
    assert!(metrics.lines().any(|line| line.starts_with(ratio)), "{metrics}");
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        assert!(line.rsplit_once(' ').is_some_and(|(_, value)| value.parse::<f64>().is_ok()), "{line}");
    }
    let docs = std::fs::read_to_string(repository().join("docs/running.md")).unwrap();
    for line in metrics.lines().filter(|line| line.starts_with("# TYPE ")) {
        let name = line.split(' ').nth(2).unwrap();
        assert!(docs.contains(&format!("`{name}`")), "docs/running.md says nothing of {name}");
    }
    // For people.
    let status = jobs.verb(&["status", "words"]).ended_with(0).stdout;
    for text in ["words, active", "completed", "words/split", "counts", "guests"] {
        assert!(status.contains(text), "{text} is missing:\n{status}");
    }
}

#[test]
fn who_may_not_ask_is_refused() {
    let (jobs, folder) = (Jobs::new(), words(""));
    let (job, _peer) = started(&jobs, &folder, &[]);
    let address = job.address;
    let (host, token) = (format!("Host: {address}"), format!("Authorization: Bearer {}", job.token));
    let json = "Content-Type: application/json";
    let status =
        |method: &str, path: &str, headers: &[&str], body: &str| ask(address, method, path, headers, body).status;
    // Without the token only whether it is well is told.
    assert_eq!(status("GET", "/health", &[&host], ""), 200);
    for path in ["/v1/job", "/metrics", "/v1/openapi.json", "/v1/batches"] {
        let refused = ask(address, "GET", path, &[&host], "");
        assert_eq!(refused.status, 401, "{path}");
        assert!(refused.headers.contains("www-authenticate: bearer"), "{refused:?}");
    }
    assert_eq!(status("POST", "/v1/stop", &[&host, json], "{}"), 401);
    assert_eq!(status("GET", "/v1/job", &[&host, "Authorization: Bearer 0123456789abcdef"], ""), 401);
    assert_eq!(status("GET", "/v1/job", &[&host, &token], ""), 200);
    // What a browser would send for another site's page.
    assert_eq!(status("GET", "/v1/job", &["Host: evil.example", &token], ""), 403);
    assert_eq!(status("GET", "/health", &["Host: evil.example"], ""), 403);
    assert_eq!(status("GET", "/v1/job", &[&host, &token, "Origin: http://evil.example"], ""), 403);
    assert_eq!(status("GET", "/v1/job", &[&host, &token, "Sec-Fetch-Site: cross-site"], ""), 403);
    let answer = ask(address, "OPTIONS", "/v1/stop", &[&host, "Origin: http://evil.example"], "");
    assert_eq!(answer.status, 403);
    assert!(!answer.headers.contains("access-control"), "{answer:?}");
    // What is no question.
    let wrong_method = ask(address, "POST", "/v1/job", &[&host, &token, json], "{}");
    assert!(wrong_method.status == 405 && wrong_method.headers.contains("allow: get"), "{wrong_method:?}");
    assert_eq!(status("GET", "/v1/stop", &[&host, &token], ""), 405);
    assert_eq!(status("GET", "/v1/nothing", &[&host, &token], ""), 404);
    assert_eq!(status("POST", "/v1/pause", &[&host, &token], "{}"), 415);
    assert_eq!(status("POST", "/v1/pause", &[&host, &token, "Content-Type: text/plain"], "{}"), 415);
    assert_eq!(status("POST", "/v1/pause", &[&host, &token, json], "[]"), 400);
    assert_eq!(status("POST", "/v1/pause", &[&host, &token, json], "{\"odd\": 1}"), 400);
    assert_eq!(status("POST", "/v1/pause", &[&host, &token, json], &" ".repeat(100_000)), 413);
    assert_eq!(status("GET", "/v1/batches?limit=many", &[&host, &token], ""), 400);
    assert_eq!(status("POST", "/v1/stop?now=perhaps", &[&host, &token, json], ""), 400);
    assert_eq!(send(address, b"GET /v1/job HTTP/1.1\r\n\r\n").status, 400);
    assert_eq!(send(address, b"\x16\x03\x01\r\n\r\n").status, 400);
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(200_000));
    assert!((400..500).contains(&send(address, long.as_bytes()).status));
    // Nothing of this has changed anything.
    assert_eq!(job.ask("GET", "/v1/job").json()["state"], "active");
}

#[test]
fn a_paused_job_plans_nothing_until_it_is_resumed() {
    let (jobs, folder) = (Jobs::new(), words(""));
    // More than one passes while it is paused, however fast verbs are.
    let (job, mut peer) = started(&jobs, &folder, &["--set", "job.batch-interval=5ms"]);
    job.program.line_with("batch completed");
    let paused = jobs.verb(&["pause", "words"]).ended_with(0);
    assert_eq!(paused.stdout, "paused: no batches are planned until it is resumed\n");
    assert_eq!(jobs.verb(&["pause", "words"]).ended_with(0).stdout, "it was paused already\n");
    let status = jobs.json(&["status", "words"]);
    assert_eq!((&status["job"]["state"], &status["job"]["ready"]), (&json!("paused"), &json!(true)));
    peer.write_all(b"while paused\n").unwrap();
    until_arrived(&peer);
    assert_eq!(jobs.json(&["resume", "words"]), json!({ "state": "active", "changed": true, "end": null }));
    assert_eq!(jobs.json(&["resume", "words"]), json!({ "state": "active", "changed": false, "end": null }));
    job.program.line_with("paused");
    drop(peer);
    assert_eq!(jobs.verb(&["drain", "words"]).ended_with(0).stdout, "stopped\n");
    let ran = job.program.wait().ended_with(0);
    assert!(ran.stdout.contains("while") && ran.stdout.contains("paused"), "{}", ran.stdout);
    assert_eq!(ran.logged("the intervals that passed are one batch").len(), 1, "{}", ran.stderr);
    assert_eq!(jobs.entries(), [] as [Value; 0], "it is listed no more");
}

/// Lines that no batch has been given, as the first batch time doesn't come.
fn received(jobs: &Jobs, folder: &Folder) -> (Controlled, TcpStream) {
    let (job, mut peer) = started(jobs, folder, &["--set", "job.batch-interval=1h", "--set", "job.block-interval=1ms"]);
    peer.write_all(b"received words\n").unwrap();
    let since = Instant::now();
    while job.ask("GET", "/v1/receivers").json()["receivers"][0]["rows_received"] != 1 {
        assert!(since.elapsed() < Duration::from_secs(60), "the line isn't received");
    }
    (job, peer)
}

#[test]
fn a_job_is_drained_or_stopped() {
    let (jobs, folder) = (Jobs::new(), words(""));
    let (job, _peer) = received(&jobs, &folder);
    assert_eq!(jobs.json(&["drain", "words"]), json!({ "ended": true, "error": null }));
    let ran = job.program.wait().ended_with(0);
    assert!(ran.stdout.contains("received"), "what was received is processed: {}", ran.stdout);

    let (job, _peer) = received(&jobs, &folder);
    assert_eq!(jobs.verb(&["stop", "words"]).ended_with(0).stdout, "stopped\n");
    let ran = job.program.wait().ended_with(0);
    assert_eq!(ran.stdout, "", "no batch was planned");

    let (job, _peer) = received(&jobs, &folder);
    assert_eq!(jobs.verb(&["stop", "words", "--now"]).ended_with(0).stdout, "stopped at once\n");
    let ran = job.program.wait().ended_with(1);
    assert_eq!(ran.errors(), ["error: stopped at once by a client, before all that was received was written"]);
    assert_eq!(jobs.entries(), [] as [Value; 0]);
}

#[test]
fn a_batch_that_runs_is_finished_or_given_up() {
    let folder = Folder::new(
        r#"
[stream.lines]
source = { type = "files", path = "in", format = "text" }

[stream.slow]
sql = "select sum(length(a.value) + length(b.value) * length(c.value)) as n from lines a cross join lines b cross join lines c"

[output.console]
input = "slow"
sink = { type = "print" }
"#,
    );
    folder.write("in/a", "x\n".repeat(20_000));
    let jobs = Jobs::new();
    let job = jobs.start(&folder, &["--log-level", "debug", "--set", "job.stop-timeout=1h"]);
    job.program.line_with("batch started");
    let stopping = jobs.verb(&["stop", "test", "--no-wait"]).ended_with(0);
    assert_eq!(stopping.stdout, "stopping\n");
    assert_eq!(jobs.verb(&["drain", "test", "--no-wait"]).ended_with(0).stdout, "it was stopping already\n");
    let refused = jobs.verb(&["pause", "test"]).ended_with(1);
    assert!(refused.errors()[0].ends_with("the job is stopping"), "{}", refused.stderr);
    assert_eq!(ask(job.address, "GET", "/health/ready", &["Host: localhost"], "").status, 503);
    assert_eq!(ask(job.address, "GET", "/health/live", &["Host: localhost"], "").status, 200);
    // Somebody waits for its end, and is told.
    let waiting = jobs.start_verb(&["drain", "test", "--log-level", "debug"]);
    job.program.line_with("verb=Drain");
    job.program.line_with("verb=Drain");
    jobs.verb(&["stop", "test", "--now"]).ended_with(0);
    job.program.wait().ended_with(1);
    let told = waiting.wait().ended_with(1);
    assert!(told.errors()[0].contains("the job has failed: stopped at once by a client"), "{}", told.stderr);
}

#[test]
fn jobs_are_found_by_name_and_process() {
    let (jobs, folder) = (Jobs::new(), words(""));
    let nothing = jobs.verb(&["jobs"]).ended_with(0).stdout;
    assert!(nothing.starts_with("no jobs run, by "), "{nothing}");
    assert_eq!(jobs.json(&["jobs"]), json!([]));
    let (one, _peer) = started(&jobs, &folder, &[]);
    let (two, _other_peer) = started(&jobs, &folder, &[]);
    let (third, _third_peer) = started(&jobs, &folder, &["--set", "job.name=other"]);
    let listed = jobs.json(&["jobs"]);
    let names: Vec<&Value> = listed.as_array().unwrap().iter().map(|job| &job["name"]).collect();
    assert_eq!(names, ["other", "words", "words"]);
    assert_eq!(listed[0]["job"]["name"], "other");
    assert!(!listed.to_string().contains(&third.token), "tokens aren't shown");
    let table = jobs.verb(&["jobs"]).ended_with(0).stdout;
    assert!(table.lines().count() == 4 && table.contains(&two.address.to_string()), "{table}");
    // Private to the user.
    let mode = |path: std::path::PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(jobs.folder()), 0o700);
    assert!(std::fs::read_dir(jobs.folder()).unwrap().all(|file| mode(file.unwrap().path()) == 0o600));

    let several = jobs.verb(&["status", "words"]).ended_with(2);
    assert!(several.stderr.contains("2 jobs \"words\" run") && several.stderr.contains("--pid"), "{}", several.stderr);
    let pid = listed[1]["pid"].to_string();
    assert_eq!(jobs.json(&["status", "words", "--pid", &pid])["job"]["pid"].to_string(), pid);
    let unknown = jobs.verb(&["status", "word"]).ended_with(2);
    assert!(unknown.stderr.contains("no job \"word\" runs\n  help: these run: other, words"), "{}", unknown.stderr);

    // One that is killed leaves its file, which is noticed.
    one.program.signal("KILL");
    assert_eq!(one.program.wait().code, None);
    assert_eq!(jobs.entries().len(), 3);
    let listed = jobs.json(&["jobs"]);
    assert_eq!((listed.as_array().unwrap().len(), jobs.entries().len()), (2, 2));
    assert_eq!(jobs.json(&["status", "words"])["job"]["name"], "words");

    // One that runs and doesn't answer is listed, with why.
    two.program.suspend();
    let listed = jobs.json(&["jobs"]);
    let silent = listed.as_array().unwrap().iter().find(|job| job["name"] == "words").unwrap();
    assert!(silent["job"].is_null() && silent["error"].as_str().unwrap().contains("doesn't answer"), "{silent}");
    two.program.signal("CONT");
    jobs.verb(&["stop", "words"]).ended_with(0);
    jobs.verb(&["stop", "other"]).ended_with(0);
}

#[test]
fn an_address_and_a_token_can_be_chosen() {
    let folder = words("control = { address = \"0.0.0.0:0\", token-file = \"token\" }");
    let missing = folder.check().ended_with(2);
    assert!(
        missing.errors()[0].contains("[job] control.token-file: ") && missing.stderr.contains("does not exist"),
        "{}",
        missing.stderr
    );
    folder.write("token", "short\n");
    let jobs = Jobs::new();
    let short = jobs.start_any(&folder, &["--set", "stream.lines.source.address=127.0.0.1:1"]).wait().ended_with(2);
    assert!(short.errors()[0].contains("it has 5 characters, and 16 are the fewest"), "{}", short.stderr);
    folder.write("token", "a token of the user's\n".replace(' ', "-"));
    let (job, _peer) = started(&jobs, &folder, &[]);
    let port = job.address.port();
    let url = format!("http://127.0.0.1:{port}");
    let file = folder.path("token").display().to_string();
    assert_eq!(jobs.json(&["status", &url, "--token-file", &file])["job"]["name"], "words");
    // Under any name, as any may be the machine's.
    let given = ask(
        ([127, 0, 0, 1], port).into(),
        "GET",
        "/v1/job",
        &["Host: machine.example", "Authorization: Bearer a-token-of-the-user's"],
        "",
    );
    assert_eq!(given.status, 200);
    let without = jobs.verb(&["status", &url]).ended_with(1);
    assert!(without.errors()[0].ends_with("a token is needed"), "{}", without.stderr);
    folder.write("other", "another-token-than-that");
    let wrong = jobs.verb(&["pause", &url, "--token-file", &folder.path("other").display().to_string()]).ended_with(1);
    assert!(wrong.errors()[0].ends_with("the token is wrong"), "{}", wrong.stderr);
    // By its name it needs none.
    assert!(!jobs.entries()[0].to_string().contains("of-the-user"), "a user's secret isn't copied");
    jobs.verb(&["stop", "words"]).ended_with(0);
    job.program.wait().ended_with(0);

    let gone = jobs.verb(&["status", &url, "--token-file", &file]).ended_with(1);
    assert!(gone.errors()[0].contains("Connection refused"), "{}", gone.stderr);
    for (job, mistake) in [("https://localhost:1", "is not the address"), ("http://a/b", "is not the address")] {
        let wrong = jobs.verb(&["status", job]).ended_with(2);
        assert!(wrong.errors()[0].contains(mistake), "{}", wrong.stderr);
    }
    let both = jobs.verb(&["status", "words", "--token-file", &file]).ended_with(2);
    assert!(both.errors()[0].contains("--token-file goes with the address"), "{}", both.stderr);
}

#[test]
fn a_job_runs_without_the_server_where_it_says_so_and_fails_where_it_cant_listen() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = Folder::new(
        "[stream.a]\nsource = { type = \"constant\", schema = { n = \"int64\" }, rows = [{ n = 1 }] }\n[output.o]\ninput = \"a\"\nsink = { type = \"print\" }\n",
    );
    let jobs = Jobs::new();
    let ran = jobs.start_any(&folder, &["--batches", "1", "--set", "job.control=false"]).wait().ended_with(0);
    assert_eq!((ran.logged("control server").len(), jobs.entries().len()), (0, 0));
    let address = format!("job.control={}", taken.local_addr().unwrap());
    let ran = jobs.start_any(&folder, &["--batches", "1", "--set", &address]).wait().ended_with(1);
    assert!(ran.errors()[0].contains("the control server can't listen at 127.0.0.1:"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "", "the job hasn't begun");
    // A folder that others may open isn't written to.
    std::fs::create_dir_all(jobs.folder()).unwrap();
    std::fs::set_permissions(jobs.folder(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let ran = jobs.start_any(&folder, &["--batches", "1"]).wait().ended_with(0);
    assert_eq!(ran.logged("the job isn't listed").len(), 1, "{}", ran.stderr);
    let listed = jobs.verb(&["jobs"]).ended_with(1);
    assert!(listed.errors()[0].contains("can be opened by other users"), "{}", listed.stderr);
}

#[test]
fn many_questions_and_slow_clients_dont_hold_up_batches() {
    let (jobs, folder) = (Jobs::new(), words(""));
    let (job, mut peer) = started(&jobs, &folder, &[]);
    job.program.line_with("batch completed");
    // Some connect and say nothing, or half of a question; others take nothing of what they asked for.
    let head = format!("Host: {}\r\nAuthorization: Bearer {}\r\n", job.address, job.token);
    let half = format!("GET /v1/job HTTP/1.1\r\n{head}");
    let pipelined = format!("GET /v1/openapi.json HTTP/1.1\r\n{head}\r\n").repeat(400);
    let slow = |text: &str| {
        let mut connection = TcpStream::connect(job.address).unwrap();
        connection.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
        // It ends where the server takes no more.
        let _ = connection.write_all(text.as_bytes());
        connection
    };
    let mut held: Vec<TcpStream> = (0..20).map(|_| slow("")).collect();
    held.extend((0..20).map(|_| slow(&half)));
    held.extend((0..4).map(|_| slow(&pipelined)));
    let done = AtomicBool::new(false);
    let n_answered: usize = std::thread::scope(|scope| {
        let (server, done) = (&job.server, &done);
        let ask = move || {
            let mut n_answered = 0;
            while !done.load(Ordering::Relaxed) {
                for path in ["/v1/batches?limit=256", "/metrics", "/v1/state"] {
                    assert_eq!(server.ask("GET", path).status, 200);
                    n_answered += 1;
                }
            }
            n_answered
        };
        let asking: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        for n in 0..20 {
            peer.write_all(format!("word-{n}\n").as_bytes()).unwrap();
            job.program.line_with("batch completed");
        }
        done.store(true, Ordering::Relaxed);
        asking.into_iter().map(|asking| asking.join().unwrap()).sum()
    });
    assert!(n_answered >= 12, "{n_answered}");
    // The silent ones are sent away.
    let mut byte = [0];
    held[0].set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let ended = held[0].read(&mut byte);
    assert!(
        ended.as_ref().is_ok_and(|n| *n == 0)
            || ended.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset)
    );
    // More of them than it takes at a time: who comes after waits until some are sent away.
    held.extend((0..100).map(|_| slow("")));
    assert_eq!(job.ask("GET", "/v1/job").json()["state"], "active");
    jobs.verb(&["drain", "words"]).ended_with(0);
    let ran = job.program.wait().ended_with(0);
    assert!(ran.logged("batch failed").is_empty() && ran.stdout.contains("word-19"), "{}", ran.stderr);
}

/// Numbers of a folder, tagged with the version of `chameleon` that saw them.
fn tags() -> Folder {
    let folder = Folder::new(
        r#"
[plugin.chameleon]
component = "first.wasm"

[stream.lines]
source = { type = "socket", address = "set:1" }

[stream.numbers]
sql = "select cast(value as bigint) as value from lines"

[stream.tags]
input = "numbers"
map = "chameleon/tag"

[output.console]
input = "tags"
sink = { type = "print" }
"#,
    );
    folder.write("first.wasm", chameleon(1));
    folder.write("second.wasm", chameleon(2));
    folder
}

#[test]
fn a_plugin_is_swapped_and_rolled_back() {
    let (jobs, folder) = (Jobs::new(), tags());
    let (job, mut peer) = started(&jobs, &folder, &[]);
    let file = |name: &str| folder.path(name).display().to_string();
    peer.write_all(b"1\n").unwrap();
    job.program.line_with("(1,1)");
    let swap = jobs.json(&["swap", "test", "chameleon", &file("second.wasm"), "--why", "a reason: 100 %"]);
    let (first, second) = (swap["from"].as_str().unwrap(), swap["to"].as_str().unwrap());
    assert_eq!((&swap["kind"], &swap["why"]), (&json!("swap"), &json!("a reason: 100 %")));
    assert!(!swap["by"].as_str().unwrap().is_empty());
    peer.write_all(b"2\n").unwrap();
    job.program.line_with("(2,2)");
    let status = jobs.verb(&["status", "test"]).ended_with(0).stdout;
    assert!(status.contains("a reason: 100 %") && status.contains(&second[..12]), "{status}");
    assert_eq!(job.ask("GET", "/v1/operators").json()["plugins"][0]["digest"], second);
    assert_eq!(job.ask("GET", "/v1/swaps").json()["swaps"], json!([swap]));
    assert!(job.ask("GET", "/metrics").body.contains("sluicebox_swaps_total{plugin=\"chameleon\",kind=\"swap\"} 1"));

    let told = jobs.verb(&["rollback", "test", "chameleon"]).ended_with(0).stdout;
    assert!(
        told.contains(&format!("chameleon was {second}\nchameleon is {first}, from the batches after 2")),
        "{told}"
    );
    peer.write_all(b"3\n").unwrap();
    job.program.line_with("(3,1)");
    let again = jobs.json(&["rollback", "test", "chameleon", &second[..10].to_ascii_uppercase()]);
    assert_eq!((&again["to"], &again["kind"]), (&json!(second), &json!("rollback")));

    // What doesn't fit is refused, with exit code 2, and nothing has changed.
    std::fs::write(folder.path("broken.wasm"), &chameleon(3)[..5000]).unwrap();
    let words = component("words").display().to_string();
    for (arguments, mistake) in [
        (vec!["swap", "test", "chameleon", &file("second.wasm")], "the job runs with it already"),
        (
            vec!["swap", "test", "camelion", &file("second.wasm")],
            "the job has no plugin \"camelion\"\n  help: did you mean \"chameleon\"?",
        ),
        (vec!["swap", "test", "chameleon", &words], "tag"),
        (vec!["swap", "test", "chameleon", &file("broken.wasm")], "it is not a valid component"),
        (vec!["swap", "test", "chameleon", &file("job.toml")], "it is not WebAssembly"),
        (vec!["swap", "test", "chameleon", &file("missing.wasm")], "it can't be read"),
        (vec!["rollback", "test", "chameleon", "0123456789"], "was no component whose digest begins with 0123456789"),
        (vec!["rollback", "test", "chameleon", "0123"], "too short for a digest"),
        (vec!["rollback", "test", "chameleon", &"0".repeat(64)], "was never the component"),
    ] {
        let refused = jobs.verb(&arguments).ended_with(2);
        assert!(refused.stderr.contains(mistake), "{arguments:?}: {}", refused.stderr);
    }
    // The server looks for itself.
    let host = format!("Host: {}", job.address);
    let token = format!("Authorization: Bearer {}", job.token);
    let post = |path: &str, content_type: &str, body: &str| {
        ask(job.address, "POST", path, &[&host, &token, &format!("Content-Type: {content_type}")], body).status
    };
    assert_eq!(post("/v1/plugins/chameleon/swap", "application/json", "{}"), 415);
    assert_eq!(post("/v1/plugins/chameleon/swap", "application/wasm", "no component"), 422);
    assert_eq!(post("/v1/plugins/chameleon/swap?why=%zz", "application/wasm", ""), 400);
    assert_eq!(post("/v1/plugins/chameleon/rollback?to=12", "application/json", ""), 400);
    assert_eq!(post("/v1/plugins/cham%C3%A4leon/rollback", "application/json", ""), 422);
    let length = format!(
        "POST /v1/plugins/chameleon/swap HTTP/1.1\r\n{host}\r\n{token}\r\nContent-Type: application/wasm\r\nContent-Length: 100000000\r\n\r\n"
    );
    assert_eq!(send(job.address, length.as_bytes()).status, 413, "it is refused by its length, before it has come");
    assert_eq!(job.ask("GET", "/v1/operators").json()["plugins"][0]["digest"], second);
    assert_eq!(job.ask("GET", "/v1/swaps").json()["swaps"].as_array().unwrap().len(), 3);
    peer.write_all(b"4\n").unwrap();
    job.program.line_with("(4,2)");
    jobs.verb(&["drain", "test"]).ended_with(0);
    job.program.wait().ended_with(0);
}

#[test]
fn a_watched_file_is_swapped_in_when_it_is_whole() {
    let (jobs, folder) = (Jobs::new(), tags());
    let (job, mut peer) = started(&jobs, &folder, &[]);
    let file = folder.path("watched.wasm");
    std::fs::write(&file, chameleon(1)).unwrap();
    let mut watching =
        jobs.start_verb(&["swap", "test", "chameleon", file.to_str().unwrap(), "--watch", "--why", "edited"]);
    watching.line_with("watching ");
    // The job has this one. A half of another follows, and then the whole.
    let next = chameleon(2);
    std::fs::write(&file, &next[..next.len() / 2]).unwrap();
    watching.line_with("it is not a valid component");
    std::fs::write(&file, &next).unwrap();
    watching.line_with("chameleon is ");
    peer.write_all(b"2\n").unwrap();
    job.program.line_with("(2,2)");
    // One that doesn't fit is told of, and the next is taken.
    std::fs::write(&file, std::fs::read(component("words")).unwrap()).unwrap();
    watching.line_with("error: ");
    std::fs::write(&file, chameleon(3)).unwrap();
    watching.line_with("chameleon is ");
    let swaps = job.ask("GET", "/v1/swaps").json();
    let swaps: Vec<&Value> = swaps["swaps"].as_array().unwrap().iter().map(|swap| &swap["why"]).collect();
    assert_eq!(swaps, ["edited", "edited"]);
    assert!(!watching.ends_within(Duration::ZERO));
    jobs.verb(&["stop", "test"]).ended_with(0);
    watching.wait().ended_with(0);
    job.program.wait().ended_with(0);
}

#[test]
fn a_candidate_is_tried_before_it_is_taken() {
    let (jobs, folder) = (Jobs::new(), tags());
    let (job, mut peer) = started(&jobs, &folder, &[]);
    let file = folder.path("second.wasm").display().to_string();
    let swap = ["swap", "test", "chameleon", &file, "--canary", "3"];
    // Rows come all the time, as an empty batch tells nothing.
    let sending = std::thread::spawn(move || {
        // It ends when the job does.
        while peer.write_all(b"7\n").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let refused = jobs.verb(&swap).ended_with(1);
    assert!(refused.stdout.contains("rows differ in"), "{}", refused.stdout);
    assert_eq!(refused.errors(), ["error: plugin \"chameleon\" stays what it is"]);
    assert_eq!(job.ask("GET", "/v1/swaps").json()["swaps"], json!([]));
    assert_eq!(job.ask("GET", "/v1/canary").json(), json!({ "comparison": null }));
    // Nobody answers the question.
    let asked = jobs.verb(&[&swap[..], &["--promote", "ask"]].concat()).ended_with(1);
    assert!(asked.stdout.contains("[y/N]"), "{}", asked.stdout);
    let taken = jobs.verb(&[&swap[..], &["--promote", "always", "--json"]].concat()).ended_with(0);
    let told: Vec<Value> = taken.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&told[0]["same"], &told[0]["batches"], &told[1]["kind"]), (&json!(false), &json!(3), &json!("swap")));
    assert!(told[0]["streams"][0]["candidate"]["only"].as_u64().unwrap() > 0, "{told:?}");
    let document = job.ask("GET", "/v1/openapi.json").json();
    check(&told[0], &json!({ "$ref": "#/components/schemas/Comparison" }), &document).unwrap();
    jobs.verb(&["stop", "test"]).ended_with(0);
    job.program.wait().ended_with(0);
    sending.join().unwrap();
}

//! What plugins reach outside: what they are granted, within bounds, and nothing else.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use sluicebox::job::definition::ComponentSource;
use sluicebox::plugin::{Grants, Limits};
use sluicebox::testing::PATIENCE;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::plugin;
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::{component, component_in};
use sluicebox_tests::rows::{line_schema, lines};
use sluicebox_tests::server::Server;

/// Prints the lines that a plugin receives from a server.
fn receiving(address: &str, granted: &str, config: &str, more: &str) -> Folder {
    Folder::new(&format!(
        "[plugin.lines]\ncomponent = \"{}\"\nconfig = {{ address = \"{address}\"{config} }}\ngrants = {{ connect = [\"{granted}\"] }}\n\
         [stream.lines]\nsource = {{ type = \"lines/receive\", max-time = \"50ms\"{more} }}\n\
         [output.console]\ninput = \"lines\"\nsink = {{ type = \"print\", rows = 100000 }}\n",
        component("lines").display()
    ))
}

#[test]
fn the_custom_receiver_of_sparks_guide_receives_lines() {
    let server = Server::new().unwrap();
    // By address, and by a name that is looked up.
    let address = format!("localhost:{}", server.address().port());
    let folder = receiving(&address, &address, ", ends = true", "");
    let program = folder.start(&["--drain"]);
    let mut peer = server.accept().unwrap();
    // An empty line is a row, and bytes that are no text are left out.
    peer.write_all("to be\r\nor größer\n\n".as_bytes()).unwrap();
    peer.write_all(b"\xff\n").unwrap();
    program.line_with("größer");
    let many: String = (0..50_000).map(|n| format!("line {n}\n")).collect();
    peer.write_all(many.as_bytes()).unwrap();
    peer.write_all(b"the last").unwrap();
    drop(peer);
    let ran = program.wait().ended_with(0);
    let rows = ran.printed_rows();
    assert_eq!(rows[..2], ["to be", "or größer"]);
    // What is printed of a batch is cut off; all of it is counted.
    let n_rows =
        |line: &&str| -> u64 { line.split(" rows=").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap() };
    assert_eq!(ran.logged("batch completed").iter().map(n_rows).sum::<u64>(), 50_004);
}

#[test]
fn sockets_of_pythons_own_receive_lines_from_what_is_granted() {
    let server = Server::new().unwrap();
    let port = server.address().port();
    // Python takes more memory than others.
    let job = |grants: &str| {
        Folder::new(&format!(
            "[plugin.lines]\ncomponent = '{}'\nconfig = {{ host = \"localhost\", port = {port} }}\n{grants}\nmemory = \"256MiB\"\n\
             [stream.lines]\nsource = {{ type = \"lines/receive-lines\", on-failure = \"fail\" }}\n\
             [output.console]\ninput = \"lines\"\nsink = {{ type = \"print\", rows = 10 }}\n",
            component_in("python", "receive-lines").display()
        ))
    };
    let folder = job(&format!("grants = {{ connect = [\"localhost:{port}\"] }}"));
    // It takes long to compile, which the server then doesn't wait for.
    folder.check().ended_with(0);
    let program = folder.start(&["--drain"]);
    let mut peer = server.accept().unwrap();
    peer.write_all("to be\nor größer\n\nhalf a".as_bytes()).unwrap();
    program.line_with("größer");
    peer.write_all(b" line").unwrap();
    drop(peer);
    let ran = program.wait().ended_with(0);
    assert_eq!(ran.stdout.lines().filter(|line| ["to be", "or größer", "half a line"].contains(line)).count(), 3);

    let ran = job("grants = { connect = [\"localhost:1\"] }").run(&["--drain"]).ended_with(1);
    assert!(ran.stderr.contains(&format!("localhost:{port}: ")), "{}", ran.stderr);
    let ran = job("").check().ended_with(2);
    assert!(ran.stderr.contains("it imports wasi:sockets/"), "{}", ran.stderr);
}

#[test]
fn it_connects_again_when_the_server_is_back() {
    let server = Server::new().unwrap();
    let address = server.address();
    let text = address.to_string();
    let folder = receiving(&text, &text, "", "");
    let program = folder.start(&[]);
    let mut peer = server.accept().unwrap();
    peer.write_all(b"one\n").unwrap();
    program.line_with("one");
    drop((peer, server));
    program.line_with("closed the connection");
    program.line_with("connection refused");
    let server = Server::again_at(address).unwrap();
    let mut peer = server.accept().unwrap();
    peer.write_all(b"two\n").unwrap();
    program.line_with("two");
    program.signal("TERM");
    let ran = program.wait().ended_with(0);
    assert_eq!(ran.printed_rows(), ["one", "two"]);
    assert!(
        ran.stderr.contains("plugin lines, operator receive, stream lines, receiver 0 of 1, in receiver."),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_is_not_granted_is_refused_when_the_job_is_checked_or_when_it_is_tried() {
    let folder = receiving("127.0.0.1:1", "127.0.0.1:1", "", "");
    let text = folder.read("job.toml");
    let granted = "grants = { connect = [\"127.0.0.1:1\"] }\n";
    for (to, message, help) in [
        (
            "",
            "it imports wasi:sockets/network@0.2.12, wasi:sockets/instance-network@0.2.12, ",
            "if it is trusted with that, add grants = { connect = [\"HOST:PORT\"] }",
        ),
        ("grants = {}\n", "which is given only to plugins that may connect somewhere", "add grants"),
        (
            "grants = { connect = [\"127.0.0.1\"] }\n",
            "[plugin.lines] grants.connect: \"127.0.0.1\" is not an address: there is no port",
            "write host:port",
        ),
        ("grants = { connect = [\"a:1\", \"a:1\"] }\n", "\"a:1\" stands twice", "name each address once"),
        (
            "grants = { conect = [\"a:1\"] }\n",
            "[plugin.lines] grants: unknown key \"conect\"",
            "did you mean \"connect\"?",
        ),
        (
            "grants = { read = [\".\"] }\n",
            "which is given only to plugins that may connect somewhere",
            "add grants = { connect = [\"HOST:PORT\"] }",
        ),
        ("grants = \"all\"\n", "[plugin.lines] grants: a table is expected", "for example grants = { connect = "),
    ] {
        folder.write("job.toml", text.replace(granted, to));
        let ran = folder.check().ended_with(2);
        assert!(ran.stderr.contains("error: job.toml:"), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(message) && ran.stderr.contains(help),
            "no {message:?} or {help:?} in {}",
            ran.stderr
        );
    }
    let server = Server::new().unwrap();
    let folder = receiving(&server.address().to_string(), "127.0.0.1:1", "", ", on-failure = \"fail\"");
    let ran = folder.run(&[]).ended_with(1);
    assert!(
        ran.errors()[0].contains("the plugin is not granted to: add it to connect in its grants"),
        "{}",
        ran.stderr
    );
    let told = format!(
        "the plugin may not connect to {}: add what it needs to connect in grants of [plugin.lines]",
        server.address()
    );
    assert_eq!(ran.logged(&told).len(), 1, "{}", ran.stderr);
}

/// What the intruder answers to rows.
async fn attempts(grants: &[&str], rows: &[&str]) -> Result<Vec<String>, String> {
    attempts_within(PATIENCE, grants, rows).await
}

/// The same, where a call may take no longer than `time`.
async fn attempts_within(time: Duration, grants: &[&str], rows: &[&str]) -> Result<Vec<String>, String> {
    let job = TestJob::new();
    let connect = grants.iter().map(|address| address.parse().unwrap()).collect();
    let limits = Limits { time, grants: Grants { connect, ..Grants::NONE }, ..Limits::default() };
    let intruder = ComponentSource::File(component("intruder"));
    job.context.add_plugin(plugin("intruder", intruder, limits, "{}")).unwrap();
    let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
    let out = Collected::default();
    input.map("made", "intruder/attempt").unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(vec![lines(rows)]).unwrap();
    job.run(1).await.map_err(|error| error.to_string())?;
    Ok(out.rows(1000))
}

#[tokio::test(flavor = "multi_thread")]
async fn only_granted_addresses_are_reached() {
    let (server, other) = (Server::new().unwrap(), Server::new().unwrap());
    let (port, other) = (server.address().port(), other.address().port());
    let by_address = [
        (format!("connect 127.0.0.1:{port}"), "connected"),
        (format!("connect [::ffff:127.0.0.1]:{port}"), "connected"),
        (format!("connect 127.0.0.1:{other}"), "PermissionDenied"),
        (format!("connect localhost:{port}"), "PermissionDenied"),
        (format!("connect 127.0.0.2:{port}"), "PermissionDenied"),
        ("connect example.org:80".to_owned(), "PermissionDenied"),
        (format!("address 127.0.0.1:{port}"), "begun"),
        (format!("address 0.0.0.0:{port}"), "ErrorCode { code: 3, name: \"invalid-argument\""),
        (format!("listen 127.0.0.1:{port}"), "ErrorCode { code: 1, name: \"access-denied\""),
    ];
    let rows: Vec<&str> = by_address.iter().map(|(row, _)| row.as_str()).collect();
    let answers = attempts(&[&format!("127.0.0.1:{port}")], &rows).await.unwrap();
    for ((row, expected), answer) in by_address.iter().zip(&answers) {
        assert!(answer.starts_with(expected), "{row}: {answer}");
    }
    // A name's addresses are reached once it was looked up, and at the port that is granted.
    let by_name = [
        (format!("address 127.0.0.1:{port}"), "ErrorCode { code: 1, name: \"access-denied\""),
        (format!("connect 127.0.0.1:{port}"), "PermissionDenied"),
        (format!("connect LocalHost:{port}"), "connected"),
        (format!("address 127.0.0.1:{port}"), "begun"),
        (format!("connect localhost:{other}"), "PermissionDenied"),
    ];
    let rows: Vec<&str> = by_name.iter().map(|(row, _)| row.as_str()).collect();
    let answers = attempts(&[&format!("localhost:{port}")], &rows).await.unwrap();
    for ((row, expected), answer) in by_name.iter().zip(&answers) {
        assert!(answer.starts_with(expected), "{row}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_instance_holds_outside_and_how_long_it_waits_is_bounded() {
    let some = ["127.0.0.1:1"];
    assert_eq!(attempts(&some, &["sockets"]).await.unwrap(), ["16 sockets"]);
    let error = attempts(&some, &["resources"]).await.unwrap_err();
    assert!(error.contains("plugin intruder, operator attempt, stream made, batch 1000, partition 0 of 1"), "{error}");
    let error = attempts_within(Duration::from_millis(20), &some, &["wait"]).await.unwrap_err();
    assert!(error.contains("in transform.process: the call took longer than 20ms"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_come_back_as_they_were_sent() {
    let server = Server::new().unwrap();
    let address = server.address().to_string();
    // Another test's client, which looks for a server that had this port before, may come first, and say nothing for long: each has a thread of its own.
    std::thread::spawn(move || {
        while let Ok(mut client) = server.accept() {
            std::thread::spawn(move || {
                let mut to = client.try_clone().unwrap();
                std::io::copy(&mut client, &mut to)
            });
        }
    });
    assert_eq!(attempts(&[&address], &[&format!("echo {address}")]).await.unwrap(), ["whole"]);
}

/// Takes a batch, and answers.
fn take_batch(client: TcpStream, answer: &str) -> (String, Vec<String>) {
    let mut reader = BufReader::new(client);
    let mut header = String::new();
    reader.read_line(&mut header).unwrap();
    let (batch, n) = header.trim().split_once(' ').unwrap();
    let text = (0..n.parse().unwrap()).map(|_| {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    });
    let text = text.collect();
    reader.get_mut().write_all(answer.as_bytes()).unwrap();
    (batch.to_owned(), text)
}

#[test]
fn a_sink_sends_batches_to_a_server_and_a_commit_is_made_again_until_it_succeeds() {
    let server = Server::new().unwrap();
    let address: SocketAddr = server.address();
    let folder = Folder::new(&format!(
        "[plugin.lines]\ncomponent = \"{}\"\nconfig = {{ address = \"{address}\" }}\ngrants = {{ connect = [\"{address}\"] }}\n\
         [stream.lines]\nsource = {{ type = \"files\", path = \"in\", format = \"text\" }}\n\
         [output.away]\ninput = \"lines\"\nsink = {{ type = \"lines/send\" }}\n",
        component("lines").display()
    ));
    folder.write("in/a", "to be\nor not\n");
    let program = folder.start(&["--batches", "1"]);
    // The first commit is broken off, and comes again.
    drop(server.accept().unwrap());
    let (batch, text) = take_batch(server.accept().unwrap(), "ok\n");
    assert_eq!(text, ["to be", "or not"]);
    let ran = program.wait().ended_with(0);
    assert!(ran.logged("batch completed")[0].contains(&format!("batch_time={batch} ")), "{}", ran.stderr);

    let program = folder.start(&["--batches", "1"]);
    take_batch(server.accept().unwrap(), "no\n");
    let ran = program.wait().ended_with(1);
    let error = ran.errors()[0];
    assert!(
        error.contains("output \"away\", batch ")
            && error.ends_with("in sink.commit: the operator failed: the server answered \"no\\n\""),
        "{error}"
    );
}

//! Sockets: what peers do wrong, and what is lost by it.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use sluicebox::arrow::datatypes::DataType;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::job::{Collected, Held, SECOND, TestJob};
use sluicebox_tests::server::{Server, send_until_held, until_arrived};

/// Prints all lines of a socket, whose address `--set` gives.
const LINES: &str = r#"
[stream.lines]
source = { type = "socket", address = "set:1" }

[output.console]
input = "lines"
sink = { type = "print", rows = 1000 }
"#;

/// A line that is as long as it may be must get through however small the memory, and one that could not is refused before the job starts.
#[test]
fn the_longest_line_fits_into_memory() {
    for (memory, max_line) in [("64MiB", None), ("64MiB", Some("15MiB")), ("1GiB", None)] {
        let server = Server::new().unwrap();
        let folder = Folder::new(
            &LINES
                .replace("input = \"lines\"", "input = \"length\"")
                .replace("[output", "[stream.length]\nsql = \"select octet_length(value) as n from lines\"\n[output"),
        );
        let mut arguments = vec!["--drain".into(), "--set".into(), address_of(&server)];
        arguments.extend(["--set".into(), format!("job.memory={memory}")]);
        if let Some(max_line) = max_line {
            arguments.extend(["--set".into(), format!("stream.lines.source.max-line={max_line}")]);
        }
        let longest = match (memory, max_line) {
            (_, Some(_)) => 15 << 20,
            ("64MiB", None) => 8 << 20,
            _ => 16 << 20,
        };
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let program = folder.start(&arguments);
        let mut peer = server.accept().unwrap();
        for length in [longest, longest + 1, longest] {
            peer.write_all(&vec![b'x'; length]).unwrap();
            peer.write_all(b"\r\n").unwrap();
        }
        drop(peer);
        let ran = program.wait().ended_with(0);
        assert_eq!(ran.printed_rows(), [longest.to_string(), longest.to_string()], "{memory}, {max_line:?}");
    }
    let folder = Folder::new(&LINES.replace("set:1\"", "localhost:1\", max-line = \"16MiB\""));
    let ran = folder.run(&["--set", "job.memory=64MiB"]).ended_with(2);
    assert_eq!(
        ran.stderr,
        "error: job.toml:6:1: stream \"lines\": max-line is 16.0 MiB: the longest lines of all sockets take 33.0 MiB while they are received, and \
         blocks may have half of [job] memory, 32.0 MiB\n  help: lower max-line, or raise [job] memory\n"
    );
}

/// Prints all messages of a socket.
fn messages(more: &str) -> Folder {
    Folder::new(&LINES.replace("\"set:1\"", &format!("\"set:1\", framing = \"length-prefixed\"{more}")))
}

/// The message after its length.
fn framed(message: &[u8]) -> Vec<u8> {
    [&u32::try_from(message.len()).unwrap().to_be_bytes(), message].concat()
}

#[test]
fn messages_arrive_whole_over_connections_and_what_is_lost_is_counted() {
    let server = Server::new().unwrap();
    let folder = messages(", max-message = \"1MiB\"");
    let program = folder.start(&["--set", &address_of(&server)]);
    let mut peer = server.accept().unwrap();
    // The second comes in three pieces, each once the one before has arrived.
    let second = framed(b"\xFF\n\0");
    peer.write_all(&[framed(b"one"), second[..2].to_vec()].concat()).unwrap();
    program.line_with("6f6e65");
    peer.write_all(&second[2..5]).unwrap();
    until_arrived(&peer);
    peer.write_all(&[&second[5..], &framed(b"")].concat()).unwrap();
    program.line_with("ff0a00");
    peer.write_all(&framed(&vec![b'x'; (1 << 20) + 1])).unwrap();
    peer.write_all(&[framed(b"after"), framed(b"cut off")[..8].to_vec()].concat()).unwrap();
    program.line_with("6166746572");
    drop(peer);
    program.line_with("closed the connection");
    let mut peer = server.accept().unwrap();
    peer.write_all(&framed(b"again")).unwrap();
    program.line_with("616761696e");
    program.signal("TERM");
    let ran = program.wait().ended_with(0);
    assert_eq!(ran.printed_rows(), ["6f6e65", "ff0a00", "6166746572", "616761696e"], "and the empty one");
    let told = ran.logged("left out a message that is longer than max-message");
    assert!(told.len() == 1 && told[0].contains("position=18 "), "{told:#?}");
    assert_eq!(
        ran.logged("left out a message that was cut off by the end of the connection").len(),
        1,
        "{}",
        ran.stderr
    );
    let stopped = ran.logged("source stopped")[0];
    assert!(stopped.ends_with("rows_received=5 lines_dropped=2"), "{stopped}");
}

#[test]
fn a_message_as_long_as_may_be_fits_and_a_drained_job_ends_with_its_peer() {
    let server = Server::new().unwrap();
    let folder = messages("");
    let program = folder.start(&["--drain", "--set", &address_of(&server), "--set", "job.memory=64MiB"]);
    let mut peer = server.accept().unwrap();
    // An eighth of the memory.
    for length in [8 << 20, (8 << 20) + 1, 8 << 20] {
        peer.write_all(&framed(&vec![0; length])).unwrap();
    }
    drop(peer);
    let ran = program.wait().ended_with(0);
    let stopped = ran.logged("source stopped")[0];
    assert!(stopped.ends_with("rows_received=2 lines_dropped=1"), "{stopped}");
    let told = messages(", max-message = \"16MiB\"").run(&["--set", "job.memory=64MiB"]).ended_with(2).stderr;
    assert!(
        told.contains("stream \"lines\": max-message is 16.0 MiB: the longest lines and messages of all sockets"),
        "{told}"
    );
    assert!(told.ends_with("help: lower max-message, or raise [job] memory\n"), "{told}");
}

#[test]
fn how_a_socket_is_framed_is_checked() {
    for (more, mistake, help) in [
        (
            "\", framing = \"lenght-prefixed",
            "source.framing: \"lenght-prefixed\" is not known",
            "did you mean \"length-prefixed\"?",
        ),
        (
            "\", max-message = \"1MiB",
            "source.max-message: this socket sends lines",
            "say max-line instead, or another framing",
        ),
        (
            "\", framing = \"length-prefixed\", max-line = \"1MiB",
            "source.max-line: this socket sends messages",
            "say max-message instead, or another framing",
        ),
        (
            "\", framing = \"length-prefixed\", max-message = \"1GiB",
            "source.max-message: \"1GiB\" is out of range",
            "\"256MiB\"",
        ),
    ] {
        let told = Folder::new(&LINES.replace("set:1", &format!("localhost:1{more}"))).check().ended_with(2).stderr;
        assert!(told.starts_with("error: job.toml:6:") && told.contains(mistake) && told.contains(help), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_a_column_of_bytes() {
    let server = Server::new().unwrap();
    let job = TestJob::with(|options| options.drain = true);
    let input = job.context.socket_message_stream("messages", &server.address().to_string()).unwrap();
    let out = Collected::default();
    input.write_to("out", Arc::new(out.clone())).unwrap();
    let served = server.serve_once([framed(b"\xFF"), framed(b"text")].concat());
    let mut job = job.start().await.unwrap();
    assert_eq!(out.schema().field(0).data_type(), &DataType::Binary);
    served.join().unwrap().unwrap();
    while out.commits().iter().map(|batch| out.rows(*batch).len()).sum::<usize>() < 2 {
        job.batch().await.unwrap();
    }
    let rows: Vec<_> = out.commits().into_iter().flat_map(|batch| out.rows(batch)).collect();
    assert_eq!(rows, ["ff", "74657874"]);
}

fn address_of(server: &Server) -> String {
    format!("stream.lines.source.address={}", server.address())
}

#[test]
fn lines_that_cant_be_read_are_left_out_and_counted() {
    let server = Server::new().unwrap();
    let folder = Folder::new(LINES);
    let address = address_of(&server);
    let program = folder.start(&["--drain", "--set", &address, "--set", "job.memory=64MiB"]);
    let mut peer = server.accept().unwrap();
    peer.write_all(b"before\r\n\xFF\xFE not text\n").unwrap();
    program.line_with("before");
    let before = program.peak_memory();
    for _ in 0..100 {
        peer.write_all(&[b'x'; 1 << 20]).unwrap();
    }
    peer.write_all("\nafter größer\n".as_bytes()).unwrap();
    program.line_with("after");
    let grown = program.peak_memory() - before;
    peer.write_all(&b"\xC3(\n".repeat(50_000)).unwrap();
    peer.write_all(b"last, without an end").unwrap();
    drop(peer);
    let ran = program.wait().ended_with(0);
    assert_eq!(ran.printed_rows(), ["before", "after größer", "last, without an end"]);
    // By no more than a line may have, and what the system keeps of buffers that were outgrown.
    assert!(grown < 32 << 20, "{grown} bytes");
    let told = ran.logged("left out a line that isn't valid UTF-8");
    assert!((1..=20).contains(&told.len()), "once, then ever less often: {told:#?}");
    assert!(told[0].contains("position=8 "), "{}", told[0]);
    assert_eq!(ran.logged("left out a line that is longer than max-line").len(), 1, "{}", ran.stderr);
    assert_eq!(
        ran.logged("source stopped")[0].split(" source stopped ").nth(1).unwrap(),
        "stream=\"lines\" rows_received=3 lines_dropped=50002"
    );
    let in_batches: u64 = ran.logged("batch completed").iter().map(|line| field(line, "dropped")).sum();
    assert_eq!(in_batches, 50_002, "{}", ran.stderr);
}

/// The number of a field of a log line.
fn field(line: &str, name: &str) -> u64 {
    let value = line.split(&format!(" {name}=")).nth(1).unwrap_or_else(|| panic!("no {name} in {line}"));
    value.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_refused_connection_and_a_closed_one_are_made_again() {
    let folder = Folder::new(LINES);
    // Free for now, and nobody listens.
    let address = Server::new().unwrap().address();
    let set = format!("stream.lines.source.address={address}");
    let program = folder.start(&["--set", &set]);
    let refused = program.line_with("can't connect");
    assert!(refused.contains("Connection refused") && refused.contains("connecting again every 2s"), "{refused}");
    let server = Server::again_at(address).unwrap();
    let mut peer = server.accept().unwrap();
    peer.write_all(b"one\ntwo\n").unwrap();
    program.line_with("two");
    drop(peer);
    program.line_with("closed the connection");
    let mut peer = server.accept().unwrap();
    peer.write_all(b"three\nfour\n").unwrap();
    program.line_with("four");
    program.signal("TERM");
    let ran = program.wait().ended_with(0);
    assert_eq!(ran.printed_rows(), ["one", "two", "three", "four"]);
    assert!(ran.logged("can't connect").len() <= 3, "not with every batch:\n{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drained_job_fails_when_its_server_is_never_there() {
    let nobody = Server::new().unwrap().address().to_string();
    let job = TestJob::with(|options| options.drain = true);
    let input = job.context.socket_text_stream("lines", &nobody).unwrap();
    input.write_to("out", Arc::new(Collected::default())).unwrap();
    let job = job.start().await.unwrap();
    let moving = tokio::spawn({
        let clock = job.clock.clone();
        async move {
            loop {
                clock.advance(SECOND);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    });
    let error = job.job.await_termination().await.unwrap_err().to_string();
    moving.abort();
    let expected = format!("stream \"lines\": can't connect to {nobody} for ");
    assert!(error.starts_with(&expected) && error.ends_with("start its server first"), "{error}");
}

/// A job that sends `most` bytes to a job whose outputs wait, until it is held up; then the outputs go on, and all must arrive.
async fn held_back(change: impl FnOnce(&mut sluicebox::job::definition::JobOptions), n_batches: usize, at_most: usize) {
    const MOST: usize = 96 << 20;
    let line = format!("{:01023}\n", 7);
    let text = line.repeat(1024);
    let server = Server::new().unwrap();
    let job = TestJob::with(|options| options.drain = true);
    job.context.job(change).unwrap();
    let input = job.context.socket_text_stream("lines", &server.address().to_string()).unwrap();
    let out = Collected::default();
    let (slow, open) = Held::new(out.clone());
    input.count("count").unwrap().write_to("out", Arc::new(slow)).unwrap();
    let job = job.start().await.unwrap();
    for _ in 0..n_batches {
        job.clock.advance(SECOND);
    }
    let (mut peer, text, sent) = tokio::task::spawn_blocking(move || {
        let mut peer = server.accept().unwrap();
        let sent = send_until_held(&mut peer, text.as_bytes(), MOST).unwrap();
        (peer, text, sent)
    })
    .await
    .unwrap();
    assert!(sent < at_most, "{sent} bytes were taken of a sender that should be held up");
    open.send_replace(true);
    let rest = tokio::task::spawn_blocking(move || {
        let mut sent = sent;
        while sent < MOST {
            sent += peer.write(&text.as_bytes()[sent % text.len()..]).unwrap();
        }
        sent
    });
    let moving = tokio::spawn({
        let clock = job.clock.clone();
        async move {
            loop {
                clock.advance(SECOND);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    });
    let sent = rest.await.unwrap();
    job.job.await_termination().await.unwrap();
    moving.abort();
    let counts: u64 =
        out.commits().into_iter().flat_map(|batch| out.rows(batch)).map(|n| n.parse::<u64>().unwrap()).sum();
    assert_eq!(counts, sent.div_ceil(1024) as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_of_blocks_holds_the_sender_back() {
    // Four blocks of a mebibyte, and what is on its way in the system's buffers.
    let change = |job: &mut sluicebox::job::definition::JobOptions| {
        (job.block_queue, job.block_size) = (4, 1 << 20);
    };
    held_back(change, 0, 32 << 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_job_holds_the_sender_back_before_memory_is_used_up() {
    // Half of the memory may be blocks, whichever batches they belong to.
    let change = |job: &mut sluicebox::job::definition::JobOptions| job.memory = 64 << 20;
    held_back(change, 3, 64 << 20).await;
}

//! SIGINT and SIGTERM: the first drains the job, the second ends it at once.

use std::io::Write;
use std::time::{Duration, Instant};

use sluicebox_tests::folder::Folder;
use sluicebox_tests::plugins::component;
use sluicebox_tests::program::Running;
use sluicebox_tests::server::{Deaf, Server, until_arrived};

/// Counts the lines of a socket, whose address `--set` gives.
const COUNT: &str = r#"
[stream.lines]
source = { type = "socket", address = "set:1" }

[stream.how-many]
input = "lines"
count = true

[output.console]
input = "how-many"
sink = { type = "print" }
"#;

#[test]
fn what_was_sent_before_a_signal_is_counted() {
    for signal in ["INT", "TERM"] {
        let server = Server::new().unwrap();
        let folder = Folder::new(COUNT);
        let address = format!("stream.lines.source.address={}", server.address());
        // No batch time comes before the signal, and so most of it waits in the system's buffers: no more than two blocks may wait in the job.
        let [interval, queue, size] = ["job.batch-interval=1h", "job.block-queue=1", "job.block-size=4KiB"];
        let program = folder.start(&["--set", &address, "--set", interval, "--set", queue, "--set", size]);
        let mut peer = server.accept().unwrap();
        peer.write_all("a line\n".repeat(10_000).as_bytes()).unwrap();
        peer.write_all(b"cut o").unwrap();
        until_arrived(&peer);
        program.signal(signal);
        let ran = program.wait().ended_with(0);
        assert_eq!(ran.printed_rows(), ["10000"], "SIG{signal}");
        let told = ran.logged("a second signal stops at once");
        assert!(told.len() == 1 && told[0].contains(&format!("SIG{signal}")), "{}", ran.stderr);
    }
}

#[test]
fn a_signal_ends_a_job_that_is_not_connected() {
    let folder = Folder::new(COUNT);
    let nobody = format!("stream.lines.source.address={}", Server::new().unwrap().address());
    let program = folder.start(&["--set", &nobody, "--set", "job.batch-interval=1h"]);
    program.line_with("can't connect");
    let since = Instant::now();
    program.signal("TERM");
    let ran = program.wait().ended_with(0);
    assert!(since.elapsed() < Duration::from_secs(10), "it waited for {:?}", since.elapsed());
    assert_eq!(ran.printed_rows(), [""; 0]);
}

/// Ends the program, which must have nothing left to do, by a signal.
fn ends_soon(program: Running) {
    let since = Instant::now();
    program.signal("TERM");
    let ran = program.wait().ended_with(0);
    assert!(since.elapsed() < Duration::from_secs(10), "it waited for {:?}", since.elapsed());
    assert_eq!(ran.printed_rows(), [""; 0]);
}

#[test]
fn a_signal_ends_a_job_whose_server_doesnt_answer() {
    let deaf = Deaf::new().unwrap();
    let address = deaf.address();
    let of_socket = format!("source = {{ type = \"socket\", address = \"{address}\" }}\n");
    let of_plugin = format!(
        "source = {{ type = \"lines/receive\" }}\n[plugin.lines]\ncomponent = \"{}\"\ngrants = {{ connect = [\"{address}\"] }}\nconfig = {{ address = \"{address}\" }}\n",
        component("lines").display()
    );
    for source in [of_socket, of_plugin] {
        let output = "[output.console]\ninput = \"lines\"\nsink = { type = \"print\" }\n";
        let folder = Folder::new(&format!("[stream.lines]\n{source}{output}"));
        let program = folder.start(&[]);
        deaf.until_knocked();
        ends_soon(program);
    }
}

#[test]
fn a_signal_ends_a_job_of_files_after_what_its_batches_were_given() {
    let folder = Folder::new(
        r#"
[stream.lines]
source = { type = "files", path = "in", format = "text" }

[output.console]
input = "lines"
sink = { type = "print" }
"#,
    );
    folder.write("in/a", "one\n");
    let program = folder.start(&["--log-level", "debug"]);
    program.line_with("batch started");
    program.signal("TERM");
    assert_eq!(program.wait().ended_with(0).printed_rows(), ["one"]);
}

#[test]
fn an_output_that_hangs_is_given_up_when_the_stop_takes_too_long() {
    let folder = Folder::new(
        r#"
[stream.lines]
source = { type = "files", path = "in", format = "text" }

[output.one]
input = "lines"
sink = { type = "print", rows = 1000000 }

[output.two]
input = "lines"
sink = { type = "print", rows = 1000000 }
"#,
    );
    // More than a pipe holds, as an output prints no more than that of a batch, and nobody reads.
    folder.write("in/a", "a line that takes room\n".repeat(20_000));
    let program = folder.start_unread(&["--log-level", "debug", "--set", "job.stop-timeout=500ms"]);
    program.line_with("output written");
    program.line_with("output written");
    program.signal("TERM");
    program.line_with("a second signal stops at once");
    let ran = program.wait().ended_with(1);
    assert_eq!(
        ran.errors(),
        ["error: the job did not stop within 500ms: batches that were not done are given up; raise [job] stop-timeout"]
    );
}

/// A job whose first batch takes very long, and that works on it.
fn busy(stop_timeout: &str) -> (Folder, sluicebox_tests::program::Running) {
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
    let timeout = format!("job.stop-timeout={stop_timeout}");
    let program = folder.start(&["--log-level", "debug", "--set", &timeout]);
    program.line_with("batch started");
    (folder, program)
}

#[test]
fn a_second_signal_leaves_at_once() {
    let (_folder, program) = busy("1h");
    program.signal("TERM");
    program.line_with("a second signal stops at once");
    let since = Instant::now();
    program.signal("INT");
    let ran = program.wait().ended_with(1);
    assert!(since.elapsed() < Duration::from_secs(10), "it took {:?}", since.elapsed());
    assert_eq!(
        ran.errors(),
        ["error: stopped at once by a second signal, SIGINT, before all that was received was written"]
    );
}

#[test]
fn a_graceful_stop_takes_no_longer_than_it_may() {
    let (_folder, program) = busy("200ms");
    program.signal("INT");
    let ran = program.wait().ended_with(1);
    assert_eq!(
        ran.errors(),
        ["error: the job did not stop within 200ms: batches that were not done are given up; raise [job] stop-timeout"]
    );
}

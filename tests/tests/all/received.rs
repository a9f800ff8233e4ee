//! Rows that were received survive the program, wherever it is killed: each is in the output once, and none that was acknowledged is lost.

use std::io::Write;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sluicebox::checkpoint::fault_point::FaultPoint;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::numbered::NumberedServer;
use sluicebox_tests::plugins::component;
use sluicebox_tests::program::{Running, program};
use sluicebox_tests::server::Server;

/// A job of this source into files of JSON lines, with a checkpoint beside it.
fn folder(source: &str) -> Folder {
    let folder = Folder::with_job("");
    let checkpoint = folder.path("checkpoint");
    let job = format!(
        "[job]\nname = \"test\"\nbatch-interval = \"100ms\"\nblock-interval = \"20ms\"\ncheckpoint = \"file://{}\"\n{source}\
         [output.out]\ninput = \"lines\"\nsink = {{ type = \"files\", path = \"out\", format = \"json\" }}\n",
        checkpoint.display()
    );
    folder.write("job.toml", job);
    folder
}

fn numbered(server: &NumberedServer, more: &str) -> String {
    let address = server.address();
    format!(
        "[plugin.lines]\ncomponent = \"{}\"\nconfig = {{ address = \"{address}\", ends = true }}\ngrants = {{ connect = [\"{address}\"] }}\n\
         [stream.lines]\nsource = {{ type = \"lines/acknowledged\", max-time = \"20ms\"{more} }}\n",
        component("lines").display()
    )
}

/// The column of all committed rows, batch after batch.
fn rows(folder: &Folder, column: &str) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder.path("out"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("batch-"))
        .flat_map(|batch| std::fs::read_dir(batch).unwrap().map(|entry| entry.unwrap().path()))
        .collect();
    files.sort();
    let text: String = files.into_iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let value = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        row[column].as_str().map_or_else(|| row[column].to_string(), str::to_owned)
    };
    text.lines().map(value).collect()
}

fn sorted_numbers(folder: &Folder) -> Vec<u64> {
    let mut numbers: Vec<u64> = rows(folder, "number").iter().map(|number| number.parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

/// Start the program, to be killed at a place of it.
fn start_to_die(folder: &Folder, at: &str) -> Running {
    let mut command = Command::new(program());
    command.args(["run", "job.toml"]).current_dir(folder.path("")).env("SLUICEBOX_FAULT_POINT", at);
    Running::spawn(command)
}

#[test]
fn a_sender_that_waits_for_acknowledgements_loses_nothing_wherever_the_program_is_killed() {
    let server = Arc::new(NumberedServer::new());
    let folder = folder(&numbered(&server, ""));
    let is_over = Arc::new(AtomicBool::new(false));
    let sending = std::thread::spawn({
        let (server, is_over) = (server.clone(), is_over.clone());
        move || {
            let mut n_lines = 0;
            while !is_over.load(Ordering::Relaxed) {
                server.add((n_lines..n_lines + 20).map(|n| format!("line {n}")));
                n_lines += 20;
                std::thread::sleep(Duration::from_millis(5));
            }
            n_lines
        }
    });
    let points = [
        FaultPoint::ReceivedBefore,
        FaultPoint::ReceivedAfter,
        FaultPoint::PlanBefore,
        FaultPoint::PlanAfter,
        FaultPoint::ReceivedClosed,
        FaultPoint::RecoverAfter,
        FaultPoint::ReceivedRemove,
        FaultPoint::ResultBefore,
        FaultPoint::DoneBefore,
        FaultPoint::DoneAfter,
    ];
    for point in points {
        // The first passages may be ones in which nothing has happened yet; some are only come to once.
        let once = [FaultPoint::ReceivedClosed, FaultPoint::RecoverAfter, FaultPoint::ReceivedRemove];
        let passage = if once.contains(&point) { 1 } else { 3 };
        let ran = start_to_die(&folder, &format!("{point}:{passage}")).wait();
        assert_eq!(ran.code, None, "{point}: {}", ran.stderr);
    }
    is_over.store(true, Ordering::Relaxed);
    let n_lines = sending.join().unwrap();
    server.complete();
    folder.run(&["--drain"]).ended_with(0);
    assert_eq!(server.mistakes(), [""; 0]);
    assert_eq!(server.acknowledged(), n_lines);
    assert_eq!(sorted_numbers(&folder), (0..n_lines).collect::<Vec<_>>());
}

#[test]
fn rows_are_acknowledged_before_their_batch_is_done() {
    let server = NumberedServer::new();
    // The first batch is at midnight, and takes none of the rows: they are safe all the same.
    let folder = folder(&numbered(&server, ""));
    let daily = folder.read("job.toml").replace("batch-interval = \"100ms\"", "batch-interval = \"24h\"");
    folder.write("job.toml", daily);
    server.add((0..100).map(|n| format!("line {n}")));
    let program = folder.start(&[]);
    program.line_with("is connected to");
    // A block is cut by the first rows that come after its time.
    let mut n_lines = 100;
    while server.acknowledged() < 100 {
        server.add([format!("line {n_lines}")]);
        n_lines += 1;
        std::thread::sleep(Duration::from_millis(25));
        assert!(n_lines < 2500, "nothing was acknowledged within a minute");
    }
    program.signal("KILL");
    assert_eq!(program.wait().code, None);
    let text = folder.read("job.toml").replace("batch-interval = \"24h\"", "batch-interval = \"100ms\"");
    folder.write("job.toml", text);
    server.complete();
    let ran = folder.run(&["--drain"]).ended_with(0);
    assert!(!ran.logged("received blocks are taken up from the log").is_empty(), "{}", ran.stderr);
    assert_eq!((server.mistakes(), sorted_numbers(&folder)), (vec![], (0..n_lines).collect()));
}

#[test]
fn what_a_socket_has_logged_is_neither_lost_nor_repeated() {
    let server = Server::new().unwrap();
    let address = server.address();
    let source = format!("[stream.lines]\nsource = {{ type = \"socket\", address = \"{address}\" }}\n");
    let folder = folder(&source);
    let slow = folder.read("job.toml").replace("batch-interval = \"100ms\"", "batch-interval = \"10s\"");
    folder.write("job.toml", slow);
    // Killed when the log has the rows of the first blocks, and most likely no batch has.
    let program = start_to_die(&folder, "received-after:4");
    let mut peer = server.accept().unwrap();
    peer.write_all("to be\nor not\n".repeat(1000).as_bytes()).unwrap();
    let mut n = 0;
    while peer.write_all(format!("{n}\n").as_bytes()).is_ok() {
        n += 1;
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(program.wait().code, None);
    let fast = folder.read("job.toml").replace("batch-interval = \"10s\"", "batch-interval = \"100ms\"");
    folder.write("job.toml", fast);
    let program = folder.start(&[]);
    let mut peer = server.accept().unwrap();
    peer.write_all(b"the last\n").unwrap();
    drop(peer);
    // It may come with what the log has, in one batch, or after it.
    let is_there = (0..600).any(|_| {
        program.line_with("batch completed");
        rows(&folder, "value").iter().any(|row| row == "the last")
    });
    assert!(is_there, "the last line isn't written within 600 batches");
    program.signal("TERM");
    program.wait().ended_with(0);
    let rows = rows(&folder, "value");
    let words = rows.iter().filter(|row| row.parse::<u64>().is_err()).count();
    assert_eq!(words, 2001, "{:?}", &rows[rows.len().saturating_sub(5)..]);
    // What was in the dead program's buffers is gone; what came before it is there, in order.
    let numbers: Vec<u64> = rows.iter().filter_map(|row| row.parse().ok()).collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
}

#[test]
fn a_job_that_logs_no_blocks_says_what_it_loses() {
    let server = NumberedServer::new();
    let folder = folder(&numbered(&server, ", log = false"));
    server.add((0..500).map(|n| format!("line {n}")));
    let ran = start_to_die(&folder, "result-before:3").wait();
    assert_eq!(ran.code, None, "{}", ran.stderr);
    server.complete();
    folder.run(&["--drain"]).ended_with(0);
    // The sender gives again what wasn't acknowledged, so nothing is lost.
    let mut numbers = sorted_numbers(&folder);
    numbers.dedup();
    assert_eq!((server.mistakes(), numbers), (vec![], (0..500).collect()));
}

#[test]
fn a_log_that_cant_be_written_fails_the_job_and_loses_nothing() {
    let server = NumberedServer::new();
    let folder = folder(&numbered(&server, ""));
    server.add((0..1000).map(|n| format!("line {n}")));
    // No file may have more than 32 MiB, so that there is no room for a segment: as a disk that is full says it.
    let command = format!("trap '' XFSZ; ulimit -f 32768; exec {} run job.toml", program().display());
    let mut shell = Command::new("bash");
    shell.args(["-c", &command]).current_dir(folder.path(""));
    let ran = Running::spawn(shell).wait().ended_with(1);
    let errors = ran.errors();
    assert!(
        errors.len() == 1
            && errors[0].contains("the log of received blocks: checkpoint file:///")
            && errors[0].contains("File too large"),
        "{}",
        ran.stderr
    );
    server.complete();
    folder.run(&["--drain"]).ended_with(0);
    assert_eq!((server.mistakes(), sorted_numbers(&folder)), (vec![], (0..1000).collect()));
}

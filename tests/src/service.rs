//! A server that tests share: another program, which runs until the last test has ended.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::plugins::repository;

/// A server that runs. It ends with this process, however that ends.
#[derive(Debug)]
pub struct Service {
    /// Its process.
    pub pid: u32,
}

impl Service {
    /// Start a server, and wait, a minute at most, until it takes connections at `address`.
    ///
    /// # Panics
    /// When it can't be started, or ends before; with what it printed.
    pub fn start(name: &str, mut command: Command, address: SocketAddr) -> Self {
        let (send, receive) = mpsc::channel();
        let shown = format!("{command:?}");
        // A child is told of its parent's end when the thread that started it ends, so that one never does.
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
                // SAFETY: prctl is safe to call between fork and exec.
                unsafe { command.pre_exec(die_with_parent) };
                // Nobody waits for it any more where the test has failed.
                let _ = send.send(command.spawn());
                loop {
                    std::thread::park();
                }
            })
            .expect("a thread can be started");
        let child = receive.recv().expect("the thread sends");
        let mut child = child.unwrap_or_else(|error| panic!("{name}: {shown} can't be run: {error}"));
        let said = read(&mut child);
        for _ in 0..6000 {
            if TcpStream::connect(address).is_ok() {
                return Self { pid: child.id() };
            }
            if let Ok(Some(status)) = child.try_wait() {
                panic!("{name}: {shown} ended, {status}:\n{}", said.join().unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{name}: {shown} took no connection within a minute");
    }
}

/// What a server says of errors; read to its end, so that it is never held up.
fn read(child: &mut Child) -> std::thread::JoinHandle<String> {
    let pipe = child.stderr.take().expect("piped");
    std::thread::spawn(move || {
        let mut kept = String::new();
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if kept.len() < 100_000 {
                kept = kept + &line + "\n";
            }
        }
        kept
    })
}

fn die_with_parent() -> std::io::Result<()> {
    // SAFETY: takes plain numbers.
    match unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

/// A folder for what servers of this process keep. Statics aren't dropped, so that what earlier processes left is removed by the next.
///
/// # Panics
/// When it can't be made.
pub fn data_folder(name: &str) -> PathBuf {
    let all = repository().join(".cache/tests").join(name);
    for left in std::fs::read_dir(&all).into_iter().flatten().flatten() {
        if !Path::new("/proc").join(left.file_name()).exists() {
            let _ = std::fs::remove_dir_all(left.path());
        }
    }
    let own = all.join(std::process::id().to_string());
    std::fs::create_dir_all(&own).expect("the cache can be written");
    own
}

/// An address of the loopback interface that was free a moment ago.
///
/// # Panics
/// When there is none.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("a bound listener has an address")
}

//! The control server of a running job: what it does can be looked at, and it can be paused, resumed, drained and stopped.
//!
//! Requests come in over HTTP/1.1. [`guard`] says who is answered; [`routes`] is the table of what can be asked, from which [`openapi`] makes its document; [`calls`] does it, [`swapping`] what gives plugins other components, and [`applying`] what gives the job another file. [`look`] makes
//! [`view`]s of the job and of what a [`Monitor`] has seen of its events, and [`metrics`] the same for Prometheus, in the format of [`exposition`]. [`registry`] is how this
//! user's other programs find the server and its [`token`]; [`client`] asks it.
//!
//! It works on the I/O runtime. It takes no lock that a batch holds for longer than a moment, and everything a client can make it hold has a bound: connections, headers, bodies, time.
//!
//! ```no_run
//! use std::sync::Arc;
//! use sluicebox::context::{Options, prepare};
//! use sluicebox::job::definition::Definition;
//! use sluicebox::server::{Bound, ControlOptions, Monitor};
//!
//! # async fn run(definition: Definition) -> sluicebox::error::Result<()> {
//! let monitor = Monitor::new();
//! let options = Options { listeners: vec![monitor.clone()], ..Options::default() };
//! let bound = Bound::new(ControlOptions::default()).await?;
//! let job = Arc::new(prepare(definition, &options)?.start(&options)?);
//! let server = bound.serve(&job, monitor);
//! let result = job.await_termination().await;
//! server.end(&result).await;
//! result
//! # }
//! ```

mod answer;
mod applying;
mod calls;
pub mod client;
pub mod exposition;
mod guard;
mod look;
mod metrics;
mod monitor;
mod openapi;
pub mod query;
pub mod registry;
mod routes;
mod schema;
mod stalling;
mod swapping;
pub mod token;
pub mod view;

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::context::RunningJob;
use crate::error::{Error, Result};
use crate::job::definition::{ControlDefinition, Place};

use calls::Desk;
use registry::{Entry, Registered, Registry};
use stalling::Stalling;
use token::Token;

pub use monitor::{KEPT_BATCHES, Monitor};

/// Connections at a time; others wait until the system is tired of them.
const MOST_CONNECTIONS: usize = 64;
/// Components that are taken in at a time.
const MOST_COMPONENTS: usize = 2;
/// How long a request's head may take to come, and an idle connection is kept.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take nothing of an answer.
const STALL_TIMEOUT: Duration = Duration::from_secs(10);
/// Headers of a request.
const MOST_HEADERS: usize = 64;
/// Bytes of a request's head.
const MOST_HEAD_BYTES: usize = 64 << 10;
/// How long answers on their way are waited for once the job has ended, and those who are to ask for its end again.
const PARTING: Duration = Duration::from_secs(1);
/// How long it is waited when the system gives no more connections.
const NO_CONNECTIONS: Duration = Duration::from_millis(100);

/// Where a control server listens, and who finds it.
#[derive(Debug, Clone)]
pub struct ControlOptions {
    /// `[job] control`.
    pub control: ControlDefinition,
    /// Where it is listed.
    pub registry: Registry,
    /// The job file, if it is of one.
    pub job_file: Option<String>,
}

impl Default for ControlOptions {
    fn default() -> Self {
        Self { control: ControlDefinition::default(), registry: Registry::of_user(), job_file: None }
    }
}

/// A control server that has its address, and nobody to tell of yet.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    tokens: Vec<Token>,
    /// The token that the registry has.
    local: Token,
    options: ControlOptions,
}

impl Bound {
    /// Take the address and read the token, before the job starts: then it needn't be stopped if that fails.
    ///
    /// # Errors
    /// When it can't listen there, or the token can't be read.
    pub async fn new(options: ControlOptions) -> Result<Self> {
        let control = &options.control;
        let local = Token::random()?;
        let tokens: Vec<Token> = Token::configured(control)?.into_iter().chain([local.clone()]).collect();
        let place = control.place.clone().unwrap_or(Place::Program);
        let cant = |error: std::io::Error| {
            let message = format!("[job] control: the control server can't listen at {}: {error}", control.address);
            Error::failed(place.wrong(message).help("choose another address, or port 0, or control = false"))
        };
        let listener = TcpListener::bind(control.address).await.map_err(cant)?;
        let address = listener.local_addr().map_err(cant)?;
        Ok(Self { listener, address, tokens, local, options })
    }

    /// Tell of `job`, whose events `monitor` is told, and put it into the registry. A registry that can't be written to is a warning: the job can be reached by its address only.
    pub fn serve(self, job: &Arc<RunningJob>, monitor: Arc<Monitor>) -> ControlServer {
        let Self { listener, address, tokens, local, options: ControlOptions { registry, job_file, .. } } = self;
        let (ended, has_ended) = watch::channel(None);
        let awaited = watch::Sender::new(false);
        let registered = register(&registry, job, address, &local, job_file.clone());
        let desk = Arc::new(Desk {
            job: Arc::downgrade(job),
            monitor,
            job_file,
            tokens,
            on_loopback: address.ip().is_loopback(),
            ended: has_ended,
            awaited: awaited.clone(),
            looking: Semaphore::new(1),
            taking: Semaphore::new(MOST_COMPONENTS),
        });
        let closing = watch::Sender::new(false);
        let accepting = tokio::spawn(accept(listener, desk, closing.subscribe()));
        tracing::info!(target: "sluicebox::control", %address, "the control server listens");
        ControlServer { address, ended, awaited, closing, accepting, _registered: registered }
    }
}

/// A control server that listens. Dropping it closes it; those who wait for the job's end aren't told then.
#[derive(Debug)]
pub struct ControlServer {
    address: SocketAddr,
    ended: watch::Sender<Option<view::End>>,
    awaited: watch::Sender<bool>,
    closing: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    _registered: Option<Registered>,
}

impl ControlServer {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The job has ended so: tell those who wait for it, answer what was asked, and listen no more.
    pub async fn end(self, result: &Result<()>) {
        let error = result.as_ref().err().map(ToString::to_string);
        self.ended.send_replace(Some(view::End { ended: true, error }));
        let mut awaited = self.awaited.subscribe();
        // Whoever asks again in a moment is to find somebody there.
        let _ = tokio::time::timeout(PARTING, awaited.wait_for(|awaited| !*awaited)).await;
        self.closing.send_replace(true);
        // It ends by itself, after a moment at most.
        let _ = self.accepting.await;
    }
}

fn register(
    registry: &Registry,
    job: &RunningJob,
    address: SocketAddr,
    token: &Token,
    job_file: Option<String>,
) -> Option<Registered> {
    let about = job.about();
    let added = Entry::this_process().and_then(|(pid, process_start, process_namespace)| {
        registry.add(&Entry {
            name: about.name.clone(),
            pid,
            process_start,
            process_namespace,
            address: reachable(address).to_string(),
            token: token.expose().to_owned(),
            started_ms: about.started_ms,
            job_file,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    });
    let folder = registry.folder().display();
    added
        .inspect_err(|error| tracing::warn!(target: "sluicebox::control", %folder, %error, "the job isn't listed among those that run"))
        .ok()
}

/// How this machine reaches it: every address means that of the loopback interface too.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

async fn accept(listener: TcpListener, desk: Arc<Desk>, mut closing: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let room = room.clone().acquire_owned().await.map_err(std::io::Error::other)?;
            let (stream, _) = listener.accept().await?;
            std::io::Result::Ok((stream, room))
        };
        tokio::select! {
            biased;
            () = closed(&mut closing) => break,
            next = next => match next {
                Ok((stream, room)) => {
                    connections.spawn(serve(stream, desk.clone(), closing.clone(), room));
                }
                Err(error) => {
                    tracing::warn!(target: "sluicebox::control", %error, "a connection can't be taken");
                    tokio::time::sleep(NO_CONNECTIONS).await;
                }
            },
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(PARTING, ended).await;
}

async fn closed(closing: &mut watch::Receiver<bool>) {
    // Where the server is gone without a word it has closed as well.
    let _ = closing.wait_for(|closing| *closing).await;
}

async fn serve(stream: TcpStream, desk: Arc<Desk>, mut closing: watch::Receiver<bool>, _room: OwnedSemaphorePermit) {
    let service = service_fn(|request| {
        let desk = desk.clone();
        async move { Ok::<_, Infallible>(calls::answer(&desk, request).await) }
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_headers(MOST_HEADERS)
            .max_buf_size(MOST_HEAD_BYTES)
            .serve_connection(TokioIo::new(Stalling::new(stream, STALL_TIMEOUT)), service)
    );
    // What goes wrong with a connection is the client's affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = closed(&mut closing) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

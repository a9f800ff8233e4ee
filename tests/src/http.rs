//! A server of HTTP/1.1 on the loopback interface, that answers as a test says.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// A request that came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// The fields of its header.
    pub headers: HeaderMap,
    /// All of its body.
    pub body: Bytes,
}

/// What a server answers.
pub type Answer = Response<Full<Bytes>>;

/// An answer of this status and text.
///
/// # Panics
/// When there is no such status.
pub fn answer(status: u16, text: impl Into<Bytes>) -> Answer {
    Response::builder().status(status).body(Full::new(text.into())).expect("a status")
}

/// A server, which ends with this.
#[derive(Debug)]
pub struct HttpServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Its end is the server's.
    _running: oneshot::Sender<()>,
}

impl HttpServer {
    /// A server that answers so.
    pub fn new(answers: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(None, answers)
    }

    /// The same over TLS, with a certificate for `localhost` that [`trusted`] has signed.
    ///
    /// # Panics
    /// When the certificate can't be read.
    pub fn encrypted(answers: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let certificate = CertificateDer::from_pem_file(certificates().join("server.pem")).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(certificates().join("server.key")).expect("its key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.expect("versions of TLS").with_no_client_auth();
        let config = config.with_single_cert(vec![certificate], key).expect("a key that suits the certificate");
        Self::start(Some(Arc::new(config).into()), answers)
    }

    fn start(tls: Option<TlsAcceptor>, answers: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let (running, mut ends) = oneshot::channel::<()>();
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let serve = Arc::new({
            let asked = asked.clone();
            move |request: &Asked| {
                asked.lock().push(request.clone());
                answers(request)
            }
        });
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                listener.set_nonblocking(true).expect("a listener that doesn't block");
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                loop {
                    tokio::select! {
                        _ = &mut ends => return,
                        client = listener.accept() => {
                            let (client, _) = client.expect("a client");
                            tokio::spawn(talk(client, tls.clone(), serve.clone()));
                        }
                    }
                }
            });
        });
        Self { address, asked, _running: running }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }
}

async fn talk<F>(client: TcpStream, tls: Option<TlsAcceptor>, serve: Arc<F>)
where
    F: Fn(&Asked) -> Answer + Send + Sync + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let serve = serve.clone();
        async move {
            let (head, body) = request.into_parts();
            // A body that breaks off was none.
            let Ok(body) = body.collect().await else { return Ok::<_, Infallible>(answer(400, "")) };
            let path = head.uri.to_string();
            Ok(serve(&Asked { method: head.method, path, headers: head.headers, body: body.to_bytes() }))
        }
    });
    // How a client ends is the client's business.
    let _ = match tls {
        None => http1::Builder::new().serve_connection(TokioIo::new(client), service).await,
        Some(tls) => {
            let Ok(client) = tls.accept(client).await else { return };
            http1::Builder::new().serve_connection(TokioIo::new(client), service).await
        }
    };
}

/// The certificate of whom to trust.
pub fn trusted() -> PathBuf {
    certificates().join("ca.pem")
}

/// The certificates that all of the tests' servers have.
fn certificates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/postgres")
}

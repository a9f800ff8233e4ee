//! Encrypted connections to those whom the system trusts.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::bindings::wasi::http::types::ErrorCode;
use super::failure;

/// Made when the first request needs it. The certificates are those of the system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR` in the host's environment.
static CONNECTOR: Mutex<Option<TlsConnector>> = Mutex::new(None);

fn connector() -> Result<TlsConnector, ErrorCode> {
    let mut made = CONNECTOR.lock();
    if let Some(connector) = &*made {
        return Ok(connector.clone());
    }
    let mut roots = RootCertStore::empty();
    let loaded = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(loaded.certs);
    if roots.is_empty() {
        let reasons: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
        let reasons = reasons.join("; ");
        tracing::warn!(
            reasons,
            "plugins can't send requests over TLS: the system has no certificates that are trusted; install them, or name a file in SSL_CERT_FILE"
        );
        return Err(ErrorCode::TlsCertificateError);
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| failure::other(&error))?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(made.insert(Arc::new(config).into()).clone())
}

/// Encrypt a connection with whoever proves to be `host`.
///
/// # Errors
/// Why that can't be.
pub async fn encrypt(host: &str, stream: TcpStream) -> Result<TlsStream<TcpStream>, ErrorCode> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| failure::of_io(&io::Error::new(io::ErrorKind::InvalidInput, error)))?;
    let connector = connector()?;
    connector.connect(name, stream).await.map_err(|error| {
        tracing::debug!(host, %error, "no encrypted connection for a plugin's request");
        failure::of_io(&error)
    })
}

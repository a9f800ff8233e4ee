//! What went wrong with a request, as WASI calls it.

use std::error::Error;
use std::io;

use super::super::bindings::wasi::http::types::{DnsErrorPayload, ErrorCode, TlsAlertReceivedPayload};
use super::MAX_HEADER;
use crate::plugin::error::shown;

/// How much of an error's text a guest is told, in bytes.
const MAX_TEXT: usize = 512;

/// An error that has no name.
pub fn other(error: &dyn Error) -> ErrorCode {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    ErrorCode::InternalError(Some(shown(&text, MAX_TEXT)))
}

/// A name that isn't found.
pub fn of_lookup() -> ErrorCode {
    ErrorCode::DnsError(DnsErrorPayload { rcode: None, info_code: None })
}

/// What went wrong while connecting, or on a connection.
pub fn of_io(error: &io::Error) -> ErrorCode {
    use io::ErrorKind as Kind;
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return of_tls(tls);
    }
    match error.kind() {
        Kind::ConnectionRefused => ErrorCode::ConnectionRefused,
        Kind::TimedOut => ErrorCode::ConnectionTimeout,
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => ErrorCode::DestinationIpUnroutable,
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::UnexpectedEof => {
            ErrorCode::ConnectionTerminated
        }
        _ => other(error),
    }
}

fn of_tls(error: &rustls::Error) -> ErrorCode {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => ErrorCode::TlsCertificateError,
        rustls::Error::AlertReceived(alert) => ErrorCode::TlsAlertReceived(TlsAlertReceivedPayload {
            alert_id: Some(u8::from(*alert)),
            alert_message: Some(format!("{alert:?}")),
        }),
        _ => ErrorCode::TlsProtocolError,
    }
}

/// What went wrong with a request or its response.
pub fn of_hyper(error: &hyper::Error) -> ErrorCode {
    if error.is_parse_too_large() {
        return ErrorCode::HttpResponseHeaderSectionSize(u32::try_from(MAX_HEADER).ok());
    }
    if error.is_parse() {
        return ErrorCode::HttpProtocolError;
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return ErrorCode::HttpResponseIncomplete;
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return match error.kind() {
                // The body broke off before its end, in the words of what reads it.
                io::ErrorKind::UnexpectedEof => ErrorCode::HttpResponseIncomplete,
                io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => ErrorCode::HttpProtocolError,
                _ => of_io(error),
            };
        }
        cause = error.source();
    }
    other(error)
}

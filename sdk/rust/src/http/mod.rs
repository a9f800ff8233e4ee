//! Requests over HTTP, for plugins that are granted to: `grants = { http = ["https://api.example.com"] }` in the job file.
//!
//! In a plugin they go through WASI's HTTP, which the host speaks, with TLS; in a native test they are made over the standard library's sockets, without TLS. A request goes where its URL says and nowhere else:
//! redirects aren't followed, and there are no cookies. `docs/trust.md` of the repository has the host's bounds.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod wasi;

use std::io::{self, Read};
use std::time::Duration;

#[cfg(not(target_arch = "wasm32"))]
use native as system;
#[cfg(target_arch = "wasm32")]
use wasi as system;

/// Ask for what is at a URL, for as long as the call may take.
///
/// # Errors
/// As [`Request::send`].
pub fn get(url: &str) -> io::Result<Response> {
    Request::get(url).send()
}

/// Send something to a URL, and take the answer, for as long as the call may take.
///
/// # Errors
/// As [`Request::send`].
pub fn post(url: &str, body: impl Into<Vec<u8>>) -> io::Result<Response> {
    Request::post(url, body).send()
}

/// A request.
///
/// ```no_run
/// use sluicebox_sdk::http::Request;
/// use std::time::Duration;
///
/// # fn main() -> std::io::Result<()> {
/// let response = Request::get("https://api.example.com/rates?of=EUR")
///     .header("accept", "application/json")
///     .timeout(Duration::from_secs(2))
///     .send()?;
/// if response.is_success() {
///     let rates = response.text()?;
/// #   let _ = rates;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
    timeout: Option<Duration>,
}

impl Request {
    /// A request of any method, such as `PUT`, to a URL that begins with `http://` or `https://`.
    pub fn new(method: &str, url: &str) -> Self {
        Request { method: method.to_owned(), url: url.to_owned(), headers: vec![], body: None, timeout: None }
    }

    /// Ask for what is at a URL.
    pub fn get(url: &str) -> Self {
        Request::new("GET", url)
    }

    /// Send something to a URL.
    pub fn post(url: &str, body: impl Into<Vec<u8>>) -> Self {
        Request::new("POST", url).body(body)
    }

    /// Add a field to its header. `host`, `content-length`, and what says how the connection is used, aren't the plugin's to say.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// What is sent.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// How long it may take, from sending it to the end of its response; otherwise as long as the call may take, which fails when it takes longer.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Send it, and wait for the response's beginning. A status that says that something is wrong is no error.
    ///
    /// # Errors
    /// [`io::ErrorKind::PermissionDenied`] where its origin is not granted, [`io::ErrorKind::TimedOut`] when its time has passed, [`io::ErrorKind::InvalidInput`] where it can't be sent at all, and why there is no response.
    pub fn send(self) -> io::Result<Response> {
        let about = format!("{} {}", self.method, self.url);
        let result = self.checked().and_then(|url| system::send(&self, &url));
        result.map_err(|error| io::Error::new(error.kind(), format!("{about}: {error}")))
    }

    /// The parts of its URL, once all of it was looked at.
    fn checked(&self) -> io::Result<Url<'_>> {
        let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidInput, why);
        if let Some((name, _)) = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
            return Err(invalid(format!("the field {name} is made of the body")));
        }
        Url::of(&self.url).ok_or_else(|| invalid("it is no URL that begins with http:// or https://".to_owned()))
    }
}

/// A URL in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Url<'a> {
    is_encrypted: bool,
    authority: &'a str,
    /// Path and query; it may be empty, or begin with the query.
    path: &'a str,
}

impl<'a> Url<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_encrypted = match scheme {
            _ if scheme.eq_ignore_ascii_case("http") => false,
            _ if scheme.eq_ignore_ascii_case("https") => true,
            _ => return None,
        };
        // What follows a # is for whoever asks.
        let rest = rest.split('#').next()?;
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        (!authority.is_empty()).then_some(Url { is_encrypted, authority, path })
    }
}

/// A response, whose body is read as it comes.
#[derive(Debug)]
pub struct Response {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: system::Body,
}

impl Response {
    /// Its status, such as 200.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether its status says that all went well.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first value of a field of its header.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| &value[..])
    }

    /// The fields of its header.
    pub fn headers(&self) -> &[(String, Vec<u8>)] {
        &self.headers
    }

    /// All of its body.
    ///
    /// # Errors
    /// When it broke off.
    pub fn bytes(mut self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![];
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// All of its body, as text in UTF-8.
    ///
    /// # Errors
    /// When it broke off, or isn't in UTF-8.
    pub fn text(mut self) -> io::Result<String> {
        let mut text = String::new();
        self.read_to_string(&mut text)?;
        Ok(text)
    }
}

impl Read for Response {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if bytes.is_empty() { Ok(0) } else { self.body.read(bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::TcpListener;

    #[test]
    fn a_url_has_parts() {
        let parts = |text| Url::of(text).map(|url| (url.is_encrypted, url.authority, url.path));
        assert_eq!(parts("https://a.b:1/c?d=e#f"), Some((true, "a.b:1", "/c?d=e")));
        assert_eq!(parts("HTTP://[::1]?a"), Some((false, "[::1]", "?a")));
        assert_eq!(parts("http://a"), Some((false, "a", "")));
        assert_eq!((parts("a/b"), parts("ftp://a"), parts("http:///a")), (None, None, None));
    }

    /// What comes of a request to a server that answers so, and what it was sent.
    fn asked(answer: &'static str, request: impl FnOnce(&str) -> Request) -> (io::Result<String>, String) {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", server.local_addr().unwrap());
        let sent = std::thread::spawn(move || {
            let (mut client, _) = server.accept().unwrap();
            let mut bytes = vec![];
            let mut buffer = [0; 1000];
            while !bytes.ends_with(b"\r\n\r\n") && !bytes.ends_with(b"be") {
                let n = client.read(&mut buffer).unwrap();
                bytes.extend_from_slice(&buffer[..n]);
            }
            client.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(bytes).unwrap()
        });
        let response = request(&url).timeout(Duration::from_secs(60)).send().and_then(Response::text);
        (response, sent.join().unwrap())
    }

    #[test]
    fn a_native_test_sends_requests_too() {
        let (text, sent) = asked("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nto beor", |url| {
            Request::get(&format!("{url}/a?b#c")).header("accept", "text/plain")
        });
        assert_eq!(text.unwrap(), "to be");
        assert!(sent.starts_with("GET /a?b HTTP/1.1\r\nhost: 127.0.0.1:"), "{sent}");
        assert!(sent.contains("\r\naccept: text/plain\r\n"), "{sent}");
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nto \r\n2;x=y\r\nbe\r\n0\r\n\r\n";
        let (text, sent) = asked(chunked, |url| Request::post(url, "or not to be"));
        assert_eq!(text.unwrap(), "to be");
        assert!(sent.starts_with("POST / HTTP/1.1\r\n") && sent.contains("\r\ncontent-length: 12\r\n"), "{sent}");
        let (text, _) = asked("HTTP/1.1 200 OK\r\n\r\nto the end", Request::get);
        assert_eq!(text.unwrap(), "to the end");
        let (text, _) = asked("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nbroken", Request::get);
        assert_eq!(text.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_cant_be_sent_says_why() {
        let error = get("example.org").unwrap_err();
        assert_eq!(error.to_string(), "GET example.org: it is no URL that begins with http:// or https://");
        let error = Request::post("http://a", "").header("Content-Length", "1").send().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(get("https://a").unwrap_err().kind(), io::ErrorKind::Unsupported);
    }
}

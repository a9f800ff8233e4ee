//! Requests over the standard library's sockets, as much of HTTP as a test on the author's machine needs.

use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
use std::time::Duration;

use super::{Request, Response, Url};
use crate::net::TcpStream;

/// How long connecting takes at most where the request doesn't say.
const CONNECT: Duration = Duration::from_secs(60);

/// A body, all of which has come.
#[derive(Debug)]
pub struct Body(Cursor<Vec<u8>>);

impl Body {
    pub fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the response is broken: {why}"))
}

/// Send a request, and take all of its response.
pub fn send(request: &Request, url: &Url<'_>) -> io::Result<Response> {
    if url.is_encrypted {
        let why = "outside of a plugin, requests are sent without TLS only";
        return Err(io::Error::new(io::ErrorKind::Unsupported, why));
    }
    let has_port = url.authority.rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'));
    let address = if has_port { url.authority.to_owned() } else { format!("{}:80", url.authority) };
    let mut stream = TcpStream::connect(&address, request.timeout.unwrap_or(CONNECT))?;
    stream.set_read_timeout(request.timeout);
    stream.set_write_timeout(request.timeout);
    let slash = if url.path.starts_with('/') { "" } else { "/" };
    let mut text =
        format!("{} {slash}{} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", request.method, url.path, url.authority)
            .into_bytes();
    for (name, value) in &request.headers {
        text.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    if let Some(body) = &request.body {
        text.extend(format!("content-length: {}\r\n", body.len()).into_bytes());
    }
    text.extend(b"\r\n");
    text.extend(request.body.iter().flatten());
    stream.write_all(&text)?;
    stream.flush()?;
    receive(BufReader::new(stream), request.method == "HEAD")
}

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    match from.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end().to_owned()),
    }
}

fn receive(mut from: impl BufRead, is_head: bool) -> io::Result<Response> {
    let first = line(&mut from)?;
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status: u16 = status.ok_or_else(|| broken("it has no status"))?;
    let mut headers = vec![];
    loop {
        let line = line(&mut from)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| broken("a field has no colon"))?;
        headers.push((name.to_owned(), value.trim().as_bytes().to_vec()));
    }
    if (100..200).contains(&status) {
        return receive(from, is_head);
    }
    let mut response = Response { status, headers, body: Body(Cursor::default()) };
    let mut body = vec![];
    if is_head || matches!(status, 204 | 304) {
        return Ok(response);
    }
    if response.header("transfer-encoding").is_some() {
        loop {
            let size = line(&mut from)?;
            let size = size.split(';').next().and_then(|size| u64::from_str_radix(size.trim(), 16).ok());
            let size = size.ok_or_else(|| broken("a chunk has no size"))?;
            if size == 0 {
                break;
            }
            take(&mut from, size, &mut body)?;
            line(&mut from)?;
        }
    } else if let Some(length) = response.header("content-length") {
        let length = std::str::from_utf8(length).ok().and_then(|length| length.parse().ok());
        take(&mut from, length.ok_or_else(|| broken("its length is no number"))?, &mut body)?;
    } else {
        from.read_to_end(&mut body)?;
    }
    response.body = Body(Cursor::new(body));
    Ok(response)
}

fn take(from: &mut impl BufRead, size: u64, into: &mut Vec<u8>) -> io::Result<()> {
    match from.take(size).read_to_end(into)? as u64 {
        n if n < size => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

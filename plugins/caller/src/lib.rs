//! Sends HTTP requests as it is told, whether or not they are granted, and says what came of it. The host's tests run it.

use std::io::Read;
use std::time::Duration;

use sluicebox_sdk::bindings::http::wasi::http::outgoing_handler::handle;
use sluicebox_sdk::bindings::http::wasi::http::types::{
    Fields, FutureTrailers, IncomingBody, Method, OutgoingBody, OutgoingRequest, OutgoingResponse, RequestOptions,
    Scheme,
};
use sluicebox_sdk::http::{Request, Response, get, post};
use sluicebox_sdk::prelude::*;

/// What a row asks for: `what url`, or `what url more`.
#[map(output = "answer")]
fn call(row: &str) -> String {
    let mut words = row.splitn(3, ' ');
    let mut word = || words.next().unwrap_or_default();
    let (what, url, more) = (word(), word(), word());
    let answer = match what {
        "get" => get(url).and_then(text),
        "post" => post(url, more).and_then(text),
        // A body of so many bytes; how many the server says it has.
        "upload" => post(url, vec![7; more.parse().unwrap_or(0)]).and_then(text),
        "method" => Request::new(more, url).send().and_then(text),
        "header" => {
            let (name, value) = more.split_once('=').unwrap_or_default();
            Request::get(url).header(name, value).send().and_then(text)
        }
        // The fields of the response, or how many there are.
        "fields" => get(url).map(|response| format!("{} fields", response.headers().len())),
        "field" => get(url).map(|response| format!("{:?}", response.header(more).map(String::from_utf8_lossy))),
        "download" => get(url).and_then(download),
        "patient" => {
            let patience = Duration::from_millis(more.parse().unwrap_or(0));
            Request::get(url).timeout(patience).send().and_then(text)
        }
        // As many as there may be at a time, held until all are there; then once more.
        "many" => many(url, more.parse().unwrap_or(0)),
        // Hold a response that nobody reads while another is asked for.
        "hold" => get(url).and_then(|held| {
            let answer = get(more).and_then(text);
            drop(held);
            answer
        }),
        "raw" => Ok(raw(url, more)),
        _ => Ok("nothing".to_owned()),
    };
    answer.unwrap_or_else(|error| format!("{:?}: {error}", error.kind()))
}

fn text(response: Response) -> std::io::Result<String> {
    let status = response.status();
    Ok(format!("{status} {}", response.text()?))
}

/// Read a body a piece at a time, and keep nothing.
fn download(mut response: Response) -> std::io::Result<String> {
    let (mut piece, mut came) = (vec![0; 64 << 10], 0);
    loop {
        match response.read(&mut piece) {
            Ok(0) => return Ok(format!("{came} bytes")),
            Ok(n) => came += n,
            Err(error) => return Ok(format!("{came} bytes, then {:?}: {error}", error.kind())),
        }
    }
}

fn many(url: &str, n: usize) -> std::io::Result<String> {
    let mut held = vec![];
    let error = loop {
        match get(url) {
            Ok(response) if held.len() < n => held.push(response),
            Ok(_) => break "none".to_owned(),
            Err(error) => break error.to_string(),
        }
    };
    let n = held.len();
    drop(held);
    let again = get(url)?.status();
    Ok(format!("{n} at a time, {error}, then {again}"))
}

fn raw(what: &str, authority: &str) -> String {
    let request = |fields: Fields| {
        let request = OutgoingRequest::new(fields);
        request.set_scheme(Some(&Scheme::Http)).unwrap();
        request.set_authority(Some(authority)).unwrap();
        request
    };
    let one = |name: &str, value: &str| Fields::from_list(&[(name.to_owned(), value.as_bytes().to_vec())]);
    match what {
        // What a header may not say, in other words and cases.
        "forged" => {
            let refused =
                ["Host", "connection", "Transfer-Encoding", "te", "Upgrade", "proxy-authorization", "x\r\ny", ""];
            let all = refused.map(|name| one(name, "x").is_err() && Fields::new().append(name, b"x").is_err());
            let value = one("x", "a\r\nHost: b").is_err();
            format!("{} of {} refused, {value}", all.iter().filter(|refused| **refused).count(), refused.len())
        }
        "paths" => {
            let request = request(Fields::new());
            let refused = ["http://example.org/", "a", "/a b", "/\r\nHost: b", "/#a"];
            let n = refused.iter().filter(|path| request.set_path_with_query(Some(path)).is_err()).count();
            let long = request.set_path_with_query(Some(&format!("/{}", "a".repeat(9_000)))).is_err();
            format!("{n} of {} refused, {long}", refused.len())
        }
        "tunnel" => {
            let request = request(Fields::new());
            request.set_method(&Method::Connect).unwrap();
            format!("{:?}", handle(request, None).map(drop))
        }
        // Two lengths, or one that the body doesn't have.
        "lengths" => {
            let two = ["1", "2"].map(|n| ("content-length".to_owned(), n.as_bytes().to_vec()));
            let two = handle(request(Fields::from_list(&two).unwrap()), None).map(drop);
            let none = handle(request(one("content-length", "5").unwrap()), None).map(drop);
            let short = request(one("content-length", "5").unwrap());
            let body = short.body().unwrap();
            let sent = handle(short, None).unwrap();
            body.write().unwrap().write(b"abc").unwrap();
            let short = OutgoingBody::finish(body, None);
            sent.subscribe().block();
            let answer = sent.get().unwrap().unwrap().map(drop);
            format!("{two:?}, {none:?}, {short:?}, {}", answer.is_err())
        }
        // A body that is too long by what its header says.
        "long" => {
            let long = request(one("content-length", "67108865").unwrap());
            let body = long.body().unwrap();
            let refused = handle(long, None).map(drop);
            drop(body);
            format!("{refused:?}")
        }
        // A body that is given up.
        "given-up" => {
            let request = request(Fields::new());
            let body = request.body().unwrap();
            let sent = handle(request, None).unwrap();
            drop(body);
            sent.subscribe().block();
            // The server may say so, or the connection break.
            match sent.get().unwrap().unwrap() {
                Ok(response) if response.status() == 200 => "taken".to_owned(),
                _ => "broken off".to_owned(),
            }
        }
        // Waits of its own.
        "options" => {
            let options = RequestOptions::new();
            options.set_first_byte_timeout(Some(1_000_000)).unwrap();
            let sent = handle(request(Fields::new()), Some(options)).unwrap();
            sent.subscribe().block();
            format!("{:?}", sent.get().unwrap().unwrap().map(drop))
        }
        // What comes after a body that isn't read.
        "trailers" => {
            let sent = handle(request(Fields::new()), None).unwrap();
            sent.subscribe().block();
            let response = sent.get().unwrap().unwrap().unwrap();
            let trailers: FutureTrailers = IncomingBody::finish(response.consume().unwrap());
            trailers.subscribe().block();
            let trailers = trailers.get().unwrap().unwrap().unwrap().map(|trailers| trailers.entries());
            format!("{trailers:?}")
        }
        "fields" => {
            let fields = Fields::new();
            (0..1_000).for_each(|n| fields.append(&format!("x-{n}"), b"x").unwrap());
            "a thousand fields".to_owned()
        }
        "large" => {
            one("x", &"x".repeat(40_000)).unwrap();
            "a large field".to_owned()
        }
        "lists" => {
            let lists: Vec<Fields> = (0..1_000).map(|_| Fields::new()).collect();
            format!("{} lists", lists.len())
        }
        "serve" => {
            OutgoingResponse::new(Fields::new());
            "a response".to_owned()
        }
        _ => "nothing".to_owned(),
    }
}

plugin! {
    transforms: [call],
}

//! Requests that plugins send over HTTP: to what is granted, within bounds, and nowhere else.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use sluicebox::job::definition::ComponentSource;
use sluicebox::plugin::{Grants, Limits};
use sluicebox::testing::PATIENCE;
use sluicebox_tests::folder::Folder;
use sluicebox_tests::hostile::plugin;
use sluicebox_tests::http::{Asked, HttpServer, answer, trusted};
use sluicebox_tests::job::{Collected, TestJob};
use sluicebox_tests::plugins::component;
use sluicebox_tests::rows::{line_schema, lines};
use sluicebox_tests::server::{Server, send_until_held};

/// Limits with these origins granted, and time enough for anything.
fn granted(origins: &[&str]) -> Limits {
    let http = Some(origins.iter().map(|origin| origin.parse().unwrap()).collect());
    Limits { time: PATIENCE, grants: Grants { http, ..Grants::NONE }, ..Limits::default() }
}

/// What the caller answers to rows.
async fn calls(limits: Limits, rows: &[String]) -> Result<Vec<String>, String> {
    let job = TestJob::new();
    let caller = ComponentSource::File(component("caller"));
    job.context.add_plugin(plugin("caller", caller, limits, "{}")).unwrap();
    let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
    let out = Collected::default();
    input.map("made", "caller/call").unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    queue.push(vec![lines(&rows.iter().map(String::as_str).collect::<Vec<_>>())]).unwrap();
    job.run(1).await.map_err(|error| error.to_string())?;
    Ok(out.rows(1000))
}

/// What it answers to one.
async fn called(limits: Limits, row: String) -> Result<String, String> {
    Ok(calls(limits, &[row]).await?.remove(0))
}

/// A server that tells what it was asked.
fn echo(asked: &Asked) -> sluicebox_tests::http::Answer {
    answer(200, format!("{} {} with {} bytes", asked.method, asked.path, asked.body.len()))
}

#[tokio::test(flavor = "multi_thread")]
async fn only_granted_origins_are_asked() {
    let (server, other) = (HttpServer::new(echo), HttpServer::new(echo));
    let (port, other_port) = (server.address().port(), other.address().port());
    let granted = granted(&[&format!("http://127.0.0.1:{port}"), &format!("http://LocalHost:{other_port}")]);
    let cases = [
        (format!("get http://127.0.0.1:{port}/a?b=c"), "200 GET /a?b=c with 0 bytes"),
        (format!("get http://127.0.0.1:{port}"), "200 GET / with 0 bytes"),
        (format!("get http://[::ffff:127.0.0.1]:{port}?a"), "200 GET /?a with 0 bytes"),
        (format!("get HTTP://localhost:{other_port}/#a"), "200 GET / with 0 bytes"),
        (format!("post http://127.0.0.1:{port}/ to be"), "200 POST / with 5 bytes"),
        (format!("upload http://127.0.0.1:{port}/ 1000000"), "200 POST / with 1000000 bytes"),
        (format!("method http://127.0.0.1:{port}/ PURGE"), "200 PURGE / with 0 bytes"),
        (format!("method http://127.0.0.1:{port}/ HEAD"), "200 "),
        (format!("get https://127.0.0.1:{port}/"), "PermissionDenied"),
        (format!("get http://127.0.0.1:{other_port}/"), "PermissionDenied"),
        (format!("get http://localhost:{port}/"), "PermissionDenied"),
        (format!("get http://127.0.0.2:{port}/"), "PermissionDenied"),
        ("get http://127.0.0.1/".to_owned(), "PermissionDenied"),
        (format!("get http://127.0.0.1:{port}.example.org/"), "InvalidInput"),
        (format!("get http://127.0.0.1:{port}@127.0.0.1:{other_port}/"), "InvalidInput"),
        (format!("get http://127.0.0.1:{other_port}\\@127.0.0.1:{port}/"), "InvalidInput"),
        (format!("get http://2130706433:{port}/"), "PermissionDenied"),
        (format!("header http://127.0.0.1:{port}/ Host=example.org"), "InvalidInput"),
        (format!("raw paths 127.0.0.1:{port}"), "5 of 5 refused, true"),
        (format!("raw forged 127.0.0.1:{port}"), "8 of 8 refused, true"),
        (format!("raw tunnel 127.0.0.1:{port}"), "Err(ErrorCode::HttpRequestMethodInvalid)"),
    ];
    let rows: Vec<String> = cases.iter().map(|(row, _)| row.clone()).collect();
    let answers = calls(granted, &rows).await.unwrap();
    for ((row, expected), answer) in cases.iter().zip(&answers) {
        assert!(answer.starts_with(expected), "{row}: {answer}");
    }
    let asked: Vec<(String, String)> = (server.asked().iter().chain(&other.asked()))
        .map(|asked| (asked.method.to_string(), asked.headers["host"].to_str().unwrap().to_owned()))
        .collect();
    assert_eq!(asked.len(), 8, "{asked:?}");
    assert_eq!(asked[0], ("GET".to_owned(), format!("127.0.0.1:{port}")));
    assert_eq!(asked[7], ("GET".to_owned(), format!("localhost:{other_port}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_followed_or_kept() {
    let other = HttpServer::new(echo);
    let away = format!("http://{}/", other.address());
    let server = HttpServer::new({
        let away = away.clone();
        move |_| {
            let mut answer = answer(302, "elsewhere");
            answer.headers_mut().insert("location", away.parse().unwrap());
            answer.headers_mut().insert("set-cookie", "a=b".parse().unwrap());
            answer
        }
    });
    let url = format!("http://{}/", server.address());
    // Not even to where it might go.
    let granted = granted(&[url.trim_end_matches('/'), away.trim_end_matches('/')]);
    let rows = [format!("get {url}"), format!("field {url} location"), format!("field {url} connection")];
    assert_eq!(calls(granted, &rows).await.unwrap(), ["302 elsewhere", &format!("Some({away:?})"), "None"]);
    assert!(other.asked().is_empty());
    assert!(server.asked().iter().all(|asked| asked.headers.get("cookie").is_none()), "{:?}", server.asked());
}

/// A job that looks the lines of a file up.
fn enriching(grants: &str, url: &str, more: &str) -> Folder {
    let folder = Folder::new(&format!(
        "[plugin.enrich]\ncomponent = \"{}\"\nconfig = {{ url = \"{url}\" }}\n{grants}\n{more}\n\
         [stream.keys]\nsource = {{ type = \"files\", path = \"in\", format = \"text\" }}\n\
         [stream.enriched]\ninput = \"keys\"\nmap-partitions = {{ with = \"enrich/lookup\" }}\n\
         [output.console]\ninput = \"enriched\"\nsink = {{ type = \"print\", rows = 1000 }}\n",
        component("enrich").display()
    ));
    folder.write("in/keys", "a\nb\na\nno one\na\n");
    folder
}

fn users(asked: &Asked) -> sluicebox_tests::http::Answer {
    match asked.path.strip_prefix("/users/") {
        Some("no%20one") | None => answer(404, ""),
        Some(key) => answer(200, format!("user {key}")),
    }
}

#[test]
fn each_key_of_a_partition_is_asked_for_once() {
    let server = HttpServer::new(users);
    let origin = format!("http://{}", server.address());
    let folder = enriching(&format!("grants = {{ http = [\"{origin}\"] }}"), &format!("{origin}/users/"), "");
    let ran = folder.run(&["--batches", "1"]).ended_with(0);
    let rows = ran.printed_rows();
    assert_eq!(rows, ["(a,user a)", "(b,user b)", "(a,user a)", "(no one,null)", "(a,user a)"]);
    let asked: Vec<String> = server.asked().iter().map(|asked| asked.path.clone()).collect();
    assert_eq!(asked, ["/users/a", "/users/b", "/users/no%20one"]);
}

#[test]
fn what_is_not_granted_is_refused_when_the_job_is_checked_or_when_it_is_tried() {
    let http = "it imports wasi:http/types@0.2.12, wasi:http/outgoing-handler@0.2.12, which is given only to plugins that may send HTTP requests";
    let add = "if it is trusted with that, add grants = { http = [\"https://HOST\"] } with the origins it may send requests to";
    for (grants, message, help) in [
        ("", http, add),
        ("grants = { connect = [\"127.0.0.1:80\"] }", http, add),
        (
            "grants = { http = [\"127.0.0.1:80\"] }",
            "grants.http: \"127.0.0.1:80\" is not an origin: it doesn't begin with http:// or https://",
            "such as \"https://api.example.com\"",
        ),
        (
            "grants = { http = [\"https://a/b\"] }",
            "an origin ends with its host or port",
            "write scheme, host and port",
        ),
        (
            "grants = { http = [\"https://*.a\"] }",
            "a name has letters, digits, dots and hyphens only",
            "write scheme, host and port",
        ),
        (
            "grants = { http = [\"https://a\", \"https://A:443\"] }",
            "\"https://A:443\" stands twice",
            "name each origin once",
        ),
        ("grants = { htp = [\"https://a\"] }", "unknown key \"htp\"", "did you mean \"http\"?"),
        ("grants = { http = true }", "[plugin.enrich] grants.http: ", "[\"https://api.example.com\"]"),
    ] {
        let ran = enriching(grants, "http://127.0.0.1:1/", "").check().ended_with(2);
        assert!(ran.stderr.contains(message) && ran.stderr.contains(help), "{grants}: {}", ran.stderr);
    }
    let origins: Vec<String> = (0..101).map(|n| format!("\"http://a:{}\"", n + 1)).collect();
    let many = format!("grants = {{ http = [{}] }}", origins.join(", "));
    let ran = enriching(&many, "http://127.0.0.1:1/", "").check().ended_with(2);
    assert!(ran.stderr.contains("there are 101 origins"), "{}", ran.stderr);
    // Sockets aren't given by it.
    let folder = Folder::new(&format!(
        "[plugin.lines]\ncomponent = \"{}\"\nconfig = {{ address = \"127.0.0.1:1\" }}\ngrants = {{ http = [\"http://127.0.0.1:1\"] }}\n\
         [stream.lines]\nsource = {{ type = \"lines/receive\" }}\n[output.console]\ninput = \"lines\"\nsink = {{ type = \"print\" }}\n",
        component("lines").display()
    ));
    let ran = folder.check().ended_with(2);
    assert!(ran.stderr.contains("which is given only to plugins that may connect somewhere"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("HTTP"), "{}", ran.stderr);

    // An empty list lets it be imported, and nothing be sent.
    let server = HttpServer::new(users);
    for grants in ["grants = { http = [] }", "grants = { http = [\"http://127.0.0.1:1\"] }"] {
        let folder = enriching(grants, &format!("http://{}/users/", server.address()), "");
        folder.check().ended_with(0);
        let ran = folder.run(&["--batches", "1"]).ended_with(1);
        assert!(
            ran.errors()[0].contains("the plugin is not granted to: add its origin to http in its grants"),
            "{}",
            ran.stderr
        );
        let told = format!(
            "the plugin may not send requests to http://{}: add the origin to http in grants of [plugin.enrich]",
            server.address()
        );
        assert!(!ran.logged(&told).is_empty(), "{}", ran.stderr);
    }
    assert!(server.asked().is_empty());
}

#[test]
fn a_server_proves_who_it_is() {
    let server = HttpServer::encrypted(users);
    let port = server.address().port();
    let run = |host: &str, certificates: &str| {
        let origin = format!("https://{host}:{port}");
        let folder = enriching(&format!("grants = {{ http = [\"{origin}\"] }}"), &format!("{origin}/users/"), "");
        folder.run_with(&[("SSL_CERT_FILE", certificates)], &["--batches", "1"])
    };
    let trusted = trusted();
    let trusted = trusted.to_str().unwrap();
    let rows = run("localhost", trusted).ended_with(0);
    assert_eq!(rows.printed_rows()[..2], ["(a,user a)", "(b,user b)"]);
    // Somebody else's name, and nobody who is trusted.
    for (host, certificates) in [("127.0.0.1", trusted), ("localhost", "/nowhere")] {
        let ran = run(host, certificates).ended_with(1);
        assert!(ran.errors()[0].contains("the server's certificate is not trusted"), "{host}: {}", ran.stderr);
    }
    assert_eq!(server.asked().len(), 3);
}

/// A server that answers each client as it is told, on a thread of its own.
struct Rude {
    url: String,
    _thread: JoinHandle<()>,
}

impl Rude {
    fn new(mut answer: impl FnMut(&mut TcpStream) + Send + 'static) -> Self {
        let server = Server::new().unwrap();
        let url = format!("http://{}", server.address());
        let thread = std::thread::spawn(move || {
            while let Ok(mut client) = server.accept() {
                let mut request = BufReader::new(client.try_clone().unwrap());
                let mut line = String::new();
                while request.read_line(&mut line).is_ok_and(|n| n > 2) {
                    line.clear();
                }
                answer(&mut client);
            }
        });
        Self { url, _thread: thread }
    }

    fn that_says(text: impl Into<Vec<u8>>) -> Self {
        let text = text.into();
        // Whoever has heard enough hangs up.
        Self::new(move |client| drop(client.write_all(&text)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_break_off_or_break_the_rules_are_errors_of_the_guest() {
    let head = "HTTP/1.1 200 OK\r\n";
    let fields = |n: usize| (0..n).map(|n| format!("x-{n}: y\r\n")).collect::<String>();
    let too_large = "HttpResponseHeaderSectionSize(Some(32768))";
    let cases = [
        (String::new(), "get", "UnexpectedEof: GET "),
        ("no HTTP at all\r\n\r\n".to_owned(), "get", "HttpProtocolError"),
        (
            format!("{head}Content-Length: 10\r\n\r\nto be"),
            "download",
            "5 bytes, then UnexpectedEof: the response broke off",
        ),
        (format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\nto be\r\n"), "download", "5 bytes, then UnexpectedEof"),
        (format!("{head}Transfer-Encoding: chunked\r\n\r\nz\r\nto be\r\n"), "download", "0 bytes, then "),
        (format!("{head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nto be"), "get", "Other: GET "),
        (format!("{head}{}\r\n", fields(100)), "fields", "100 fields"),
        (format!("{head}{}\r\n", fields(101)), "fields", too_large),
        (format!("{head}x: {}\r\n\r\n", "y".repeat(30_000)), "fields", "1 fields"),
        (format!("{head}x: {}\r\n\r\n", "y".repeat(33_000)), "fields", too_large),
        (format!("{head}x: {}", "y".repeat(4 << 20)), "fields", too_large),
        (format!("{head}Content-Length: 67108865\r\n\r\n"), "get", "HttpResponseBodySize(Some(67108864))"),
        (format!("{head}\r\nto the end"), "get", "200 to the end"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n".to_owned(), "get", "204 "),
    ];
    for (text, what, expected) in cases {
        let server = Rude::that_says(text.clone());
        let answer = called(granted(&[&server.url]), format!("{what} {}/", server.url)).await.unwrap();
        let text = &text[..text.len().min(100)];
        assert!(answer.contains(expected), "{what} of {text:?}: {answer}");
    }
    // Nobody is there.
    let address = Server::new().unwrap().address();
    let url = format!("http://{address}");
    let answer = called(granted(&[&url]), format!("get {url}/")).await.unwrap();
    assert!(answer.starts_with("ConnectionRefused"), "{answer}");
    let nobody = "http://no-such-name.invalid";
    let answer = called(granted(&[nobody]), format!("get {nobody}/")).await.unwrap();
    assert!(answer.contains("the name is not found"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_has_an_end_whatever_the_server_thinks() {
    let server = Rude::new(|client| {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        // Until the other side has had enough.
        while client.write_all(&[7; 64 << 10]).is_ok() {}
    });
    let answer = called(granted(&[&server.url]), format!("download {}/", server.url)).await.unwrap();
    let (came, error) = answer.split_once(" bytes, then ").unwrap();
    // What came last isn't given out where it goes over.
    assert!((60 << 20..=64 << 20).contains(&came.parse::<u64>().unwrap()), "{answer}");
    assert!(error.contains("HttpResponseBodySize(Some(67108864))"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_read_of_a_response_than_its_guest_takes() {
    let mut held = None;
    let (told, sent) = std::sync::mpsc::channel();
    let server = Rude::new(move |client| match held.take() {
        None => {
            client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 60000000\r\n\r\n").unwrap();
            told.send(send_until_held(client, &[7; 1 << 20], 60_000_000).unwrap()).unwrap();
            held = Some(client.try_clone().unwrap());
        }
        Some(first) => {
            client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nreleased").unwrap();
            drop(first);
        }
    });
    let row = format!("hold {0}/ {0}/", server.url);
    assert_eq!(called(granted(&[&server.url]), row).await.unwrap(), "200 released");
    // The system's buffers take some of it.
    let sent = sent.recv().unwrap();
    assert!(sent < 30_000_000, "{sent} bytes were sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_request_has_is_bounded() {
    let server = HttpServer::new(echo);
    let (url, authority) = (format!("http://{}", server.address()), server.address().to_string());
    let limits = || granted(&[&url]);
    let rows = ["lengths", "long", "given-up"].map(|what| format!("raw {what} {authority}"));
    let answers = calls(limits(), &rows).await.unwrap();
    let length = "Err(ErrorCode::HttpRequestBodySize(None)), Err(ErrorCode::HttpRequestBodySize(Some(5))), Err(ErrorCode::HttpRequestBodySize(Some(3))), true";
    assert_eq!(answers, [length, "Err(ErrorCode::HttpRequestBodySize(Some(67108864)))", "broken off"]);
    assert_eq!(
        called(limits(), format!("many {url}/ 100")).await.unwrap(),
        format!(
            "16 at a time, GET {url}/: too many requests are under way: read or drop responses before more are sent, then 200"
        )
    );
    for (what, said) in [
        ("fields", "a header of HTTP may have 100 fields and 32768 bytes, and this one would have 101 and"),
        ("large", "a header of HTTP may have 100 fields and 32768 bytes, and this one would have 1 and 40001"),
        ("lists", "a plugin may have 64 lists of HTTP's fields at a time"),
        ("serve", "a plugin sends requests over HTTP, and answers none"),
    ] {
        let error = called(limits(), format!("raw {what} {authority}")).await.unwrap_err();
        assert!(error.contains(said), "{what}: {error}");
    }
    // What it sends counts as handed to the host.
    let small = Limits { host_call_bytes: 1 << 20, ..limits() };
    let error = called(small, format!("upload {url}/ 2000000")).await.unwrap_err();
    assert!(error.contains("it went over its limit of 1.0 MiB; raise `host-call-bytes` in [plugin.P]"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_a_body_is_told_though_nobody_has_read_it() {
    let text =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n5\r\nto be\r\n0\r\nx-sum: 5\r\n\r\n";
    let server = Rude::that_says(text);
    let authority = server.url.strip_prefix("http://").unwrap();
    let answer = called(granted(&[&server.url]), format!("raw trailers {authority}")).await.unwrap();
    assert_eq!(answer, "Some([(\"x-sum\", [53])])");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_its_time_ends_with_the_guests_patience_or_its_calls() {
    // Each client waits until the server ends.
    let mut all = vec![];
    let server = Rude::new(move |client| all.push(client.try_clone()));
    let authority = server.url.strip_prefix("http://").unwrap();
    let rows = [format!("patient {}/ 20", server.url), format!("raw options {authority}")];
    let answers = calls(granted(&[&server.url]), &rows).await.unwrap();
    assert_eq!(answers[0], format!("TimedOut: GET {}/: it took too long", server.url));
    assert_eq!(answers[1], "Err(ErrorCode::HttpResponseTimeout)");
    let hasty = Limits { time: Duration::from_millis(20), ..granted(&[&server.url]) };
    let error = called(hasty, format!("get {}/", server.url)).await.unwrap_err();
    assert!(error.contains("in transform.process: the call took longer than 20ms"), "{error}");
}

#[test]
fn what_fails_is_left_out_as_the_job_says() {
    let server = HttpServer::new(|asked| match asked.path.as_str() {
        "/users/b" => answer(500, "not today"),
        _ => users(asked),
    });
    let origin = format!("http://{}", server.address());
    let grants = format!("grants = {{ http = [\"{origin}\"] }}");
    let ran =
        enriching(&grants, &format!("{origin}/users/"), "on-error = \"skip\"").run(&["--batches", "1"]).ended_with(0);
    assert_eq!(ran.printed_rows(), ["(a,user a)", "(a,user a)", "(no one,null)", "(a,user a)"]);
    // What it is given may differ next time, so that a trap is tried again where the job says so.
    let again = HttpServer::new({
        let failed = std::sync::atomic::AtomicBool::new(false);
        move |asked| match asked.path.as_str() {
            "/users/b" if !failed.swap(true, std::sync::atomic::Ordering::Relaxed) => answer(500, "not yet"),
            _ => users(asked),
        }
    });
    let origin = format!("http://{}", again.address());
    let grants = format!("grants = {{ http = [\"{origin}\"] }}");
    let ran = enriching(&grants, &format!("{origin}/users/"), "").run(&["--batches", "1"]).ended_with(0);
    assert_eq!(ran.printed_rows().len(), 5, "{}", ran.stderr);
    assert!(again.asked().iter().filter(|asked| asked.path == "/users/b").count() > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_instances_ask_at_once() {
    let server = HttpServer::new(echo);
    let url = format!("http://{}", server.address());
    let job = TestJob::new();
    let caller = ComponentSource::File(component("caller"));
    job.context.add_plugin(plugin("caller", caller, granted(&[&url]), "{}")).unwrap();
    let (input, queue) = job.context.queue_stream("input", line_schema()).unwrap();
    let out = Collected::default();
    input.map("made", "caller/call").unwrap().write_to("out", Arc::new(out.clone())).unwrap();
    let rows = |partition: usize| -> Vec<String> { (0..25).map(|n| format!("get {url}/{partition}/{n}")).collect() };
    let partitions = (0..16).map(|partition| {
        let rows = rows(partition);
        lines(&rows.iter().map(String::as_str).collect::<Vec<_>>())
    });
    queue.push(partitions.collect()).unwrap();
    job.run(1).await.unwrap();
    for (partition, answers) in out.partitions(1000).iter().enumerate() {
        let expected: Vec<String> = (0..25).map(|n| format!("200 GET /{partition}/{n} with 0 bytes")).collect();
        assert_eq!(*answers, expected);
    }
    assert_eq!(server.asked().len(), 400);
}

//! What a checkpoint asks of an object store, against a real S3 server and against one that lacks it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sluicebox::checkpoint::{Created, Store};
use sluicebox_tests::s3::{Bucket, environment};
use sluicebox_tests::stores;

async fn store(bucket: &Bucket) -> Store {
    let store = Store::with_environment(&bucket.url("jobs/words"), bucket.environment()).unwrap();
    store.ready().await.unwrap();
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_created_once_replaced_listed_and_removed() {
    let bucket = Bucket::new();
    stores::creates_replaces_lists_and_removes(&|prefix| {
        Store::with_environment(&bucket.url(prefix), bucket.environment()).unwrap()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_at_once_creates_an_object() {
    let bucket = Bucket::new();
    stores::lets_one_of_many_create(&|prefix| {
        Store::with_environment(&bucket.url(prefix), bucket.environment()).unwrap()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_large_is_put_in_parts() {
    let bucket = Bucket::new();
    let store = store(&bucket).await;
    stores::keeps_what_is_large(&store).await;
}

/// Hands requests on to a server, and loses the answers to some.
struct Lossy {
    address: SocketAddr,
    n_lost: Arc<AtomicU32>,
}

impl Lossy {
    /// Of the connections that put an object below `log/`, each but every third is cut after the server has answered.
    fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, n_lost) = (listener.local_addr().unwrap(), Arc::new(AtomicU32::new(0)));
        let (lost, n_puts) = (n_lost.clone(), Arc::new(AtomicU32::new(0)));
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (lost, n_puts) = (lost.clone(), n_puts.clone());
                std::thread::spawn(move || hand_on(client, server, &lost, &n_puts));
            }
        });
        Self { address, n_lost }
    }
}

fn hand_on(client: TcpStream, server: SocketAddr, n_lost: &AtomicU32, n_puts: &AtomicU32) -> Option<()> {
    let server = TcpStream::connect(server).ok()?;
    let loses = Arc::new(AtomicU32::new(0));
    let (mut from, mut to, mark) = (client.try_clone().ok()?, server.try_clone().ok()?, loses.clone());
    std::thread::spawn(move || {
        let mut buffer = [0; 64 << 10];
        while let Ok(n @ 1..) = from.read(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..n]);
            if text.starts_with("PUT ") && text.contains("/log/") {
                mark.store(1, Ordering::SeqCst);
            }
            if to.write_all(&buffer[..n]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
    let (mut from, mut to) = (server, client);
    let mut buffer = [0; 64 << 10];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if loses.swap(0, Ordering::SeqCst) == 1 && n_puts.fetch_add(1, Ordering::SeqCst) % 3 != 2 {
            n_lost.fetch_add(1, Ordering::SeqCst);
            break;
        }
        to.write_all(&buffer[..n]).ok()?;
    }
    let _ = (to.shutdown(Shutdown::Both), from.shutdown(Shutdown::Both));
    Some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_there_though_its_answer_got_lost() {
    let bucket = Bucket::new();
    let lossy = Lossy::before(bucket.address);
    let store = Store::with_environment(&bucket.url("job"), environment(lossy.address)).unwrap();
    store.ready().await.unwrap();
    for number in 0..4_u8 {
        let created = store.create(&format!("log/{number}"), vec![number].into()).await.unwrap();
        // The first answer is lost, so what was created is found by the second try.
        assert_eq!(created, Created::Exists);
        assert_eq!(store.get(&format!("log/{number}")).await.unwrap().unwrap()[..], [number]);
    }
    let lost = lossy.n_lost.load(Ordering::SeqCst);
    assert!(lost >= 4, "{lost} answers were lost");
}

/// A server that takes whatever is put, and has no conditions.
fn without_conditions() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let (mut request, mut buffer) = (vec![], [0; 4096]);
                loop {
                    let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
                    if let Some((head, body)) = text.split_once("\r\n\r\n") {
                        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                            let answer = if head.starts_with("get") {
                                "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nLast-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 6\r\n\r\nsecond"
                            } else {
                                "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 0\r\n\r\n"
                            };
                            client.write_all(answer.as_bytes()).unwrap();
                            request.clear();
                        }
                    }
                    match client.read(&mut buffer) {
                        Ok(n @ 1..) => request.extend(&buffer[..n]),
                        _ => return,
                    }
                }
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_creates_a_second_time_is_refused() {
    let store = Store::with_environment("s3://bucket/job", environment(without_conditions())).unwrap();
    let error = store.ready().await.unwrap_err().to_string();
    assert!(
        error.starts_with("checkpoint s3://bucket/job: a second object of a name was not refused")
            && error.contains("If-None-Match"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_credentials_and_buckets_is_told() {
    let bucket = Bucket::new();
    let mut wrong = bucket.environment();
    wrong.iter_mut().filter(|(name, _)| name.contains("SECRET")).for_each(|(_, value)| *value = "other".to_owned());
    let store = Store::with_environment(&bucket.url("job"), wrong).unwrap();
    let error = store.ready().await.unwrap_err().to_string();
    assert!(error.contains("SignatureDoesNotMatch") && error.contains("AWS_SECRET_ACCESS_KEY"), "{error}");
    assert!(!format!("{store:?}").contains("other"), "{store:?}");
    let store = Store::with_environment("s3://no-such-bucket/job", bucket.environment()).unwrap();
    let error = store.ready().await.unwrap_err().to_string();
    assert!(error.starts_with("checkpoint s3://no-such-bucket/job: ") && error.contains("NoSuchBucket"), "{error}");
}

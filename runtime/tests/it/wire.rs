//! The default transport against a raw TCP server, which counts and misbehaves byte by byte.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use etiquette_runtime::codegen::{Builder, Core, Operation, Request};
use etiquette_runtime::{Error, Kind, Phase};

use crate::api::{Any, CANARY, CREATE, GET, KEY, SHOP};

/// A server whose connections are each handled by a closure; it counts the requests that arrived whole.
struct Server {
    core: Core,
    requests: Arc<AtomicUsize>,
    last: Arc<Mutex<String>>,
}

fn server(handle: impl Fn(&mut TcpStream, usize) + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut builder = Builder::new(&SHOP);
    builder.base_url(&format!("http://{}/v1", listener.local_addr().unwrap()));
    builder.credential(&KEY, CANARY);
    let (requests, last) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(Mutex::new(String::new())),
    );
    let (count, head) = (Arc::clone(&requests), Arc::clone(&last));
    let handle = Arc::new(handle);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (count, head, handle) =
                (Arc::clone(&count), Arc::clone(&head), Arc::clone(&handle));
            std::thread::spawn(move || {
                let mut stream = stream.unwrap();
                while let Some(request) = read_request(&mut stream) {
                    *head.lock().unwrap() = request;
                    let number = count.fetch_add(1, Ordering::SeqCst);
                    handle(&mut stream, number);
                }
            });
        }
    });
    Server {
        core: builder.build().unwrap(),
        requests,
        last,
    }
}

/// Head and body of a request; `None` at the end of the connection.
fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        text.push(byte[0]);
    }
    let head = String::from_utf8(text).unwrap().to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).map_or(0, |rest| {
        rest.split("\r\n").next().unwrap().parse().unwrap()
    });
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}

fn answer(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

fn good(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

impl Server {
    fn run<T>(&self, call: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(call)
    }

    fn once(&self, operation: &'static Operation) -> Result<Any, Error> {
        let mut request = Request::new(&self.core, operation);
        if operation.path.contains('{') {
            request = request.key(&"7");
        }
        self.run(request.call::<Any>().with_attempts(1))
    }

    fn count(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

#[test]
fn a_request_goes_out_as_it_should() {
    let server = server(|stream, _| answer(stream, &good("{}")));
    let call = || Request::new(&server.core, &CREATE).json(&"x").call::<Any>();
    server.run(async {
        call().await.unwrap();
        call().await.unwrap();
    });
    assert_eq!(server.count(), 2);
    let head = server.last.lock().unwrap().clone();
    assert!(head.starts_with("post /v1/orders http/1.1\r\n"), "{head}");
    assert_eq!(head.matches("\r\nhost: 127.0.0.1:").count(), 1, "{head}");
    assert!(
        head.contains("\r\ncontent-length: 3\r\n") && head.ends_with("\r\n\r\n\"x\""),
        "{head}"
    );
    assert!(
        head.contains(&format!("\r\nauthorization: bearer {CANARY}\r\n")),
        "{head}"
    );
}

/// Phases: nobody listens.
#[test]
fn a_refused_connection_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut builder = Builder::new(&SHOP);
    builder.base_url(&format!("http://{}", listener.local_addr().unwrap()));
    builder.credential(&KEY, CANARY);
    drop(listener);
    let core = builder.build().unwrap();
    let server = Server {
        core,
        requests: Arc::default(),
        last: Arc::default(),
    };
    let error = server.once(&CREATE).unwrap_err();
    assert_eq!(
        (error.kind(), error.phase(), error.may_have_happened()),
        (Kind::Connect, Phase::NotSent, false)
    );
}

/// Phases, rows A2 and D12: everything after the first byte is unknown, whatever the server does.
#[test]
fn broken_answers_are_unknown() {
    for broken in [
        "",
        "HTTP/1.1 2",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "garbage\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}x",
    ] {
        let server = server(move |stream, _| {
            answer(stream, broken);
            let _ = stream.shutdown(Shutdown::Both);
        });
        let error = server.once(&CREATE).unwrap_err();
        assert_eq!(
            (error.kind(), error.phase(), server.count()),
            (Kind::Ambiguous, Phase::Unknown, 1),
            "{broken:?}"
        );
        let error = server.once(&GET).unwrap_err();
        assert_eq!(
            (error.kind(), error.phase()),
            (Kind::Truncated, Phase::Unknown),
            "{broken:?}"
        );
    }
}

/// Row A17: what the server counts is what the runtime says; hyper sends nothing again by itself.
#[test]
fn nothing_is_sent_behind_our_back() {
    let server = server(|stream, _| {
        let _ = stream.shutdown(Shutdown::Both);
    });
    let call = Request::new(&server.core, &GET)
        .key(&"7")
        .call::<Any>()
        .with_attempts(3);
    let error = server.run(call).unwrap_err();
    assert_eq!((error.attempts(), server.count()), (3, 3));
}

/// Row D13: a pooled connection that the server has closed. What the pool notices is sent on a new connection; what it
/// does not notice in time is unclear, and never sent twice.
#[test]
fn a_stale_connection_sends_nothing_twice() {
    let server = server(|stream, _| {
        answer(stream, &good("{}"));
        let _ = stream.shutdown(Shutdown::Both);
    });
    let (mut sure, mut unclear) = (0, 0);
    server.run(async {
        for _ in 0..50 {
            match Request::new(&server.core, &CREATE)
                .json(&"x")
                .call::<Any>()
                .await
            {
                Ok(_) => sure += 1,
                Err(error) if error.kind() == Kind::Ambiguous => unclear += 1,
                Err(error) => panic!("{error}"),
            }
        }
    });
    assert_eq!(sure + unclear, 50);
    assert!(
        (sure..=sure + unclear).contains(&server.count()),
        "{sure} {unclear} {}",
        server.count()
    );
    assert!(
        sure >= 25,
        "a connection that is closed is not used again and again: {sure}"
    );
}

/// Rows D5, D9: a body without end and a length that lies are cut, without taking memory for them.
#[test]
fn endless_and_lying_bodies_are_cut() {
    let endless = server(|stream, _| {
        answer(
            stream,
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        );
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(65536));
        while stream.write_all(chunk.as_bytes()).is_ok() {}
    });
    let error = endless.once(&GET).unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::TooLarge, Some(200)));
    let lying = server(|stream, _| {
        answer(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 9223372036854775807\r\n\r\n{}",
        );
    });
    assert_eq!(lying.once(&GET).unwrap_err().kind(), Kind::TooLarge);
    let lying = server(|stream, _| {
        answer(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 33554432\r\n\r\n{}",
        );
        let _ = stream.shutdown(Shutdown::Both);
    });
    assert_eq!(lying.once(&GET).unwrap_err().kind(), Kind::Truncated);
}

/// Row D10: heads have an end too.
#[test]
fn giant_heads_are_refused() {
    for head in [
        format!("x-a: {}\r\n", "a".repeat(1 << 20)),
        "x-a: b\r\n".repeat(10_000),
        "x-a: b\r\n".repeat(101),
    ] {
        let server = server(move |stream, _| {
            answer(
                stream,
                &format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n{head}\r\n{{}}"),
            );
        });
        let error = server.once(&GET).unwrap_err();
        assert!(
            matches!(error.kind(), Kind::TooLarge | Kind::Truncated),
            "{error}"
        );
    }
    let server = server(|stream, _| {
        answer(
            stream,
            &format!(
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n{}\r\n{{}}",
                "x-a: b\r\n".repeat(98)
            ),
        );
    });
    server.once(&GET).expect("the control: 99 headers");
}

/// Row A24: a redirect is not followed by the transport either.
#[test]
fn the_transport_follows_nothing() {
    let server = server(|stream, number| match number {
        0 => answer(
            stream,
            "HTTP/1.1 307 x\r\nlocation: http://127.0.0.1:1/evil\r\ncontent-length: 0\r\n\r\n",
        ),
        _ => answer(stream, &good("{}")),
    });
    assert_eq!(server.once(&CREATE).unwrap_err().kind(), Kind::Redirected);
    assert_eq!(server.count(), 1);
}

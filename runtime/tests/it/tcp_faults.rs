//! The whole client over the default transport against servers that stall, flood, set cookies and point elsewhere.
//!
//! Attempt timeouts are real here, and short; nothing asserts how long anything took.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use etiquette_runtime::codegen::{Builder, Core, Effect, Operation, Request, Verb};
use etiquette_runtime::transport::hyper::HyperTransport;
use etiquette_runtime::transport::{Failure, Payload, Transport};
use etiquette_runtime::{Error, Kind, Phase};
use http::Method;

use crate::api::{Any, CANARY, CREATE, GET, KEY, READ, SHOP};
use crate::tcp::{Hostile, good, run};

static HASTY: Operation = Operation {
    timeout: Duration::from_millis(150),
    ..READ
};
static HASTY_ONCE: Operation = Operation {
    verb: Verb::Post,
    effect: Effect::Once,
    ..HASTY
};

fn client(base: &str) -> Core {
    let mut builder = Builder::new(&SHOP);
    builder.base_url(base);
    builder.credential(&KEY, CANARY);
    builder.build().unwrap()
}

impl Hostile {
    fn client(&self) -> Core {
        client(&format!("http://{}/v1", self.address))
    }
}

fn once(core: &Core, operation: &'static Operation) -> Result<Any, Error> {
    let mut request = Request::new(core, operation);
    if operation.path.contains('{') {
        request = request.key(&"7");
    }
    run(request.call::<Any>().with_attempts(1))
}

/// Row A1: what never left may be sent again whatever it does, and is; here to nobody, a wrong name and no TLS.
#[test]
fn what_was_not_sent_is_sent_again() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let closes = TcpListener::bind("127.0.0.1:0").unwrap();
    let no_tls = format!("https://{}", closes.local_addr().unwrap());
    let dialled =
        std::thread::spawn(move || closes.incoming().take(2).filter(Result::is_ok).count());
    for base in [refused.as_str(), "https://nothing.invalid", &no_tls] {
        let core = client(base);
        let call = Request::new(&core, &CREATE).json(&"x").call::<Any>();
        let error = run(call.with_attempts(2)).unwrap_err();
        assert_eq!(
            (error.kind(), error.phase(), error.attempts()),
            (Kind::Connect, Phase::NotSent, 2),
            "{base}: {error}"
        );
        assert!(!error.may_have_happened(), "{base}");
    }
    assert_eq!(dialled.join().unwrap(), 2);
}

/// Row D1: nothing waits for ever unless it is spelled out.
#[test]
fn there_is_a_time_limit_for_connecting() {
    let text = format!("{:?}", HyperTransport::builder());
    assert!(
        text.contains("connect_timeout: 10s") && text.contains("idle_timeout: 30s"),
        "{text}"
    );
    // Takes the connection and says nothing: the handshake counts as connecting.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let transport = HyperTransport::builder()
        .with_connect_timeout(Duration::from_millis(50))
        .build();
    let request = http::Request::builder()
        .uri(format!("https://{}/", silent.local_addr().unwrap()))
        .body(Payload::empty())
        .unwrap();
    let error = run(transport.send(request)).unwrap_err();
    assert_eq!(
        (error.phase(), error.kind()),
        (Phase::NotSent, Failure::Timeout)
    );
}

/// Row D4: wherever it stalls, the attempt has an end, and so has its connection.
#[test]
fn every_stall_ends() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n";
    for said in [
        String::new(),
        head.to_owned(),
        format!("{head}\r\n"),
        format!("{head}\r\n2\r\n{{}}\r\n"),
        format!("{head}\r\n2\r\n{{}}\r\n0\r\nx-trailer: 1\r\n"),
    ] {
        for (operation, kind) in [(&HASTY, Kind::Timeout), (&HASTY_ONCE, Kind::Ambiguous)] {
            let said = said.clone();
            let server = Hostile::new(move |peer| {
                peer.say(&said);
                peer.wait_for_end();
            });
            let error = once(&server.client(), operation).unwrap_err();
            assert_eq!((error.kind(), error.phase()), (kind, Phase::Unknown));
            assert_eq!((server.ended(), server.requests()), (0, 1));
        }
    }
}

/// Row D4: interim answers without end are no answer.
#[test]
fn interim_answers_without_end_are_cut() {
    let server = Hostile::new(|peer| {
        while std::io::Write::write_all(&mut peer.stream, b"HTTP/1.1 103 Early Hints\r\n\r\n")
            .is_ok()
        {}
    });
    let error = once(&server.client(), &HASTY).unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert_eq!((server.ended(), server.requests()), (0, 1));
}

/// Row D8: what is no success has a body too, and it is cut as well.
#[test]
fn endless_bodies_of_errors_are_cut() {
    for (status, kind) in [
        (500, Kind::Api),
        (401, Kind::Auth),
        (404, Kind::Api),
        (307, Kind::Redirected),
    ] {
        let taken = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&taken);
        let server = Hostile::new(move |peer| {
            peer.say(&format!(
                "HTTP/1.1 {status} x\r\nlocation: http://127.0.0.1:1/\r\ntransfer-encoding: chunked\r\n\r\n"
            ));
            let chunk = format!("10000\r\n{}\r\n", " ".repeat(65_536));
            while std::io::Write::write_all(&mut peer.stream, chunk.as_bytes()).is_ok() {
                count.fetch_add(chunk.len(), Ordering::SeqCst);
            }
        });
        let error = once(&server.client(), &GET).unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (kind, Some(status)),
            "{error}"
        );
        assert_eq!(server.ended(), 0);
        let taken = taken.load(Ordering::SeqCst);
        assert!(taken < 24 << 20, "1 MiB and what the sockets hold: {taken}");
    }
}

/// Row D17: whatever an answer names, only the configured origin is dialled.
#[test]
fn nobody_else_is_dialled() {
    let foreign = Hostile::new(|peer| peer.say(&good("{}")));
    let other = foreign.address;
    for status in [200, 201, 301, 302, 303, 307, 308, 401, 503] {
        let server = Hostile::new(move |peer| {
            peer.say(&format!(
                "HTTP/1.1 {status} x\r\nlocation: http://{other}/\r\ncontent-location: http://{other}/\r\n\
                 link: <http://{other}/>; rel=\"next\"\r\nalt-svc: h2=\"{other}\"\r\nrefresh: 0;url=http://{other}/\r\n\
                 content-length: 2\r\n\r\n{{}}"
            ));
        });
        for operation in [&GET, &CREATE] {
            let _ = once(&server.client(), operation);
        }
        assert_eq!(server.requests(), 2, "{status}");
    }
    assert_eq!(foreign.connections(), 0);
}

/// Row E12: there is no cookie store.
#[test]
fn cookies_are_not_kept() {
    let server = Hostile::new(|peer| {
        peer.say("HTTP/1.1 200 OK\r\nset-cookie: id=1; path=/\r\ncontent-length: 2\r\n\r\n{}");
    });
    let core = server.client();
    run(async {
        for _ in 0..3 {
            let call = Request::new(&core, &GET).key(&"7").call::<Any>();
            call.await.unwrap();
        }
    });
    let heads = server.heads.lock().unwrap();
    assert_eq!((heads.len(), server.connections()), (3, 1));
    assert!(
        heads
            .iter()
            .all(|head| !head.to_lowercase().contains("cookie"))
    );
}

/// Rows D6, D7: nothing is offered, so that nothing has to be unpacked, and what comes packed all the same is an error
/// that says so.
#[test]
fn a_packed_answer_is_refused() {
    for coding in ["gzip", "br", "gzip, gzip, gzip"] {
        let server = Hostile::new(move |peer| {
            peer.say(&format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: 2\r\n\r\n{{}}"
            ));
        });
        let error = once(&server.client(), &GET).unwrap_err();
        assert_eq!(error.kind(), Kind::Decode, "{error}");
        assert!(error.to_string().contains("content-encoding"), "{error}");
    }
    let server = Hostile::new(|peer| {
        peer.say("HTTP/1.1 200 OK\r\ncontent-encoding: Identity\r\ncontent-length: 2\r\n\r\n{}");
    });
    once(&server.client(), &GET).unwrap();
}

/// Row A17: what the server counts is what the client says.
#[test]
fn a_dropped_connection_is_one_attempt() {
    let server = Hostile::new(|peer| peer.close());
    let core = server.client();
    let transport = HyperTransport::new();
    run(async {
        let request = server.request(Method::PUT);
        let error = transport.send(request).await.unwrap_err();
        assert_eq!(
            (error.phase(), error.kind()),
            (Phase::Unknown, Failure::Reset)
        );
        let error = Request::new(&core, &GET)
            .key(&"7")
            .call::<Any>()
            .with_attempts(3)
            .await
            .unwrap_err();
        assert_eq!(error.attempts(), 3);
    });
    assert_eq!(server.requests(), 4);
}

//! The default transport and its pool: which connection a request has, and which of them may be used again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use etiquette_runtime::Phase;
use etiquette_runtime::transport::hyper::HyperTransport;
use etiquette_runtime::transport::{Failure, Payload, Transport};
use futures::future::join_all;
use http::Method;

use crate::tcp::{Hostile, Peer, good, run, text};

/// Answers with the number of the connection.
fn numbered(peer: &mut Peer) {
    let answer = good(&peer.connection.to_string());
    peer.say(&answer);
}

#[test]
fn what_goes_out_is_in_origin_form() {
    let server = Hostile::new(numbered);
    run(server.get(&HyperTransport::new())).unwrap();
    let head = server.heads.lock().unwrap()[0].clone();
    assert!(head.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{head}");
    assert_eq!(head.matches("host: ").count(), 1, "{head}");
    assert!(!head.to_lowercase().contains("accept-encoding"), "{head}");
}

#[test]
fn the_connection_used_last_is_used_next_and_clones_share_it() {
    let server = Hostile::new(numbered);
    let transport = HyperTransport::new();
    run(async {
        let mut bodies = join_all((0..3).map(|_| server.get(&transport))).await;
        bodies.sort_by(|a, b| a.as_ref().unwrap().cmp(b.as_ref().unwrap()));
        assert_eq!(server.connections(), 3);
        let last = server.get(&transport).await.unwrap();
        for _ in 0..5 {
            assert_eq!(server.get(&transport.clone()).await.unwrap(), last);
        }
        // The answer of the one does not wait for the other.
        let (one, other) = tokio::join!(server.get(&transport), server.get(&transport));
        assert_ne!(one.unwrap(), other.unwrap());
    });
    assert_eq!((server.connections(), server.requests()), (3, 11));
}

#[test]
fn idle_connections_are_closed_in_time_and_bounded() {
    let server = Hostile::new(numbered);
    let transport = HyperTransport::builder()
        .with_idle_timeout(Duration::ZERO)
        .build();
    run(async {
        for number in 0..3 {
            assert_eq!(server.get(&transport).await.unwrap(), number.to_string());
        }
    });
    let server = Hostile::new(numbered);
    let transport = HyperTransport::new();
    run(async {
        // All of them are on their way at once: no answer is read before all connections stand.
        let answers = join_all((0..70).map(|_| transport.send(server.request(Method::GET)))).await;
        for answer in answers {
            text(answer.unwrap()).await.unwrap();
        }
        let mut gone: Vec<_> = (0..6).map(|_| server.ended()).collect();
        gone.dedup();
        assert_eq!(gone.len(), 6);
        let again = join_all((0..64).map(|_| server.get(&transport))).await;
        assert!(again.iter().all(Result::is_ok));
    });
    assert_eq!(
        server.connections(),
        70,
        "64 stayed open and were used again"
    );
    // Without a request the sweep closes them: here at once, since nothing may stay idle.
    let server = Hostile::new(numbered);
    let transport = HyperTransport::builder()
        .with_idle_timeout(Duration::from_millis(1))
        .build();
    run(async {
        server.get(&transport).await.unwrap();
        server.has_ended().await;
    });
}

/// Connections belong to the runtime that made them; in another one they would never hear of their answers.
#[test]
fn a_client_outlives_its_runtime() {
    let server = Hostile::new(numbered);
    let transport = HyperTransport::new();
    let keep = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    assert_eq!(keep.block_on(server.get(&transport)).unwrap(), "0");
    assert_eq!(run(server.get(&transport)).unwrap(), "1");
    assert_eq!(keep.block_on(server.get(&transport)).unwrap(), "0");
    assert_eq!(run(server.get(&transport)).unwrap(), "2");
    let none = futures::executor::block_on(server.get(&transport)).unwrap_err();
    assert_eq!(
        (none.phase(), none.kind()),
        (Phase::NotSent, Failure::Connect)
    );
}

/// Answers without a body leave the connection whole, whatever their headers say (RFC 9110 §6.4.1).
#[test]
fn no_body_means_no_waiting() {
    let server = Hostile::new(|peer| match peer.request {
        0 => peer.say("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"),
        1 => peer.say("HTTP/1.1 204 No Content\r\n\r\n"),
        2 => peer.say("HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n"),
        3 => peer.say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        _ => numbered(peer),
    });
    let transport = HyperTransport::new();
    run(async {
        for method in [Method::HEAD, Method::DELETE, Method::GET, Method::GET] {
            // The body is not even looked at.
            let answer = transport.send(server.request(method)).await.unwrap();
            drop(answer);
        }
        assert_eq!(server.get(&transport).await.unwrap(), "0");
    });
    assert_eq!((server.connections(), server.requests()), (1, 5));
}

/// Row D4, its good half: interim answers are passed over, trailers are read, a body may come in any pieces.
#[test]
fn interim_answers_and_trailers_are_passed_over() {
    let server = Hostile::new(|peer| {
        let answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n\
                      HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\
                      x-trailer: 1\r\nset-cookie: t=1\r\n\r\n";
        if peer.request == 0 {
            return peer.say(answer);
        }
        for byte in 0..answer.len() {
            peer.say(&answer[byte..=byte]);
        }
    });
    let transport = HyperTransport::new();
    run(async {
        for _ in 0..3 {
            assert_eq!(server.get(&transport).await.unwrap(), "abc");
        }
    });
    assert_eq!((server.connections(), server.requests()), (1, 3));
}

/// What ends with its connection, or says so, is whole; the next request has another connection.
#[test]
fn a_connection_that_says_close_is_not_used_again() {
    let server = Hostile::new(|peer| match peer.connection {
        0 => peer.say("HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\na"),
        1 => {
            peer.say("HTTP/1.1 200 OK\r\n\r\nabc");
            peer.close();
        }
        2 => peer.say("HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nb"),
        _ => numbered(peer),
    });
    let transport = HyperTransport::new();
    run(async {
        for body in ["a", "abc", "b", "3", "3"] {
            assert_eq!(server.get(&transport).await.unwrap(), body);
        }
    });
    assert_eq!((server.connections(), server.requests()), (4, 5));
}

/// Row A20: given up at whatever moment, a connection is closed and its rest is nobody's answer.
#[test]
fn an_abandoned_connection_is_closed() {
    for said in [
        "",
        "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nev",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nev\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nev\r\n0\r\nx: y\r\n",
    ] {
        let (tell, told) = tokio::sync::mpsc::unbounded_channel();
        let told = Arc::new(tokio::sync::Mutex::new(told));
        let server = Hostile::new(move |peer| match peer.connection {
            0 => {
                peer.say(said);
                let _ = tell.send(());
                peer.wait_for_end();
            }
            _ => numbered(peer),
        });
        let transport = HyperTransport::new();
        run(async {
            let reading = async {
                let answer = transport.send(server.request(Method::GET)).await.unwrap();
                text(answer).await
            };
            let given_up = async {
                told.lock().await.recv().await;
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                body = reading => panic!("{body:?}"),
                () = given_up => {}
            }
            assert_eq!(server.ended(), 0, "{said:?}");
            assert_eq!(server.get(&transport).await.unwrap(), "1", "{said:?}");
        });
        assert_eq!(server.requests(), 2);
    }
}

/// An answer that comes before the request is written out: it counts, and the connection does not.
#[test]
fn an_early_answer_ends_its_connection() {
    let server = Hostile::new(|peer| match peer.connection {
        0 => {
            peer.say("HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\nno");
            peer.wait_for_end();
        }
        _ => numbered(peer),
    });
    let transport = HyperTransport::new();
    run(async {
        let request = server.request(Method::POST);
        // More than the buffers of any socket take in; the server reads it only to find the end.
        let request = request.map(|_| Payload::from(Bytes::from(vec![b'x'; 64 << 20])));
        let answer = transport.send(request).await.unwrap();
        assert_eq!(answer.status(), 413);
        assert_eq!(text(answer).await.unwrap(), "no");
        assert_eq!(server.get(&transport).await.unwrap(), "1");
    });
}

/// Row D13: what the server closed while it was idle is seen before anything is written, though the thread did not
/// look at its sockets since; nothing fails and nothing is sent twice.
#[test]
fn a_closed_idle_connection_costs_nothing() {
    let server = Hostile::new(|peer| {
        numbered(peer);
        peer.close();
    });
    let transport = HyperTransport::new();
    run(async {
        for number in 0..20 {
            assert_eq!(server.get(&transport).await.unwrap(), number.to_string());
            assert_eq!(server.ended(), number);
            let idle = Instant::now();
            while idle.elapsed() < Duration::from_millis(2) {
                std::hint::spin_loop();
            }
        }
    });
    assert_eq!((server.connections(), server.requests()), (20, 20));
}

/// Row D12: where the length of an answer is not clear, and where more comes than belongs to it, the connection ends.
#[test]
fn smuggled_answers_reach_nobody() {
    let evil = good("evil");
    for (head, is_error) in [
        ("content-length: 2\r\ncontent-length: 3\r\n\r\n{}", true),
        ("content-length: 2\r\ncontent-length: 2\r\n\r\n{}", true),
        ("content-length: 2, 3\r\n\r\n{}", true),
        ("content-length: -2\r\n\r\n{}", true),
        (
            "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            true,
        ),
        (
            "transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            true,
        ),
        (
            "transfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            true,
        ),
        (
            "transfer-encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            true,
        ),
        ("transfer-encoding: chunked\r\n\r\n2\n{}\n0\n\n", true),
        (
            "transfer-encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
            true,
        ),
        ("content-length : 2\r\n\r\n{}", true),
        ("x: a\0b\r\ncontent-length: 2\r\n\r\n{}", true),
        // A bare LF may end a line of a head (RFC 9112 §2.2); what is too much closes all the same.
        ("content-length: 2\n\n{}", false),
        ("content-length: 2\r\n\r\n{}", false),
        (
            "transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            false,
        ),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{head}{evil}");
        let server = Hostile::new(move |peer| match peer.connection {
            0 => peer.say(&answer),
            _ => numbered(peer),
        });
        let transport = HyperTransport::new();
        run(async {
            match server.get(&transport).await {
                Ok(body) => assert!(!is_error && body == "{}", "{head:?}: {body:?}"),
                Err(error) => {
                    assert!(is_error, "{head:?}: {error}");
                    assert_eq!(error.phase(), Phase::Unknown, "{head:?}");
                }
            }
            assert_eq!(server.ended(), 0, "{head:?}");
            assert_eq!(server.get(&transport).await.unwrap(), "1", "{head:?}");
        });
    }
}

/// Row D10: 64 KiB of head and 100 headers, and not one more.
#[test]
fn heads_are_bounded() {
    for (head, kind) in [
        ("x-a: b\r\n".repeat(99), None),
        ("x-a: b\r\n".repeat(100), Some(Failure::TooLarge)),
        (format!("x-a: {}\r\n", "a".repeat(50_000)), None),
        (
            format!("x-a: {}\r\n", "a".repeat(70_000)),
            Some(Failure::TooLarge),
        ),
    ] {
        let server = Hostile::new(move |peer| {
            peer.say(&format!(
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n{head}\r\n{{}}"
            ));
        });
        let got = run(server.get(&HyperTransport::new()));
        assert_eq!(got.err().map(|error| error.kind()), kind);
    }
}

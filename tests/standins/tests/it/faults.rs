//! Faults: what the client sees, and whether the request was carried out.

use std::io::ErrorKind;

use etiquette_standins::users::{Config, start};
use etiquette_standins::{Answer, Fault, Gate, Standin, clock};
use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{get, try_write, write};

const BODY: &str = r#"{"name": "A", "email": "a@b.c"}"#;

async fn users() -> Standin {
    start(Config::default(), clock::system()).await.unwrap()
}

fn count(users: &Standin) -> usize {
    users.state()["users"].as_array().unwrap().len()
}

/// Rows A2 and A3: the connection is lost before or after the write happened.
#[tokio::test]
async fn a_connection_is_lost_before_or_after_the_write() {
    for (fault, kind, applied) in [
        (Fault::ResetBefore, ErrorKind::ConnectionReset, false),
        (Fault::ResetAfter, ErrorKind::ConnectionReset, true),
        (Fault::CloseBefore, ErrorKind::UnexpectedEof, false),
        (Fault::CloseAfter, ErrorKind::UnexpectedEof, true),
    ] {
        let users = users().await;
        let what = format!("{fault:?}");
        users.next(fault);
        let lost = try_write(&users, "POST", "/users", BODY).await.unwrap_err();
        assert_eq!(lost.kind(), kind, "{what}");
        assert_eq!(count(&users), 2 + usize::from(applied), "{what}");
        let arrival = &users.writes()[0];
        assert_eq!((arrival.applied, arrival.status), (applied, None), "{what}");
        assert_eq!(arrival.body, BODY);
        assert_eq!(
            get(&users, "/users").await.status,
            200,
            "the next one is served"
        );
    }
}

/// Row A14: a body that is shorter than its length, or is not JSON.
#[tokio::test]
async fn an_answer_can_be_cut_or_spoilt() {
    let users = users().await;
    users.next(Fault::Truncate { keep: 12 });
    let cut = try_write(&users, "POST", "/users", BODY).await.unwrap_err();
    assert_eq!(cut.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(count(&users), 3);
    users.next(Fault::Malformed);
    let spoilt = get(&users, "/users").await;
    assert_eq!(spoilt.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&spoilt.body).is_err());
    users.next(Fault::Html);
    let page = get(&users, "/users").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
}

#[tokio::test]
async fn an_answer_can_be_replaced_or_patched() {
    let users = users().await;
    let busy = Answer::new(503)
        .header("retry-after", "7")
        .header("retry-after", "9");
    users.next(Fault::Answer(busy.json(r#"{"error":"busy"}"#)));
    let reply = write(&users, "POST", "/users", BODY).await;
    assert_eq!(
        (reply.status, reply.header("retry-after")),
        (503, Some("7"))
    );
    assert!(reply.header("x-ratelimit-limit").is_some() && reply.header("date").is_some());
    assert_eq!(count(&users), 2);

    users.next(Fault::Answer(Answer::new(502).bare().after_applying()));
    let reply = write(&users, "POST", "/users", BODY).await;
    assert_eq!(reply.status, 502);
    assert!(reply.header("x-ratelimit-limit").is_none() && reply.header("date").is_none());
    assert_eq!(count(&users), 3);

    users.next(Fault::set("/data/0/name", json!(null)));
    assert_eq!(
        get(&users, "/users").await.json()["data"][0]["name"],
        json!(null)
    );
    users.next(Fault::remove("/data/1", "email"));
    assert_eq!(
        get(&users, "/users").await.json()["data"][1].get("email"),
        None
    );
    users.next(Fault::header("x-ratelimit-remaining", "-5"));
    assert_eq!(
        get(&users, "/users").await.header("x-ratelimit-remaining"),
        Some("-5")
    );
    let twice = ["7", "9"].map(|value| (http::header::RETRY_AFTER, value.parse().unwrap()));
    users.next(Fault::Headers(twice.to_vec()));
    let reply = get(&users, "/users").await;
    let sent = reply
        .headers
        .iter()
        .filter(|(name, _)| name == "retry-after");
    assert_eq!(sent.count(), 2);
    users.next(Fault::WithoutHeaders(vec![http::header::DATE]));
    assert_eq!(get(&users, "/users").await.header("date"), None);
}

#[tokio::test]
async fn faults_wait_in_turn_for_the_arrivals_that_they_are_for() {
    let users = users().await;
    users.next_for(Method::POST, "/users", Fault::status(500));
    users.next(Fault::status(501));
    users.next(Fault::status(502));
    let rule = |arrival: &etiquette_standins::Arrival| {
        let odd = arrival.sequence % 2 == 1;
        odd.then(|| Fault::status(503))
    };
    users.on_each(rule);
    assert_eq!(get(&users, "/users").await.status, 501);
    assert_eq!(write(&users, "POST", "/users", BODY).await.status, 500);
    assert_eq!(users.faults_left(), 1);
    assert_eq!(get(&users, "/users").await.status, 502);
    assert_eq!(get(&users, "/users").await.status, 200);
    assert_eq!(get(&users, "/users").await.status, 503);
}

#[tokio::test]
async fn a_held_answer_comes_when_the_gate_opens() {
    let users = users().await;
    let gate = Gate::new();
    for _ in 0..3 {
        users.next(Fault::Hold(gate.clone()));
    }
    let open = async {
        users.arrived(3).await;
        assert!(
            users
                .arrivals()
                .iter()
                .all(|arrival| arrival.status.is_none())
        );
        gate.open();
    };
    let (a, b, c, ()) = tokio::join!(
        get(&users, "/users"),
        get(&users, "/users"),
        get(&users, "/users"),
        open
    );
    assert_eq!([a.status, b.status, c.status], [200; 3]);
    assert_eq!(users.most_at_once(), 3);
}

/// Row D4: silence before the head, and between the head and the body.
#[tokio::test]
async fn a_stalled_answer_never_comes() {
    for (fault, heard, applied) in [
        (Fault::StallBefore, "", false),
        (Fault::StallAfter, "", true),
        (Fault::StallBody { keep: 3 }, "{\"c", true),
    ] {
        let users = users().await;
        users.next(fault);
        let mut stream = TcpStream::connect(users.address()).await.unwrap();
        let request = format!(
            "POST /v1/users HTTP/1.1\r\nhost: a\r\nauthorization: Bearer users-key\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
            BODY.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        while !heard.is_empty() && !text.ends_with(heard) {
            let mut byte = [0];
            assert_eq!(stream.read(&mut byte).await.unwrap(), 1);
            text.push(char::from(byte[0]));
        }
        users.arrived(1).await;
        while users.arrivals()[0].applied != applied {
            tokio::task::yield_now().await;
        }
        let silent = stream.try_read(&mut [0]).unwrap_err();
        assert_eq!(silent.kind(), ErrorKind::WouldBlock);
        users.stop().await;
        // However it is closed, nothing more has come.
        assert!(matches!(stream.read(&mut [0]).await, Ok(0) | Err(_)));
    }
}

/// Several requests on one connection are all counted.
#[tokio::test]
async fn a_connection_is_kept_alive() {
    let users = users().await;
    let one = "GET /v1/users HTTP/1.1\r\nhost: a\r\nauthorization: Bearer users-key\r\n";
    let both = format!("{one}\r\n{one}connection: close\r\n\r\n");
    let back = crate::client::exchange(users.address(), both.as_bytes())
        .await
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&back)
            .matches("HTTP/1.1 200 OK")
            .count(),
        2
    );
    assert_eq!(users.arrivals().len(), 2);
}

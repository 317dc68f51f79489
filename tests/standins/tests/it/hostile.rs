//! The raw server: it plays what it is told and keeps what it read.

use std::io::ErrorKind;
use std::time::Duration;

use etiquette_standins::{Gate, Hostile, Script};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::exchange;

const GET: &[u8] = b"GET /a HTTP/1.1\r\nhost: a\r\n\r\n";

#[tokio::test]
async fn each_connection_has_its_script() {
    let server = Hostile::start(vec![
        Script::answer("one"),
        Script::new().read_request().reset(),
        Script::answer("two").read_request().send("three"),
    ])
    .await
    .unwrap();
    assert_eq!(exchange(server.address(), GET).await.unwrap(), b"one");
    let reset = exchange(server.address(), GET).await.unwrap_err();
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
    let post = b"POST /b HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi";
    let both = [GET, post].concat();
    assert_eq!(
        exchange(server.address(), &both).await.unwrap(),
        b"twothree"
    );
    assert!(
        exchange(server.address(), GET).await.is_err(),
        "no script is left"
    );
    let requests = server.requests();
    let read: Vec<(usize, &[u8])> = requests
        .iter()
        .map(|r| (r.connection, &r.bytes[..]))
        .collect();
    assert_eq!(read, [(0, GET), (1, GET), (2, GET), (2, &post[..])]);
    assert_eq!(server.connections(), 4);
    let url = server.url();
    assert_eq!(url, format!("http://{}", server.address()));
    server.stop().await;
}

/// Row D2: bytes that come one by one, by a clock that the test has paused.
#[tokio::test(start_paused = true)]
async fn a_drip_takes_its_time_by_tokios_clock() {
    let script = Script::new()
        .read_request()
        .drip("drop", Duration::from_secs(19));
    let server = Hostile::always(script).await.unwrap();
    let began = tokio::time::Instant::now();
    assert_eq!(exchange(server.address(), GET).await.unwrap(), b"drop");
    assert_eq!(began.elapsed().as_secs(), 4 * 19);
    assert_eq!(server.sent(), 4);
}

/// Rows D5 and D10: a flood ends when the client has had enough.
#[tokio::test]
async fn a_flood_stops_when_the_client_leaves() {
    let script = Script::new().repeat(vec![b'x'; 1024], u64::MAX);
    let server = Hostile::always(script).await.unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let mut some = vec![0; 100_000];
    stream.read_exact(&mut some).await.unwrap();
    assert!(some.iter().all(|byte| *byte == b'x'));
    assert!(server.sent() >= 100_000);
    drop(stream);
    server.stop().await;
}

#[tokio::test]
async fn a_script_waits_for_its_gate_and_stalls_until_the_end() {
    let gate = Gate::new();
    let script = Script::new().wait(&gate).send("now").stall();
    let server = Hostile::always(script).await.unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(GET).await.unwrap();
    server.connected(1).await;
    assert_eq!(
        stream.try_read(&mut [0]).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    gate.open();
    let mut now = [0; 3];
    stream.read_exact(&mut now).await.unwrap();
    assert_eq!(&now, b"now");
    assert_eq!(
        stream.try_read(&mut [0]).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    server.stop().await;
    assert!(matches!(stream.read(&mut [0]).await, Ok(0) | Err(_)));
}

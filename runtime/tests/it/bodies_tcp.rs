//! Long bodies on the wire: how their length is told, what breaks them off, and what a connection is worth then.

use std::io::{self, Read, Write as _};
use std::net::TcpStream;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use etiquette_runtime::Kind;
use etiquette_runtime::codegen::*;
use futures::{Stream, StreamExt as _, stream};

use crate::api::{CANARY, CREATE, GET, KEY, READ, SHOP};
use crate::bodies_sent::parts;
use crate::bodies_streamed::Outstanding;
use crate::tcp::{Hostile, Peer, good, run};

static PUT: Operation = Operation {
    effect: Effect::Idempotent,
    verb: Verb::Put,
    reads_body: false,
    ..CREATE
};

fn client(server: &Hostile) -> Core {
    let mut builder = Builder::new(&SHOP);
    builder.base_url(&format!("http://{}/v1", server.address));
    builder.credential(&KEY, CANARY);
    builder.build().unwrap()
}

fn header(head: &str, name: &str) -> Option<String> {
    let lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
    let mut found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let value = found.next().map(|(_, value)| value.to_owned());
    assert!(found.next().is_none(), "{name} stands there twice");
    value
}

fn read_line(stream: &mut TcpStream) -> io::Result<String> {
    let (mut line, mut byte) = (String::new(), [0]);
    while !line.ends_with("\r\n") {
        stream.read_exact(&mut byte)?;
        line.push(char::from(byte[0]));
    }
    Ok(line.trim_end().to_owned())
}

/// The body of a request, by its length or by its chunks (RFC 9112 §6.3, §7.1); an error when it ends early.
fn read_body(peer: &mut Peer) -> io::Result<Vec<u8>> {
    let length = header(&peer.head, "content-length");
    let coding = header(&peer.head, "transfer-encoding");
    assert!(length.is_none() || coding.is_none());
    let mut body = Vec::new();
    if let Some(length) = length {
        body.resize(length.parse().unwrap(), 0);
        peer.stream.read_exact(&mut body)?;
        return Ok(body);
    }
    assert_eq!(coding.as_deref(), Some("chunked"));
    loop {
        let size = usize::from_str_radix(&read_line(&mut peer.stream)?, 16).unwrap();
        let from = body.len();
        body.resize(from + size, 0);
        peer.stream.read_exact(&mut body[from..])?;
        assert_eq!(read_line(&mut peer.stream)?, "");
        if size == 0 {
            return Ok(body);
        }
    }
}

fn pieces(count: usize) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::iter(0..count).map(|n| Ok(Bytes::from(vec![n as u8; 1_000])))
}

/// A known length is told, and an unknown one is chunked; either way the form is the same.
#[test]
fn a_length_is_told_where_it_is_known() {
    let seen = Arc::<Mutex<Vec<(String, Vec<u8>)>>>::default();
    let list = Arc::clone(&seen);
    let server = Hostile::new(move |peer| {
        let body = read_body(peer).unwrap();
        list.lock().unwrap().push((peer.head.clone(), body));
        peer.say(&good("{}"));
    });
    let core = client(&server);
    let form = |length| {
        let mut form = Multipart::new();
        form.text("a", &"b");
        form.file("data", &Upload::from_stream("c.bin", pieces(300), length));
        Request::new(&core, &PUT).multipart(form).call_empty()
    };
    run(async {
        form(Some(300_000)).await.unwrap();
        form(None).await.unwrap();
    });
    assert_eq!(server.connections(), 1, "the connection is used again");
    let content: Vec<u8> = (0..300_000).map(|n| (n / 1_000) as u8).collect();
    let seen = seen.lock().unwrap();
    let [told, chunked] = &seen[..] else { panic!() };
    assert!(header(&told.0, "content-length").is_some());
    assert_eq!(
        header(&chunked.0, "transfer-encoding").as_deref(),
        Some("chunked")
    );
    for (head, body) in &*seen {
        let found = parts(&header(head, "content-type").unwrap(), body);
        assert_eq!((found.len(), &found[0].content[..]), (2, &b"b"[..]));
        assert_eq!(found[1].content, content);
    }
}

/// Row A13: a body that cannot be read on does not look whole to the server, and is sent once.
#[test]
fn a_broken_body_does_not_look_whole() {
    for length in [Some(400_000), None] {
        let failed = Arc::<Mutex<Vec<bool>>>::default();
        let list = Arc::clone(&failed);
        let server = Hostile::new(move |peer| {
            let is_broken = read_body(peer).is_err();
            list.lock().unwrap().push(is_broken);
        });
        let core = client(&server);
        let broken = pieces(300).chain(stream::iter([Err(io::Error::other("no more"))]));
        let upload = Upload::from_stream("a", broken, length);
        let call = Request::new(&core, &PUT).upload(&upload).call_empty();
        let error = run(call).unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (Kind::File, 1), "{error}");
        server.ended();
        assert_eq!(*failed.lock().unwrap(), [true]);
    }
}

/// Row A13: the connection breaks in the middle of a stream.
#[test]
fn a_stream_is_not_sent_again_after_a_reset() {
    let server = Hostile::new(|peer| {
        let mut some = [0; 10_000];
        peer.stream.read_exact(&mut some).unwrap();
        peer.close();
    });
    let core = client(&server);
    let upload = Upload::from_stream("a", pieces(100_000), Some(100_000_000));
    let call = Request::new(&core, &PUT).upload(&upload).call_empty();
    let error = run(call).unwrap_err();
    assert!(error.to_string().contains("not sent again"), "{error}");
    assert_eq!((server.requests(), error.attempts()), (1, 1));
}

/// An answer that comes before the body is written out is the answer.
#[test]
fn an_early_answer_counts() {
    let server = Hostile::new(|peer| {
        peer.say("HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\nno");
        peer.wait_for_end();
    });
    let core = client(&server);
    let upload = Upload::from_stream("a", pieces(100_000), None);
    let call = Request::new(&core, &PUT).upload(&upload).call_empty();
    let error = run(call).unwrap_err();
    assert_eq!(error.status(), Some(413));
    assert!(!error.to_string().contains("again"), "{error}");
}

/// A gibibyte goes out with few pieces of it in memory, while the server reads as it likes.
#[test]
fn a_gibibyte_goes_out_in_little_memory() {
    const PIECE: usize = 1 << 20;
    let read = Arc::<AtomicU64>::default();
    let count = Arc::clone(&read);
    let server = Hostile::new(move |peer| {
        let length: u64 = header(&peer.head, "content-length")
            .unwrap()
            .parse()
            .unwrap();
        let (mut buffer, mut left) = (vec![0; PIECE], length);
        while left > 0 {
            let n = peer.stream.read(&mut buffer).unwrap() as u64;
            assert!(n > 0);
            left -= n;
        }
        count.store(length, Ordering::SeqCst);
        peer.say(&good("{}"));
    });
    let core = client(&server);
    let counted = Outstanding::default();
    let upload = Upload::from_stream("a", counted.stream(1_024, PIECE), Some(1 << 30));
    run(Request::new(&core, &PUT).upload(&upload).call_empty()).unwrap();
    assert_eq!(read.load(Ordering::SeqCst), 1 << 30);
    assert!(counted.most() <= 3, "{}", counted.most());
}

fn download(core: &Core) -> Downloading {
    Request::new(core, &GET).key(&"7").download()
}

/// A gibibyte comes in as pieces of what a socket gives, and its connection is used again.
#[test]
fn a_gibibyte_comes_in_by_pieces() {
    let server = Hostile::new(|peer| {
        if peer.request == 0 {
            peer.say("HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n");
            let piece = vec![b'x'; 1 << 20];
            for _ in 0..1 << 10 {
                peer.stream.write_all(&piece).unwrap();
            }
        } else {
            peer.say(&good("end"));
        }
    });
    let core = client(&server);
    run(async {
        let mut got = download(&core).await.unwrap();
        let (mut read, mut longest) = (0_u64, 0);
        while let Some(chunk) = got.chunk().await.unwrap() {
            read += chunk.len() as u64;
            longest = longest.max(chunk.len());
        }
        assert_eq!(read, 1 << 30);
        assert!(longest <= 128 * 1024, "{longest}");
        drop(got);
        let end = download(&core).await.unwrap().bytes(9).await.unwrap();
        assert_eq!(end, "end");
    });
    assert_eq!(server.connections(), 1);
}

/// Row A14: a length that is not kept, and chunks without their end, are errors.
#[test]
fn a_body_that_breaks_off_is_an_error() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
    ] {
        let server = Hostile::new(move |peer| {
            peer.say(answer);
            peer.close();
        });
        let core = client(&server);
        let error = run(async {
            let mut got = download(&core).await?;
            assert_eq!(got.chunk().await?.unwrap(), "hello");
            got.bytes(100).await
        });
        assert_eq!(error.unwrap_err().kind(), Kind::Truncated, "{answer}");
        assert_eq!(server.requests(), 1);
    }
}

/// A download that is dropped closes its connection: the server need not send the rest.
#[test]
fn a_dropped_download_closes_its_connection() {
    let server = Hostile::new(|peer| {
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nhello");
        peer.wait_for_end();
    });
    let core = client(&server);
    run(async {
        let mut got = download(&core).await.unwrap();
        assert_eq!(got.chunk().await.unwrap().unwrap(), "hello");
        drop(got);
        server.has_ended().await;
    });
}

/// A temporary URL on another server, which sees nothing of ours.
#[test]
fn a_temporary_url_is_fetched_bare() {
    static FILES: Follow = Follow {
        url: &["url"],
        expires: None,
        origins: &["https://*.files.example"],
    };
    static EXPORT: Operation = Operation {
        name: "orders.export",
        ..READ
    };
    let storage = Hostile::new(|peer| peer.say(&good("a,b")));
    let place = format!("http://{}/a?sig=1", storage.address);
    let server = Hostile::new(move |peer| peer.say(&good(&format!(r#"{{"url":"{place}"}}"#))));
    let core = client(&server);
    let got = run(async {
        let request = Request::new(&core, &EXPORT).key(&"7");
        request
            .follow::<Json>(&[], &FILES)
            .download()
            .await?
            .bytes(9)
            .await
    });
    assert_eq!(got.unwrap(), "a,b");
    let heads = storage.heads.lock().unwrap().clone();
    let mut lines = heads[0].trim_end().split("\r\n");
    assert_eq!(lines.next(), Some("GET /a?sig=1 HTTP/1.1"));
    let mut names: Vec<_> = lines.map(|line| line.split(':').next().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "host", "user-agent"]);
    assert_eq!(
        header(&heads[0], "host").unwrap(),
        storage.address.to_string()
    );
}

/// Whoever wants the pieces as a stream has one.
#[test]
fn a_download_is_a_stream() {
    let server = Hostile::new(|peer| peer.say(&good("hello")));
    let core = client(&server);
    let all = run(async {
        let got = download(&core).await.unwrap();
        let got: Pin<Box<dyn Stream<Item = Result<Bytes>> + Send + Sync>> = Box::pin(got);
        got.map(Result::unwrap).collect::<Vec<_>>().await
    });
    assert_eq!(all.concat(), b"hello");
}

//! Downloads over a scripted transport: what is tried again, what a body holds, and how it ends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use etiquette_runtime::clock::{BoxFuture, Clock};
use etiquette_runtime::codegen::*;
use etiquette_runtime::events::{Event, Outcome};
use etiquette_runtime::testing::{ScriptReply, VirtualClock};
use etiquette_runtime::transport::{Body, Failure, Payload, Transport, TransportError};
use etiquette_runtime::{Error, Kind, Phase};
use futures::future::Either;
use futures::{Stream, StreamExt as _, stream};

use crate::api::{Bench, CANARY, CREATE, GET, KEY, READ, REFUSAL, SHOP};
use crate::bodies_streamed::Outstanding;

const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn download(bench: &Bench) -> Downloading {
    Request::new(&bench.core, &GET).key(&"7").download()
}

async fn all(download: Download) -> Result<Vec<u8>, Error> {
    let mut download = download;
    let mut whole = Vec::new();
    while let Some(chunk) = download.next().await {
        whole.extend_from_slice(&chunk?);
    }
    assert!(download.next().await.is_none(), "an end is an end");
    Ok(whole)
}

pub(crate) fn sized(body: &str, length: usize) -> ScriptReply {
    ScriptReply::bytes(200, body.to_owned())
        .header("content-length", &length.to_string())
        .header("x-request-id", "r-1")
}

#[test]
fn a_download_is_its_head_and_its_body() {
    let bench = Bench::new();
    bench.script.respond_with(|_| sized("hello", 5));
    let got = bench.run(download(&bench)).unwrap();
    assert_eq!((got.status(), got.length()), (200, Some(5)));
    assert_eq!((got.request_id(), got.attempts()), (Some("r-1"), 1));
    assert_eq!(got.headers()["content-length"], "5");
    assert_eq!(bench.run(all(got)).unwrap(), b"hello");
    let got = bench.run(async { download(&bench).await?.bytes(5).await });
    assert_eq!(got.unwrap(), "hello");
    let sent = bench.script.requests();
    assert_eq!(sent[0].header("accept"), Some("*/*"));
    // Nothing but success is handed on.
    bench.script.reply(ScriptReply::empty(204));
    let got = bench.run(download(&bench)).unwrap();
    assert_eq!((got.status(), got.length()), (204, Some(0)));
    assert_eq!(bench.run(all(got)).unwrap(), b"");
}

/// Before the head, a download is sent again like any read, and an error has its body read.
#[test]
fn errors_before_the_head_are_tried_again() {
    let bench = Bench::new();
    for reply in [
        ScriptReply::not_sent(),
        ScriptReply::reset(),
        ScriptReply::empty(503),
        ScriptReply::empty(429).header("retry-after", "3"),
    ] {
        bench.script.reply(reply);
    }
    bench.script.reply(sized("hello", 5));
    let got = bench.run(download(&bench)).unwrap();
    assert_eq!((got.attempts(), bench.script.count()), (5, 4));
    assert_eq!(bench.run(all(got)).unwrap(), b"hello");
    bench
        .script
        .reply(ScriptReply::json(404, r#"{"error":"no such file"}"#));
    let error = bench.run(download(&bench)).unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Api, Some(404)));
    assert_eq!(error.messages()[0].text, "no such file");
}

/// Row A14: after the head nothing is sent again, and a body that ends early is an error, never a short file.
#[test]
fn a_body_that_ends_early_is_an_error() {
    for (reply, kind) in [
        (sized("hel", 5), Kind::Truncated),
        (sized("hello", 5).truncated_at(3), Kind::Truncated),
        (sized("hello", 4), Kind::Truncated),
        (sized("hello", 5).stalls_at(3), Kind::Stalled),
        (
            ScriptReply::bytes(200, "hello").truncated_at(3),
            Kind::Truncated,
        ),
    ] {
        let bench = Bench::new();
        bench.script.reply(reply);
        let got = bench.run(download(&bench)).unwrap();
        let error = bench.run(all(got)).unwrap_err();
        assert_eq!((error.kind(), error.phase()), (kind, Phase::Unknown));
        assert_eq!((error.status(), error.attempts()), (Some(200), 1));
        assert_eq!(bench.script.count(), 1);
        assert!(!error.may_have_happened());
    }
    let bench = Bench::new();
    bench.script.respond_with(|_| sized("hel", 5));
    let got = bench.run(async { download(&bench).await?.bytes(100).await });
    assert_eq!(got.unwrap_err().kind(), Kind::Truncated);
    // A write that was carried out, and whose answer was lost.
    let got = bench.run(async {
        let request = Request::new(&bench.core, &CREATE).json(&"x");
        request.download().await?.bytes(100).await
    });
    assert!(got.unwrap_err().may_have_happened());
}

/// The cap of a whole body is the caller's, before and while it comes.
#[test]
fn a_whole_body_has_a_cap() {
    let bench = Bench::new();
    bench
        .script
        .reply(sized("hello", 5))
        .reply(ScriptReply::bytes(200, "hello"));
    for _ in 0..2 {
        let got = bench.run(async { download(&bench).await?.bytes(4).await });
        assert_eq!(got.unwrap_err().kind(), Kind::TooLarge);
    }
}

/// What is packed is not unpacked, and not handed on as if it were the file.
#[test]
fn a_coding_that_was_not_asked_for_is_refused() {
    let bench = Bench::new();
    bench
        .script
        .reply(sized("hello", 5).header("content-encoding", "gzip"));
    let error = bench.run(download(&bench)).unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
}

/// Sends a body of pieces, each after a while.
#[derive(Clone)]
struct Drip {
    clock: VirtualClock,
    every: Duration,
    size: usize,
    count: usize,
    counted: Outstanding,
}

impl Drip {
    fn body(&self) -> impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static {
        let this = self.clone();
        stream::iter(0..this.count).then(move |_| {
            let (clock, every) = (this.clock.clone(), this.every);
            let (counted, size) = (this.counted.clone(), this.size);
            async move {
                if !every.is_zero() {
                    clock.sleep(clock.now() + every).await;
                }
                Ok(counted.piece(size))
            }
        })
    }
}

impl Transport for Drip {
    fn send(
        &self,
        _: http::Request<Payload>,
    ) -> BoxFuture<'static, Result<http::Response<Body>, TransportError>> {
        let body = Body::chunks(self.body());
        Box::pin(async { Ok(http::Response::new(body)) })
    }
}

fn drip(every: Duration, size: usize, count: usize) -> (Bench, Outstanding) {
    let mut bench = Bench::new();
    let counted = Outstanding::default();
    let mut builder = Builder::new(&SHOP);
    builder.credential(&KEY, CANARY);
    builder.transport(Drip {
        clock: bench.clock.clone(),
        every,
        size,
        count,
        counted: counted.clone(),
    });
    builder.clock(bench.clock.clone());
    bench.core = builder.build().unwrap();
    (bench, counted)
}

/// Row D2: 64 bytes in a second are enough, for as long as it takes; less is a stall. The attempt's timeout is about
/// the head, and a deadline about everything.
#[test]
fn a_body_that_moves_is_not_cut() {
    let (bench, _) = drip(SECOND, 64, 7_200);
    let read = || async { all(download(&bench).with_timeout(5 * SECOND).await?).await };
    assert_eq!(bench.run(read()).unwrap().len(), 7_200 * 64);
    assert_eq!(bench.seconds(), 7_200.0);
    let (bench, _) = drip(SECOND, 63, 7_200);
    let read = async { all(download(&bench).await?).await };
    assert_eq!(bench.run(read).unwrap_err().kind(), Kind::Stalled);
    let (bench, _) = drip(SECOND, 64, 7_200);
    let read = async { all(download(&bench).with_deadline(100 * SECOND).await?).await };
    let error = bench.run(read).unwrap_err();
    assert_eq!((error.kind(), bench.seconds()), (Kind::Deadline, 100.0));
}

/// Row D3: a caller who reads slowly is not the server's fault.
#[test]
fn a_caller_may_read_slowly() {
    let (bench, _) = drip(Duration::ZERO, 10, 30);
    let clock = bench.clock.clone();
    let slowly = async {
        let mut got = download(&bench).await?;
        let mut read = 0;
        while let Some(chunk) = got.chunk().await? {
            read += chunk.len();
            clock.sleep(clock.now() + 47 * SECOND).await;
        }
        Ok::<_, Error>(read)
    };
    assert_eq!(bench.run(slowly).unwrap(), 300);
}

/// A gibibyte passes by with one piece of it in memory.
#[test]
fn a_long_body_needs_little_memory() {
    let (bench, counted) = drip(Duration::ZERO, 1 << 20, 1 << 10);
    let read = async {
        let mut got = download(&bench).await?;
        let mut read = 0_u64;
        while let Some(chunk) = got.chunk().await? {
            read += chunk.len() as u64;
        }
        Ok::<_, Error>(read)
    };
    assert_eq!(bench.run(read).unwrap(), 1 << 30);
    assert!(counted.most() <= 2, "{}", counted.most());
}

static RULES: Concurrency = Concurrency {
    start: 2,
    min: 1,
    max: Some(2),
    slow_milli: None,
};
static FEW: Api = Api {
    name: "few",
    base: "https://few.example",
    credentials: &[&KEY],
    buckets: SHOP.buckets,
    refusal: Some(&REFUSAL),
    concurrency: Some(&RULES),
    ..Api::NEW
};
static EXPORT: Operation = Operation {
    api: &FEW,
    name: "orders.export",
    path: "/export",
    ..READ
};

/// A download holds its permit until its body ends or is dropped, and its slot of the quota counts from its head.
#[test]
fn a_download_holds_its_permit() {
    let mut bench = Bench::new();
    let mut builder = Builder::new(&FEW);
    builder.credential(&KEY, CANARY);
    builder.transport(bench.script.clone());
    builder.clock(bench.clock.clone());
    bench.core = builder.build().unwrap();
    bench.script.respond_with(|_| sized("hello", 5));
    let get = || Request::new(&bench.core, &EXPORT).download();
    let in_flight = || bench.core.limits_snapshot().concurrency[0].in_flight;
    let read = bench.run(get()).unwrap();
    let dropped = bench.run(get()).unwrap();
    assert_eq!(in_flight(), 2);
    let mut third = get();
    bench.run(async {
        let timer = bench.clock.sleep(bench.clock.now() + 1_000 * SECOND);
        let first = futures::future::select(&mut third, timer).await;
        assert!(
            matches!(first, Either::Right(_)),
            "there is no third permit"
        );
    });
    assert_eq!(bench.script.count(), 2);
    drop(dropped);
    assert_eq!(in_flight(), 1);
    let third = bench.run(third).unwrap();
    assert_eq!((in_flight(), bench.script.count()), (2, 3));
    assert_eq!(bench.run(all(read)).unwrap(), b"hello");
    assert_eq!(in_flight(), 1);
    let body = bench.run(third.bytes(10)).unwrap();
    assert_eq!((in_flight(), body.len()), (0, 5));
    // A body that breaks gives its permit back too.
    bench.script.reply(sized("hel", 5));
    let mut broken = bench.run(get()).unwrap();
    assert_eq!(bench.run(broken.chunk()).unwrap().unwrap(), "hel");
    assert_eq!(in_flight(), 1);
    bench.run(broken.chunk()).unwrap_err();
    assert_eq!(in_flight(), 0, "though it is not dropped yet");
}

/// The events of a download are those of a call; the call is over when its head is here.
#[test]
fn the_events_are_those_of_a_call() {
    let told = Arc::<Mutex<Vec<String>>>::default();
    let list = Arc::clone(&told);
    let bench = Bench::with(move |builder| {
        builder.events(move |event| {
            let line = match event {
                Event::RequestStarted { .. } => "started".to_owned(),
                Event::AttemptStarted { .. } => "attempt".to_owned(),
                Event::AttemptEnded { status, .. } => format!("ended {status:?}"),
                Event::RequestEnded {
                    outcome: Outcome::Done { status, .. },
                    ..
                } => format!("done {status}"),
                _ => return,
            };
            list.lock().unwrap().push(line);
        });
    });
    bench
        .script
        .reply(ScriptReply::reset())
        .reply(sized("hello", 5));
    let got = bench.run(download(&bench)).unwrap();
    let wanted = [
        "started",
        "attempt",
        "ended None",
        "attempt",
        "ended Some(200)",
        "done 200",
    ];
    assert_eq!(*told.lock().unwrap(), wanted);
    bench.run(all(got)).unwrap();
    assert_eq!(told.lock().unwrap().len(), wanted.len());
}

/// A transport of the application's own may say what it likes of a body; our secrets are not repeated.
#[test]
fn errors_of_a_body_are_scrubbed() {
    struct Chatty;
    impl Transport for Chatty {
        fn send(
            &self,
            _: http::Request<Payload>,
        ) -> BoxFuture<'static, Result<http::Response<Body>, TransportError>> {
            let text = format!("lost while sending {CANARY}");
            let error = TransportError::unknown(Failure::Truncated, &text);
            let body = Body::chunks(stream::iter([Err(error)]));
            Box::pin(async { Ok(http::Response::new(body)) })
        }
    }
    let bench = Bench::with(|builder| builder.transport(Chatty));
    let error = bench
        .run(async { download(&bench).await?.bytes(9).await })
        .unwrap_err();
    let said = format!("{error} {error:?}");
    assert!(
        said.contains("[REDACTED]") && !said.contains(CANARY),
        "{said}"
    );
}

/// Nothing is kept of a download, and nothing is asked for conditionally.
#[test]
fn a_download_leaves_the_cache_alone() {
    let bench = Bench::with(|builder| builder.cache(Cache::new(1 << 20)));
    bench
        .script
        .respond_with(|_| sized("hello", 5).header("etag", "\"1\""));
    for _ in 0..2 {
        let got = bench.run(download(&bench)).unwrap();
        assert_eq!(bench.run(all(got)).unwrap(), b"hello");
    }
    let sent = bench.script.requests();
    assert!(
        sent.iter()
            .all(|sent| sent.header("if-none-match").is_none())
    );
}

//! Bodies that are streams: sent once, as long as they move, and in little memory.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use etiquette_runtime::clock::{BoxFuture, Clock};
use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::{ScriptReply, VirtualClock};
use etiquette_runtime::transport::{Body, Failure, Payload, Transport, TransportError};
use etiquette_runtime::{Kind, Phase};
use futures::{Stream, StreamExt as _, stream};

use crate::api::{Bench, CANARY, CREATE, KEY, SHOP, ok};
use crate::bodies_sent::parts;

const SECOND: Duration = Duration::from_secs(1);

static PUT: Operation = Operation {
    effect: Effect::Idempotent,
    verb: Verb::Put,
    ..CREATE
};

fn chunks(all: &[&'static str]) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::iter(all.to_vec()).map(|text| Ok(Bytes::from(text)))
}

fn one_shot() -> Upload {
    Upload::from_stream("a.txt", chunks(&["ab", "", "cd"]), Some(4))
}

fn form(upload: &Upload) -> Multipart {
    let mut form = Multipart::new();
    form.file("data", upload);
    form
}

fn send(bench: &Bench, operation: &'static Operation, upload: &Upload) -> Call<()> {
    let request = Request::new(&bench.core, operation);
    request.multipart(form(upload)).call_empty()
}

/// Row A13: a stream that was begun is not sent again, whatever the policy, and the error says why.
#[test]
fn a_stream_is_sent_once() {
    for (operation, reply, kind) in [
        (&PUT, ScriptReply::reset(), Kind::Truncated),
        (&PUT, ScriptReply::empty(503), Kind::Api),
        (&PUT, ScriptReply::empty(401), Kind::Auth),
        (
            &PUT,
            ScriptReply::empty(429).header("retry-after", "1"),
            Kind::Refused,
        ),
        (&CREATE, ScriptReply::lost(), Kind::Ambiguous),
    ] {
        let bench = Bench::new();
        bench.script.reply(reply).respond_with(|_| ok());
        let error = bench.run(send(&bench, operation, &one_shot())).unwrap_err();
        assert_eq!((error.kind(), bench.script.count()), (kind, 1), "{error}");
        assert!(error.to_string().contains("not sent again"), "{error}");
    }
    // What is no reason to send again is none to explain it.
    let bench = Bench::new();
    bench.script.reply(ScriptReply::empty(404));
    let error = bench.run(send(&bench, &PUT, &one_shot())).unwrap_err();
    assert!(!error.to_string().contains("again"), "{error}");
}

/// Row A13: what was not begun can be sent again.
#[test]
fn a_stream_that_nobody_has_read_waits_for_its_connection() {
    let bench = Bench::new();
    let down = ScriptReply::not_sent;
    bench.script.reply(down()).reply(down()).reply(ok());
    bench.run(send(&bench, &CREATE, &one_shot())).unwrap();
    let sent = bench.script.requests().remove(0);
    let found = parts(sent.header("content-type").unwrap(), &sent.body);
    assert_eq!(found[0].content, b"abcd");
}

/// The stream belongs to one call: its clone has nothing to send, and says so.
#[test]
fn a_stream_that_was_sent_is_gone() {
    let bench = Bench::new();
    bench.script.respond_with(|_| ok());
    let call = send(&bench, &PUT, &one_shot());
    bench.run(call.clone()).unwrap();
    let error = bench.run(call).unwrap_err();
    assert_eq!((error.kind(), bench.script.count()), (Kind::Parameter, 1));
    // Nor can it be in one form twice.
    let upload = one_shot();
    let mut twice = form(&upload);
    twice.file("again", &upload);
    let request = Request::new(&bench.core, &PUT).multipart(twice);
    let error = bench.run(request.call_empty()).unwrap_err();
    assert_eq!((error.kind(), bench.script.count()), (Kind::Parameter, 1));
    bench.run(send(&bench, &PUT, &upload)).unwrap();
}

/// A body in memory is sent as often as it takes.
#[test]
fn bytes_are_sent_again() {
    let bench = Bench::new();
    bench.script.reply(ScriptReply::reset()).reply(ok());
    let upload = Upload::from_bytes("a", vec![7; 300_000]);
    bench.run(send(&bench, &PUT, &upload)).unwrap();
    let sent = bench.script.requests();
    assert_eq!((sent.len(), &sent[0].body), (2, &sent[1].body));
    assert!(sent[0].body.len() > 300_000);
}

/// A stream that fails, or is not as long as was said: the request is broken off, and nothing is sent again.
#[test]
fn a_stream_that_fails_breaks_the_request_off() {
    let fails = || chunks(&["ab"]).chain(stream::iter([Err(io::Error::other("disk on fire"))]));
    for (upload, why) in [
        (Upload::from_stream("a", fails(), None), "disk on fire"),
        (
            Upload::from_stream("a", chunks(&["ab"]), Some(3)),
            "shorter",
        ),
        (Upload::from_stream("a", chunks(&["ab"]), Some(1)), "longer"),
    ] {
        let bench = Bench::new();
        bench.script.respond_with(|_| ok());
        let error = bench.run(send(&bench, &PUT, &upload)).unwrap_err();
        assert_eq!((error.kind(), error.phase()), (Kind::File, Phase::Unknown));
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!((error.attempts(), bench.script.count()), (1, 0));
    }
}

/// A server that takes a piece of a body `every` so often, and then answers after a while.
#[derive(Clone)]
struct Slow {
    clock: VirtualClock,
    every: Duration,
    answers: Duration,
    taken: Arc<AtomicUsize>,
}

impl Transport for Slow {
    fn send(
        &self,
        request: http::Request<Payload>,
    ) -> BoxFuture<'static, Result<http::Response<Body>, TransportError>> {
        let slow = self.clone();
        Box::pin(async move {
            let mut body = request.into_body();
            while let Some(chunk) = poll_fn(|cx| body.poll_chunk(cx)).await {
                let chunk =
                    chunk.map_err(|_| TransportError::unknown(Failure::Reset, "broken off"))?;
                slow.taken.fetch_add(chunk.len(), Ordering::Relaxed);
                slow.clock.sleep(slow.clock.now() + slow.every).await;
            }
            slow.clock.sleep(slow.clock.now() + slow.answers).await;
            Ok(http::Response::new(Body::whole("{}".into())))
        })
    }
}

fn slow(every: Duration, answers: Duration) -> (Bench, Slow) {
    let mut bench = Bench::new();
    let slow = Slow {
        clock: bench.clock.clone(),
        every,
        answers,
        taken: Arc::default(),
    };
    let mut builder = Builder::new(&SHOP);
    builder.credential(&KEY, CANARY);
    builder.transport(slow.clone());
    builder.clock(bench.clock.clone());
    bench.core = builder.build().unwrap();
    (bench, slow)
}

static ONCE: Operation = Operation {
    retry: None,
    ..CREATE
};

/// The attempt may take 30 s, and the body takes an hour: it moves, so it is not cut. Then the answer has its 30 s.
#[test]
fn a_body_that_moves_is_not_cut_by_the_timeout() {
    let body = vec![0; 360 * 64 * 1024];
    let (bench, taker) = slow(10 * SECOND, 19 * SECOND);
    let request = || Request::new(&bench.core, &ONCE);
    bench
        .run(request().bytes("a/b", body.clone()).call_empty())
        .unwrap();
    assert_eq!(bench.seconds(), 3_619.0);
    assert_eq!(taker.taken.load(Ordering::Relaxed), body.len());
    let (bench, _) = slow(SECOND, 31 * SECOND);
    let request = Request::new(&bench.core, &ONCE).bytes("a/b", vec![0; 100_000]);
    let error = bench.run(request.call_empty()).unwrap_err();
    assert_eq!(error.kind(), Kind::Ambiguous, "{error}");
    assert_eq!(
        bench.seconds(),
        31.0,
        "one second for the first of two pieces"
    );
}

/// The same pace as for answers: 64 bytes in a second, in windows of half a minute after a grace of 20 s.
#[test]
fn a_body_that_does_not_move_is_given_up() {
    let (bench, taker) = slow(3_600 * SECOND, SECOND);
    let read = Operation {
        effect: Effect::Idempotent,
        ..ONCE
    };
    let read: &'static Operation = Box::leak(Box::new(read));
    let request = Request::new(&bench.core, read).bytes("a/b", vec![0; 200_000]);
    let error = bench.run(request.call_empty()).unwrap_err();
    assert_eq!((error.kind(), bench.seconds()), (Kind::Stalled, 50.0));
    assert_eq!(taker.taken.load(Ordering::Relaxed), 64 * 1024);
    // The caller's own deadline is about everything.
    let (bench, _) = slow(SECOND, SECOND);
    let request = Request::new(&bench.core, read).bytes("a/b", vec![0; 64 * 1024 * 100]);
    let call = request.call_empty().with_deadline(70 * SECOND);
    let error = bench.run(call).unwrap_err();
    assert_eq!((error.kind(), bench.seconds()), (Kind::Deadline, 70.0));
}

/// A caller whose stream has nothing to give for a while is waited for: that is not the server's fault.
#[test]
fn a_caller_who_gives_slowly_is_waited_for() {
    let (bench, taker) = slow(Duration::ZERO, SECOND);
    let clock = bench.clock.clone();
    let lazy = stream::unfold(0, move |n| {
        let clock = clock.clone();
        async move {
            clock.sleep(clock.now() + 600 * SECOND).await;
            (n < 3).then(|| (Ok(Bytes::from("x")), n + 1))
        }
    });
    let upload = Upload::from_stream("a", lazy, None);
    let request = Request::new(&bench.core, &ONCE).upload(&upload);
    bench.run(request.call_empty()).unwrap();
    assert_eq!(
        (taker.taken.load(Ordering::Relaxed), bench.seconds()),
        (3, 2_401.0)
    );
}

/// Counts the pieces that are somewhere between the caller's stream and the server.
#[derive(Clone, Default)]
pub(crate) struct Outstanding(Arc<Mutex<(usize, usize)>>);

impl Outstanding {
    pub(crate) fn piece(&self, size: usize) -> Bytes {
        let mut count = self.0.lock().unwrap();
        count.0 += 1;
        count.1 = count.1.max(count.0);
        drop(count);
        Bytes::from_owner(Counted(vec![b'x'; size], self.clone()))
    }

    pub(crate) fn most(&self) -> usize {
        self.0.lock().unwrap().1
    }

    /// So many pieces of this size.
    pub(crate) fn stream(
        &self,
        count: usize,
        size: usize,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let this = self.clone();
        stream::iter(0..count).map(move |_| Ok(this.piece(size)))
    }
}

struct Counted(Vec<u8>, Outstanding);

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.0.lock().unwrap().0 -= 1;
    }
}

/// A gibibyte goes through with one piece in memory at a time.
#[test]
fn a_long_stream_needs_little_memory() {
    const PIECE: usize = 256 * 1024;
    let (bench, taker) = slow(Duration::ZERO, Duration::ZERO);
    let counted = Outstanding::default();
    let upload = Upload::from_stream("a", counted.stream(4_096, PIECE), Some(1 << 30));
    let request = Request::new(&bench.core, &ONCE).multipart(form(&upload));
    bench.run(request.call_empty()).unwrap();
    assert!(taker.taken.load(Ordering::Relaxed) > 1 << 30);
    assert!(counted.most() <= 2, "{}", counted.most());
}

/// A stream that is polled, so that it counts as begun, and never gives anything.
struct Silent(Arc<AtomicUsize>);

impl Stream for Silent {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Poll::Pending
    }
}

/// A call that is dropped half way lets go of its stream.
#[test]
fn a_dropped_call_drops_its_stream() {
    let (bench, _) = slow(Duration::ZERO, Duration::ZERO);
    let polled = Arc::<AtomicUsize>::default();
    let upload = Upload::from_stream("a", Silent(Arc::clone(&polled)), None);
    let mut call = Request::new(&bench.core, &ONCE)
        .upload(&upload)
        .call_empty();
    bench.run(poll_fn(|cx| {
        assert!(Pin::new(&mut call).poll(cx).is_pending());
        Poll::Ready(())
    }));
    assert_eq!(
        (polled.load(Ordering::Relaxed), Arc::strong_count(&polled)),
        (1, 2)
    );
    drop(call);
    assert_eq!(Arc::strong_count(&polled), 1, "the stream is gone");
    let again = Request::new(&bench.core, &ONCE).upload(&upload);
    let error = bench.run(again.call_empty()).unwrap_err();
    assert_eq!(error.kind(), Kind::Parameter);
}

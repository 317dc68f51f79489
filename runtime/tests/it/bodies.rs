//! Answers that come slowly: which clock stops them, and who is to blame.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use etiquette_runtime::clock::{BoxFuture, Clock, Moment};
use etiquette_runtime::codegen::{Builder, Operation, Request};
use etiquette_runtime::testing::{ScriptReply, VirtualClock};
use etiquette_runtime::transport::{Body, Payload, Transport, TransportError};
use etiquette_runtime::{Error, Kind, Phase};
use futures::Stream;
use futures::future::{Either, select};

use crate::api::{Bench, CANARY, KEY, READ, ok};

static PATIENT: Operation = Operation {
    retry: None,
    timeout: Duration::from_secs(3_600),
    ..READ
};

/// Sends a body of `total` bytes, `size` of them each `every`.
#[derive(Clone)]
struct Trickle {
    clock: VirtualClock,
    size: usize,
    every: Duration,
    total: usize,
    /// What is not read waits in a buffer, as it does in a socket.
    buffers: bool,
}

struct Chunks {
    of: Trickle,
    sent: usize,
    next: Option<BoxFuture<'static, ()>>,
}

impl Stream for Chunks {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.sent >= self.of.total {
            return Poll::Ready(None);
        }
        let clock = self.of.clock.clone();
        let until = if self.of.buffers {
            let number = u32::try_from(self.sent / self.of.size).unwrap();
            Moment::START + self.of.every * (number + 1)
        } else {
            clock.now() + self.of.every
        };
        let next = self.next.get_or_insert_with(|| clock.sleep(until));
        ready!(next.as_mut().poll(cx));
        self.next = None;
        self.sent += self.of.size;
        Poll::Ready(Some(Ok(Bytes::from(vec![b' '; self.of.size]))))
    }
}

impl Transport for Trickle {
    fn send(
        &self,
        _: http::Request<Payload>,
    ) -> BoxFuture<'static, Result<http::Response<Body>, TransportError>> {
        let chunks = Chunks {
            of: self.clone(),
            sent: 0,
            next: None,
        };
        Box::pin(async { Ok(http::Response::new(Body::chunks(chunks))) })
    }
}

fn trickle(size: usize, every: Duration, total: usize) -> Bench {
    let bench = Bench::new();
    let trickle = Trickle {
        clock: bench.clock.clone(),
        size,
        every,
        total,
        buffers: true,
    };
    over(bench, trickle)
}

fn over(mut bench: Bench, trickle: Trickle) -> Bench {
    let mut builder = Builder::new(READ.api);
    builder.credential(&KEY, CANARY);
    builder.transport(trickle);
    builder.clock(bench.clock.clone());
    bench.core = builder.build().unwrap();
    bench
}

/// The whole body of a call on order 7, blanks only.
fn read(bench: &Bench) -> Result<(), Error> {
    bench.run(Request::new(&bench.core, &PATIENT).key(&"7").call_empty())
}

const SECOND: Duration = Duration::from_secs(1);

/// Row D2: one byte each 19 seconds is a stall, and it is known after the grace and one window.
#[test]
fn a_body_that_trickles_in_has_stalled() {
    let bench = trickle(1, 19 * SECOND, 1_000_000);
    let error = read(&bench).unwrap_err();
    assert_eq!(
        (error.kind(), error.phase(), error.status()),
        (Kind::Stalled, Phase::Unknown, Some(200))
    );
    assert_eq!(bench.seconds(), 50.0);
}

/// Row D2: the average counts, not the pieces; just enough is enough.
#[test]
fn sixty_four_bytes_a_second_are_enough() {
    let bench = trickle(64, SECOND, 64 * 600);
    read(&bench).unwrap();
    assert_eq!(bench.seconds(), 600.0);
    let bench = trickle(63, SECOND, 64 * 600);
    assert_eq!(read(&bench).unwrap_err().kind(), Kind::Stalled);
    let bench = trickle(1_920, 30 * SECOND, 1_920 * 20);
    read(&bench).unwrap();
}

/// What comes in one burst before the grace is over does not make up for silence afterwards.
#[test]
fn a_burst_at_the_beginning_is_not_an_average() {
    let bench = Bench::new();
    let big = "x".repeat(100_000);
    bench
        .script
        .reply(ScriptReply::text(200, big).stalls_at(90_000));
    let error = bench.run(bench.call(&PATIENT)).unwrap_err();
    assert_eq!((error.kind(), bench.seconds()), (Kind::Stalled, 50.0));
}

/// A short body may take as long as the grace.
#[test]
fn a_short_body_may_be_slow() {
    let bench = trickle(1, 10 * SECOND, 5);
    read(&bench).unwrap();
    assert_eq!(bench.seconds(), 50.0);
}

/// Row D3: a caller that does not look for a while does not blame the server for it.
#[test]
fn a_caller_that_reads_slowly_is_not_the_servers_fault() {
    let bench = Bench::new();
    let clock = bench.clock.clone();
    let bench = over(
        bench,
        Trickle {
            clock: clock.clone(),
            size: 640,
            every: 10 * SECOND,
            total: 640 * 60,
            // It sends the next piece when the one before was taken.
            buffers: false,
        },
    );
    let mut call = pin!(Request::new(&bench.core, &PATIENT).key(&"7").call_empty());
    bench.run(async {
        loop {
            let polled = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx))).await;
            if let Poll::Ready(ended) = polled {
                return ended.unwrap();
            }
            // Two minutes pass in which nobody polls it.
            clock.sleep(clock.now() + 120 * SECOND).await;
            if clock.now().nanos() > 3_000_000_000_000 {
                return call.as_mut().await.unwrap();
            }
        }
    });
}

/// Rows D1, D4: one timeout covers the wait for the head, the wait for the body, and a body without an end.
#[test]
fn one_timeout_covers_all_of_an_attempt() {
    assert_eq!(Operation::NEW.timeout, 30 * SECOND, "nothing is unbounded");
    static PLAIN: Operation = Operation {
        retry: None,
        ..READ
    };
    let operation = &PLAIN;
    for reply in [
        ScriptReply::stalls(),
        ok().after(Duration::from_secs(3_600)),
        ok().stalls_at(0),
        ok().stalls_at(3),
    ] {
        let bench = Bench::new();
        bench.script.reply(reply.clone());
        let error = bench.run(bench.call(operation)).unwrap_err();
        assert_eq!(
            (error.kind(), bench.seconds()),
            (Kind::Timeout, 30.0),
            "{reply:?}"
        );
        let snapshot = bench.core.limits_snapshot();
        assert_eq!(snapshot.buckets[0].in_flight, 0);
    }
    let mut bench = trickle(65_536, Duration::from_millis(100), usize::MAX / 2);
    let call = Request::new(&bench.core, operation).key(&"7").call_empty();
    // 32 MiB come in 51 s, and 30 s are all that it has.
    assert_eq!(bench.run(call).unwrap_err().kind(), Kind::Timeout);
    assert_eq!(bench.seconds(), 30.0);
    bench = trickle(1 << 20, Duration::from_millis(100), usize::MAX / 2);
    let call = Request::new(&bench.core, operation).key(&"7").call_empty();
    assert_eq!(bench.run(call).unwrap_err().kind(), Kind::TooLarge);
}

/// A timeout or deadline that is sooner than the stall is what the caller hears of (rows D2 and A20).
#[test]
fn the_first_end_counts() {
    let bench = trickle(1, 19 * SECOND, 1_000);
    let call = || Request::new(&bench.core, &PATIENT).key(&"7").call_empty();
    let error = bench.run(call().with_deadline(40 * SECOND)).unwrap_err();
    assert_eq!((error.kind(), bench.seconds()), (Kind::Deadline, 40.0));
    let timer = bench.clock.sleep(bench.clock.now() + 45 * SECOND);
    let ended = bench.run(select(Box::pin(call()), timer));
    assert!(
        matches!(ended, Either::Right(_)),
        "it has not ended by itself"
    );
    drop(ended);
    assert_eq!(bench.core.limits_snapshot().buckets[0].in_flight, 0);
}

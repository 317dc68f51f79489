//! A body on its way out: it gives one piece after the other and counts what was taken.
//!
//! It holds one piece at a time. A stream that nobody has read of goes back to where it came from. It must not be
//! blamed on the server that a stream of the caller's has nothing to give: the meter says who waits for whom.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::{Chunks, OneShot, PIECE};
use crate::transport::Payload;

/// How far a body has got. The attempt looks at it while the transport takes piece after piece.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    taken: AtomicU64,
    is_done: AtomicBool,
    is_starved: AtomicBool,
    fault: OnceLock<Box<str>>,
}

impl Meter {
    /// Bytes that the transport has taken.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// All of it was taken.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done.load(Ordering::Relaxed)
    }

    /// It is the caller's stream that everybody waits for.
    pub(crate) fn is_starved(&self) -> bool {
        self.is_starved.load(Ordering::Relaxed)
    }

    /// Why it cannot be read on.
    pub(crate) fn fault(&self) -> Option<&str> {
        self.fault.get().map(|text| &**text)
    }
}

/// A piece that is being sent.
pub(super) enum Opened {
    Bytes(Bytes),
    Stream(Begun),
    #[cfg(feature = "files")]
    File(Box<super::file::Reading>),
}

/// A stream that an attempt has.
pub(super) struct Begun {
    /// `Some` until it ends.
    stream: Option<Chunks>,
    of: Arc<OneShot>,
    was_read: bool,
    left: Option<u64>,
}

impl Opened {
    pub(super) fn stream(of: &Arc<OneShot>) -> Option<Opened> {
        Some(Opened::Stream(Begun {
            stream: Some(of.take()?),
            of: Arc::clone(of),
            was_read: false,
            left: of.length,
        }))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match self {
            Opened::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Opened::Bytes(bytes) => {
                let piece = bytes.split_to(bytes.len().min(PIECE));
                Poll::Ready(Some(Ok(piece)))
            }
            Opened::Stream(begun) => begun.poll(cx),
            #[cfg(feature = "files")]
            Opened::File(file) => file.poll(cx),
        }
    }
}

impl Begun {
    /// The next piece. A stream that is longer or shorter than was said would make a request that lies.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(None);
        };
        self.was_read = true;
        let next = ready!(stream.as_mut().poll_next(cx));
        let fault = match (&next, &mut self.left) {
            (Some(Ok(chunk)), Some(left)) => match left.checked_sub(chunk.len() as u64) {
                Some(rest) => {
                    *left = rest;
                    None
                }
                None => Some("the stream is longer than was said"),
            },
            (None, Some(1..)) => Some("the stream is shorter than was said"),
            _ => None,
        };
        if let Some(text) = fault {
            self.stream = None;
            return Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::InvalidData, text))));
        }
        if next.is_none() {
            self.stream = None;
        }
        Poll::Ready(next)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(unread) = self.stream.take().filter(|_| !self.was_read) {
            self.of.put_back(unread);
        }
    }
}

/// A body of pieces.
pub(super) struct Sending {
    pieces: VecDeque<Opened>,
    meter: Arc<Meter>,
    length: Option<u64>,
    taken: u64,
}

impl Sending {
    pub(super) fn payload(pieces: Vec<Opened>, length: Option<u64>) -> (Payload, Arc<Meter>) {
        let meter = Arc::new(Meter::default());
        meter.is_done.store(length == Some(0), Ordering::Relaxed);
        let sending = Sending {
            pieces: pieces.into(),
            meter: Arc::clone(&meter),
            length,
            taken: 0,
        };
        (Payload::chunks(sending, length), meter)
    }
}

impl Stream for Sending {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while let Some(piece) = this.pieces.front_mut() {
            let next = piece.poll(cx);
            this.meter
                .is_starved
                .store(next.is_pending(), Ordering::Relaxed);
            match ready!(next) {
                None => drop(this.pieces.pop_front()),
                // An empty chunk says nothing, and in some codings it says "the end" (RFC 9112 §7.1).
                Some(Ok(chunk)) if chunk.is_empty() => {}
                Some(Ok(chunk)) => {
                    this.taken += chunk.len() as u64;
                    this.meter.taken.store(this.taken, Ordering::Relaxed);
                    // A transport that knows the length need not come back for the end.
                    let is_done = this.length == Some(this.taken);
                    this.meter.is_done.store(is_done, Ordering::Relaxed);
                    return Poll::Ready(Some(Ok(chunk)));
                }
                Some(Err(error)) => {
                    this.pieces.clear();
                    this.meter
                        .fault
                        .get_or_init(|| error.to_string().into_boxed_str());
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        this.meter.is_done.store(true, Ordering::Relaxed);
        Poll::Ready(None)
    }
}

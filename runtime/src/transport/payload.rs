//! The body of a request as a transport sees it: one piece that is here, or pieces that come when they are asked for.
//!
//! A transport takes a piece only when it has room to send it, so that a body of any length needs little memory. It may
//! assume that a known length is kept. It must not ask again for what it has taken.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::{Frame, SizeHint};

/// The body of a request.
pub struct Payload(Content);

enum Content {
    Whole(Bytes),
    Chunks {
        chunks: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>,
        left: Option<u64>,
    },
}

impl Payload {
    /// No body.
    #[must_use]
    pub fn empty() -> Payload {
        Payload::from(Bytes::new())
    }

    /// A body that comes in pieces, together so many bytes if that is known.
    #[must_use]
    pub fn chunks(
        chunks: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
        length: Option<u64>,
    ) -> Payload {
        Payload(Content::Chunks {
            chunks: Box::pin(chunks),
            left: length,
        })
    }

    /// The whole body, if it is here and nothing of it was taken.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Content::Whole(bytes) => Some(bytes),
            Content::Chunks { .. } => None,
        }
    }

    /// How many bytes are still to come; `None`: nobody knows, and the end is what tells.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        match &self.0 {
            Content::Whole(bytes) => Some(bytes.len() as u64),
            Content::Chunks { left, .. } => *left,
        }
    }

    /// The next piece, or `None` at the end.
    ///
    /// # Errors
    ///
    /// What was to be sent cannot be read. The request is to be broken off: an end would make it look whole.
    pub fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match &mut self.0 {
            Content::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Content::Whole(bytes) => Poll::Ready(Some(Ok(std::mem::take(bytes)))),
            Content::Chunks { chunks, left } => {
                let chunk = ready!(chunks.as_mut().poll_next(cx));
                if let (Some(left), Some(Ok(chunk))) = (left, &chunk) {
                    *left = left.saturating_sub(chunk.len() as u64);
                }
                Poll::Ready(chunk)
            }
        }
    }

    /// All of it in one piece, for transports that have no other way to send.
    ///
    /// # Errors
    ///
    /// What was to be sent cannot be read.
    pub async fn whole(mut self) -> io::Result<Bytes> {
        if let Content::Whole(bytes) = self.0 {
            return Ok(bytes);
        }
        let mut all = BytesMut::new();
        while let Some(chunk) = poll_fn(|cx| self.poll_chunk(cx)).await {
            all.extend_from_slice(&chunk?);
        }
        Ok(all.freeze())
    }
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Payload {
        Payload(Content::Whole(bytes))
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload")
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}

impl http_body::Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.poll_chunk(cx)
            .map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.length() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.length()
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

//! One attempt of one request: the seam between the pipeline and the network.
//!
//! A transport sends what it is given, once. It must not follow redirects, send anything again, read the environment
//! for proxies, or look at credentials; all of that is decided in `client`.

mod connect;
pub mod hyper;
mod payload;
mod pool;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

pub use payload::Payload;

use crate::operation::Operation;
use crate::retry::Phase;

/// A boxed future that can be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends requests, one attempt each.
pub trait Transport: Send + Sync + 'static {
    /// Sends this request once and gives the head of the answer. Dropping the future gives the attempt up.
    ///
    /// Of a body that comes in pieces it takes one when it has room for it, and not before it has a connection: what
    /// was not begun can be sent again. A body whose length is known is sent with it, another one in chunks.
    ///
    /// # Errors
    ///
    /// When no head of an answer came. The error tells whether the request can have reached the server.
    fn send(
        &self,
        request: http::Request<Payload>,
    ) -> BoxFuture<'static, Result<http::Response<Body>, TransportError>>;

    /// The same, for a transport that wants to know which operation it sends.
    ///
    /// # Errors
    ///
    /// As [`send`](Transport::send).
    #[doc(hidden)]
    fn send_for(
        &self,
        _: &'static Operation,
        request: http::Request<Payload>,
    ) -> BoxFuture<'static, Result<http::Response<Body>, TransportError>> {
        self.send(request)
    }
}

impl<T: Transport + ?Sized> Transport for std::sync::Arc<T> {
    fn send(
        &self,
        request: http::Request<Payload>,
    ) -> BoxFuture<'static, Result<http::Response<Body>, TransportError>> {
        (**self).send(request)
    }

    fn send_for(
        &self,
        operation: &'static Operation,
        request: http::Request<Payload>,
    ) -> BoxFuture<'static, Result<http::Response<Body>, TransportError>> {
        (**self).send_for(operation, request)
    }
}

/// The body of an answer, read chunk by chunk.
pub struct Body(Source);

enum Source {
    Whole(Option<Bytes>),
    Network(pool::Arriving),
    Chunks(Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>),
}

impl Body {
    /// No body.
    #[must_use]
    pub fn empty() -> Body {
        Body(Source::Whole(None))
    }

    /// A body that is already here.
    #[must_use]
    pub fn whole(bytes: Bytes) -> Body {
        Body(Source::Whole(Some(bytes)))
    }

    /// A body that arrives in pieces.
    #[must_use]
    pub fn chunks(
        chunks: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static,
    ) -> Body {
        Body(Source::Chunks(Box::pin(chunks)))
    }

    fn network(body: pool::Arriving) -> Body {
        Body(Source::Network(body))
    }

    /// The next chunk, or `None` at the end.
    pub fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        match &mut self.0 {
            Source::Whole(bytes) => Poll::Ready(bytes.take().map(Ok)),
            Source::Chunks(chunks) => chunks.as_mut().poll_next(cx),
            Source::Network(body) => body.poll_chunk(cx),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

/// Why an attempt gave no answer.
#[derive(Clone, Debug)]
pub struct TransportError {
    phase: Phase,
    kind: Failure,
    text: Box<str>,
}

/// What failed in an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// No connection: the name, the address or the port did not answer.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// It took too long.
    Timeout,
    /// The connection broke before the head of the answer was here.
    Reset,
    /// The body of the answer ended early.
    Truncated,
    /// The body of the answer comes in too slowly.
    Stalled,
    /// The head of the answer is longer than we accept.
    TooLarge,
    /// The answer is not HTTP.
    Protocol,
    /// What was to be sent cannot be read.
    Unreadable,
}

impl TransportError {
    /// The request did not leave: it may be sent again, whatever it does.
    #[must_use]
    pub fn not_sent(kind: Failure, text: &str) -> TransportError {
        TransportError {
            phase: Phase::NotSent,
            kind,
            text: text.into(),
        }
    }

    /// The request may have reached the server. `text` must name no URL and no secret.
    #[must_use]
    pub fn unknown(kind: Failure, text: &str) -> TransportError {
        TransportError {
            phase: Phase::Unknown,
            kind,
            text: text.into(),
        }
    }

    /// How far the request got.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// What failed.
    #[must_use]
    pub fn kind(&self) -> Failure {
        self.kind
    }

    pub(crate) fn with_text(self, text: &str) -> TransportError {
        TransportError {
            text: text.into(),
            ..self
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for TransportError {}

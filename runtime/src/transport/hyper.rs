//! The transport over the network: hyper's HTTP/1.1 connections in a pool of our own, TLS by rustls with ring.
//!
//! It sends each request once: no redirects, no proxies, no second sending of anything of which a byte was written.
//! Texts of errors come from hyper and the system and name no URL.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use http::{Request, Response, Uri};
pub use rustls::RootCertStore;
use tokio::runtime::Handle;

use super::connect::{Connector, Place};
use super::pool::{Arriving, Link, Pool};
use super::{Body, BoxFuture, Failure, Payload, Transport, TransportError};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The default transport. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct HyperTransport {
    pool: Arc<Pool>,
}

impl HyperTransport {
    /// A transport with connections of its own, which trusts Mozilla's roots. It needs a tokio runtime when it is used,
    /// not before.
    #[must_use]
    pub fn new() -> HyperTransport {
        HyperTransport::builder().build()
    }

    /// A transport that differs from the default one.
    #[must_use]
    pub fn builder() -> HyperTransportBuilder {
        HyperTransportBuilder {
            roots: None,
            connect_timeout: CONNECT_TIMEOUT,
            idle_timeout: IDLE_TIMEOUT,
        }
    }
}

impl Default for HyperTransport {
    fn default() -> HyperTransport {
        HyperTransport::new()
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HyperTransport")
    }
}

/// Says how a [`HyperTransport`] differs from the default.
#[derive(Debug)]
pub struct HyperTransportBuilder {
    roots: Option<RootCertStore>,
    connect_timeout: Duration,
    idle_timeout: Duration,
}

impl HyperTransportBuilder {
    /// Trusts these authorities, and no others: those of a company, or of a test.
    #[must_use]
    pub fn with_roots(mut self, roots: RootCertStore) -> HyperTransportBuilder {
        self.roots = Some(roots);
        self
    }

    /// The longest time for a connection, its name looked up and its TLS handshake done; 10 s unless set.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> HyperTransportBuilder {
        self.connect_timeout = timeout;
        self
    }

    /// How long a connection stays open unused; 30 s unless set. Zero: each request has one of its own.
    #[must_use]
    pub fn with_idle_timeout(mut self, timeout: Duration) -> HyperTransportBuilder {
        self.idle_timeout = timeout;
        self
    }

    /// The transport.
    #[must_use]
    pub fn build(self) -> HyperTransport {
        let roots = self
            .roots
            .unwrap_or_else(|| webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect());
        let connector = Connector::new(roots, self.connect_timeout);
        HyperTransport {
            pool: Arc::new(Pool::new(connector, self.idle_timeout)),
        }
    }
}

impl Transport for HyperTransport {
    fn send(
        &self,
        request: Request<Payload>,
    ) -> BoxFuture<'static, Result<Response<Body>, TransportError>> {
        let (mut head, body) = request.into_parts();
        let uri = std::mem::take(&mut head.uri).into_parts();
        let place = Place::new(uri.scheme.as_ref(), uri.authority);
        // A server is asked for the path alone (RFC 9112 §3.2.1).
        head.uri = uri.path_and_query.map_or_else(Uri::default, Uri::from);
        let request = Request::from_parts(head, body);
        send(Arc::clone(&self.pool), place, request)
    }
}

/// Not an `async fn`, whose argument and variable would be two requests in each box.
fn send(
    pool: Arc<Pool>,
    place: Option<Place>,
    mut request: Request<Payload>,
) -> BoxFuture<'static, Result<Response<Body>, TransportError>> {
    let not_sent = |text| TransportError::not_sent(Failure::Connect, text);
    Box::pin(async move {
        let runtime = Handle::try_current()
            .map_err(|_| not_sent("there is no tokio runtime here"))?
            .id();
        let place = place.ok_or_else(|| not_sent("the URL names no server"))?;
        loop {
            let pooled = pool.take(&place, runtime).await;
            let is_pooled = pooled.is_some();
            let mut link = match pooled {
                Some(link) => link,
                // In a box of its own, so that the many requests that dial nothing do not carry its size.
                None => Box::pin(Link::dial(&pool, &place, runtime)).await?,
            };
            let mut answer = pin!(link.answer(request));
            match poll_fn(|cx| link.poll_answer(answer.as_mut(), cx)).await {
                Ok(answer) if has_clear_length(answer.headers()) => {
                    return Ok(answer.map(|body| Body::network(Arriving::new(body, link, pool))));
                }
                Ok(_) => {
                    return Err(TransportError::unknown(
                        Failure::Protocol,
                        "the length of the answer is not clear",
                    ));
                }
                Err(mut error) => match error.take_message() {
                    // The server has closed an idle connection, and hyper saw it before it wrote: not even a try.
                    Some(unwritten) if is_pooled => request = unwritten,
                    Some(_) => {
                        return Err(not_sent(
                            "the connection was closed before the request was sent",
                        ));
                    }
                    None => return Err(request_failed(&error.into_error())),
                },
            }
        }
    })
}

/// hyper takes the last word of those that speak of the length; where they are more than one, somebody lies
/// (RFC 9112 §6.3). A coding other than `chunked` was not asked for.
fn has_clear_length(headers: &HeaderMap) -> bool {
    let lengths = headers.get_all(CONTENT_LENGTH).iter().count();
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match codings.next() {
        None => lengths <= 1,
        Some(coding) => {
            lengths == 0
                && codings.next().is_none()
                && coding.as_bytes().eq_ignore_ascii_case(b"chunked")
        }
    }
}

/// The request was written, or some of it.
fn request_failed(error: &hyper::Error) -> TransportError {
    let text = innermost(error).to_string();
    let failed = |failure| TransportError::unknown(failure, &text);
    if error.is_parse() && error.to_string() == "message head is too large" {
        // hyper's own predicate for this exists with its server only.
        TransportError::unknown(Failure::TooLarge, "the head of the answer is too large")
    } else if error.is_parse() {
        failed(Failure::Protocol)
    } else if error.is_timeout() {
        failed(Failure::Timeout)
    } else {
        failed(Failure::Reset)
    }
}

pub(super) fn body_failed(error: &hyper::Error) -> TransportError {
    TransportError::unknown(Failure::Truncated, &innermost(error).to_string())
}

fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    let mut at = error;
    while let Some(inner) = at.source() {
        at = inner;
    }
    at
}

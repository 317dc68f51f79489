//! The transport over the network: `hyper-util`'s client, HTTP/1.1, TLS by rustls with ring.
//!
//! Whatever would act behind the pipeline's back is off: no second sending of cancelled requests, no proxies, no
//! redirects, no `Host` of its own. Texts of errors come from hyper and the system and name no URL.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::{Body, BoxFuture, Failure, Transport, TransportError};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const HEAD_BYTES: usize = 64 * 1024;
const HEADERS: usize = 100;

/// The default transport. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct HyperTransport {
    client: legacy::Client<HttpsConnector<HttpConnector>, Once>,
}

impl HyperTransport {
    /// A transport with connections of its own. It needs a tokio runtime when it is used, not before.
    #[must_use]
    pub fn new() -> HyperTransport {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls())
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .http1_max_buf_size(HEAD_BYTES)
            .http1_max_headers(HEADERS)
            .retry_canceled_requests(false)
            .set_host(false)
            .build(https);
        HyperTransport { client }
    }
}

impl Default for HyperTransport {
    fn default() -> HyperTransport {
        HyperTransport::new()
    }
}

/// The provider is named, because rustls panics where an application's features bring two.
fn tls() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows TLS 1.2 and 1.3")
        .with_webpki_roots()
        .with_no_client_auth()
}

impl Transport for HyperTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Body>, TransportError>> {
        let answer = self.client.request(request.map(Once));
        Box::pin(async move {
            match answer.await {
                Ok(answer) => Ok(answer.map(Body::network)),
                Err(error) => Err(request_failed(&error)),
            }
        })
    }
}

/// The body of a request: one piece of known length.
#[derive(Debug)]
struct Once(Bytes);

impl http_body::Body for Once {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::convert::Infallible>>> {
        Poll::Ready(if self.0.is_empty() {
            None
        } else {
            Some(Ok(Frame::data(std::mem::take(&mut self.0))))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}

fn request_failed(error: &legacy::Error) -> TransportError {
    let text = innermost(error).to_string();
    if error.is_connect() {
        return TransportError::not_sent(connect_kind(error), &text);
    }
    let Some(hyper) = find::<hyper::Error>(error) else {
        return TransportError::unknown(Failure::Protocol, &text);
    };
    // hyper says "canceled" only for a request that it hands back unwritten, as when a pooled connection was closed.
    if hyper.is_canceled() {
        TransportError::not_sent(
            Failure::Connect,
            "the connection was closed before the request was sent",
        )
    } else if hyper.is_parse() && hyper.to_string() == "message head is too large" {
        // hyper's own predicate for this exists with its server only.
        TransportError::unknown(Failure::TooLarge, "the head of the answer is too large")
    } else if hyper.is_parse() {
        TransportError::unknown(Failure::Protocol, &text)
    } else if hyper.is_timeout() {
        TransportError::unknown(Failure::Timeout, &text)
    } else {
        TransportError::unknown(Failure::Reset, &text)
    }
}

pub(super) fn body_failed(error: &hyper::Error) -> TransportError {
    TransportError::unknown(Failure::Truncated, &innermost(error).to_string())
}

fn connect_kind(error: &legacy::Error) -> Failure {
    match find::<io::Error>(error) {
        Some(io)
            if io
                .get_ref()
                .is_some_and(<dyn StdError + Send + Sync>::is::<rustls::Error>) =>
        {
            Failure::Tls
        }
        Some(io) if io.kind() == io::ErrorKind::TimedOut => Failure::Timeout,
        _ => Failure::Connect,
    }
}

fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        at = error.source();
    }
    None
}

fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    let mut at = error;
    while let Some(inner) = at.source() {
        at = inner;
    }
    at
}

//! One attempt: sign, send, read, observe.
//!
//! It owns the lease of its attempt and ends it one way or another; a future that is dropped here leaves that to the
//! lease. What follows from the attempt stands in `outcome`.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, Request};
use tracing::Instrument as _;

use super::core::{Core, with_query};
use super::outcome::{End, Head, Next, Scalars};
use super::{Flight, within};
use crate::clock::Moment;
use crate::error::Kind;
use crate::limit::{Lease, learn};
use crate::operation::{Operation, Verb};
use crate::response::{Unread, read_body};
use crate::retry::{Phase, Times};

/// The longest body of an error.
const ERROR_CAP: usize = 1024 * 1024;
/// The longest body that is read only to keep the connection.
const DISCARD_CAP: usize = 64 * 1024;

impl Flight<'_> {
    /// Makes one attempt and decides what follows.
    pub(super) async fn attempt(&mut self, mut lease: Lease) -> Next {
        let Some(request) = self.sign() else {
            lease.not_sent();
            return Next::Fail(
                self.told(self.error(Kind::Parameter, "the URL is too long with its credential")),
            );
        };
        let (core, operation) = (&self.request.core, self.operation);
        let clock = core.clock();
        let sent = clock.now();
        let until = self.attempt_ends(sent);
        let mut head = None;
        let exchange = exchange(core, operation, request, &mut head);
        let span = tracing::debug_span!(
            "attempt",
            "http.request.method" = operation.verb.as_str(),
            "url.template" = operation.path,
            "http.request.resend_count" = self.made,
            "http.response.status_code" = tracing::field::Empty,
        );
        lease.mark_sent(clock);
        let in_flight = clock.attempt();
        self.made += 1;
        self.tries += 1;
        let end = within(exchange.instrument(span.clone()), || clock.timer(until)).await;
        drop(in_flight);
        let now = clock.now();
        self.elapsed += now - sent;
        if let Some(Head { status, .. }) = &head {
            span.record("http.response.status_code", status.as_u16());
        }
        let end = match end {
            Some(Ok(body)) => End::Whole(body),
            Some(Err(Unread::Broken(error))) => End::Failed(error),
            Some(Err(Unread::TooLarge)) => End::TooLarge,
            None => End::TimedOut,
        };
        self.settle(head, end, lease, now)
    }

    /// The request with all headers. The credential is put in last, so that nothing can take its place.
    fn sign(&self) -> Option<Request<Bytes>> {
        let core = &self.request.core;
        let signers = || {
            self.signers
                .iter()
                .filter_map(|credential| core.credentials().signer(self.operation.api, credential))
        };
        let mut uri = self.uri.clone();
        for pair in signers().filter_map(|signer| signer.query()) {
            uri = with_query(&uri, pair)?;
        }
        // The type of the body comes besides. A map with room to spare is a large allocation for each request.
        let count = core.headers().len() + self.operation.headers.len() + self.signers.len();
        let mut headers = HeaderMap::with_capacity(count + self.request.headers.len() + 1);
        for (name, value) in core.headers() {
            headers.insert(name.clone(), value.clone());
        }
        for (name, value) in self.operation.headers {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        if self.request.body.is_some() {
            headers
                .entry(CONTENT_TYPE)
                .or_insert(HeaderValue::from_static("application/json"));
        }
        for (name, value) in &self.request.headers {
            headers.insert(name.clone(), value.clone());
        }
        signers().for_each(|signer| signer.sign(&mut headers));
        let mut request = Request::new(self.request.body.clone().unwrap_or_default());
        *request.method_mut() = method(self.operation.verb);
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Some(request)
    }

    /// The attempt's timeout, or what is left of the retry policy's time or of the caller's.
    fn attempt_ends(&self, now: Moment) -> Moment {
        let timeout = self
            .request
            .options
            .timeout
            .unwrap_or(self.operation.timeout);
        let left = self
            .retry
            .as_ref()
            .and_then(|retry| retry.max_elapsed)
            .map(|max| max.saturating_sub(self.elapsed));
        let until = now + left.map_or(timeout, |left| left.min(timeout));
        self.deadline.map_or(until, |deadline| deadline.min(until))
    }

    /// Ends the lease and looks at the outcome.
    fn settle(&mut self, head: Option<Head>, end: End, mut lease: Lease, now: Moment) -> Next {
        match (head, end) {
            (Some(head), end) => {
                let is_success = self.operation.is_success(head.status);
                let body = match &end {
                    End::Whole(body) => body.clone(),
                    End::Failed(_) | End::TimedOut | End::TooLarge => Bytes::new(),
                };
                self.observe(&head, &body, is_success, &mut lease);
                match end {
                    End::Whole(body) if is_success => {
                        lease.complete(now);
                        self.succeed(head, body)
                    }
                    // A refusal shuts the gate before its slot is given back: nobody slips in between.
                    End::Whole(body) => {
                        let next = self.answered(&head, &body, now);
                        lease.complete(now);
                        next
                    }
                    // A status that is no success says all there is to say, with or without its body.
                    End::Failed(_) | End::TimedOut | End::TooLarge if !is_success => {
                        let next = self.answered(&head, &Bytes::new(), now);
                        lease.complete(now);
                        next
                    }
                    End::Failed(error) => {
                        lease.complete(now);
                        self.lost(Some(&head), Some(error), now)
                    }
                    End::TimedOut => {
                        drop(lease);
                        self.lost(Some(&head), None, now)
                    }
                    End::TooLarge => {
                        lease.complete(now);
                        self.too_large(&head, now)
                    }
                }
            }
            (None, End::Failed(error)) if error.phase() == Phase::NotSent => {
                lease.not_sent();
                self.lost(None, Some(error), now)
            }
            (None, End::Failed(error)) => self.lost(None, Some(error), now),
            (None, _) => self.lost(None, None, now),
        }
    }

    /// Lets the buckets learn from an answer.
    fn observe(&self, head: &Head, body: &Bytes, is_success: bool, lease: &mut Lease) {
        let core = &self.request.core;
        if self
            .operation
            .limit
            .iter()
            .all(|charge| charge.bucket.learn.is_none())
        {
            return;
        }
        let times = Times::of(&head.headers, core.clock().wall());
        let scalars = Scalars::new(body);
        let claims = core.claims(self.operation, self.signers);
        for charge in self.operation.limit {
            let claim = claims
                .iter()
                .find(|claim| claim.key.bucket == charge.bucket.name);
            if let (Some(claim), Some(learn)) = (claim, &charge.bucket.learn) {
                let seen = learn::read(
                    learn,
                    is_success,
                    &head.headers,
                    &|at| scalars.at(at),
                    times,
                    head.at,
                );
                lease.observe(claim.key, &seen, head.at, core.fraction());
            }
        }
    }
}

/// Sends a request and reads what the operation wants of the answer. The head is kept though the body be lost.
async fn exchange(
    core: &Core,
    operation: &Operation,
    request: Request<Bytes>,
    head: &mut Option<Head>,
) -> Result<Bytes, Unread> {
    let answer = core
        .transport()
        .send(request)
        .await
        .map_err(Unread::Broken)?;
    let (parts, body) = answer.into_parts();
    let (status, headers, at) = (parts.status, parts.headers, core.clock().now());
    let head = head.insert(Head {
        status,
        headers,
        at,
    });
    // These have no body (RFC 9110 §6.4.1).
    if operation.verb == Verb::Head || matches!(status.as_u16(), 204 | 304) {
        return Ok(Bytes::new());
    }
    let cap = core.body_cap();
    if !operation.is_success(status) {
        return Ok(read_body(body, &head.headers, cap.min(ERROR_CAP))
            .await
            .unwrap_or_default());
    }
    if !operation.reads_body {
        let _ = read_body(body, &head.headers, DISCARD_CAP).await;
        return Ok(Bytes::new());
    }
    read_body(body, &head.headers, cap).await
}

fn method(verb: Verb) -> Method {
    match verb {
        Verb::Get => Method::GET,
        Verb::Head => Method::HEAD,
        Verb::Options => Method::OPTIONS,
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
        Verb::Patch => Method::PATCH,
        Verb::Delete => Method::DELETE,
    }
}

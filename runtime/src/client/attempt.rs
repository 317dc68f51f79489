//! One attempt: sign, hand over, and look at what came of it.
//!
//! An attempt owns its lease and its leave from the breaker and ends them one way or another; one that is dropped
//! leaves that to them. How bytes come in stands in `exchange`, what follows in `outcome`.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue, USER_AGENT};
use http::uri::{PathAndQuery, Uri};
use http::{Method, Request};
use tracing::Span;

use super::exchange::{Exchange, Times as Timing};
use super::outcome::{End, Head, Next, Scalars};
use super::{Flight, watch};
use crate::auth::Signed;
use crate::clock::Moment;
use crate::error::{Error, Kind};
use crate::events::Event;
use crate::limit::{Claim, Held, Lease, learn};
use crate::operation::{Charge, Verb};
use crate::retry::breaker::Pass;
use crate::retry::{Hint, OVER_CAP_HOLD, Phase, Times, after};
use crate::transport::Payload;
use crate::upload::{self, Meter, PIECE};

/// An attempt that was handed to the transport.
pub(super) struct Attempt<'r> {
    exchange: Exchange<'r>,
    lease: Lease,
    pass: Option<Pass<'r>>,
    span: Span,
}

impl Attempt<'_> {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        let _entered = self.span.enter();
        self.exchange.poll(cx)
    }
}

/// Why a request could not be signed.
enum Unsigned {
    Expired,
    TooLong,
    Used,
}

impl<'r> Flight<'r> {
    /// Signs and hands over. Without an error, the credential has ended meanwhile, and everything was given back.
    pub(super) fn begin(
        &mut self,
        mut lease: Lease,
        pass: Option<Pass<'r>>,
        sent: Moment,
    ) -> Result<Attempt<'r>, Option<Error>> {
        let core = &self.request.core;
        self.check_key(sent).map_err(Some)?;
        self.recall();
        let request = match self.sign(sent) {
            Ok(request) => request,
            Err(Unsigned::Expired) => return Err(None),
            Err(Unsigned::TooLong) => {
                let text = "the URL is too long with its credential";
                return Err(Some(self.told(self.error(Kind::Parameter, text))));
            }
            Err(Unsigned::Used) => {
                let text = "its body is a stream, and was sent already";
                return Err(Some(self.told(self.error(Kind::Parameter, text))));
            }
        };
        let span = watch::attempt_span(self.request, self.made);
        self.made += 1;
        self.tries += 1;
        self.tell(|about| Event::AttemptStarted { about });
        lease.mark_sent(core.clock());
        let times = self.times(sent);
        let exchange = span.in_scope(|| Exchange::begin(self.request, request, times));
        Ok(Attempt {
            exchange,
            lease,
            pass,
            span,
        })
    }

    /// The request with all headers. The credential is put in last, so that nothing can take its place.
    fn sign(&mut self, now: Moment) -> Result<(Request<Payload>, Option<Arc<Meter>>), Unsigned> {
        let (core, operation, request) = (&self.request.core, self.operation, self.request);
        let mut uri = match &self.extra.query {
            Some(pairs) => with_query(&self.uri, pairs).ok_or(Unsigned::TooLong)?,
            None => self.uri.clone(),
        };
        // The type of the body comes besides. A map with room to spare is a large allocation for each request.
        let count = core.headers().len() + operation.headers.len() + self.signers.len();
        let count = count + request.headers.len() + self.extra.headers.len() + 1;
        let mut headers = HeaderMap::with_capacity(count);
        for (name, value) in core.headers() {
            headers.insert(name.clone(), value.clone());
        }
        if request.fetch.is_some() {
            leave_home(&mut headers, &uri);
        }
        for (name, value) in operation.headers {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        let body = self.extra.body.as_ref().or(request.body.as_ref());
        if body.is_some() {
            headers
                .entry(CONTENT_TYPE)
                .or_insert(HeaderValue::from_static("application/json"));
        }
        for (name, value) in request.headers.iter().chain(&self.extra.headers) {
            headers.insert(name.clone(), value.clone());
        }
        if let Some(outgoing) = &request.outgoing {
            headers.insert(CONTENT_TYPE, outgoing.content_type.clone());
        }
        self.ask(&mut headers);
        let credentials = core.credentials();
        match credentials.sign(operation.api, self.signers, now, &mut headers, &mut uri) {
            Signed::With(stamp) => self.stamp = Some(stamp),
            Signed::Expired => return Err(Unsigned::Expired),
            Signed::TooLong => return Err(Unsigned::TooLong),
        }
        let (payload, meter) = match (&request.outgoing, body) {
            (Some(outgoing), _) => metered(outgoing.open().ok_or(Unsigned::Used)?),
            (None, Some(body)) if body.len() > PIECE => metered(upload::long(body.clone())),
            (None, body) => (Payload::from(body.cloned().unwrap_or_default()), None),
        };
        let mut signed = Request::new(payload);
        *signed.method_mut() = method(operation.verb);
        *signed.uri_mut() = uri;
        *signed.headers_mut() = headers;
        Ok((signed, meter))
    }

    /// The attempt's timeout, or what is left of the retry policy's time, and the end of the caller's.
    fn times(&self, sent: Moment) -> Timing {
        let described = match &self.request.fetch {
            None => self.operation.timeout,
            Some(fetch) => fetch.timeout,
        };
        let timeout = self.request.options.timeout.unwrap_or(described);
        let max = self.policy().and_then(|retry| retry.max_elapsed);
        let left = max.map_or(timeout, |max| max.saturating_sub(self.elapsed));
        Timing {
            sent,
            timeout: timeout.min(left),
            deadline: self.deadline.unwrap_or(Moment::NEVER),
        }
    }

    /// Takes in how an attempt has ended, and decides what follows.
    pub(super) fn land(&mut self, attempt: Attempt<'_>, end: End) -> Next {
        let Attempt {
            mut exchange,
            lease,
            pass,
            span,
        } = attempt;
        let core = &self.request.core;
        let (head, sent) = (exchange.head.take(), exchange.sent);
        // The clock learns here that nothing is on the wire any more.
        drop(exchange);
        let now = core.clock().now();
        self.elapsed += now - sent;
        let status = head.as_ref().map(|head| head.status.as_u16());
        self.refused = None;
        let next = self.settle(head, end, lease, now);
        if let Some(pass) = pass {
            let failed = self.is_unhealthy(&next);
            if let Some(change) = pass.end(failed, now, || core.fraction()) {
                self.breaker_changed(change);
            }
        }
        self.attempt_ended(&span, status, &next, (now, now - sent));
        next
    }

    /// Ends the lease and looks at the outcome.
    fn settle(&mut self, head: Option<Head>, end: End, mut lease: Lease, now: Moment) -> Next {
        let Some(head) = head else {
            return match end {
                End::Failed(error) => {
                    if error.phase() == Phase::NotSent {
                        lease.not_sent();
                    }
                    self.lost(None, Some(error), now)
                }
                End::Whole(_) | End::Open(_) | End::TimedOut | End::TooLarge | End::Coded => {
                    self.lost(None, None, now)
                }
            };
        };
        let is_success = self.is_success(head.status);
        if is_success {
            lease.head(head.at);
        }
        let nothing = Bytes::new();
        let body = match &end {
            End::Whole(body) => body,
            End::Open(_) | End::Failed(_) | End::TimedOut | End::TooLarge | End::Coded => &nothing,
        };
        self.observe(&head, body, is_success, &mut lease);
        if !is_success {
            // A status that is no success says all there is to say, with or without its body. A refusal shuts the gate
            // before its slot is given back: nobody slips in between.
            let next = self.answered(&head, body, now);
            self.cut(now);
            lease.complete(now);
            return next;
        }
        match end {
            End::Whole(body) => {
                lease.complete(now);
                self.succeed(head, body)
            }
            End::Open(body) => self.open(head, *body, lease.open(now), now),
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
                let why = "its body is longer than this client accepts";
                self.unread(&head, Kind::TooLarge, why, now)
            }
            End::Coded => {
                lease.complete(now);
                let why = "its body has a content-encoding, which was not asked for";
                self.unread(&head, Kind::Decode, why, now)
            }
        }
    }

    /// A refusal may mean that fewer requests should be on their way.
    fn cut(&self, now: Moment) {
        let core = &self.request.core;
        let then = self.operation.api.refusal.and_then(|refusal| refusal.then);
        if let (Some(_), Some(then), Some(share)) = (self.refused, then, self.demand.share) {
            core.limits().cut(share.key, then, now);
        }
    }

    /// Lets buckets and gates learn from an answer.
    fn observe(&self, head: &Head, body: &Bytes, is_success: bool, lease: &mut Lease) {
        let (core, operation) = (&self.request.core, self.operation);
        let learns = |charge: &Charge| charge.bucket.learn.is_some();
        if operation.api.hints.is_empty() && !operation.limit.iter().any(learns) {
            return;
        }
        let times = Times::of(&head.headers, core.clock().wall());
        let scalars = Scalars::new(body);
        let read = |at: &[&str]| scalars.at(at);
        for charge in operation.limit {
            let is_it = |claim: &&Claim| claim.key.bucket == charge.bucket.name;
            let claim = self.demand.charges.iter().find(is_it);
            if let (Some(claim), Some(learn)) = (claim, &charge.bucket.learn) {
                let seen = learn::read(learn, is_success, &head.headers, &read, times, head.at);
                lease.observe(claim.key, &seen, head.at, core.fraction());
            }
        }
        if !operation.api.hints.is_empty() {
            let asked = after::wait(operation.api.hints, &head.headers, &read, times);
            self.pause(asked, head.at);
        }
    }

    /// Obeys the wait that an answer asks for, refusal or not. One beyond belief is an hour, as after a refusal.
    fn pause(&self, asked: after::Asked, now: Moment) {
        let core = &self.request.core;
        let count = asked.invalid;
        if count > 0 {
            self.tell(|about| Event::HintIgnored { about, count });
        }
        let wait = match asked.hint {
            Hint::After(wait) => wait,
            Hint::OverCap => OVER_CAP_HOLD,
            Hint::Invalid | Hint::Missing => Duration::ZERO,
        };
        if wait.is_zero() {
            return;
        }
        let keys = self.demand.keys();
        let held = match keys.is_empty() {
            true => Held::Client(core.id()),
            false => Held::Buckets(&keys),
        };
        let hold = core.limits().hold(held, now, wait, core.fraction()) - now;
        self.tell(|about| Event::Paused { about, hold });
    }
}

fn metered((payload, meter): (Payload, Arc<Meter>)) -> (Payload, Option<Arc<Meter>>) {
    (payload, Some(meter))
}

/// Of what all calls of the client say, a stranger is told by what it was written, and where it is meant to be.
fn leave_home(headers: &mut HeaderMap, uri: &Uri) {
    let agent = headers.remove(USER_AGENT);
    headers.clear();
    headers.extend(agent.map(|agent| (USER_AGENT, agent)));
    let host = uri
        .authority()
        .map(|authority| HeaderValue::from_str(authority.as_str()));
    headers.extend(host.and_then(Result::ok).map(|host| (HOST, host)));
}

/// Puts encoded pairs behind the query.
fn with_query(uri: &Uri, pairs: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let before = parts
        .path_and_query
        .as_ref()
        .map_or("/", PathAndQuery::as_str);
    let mark = if uri.query().is_some() { '&' } else { '?' };
    parts.path_and_query = Some(format!("{before}{mark}{pairs}").parse().ok()?);
    Uri::from_parts(parts).ok()
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

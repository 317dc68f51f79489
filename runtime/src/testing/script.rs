//! A transport that is a server too: it answers from a script or a closure and records what arrives.
//!
//! It works on any clock and needs no runtime. It counts at the server's side: a request that was not sent is not
//! recorded.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, Uri};

use crate::clock::{Clock, Moment};
use crate::error::Kind;
use crate::retry::Phase;
use crate::transport::{Body, BoxFuture, Failure, Payload, Transport, TransportError};

/// A request as it arrived.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The verb.
    pub method: Method,
    /// The whole URL.
    pub uri: Uri,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// When it arrived.
    pub arrived: Moment,
    /// It was carried out, as the script has it.
    pub applied: bool,
}

impl RecordedRequest {
    /// The path, as it was sent.
    #[must_use]
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The first value of a query parameter, as it was sent.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        let pairs = self.uri.query()?.split('&');
        pairs
            .filter_map(|pair| pair.split_once('='))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// A header's value, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What the server does with one request.
#[derive(Clone, Debug)]
#[must_use = "a reply is given to a script"]
pub struct ScriptReply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    latency: Duration,
    fate: Fate,
    applied: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Whole,
    NotSent,
    Reset,
    Stall,
    Truncated(usize),
    BodyStalls(usize),
}

impl ScriptReply {
    fn new(status: u16, body: Bytes) -> ScriptReply {
        let status = StatusCode::from_u16(status).expect("a test names a status from 100 to 999");
        let (headers, latency) = (HeaderMap::new(), Duration::ZERO);
        ScriptReply {
            status,
            headers,
            body,
            latency,
            fate: Fate::Whole,
            applied: status.is_success(),
        }
    }

    /// An answer with a JSON text.
    pub fn json(status: u16, text: impl Into<String>) -> ScriptReply {
        ScriptReply::new(status, text.into().into()).header("content-type", "application/json")
    }

    /// An answer with plain text.
    pub fn text(status: u16, text: impl Into<String>) -> ScriptReply {
        ScriptReply::new(status, text.into().into()).header("content-type", "text/plain")
    }

    /// An answer with any body.
    pub fn bytes(status: u16, body: impl Into<Bytes>) -> ScriptReply {
        ScriptReply::new(status, body.into())
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> ScriptReply {
        ScriptReply::new(status, Bytes::new())
    }

    /// No connection: nothing arrives.
    pub fn not_sent() -> ScriptReply {
        ScriptReply {
            fate: Fate::NotSent,
            ..ScriptReply::empty(500)
        }
    }

    /// The request arrives, is not carried out, and the connection breaks.
    pub fn reset() -> ScriptReply {
        ScriptReply {
            fate: Fate::Reset,
            ..ScriptReply::empty(500)
        }
    }

    /// The request arrives and is carried out, and the connection breaks before the answer.
    pub fn lost() -> ScriptReply {
        ScriptReply {
            fate: Fate::Reset,
            ..ScriptReply::empty(200)
        }
    }

    /// The request arrives and is carried out, and nothing comes back ever.
    pub fn stalls() -> ScriptReply {
        ScriptReply {
            fate: Fate::Stall,
            ..ScriptReply::empty(200)
        }
    }

    /// The body breaks off after so many bytes.
    pub fn truncated_at(mut self, bytes: usize) -> ScriptReply {
        self.fate = Fate::Truncated(bytes);
        self
    }

    /// The body stops coming after so many bytes.
    pub fn stalls_at(mut self, bytes: usize) -> ScriptReply {
        self.fate = Fate::BodyStalls(bytes);
        self
    }

    /// Adds a header.
    ///
    /// # Panics
    ///
    /// When it is none.
    pub fn header(mut self, name: &str, value: &str) -> ScriptReply {
        let name = HeaderName::try_from(name).expect("a test names a header");
        self.headers.insert(
            name,
            HeaderValue::try_from(value).expect("a test gives a header's value"),
        );
        self
    }

    /// Answers so long after the request has arrived.
    pub fn after(mut self, latency: Duration) -> ScriptReply {
        self.latency = latency;
        self
    }

    /// What a client makes of it that does not try again, where it is no answer.
    pub(super) fn kind(&self) -> (Kind, Phase) {
        match self.fate {
            Fate::NotSent => (Kind::Connect, Phase::NotSent),
            Fate::Reset | Fate::Truncated(_) => (Kind::Truncated, Phase::Unknown),
            Fate::Stall | Fate::BodyStalls(_) => (Kind::Timeout, Phase::Unknown),
            Fate::Whole => (Kind::Api, Phase::Final),
        }
    }

    /// Says that the request was carried out, whatever the status.
    pub fn applied(mut self) -> ScriptReply {
        self.applied = true;
        self
    }
}

type Answer = Box<dyn FnMut(&RecordedRequest) -> ScriptReply + Send>;

struct State {
    replies: VecDeque<ScriptReply>,
    answer: Option<Answer>,
    requests: Vec<RecordedRequest>,
    transit: Duration,
}

/// A scripted server. Clones share script and records.
#[derive(Clone)]
pub struct Script {
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
}

impl Script {
    /// A server without replies. Its latencies and its `Date` come from this clock.
    pub fn new(clock: impl Clock) -> Script {
        let state = State {
            replies: VecDeque::new(),
            answer: None,
            requests: Vec::new(),
            transit: Duration::ZERO,
        };
        Script {
            clock: Arc::new(clock),
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Adds the reply to the next request.
    pub fn reply(&self, reply: ScriptReply) -> &Script {
        self.lock().replies.push_back(reply);
        self
    }

    /// Answers what no reply was added for by this closure, which may keep state: a model of a server.
    pub fn respond_with(
        &self,
        answer: impl FnMut(&RecordedRequest) -> ScriptReply + Send + 'static,
    ) -> &Script {
        self.lock().answer = Some(Box::new(answer));
        self
    }

    /// Lets each request take so long to arrive.
    pub fn transit(&self, transit: Duration) -> &Script {
        self.lock().transit = transit;
        self
    }

    /// All requests that have arrived, in their order.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.lock().requests.clone()
    }

    /// How many requests have arrived.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().requests.len()
    }

    /// How many requests were carried out.
    #[must_use]
    pub fn applied(&self) -> usize {
        self.lock()
            .requests
            .iter()
            .filter(|request| request.applied)
            .count()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next reply, if it is that there is no connection.
    fn cut(&self) -> Option<ScriptReply> {
        let replies = &mut self.lock().replies;
        let is_cut = replies.front()?.fate == Fate::NotSent;
        is_cut.then(|| replies.pop_front()).flatten()
    }

    /// Takes in a request and gives what is to happen with it.
    fn arrive(&self, parts: Parts, body: Bytes) -> ScriptReply {
        let mut request = RecordedRequest {
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            body,
            arrived: self.clock.now(),
            applied: false,
        };
        let mut state = self.lock();
        let reply = match (state.replies.pop_front(), &mut state.answer) {
            (Some(reply), _) => reply,
            (None, Some(answer)) => answer(&request),
            (None, None) => panic!(
                "the script has no reply for {} {}",
                request.method,
                request.uri.path()
            ),
        };
        request.applied = reply.applied && reply.fate != Fate::NotSent;
        if reply.fate != Fate::NotSent {
            state.requests.push(request);
        }
        reply
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script")
            .field("requests", &self.count())
            .finish_non_exhaustive()
    }
}

impl Transport for Script {
    fn send(
        &self,
        request: Request<Payload>,
    ) -> BoxFuture<'static, Result<Response<Body>, TransportError>> {
        let script = self.clone();
        Box::pin(async move {
            let transit = script.lock().transit;
            if !transit.is_zero() {
                script.clock.sleep(script.clock.now() + transit).await;
            }
            // Where there is no connection, nothing is read of what was to be sent.
            let reply = match script.cut() {
                Some(reply) => reply,
                None => {
                    let (parts, body) = request.into_parts();
                    let body = body.whole().await.map_err(|_| {
                        TransportError::unknown(Failure::Unreadable, "the body broke off")
                    })?;
                    script.arrive(parts, body)
                }
            };
            if !reply.latency.is_zero() {
                script.clock.sleep(script.clock.now() + reply.latency).await;
            }
            match reply.fate {
                Fate::NotSent => Err(TransportError::not_sent(
                    Failure::Connect,
                    "connection refused",
                )),
                Fate::Reset => Err(TransportError::unknown(Failure::Reset, "connection reset")),
                Fate::Stall => std::future::pending().await,
                Fate::Whole | Fate::Truncated(_) | Fate::BodyStalls(_) => Ok(script.answer(reply)),
            }
        })
    }
}

impl Script {
    fn answer(&self, reply: ScriptReply) -> Response<Body> {
        let bytes = match reply.fate {
            Fate::Truncated(bytes) | Fate::BodyStalls(bytes) => {
                reply.body.slice(..bytes.min(reply.body.len()))
            }
            Fate::Whole | Fate::NotSent | Fate::Reset | Fate::Stall => reply.body,
        };
        let body = if reply.fate == Fate::Whole {
            Body::whole(bytes)
        } else {
            Body::chunks(Broken {
                bytes: Some(bytes),
                breaks: matches!(reply.fate, Fate::Truncated(_)),
            })
        };
        let mut answer = Response::new(body);
        *answer.status_mut() = reply.status;
        *answer.headers_mut() = reply.headers;
        let date = httpdate::fmt_http_date(self.clock.wall());
        answer
            .headers_mut()
            .entry(DATE)
            .or_insert(HeaderValue::try_from(date).expect("a date is ASCII"));
        answer
            .headers_mut()
            .entry(CONTENT_TYPE)
            .or_insert(HeaderValue::from_static("application/octet-stream"));
        answer
    }
}

/// A body that breaks off or stops.
struct Broken {
    bytes: Option<Bytes>,
    breaks: bool,
}

impl Stream for Broken {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let end = if self.breaks {
            Poll::Ready(())
        } else {
            Poll::Pending
        };
        match self.bytes.take() {
            Some(bytes) => Poll::Ready(Some(Ok(bytes))),
            None => {
                ready!(end);
                Poll::Ready(Some(Err(TransportError::unknown(
                    Failure::Truncated,
                    "the body ended early",
                ))))
            }
        }
    }
}

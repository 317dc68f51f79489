//! What a stand-in can be told to do wrong, once each.
//!
//! A fault replaces or spoils the answer to one arrival. Each says whether the API carries the
//! request out first; what it then did shows in `Arrival::applied` and in the state.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use serde_json::Value;
use tokio::sync::watch;

use crate::ledger::Arrival;

/// Changes the JSON of an answer.
pub type Patch = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// One misbehaviour.
#[derive(Clone)]
pub enum Fault {
    /// Answers this instead.
    Answer(Answer),
    /// Resets the connection once the request has been read; it is not carried out.
    ResetBefore,
    /// Carries the request out, then resets the connection instead of answering.
    ResetAfter,
    /// Closes the connection in order, without an answer and without carrying the request out.
    CloseBefore,
    /// Carries the request out, then closes the connection in order without an answer.
    CloseAfter,
    /// Reads the request and never answers; it is not carried out.
    StallBefore,
    /// Carries the request out and never answers.
    StallAfter,
    /// Carries the request out and answers once the gate is open.
    Hold(Gate),
    /// Sends the true answer's head and this many bytes of its body, then closes the connection.
    Truncate { keep: usize },
    /// Sends the true answer's head and this many bytes of its body, then nothing more.
    StallBody { keep: usize },
    /// Sends the true answer with the last byte of its body missing and the length to match.
    Malformed,
    /// Answers 200 with a page of HTML, as a proxy would; the request is not carried out.
    Html,
    /// Changes the true answer's JSON.
    Patch(Patch),
    /// Sets these headers on the true answer, over those it has. A false length is not among
    /// what it can tell; `Truncate` and `Hostile` can.
    Headers(Vec<(HeaderName, HeaderValue)>),
    /// Takes these headers from the true answer.
    WithoutHeaders(Vec<HeaderName>),
}

impl Fault {
    /// Answers a status with an empty body; the request is not carried out.
    pub fn status(status: u16) -> Self {
        Self::Answer(Answer::new(status))
    }

    /// Changes the true answer's JSON.
    pub fn patch(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::Patch(Arc::new(change))
    }

    /// Puts a value at a JSON pointer (RFC 6901) of the true answer.
    ///
    /// # Panics
    /// When played, if the answer has nothing at the pointer.
    pub fn set(pointer: &'static str, value: Value) -> Self {
        Self::patch(move |body| {
            let place = body.pointer_mut(pointer);
            *place.expect("the pointer names a value of the answer") = value.clone();
        })
    }

    /// Takes a member from the object at a JSON pointer of the true answer.
    ///
    /// # Panics
    /// When played, if there is no object at the pointer.
    pub fn remove(pointer: &'static str, member: &'static str) -> Self {
        Self::patch(move |body| {
            let object = body.pointer_mut(pointer).and_then(Value::as_object_mut);
            object
                .expect("the pointer names an object of the answer")
                .remove(member);
        })
    }

    /// Sets one header on the true answer.
    ///
    /// # Panics
    /// When the name or the value is not one of HTTP.
    pub fn header(name: &str, value: &str) -> Self {
        Self::Headers(vec![named(name, value)])
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(answer) => f.debug_tuple("Answer").field(answer).finish(),
            Self::ResetBefore => f.write_str("ResetBefore"),
            Self::ResetAfter => f.write_str("ResetAfter"),
            Self::CloseBefore => f.write_str("CloseBefore"),
            Self::CloseAfter => f.write_str("CloseAfter"),
            Self::StallBefore => f.write_str("StallBefore"),
            Self::StallAfter => f.write_str("StallAfter"),
            Self::Hold(_) => f.write_str("Hold"),
            Self::Truncate { keep } => write!(f, "Truncate({keep})"),
            Self::StallBody { keep } => write!(f, "StallBody({keep})"),
            Self::Malformed => f.write_str("Malformed"),
            Self::Html => f.write_str("Html"),
            Self::Patch(_) => f.write_str("Patch"),
            Self::Headers(headers) => f.debug_tuple("Headers").field(headers).finish(),
            Self::WithoutHeaders(names) => f.debug_tuple("WithoutHeaders").field(names).finish(),
        }
    }
}

/// An answer that a test wrote.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
    pub(crate) applies: bool,
    pub(crate) bare: bool,
}

impl Answer {
    /// An answer with this status and an empty body.
    ///
    /// # Panics
    /// When HTTP has no such status.
    pub fn new(status: u16) -> Self {
        Self {
            status: StatusCode::from_u16(status).expect("a status is between 100 and 999"),
            headers: Vec::new(),
            body: Bytes::new(),
            applies: false,
            bare: false,
        }
    }

    /// Adds a header; the same name may come twice.
    ///
    /// # Panics
    /// When the name or the value is not one of HTTP.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(named(name, value));
        self
    }

    /// The body, as JSON.
    #[must_use]
    pub fn json(self, body: &str) -> Self {
        self.body(body.to_owned())
            .header("content-type", "application/json")
    }

    /// The body, of no declared type.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Carries the request out before it answers.
    #[must_use]
    pub fn after_applying(mut self) -> Self {
        self.applies = true;
        self
    }

    /// Leaves out the `Date` and the limit headers that every answer has.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    pub(crate) fn reply(&self) -> Response<Bytes> {
        let mut reply = Response::new(self.body.clone());
        *reply.status_mut() = self.status;
        for (name, value) in &self.headers {
            reply.headers_mut().append(name, value.clone());
        }
        reply
    }
}

/// The page that a proxy shows in place of an answer.
pub(crate) fn html_page() -> Response<Bytes> {
    let mut reply = Response::new(Bytes::from_static(
        b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Sign in</body></html>\n",
    ));
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    reply.headers_mut().insert(header::CONTENT_TYPE, kind);
    reply
}

fn named(name: &str, value: &str) -> (HeaderName, HeaderValue) {
    (
        HeaderName::from_bytes(name.as_bytes()).expect("a header name of HTTP"),
        HeaderValue::from_str(value).expect("a header value of HTTP"),
    )
}

/// Holds answers back until it is opened.
#[derive(Clone, Debug)]
pub struct Gate {
    open: Arc<watch::Sender<bool>>,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self {
            open: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Lets through all that wait, and all that come after.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    pub(crate) async fn passed(&self) {
        let mut open = self.open.subscribe();
        open.wait_for(|open| *open)
            .await
            .expect("the gate itself holds the sender");
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

/// A fault that waits for its arrival.
#[derive(Debug)]
pub(crate) struct Awaiting {
    method: Option<Method>,
    path: Option<String>,
    fault: Fault,
}

impl Awaiting {
    pub(crate) fn any(fault: Fault) -> Self {
        Self {
            method: None,
            path: None,
            fault,
        }
    }

    pub(crate) fn only(method: Method, path: &str, fault: Fault) -> Self {
        Self {
            method: Some(method),
            path: Some(path.to_owned()),
            fault,
        }
    }

    fn meets(&self, arrival: &Arrival) -> bool {
        self.method.as_ref().is_none_or(|m| *m == arrival.method)
            && self.path.as_ref().is_none_or(|p| arrival.path.ends_with(p))
    }
}

/// Takes the first waiting fault that the arrival meets.
pub(crate) fn take(waiting: &mut Vec<Awaiting>, arrival: &Arrival) -> Option<Fault> {
    let place = waiting.iter().position(|fault| fault.meets(arrival))?;
    Some(waiting.remove(place).fault)
}

//! What a mock answers instead of a value: an error in the API's own shape, or nothing at all.
//! Assumes shapes that a description gives. Must not say anything in a shape that has no place for it.

use super::super::ScriptReply;
use super::node::Node;
use crate::decode::Pointer;
use crate::encode;
use crate::error::{Error, Kind, Message};
use crate::operation::{Api, ErrorShape};
use crate::retry::Phase;

/// An error that a mock answers. An API's `Fault` becomes one by `into()`.
///
/// ```
/// use etiquette_runtime::testing::MockError;
///
/// let taken = MockError::status(409).with_code("taken").with_message("this email is taken");
/// let busy = MockError::status(429).with_header("retry-after", "30");
/// let cut = MockError::lost();
/// # let _ = (taken, busy, cut);
/// ```
#[derive(Clone, Debug)]
#[must_use = "an error is answered by a mock"]
pub struct MockError(Means);

#[derive(Clone, Debug)]
enum Means {
    Status(Box<Status>),
    Reply(Box<ScriptReply>),
}

#[derive(Clone, Debug)]
struct Status {
    status: u16,
    code: Option<String>,
    messages: Vec<String>,
    headers: Vec<(String, String)>,
}

impl MockError {
    /// An answer with this status, from 400 to 599 for most.
    pub fn status(status: u16) -> MockError {
        MockError(Means::Status(Box::new(Status {
            status,
            code: None,
            messages: Vec::new(),
            headers: Vec::new(),
        })))
    }

    /// The request is carried out, and the connection breaks before the answer.
    pub fn lost() -> MockError {
        MockError::reply(ScriptReply::lost())
    }

    /// There is no connection: nothing is carried out.
    pub fn no_connection() -> MockError {
        MockError::reply(ScriptReply::not_sent())
    }

    /// The request is carried out, and nothing comes back until the client gives up.
    pub fn silent() -> MockError {
        MockError::reply(ScriptReply::stalls())
    }

    /// Any answer, as a script gives it.
    pub fn reply(reply: ScriptReply) -> MockError {
        MockError(Means::Reply(Box::new(reply)))
    }

    /// The API's own code.
    pub fn with_code(self, code: impl Into<String>) -> MockError {
        self.with(|status| status.code = Some(code.into()))
    }

    /// One of the API's own messages.
    pub fn with_message(self, message: impl Into<String>) -> MockError {
        self.with(|status| status.messages.push(message.into()))
    }

    /// A header of the answer.
    pub fn with_header(self, name: impl Into<String>, value: impl Into<String>) -> MockError {
        self.with(|status| status.headers.push((name.into(), value.into())))
    }

    /// What is not answered at all has neither code nor message.
    fn with(mut self, set: impl FnOnce(&mut Status)) -> MockError {
        if let Means::Status(status) = &mut self.0 {
            set(status);
        }
        self
    }

    /// As the API would send it.
    pub(super) fn reply_as(self, api: &Api) -> ScriptReply {
        let status = match self.0 {
            Means::Reply(reply) => return *reply,
            Means::Status(status) => status,
        };
        let reply = status.body(api);
        let headers = status.headers.iter();
        headers.fold(reply, |reply, (name, value)| reply.header(name, value))
    }
}

impl Status {
    /// In the first of the API's shapes that says all of it, or else the most.
    fn body(&self, api: &Api) -> ScriptReply {
        let says = |shape: &ErrorShape| {
            let (message, code) = says(shape);
            u8::from(message && !self.messages.is_empty()) * 2
                + u8::from(code && self.code.is_some())
        };
        let most = api.errors.iter().map(says).max();
        let shape = api.errors.iter().find(|shape| Some(says(shape)) == most);
        let text = self.messages.join("; ");
        match shape.filter(|shape| says(shape) >= 2 || self.messages.is_empty()) {
            Some(ErrorShape::Object {
                message,
                code,
                messages,
                fields,
            }) => {
                let mut node = Node::new();
                if let (Some(at), Some(code)) = (code, &self.code) {
                    node.put(at, encode::quoted(code));
                }
                let texts = self.messages.iter().map(|text| encode::quoted(text));
                match (message.first(), messages, fields) {
                    _ if self.messages.is_empty() => {}
                    (Some(at), ..) => node.put(at, encode::quoted(&text)),
                    (None, Some(several), _) => {
                        let each = texts.map(|text| Node::at(several.text, text));
                        let list = format!("[{}]", Vec::from_iter(each).join(","));
                        node.put(several.each, list);
                    }
                    (None, None, Some(at)) => {
                        let list = format!("{{\"_\":[{}]}}", Vec::from_iter(texts).join(","));
                        node.put(at, list);
                    }
                    (None, None, None) => {}
                }
                ScriptReply::json(self.status, node.json())
            }
            Some(ErrorShape::String) if !text.is_empty() => {
                ScriptReply::json(self.status, encode::quoted(&text))
            }
            Some(ErrorShape::String | ErrorShape::Text | ErrorShape::Empty) | None => {
                ScriptReply::text(self.status, text)
            }
        }
    }
}

/// Whether a shape has a place for a message and for a code.
fn says(shape: &ErrorShape) -> (bool, bool) {
    match shape {
        ErrorShape::Object {
            message,
            code,
            messages,
            fields,
        } => {
            let has: [Option<Pointer<'_>>; 2] = [message.first().copied(), *fields];
            let message = has.iter().any(Option::is_some) || messages.is_some();
            (message, code.is_some())
        }
        ErrorShape::String | ErrorShape::Text => (true, false),
        ErrorShape::Empty => (false, false),
    }
}

/// For calls that are answered already: an error as the pipeline would have made it, without an operation.
impl From<MockError> for Error {
    fn from(error: MockError) -> Error {
        let status = match error.0 {
            Means::Status(status) => status,
            Means::Reply(reply) => {
                let (kind, phase) = reply.kind();
                let mut error = Error::new(kind, "a mock has answered so");
                error.inner_mut().phase = phase;
                error.inner_mut().happened = phase == Phase::Unknown;
                return error;
            }
        };
        let kind = match status.status {
            401 => Kind::Auth,
            429 => Kind::Refused,
            _ => Kind::Api,
        };
        let mut error = Error::new(kind, "");
        let inner = error.inner_mut();
        inner.phase = Phase::Final;
        inner.status = http::StatusCode::from_u16(status.status).ok();
        inner.code = status.code;
        let message = |text| Message { text, target: None };
        inner.messages = status.messages.into_iter().map(message).collect();
        inner.attempts = 1;
        error
    }
}

/// A case of an API's errors; for `faults!`.
#[doc(hidden)]
pub fn described(status: u16, code: Option<&str>, name: &str) -> MockError {
    let error = MockError::status(status).with_message(name);
    match code {
        Some(code) => error.with_code(code),
        None => error,
    }
}

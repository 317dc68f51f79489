//! What went wrong with a call: one opaque error with predicates.
//!
//! An error is made once, by the pipeline, and is safe to print: it names the route by its template, never a query
//! value, a header or a credential, and bodies are scrubbed before they come here.

mod scrub;
mod shape;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde::de::DeserializeOwned;

pub(crate) use scrub::{Scrub, with_small_digits};

use crate::decode::{Misfit, SNIPPET, clip};
use crate::operation::{Effect, Operation};
use crate::retry::Phase;
use crate::transport::TransportError;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong with a call, or with making a client.
///
/// It is one pointer wide. [`kind`](Error::kind) says what to do about it; [`may_have_happened`](Error::may_have_happened)
/// is the question to ask before a write is sent again.
pub struct Error(Box<Inner>);

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A value cannot be sent as it was given, or the client cannot be made as it was set up. Nothing was sent.
    Parameter,
    /// No credential was given, or the API does not accept it (401).
    Auth,
    /// The API refused because of its limits, and waiting it out would take longer than allowed.
    Refused,
    /// Too many calls wait for quota already. Nothing was sent.
    QueueFull,
    /// The deadline of the call, or the time for its attempts, is over.
    Deadline,
    /// There was no connection. Nothing was sent.
    Connect,
    /// An attempt took longer than its timeout.
    Timeout,
    /// The answer was lost: the connection broke before the whole of it was here.
    Truncated,
    /// The answer does not fit the description of the API.
    Decode,
    /// The API answered that it will not do this.
    Api,
    /// A write may or may not have been carried out, and must not be sent again blindly.
    Ambiguous,
    /// An earlier attempt of this call was carried out, as the API says, and what it made is not in the answer.
    AlreadyProcessed,
    /// A walk over pages does not advance.
    PagingStalled,
    /// A URL in the answer leads elsewhere, and is not followed.
    CrossOriginLink,
    /// Hardly any call of this client has come back lately, so this one was not sent.
    CircuitOpen,
    /// A body that is sent or received moves too slowly.
    Stalled,
    /// The answer is larger than the client accepts.
    TooLarge,
    /// The API answered with a redirect that is not followed.
    Redirected,
    /// The temporary URL in the answer has ended already, and is not fetched.
    Expired,
    /// A write over many rows was not sent, because there are not as many rows as were expected.
    CountChanged {
        /// How many rows the write was for.
        expected: u64,
        /// How many there are.
        counted: u64,
    },
    /// What was waited for has failed, as the API says.
    JobFailed,
    /// What was waited for is not done in the time that it was given. It goes on.
    StillRunning,
    /// A file or stream on this side cannot be read or written, or is not what it should be.
    File,
}

/// One of the API's own messages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// The text, as the API wrote it.
    pub text: String,
    /// The member that it is about, where the API says so.
    pub target: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) kind: Kind,
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) phase: Phase,
    pub(crate) happened: bool,
    pub(crate) status: Option<http::StatusCode>,
    pub(crate) text: String,
    pub(crate) path: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) messages: Vec<Message>,
    pub(crate) request_id: Option<Box<str>>,
    pub(crate) reference: Option<Box<str>>,
    pub(crate) key: Option<Arc<str>>,
    pub(crate) attempts: u32,
    pub(crate) waited: Duration,
    pub(crate) retry_at: Option<SystemTime>,
    pub(crate) body: Bytes,
    pub(crate) source: Option<TransportError>,
}

impl Error {
    /// An error of which only the kind and the words are known so far. Nothing was sent, as far as it knows.
    pub(crate) fn new(kind: Kind, text: impl Into<String>) -> Error {
        Error(Box::new(Inner {
            kind,
            operation: None,
            phase: Phase::NotSent,
            happened: false,
            status: None,
            text: text.into(),
            path: None,
            code: None,
            messages: Vec::new(),
            request_id: None,
            reference: None,
            key: None,
            attempts: 0,
            waited: Duration::ZERO,
            retry_at: None,
            body: Bytes::new(),
            source: None,
        }))
    }

    pub(crate) fn of(operation: &'static Operation, kind: Kind, text: impl Into<String>) -> Error {
        let mut error = Error::new(kind, text);
        error.0.operation = Some(operation);
        error
    }

    pub(crate) fn misfit(operation: &'static Operation, misfit: &Misfit) -> Error {
        let mut error = Error::of(operation, Kind::Decode, misfit.to_string());
        error.0.phase = Phase::Final;
        error.0.path = misfit.path().map(str::to_owned);
        error
    }

    /// Takes code and messages from a body that was scrubbed, by the first shape that fits.
    pub(crate) fn read_body(&mut self, body: Bytes) {
        if let Some(operation) = self.0.operation {
            let found = shape::read(operation.api.errors, &body);
            self.0.code = found.code;
            self.0.messages = found.messages;
            let before = operation.api.reference;
            self.0.reference =
                before.and_then(|before| shape::reference(before, &self.0.messages, &body));
        }
        self.0.body = body;
    }

    /// The same once more, for a call that is answered already.
    pub(crate) fn again(&self) -> Error {
        Error(self.0.clone())
    }

    pub(crate) fn inner_mut(&mut self) -> &mut Inner {
        &mut self.0
    }

    pub(crate) fn status_code(&self) -> Option<&http::StatusCode> {
        self.0.status.as_ref()
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The status of the last answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status.map(|status| status.as_u16())
    }

    /// How far the last attempt got.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.0.phase
    }

    /// A write may have been carried out, by this attempt or an earlier one. Never so for reads.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        self.0.happened
    }

    /// The same call may succeed later, and sending it again does no harm.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        if matches!(self.0.kind, Kind::Ambiguous | Kind::AlreadyProcessed) {
            return false;
        }
        match self.0.phase {
            Phase::NotSent => matches!(
                self.0.kind,
                Kind::Connect
                    | Kind::QueueFull
                    | Kind::Deadline
                    | Kind::Refused
                    | Kind::CircuitOpen
            ),
            Phase::NotProcessed => self.0.kind != Kind::Auth,
            Phase::Unknown => true,
            Phase::Final => false,
        }
    }

    /// When the API is ready again, as far as it told.
    #[must_use]
    pub fn retry_at(&self) -> Option<SystemTime> {
        self.0.retry_at
    }

    /// The API's own name for the request, to be given to its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The API's own name for the error, from its message, to be given to its support.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// The key that the request bore. A call that may have happened is safe to be made again with
    /// [`with_idempotency_key`](crate::Call::with_idempotency_key), as long as the server knows the key.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The write named a version that is no longer the current one: read again, then decide. Never so when an earlier
    /// attempt of the call may have changed the version itself; that is [`Kind::Ambiguous`].
    #[must_use]
    pub fn is_stale(&self) -> bool {
        let lock = self
            .0
            .operation
            .filter(|it| it.effect != Effect::Read)
            .and_then(|it| it.lock);
        self.0.kind == Kind::Api
            && lock.is_some_and(|lock| {
                self.status() == Some(lock.stale)
                    && lock.stale_code.is_none_or(|code| self.code() == Some(code))
            })
    }

    /// The API's own code for the error.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The API's own messages.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        &self.0.messages
    }

    /// Where in the answer the error is, as a JSON pointer: `/data/3/id`.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// How many attempts were made.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call waited for quota, refusals and backoffs together.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.0.waited
    }

    /// The body of the answer as a value of this type; `None` when it is none.
    #[must_use]
    pub fn body_as<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.0.body).ok()
    }

    fn what(&self) -> &'static str {
        match self.0.kind {
            Kind::Parameter => "this cannot be sent",
            Kind::Auth => "not authenticated",
            Kind::Refused => "refused by the API's limits",
            Kind::QueueFull => "too many calls are waiting",
            Kind::Deadline => "out of time",
            Kind::Connect => "no connection",
            Kind::Timeout => "timed out",
            Kind::Truncated => "the answer was lost",
            Kind::Decode => "the answer does not fit",
            Kind::Api => "the API said no",
            Kind::Ambiguous => "it may or may not have happened",
            Kind::AlreadyProcessed => "it has happened already",
            Kind::PagingStalled => "the pages do not advance",
            Kind::CrossOriginLink => "what it points to is elsewhere",
            Kind::CircuitOpen => "not sent while the API is out of order",
            Kind::Stalled => "it has stalled",
            Kind::TooLarge => "the answer is too large",
            Kind::Redirected => "redirected",
            Kind::Expired => "it has expired",
            Kind::CountChanged { .. } => "not sent, since the rows have changed",
            Kind::JobFailed => "what was waited for has failed",
            Kind::StillRunning => "what was waited for is not done yet",
            Kind::File => "the file does not do",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        f.write_str(self.what())?;
        if let Some(operation) = inner.operation {
            write!(f, ": {} {}", operation.verb.as_str(), operation.path)?;
        }
        if let Some(status) = inner.status {
            write!(f, ": status {}", status.as_u16())?;
        }
        if !inner.text.is_empty() {
            write!(f, ": {}", Shown(&inner.text))?;
        }
        if !inner.messages.is_empty() {
            let all: Vec<&str> = inner
                .messages
                .iter()
                .map(|message| message.text.as_str())
                .collect();
            write!(f, ": {}", Shown(&all.join("; ")))?;
        }
        if let Some(reference) = &inner.reference {
            write!(f, " (reference {reference})")?;
        }
        if let Some(id) = &inner.request_id {
            write!(f, " (request {})", Shown(id))?;
        }
        Ok(())
    }
}

/// Foreign text on one line: at most 500 bytes, control characters escaped.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = clip(self.0, SNIPPET);
        for c in text.chars() {
            if c.is_control()
                || matches!(
                    c,
                    '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
                )
            {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                fmt::Write::write_char(f, c)?;
            }
        }
        if text.len() < self.0.len() {
            f.write_str("…")
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("phase", &self.0.phase)
            .field("may_have_happened", &self.0.happened)
            .field("attempts", &self.0.attempts)
            .field("text", &self.to_string())
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_ref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}

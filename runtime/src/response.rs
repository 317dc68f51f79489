//! What came back: the value with all that the answer and its way here tell.
//! It is whole: reading it off the wire is the matter of `client`, and decoding it that of `decode`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::header::HeaderMap;

use crate::client::Rest;
use crate::decode;
use crate::operation::{Lock, Operation, Place};
use crate::value::Json;

/// A value and how it was got.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply<T> {
    /// The decoded value.
    pub value: T,
    /// The status of the answer.
    pub status: u16,
    /// The headers of the answer.
    pub headers: HeaderMap,
    /// The API's own name for the request.
    pub request_id: Option<String>,
    /// The key that the request bore, if it bore one.
    pub idempotency_key: Option<String>,
    /// How many attempts were made, this answer's included.
    pub attempts: u32,
    /// How long the call waited for quota, refusals and backoffs together.
    pub waited: Duration,
    version: Option<String>,
}

impl<T> Reply<T> {
    /// The version of what was read or written, to be given to [`with_version`](crate::Call::with_version) of a write,
    /// where the API has versions and the answer says which.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }
}

/// The answer before it is decoded.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: http::StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) attempts: u32,
    pub(crate) waited: Duration,
    pub(crate) key: Option<Arc<str>>,
    /// The body, where it is handed on. Never locked: the mutex makes it `Sync`.
    pub(crate) rest: Option<Box<Mutex<Rest>>>,
}

impl Raw {
    pub(crate) fn reply<T>(self, value: T, operation: &Operation) -> Reply<T> {
        let request_id = operation
            .api
            .request_id
            .and_then(|name| self.headers.get(name));
        Reply {
            value,
            version: operation.lock.and_then(|lock| self.version(lock)),
            idempotency_key: self.key.as_deref().map(str::to_owned),
            status: self.status.as_u16(),
            request_id: request_id
                .and_then(|id| id.to_str().ok())
                .map(str::to_owned),
            headers: self.headers,
            attempts: self.attempts,
            waited: self.waited,
        }
    }
}

impl Raw {
    /// The version in the answer, without the lock's frame. A weak entity tag is as good as a strong one here
    /// (RFC 9110 §8.8.3): it is the server that compares.
    fn version(&self, lock: &Lock) -> Option<String> {
        let text = match lock.from {
            Place::Header(name) => {
                let value = self.headers.get(name)?.to_str().ok()?;
                value.strip_prefix("W/").unwrap_or(value).to_owned()
            }
            Place::Body(at) => {
                let text = decode::text(&self.body).ok()?;
                match decode::value_at(text, at, decode::read::<Json>).ok()? {
                    Json::String(text) => text,
                    Json::Number(number) => number.to_string(),
                    Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => return None,
                }
            }
            Place::Link(_) => return None,
        };
        let text = text.strip_prefix(lock.before).unwrap_or(&text);
        let text = text.strip_suffix(lock.after).unwrap_or(text);
        (!text.is_empty()).then(|| text.to_owned())
    }
}

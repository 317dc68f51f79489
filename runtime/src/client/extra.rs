//! What the runtime itself adds to a request: the idempotency key and the version of a lock.
//!
//! It is decided once, before the first attempt, so that all attempts are the same to the byte. It may assume that the
//! request has not been sent. It must not touch what the caller put in the same place: that counts as given.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};

use super::core::Core;
use crate::decode;
use crate::encode;
use crate::error::{Error, Kind, Result};
use crate::operation::{Effect, Lock, SendAt};
use crate::request::Request;
use crate::value::Json;

/// The longest idempotency key; servers commonly keep no more of it.
const LONGEST_KEY: usize = 255;

/// What the caller gave for these places.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) key: Option<Arc<str>>,
    pub(crate) version: Option<Arc<str>>,
}

/// What goes along with each attempt.
#[derive(Debug, Default)]
pub(super) struct Extra {
    /// Instead of the request's body.
    pub(super) body: Option<Bytes>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// Encoded pairs, to be put behind the query.
    pub(super) query: Option<String>,
    /// The idempotency key, wherever it stands.
    pub(super) key: Option<Arc<str>>,
    /// The key is the caller's, who may have used it before.
    pub(super) is_given: bool,
}

impl Extra {
    /// Checks what the caller gave and puts all of it in its place.
    ///
    /// # Errors
    ///
    /// When it cannot be sent, or a version is missing that the API asks for; nothing is sent then.
    pub(super) fn new(request: &Request, core: &Core) -> Result<Extra> {
        let operation = request.operation;
        let mut extra = Extra::default();
        let added = match operation.effect {
            Effect::Keyed(key) => extra.add_key(request, key.at, core),
            _ if request.asked.key.is_some() => Err("this call takes no idempotency key".into()),
            Effect::Read | Effect::Idempotent | Effect::Once => Ok(()),
        };
        let added = added.and_then(|()| match operation.lock {
            Some(lock) if operation.effect != Effect::Read => extra.add_version(request, lock),
            _ if request.asked.version.is_some() => Err("this call takes no version".into()),
            _ => Ok(()),
        });
        added.map_err(|why| Error::of(operation, Kind::Parameter, why))?;
        Ok(extra)
    }

    fn add_key(&mut self, request: &Request, at: SendAt, core: &Core) -> Result<(), String> {
        let there = self.there(request, at);
        let (key, is_there) = match (&request.asked.key, there) {
            (Some(asked), Some(there)) if **asked != *there => {
                return Err("two different idempotency keys were given".to_owned());
            }
            (_, Some(there)) => (there.into(), true),
            (Some(asked), None) => (Arc::clone(asked), false),
            (None, None) => (mint(core.bits()).into(), false),
        };
        let is_good = (1..=LONGEST_KEY).contains(&key.len())
            && key.bytes().all(|byte| matches!(byte, b' '..=b'~'))
            && key.trim_matches(' ').len() == key.len();
        if !is_good {
            return Err(format!(
                "an idempotency key is 1 to {LONGEST_KEY} printable ASCII characters, not blank at its ends"
            ));
        }
        if !is_there {
            self.put(request, at, &key, &encode::quoted(&key))?;
        }
        self.is_given = is_there || request.asked.key.is_some();
        self.key = Some(key);
        Ok(())
    }

    fn add_version(&mut self, request: &Request, lock: &Lock) -> Result<(), String> {
        let there = self.there(request, lock.send);
        let version = match (&request.asked.version, there) {
            (Some(_), Some(_)) => return Err(format!("`{}` was given twice", lock.name)),
            (None, Some(_)) => return Ok(()),
            (Some(version), None) => version,
            (None, None) if lock.required => {
                return Err(format!(
                    "`{}` needs the version that was read: `with_version`",
                    lock.name
                ));
            }
            (None, None) => return Ok(()),
        };
        // Inside quotes of ours an entity tag has no quotes, blanks and controls (RFC 9110 §8.8.3).
        let is_tag = lock.before.ends_with('"') && lock.after.starts_with('"');
        let fits = |byte: u8| match lock.send {
            SendAt::Header(_) if is_tag => matches!(byte, b'!' | b'#'..=b'~'),
            SendAt::Header(_) => matches!(byte, b' '..=b'~'),
            SendAt::Query(_) | SendAt::Body(_) => !byte.is_ascii_control(),
        };
        if version.is_empty() || !version.bytes().all(fits) {
            return Err(format!("`{}` is no version", lock.name));
        }
        let text = format!("{}{version}{}", lock.before, lock.after);
        // A version that is counted is a number in a body; without a frame nothing else says which it is.
        let is_count = text.parse::<u64>().is_ok_and(|n| n.to_string() == text);
        let json = if is_count {
            text.clone()
        } else {
            encode::quoted(&text)
        };
        self.put(request, lock.send, &text, &json)
    }

    /// What the caller put there already.
    fn there(&self, request: &Request, at: SendAt) -> Option<String> {
        match at {
            SendAt::Query(_) => None,
            // The last one is sent.
            SendAt::Header(name) => request
                .headers
                .iter()
                .rfind(|(known, _)| known == name)
                .map(|(_, value)| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            SendAt::Body(at) => {
                let body = self.body.as_ref().or(request.body.as_ref())?;
                let text = std::str::from_utf8(body).ok()?;
                match decode::value_at(text, at, decode::read::<Json>).ok()? {
                    Json::Null => None,
                    Json::String(text) => Some(text),
                    other => Some(other.to_string()),
                }
            }
        }
    }

    fn put(&mut self, request: &Request, at: SendAt, text: &str, json: &str) -> Result<(), String> {
        match at {
            SendAt::Query(name) => {
                encode::push_query(self.query.get_or_insert_default(), name, &text)
                    .map_err(|bad| bad.to_string())?;
            }
            SendAt::Header(name) => {
                let value = HeaderValue::from_str(text)
                    .map_err(|_| format!("`{name}` cannot be sent as a header"))?;
                self.headers.push((HeaderName::from_static(name), value));
            }
            SendAt::Body(_) if request.outgoing.is_some() => {
                return Err("nothing can be put into a body of files".to_owned());
            }
            SendAt::Body(at) => {
                let body = self.body.as_ref().or(request.body.as_ref());
                let body = body.map_or(&[][..], |body| body);
                let body = encode::splice(body, at, json);
                self.body = Some(body.map_err(|bad| format!("the body: {bad}"))?);
            }
        }
        Ok(())
    }
}

/// A random UUID (RFC 9562 §5.4).
fn mint(bits: u128) -> String {
    let bits = bits & !(0xf << 76) & !(0b11 << 62) | (0x4 << 76) | (0b10 << 62);
    let hex = format!("{bits:032x}");
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}

//! Conditional reads: what is kept of an answer, and what a later read asks with it (RFC 9110 §13, RFC 9111 §4.3).
//!
//! Every read is sent; only its body may come from the cache. Without a cache nothing here costs more than a look at an
//! `Option`. A caller who asks by a condition of their own is left alone.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::header::{
    CACHE_CONTROL, DATE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, VARY,
};

use super::Flight;
use super::outcome::Head;
use crate::cache::{Cache, Kept, Key};
use crate::encode;
use crate::error::{Error, Kind};
use crate::operation::{Effect, Verb};
use crate::request::Wants;
use crate::retry::Phase;

/// Headers of a caller by which the cache is left out.
const CONDITIONS: &[&str] = &[
    "cache-control",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "range",
];

/// What a read may find in the cache.
pub(super) struct Recalled {
    key: Key,
    kept: Option<Arc<Kept>>,
}

impl Flight<'_> {
    /// Before an attempt: looks up what is kept for a read, and forgets what a write makes old (RFC 9111 §4.4).
    pub(super) fn recall(&mut self) {
        let core = &self.request.core;
        let Some(cache) = core.cache() else {
            return;
        };
        if self.operation.effect != Effect::Read {
            return cache.forget_path(core.id(), self.uri.path());
        }
        self.recalled = self.key(cache).map(|key| Recalled {
            kept: cache.get(&key),
            key,
        });
    }

    /// What tells this read from others, if it may be kept at all: all that we send is part of it, so that `Vary` needs
    /// no look (RFC 9111 §4.1).
    fn key(&self, cache: &Cache) -> Option<Key> {
        let (operation, core) = (self.operation, &self.request.core);
        let headers = &self.request.headers;
        let may_be_kept = operation.verb == Verb::Get
            && self.request.wants != Wants::Open
            && operation.reads_body
            && !headers
                .iter()
                .any(|(name, _)| CONDITIONS.contains(&name.as_str()));
        if !may_be_kept {
            return None;
        }
        let prints: Option<Vec<u64>> = self
            .signers
            .iter()
            .map(|credential| core.credentials().fingerprint(operation.api, credential))
            .collect();
        let headers: Vec<(&str, &[u8])> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        Some(Key {
            client: core.id(),
            path: self.uri.path().into(),
            query: self.uri.query().unwrap_or_default().into(),
            print: cache.print((operation.name, prints?, headers)),
        })
    }

    fn kept(&self) -> Option<&Arc<Kept>> {
        self.recalled.as_ref()?.kept.as_ref()
    }

    /// Asks for the body only if it has changed.
    pub(super) fn ask(&self, headers: &mut HeaderMap) {
        let Some(kept) = self.kept() else {
            return;
        };
        for (from, to) in [(ETAG, IF_NONE_MATCH), (LAST_MODIFIED, IF_MODIFIED_SINCE)] {
            if let Some(value) = kept.headers.get(from) {
                headers.insert(to, value.clone());
            }
        }
    }

    /// Whether this status is success for this attempt: also "not modified", if what was not modified is here.
    pub(super) fn is_success(&self, status: StatusCode) -> bool {
        self.operation.is_success(status)
            || status == StatusCode::NOT_MODIFIED && self.kept().is_some()
    }

    /// Keeps a whole success, or puts what was kept in the place of a "not modified".
    pub(super) fn remember(&mut self, mut head: Head, body: Bytes) -> Result<(Head, Bytes), Error> {
        let (Some(cache), Some(recalled)) = (self.request.core.cache(), self.recalled.take())
        else {
            return Ok((head, body));
        };
        let Recalled { key, kept } = recalled;
        let body = match kept.filter(|_| head.status == StatusCode::NOT_MODIFIED) {
            Some(kept) if is_of(&kept, &head.headers) => {
                head.status = StatusCode::OK;
                head.headers = updated(&kept.headers, head.headers);
                kept.body.clone()
            }
            Some(_) => {
                cache.forget(&key);
                let text = "not modified, but not the version that was asked about";
                let mut error = self.error(Kind::Decode, text);
                error.inner_mut().status = Some(head.status);
                error.inner_mut().phase = Phase::Final;
                return Err(self.told(error));
            }
            // A slice would hold the whole buffer of the connection.
            None => Bytes::copy_from_slice(&body),
        };
        if head.status == StatusCode::OK && may_be_kept(&head.headers) {
            let (headers, body) = (head.headers.clone(), body.clone());
            cache.put(&key, Kept { headers, body });
        } else {
            cache.forget(&key);
        }
        Ok((head, body))
    }
}

/// It can be asked about, and the server lets it be kept (RFC 9111 §3 and §4.1).
fn may_be_kept(headers: &HeaderMap) -> bool {
    let says = |name: HeaderName, word: &str| {
        let values = headers.get_all(name).into_iter();
        values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|said| said.trim().eq_ignore_ascii_case(word))
    };
    (headers.contains_key(ETAG) || is_strong_date(headers))
        && !says(CACHE_CONTROL, "no-store")
        && !says(VARY, "*")
}

/// Whether the date of the last change tells versions apart: the answer is at least a second younger, so that a change
/// after it has another date (RFC 9110 §8.8.2.2).
fn is_strong_date(headers: &HeaderMap) -> bool {
    let date = |name: HeaderName| {
        let text = headers.get(name)?.to_str().ok()?;
        httpdate::parse_http_date(text).ok()
    };
    let pair = date(LAST_MODIFIED).zip(date(DATE));
    pair.is_some_and(|(modified, sent)| modified < sent)
}

/// Whether "not modified" speaks of what is kept: by its entity tag, weakly compared (RFC 9110 §8.8.3.2), if it has one.
fn is_of(kept: &Kept, headers: &HeaderMap) -> bool {
    let tag = |headers: &HeaderMap| {
        let tag = headers.get(ETAG)?.as_bytes();
        Some(tag.strip_prefix(b"W/").unwrap_or(tag).to_vec())
    };
    match (tag(&kept.headers), tag(headers)) {
        (Some(ours), Some(theirs)) => ours == theirs,
        (None, _) | (_, None) => true,
    }
}

/// The kept headers with the fresh ones in their place, but for those that describe the body or the connection
/// (RFC 9111 §3.1 and §3.2).
fn updated(kept: &HeaderMap, fresh: HeaderMap) -> HeaderMap {
    let mut headers = kept.clone();
    let mut last = None;
    for (name, value) in fresh {
        let is_new = name.is_some();
        last = name.or(last);
        let Some(name) = last.clone() else { continue };
        if name.as_str().starts_with("content-") || !encode::may_name_header(name.as_str()) {
            continue;
        }
        if is_new {
            headers.insert(name, value);
        } else {
            headers.append(name, value);
        }
    }
    headers
}

//! Finding out what became of a create: the list that the description names is searched for what was to be made.
//!
//! It looks only after the create has ended, sends nothing but reads, and says "not there" when it cannot tell. What it
//! finds comes in the form of the create's own answer, so that nobody else needs to know.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_core::Stream as _;
use http::StatusCode;
use http::header::HeaderMap;
use serde_json::value::RawValue;

use super::{start, within};
use crate::clock::Moment;
use crate::decode::Pointer;
use crate::encode;
use crate::error::{Error, Kind, Result};
use crate::operation::{Effect, Reconcile, SendAt};
use crate::page::Items;
use crate::request::Request;
use crate::response::Raw;
use crate::transport::BoxFuture;
use crate::value::Json;

/// Sends a create and, when it is in doubt or in conflict with something, looks for what was to be made. `true`: that
/// was found, and by whom it was made is not known.
pub(crate) fn reconcile(request: Arc<Request>) -> BoxFuture<'static, Result<(Raw, bool)>> {
    Box::pin(async move {
        let clock = request.core.clock();
        let deadline = request.options.deadline.map(|time| clock.now() + time);
        let error = match start(Arc::clone(&request)).await {
            Ok(raw) => return Ok((raw, false)),
            Err(error) => error,
        };
        let is_conflict = error.kind() == Kind::Api && matches!(error.status(), Some(409 | 422));
        if error.kind() != Kind::Ambiguous && !is_conflict {
            return Err(error);
        }
        let raw = look_up(&request, deadline, error).await?;
        Ok((raw, true))
    })
}

/// Looks for what was to be made.
///
/// # Errors
///
/// The error that led here, when it is not found or cannot be looked for.
pub(super) fn look_up(
    request: &Request,
    deadline: Option<Moment>,
    error: Error,
) -> BoxFuture<'static, Result<Raw>> {
    let clock = Arc::clone(request.core.clock());
    let search = Search::new(request);
    Box::pin(async move {
        let Some(search) = search else {
            return Err(error);
        };
        let at = search.at;
        let found = match deadline {
            Some(until) => within(search.run(), || clock.timer(until)).await.flatten(),
            None => search.run().await,
        };
        match found {
            Some(item) => Ok(Raw {
                body: wrapped(item.get(), at),
                status: StatusCode::OK,
                headers: HeaderMap::new(),
                attempts: error.attempts(),
                waited: error.waited(),
                key: error.idempotency_key().map(Arc::from),
                rest: None,
            }),
            None => Err(error),
        }
    })
}

/// What is looked for, and where.
struct Search {
    list: Request,
    members: Vec<(&'static str, Json)>,
    /// Where a call for this expects its value.
    at: Pointer<'static>,
}

impl Search {
    /// `None`: the request does not say enough.
    fn new(request: &Request) -> Option<Search> {
        let reconcile = request.operation.reconcile?;
        let at = request.at?;
        let members = members(request, reconcile)?;
        let mut list = Request::new(&request.core, reconcile.list);
        let known = keys(request)?;
        for wanted in placeholders(reconcile.list.path) {
            list = list.key(&known.iter().find(|(name, _)| *name == wanted)?.1);
        }
        for ((_, parameter), (_, value)) in reconcile.by.iter().zip(&members) {
            if let Some(name) = parameter {
                list.query(name, &scalar(value)?);
            }
        }
        list.headers
            .extend(request.headers.iter().filter(is_for_all(request)).cloned());
        list.options = request.options;
        list.options.deadline = None;
        Some(Search { list, members, at })
    }

    /// A failure of the list is no news of the create.
    async fn run(self) -> Option<Box<RawValue>> {
        let mut items = self.list.list::<Box<RawValue>>().items();
        while let Some(Ok(item)) = next(&mut items).await {
            let json = serde_json::from_str::<Json>(item.get()).unwrap_or_default();
            let is_it = |(name, wanted): &(&str, Json)| json.get(*name) == Some(wanted);
            if self.members.iter().all(is_it) {
                return Some(item);
            }
        }
        None
    }
}

async fn next(items: &mut Items<Box<RawValue>>) -> Option<Result<Box<RawValue>>> {
    std::future::poll_fn(|cx| Pin::new(&mut *items).poll_next(cx)).await
}

/// The members that tell it apart, as they were sent. A body may stand inside others, each alone.
fn members(request: &Request, reconcile: &Reconcile) -> Option<Vec<(&'static str, Json)>> {
    let mut body: &Json = &serde_json::from_slice(request.body.as_ref()?).ok()?;
    while let Some(members) = body.as_object() {
        let sent: Option<Vec<_>> = reconcile
            .by
            .iter()
            .map(|(name, _)| {
                Some((
                    *name,
                    members.get(*name).filter(|it| !it.is_null())?.clone(),
                ))
            })
            .collect();
        match sent {
            Some(sent) if !sent.is_empty() => return Some(sent),
            _ if members.len() == 1 => body = members.values().next()?,
            _ => return None,
        }
    }
    None
}

fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// The keys of the path, by their names.
pub(super) fn keys(request: &Request) -> Option<Vec<(&'static str, String)>> {
    let uri = request.uri("").ok()?;
    // The template is the end of the path.
    let pairs = request
        .operation
        .path
        .rsplit('/')
        .zip(uri.path().rsplit('/'));
    pairs
        .filter_map(|(part, text)| key_of(part, text))
        .map(|(name, text)| Some((name, decoded(text)?)))
        .collect()
}

/// The names of a template's placeholders.
pub(super) fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('}')?.0))
}

/// Name and text of the one placeholder in a segment.
pub(super) fn key_of<'p, 't>(part: &'p str, text: &'t str) -> Option<(&'p str, &'t str)> {
    let (before, rest) = part.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    let text = text.strip_prefix(before)?.strip_suffix(after)?;
    (!after.contains('{')).then_some((name, text))
}

/// A segment of a URL of ours as the text that was given.
pub(super) fn decoded(segment: &str) -> Option<String> {
    let mut bytes = segment.bytes();
    let mut text = Vec::with_capacity(segment.len());
    while let Some(byte) = bytes.next() {
        text.push(if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            u8::try_from(digit()? << 4 | digit()?).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(text).ok()
}

/// Headers of the caller that are not about this one request.
pub(super) fn is_for_all(
    request: &Request,
) -> impl FnMut(&&(http::HeaderName, http::HeaderValue)) -> bool + '_ {
    let key = match request.operation.effect {
        Effect::Keyed(key) => match key.at {
            SendAt::Header(name) => Some(name),
            SendAt::Query(_) | SendAt::Body(_) => None,
        },
        Effect::Read | Effect::Idempotent | Effect::Once => None,
    };
    move |(name, _)| {
        let name = name.as_str();
        Some(name) != key
            && !["if-", "content-", "prefer"]
                .iter()
                .any(|it| name.starts_with(it))
    }
}

/// The text of an item in the form of an answer that has it at a pointer.
fn wrapped(item: &str, at: Pointer<'_>) -> Bytes {
    let mut text = String::new();
    for key in at {
        text.push('{');
        text.push_str(&encode::quoted(key));
        text.push(':');
    }
    text.push_str(item);
    at.iter().for_each(|_| text.push('}'));
    text.into()
}

//! A request in the making: the vocabulary in which generated methods say what is to be sent.
//!
//! Nothing here does I/O. The first thing that cannot be sent is kept and returned by the call, so that generated code
//! needs no `?`.

mod content;

use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::uri::{PathAndQuery, Uri};
use serde::de::DeserializeOwned;

use crate::call::ready::Ready;
use crate::call::{Call, Decode, empty};
use crate::client::origin::is_dots;
use crate::client::{Asked, Core};
use crate::decode::{self, Pointer};
use crate::encode::{self, Param};
use crate::error::{Error, Kind, Result};
use crate::follow::Fetch;
use crate::operation::{Operation, SendAt};
use crate::page::{ListCall, Position};
use crate::record::{Out, Write};
use crate::upload::Outgoing;

/// The longest URL, in bytes. Servers commonly stop at 8 KiB for the whole request line.
const LONGEST_URL: usize = 8 * 1024;

/// Why a parameter has no name: only one with a key in it can be without.
const NO_KEY: &str = "the key in a parameter's name is empty";

/// A request that was not sent.
#[derive(Clone)]
pub struct Request {
    pub(crate) core: Core,
    pub(crate) operation: &'static Operation,
    /// As much of the path as has been filled, with that of the base URL.
    target: String,
    /// A key stands in its segment with something beside it.
    is_mixed: bool,
    /// The rest of the template.
    rest: &'static str,
    query: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Option<Bytes>,
    start: Option<Position>,
    size: Option<u64>,
    pub(crate) failed: Option<Arc<str>>,
    pub(crate) options: Options,
    pub(crate) asked: Asked,
    /// Where the value stands in the answer, if it is one value.
    pub(crate) at: Option<Pointer<'static>>,
    /// A body in pieces, instead of the other one.
    pub(crate) outgoing: Option<Arc<Outgoing>>,
    pub(crate) wants: Wants,
    /// It is no call of the API, but fetches what an answer of the API has pointed to.
    pub(crate) fetch: Option<Arc<Fetch>>,
    /// It is answered already and is not sent.
    pub(crate) ready: Option<Arc<Ready>>,
}

/// What an answer is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wants {
    #[default]
    Json,
    /// A text or bytes, whole.
    Plain,
    /// Only its head; the body is handed on.
    Open,
}

/// What the caller of one call asks for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) timeout: Option<Duration>,
    pub(crate) attempts: Option<u32>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) max_wait: Option<Duration>,
}

impl Request {
    /// Begins a request for an operation.
    #[must_use]
    pub fn new(core: &Core, operation: &'static Operation) -> Request {
        let base = core.origin().path();
        let page_headers = operation.page.map_or(&[][..], |page| page.headers);
        let mut target = String::with_capacity(base.len() + operation.path.len() + 64);
        target.push_str(base);
        Request {
            core: core.clone(),
            operation,
            target,
            is_mixed: false,
            rest: operation.path,
            query: String::new(),
            headers: page_headers
                .iter()
                .map(|(name, value)| {
                    (
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    )
                })
                .collect(),
            body: None,
            start: None,
            size: None,
            failed: None,
            options: Options::default(),
            asked: Asked::default(),
            at: None,
            outgoing: None,
            wants: Wants::default(),
            fetch: None,
            ready: None,
        }
    }

    /// Fills the next placeholder of the path.
    #[must_use]
    pub fn key(mut self, value: &dyn Param) -> Request {
        let Some((before, rest)) = self.rest.split_once('{') else {
            self.fail("there are more keys than places for them");
            return self;
        };
        let (name, rest) = rest.split_once('}').unwrap_or((rest, ""));
        self.target.push_str(before);
        self.is_mixed |=
            !(before.ends_with('/') && matches!(rest.as_bytes().first(), None | Some(b'/')));
        self.rest = rest;
        let from = self.target.len();
        if let Err(bad) = encode::push_segment(&mut self.target, value) {
            self.fail(&format!("`{name}`: {bad}"));
        }
        // A text that spells dots in some encoding is none for those who decode twice.
        self.is_mixed |= is_dots(&self.target[from..]);
        self
    }

    /// Sends this as a JSON body.
    #[must_use]
    pub fn json(self, body: &dyn Write) -> Request {
        self.json_at(&[], body)
    }

    /// Sends this inside an object, below these members.
    #[must_use]
    pub fn json_at(mut self, at: Pointer<'_>, body: &dyn Write) -> Request {
        let mut out = Out::new();
        for key in at {
            out.json("{");
            out.string(key);
            out.json(":");
        }
        body.write(&mut out);
        for _ in at {
            out.json("}");
        }
        match out.finish() {
            Ok(text) => self.body = Some(text.into()),
            Err(bad) => self.fail(&format!("the body: {bad}")),
        }
        if let Some(start) = self.start.take() {
            self.go_to(start);
        }
        if let Some(size) = self.size {
            self.put(
                self.operation.page.and_then(|page| page.size),
                &Position::Number(size),
            );
        }
        self
    }

    /// Decodes the whole answer.
    pub fn call<T: DeserializeOwned>(self) -> Call<T> {
        self.call_at(&[])
    }

    /// Decodes what stands at a pointer of the answer.
    pub fn call_at<T: DeserializeOwned>(self, at: Pointer<'static>) -> Call<T> {
        Call::new(self, Decode::At(at, decode::read::<T>))
    }

    /// Ignores the answer's body.
    pub fn call_empty(self) -> Call<()> {
        Call::new(self, Decode::ByStatus(empty))
    }

    /// Decodes by the status; the function is given the status and the text of the answer.
    pub fn call_with<T>(self, read: crate::call::ByStatus<T>) -> Call<T> {
        Call::new(self, Decode::ByStatus(read))
    }

    /// Walks a list.
    pub fn list<T: DeserializeOwned>(self) -> ListCall<T> {
        ListCall::new(self)
    }

    /// Adds a query parameter.
    pub fn query(&mut self, name: &str, value: &dyn Param) {
        if name.is_empty() {
            return self.fail(NO_KEY);
        }
        if let Err(bad) = encode::push_query(&mut self.query, name, value) {
            self.fail(&format!("`{name}`: {bad}"));
        }
    }

    /// Adds one query parameter with several values between separators; nothing when there are none.
    pub fn query_joined<P: Param>(
        &mut self,
        name: &str,
        separator: char,
        values: impl IntoIterator<Item = P>,
    ) {
        if name.is_empty() {
            return self.fail(NO_KEY);
        }
        let mut first = true;
        for value in values {
            let text = match encode::shown(&value) {
                Ok(text) => text,
                Err(bad) => return self.fail(&format!("`{name}`: {bad}")),
            };
            if text.contains(separator) {
                return self.fail(&format!(
                    "`{name}` has a value with `{separator}`, which separates values"
                ));
            }
            if std::mem::take(&mut first) {
                encode::push_name(&mut self.query, name);
                self.query.push('=');
            } else {
                encode::push_encoded(separator.encode_utf8(&mut [0; 4]), &mut self.query);
            }
            encode::push_encoded(&text, &mut self.query);
        }
    }

    /// Adds a query parameter without a value, if it is set.
    pub fn flag(&mut self, name: &str, set: bool) {
        if set {
            encode::push_name(&mut self.query, name);
        }
    }

    /// Adds query parameters for the bounds of a range, named in the order lt, le, gt, ge.
    pub fn range<T: Param>(&mut self, [lt, le, gt, ge]: [&str; 4], range: &impl RangeBounds<T>) {
        match range.start_bound() {
            Bound::Included(from) => self.query(ge, from),
            Bound::Excluded(from) => self.query(gt, from),
            Bound::Unbounded => {}
        }
        match range.end_bound() {
            Bound::Included(to) => self.query(le, to),
            Bound::Excluded(to) => self.query(lt, to),
            Bound::Unbounded => {}
        }
    }

    /// Adds a header.
    pub fn header(&mut self, name: &str, value: &dyn Param) {
        let shown = name.escape_debug();
        let parsed = HeaderName::from_bytes(name.as_bytes());
        let (Ok(parsed), true) = (parsed, encode::may_name_header(name)) else {
            return self.fail(&format!("`{shown}` is not a header that can be set"));
        };
        match encode::header_value(value).map(HeaderValue::try_from) {
            Ok(Ok(value)) => self.headers.push((parsed, value)),
            Ok(Err(_)) => self.fail(&format!("the header `{shown}` cannot be sent")),
            Err(bad) => self.fail(&format!("the header `{shown}`: {bad}")),
        }
    }

    /// Begins a walk at this position.
    pub fn start(&mut self, position: u64) {
        self.go_to(Position::Number(position));
    }

    /// Begins a walk at this cursor, or behind the item with this key.
    pub fn cursor(&mut self, value: &dyn Param) {
        match encode::shown(value) {
            Ok(text) if text.is_empty() => self.fail("the cursor is empty"),
            Ok(text) => self.go_to(Position::Text(text.into())),
            Err(bad) => self.fail(&format!("the cursor: {bad}")),
        }
    }

    /// Asks for the page at this position.
    pub(crate) fn go_to(&mut self, position: Position) {
        // A URL has all of it in itself.
        if !matches!(position, Position::Url(_)) {
            self.put(self.operation.page.and_then(|page| page.start), &position);
        }
        self.start = Some(position);
    }

    /// Puts a position or a size where it is sent, except into the query, which is made later.
    fn put(&mut self, at: Option<SendAt>, value: &Position) {
        match at {
            None | Some(SendAt::Query(_)) => {}
            Some(SendAt::Header(name)) => {
                match encode::header_value(&value.to_string()).map(HeaderValue::try_from) {
                    Ok(Ok(value)) => {
                        self.headers.retain(|(known, _)| known != name);
                        self.headers.push((HeaderName::from_static(name), value));
                    }
                    _ => self.fail(&format!("the header `{name}` cannot be sent")),
                }
            }
            Some(SendAt::Body(at)) => {
                let body = self.body.as_ref().map_or(&[][..], |body| body);
                match encode::splice(body, at, &value.json()) {
                    Ok(body) => self.body = Some(body),
                    Err(bad) => self.fail(&bad.to_string()),
                }
            }
        }
    }

    /// Asks for pages of this size.
    pub fn size(&mut self, size: u64) {
        let page = self.operation.page;
        let (min, max) = page.map_or((None, None), |page| (page.min_size, page.max_size));
        let min = min.unwrap_or(1);
        if size < min || max.is_some_and(|max| size > max) {
            let to = max.map_or(String::new(), |max| format!(" to {max}"));
            let name = match page.and_then(|page| page.size) {
                Some(SendAt::Query(name) | SendAt::Header(name)) => name,
                Some(SendAt::Body(at)) => at.last().copied().unwrap_or("size"),
                None => "size",
            };
            return self.fail(&format!("`{name}` is {size}; it can be {min}{to}"));
        }
        self.put(page.and_then(|page| page.size), &Position::Number(size));
        self.size = Some(size);
    }

    pub(crate) fn options_mut(&mut self) -> &mut Options {
        &mut self.options
    }

    /// The position that was asked for; none: where the list begins.
    pub(crate) fn position(&self) -> Option<&Position> {
        self.start.as_ref()
    }

    pub(crate) fn asked_size(&self) -> Option<u64> {
        self.size
    }

    /// The query that was given so far.
    pub(crate) fn given_query(&self) -> &str {
        &self.query
    }

    /// Takes over the query of another request, and what is wrong with it.
    pub(crate) fn add_query_of(&mut self, other: &Request) {
        if !self.query.is_empty() && !other.query.is_empty() {
            self.query.push('&');
        }
        self.query.push_str(&other.query);
        if let Some(failed) = &other.failed {
            self.fail(failed);
        }
    }

    /// The URL without credentials, made in one piece.
    ///
    /// # Errors
    ///
    /// When something given cannot be sent; then nothing is.
    pub(crate) fn uri(&self, constant: &str) -> Result<Uri> {
        let refuse = |text: &str| Err(Error::of(self.operation, Kind::Parameter, text));
        if let Some(failed) = &self.failed {
            return refuse(failed);
        }
        if let Some(fetch) = &self.fetch {
            return Ok(fetch.uri.clone());
        }
        if self.rest.contains('{') {
            return refuse("a key of the path was not given");
        }
        if let Some(Position::Url(place)) = &self.start {
            let mut url = place.to_string();
            if !constant.is_empty() {
                url.push(if place.contains('?') { '&' } else { '?' });
                url.push_str(constant);
            }
            let uri = self.core.origin().within(&url);
            return uri
                .filter(|_| url.len() <= LONGEST_URL)
                .map_or_else(|| refuse("the URL of the next page cannot be sent"), Ok);
        }
        let mut url = String::with_capacity(
            self.target.len() + self.rest.len() + self.query.len() + constant.len() + 64,
        );
        url.push_str(&self.target);
        url.push_str(self.rest);
        self.check_segments(&url)?;
        let query_from = url.len() + 1;
        url.push('?');
        let mut add = |pairs: fmt::Arguments<'_>| {
            if url.len() > query_from {
                url.push('&');
            }
            fmt::Write::write_fmt(&mut url, pairs).expect("a string takes all characters");
        };
        if !constant.is_empty() {
            add(format_args!("{constant}"));
        }
        for (name, value) in self.operation.query {
            add(format_args!("{}={}", Encoded(name), Encoded(value)));
        }
        if !self.query.is_empty() {
            add(format_args!("{}", self.query));
        }
        if let Some(page) = self.operation.page {
            if let (Some(SendAt::Query(name)), Some(start)) = (page.start, &self.start) {
                add(format_args!(
                    "{}={}",
                    Encoded(name),
                    Encoded(&start.to_string())
                ));
            }
            if let (Some(SendAt::Query(name)), Some(size)) = (page.size, self.size) {
                add(format_args!("{}={size}", Encoded(name)));
            }
        }
        if url.len() == query_from {
            url.pop();
        }
        let origin = self.core.origin();
        if origin.base.len() - origin.path().len() + url.len() > LONGEST_URL {
            return refuse("the URL is longer than 8 KiB");
        }
        PathAndQuery::from_maybe_shared(Bytes::from(url))
            .ok()
            .and_then(|path| origin.with(path))
            .map_or_else(|| refuse("the URL cannot be parsed"), Ok)
    }

    /// Looks at each filled segment as a whole, because `.` may be completed by the template, and servers and proxies
    /// drop empty segments and resolve dots: a call on one thing would become a call on all of them. A key that is a
    /// segment by itself was looked at when it was given.
    fn check_segments(&self, url: &str) -> Result<()> {
        if !self.is_mixed {
            return Ok(());
        }
        let path = &url[self.core.origin().path().len()..];
        for (template, segment) in self.operation.path.split('/').zip(path.split('/')) {
            if template.contains('{') && (segment.is_empty() || is_dots(segment)) {
                let text = format!("`{template}` in the path is empty, `.` or `..`");
                return Err(Error::of(self.operation, Kind::Parameter, text));
            }
        }
        Ok(())
    }

    pub(crate) fn fail(&mut self, text: &str) {
        self.failed.get_or_insert_with(|| text.into());
    }
}

/// Text in a query, encoded.
struct Encoded<'a>(&'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::with_capacity(self.0.len());
        encode::push_encoded(self.0, &mut out);
        f.write_str(&out)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

//! Temporary URLs: an answer says where something is for a while, and it is fetched from there.
//!
//! Such a URL is a secret, since who has it needs nothing else: it stands in no error, log or span. It leads away from
//! the API, so nothing of ours goes along: no credential, no parameter of the client, no cookie. It counts for none of
//! the API's quotas, permits and gates. Where it may lead is said by the description, not by the answer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use http::Uri;
use http::uri::Scheme;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;

use crate::call::{Call, PendingReply};
use crate::client;
use crate::client::origin::{Origin, is_loopback};
use crate::decode::{self, Misfit, Pointer};
use crate::download::{Download, Downloading, options};
use crate::error::{Error, Kind, Result};
use crate::operation::{Api, Operation, Retry};
use crate::request::{Request, Wants};
use crate::response::Raw;
use crate::retry::Times;
use crate::value::Json;

/// The longest URL that is followed.
const LONGEST: usize = 16 * 1024;

/// Where an answer says what is to be fetched, and from where it may be. Events and spans call the fetching `follow` and
/// name no host.
#[derive(Clone, Copy, Debug)]
pub struct Follow {
    /// A JSON pointer into the answer: the URL.
    pub url: &'static [&'static str],
    /// A JSON pointer into the answer: when the URL ends, as an RFC 3339 text or in seconds or milliseconds since 1970.
    pub expires: Option<&'static [&'static str]>,
    /// `https://files.example.com`, or `https://*.example.com` for one label or more before it.
    pub origins: &'static [&'static str],
}

/// The call of which a temporary URL is fetched. It is no call of the API: nothing signs it, and no limit counts it.
pub(crate) static FETCH: Operation = Operation {
    api: &Api {
        name: "follow",
        ..Api::NEW
    },
    name: "follow",
    path: "{url}",
    ..Operation::NEW
};

/// A temporary URL that was checked.
pub(crate) struct Fetch {
    pub(crate) uri: Uri,
    follow: &'static Follow,
    /// The API is a stand-in on this machine, so what it points to may be there too.
    is_local: bool,
    /// How the call is sent again that gave the URL.
    pub(crate) retry: Option<&'static Retry>,
    pub(crate) timeout: Duration,
}

impl Fetch {
    /// Where a redirect of it leads, if that may be: beside it, or to another of the origins.
    pub(crate) fn redirected(&self, from: &Uri, place: &str) -> Option<Uri> {
        let (scheme, authority) = (from.scheme_str()?, from.authority()?);
        let origin = Origin::new(&format!("{scheme}://{authority}")).ok()?;
        origin
            .next(place, Some(from))
            .or_else(|| self.follow.check(place, self.is_local).ok())
    }
}

impl Follow {
    /// Calls, takes the URL out of the answer, and begins to fetch what is there.
    pub(crate) async fn fetch(&'static self, request: Arc<Request>) -> Result<Download> {
        let clock = Arc::clone(request.core.clock());
        let deadline = request.options.deadline.map(|time| clock.now() + time);
        let raw = client::start(Arc::clone(&request)).await?;
        let uri = self.find(&request, &raw, clock.wall())?;
        let operation = request.operation;
        let mut fetch = Request::new(&request.core, &FETCH);
        fetch.options = request.options;
        fetch.options.deadline = deadline.map(|deadline| deadline - clock.now());
        fetch.wants(Wants::Open);
        fetch.fetch = Some(Arc::new(Fetch {
            uri,
            follow: self,
            is_local: request.core.origin().is_local(),
            retry: operation.retry,
            timeout: operation.timeout,
        }));
        let fetch = Arc::new(fetch);
        match client::start(Arc::clone(&fetch)).await {
            Ok(raw) => Ok(Download::new(&fetch, raw)),
            Err(mut error) => {
                let inner = error.inner_mut();
                inner.operation = Some(operation);
                let text = std::mem::take(&mut inner.text);
                inner.text = format!("its temporary URL: {text}");
                Err(error)
            }
        }
    }

    /// The URL in an answer, when it may be fetched and has not ended.
    fn find(&self, request: &Request, raw: &Raw, wall: SystemTime) -> Result<Uri> {
        let misfit = |misfit: Misfit| client::misfit(request, raw, &misfit);
        let text = decode::text(&raw.body).map_err(misfit)?;
        let at = |pointer| decode::value_at(text, pointer, decode::read::<Json>);
        let url = match at(self.url).map_err(misfit)? {
            Json::String(url) => url,
            Json::Null => return Err(misfit(Misfit::missing(self.url))),
            _ => return Err(misfit(Misfit::whole("the temporary URL is no text"))),
        };
        if let Some(pointer) = self.expires {
            let ends = match at(pointer) {
                Ok(value) => expiry(&value).map_err(|text| misfit(Misfit::whole(text)))?,
                Err(_) => None,
            };
            // By the clock of the server, which has set it.
            let now = Times::of(&raw.headers, wall).date.unwrap_or(wall);
            if ends.is_some_and(|ends| ends <= now) {
                let text = "the temporary URL in the answer has expired";
                return Err(refused(request, raw, Kind::Expired, text));
            }
        }
        let local = request.core.origin().is_local();
        self.check(&url, local).map_err(|why| {
            let text = format!("the temporary URL in the answer {why}");
            refused(request, raw, Kind::CrossOriginLink, &text)
        })
    }

    /// Reads a URL, if it is `https` and of one of the origins. What it says of itself is never repeated.
    pub(crate) fn check(&self, url: &str, local: bool) -> Result<Uri, &'static str> {
        let url = url.split('#').next().unwrap_or_default();
        if url.len() > LONGEST || url.contains('\\') || !url.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("is none");
        }
        let uri = url.parse::<Uri>().map_err(|_| "is none")?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err("is none");
        };
        // Checks scheme, user and port as for a base URL, and lets `http` through on this machine alone.
        let origin = format!("{scheme}://{authority}");
        if Origin::new(&origin).is_err() {
            return Err("is not https, or its host cannot be");
        }
        let (host, port) = (authority.host(), authority.port_u16());
        let is_ours = self
            .origins
            .iter()
            .any(|origin| matches(origin, scheme, host, port));
        if is_ours || (local && is_loopback(host)) {
            Ok(uri)
        } else {
            Err("leads to another origin than the description names")
        }
    }
}

/// The error of an answer whose URL is not fetched. It keeps nothing of the body, in which the URL stands.
fn refused(request: &Request, raw: &Raw, kind: Kind, text: &str) -> Error {
    let mut error = client::misfit(request, raw, &Misfit::whole(text));
    error.inner_mut().kind = kind;
    error
}

/// Whether a place is of an origin of the description.
fn matches(origin: &str, scheme: &Scheme, host: &str, port: Option<u16>) -> bool {
    let Some((wanted, place)) = origin.split_once("://") else {
        return false;
    };
    let place = place.trim_end_matches('/');
    let (name, wanted_port) = match place.rsplit_once(':') {
        Some((name, digits)) if !digits.ends_with(']') => (name, digits.parse().ok()),
        _ => (place, None),
    };
    let default = if *scheme == Scheme::HTTP { 80 } else { 443 };
    let host = host.to_ascii_lowercase();
    let is_host = match name.strip_prefix("*.") {
        Some(base) => host
            .strip_suffix(&base.to_ascii_lowercase())
            .and_then(|before| before.strip_suffix('.'))
            .is_some_and(|labels| !labels.split('.').any(str::is_empty)),
        None => host.eq_ignore_ascii_case(name),
    };
    wanted.eq_ignore_ascii_case(scheme.as_str())
        && port.unwrap_or(default) == wanted_port.unwrap_or(default)
        && is_host
}

/// Numbers from here on are milliseconds: as seconds they would be in the year 5138.
const MILLIS_FROM: i64 = 100_000_000_000;

/// When something ends; `None`: the answer does not say.
fn expiry(value: &Json) -> Result<Option<SystemTime>, &'static str> {
    const NONE: &str = "the end of the temporary URL is no time";
    let ends = match value {
        Json::Null => return Ok(None),
        // A time without an offset is in UTC, or the description would not name it.
        Json::String(text) => match text.parse::<Timestamp>() {
            Ok(ends) => ends,
            Err(_) => {
                let civil = text.parse::<DateTime>().map_err(|_| NONE)?;
                civil.to_zoned(TimeZone::UTC).map_err(|_| NONE)?.timestamp()
            }
        },
        Json::Number(number) => {
            let whole = number
                .as_i64()
                .or_else(|| number.as_f64().map(|it| it as i64));
            let whole = whole.ok_or(NONE)?;
            let ends = if whole >= MILLIS_FROM {
                Timestamp::from_millisecond(whole)
            } else {
                Timestamp::from_second(whole)
            };
            ends.map_err(|_| NONE)?
        }
        Json::Bool(_) | Json::Array(_) | Json::Object(_) => return Err(NONE),
    };
    Ok(Some(ends.into()))
}

/// A call that has not been sent, whose answer has a temporary URL: `.await` gives the answer, [`download`] what the
/// URL leads to.
///
/// [`download`]: Following::download
#[must_use = "a call is sent when it is awaited"]
pub struct Following<T> {
    call: Call<T>,
    follow: &'static Follow,
}

options! { Following<T> }

impl<T: DeserializeOwned> Following<T> {
    pub(crate) fn new(request: Request, at: Pointer<'static>, follow: &'static Follow) -> Self {
        Following {
            call: request.call_at(at),
            follow,
        }
    }
}

impl<T> Following<T> {
    pub(crate) fn answered(call: Call<T>, follow: &'static Follow) -> Following<T> {
        Following { call, follow }
    }

    /// Calls, and fetches what the URL in the answer leads to, which must be of the described origins and not have
    /// ended. Nothing of this client's goes along: no credential, no parameter, no header.
    pub fn download(self) -> Downloading {
        Downloading::new(self.call.into_request(), Some(self.follow))
    }

    /// Gives the value together with status, headers, request id and attempts.
    pub fn send_raw(self) -> PendingReply<T> {
        self.call.send_raw()
    }

    /// The request, as long as it has not been sent.
    #[doc(hidden)]
    pub fn request_mut(&mut self) -> &mut Request {
        self.call.request_mut()
    }
}

impl<T> Future for Following<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        Pin::new(&mut self.call).poll(cx)
    }
}

impl<T> Clone for Following<T> {
    fn clone(&self) -> Following<T> {
        Following {
            call: self.call.clone(),
            follow: self.follow,
        }
    }
}

impl<T> fmt::Debug for Following<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Following").field(&self.call).finish()
    }
}

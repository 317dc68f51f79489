//! The bodies of fuzz targets: each gives hostile bytes to one parser of what a server sends, and states what holds
//! whatever they are.
//!
//! Plain functions, so that the tests run them over a corpus and mutations of it, and a fuzzer for longer. No part of an
//! application uses them.

use std::time::{Duration, SystemTime};

use http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::client::origin::Origin;
use crate::clock::Moment;
use crate::decode::media;
use crate::error::Error;
use crate::limit::learn;
use crate::operation::{Api, ErrorShape, Learn, Messages, Operation, RateLimitFields, Unit};
use crate::retry::after::{self, Hint, Times};

/// A target: its name, which is that of its corpus, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("hint", hint),
    ("link", link),
    ("fields", fields),
    ("problem", problem),
    ("media", media_type),
    ("origin", origin),
];

/// The longest wait that is ever believed, with the second that an epoch's own grain may add.
const BELIEVED: Duration = Duration::from_secs(24 * 60 * 60 + 1);

/// Waits, in every unit, with and without the answer's own date.
pub fn hint(data: &[u8]) {
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_763_776_800);
    for date in [
        None,
        Some(wall),
        Some(SystemTime::UNIX_EPOCH),
        wall.checked_add(Duration::from_secs(u32::MAX.into())),
    ] {
        for unit in [
            Unit::RetryAfter,
            Unit::Seconds,
            Unit::Millis,
            Unit::EpochSeconds,
            Unit::EpochMillis,
        ] {
            if let Hint::After(wait) = after::parse(data, unit, Times { date, wall }) {
                assert!(wait <= BELIEVED, "{wait:?} of {unit:?}");
            }
        }
    }
    if let Ok(value) = HeaderValue::from_bytes(data) {
        let headers = HeaderMap::from_iter([(HeaderName::from_static("date"), value)]);
        let _ = Times::of(&headers, wall);
    }
}

/// `Link` headers: the first line of the data is one header line, the others are more of them.
pub fn link(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(http::header::LINK, value);
        }
    }
    for relation in ["next", "last", "prev"] {
        if let Ok(Some(target)) = crate::page::link::link(&headers, relation) {
            assert!(!target.contains(['<', '>']), "{target:?}");
            assert!(target.len() <= data.len(), "{target:?}");
        }
    }
}

/// `RateLimit` and `RateLimit-Policy`: the first line is the one, the second the other.
pub fn fields(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for (name, line) in ["ratelimit", "ratelimit-policy"]
        .into_iter()
        .zip(data.split(|byte| *byte == b'\n'))
    {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    let wall = SystemTime::UNIX_EPOCH;
    let now = Moment::from_nanos(1_000_000_000_000_000);
    for policy in [None, Some("default")] {
        let learn = Learn {
            fields: Some(RateLimitFields { policy }),
            ..Learn::NEW
        };
        let seen = learn::read(
            &learn,
            true,
            &headers,
            &|_| None,
            Times { date: None, wall },
            now,
        );
        assert!(
            seen.reset.is_none_or(|reset| reset - now <= BELIEVED),
            "{seen:?}"
        );
    }
}

static SHAPED: Api = Api {
    errors: &[
        ErrorShape::Object {
            message: &[&["message"], &["title"], &["error", "message"]],
            code: Some(&["code"]),
            messages: Some(Messages {
                each: &["errors"],
                text: &["detail"],
                target: Some(&["pointer"]),
            }),
            fields: Some(&["fields"]),
        },
        ErrorShape::String,
        ErrorShape::Text,
        ErrorShape::Empty,
    ],
    reference: Some("by referencing "),
    ..Api::NEW
};

static READ: Operation = Operation {
    api: &SHAPED,
    ..Operation::NEW
};

/// Bodies of errors, problem details (RFC 9457) among them.
pub fn problem(data: &[u8]) {
    let mut error = Error::of(&READ, crate::error::Kind::Api, "");
    error.read_body(data.to_vec().into());
    let shown = error.to_string();
    assert!(shown.len() < 4_096, "{} bytes", shown.len());
    assert!(!shown.chars().any(char::is_control), "{shown:?}");
}

/// Media types.
pub fn media_type(data: &[u8]) {
    if let media::Media::Other(essence) = media::parse(data) {
        assert!(
            essence.is_ascii() && essence.len() <= 255 && essence.contains('/'),
            "{essence:?}"
        );
    }
}

/// Base URLs, and places to which a server points.
pub fn origin(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(origin) = Origin::new(text) {
        let base = origin.base.to_ascii_lowercase();
        assert!(
            base.starts_with("https://") || base.starts_with("http://"),
            "{text:?}"
        );
        assert!(!origin.base.contains(['?', '#', '\\']), "{text:?}");
    }
    let ours = Origin::new("https://api.example:8443/v1").expect("it is a base URL");
    if let Some(place) = ours.within(text) {
        assert_eq!(place.scheme_str(), Some("https"), "{text:?}");
        let host = place.host().map(str::to_ascii_lowercase);
        assert_eq!(
            (host.as_deref(), place.port_u16()),
            (Some("api.example"), Some(8443)),
            "{text:?}"
        );
        assert!(
            !place
                .authority()
                .is_some_and(|authority| authority.as_str().contains('@')),
            "{text:?}"
        );
    }
}

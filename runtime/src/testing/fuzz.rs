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
use crate::follow::Follow;
use crate::limit::learn;
use crate::operation::{Api, ErrorShape, Learn, Messages, Operation, RateLimitFields, Unit};
use crate::retry::after::{self, Hint, Times};
use crate::upload::{Multipart, Upload};

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
    ("form", form),
    ("follow", follow),
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

/// Forms with files: each line is a field, which is named by what stands before its first `=`; with a `:` at its
/// beginning it is a file of that name. The server finds as many parts as were made, and their contents.
pub fn form(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (mut form, mut contents) = (Multipart::new(), Vec::new());
    for line in text.split('\n').take(32) {
        let (name, content) = line.split_once('=').unwrap_or((line, line));
        match name.strip_prefix(':') {
            Some(name) => form.file(name, &Upload::from_bytes(name, content.to_owned())),
            None => form.text(name, &content),
        }
        contents.push(content.as_bytes());
    }
    let mut bits = 0;
    let Ok(body) = form.finish(|| {
        bits += 1;
        bits
    }) else {
        return;
    };
    let kind = body.content_type.to_str().expect("it is ASCII");
    let (_, boundary) = kind.split_once("boundary=").expect("it names its boundary");
    let all = body.in_memory().concat();
    let all = [b"\r\n", &all[..]].concat();
    let parts = split(&all, format!("\r\n--{boundary}").as_bytes());
    let [first, parts @ .., last] = &parts[..] else {
        panic!("a form has an end");
    };
    assert!(first.is_empty() && *last == b"--\r\n", "{kind}");
    assert_eq!(parts.len(), contents.len());
    for (part, content) in parts.iter().zip(contents) {
        let end = split(part, b"\r\n\r\n")[0].len() + 4;
        assert_eq!(&part[end..], content);
        let head = std::str::from_utf8(&part[2..end - 4]).expect("names are texts");
        for (line, begins) in head
            .split("\r\n")
            .zip(["Content-Disposition: ", "Content-Type: "])
        {
            assert!(
                line.starts_with(begins) && !line.contains(char::is_control),
                "{line:?}"
            );
        }
        let quotes = head.matches('"').count();
        assert!(matches!(quotes, 2 | 4) && !head.contains('\\'), "{head:?}");
    }
}

fn split<'a>(mut bytes: &'a [u8], at: &[u8]) -> Vec<&'a [u8]> {
    let mut all = Vec::new();
    while let Some(found) = bytes.windows(at.len()).position(|window| window == at) {
        all.push(&bytes[..found]);
        bytes = &bytes[found + at.len()..];
    }
    all.push(bytes);
    all
}

/// Temporary URLs that an answer names: what is fetched is https, and of an origin that was described.
pub fn follow(data: &[u8]) {
    static FILES: Follow = Follow {
        url: &[],
        expires: None,
        origins: &["https://*.files.example", "https://cdn.example:8443"],
    };
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(uri) = FILES.check(text, false) else {
        return;
    };
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let place = (host.as_str(), uri.port_u16().unwrap_or(443));
    assert_eq!(uri.scheme_str(), Some("https"), "{text:?}");
    assert!(
        !uri.authority()
            .is_some_and(|all| all.as_str().contains('@')),
        "{text:?}"
    );
    let is_file = host.len() > ".files.example".len() && host.ends_with(".files.example");
    assert!(
        place == ("cdn.example", 8443) || (is_file && place.1 == 443),
        "{text:?}"
    );
}

//! Parameters as text: path segments, query components and header values, and what may not be sent at all.
//!
//! Everything that a caller gives is data: a text that looks encoded is encoded again. Nothing here sends or logs.

use std::fmt;

mod form;
mod param;
mod splice;

pub(crate) use form::form;
pub(crate) use splice::{quoted, splice};

pub use param::{AsJson, Digits, Param};

/// A value that cannot be sent; the reason never repeats it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue {
    reason: &'static str,
    path: String,
}

impl BadValue {
    pub(crate) const NOT_FINITE: BadValue = BadValue::new("a number must be finite");

    /// A reason in lower case, without a full stop.
    #[must_use]
    pub const fn new(reason: &'static str) -> BadValue {
        BadValue {
            reason,
            path: String::new(),
        }
    }

    /// What is wrong with it.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// It stood in this member.
    pub(crate) fn inside(&mut self, key: &str) {
        self.path.insert_str(0, key);
        self.path.insert(0, '/');
    }
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path.escape_debug())?;
        }
        f.write_str(self.reason)
    }
}

impl std::error::Error for BadValue {}

/// Percent-encodes all but the unreserved characters. `%2F` becomes `%252F`.
pub fn push_encoded(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if is_unreserved(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// Adds one whole segment of a path, encoded.
///
/// # Errors
///
/// It is empty, `.` or `..`: those would name another resource (RFC 3986 §5.2.4). The path is of no use then.
pub fn push_segment(path: &mut String, value: &dyn Param) -> Result<(), BadValue> {
    let from = path.len();
    value.show(path)?;
    if matches!(&path[from..], "" | "." | "..") {
        return Err(BadValue::new("a path value must not be empty, `.` or `..`"));
    }
    encode_from(path, from);
    Ok(())
}

/// Encodes the end of a text where it stands.
fn encode_from(text: &mut String, from: usize) {
    if !text[from..].bytes().all(is_unreserved) {
        let raw = text.split_off(from);
        push_encoded(&raw, text);
    }
}

/// RFC 3986 §2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Adds `name=value` to a query, with `&` before it if it is not the first.
///
/// # Errors
///
/// The value has no text, NaN for example; the query stays as it was.
pub fn push_query(query: &mut String, name: &str, value: &dyn Param) -> Result<(), BadValue> {
    let before = query.len();
    push_name(query, name);
    query.push('=');
    let from = query.len();
    let shown = value.show(query);
    match shown {
        Ok(()) => encode_from(query, from),
        Err(_) => query.truncate(before),
    }
    shown
}

/// Adds a bare `name` to a query: a flag.
pub fn push_name(query: &mut String, name: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    push_encoded(name, query);
}

/// A header's value.
///
/// # Errors
///
/// It holds anything but visible ASCII, blanks and tabs (RFC 9110 §5.5), or begins or ends with a blank, which would be
/// lost on the way.
pub fn header_value(value: &dyn Param) -> Result<String, BadValue> {
    let text = shown(value)?;
    if !text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t')) {
        return Err(BadValue::new(
            "a header value must be visible ASCII, blanks and tabs",
        ));
    }
    if text.starts_with([' ', '\t']) || text.ends_with([' ', '\t']) {
        return Err(BadValue::new(
            "a header value must not begin or end with a blank",
        ));
    }
    Ok(text)
}

/// Whether data may name this header: a token (RFC 9110 §5.6.2) that does not concern the connection (§7.6.1) or the
/// framing of the message.
#[must_use]
pub fn may_name_header(name: &str) -> bool {
    const KEPT: &[&str] = &[
        "connection",
        "content-length",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty()
        && name.bytes().all(is_token)
        && !KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(name))
}

/// The text of a parameter.
///
/// # Errors
///
/// It has none.
pub fn shown(value: &dyn Param) -> Result<String, BadValue> {
    let mut text = String::new();
    value.show(&mut text)?;
    Ok(text)
}

/// The name of a parameter that has a key between these two texts; empty without a key, which the request then refuses.
pub fn name_with([before, after]: [&str; 2], key: &dyn Param) -> String {
    match shown(key) {
        Ok(key) if !key.is_empty() => format!("{before}{key}{after}"),
        Ok(_) | Err(_) => String::new(),
    }
}

/// The text of a key that a handle keeps. A value without a text gives none, which the path then refuses.
pub fn key_text(value: &dyn Param) -> String {
    shown(value).unwrap_or_default()
}

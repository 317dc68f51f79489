//! Names and values of headers.
//!
//! `http` decides what a name may hold, and a value is ASCII. Beyond that, headers that frame the message or
//! belong to one connection are the transport's, and those that carry a credential are `auth`'s.

use http::HeaderName;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::Origin;

use super::place;

/// RFC 9110, section 7.6.1 and RFC 9112, sections 6 and 7: they belong to the connection or frame
/// the message; a second opinion about them is how requests are smuggled.
const OF_THE_TRANSPORT: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The runtime decides these from the method's body, its answer and what it can decode.
const OF_THE_RUNTIME: &[&str] = &["accept-encoding", "content-encoding", "content-type"];

/// RFC 9110, section 11: they carry credentials.
const OF_AUTH: &[&str] = &["authorization", "proxy-authorization"];

/// The name of a header that a call sends.
pub(super) fn check_sent_name(name: &str, origin: &Origin, diagnostics: &mut Diagnostics) {
    if !check_token(name, origin, diagnostics) {
        return;
    }
    let lower = name.to_ascii_lowercase();
    if OF_AUTH.contains(&lower.as_str()) {
        let message = format!("the header `{name}` carries a credential");
        refuse(
            name,
            message,
            "describe it below `auth`, so that it is kept out of logs",
            origin,
            diagnostics,
        );
    } else if OF_THE_RUNTIME.contains(&lower.as_str()) {
        let message = format!("the header `{name}` is set by the runtime");
        refuse(
            name,
            message,
            "remove it; it follows from the body and the answer",
            origin,
            diagnostics,
        );
    } else {
        check_transport(name, &lower, origin, diagnostics);
    }
}

/// The name of a header that carries a credential: `Authorization` is at home here.
pub(super) fn check_credential_name(name: &str, origin: &Origin, diagnostics: &mut Diagnostics) {
    if check_token(name, origin, diagnostics) {
        check_transport(name, &name.to_ascii_lowercase(), origin, diagnostics);
    }
}

/// The name of a header that is only read.
pub(super) fn check_read_name(name: &str, origin: &Origin, diagnostics: &mut Diagnostics) {
    check_token(name, origin, diagnostics);
}

fn check_transport(name: &str, lower: &str, origin: &Origin, diagnostics: &mut Diagnostics) {
    if OF_THE_TRANSPORT.contains(&lower) {
        let message = format!("the header `{name}` belongs to the transport");
        refuse(
            name,
            message,
            "remove it; it describes the connection and not the request",
            origin,
            diagnostics,
        );
    }
}

/// RFC 9110, section 5.1: a field name is a token.
fn check_token(name: &str, origin: &Origin, diagnostics: &mut Diagnostics) -> bool {
    let token = name.len() <= 128 && HeaderName::from_bytes(name.as_bytes()).is_ok();
    if !token {
        let message = format!("`{name}` is no name of a header");
        refuse(
            name,
            message,
            "write letters, digits and `-`, such as `X-Request-Id`",
            origin,
            diagnostics,
        );
    }
    token
}

fn refuse(name: &str, message: String, help: &str, origin: &Origin, diagnostics: &mut Diagnostics) {
    diagnostics.push(Diagnostic::new("E075", &place::of_word(origin, name), message).help(help));
}

/// The value of a constant header.
pub(super) fn check_value(name: &str, value: &str, origin: &Origin, diagnostics: &mut Diagnostics) {
    // RFC 9110, section 5.5: blanks around a value are not part of it.
    if !is_visible(value) || value.trim() != value {
        let message = format!("the value of the header `{name}` cannot be sent");
        let help =
            "write visible ASCII characters, without a line break and without blanks at the ends";
        diagnostics
            .push(Diagnostic::new("E076", &place::of_word(origin, name), message).help(help));
    }
}

/// What stands verbatim before a credential; its last blank is meant.
pub(super) fn check_prefix(
    prefix: &str,
    credential: &str,
    origin: &Origin,
    diagnostics: &mut Diagnostics,
) {
    if !is_visible(prefix) || prefix.trim_start() != prefix {
        let message = format!("the prefix of `{credential}` cannot be sent");
        let help =
            "write visible ASCII characters, perhaps with a blank at the end, such as `\"Token \"`";
        diagnostics.push(Diagnostic::new("E076", &place::of(origin), message).help(help));
    }
}

/// RFC 9110, section 5.5: visible ASCII, blanks and tabs; other bytes mean what each server likes.
fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
}

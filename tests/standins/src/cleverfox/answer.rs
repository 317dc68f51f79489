//! The shapes of CleverFox's answers, and the one encoding that it reads.
//!
//! The bodies of its refusals are not documented, but for the words of one; chosen here.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::stage::Reply;

/// A request that was not carried out.
pub(super) enum Refusal {
    /// What is wrong with the fields of a body.
    Invalid(Map<String, Value>),
    Bad(&'static str),
    NotFound,
    NoSuchVerb,
    Duplicate,
}

impl Refusal {
    pub(super) fn reply(self) -> Reply {
        match self {
            Self::Invalid(errors) => {
                let message = "The request is invalid.";
                let body = json!({ "message": message, "errors": errors });
                json_reply(StatusCode::BAD_REQUEST, &body)
            }
            Self::Bad(message) => refusal(StatusCode::BAD_REQUEST, message),
            Self::NotFound => {
                let message = "The requested resource was not found.";
                refusal(StatusCode::NOT_FOUND, message)
            }
            Self::NoSuchVerb => {
                let message = "The requested resource does not support this http method.";
                refusal(StatusCode::METHOD_NOT_ALLOWED, message)
            }
            Self::Duplicate => {
                let message = "A request with this Token has already been received.";
                refusal(StatusCode::CONFLICT, message)
            }
        }
    }
}

/// `{"message": …}`.
pub(super) fn refusal(status: StatusCode, message: &str) -> Reply {
    json_reply(status, &json!({ "message": message }))
}

/// `{"data": {…}}`.
pub(super) fn data(status: StatusCode, record: &Value) -> Reply {
    json_reply(status, &json!({ "data": record }))
}

/// `{"data": […], "page_no": …, "page_size": …}`, without a word about how many there are.
pub(super) fn page(records: &[Value], number: u64, size: u64) -> Reply {
    let body = json!({ "data": records, "page_no": number, "page_size": size });
    json_reply(StatusCode::OK, &body)
}

pub(super) fn text(status: StatusCode, text: String) -> Reply {
    typed(status, "text/plain; charset=utf-8", text.into())
}

pub(super) fn typed(status: StatusCode, kind: &'static str, body: Bytes) -> Reply {
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    reply.headers_mut().insert(header::CONTENT_TYPE, kind);
    reply
}

fn json_reply(status: StatusCode, body: &Value) -> Reply {
    let body = body.to_string().into();
    typed(status, "application/json; charset=utf-8", body)
}

/// RFC 4648, section 4, with its padding.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let letters = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - letters.len() > 2 {
        return None;
    }
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in letters.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).expect("eight bits are a byte"));
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 4648, section 10.
    #[test]
    fn base64_is_decoded_and_what_is_not_is_refused() {
        for (text, expected) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(from_base64(text), Some(expected.as_bytes().to_vec()));
        }
        for text in ["Zg", "Z===", "Zm9*", "Zm9vYg"] {
            assert_eq!(from_base64(text), None, "{text}");
        }
    }
}

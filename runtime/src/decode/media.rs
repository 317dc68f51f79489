//! The media type of an answer, as far as an error wants to name it.
//!
//! It comes from a server: the parser is linear, keeps nothing longer than a name can be, and never fails. No decision
//! depends on it, because APIs that send JSON under another name are not rare.

/// The longest name of a type or subtype (RFC 6838 §4.2).
const LONGEST: usize = 127;

/// What a `Content-Type` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/json`, `text/json`, or a subtype that ends in `+json` (RFC 6839 §3.1).
    Json,
    /// Another one, in lower case, without parameters: `text/html`.
    Other(String),
    /// It is no media type.
    Invalid,
}

/// Reads `type/subtype; parameter=value` (RFC 9110 §8.3.1).
pub(crate) fn parse(value: &[u8]) -> Media {
    let essence = value
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    let mut parts = essence.splitn(2, |byte| *byte == b'/');
    let (Some(kind), Some(subtype)) = (parts.next().and_then(token), parts.next().and_then(token))
    else {
        return Media::Invalid;
    };
    let is_json = subtype.ends_with("+json")
        || subtype == "json" && matches!(kind.as_str(), "application" | "text");
    if is_json {
        Media::Json
    } else {
        Media::Other(format!("{kind}/{subtype}"))
    }
}

/// A token (RFC 9110 §5.6.2) in lower case.
fn token(text: &[u8]) -> Option<String> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let fits = !text.is_empty() && text.len() <= LONGEST && text.iter().all(is_token);
    fits.then(|| {
        text.iter()
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row G8: a page of HTML is named as one, and JSON by all of its names.
    #[test]
    fn media_types_are_told_apart() {
        for json in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "text/json",
            "application/problem+json",
            " application/json ;",
        ] {
            assert_eq!(parse(json.as_bytes()), Media::Json, "{json}");
        }
        for (other, wanted) in [
            ("text/html; charset=utf-8", "text/html"),
            ("IMAGE/png", "image/png"),
            ("application/jsonp", "application/jsonp"),
            ("x/json", "x/json"),
        ] {
            assert_eq!(
                parse(other.as_bytes()),
                Media::Other(wanted.to_owned()),
                "{other}"
            );
        }
        let long = format!("text/{}", "x".repeat(LONGEST + 1));
        for invalid in [
            "",
            "/",
            "json",
            "text/",
            "/html",
            "text/ht ml",
            "text/html, text/json",
            "text/\u{e9}",
            "a/b/c",
            &long,
            "\r\n",
            ";;",
        ] {
            assert_eq!(parse(invalid.as_bytes()), Media::Invalid, "{invalid}");
        }
    }
}

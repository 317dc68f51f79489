//! Splits a query string into decoded pairs, in the order in which they were sent, and decodes parts of a path.
//!
//! It follows `application/x-www-form-urlencoded`: `+` is a space. What is not valid encoding is
//! refused rather than repaired, so that a client's mistake shows.

/// The pairs, or nothing when the encoding is broken.
pub(crate) fn pairs(raw: Option<&str>) -> Option<Vec<(String, String)>> {
    raw.unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

/// One part of a path, in which `+` is itself.
pub(crate) fn segment(raw: &str) -> Option<String> {
    decode(&raw.replace('+', "%2B"))
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_and_broken_encoding_is_refused() {
        let found = pairs(Some("created_at%5Blt%5D=a%2Bb+c&ids[]=1&&flag")).unwrap();
        let expected = [("created_at[lt]", "a+b c"), ("ids[]", "1"), ("flag", "")];
        assert!(found.iter().map(|(n, v)| (&**n, &**v)).eq(expected));
        assert_eq!(pairs(None), Some(Vec::new()));
        assert_eq!(segment("a%2Fb+c%20d").as_deref(), Some("a/b+c d"));
        for broken in ["a=%", "a=%4", "a=%zz", "a=%ff"] {
            assert_eq!(pairs(Some(broken)), None, "{broken}");
        }
    }
}

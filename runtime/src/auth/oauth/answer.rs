//! What a token endpoint answers (RFC 6749 §5.1, §5.2), read without trust.
//!
//! Nothing of a body is repeated, except an error's own two members, which the caller scrubs. A lifetime that makes no
//! sense counts as none.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;

use crate::auth::source::fault_of;
use crate::clock::Moment;
use crate::decode::clip;

/// A token that lives longer than this is taken for one whose end nobody knows.
const LONGEST: u64 = 366 * 24 * 60 * 60;

/// A good answer.
pub(super) struct Answer {
    pub(super) access: SecretString,
    pub(super) refresh: Option<SecretString>,
    pub(super) from: Moment,
    pub(super) lifetime: Option<Duration>,
}

/// The error that an answer names.
pub(super) struct Complaint {
    /// The grant itself is invalid: used up, revoked or of another client.
    pub(super) is_grant: bool,
    pub(super) text: String,
}

/// Reads a good answer to a request that was sent at `from`.
pub(super) fn read(body: &[u8], from: Moment) -> Result<Answer, &'static str> {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return Err("answered with something that is no JSON object");
    };
    match members.get("token_type") {
        None | Some(Value::Null) => {}
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(_) => return Err("issued a token that is no bearer token"),
    }
    let Some(access) = secret(members.get("access_token"))? else {
        return Err("answered without an access token");
    };
    Ok(Answer {
        access,
        refresh: secret(members.get("refresh_token"))?,
        from,
        lifetime: members.get("expires_in").and_then(lifetime),
    })
}

fn secret(value: Option<&Value>) -> Result<Option<SecretString>, &'static str> {
    let text = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => SecretString::from(text.as_str()),
        Some(_) => return Err("issued a token that is no text"),
    };
    match fault_of(&text) {
        None => Ok(Some(text)),
        Some(_) => Err("issued a token that cannot be sent"),
    }
}

/// Seconds, as a number or as a text of one.
fn lifetime(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => match number.as_u64() {
            Some(whole) => whole,
            // Saturates, and what is no number becomes zero.
            None => number.as_f64()? as u64,
        },
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().ok()?
        }
        _ => return None,
    };
    (1..=LONGEST)
        .contains(&seconds)
        .then(|| Duration::from_secs(seconds))
}

/// Reads the error of an answer, whatever its status.
pub(super) fn complaint(body: &[u8]) -> Option<Complaint> {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return None;
    };
    let code = members.get("error")?.as_str()?;
    let mut text = clip(code, 100).to_owned();
    if let Some(more) = members.get("error_description").and_then(Value::as_str) {
        text.push_str(": ");
        text.push_str(clip(more, 300));
    }
    Some(Complaint {
        is_grant: code == "invalid_grant",
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn life(text: &str) -> Option<u64> {
        let body = format!(r#"{{"access_token":"t","expires_in":{text}}}"#);
        let answer = read(body.as_bytes(), Moment::START).ok().unwrap();
        answer.lifetime.map(|length| length.as_secs())
    }

    #[test]
    fn lifetimes_are_bounded_and_nonsense_is_none() {
        for (text, wanted) in [
            ("3600", Some(3600)),
            ("\"3600\"", Some(3600)),
            ("3599.9", Some(3599)),
            ("1", Some(1)),
            ("31622400", Some(31_622_400)),
            ("31622401", None),
            ("0", None),
            ("-1", None),
            ("0.5", None),
            ("1e400", None),
            ("18446744073709551616", None),
            ("\"\"", None),
            ("\"-5\"", None),
            ("\" 5\"", None),
            ("\"99999999999999999999\"", None),
            ("null", None),
            ("true", None),
            ("[3600]", None),
        ] {
            // A number that JSON cannot hold makes the whole answer none.
            if text == "1e400" {
                assert!(
                    read(br#"{"access_token":"t","expires_in":1e400}"#, Moment::START).is_err()
                );
            } else {
                assert_eq!(life(text), wanted, "{text}");
            }
        }
    }

    /// Row E11: what a server issues is checked, and never repeated.
    #[test]
    fn hostile_answers_are_refused_without_an_echo() {
        let long = format!(r#"{{"access_token":"canary{}"}}"#, "x".repeat(64 * 1024));
        for body in [
            "",
            "canary",
            "[]",
            "{}",
            r#"{"access_token":null}"#,
            r#"{"access_token":""}"#,
            r#"{"access_token":7}"#,
            r#"{"access_token":"canary\r\nx: 1"}"#,
            r#"{"access_token":"canary\u0000"}"#,
            r#"{"access_token":"canär"}"#,
            r#"{"access_token":"t","refresh_token":"canary\n"}"#,
            r#"{"access_token":"t","refresh_token":["canary"]}"#,
            r#"{"access_token":"t","token_type":"mac"}"#,
            r#"{"access_token":"t","token_type":7}"#,
            &long,
        ] {
            let error = read(body.as_bytes(), Moment::START).err().unwrap();
            assert!(!error.contains("canary"), "{body}");
        }
        for kind in ["Bearer", "bearer", "BEARER"] {
            let body = format!(r#"{{"access_token":"t","token_type":"{kind}"}}"#);
            let answer = read(body.as_bytes(), Moment::START).ok().unwrap();
            assert_eq!(answer.access.expose_secret(), "t");
            assert!(answer.refresh.is_none() && answer.lifetime.is_none());
        }
    }

    #[test]
    fn complaints_are_read_and_clipped() {
        let body = r#"{"error":"invalid_grant","error_description":"it was used"}"#;
        let found = complaint(body.as_bytes()).unwrap();
        assert!(found.is_grant);
        assert_eq!(found.text, "invalid_grant: it was used");
        let long = format!(r#"{{"error":"{}"}}"#, "e".repeat(10_000));
        assert!(complaint(long.as_bytes()).unwrap().text.len() <= 100);
        assert!(complaint(br#"{"error":{"type":"x"}}"#).is_none());
        assert!(complaint(b"<html>").is_none());
    }
}

//! What a browser brings back from a login: parameters in a query (RFC 6749 §4.1.2) or a fragment (§4.2.2).
//!
//! Whoever can make a browser follow a link can make these, so the state is compared before anything else is believed.
//! Nothing of them is repeated, except what the server says of its refusal.

use secrecy::SecretString;

use crate::auth::source::fault_of;
use crate::compare::Expected;
use crate::decode::clip;
use crate::error::{Error, Kind, Result};

/// No redirect is so long; a longer one is not looked through.
const LONGEST: usize = 64 * 1024;

/// Parameters of a redirect whose state is that of the login.
pub(super) struct Redirect(Vec<(String, String)>);

impl Redirect {
    /// From the query of a URL, or of what a server sees of it.
    pub(super) fn from_query(url: &str, state: &Expected) -> Result<Redirect> {
        let bare = url.split('#').next().unwrap_or_default();
        Redirect::new(bare.split_once('?').map(|(_, query)| query), state)
    }

    /// From the fragment of a URL, which no server sees.
    pub(super) fn from_fragment(url: &str, state: &Expected) -> Result<Redirect> {
        Redirect::new(url.split_once('#').map(|(_, fragment)| fragment), state)
    }

    fn new(pairs: Option<&str>, state: &Expected) -> Result<Redirect> {
        let pairs = pairs.filter(|pairs| !pairs.is_empty() && pairs.len() <= LONGEST);
        let pairs = pairs.ok_or_else(|| bad("has no parameters where they are expected"))?;
        let mut all: Vec<(String, String)> = Vec::new();
        for pair in pairs.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = unform(name).zip(unform(value));
            let (name, value) = decoded.ok_or_else(|| bad("is not well encoded"))?;
            // RFC 6749 §3.1: a parameter stands there once.
            if all.iter().any(|(known, _)| *known == name) {
                return Err(bad("has a parameter twice"));
            }
            all.push((name, value));
        }
        let redirect = Redirect(all);
        let given = redirect.get("state").ok_or_else(|| bad("has no state"))?;
        if !state.is(given.as_bytes()) {
            return Err(bad(
                "is of another login: its state is not the one that was sent",
            ));
        }
        redirect.refusal().map_or(Ok(redirect), Err)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A parameter that is a secret.
    pub(super) fn secret(&self, name: &str) -> Result<SecretString> {
        let secret = self.get(name).map(SecretString::from);
        let secret = secret.filter(|secret| fault_of(secret).is_none());
        secret.ok_or_else(|| bad(&format!("has no `{name}` that can be sent")))
    }

    /// RFC 6749 §4.1.2.1 and §4.2.2.1. A code or a token beside it is no success.
    fn refusal(&self) -> Option<Error> {
        let mut text = clip(self.get("error")?, 100).to_owned();
        if let Some(more) = self.get("error_description") {
            text.push_str(": ");
            text.push_str(clip(more, 300));
        }
        let text = format!("the login was refused: {}", text.escape_debug());
        Some(Error::new(Kind::Auth, text))
    }
}

pub(super) fn bad(what: &str) -> Error {
    Error::new(Kind::Auth, format!("the redirect of a login {what}"))
}

/// `application/x-www-form-urlencoded`, undone: a plus is a blank, and what is encoded is UTF-8.
fn unform(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => u8::try_from(digit(rest.next())? << 4 | digit(rest.next())?).ok()?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Redirect> {
        Redirect::from_query(url, &Expected::new(b"st&te"))
    }

    #[test]
    fn parameters_are_decoded_and_the_state_comes_first() {
        for url in [
            "https://app.example/back?code=a%2Bb+c&state=st%26te",
            "/back?state=st%26te&code=a%2bb%20c#fragment=1",
            "?&state=st%26te&&code=a%2Bb+c&other=",
        ] {
            let redirect = read(url).ok().unwrap();
            assert_eq!(redirect.get("code"), Some("a+b c"), "{url}");
        }
        let fragment = "https://app.example/back?code=no#access_token=t&state=st%26te";
        let redirect = Redirect::from_fragment(fragment, &Expected::new(b"st&te"));
        let redirect = redirect.ok().unwrap();
        assert_eq!(
            (redirect.get("access_token"), redirect.get("code")),
            (Some("t"), None)
        );
    }

    /// Each differs from a good one in one thing, and none is repeated.
    #[test]
    fn what_is_not_ours_is_refused_without_an_echo() {
        assert!(read("/back?code=canary&state=st%26te").is_ok());
        let long = format!("/back?state=st%26te&code={}", "x".repeat(LONGEST));
        for (url, wanted) in [
            ("/back?code=canary", "no state"),
            ("/back?code=canary&state=", "another login"),
            ("/back?code=canary&state=st%26tE", "another login"),
            ("/back?code=canary&state=st%26te+", "another login"),
            ("/back?code=canary&state=st%26te&state=st%26te", "twice"),
            ("/back?code=canary&code=canary&state=st%26te", "twice"),
            ("/back?code=canary&state=st%26te&%63ode=canary", "twice"),
            ("/back?code=canary%2&state=st%26te", "well encoded"),
            ("/back?code=canary%ff&state=st%26te", "well encoded"),
            ("/back?code=canary%gg&state=st%26te", "well encoded"),
            ("/back#code=canary&state=st%26te", "no parameters"),
            ("code=canary&state=st%26te", "no parameters"),
            ("", "no parameters"),
            ("/back?", "no parameters"),
            (&long, "no parameters"),
            (
                "/back?code=canary&state=st%26te&error=access_denied",
                "refused: access_denied",
            ),
            ("/back?error=access_denied", "no state"),
        ] {
            let error = read(url).err().unwrap();
            assert_eq!(error.kind(), Kind::Auth);
            let text = format!("{error} {error:?}");
            assert!(
                text.contains(wanted) && !text.contains("canary"),
                "{url}: {text}"
            );
        }
    }

    #[test]
    fn what_a_server_says_of_its_refusal_is_clipped_and_escaped() {
        let long = "e".repeat(10_000);
        let url = format!("/?state=st%26te&error=no%0a%1b&error_description={long}");
        let text = read(&url).err().unwrap().to_string();
        assert!(
            text.contains(r"refused: no\n\u{1b}: eee") && text.len() < 600,
            "{text}"
        );
    }
}

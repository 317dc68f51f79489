//! Removes the client's own credentials from what a server sent, before it is stored anywhere.
//!
//! It knows the values raw and in the spellings in which servers echo them. It must not be used on what is delivered as
//! a value: only errors are scrubbed.

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

/// Shorter values would tear holes into innocent text.
const SHORTEST: usize = 4;
const MARK: &[u8] = b"[REDACTED]";

/// The spellings of all credentials of a client.
#[derive(Default)]
pub(crate) struct Scrub(Vec<SecretString>);

impl Scrub {
    /// Adds a spelling of a secret.
    pub(crate) fn add(&mut self, spelling: String) {
        if spelling.len() >= SHORTEST
            && !self.0.iter().any(|known| known.expose_secret() == spelling)
        {
            self.0.push(spelling.into());
            // The longest first, because one spelling may contain another.
            self.0
                .sort_by_key(|known| std::cmp::Reverse(known.expose_secret().len()));
        }
    }

    /// The body without our credentials.
    pub(crate) fn bytes(&self, body: Bytes) -> Bytes {
        let mut clean: Option<Vec<u8>> = None;
        for secret in &self.0 {
            let secret = secret.expose_secret().as_bytes();
            let text = clean.as_deref().unwrap_or(&body);
            if let Some(first) = find(text, secret) {
                clean = Some(replaced(text, secret, first));
            }
        }
        clean.map_or(body, Bytes::from)
    }

    /// The text without our credentials.
    pub(crate) fn text(&self, text: &str) -> String {
        let clean = self.bytes(Bytes::copy_from_slice(text.as_bytes()));
        String::from_utf8_lossy(&clean).into_owned()
    }
}

impl std::fmt::Debug for Scrub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scrub")
    }
}

fn find(text: &[u8], secret: &[u8]) -> Option<usize> {
    let (first, rest) = (secret[0], &secret[1..]);
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|byte| *byte == first) {
        if text[from + at + 1..].starts_with(rest) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

fn replaced(text: &[u8], secret: &[u8], first: usize) -> Vec<u8> {
    let mut clean = Vec::with_capacity(text.len());
    let (mut from, mut next) = (0, Some(first));
    while let Some(at) = next {
        clean.extend_from_slice(&text[from..at]);
        clean.extend_from_slice(MARK);
        from = at + secret.len();
        next = find(&text[from..], secret).map(|at| at + from);
    }
    clean.extend_from_slice(&text[from..]);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row G12: what we sent as a secret does not come back in an error.
    #[test]
    fn all_spellings_are_removed() {
        let mut scrub = Scrub::default();
        for spelling in ["hunter2", "hunter2%2B", "abc"] {
            scrub.add(spelling.to_owned());
        }
        assert_eq!(
            scrub.text("hunter2 and hunter2%2Bhunter2, abc"),
            "[REDACTED] and [REDACTED][REDACTED], abc"
        );
        assert_eq!(scrub.text("nothing hunter1"), "nothing hunter1");
        assert_eq!(format!("{scrub:?}"), "Scrub");
    }
}

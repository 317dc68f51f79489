//! Removes the client's own credentials from what a server sent, before it is stored anywhere.
//!
//! It knows the values raw and in the spellings in which servers echo them; tokens that are got at run time come and
//! go. It must not be used on what is delivered as a value: only errors are scrubbed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

/// Shorter values would tear holes into innocent text.
const SHORTEST: usize = 4;
/// How many renewals are remembered: answers to what an older token signed may still be on their way.
const GENERATIONS: usize = 8;
const MARK: &[u8] = b"[REDACTED]";

/// The spellings of all credentials of a client.
#[derive(Default)]
pub(crate) struct Scrub {
    /// What is looked for, the longest first, because one spelling may contain another.
    all: RwLock<Arc<[SecretString]>>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    fixed: Vec<SecretString>,
    learned: VecDeque<Vec<SecretString>>,
}

impl Scrub {
    /// Adds spellings of secrets that stay.
    pub(crate) fn add(&self, spellings: &[SecretString]) {
        self.change(|known| known.fixed.extend_from_slice(spellings));
    }

    /// Adds spellings of secrets that others will replace; those of a few generations ago are forgotten.
    pub(crate) fn learn(&self, spellings: Vec<SecretString>) {
        self.change(|known| {
            let is_known = |new: &SecretString| {
                let mut all = known.fixed.iter().chain(known.learned.iter().flatten());
                all.any(|old| old.expose_secret() == new.expose_secret())
            };
            if spellings.iter().all(is_known) {
                return;
            }
            known.learned.push_back(spellings);
            if known.learned.len() > GENERATIONS {
                known.learned.pop_front();
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut known);
        let spellings = known.fixed.iter().chain(known.learned.iter().flatten());
        let mut all: Vec<SecretString> = spellings
            .filter(|spelling| spelling.expose_secret().len() >= SHORTEST)
            .cloned()
            .collect();
        let key = |spelling: &SecretString| std::cmp::Reverse(spelling.expose_secret().len());
        all.sort_by(|a, b| {
            let texts = || a.expose_secret().cmp(b.expose_secret());
            key(a).cmp(&key(b)).then_with(texts)
        });
        all.dedup_by(|a, b| a.expose_secret() == b.expose_secret());
        *self.all.write().unwrap_or_else(PoisonError::into_inner) = all.into();
    }

    /// The body without our credentials, and without escapes that JSON does not need: they would hide a secret until
    /// somebody reads the JSON.
    pub(crate) fn bytes(&self, body: Bytes) -> Bytes {
        let body = unescaped(body);
        let all = Arc::clone(&self.all.read().unwrap_or_else(PoisonError::into_inner));
        let mut clean: Option<Vec<u8>> = None;
        for secret in all.iter() {
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

/// A JSON text with its escapes for printable ASCII replaced by the characters; it means the same.
fn unescaped(body: Bytes) -> Bytes {
    if find(&body, b"\\u00").is_none() {
        return body;
    }
    let mut plain = Vec::with_capacity(body.len());
    let mut rest = &body[..];
    while let [first, behind @ ..] = rest {
        let escaped = match behind {
            [b'u', b'0', b'0', digits @ ..] if *first == b'\\' => printable(digits),
            _ => None,
        };
        let length = match escaped {
            Some(byte) => {
                plain.extend(matches!(byte, b'"' | b'\\').then_some(b'\\'));
                plain.push(byte);
                6
            }
            None => {
                // A backslash and what it escapes stay together.
                let length = if *first == b'\\' {
                    2.min(rest.len())
                } else {
                    1
                };
                plain.extend_from_slice(&rest[..length]);
                length
            }
        };
        rest = &rest[length..];
    }
    plain.into()
}

fn printable(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits.get(..2)?).ok()?;
    let byte = u8::from_str_radix(digits, 16).ok()?;
    (b' '..=b'~').contains(&byte).then_some(byte)
}

/// The same percent-encoded text as some servers write it: `%2b`.
pub(crate) fn with_small_digits(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut small = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        small.push('%');
        small.push_str(&digits.to_ascii_lowercase());
        small.push_str(rest);
    }
    small
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
        let scrub = Scrub::default();
        scrub.add(&["hunter2", "hunter2%2B", "abc"].map(SecretString::from));
        assert_eq!(
            scrub.text("hunter2 and hunter2%2Bhunter2, abc"),
            "[REDACTED] and [REDACTED][REDACTED], abc"
        );
        assert_eq!(scrub.text("nothing hunter1"), "nothing hunter1");
        assert_eq!(format!("{scrub:?}"), "Scrub");
    }

    /// Tokens come and go: the last few stay known, and the list stays short.
    #[test]
    fn learned_spellings_are_forgotten_in_turn() {
        let scrub = Scrub::default();
        scrub.add(&["fixed-secret".into()]);
        for generation in 0..100 {
            scrub.learn(vec![format!("token-{generation:03}").into()]);
            let text = format!("fixed-secret token-{generation:03}");
            assert_eq!(scrub.text(&text), "[REDACTED] [REDACTED]");
        }
        assert_eq!(
            scrub.text("token-091 token-092 token-099"),
            "token-091 [REDACTED] [REDACTED]"
        );
        assert_eq!(scrub.all.read().unwrap().len(), 1 + GENERATIONS);
        assert_eq!(scrub.text("fixed-secret"), "[REDACTED]");
    }
}

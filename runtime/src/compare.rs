//! Comparing with a secret in a time that tells nothing of it: neither where two texts differ nor how long it is.
//!
//! Both sides go through HMAC-SHA256 first, so that what is compared has one length and no shape. The time depends on
//! what was given alone.

use ring::hmac;

/// What is expected, without the secret itself.
#[derive(Clone)]
pub(crate) struct Expected(hmac::Tag);

impl Expected {
    pub(crate) fn new(secret: &[u8]) -> Expected {
        Expected(hmac::sign(&label(), secret))
    }

    pub(crate) fn is(&self, given: &[u8]) -> bool {
        hmac::verify(&label(), given, self.0.as_ref()).is_ok()
    }
}

/// No secret: it only sets these comparisons apart from other uses of the same text.
fn label() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, b"etiquette: compared in constant time")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row K8: equal is equal whatever the lengths, and nothing else is.
    #[test]
    fn only_the_same_text_is_the_same() {
        let expected = Expected::new(b"canary");
        assert!(expected.is(b"canary"));
        for other in [
            "",
            "c",
            "canar",
            "canarx",
            "xanary",
            "canary ",
            "canarycanary",
            "CANARY",
        ] {
            assert!(!expected.is(other.as_bytes()), "{other:?}");
        }
    }
}

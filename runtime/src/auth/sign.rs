//! One credential, ready to sign: the header value or query pair is made once.
//!
//! Header values are marked sensitive, so that `http` shows them nowhere and HPACK would not index them.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::OnceLock;

use http::Uri;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::encode::push_encoded;
use crate::error::{Error, Kind, Result, with_small_digits};
use crate::operation::{Credential, CredentialKind, TokenPlace};

/// A credential that signs requests.
pub(super) struct Signer {
    place: Place,
    fingerprint: u64,
    spellings: Vec<SecretString>,
}

enum Place {
    Header(HeaderName, HeaderValue),
    /// `param=value`, encoded.
    Query(SecretString),
}

impl Signer {
    /// Makes a signer from a value that was checked.
    pub(super) fn new(credential: &'static Credential, value: &SecretString) -> Result<Signer> {
        let secret = value.expose_secret();
        let mut all = spellings(value);
        let place = match credential.kind {
            CredentialKind::Bearer { prefix } => {
                header(credential, AUTHORIZATION, &format!("{prefix}{secret}"))?
            }
            CredentialKind::Basic { user_only } => {
                // RFC 7617 §2: user-id, a colon, the password.
                let pair = if user_only {
                    format!("{secret}:")
                } else {
                    secret.to_owned()
                };
                if !pair.contains(':') {
                    return Err(fault(credential, "has no colon between user and password"));
                }
                if let Some((_, password)) = pair.split_once(':') {
                    all.push(password.to_owned().into());
                }
                all.push(base64(&pair).trim_end_matches('=').into());
                header(
                    credential,
                    AUTHORIZATION,
                    &format!("Basic {}", base64(&pair)),
                )?
            }
            CredentialKind::Header {
                header: name,
                prefix,
            } => header(
                credential,
                HeaderName::from_static(name),
                &format!("{prefix}{secret}"),
            )?,
            CredentialKind::ClientCredentials(oauth) | CredentialKind::RefreshToken(oauth) => {
                match oauth.sign {
                    TokenPlace::Header {
                        header: name,
                        prefix,
                    } => header(
                        credential,
                        HeaderName::from_static(name),
                        &format!("{prefix}{secret}"),
                    )?,
                    TokenPlace::Query { param } => {
                        Place::Query(format!("{}={}", encoded(param), encoded(secret)).into())
                    }
                }
            }
            CredentialKind::Query { param } => {
                Place::Query(format!("{}={}", encoded(param), encoded(secret)).into())
            }
        };
        Ok(Signer {
            place,
            fingerprint: fingerprint(secret),
            spellings: all,
        })
    }

    /// Signs the head of a request; `false` when the URL is too long then.
    #[must_use]
    pub(super) fn sign(&self, headers: &mut HeaderMap, uri: &mut Uri) -> bool {
        match &self.place {
            Place::Header(name, value) => {
                headers.insert(name.clone(), value.clone());
                true
            }
            Place::Query(pair) => {
                let mark = if uri.query().is_some() { '&' } else { '?' };
                let signed = format!("{uri}{mark}{}", pair.expose_secret()).parse();
                signed.map(|signed| *uri = signed).is_ok()
            }
        }
    }

    /// Tells credentials apart and cannot be turned back; differs from process to process.
    pub(super) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// All spellings in which a server may echo the value.
    pub(super) fn spellings(&self) -> &[SecretString] {
        &self.spellings
    }
}

/// A secret as servers echo it: raw, in base64 (its padding tells nothing) of either alphabet, percent-encoded, as a
/// form has it, and in JSON, which writes a backslash before quotes and backslashes.
pub(super) fn spellings(secret: &SecretString) -> Vec<SecretString> {
    let text = secret.expose_secret();
    let digits = base64(text);
    let digits = digits.trim_end_matches('=');
    let mut all = vec![secret.clone()];
    for spelling in [
        digits.to_owned(),
        digits.replace('+', "-").replace('/', "_"),
        encoded(text),
        with_small_digits(&encoded(text)),
        encoded(text).replace("%20", "+"),
        text.replace('\\', "\\\\").replace('"', "\\\""),
        text.replace('/', "\\/"),
    ] {
        if all.iter().all(|known| known.expose_secret() != spelling) {
            all.push(spelling.into());
        }
    }
    all
}

fn header(credential: &Credential, name: HeaderName, value: &str) -> Result<Place> {
    let mut value =
        HeaderValue::from_str(value).map_err(|_| fault(credential, "cannot be a header"))?;
    value.set_sensitive(true);
    Ok(Place::Header(name, value))
}

fn fault(credential: &Credential, what: &str) -> Error {
    Error::new(
        Kind::Auth,
        format!("the credential `{}` {what}", credential.name),
    )
}

pub(crate) fn fingerprint(text: &str) -> u64 {
    static SEED: OnceLock<RandomState> = OnceLock::new();
    SEED.get_or_init(RandomState::new).hash_one(text)
}

pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_encoded(text, &mut out);
    out
}

/// RFC 4648 §4.
pub(super) fn base64(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref();
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let at = (bits >> (18 - 6 * digit)) & 63;
            out.push(if digit <= chunk.len() {
                char::from(DIGITS[at as usize])
            } else {
                '='
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (text, wanted) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
        ] {
            assert_eq!(base64(text), wanted);
        }
    }

    #[test]
    fn basic_is_that_of_the_rfc() {
        static BASIC: Credential = Credential {
            name: "basic",
            kind: CredentialKind::Basic { user_only: false },
            env: None,
        };
        let (mut headers, mut uri) = (HeaderMap::new(), Uri::from_static("/"));
        let signer = Signer::new(&BASIC, &"Aladdin:open sesame".into()).unwrap();
        assert!(signer.sign(&mut headers, &mut uri));
        assert_eq!(
            headers["authorization"],
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert!(headers["authorization"].is_sensitive());
        assert!(Signer::new(&BASIC, &"canary".into()).is_err());
    }
}

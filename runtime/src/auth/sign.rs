//! One credential, ready to sign: the header value or query pair is made once.
//!
//! Header values are marked sensitive, so that `http` shows them nowhere and HPACK would not index them.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::OnceLock;

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::encode::push_encoded;
use crate::error::{Error, Kind, Result, Scrub};
use crate::operation::{Credential, CredentialKind, TokenPlace};

/// A credential that signs requests.
pub(crate) struct Signer {
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
        let mut spellings = vec![value.clone(), base64(secret).into(), encoded(secret).into()];
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
                    spellings.push(password.to_owned().into());
                }
                spellings.push(base64(&pair).into());
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
        // JSON writes quotes and backslashes of a secret with a backslash before them.
        spellings.push(secret.replace('\\', "\\\\").replace('"', "\\\"").into());
        Ok(Signer {
            place,
            fingerprint: fingerprint(secret),
            spellings,
        })
    }

    /// Signs the head of a request.
    pub(crate) fn sign(&self, headers: &mut HeaderMap) {
        if let Place::Header(name, value) = &self.place {
            headers.insert(name.clone(), value.clone());
        }
    }

    /// What signs in the query: `param=value`.
    pub(crate) fn query(&self) -> Option<&str> {
        match &self.place {
            Place::Query(pair) => Some(pair.expose_secret()),
            Place::Header(..) => None,
        }
    }

    /// Tells credentials apart and cannot be turned back; differs from process to process.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Adds all spellings in which a server may echo the value.
    pub(crate) fn scrub(&self, scrub: &mut Scrub) {
        for spelling in &self.spellings {
            scrub.add(spelling.expose_secret().to_owned());
        }
    }
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

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_encoded(text, &mut out);
    out
}

/// RFC 4648 §4.
fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
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
        let mut headers = HeaderMap::new();
        Signer::new(&BASIC, &"Aladdin:open sesame".into())
            .unwrap()
            .sign(&mut headers);
        assert_eq!(
            headers["authorization"],
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert!(headers["authorization"].is_sensitive());
        assert!(Signer::new(&BASIC, &"canary".into()).is_err());
    }
}

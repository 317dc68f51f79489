//! What an API sends by itself: its proof is checked before anything is read, in constant time, and errors show neither
//! a secret, nor a signature, nor the body.
//!
//! It knows no server: an application hands in the headers and the raw body. A signature over the body alone says
//! nothing of when it was made, so repeats and old deliveries are told apart by the payload, for which `newest` is.

mod error;
#[macro_use]
mod macros;
mod newest;

use std::fmt;

use http::header::{HeaderMap, HeaderValue};
use ring::hmac;
use serde::de::DeserializeOwned;

use crate::auth::{CredentialValue, variable};
use crate::compare::Expected;
use crate::decode::{self, Misfit, Pointer};
use crate::error::{Error, Kind, Result};
use crate::operation::{WebhookEncoding, WebhookProof, WebhookTable};
use crate::value::{Base64, UnknownObject};

pub use error::{WebhookError, WebhookFault};
pub use newest::{Age, Newest};

/// The longest body, unless the application says otherwise.
const BODY_CAP: usize = 1024 * 1024;

/// The length of a signature: HMAC-SHA256 gives 32 bytes.
const SIGNATURE: usize = 32;

/// A webhook at work: its table, and the secrets that count.
#[derive(Clone)]
pub struct WebhookVerifier {
    webhook: &'static WebhookTable,
    secrets: Vec<Secret>,
    body_cap: usize,
}

#[derive(Clone)]
enum Secret {
    Signs(hmac::Key),
    IsSent(Expected),
}

impl WebhookVerifier {
    /// Believes whoever knows this secret.
    ///
    /// # Errors
    ///
    /// It cannot be a secret: empty, longer than 8 KiB, or other than printable ASCII. The error does not repeat it.
    pub fn new(
        webhook: &'static WebhookTable,
        secret: impl Into<CredentialValue>,
    ) -> Result<WebhookVerifier> {
        let verifier = WebhookVerifier {
            webhook,
            secrets: Vec::new(),
            body_cap: BODY_CAP,
        };
        verifier.also(secret)
    }

    /// Takes the secret from the environment.
    ///
    /// # Errors
    ///
    /// The variable is not set, or holds what cannot be a secret.
    pub fn from_env(webhook: &'static WebhookTable) -> Result<WebhookVerifier> {
        let name = webhook.env.unwrap_or_default();
        match variable(name)? {
            Some(secret) => WebhookVerifier::new(webhook, secret),
            None => {
                let text = format!("the webhook `{}`: `{name}` is not set", webhook.name);
                Err(Error::new(Kind::Auth, text))
            }
        }
    }

    /// Believes whoever knows this secret, too.
    ///
    /// # Errors
    ///
    /// As of [`new`](WebhookVerifier::new).
    pub fn also(mut self, secret: impl Into<CredentialValue>) -> Result<WebhookVerifier> {
        let secret = secret.into();
        let Some(bytes) = secret.checked() else {
            let text = format!(
                "the secret of the webhook `{}` is empty, too long or not printable ASCII",
                self.webhook.name
            );
            return Err(Error::new(Kind::Auth, text));
        };
        self.secrets.push(match self.webhook.proof {
            WebhookProof::HmacSha256 { .. } => {
                Secret::Signs(hmac::Key::new(hmac::HMAC_SHA256, bytes))
            }
            WebhookProof::SharedSecret => Secret::IsSent(Expected::new(bytes)),
        });
        Ok(self)
    }

    /// Reads bodies of at most so many bytes.
    #[must_use]
    pub fn with_body_cap(mut self, bytes: usize) -> WebhookVerifier {
        self.body_cap = bytes;
        self
    }

    /// Checks a delivery's proof, and nothing else of it.
    ///
    /// # Errors
    ///
    /// The body is too long, or the proof is missing, given twice, malformed or wrong.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), WebhookError> {
        let refuse = |fault| Err(WebhookError::new(self.webhook, fault));
        if body.len() > self.body_cap {
            return refuse(WebhookFault::BodyTooLong);
        }
        let mut all = headers.get_all(self.webhook.header).iter();
        let Some(value) = all.next() else {
            return refuse(WebhookFault::NoSignature);
        };
        if all.next().is_some() {
            return refuse(WebhookFault::TwoSignatures);
        }
        let Some(given) = given(self.webhook.proof, value) else {
            return refuse(WebhookFault::BadSignature);
        };
        // All secrets are tried, so that the time does not tell which one it was.
        let mut is_known = false;
        for secret in &self.secrets {
            is_known |= match secret {
                Secret::Signs(key) => hmac::verify(key, body, &given).is_ok(),
                Secret::IsSent(expected) => expected.is(&given),
            };
        }
        if is_known {
            Ok(())
        } else {
            refuse(WebhookFault::WrongSignature)
        }
    }

    /// The text of a body whose proof holds.
    pub(crate) fn text<'b>(
        &self,
        headers: &HeaderMap,
        body: &'b [u8],
    ) -> Result<&'b str, WebhookError> {
        self.verify(headers, body)?;
        decode::text(body).map_err(|misfit| self.misfit(&misfit))
    }

    fn misfit(&self, misfit: &Misfit) -> WebhookError {
        WebhookError::of_body(self.webhook, misfit)
    }

    /// Checks a delivery and reads its payload, the only kind that there is.
    ///
    /// # Errors
    ///
    /// As of [`verify`](WebhookVerifier::verify), or the body does not fit.
    pub fn payload<T: DeserializeOwned>(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<T, WebhookError> {
        let text = self.text(headers, body)?;
        self.read(text, self.webhook.payload)
    }

    /// Checks a delivery and reads its event, whose name tells the payload's type.
    ///
    /// # Errors
    ///
    /// As of [`verify`](WebhookVerifier::verify), or the body does not fit.
    pub fn event<E: WebhookEvent>(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<E, WebhookError> {
        let text = self.text(headers, body)?;
        let name: String = self.read(text, self.webhook.event)?;
        E::read(&name, &Delivery { of: self, text })
    }

    fn read<T: DeserializeOwned>(&self, text: &str, at: Pointer<'_>) -> Result<T, WebhookError> {
        decode::value_at(text, at, decode::read::<T>).map_err(|misfit| self.misfit(&misfit))
    }
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, known) = (self.webhook.name, self.secrets.len());
        write!(f, "WebhookVerifier({name}, {known} secrets)")
    }
}

/// A delivery that was believed, before its payload is read.
#[derive(Debug)]
pub struct Delivery<'a> {
    of: &'a WebhookVerifier,
    text: &'a str,
}

impl Delivery<'_> {
    /// The payload.
    ///
    /// # Errors
    ///
    /// It does not fit its type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, WebhookError> {
        self.of.read(self.text, self.of.webhook.payload)
    }

    /// The whole body, of an event that has no variant.
    ///
    /// # Errors
    ///
    /// It is no JSON.
    pub fn unknown(&self) -> Result<UnknownObject, WebhookError> {
        self.of.read(self.text, &[]).map(UnknownObject::new)
    }
}

/// What generated enums of events know of themselves.
pub trait WebhookEvent: Sized {
    /// The variant for the event of this name.
    ///
    /// # Errors
    ///
    /// The payload does not fit it.
    fn read(name: &str, delivery: &Delivery<'_>) -> Result<Self, WebhookError>;
}

/// What a header gives, decoded; `None`: it cannot be a proof of this kind.
fn given(proof: WebhookProof, value: &HeaderValue) -> Option<Vec<u8>> {
    let WebhookProof::HmacSha256 { encoding, prefix } = proof else {
        return (!value.is_empty()).then(|| value.as_bytes().to_vec());
    };
    let digits = value.to_str().ok()?.strip_prefix(prefix)?;
    let bytes = match encoding {
        WebhookEncoding::Hex => unhex(digits)?,
        WebhookEncoding::Base64 => digits.parse::<Base64>().ok()?.to_vec(),
    };
    (bytes.len() == SIGNATURE).then_some(bytes)
}

/// RFC 4648 §8: digits in pairs and nothing else.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;

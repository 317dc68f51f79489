//! What a builder is given for a credential: a value, somebody who gives values, or an OAuth 2 client.
//!
//! Nothing of it is ever shown. A value is checked where it is about to be used, and the error does not repeat it.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};

use super::fault::Fault;
use super::session::{AuthContext, Renew, Renewed};
use super::slot::Reason;
use crate::clock::BoxFuture;
use crate::error::{Error, Kind, Result};

/// The longest value, in bytes.
pub(super) const LONGEST: usize = 8 * 1024;

/// The value of a credential: a key, a token, or `user:password`.
///
/// It is checked when the client is built, or when a provider gives it: printable ASCII without leading or trailing
/// blanks, not empty, at most 8 KiB.
#[derive(Clone)]
pub struct CredentialValue {
    value: SecretString,
    valid: Valid,
}

#[derive(Clone, Copy)]
enum Valid {
    Unknown,
    For(Duration),
    Until(SystemTime),
}

impl CredentialValue {
    /// Checks a value now instead of when the client is built.
    ///
    /// # Errors
    ///
    /// When the value cannot be a credential. The error does not repeat it.
    pub fn new(value: impl Into<String>) -> Result<CredentialValue> {
        let value = CredentialValue::from(value.into());
        match value.fault() {
            Some(fault) => Err(Error::new(Kind::Auth, format!("the credential {fault}"))),
            None => Ok(value),
        }
    }

    /// The value ends so long from now. A provider is asked for another one a little before.
    #[must_use]
    pub fn valid_for(mut self, length: Duration) -> CredentialValue {
        self.valid = Valid::For(length);
        self
    }

    /// The value ends then, by this machine's clock. A provider is asked for another one a little before.
    #[must_use]
    pub fn valid_until(mut self, end: SystemTime) -> CredentialValue {
        self.valid = Valid::Until(end);
        self
    }

    pub(super) fn fault(&self) -> Option<&'static str> {
        fault_of(&self.value)
    }

    /// The bytes, if they can be a secret.
    #[cfg(feature = "webhooks")]
    pub(crate) fn checked(&self) -> Option<&[u8]> {
        let bytes = self.value.expose_secret().as_bytes();
        self.fault().is_none().then_some(bytes)
    }

    pub(super) fn secret(&self) -> &SecretString {
        &self.value
    }
}

/// Why a text cannot be a credential.
pub(super) fn fault_of(value: &SecretString) -> Option<&'static str> {
    let value = value.expose_secret();
    if value.is_empty() {
        Some("is empty")
    } else if value.len() > LONGEST {
        Some("is longer than 8 KiB")
    } else if !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        Some("has characters other than printable ASCII")
    } else if value.trim().len() < value.len() {
        Some("begins or ends with a blank")
    } else {
        None
    }
}

impl From<&str> for CredentialValue {
    fn from(value: &str) -> CredentialValue {
        SecretString::from(value).into()
    }
}

impl From<String> for CredentialValue {
    fn from(value: String) -> CredentialValue {
        SecretString::from(value).into()
    }
}

impl From<SecretString> for CredentialValue {
    fn from(value: SecretString) -> CredentialValue {
        CredentialValue {
            value,
            valid: Valid::Unknown,
        }
    }
}

impl fmt::Debug for CredentialValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// What a provider is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    credential: &'static str,
    reason: Reason,
}

impl Wanted {
    /// The credential's name in the description.
    #[must_use]
    pub fn credential(&self) -> &'static str {
        self.credential
    }

    /// The API rejected the last value (401), so the same one again would be of no use.
    #[must_use]
    pub fn was_rejected(&self) -> bool {
        self.reason == Reason::Rejected
    }
}

type Given = Result<CredentialValue, Box<dyn StdError + Send + Sync>>;
type Ask = dyn Fn(Wanted) -> BoxFuture<'static, Given> + Send + Sync;

/// Gives the values of a credential when they are needed: from a vault, a file, a login of the application's own.
///
/// It is asked when there is no value, shortly before the one there ends, and after the API has rejected one; never by
/// two calls at once, and no cancelled call stops it. It bounds its own time, and makes no call that needs this
/// credential. Clones are one provider, which matters to
/// quotas that are counted by credential.
///
/// ```
/// use std::time::Duration;
/// use etiquette_runtime::{CredentialProvider, CredentialValue};
///
/// let provider = CredentialProvider::new(|wanted| async move {
///     let token = if wanted.was_rejected() { "a new one" } else { "the cached one" };
///     Ok(CredentialValue::new(token)?.valid_for(Duration::from_secs(3600)))
/// });
/// # drop(provider);
/// ```
#[derive(Clone)]
pub struct CredentialProvider {
    ask: Arc<Ask>,
    id: u64,
}

impl CredentialProvider {
    /// A provider that asks this function. What its error says becomes part of a call's error, so it is to name no
    /// secret.
    pub fn new<F, Fut>(ask: F) -> CredentialProvider
    where
        F: Fn(Wanted) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Given> + Send + 'static,
    {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        CredentialProvider {
            ask: Arc::new(move |wanted| Box::pin(ask(wanted))),
            id: NEXT.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl fmt::Debug for CredentialProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialProvider")
    }
}

/// A provider at work for one credential.
pub(super) struct Asked {
    pub(super) provider: CredentialProvider,
    pub(super) credential: &'static str,
    pub(super) context: AuthContext,
}

impl Renew for Asked {
    fn renew(self: Arc<Self>, reason: Reason) -> BoxFuture<'static, Result<Renewed, Fault>> {
        Box::pin(async move {
            let wanted = Wanted {
                credential: self.credential,
                reason,
            };
            let given = (self.provider.ask)(wanted).await;
            let AuthContext { clock, scrub, .. } = &self.context;
            let given = given.map_err(|error| {
                Fault::new(scrub.text(&format!("its provider failed: {error}")))
            })?;
            let lifetime = match given.valid {
                Valid::Unknown => None,
                Valid::For(length) => Some(length),
                Valid::Until(end) => Some(end.duration_since(clock.wall()).unwrap_or_default()),
            };
            if lifetime == Some(Duration::ZERO) {
                return Err(Fault::new("its provider gave a value that has ended"));
            }
            Ok(Renewed {
                value: given.value,
                from: clock.now(),
                lifetime,
            })
        })
    }

    fn fingerprint(&self) -> u64 {
        super::fingerprint(&format!("provider {}", self.provider.id))
    }
}

/// What a credential's values come from. Made by `into` from a text, a [`CredentialValue`], a [`CredentialProvider`] or,
/// with the feature `oauth2`, an `OAuthClient`.
#[derive(Clone)]
pub struct CredentialSource(pub(super) Source);

#[derive(Clone)]
pub(super) enum Source {
    Value(CredentialValue),
    Provider(CredentialProvider),
    #[cfg(feature = "oauth2")]
    OAuth(super::oauth::OAuthClient),
}

impl From<&str> for CredentialSource {
    fn from(value: &str) -> CredentialSource {
        CredentialValue::from(value).into()
    }
}

impl From<String> for CredentialSource {
    fn from(value: String) -> CredentialSource {
        CredentialValue::from(value).into()
    }
}

impl From<SecretString> for CredentialSource {
    fn from(value: SecretString) -> CredentialSource {
        CredentialValue::from(value).into()
    }
}

impl From<CredentialValue> for CredentialSource {
    fn from(value: CredentialValue) -> CredentialSource {
        CredentialSource(Source::Value(value))
    }
}

impl From<CredentialProvider> for CredentialSource {
    fn from(provider: CredentialProvider) -> CredentialSource {
        CredentialSource(Source::Provider(provider))
    }
}

#[cfg(feature = "oauth2")]
impl From<super::oauth::OAuthClient> for CredentialSource {
    fn from(client: super::oauth::OAuthClient) -> CredentialSource {
        CredentialSource(Source::OAuth(client))
    }
}

impl fmt::Debug for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

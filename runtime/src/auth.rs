//! Static credentials: checked once, turned into ready header values, and chosen by an operation's alternatives.
//!
//! A value is never shown: not in errors, not in `Debug`, not in part. Our copies are wiped when they are dropped; the
//! buffers of header values and of TLS are not.

mod sign;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Kind, Result};
use crate::operation::{Api, Credential, Operation};

pub(crate) use sign::{Signer, fingerprint};

/// The longest value, in bytes.
const LONGEST: usize = 8 * 1024;

/// The value of a credential: a key, a token, or `user:password`.
///
/// It is checked when the client is built: printable ASCII without leading or trailing blanks, not empty, at most 8 KiB.
#[derive(Clone)]
pub struct CredentialValue(SecretString);

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

    fn fault(&self) -> Option<&'static str> {
        let value = self.0.expose_secret();
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
}

impl From<&str> for CredentialValue {
    fn from(value: &str) -> CredentialValue {
        CredentialValue(value.into())
    }
}

impl From<String> for CredentialValue {
    fn from(value: String) -> CredentialValue {
        CredentialValue(value.into())
    }
}

impl From<SecretString> for CredentialValue {
    fn from(value: SecretString) -> CredentialValue {
        CredentialValue(value)
    }
}

impl fmt::Debug for CredentialValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// The credentials of a client, in the order of its API's table.
pub(crate) struct Credentials(Box<[Option<Signer>]>);

impl Credentials {
    /// Takes given values, and the others from the environment, as far as they are set.
    pub(crate) fn new(
        api: &'static Api,
        given: &[(&'static Credential, CredentialValue)],
    ) -> Result<Credentials> {
        let mut signers = Vec::with_capacity(api.credentials.len());
        for credential in api.credentials {
            let value = match given
                .iter()
                .rev()
                .find(|(of, _)| std::ptr::eq(*of, *credential))
            {
                Some((_, value)) => Some(value.clone()),
                None => from_env(credential)?,
            };
            signers.push(match value {
                Some(value) => Some(signer(credential, &value)?),
                None => None,
            });
        }
        Ok(Credentials(signers.into()))
    }

    /// The credentials that sign this operation: those of the first alternative that were all given.
    pub(crate) fn choose(
        &self,
        operation: &'static Operation,
    ) -> Result<&'static [&'static Credential]> {
        if operation.security.is_empty() {
            return Ok(&[]);
        }
        let complete = |all: &&&'static [&'static Credential]| {
            all.iter()
                .all(|credential| self.signer(operation.api, credential).is_some())
        };
        match operation.security.iter().find(complete) {
            Some(all) => Ok(all),
            None => Err(Error::of(operation, Kind::Auth, wanted(operation))),
        }
    }

    pub(crate) fn signer(&self, api: &'static Api, credential: &Credential) -> Option<&Signer> {
        let place = api
            .credentials
            .iter()
            .position(|known| std::ptr::eq(*known, credential))?;
        self.0.get(place)?.as_ref()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Signer> {
        self.0.iter().flatten()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({} given)", self.all().count())
    }
}

fn signer(credential: &'static Credential, value: &CredentialValue) -> Result<Signer> {
    match value.fault() {
        Some(fault) => Err(Error::new(
            Kind::Auth,
            format!("the credential `{}` {fault}", credential.name),
        )),
        None => Signer::new(credential, &value.0),
    }
}

/// An empty variable counts as unset, because that is how shells and containers unset one.
fn from_env(credential: &Credential) -> Result<Option<CredentialValue>> {
    let Some(name) = credential.env else {
        return Ok(None);
    };
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value.into())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Error::new(Kind::Auth, format!("`{name}` is not UTF-8")))
        }
    }
}

/// Names what would have to be given: `key(…) or HIVE_API_KEY`.
fn wanted(operation: &Operation) -> String {
    let mut text = String::from("no credential was given; set ");
    for (number, all) in operation.security.iter().enumerate() {
        if number > 0 {
            text.push_str(", or ");
        }
        for (number, credential) in all.iter().enumerate() {
            if number > 0 {
                text.push_str(" and ");
            }
            text.push_str(&format!("`{}` in the builder", credential.name));
            if let Some(env) = credential.env {
                text.push_str(&format!(" (or {env} in the environment)"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row E11: hostile values are refused and never repeated.
    #[test]
    fn hostile_values_are_refused_without_an_echo() {
        for value in [
            "",
            "canary\r\nX-Evil: 1",
            "canary\n",
            "canary\0",
            "canär-canary",
            " canary",
            "canary ",
        ] {
            let error = CredentialValue::new(value).unwrap_err();
            assert_eq!(error.kind(), Kind::Auth, "{value:?}");
            assert!(
                !format!("{error} {error:?}").contains("canary"),
                "{value:?}"
            );
        }
        assert!(CredentialValue::new("x".repeat(LONGEST + 1)).is_err());
        assert!(CredentialValue::new("x".repeat(LONGEST)).is_ok());
    }

    /// Rows K1, K10: the mark has one length.
    #[test]
    fn debug_shows_nothing() {
        assert_eq!(
            format!(
                "{:?} {:#?}",
                CredentialValue::from("canary"),
                CredentialValue::from("c")
            ),
            "[REDACTED] [REDACTED]"
        );
    }
}

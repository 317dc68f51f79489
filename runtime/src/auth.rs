//! The credentials of a client: what was given or stands in the environment, chosen by an operation's alternatives.
//!
//! Static values are checked once and turned into ready header values; others are renewed by a `session` each. A value
//! is never shown: not in errors, not in `Debug`, not in part. Our copies are wiped when they are dropped; those in
//! requests, header values and the buffers of TLS are not.

mod fault;
#[cfg(feature = "oauth2")]
mod oauth;
mod session;
mod sign;
mod slot;
mod source;
#[cfg(feature = "oauth2")]
mod store;

use std::fmt;
use std::sync::Arc;

use http::Uri;
use http::header::HeaderMap;

use crate::clock::{BoxFuture, Moment};
use crate::error::{Error, Kind, Result};
use crate::operation::{Api, Credential, CredentialKind, Operation};

use session::Session;
use sign::Signer;
use source::{Asked, Source};

#[cfg(feature = "oauth2")]
pub use oauth::{ImplicitLogin, Login, OAuthClient};
pub(crate) use session::AuthContext;
pub(crate) use sign::fingerprint;
pub use source::{CredentialProvider, CredentialSource, CredentialValue, Wanted};
#[cfg(feature = "oauth2")]
pub use store::{FileTokenStore, StoreError, StoreLock, StoredToken, TokenStore};

/// The credentials of a client, in the order of its API's table.
pub(crate) struct Credentials {
    given: Box<[Option<Given>]>,
    /// Any of them is renewed; without one, nothing ever waits.
    renews: bool,
}

enum Given {
    Fixed(Signer),
    Renewed(Arc<Session>),
}

/// What an attempt was signed with: the youngest generation of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

/// What came of signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    With(Stamp),
    /// A value has ended or was rejected since `ready`.
    Expired,
    /// The URL is too long with its credential.
    TooLong,
}

impl Credentials {
    /// Takes what was given, and the others from the environment, as far as they are set.
    pub(crate) fn new(
        api: &'static Api,
        given: &[(&'static Credential, CredentialSource)],
        context: &AuthContext,
    ) -> Result<Credentials> {
        let mut all = Vec::with_capacity(api.credentials.len());
        for credential in api.credentials {
            let is_it = |(of, _): &&(&'static Credential, _)| std::ptr::eq(*of, *credential);
            let source = match given.iter().rev().find(is_it) {
                Some((_, source)) => Some(source.clone()),
                None => from_env(credential)?,
            };
            all.push(match source {
                Some(source) => Some(Given::new(credential, source, context)?),
                None => None,
            });
        }
        let renews = |given: &Option<Given>| matches!(given, Some(Given::Renewed(_)));
        Ok(Credentials {
            renews: all.iter().any(renews),
            given: all.into(),
        })
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
                .all(|credential| self.given(operation.api, credential).is_some())
        };
        match operation.security.iter().find(complete) {
            Some(all) => Ok(all),
            None => Err(Error::of(operation, Kind::Auth, wanted(operation))),
        }
    }

    /// `None` when all of them can sign now. Else their renewals are under way, whoever waits for them.
    pub(crate) fn ready(
        &self,
        api: &'static Api,
        signers: &'static [&'static Credential],
        now: Moment,
    ) -> Option<BoxFuture<'static, Result<()>>> {
        let waits: Vec<_> = self
            .sessions(api, signers)
            .filter_map(|session| session.ready(now))
            .collect();
        if waits.is_empty() {
            return None;
        }
        Some(Box::pin(async move {
            for wait in waits {
                wait.await?;
            }
            Ok(())
        }))
    }

    /// Signs the head of a request: the last thing that is done to it.
    pub(crate) fn sign(
        &self,
        api: &'static Api,
        signers: &[&'static Credential],
        now: Moment,
        headers: &mut HeaderMap,
        uri: &mut Uri,
    ) -> Signed {
        let mut stamp = Stamp(0);
        for credential in signers {
            let is_signed = match self.given(api, credential) {
                Some(Given::Fixed(signer)) => signer.sign(headers, uri),
                Some(Given::Renewed(session)) => match session.signer(now) {
                    Some((signer, generation)) => {
                        stamp.0 = stamp.0.max(generation);
                        signer.sign(headers, uri)
                    }
                    None => return Signed::Expired,
                },
                // `choose` takes only what was given.
                None => true,
            };
            if !is_signed {
                return Signed::TooLong;
            }
        }
        Signed::With(stamp)
    }

    /// Whether there can be other values than those that the API rejected.
    pub(crate) fn may_refresh(&self, api: &'static Api, signers: &[&'static Credential]) -> bool {
        self.sessions(api, signers).next().is_some()
    }

    /// The API rejected (401) what was signed with this stamp. Values that are newer already are left alone.
    pub(crate) fn rejected(
        &self,
        api: &'static Api,
        signers: &[&'static Credential],
        stamp: Stamp,
    ) {
        self.sessions(api, signers)
            .for_each(|session| session.reject(stamp.0));
    }

    /// Tells credentials apart and cannot be turned back; it stays when a value is renewed, and differs from process to
    /// process.
    pub(crate) fn fingerprint(
        &self,
        api: &'static Api,
        credential: &'static Credential,
    ) -> Option<u64> {
        Some(match self.given(api, credential)? {
            Given::Fixed(signer) => signer.fingerprint(),
            Given::Renewed(session) => session.fingerprint(),
        })
    }

    fn given(&self, api: &'static Api, credential: &Credential) -> Option<&Given> {
        let place = api
            .credentials
            .iter()
            .position(|known| std::ptr::eq(*known, credential))?;
        self.given.get(place)?.as_ref()
    }

    fn sessions<'a>(
        &'a self,
        api: &'static Api,
        signers: &'a [&'static Credential],
    ) -> impl Iterator<Item = &'a Arc<Session>> {
        let signers = if self.renews { signers } else { &[] };
        signers
            .iter()
            .filter_map(move |credential| match self.given(api, credential)? {
                Given::Renewed(session) => Some(session),
                Given::Fixed(_) => None,
            })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Credentials({} given)",
            self.given.iter().flatten().count()
        )
    }
}

impl Given {
    fn new(
        credential: &'static Credential,
        source: CredentialSource,
        context: &AuthContext,
    ) -> Result<Given> {
        match source.0 {
            Source::Value(value) => {
                if let Some(fault) = value.fault() {
                    let text = format!("the credential `{}` {fault}", credential.name);
                    return Err(Error::new(Kind::Auth, text));
                }
                let signer = Signer::new(credential, value.secret())?;
                context.scrub.add(signer.spellings());
                Ok(Given::Fixed(signer))
            }
            Source::Provider(provider) => {
                let asked = Asked {
                    provider,
                    credential: credential.name,
                    context: context.clone(),
                };
                let context = context.clone();
                Ok(Given::Renewed(Session::new(
                    credential,
                    Arc::new(asked),
                    context,
                )))
            }
            #[cfg(feature = "oauth2")]
            Source::OAuth(client) => {
                let grant = client.grant(credential, context)?;
                let context = context.clone();
                Ok(Given::Renewed(Session::new(credential, grant, context)))
            }
        }
    }
}

/// What the environment says of a credential. Those of OAuth 2 clients have variables of their own.
fn from_env(credential: &'static Credential) -> Result<Option<CredentialSource>> {
    let Some(name) = credential.env else {
        return Ok(None);
    };
    match credential.kind {
        #[cfg(feature = "oauth2")]
        CredentialKind::ClientCredentials(_) | CredentialKind::RefreshToken(_) => {
            Ok(OAuthClient::from_env(credential, name)?.map(CredentialSource::from))
        }
        #[cfg(not(feature = "oauth2"))]
        CredentialKind::ClientCredentials(_) | CredentialKind::RefreshToken(_) => Ok(None),
        CredentialKind::Bearer { .. }
        | CredentialKind::Basic { .. }
        | CredentialKind::Header { .. }
        | CredentialKind::Query { .. } => Ok(variable(name)?.map(CredentialSource::from)),
    }
}

/// An empty variable counts as unset, because that is how shells and containers unset one.
pub(crate) fn variable(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
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
            match (credential.env, credential.kind) {
                (None, _) => {}
                (
                    Some(env),
                    CredentialKind::ClientCredentials(_) | CredentialKind::RefreshToken(_),
                ) => {
                    if cfg!(feature = "oauth2") {
                        text.push_str(&format!(
                            " (or {env}_CLIENT_ID and so on in the environment)"
                        ));
                    }
                }
                (Some(env), _) => text.push_str(&format!(" (or {env} in the environment)")),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use source::LONGEST;

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

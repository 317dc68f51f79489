//! OAuth 2 tokens: the client credentials grant (RFC 6749 §4.4), the code of a login (§4.1) and refresh tokens (§6),
//! which may rotate.
//!
//! A renewal is asked for by a `session`, one at a time. With a store, it holds the store's lock from the first look to
//! the last write, so that of several processes one renews and the others take over what it got. A refresh token is
//! written before anyone uses the access token that came with it.

mod answer;
mod endpoint;
mod login;
mod redirect;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::fault::Fault;
use super::session::{AuthContext, Renew, Renewed};
use super::sign::{self, spellings};
use super::slot::Reason;
use super::store::{StoreError, StoreLock, StoredToken, TokenStore};
use crate::clock::BoxFuture;
use crate::error::{Error, Kind, Result};
use crate::operation::{Credential, CredentialKind, OAuth2};

use endpoint::{Ask, Endpoint, Refused};
pub use login::{ImplicitLogin, Login};

/// How often a store that somebody else holds is asked again, and for how long.
const LOCK_PAUSE: Duration = Duration::from_millis(100);
const LOCK_WAIT: Duration = Duration::from_secs(300);

/// An OAuth 2 client, as it is registered with the API: it gets tokens, and renews them shortly before they end and
/// after the API has rejected one (401).
///
/// ```
/// use etiquette_runtime::{FileTokenStore, OAuthClient};
///
/// let client = OAuthClient::new("my-app", "its secret")
///     .with_refresh_token("what the login gave")
///     .with_store(FileTokenStore::new("/var/lib/my-app/token"));
/// # drop(client);
/// ```
#[derive(Clone)]
pub struct OAuthClient {
    id: String,
    secret: SecretString,
    refresh: Option<SecretString>,
    code: Option<Code>,
    store: Option<Arc<dyn TokenStore>>,
    token_url: Option<String>,
    scopes: Option<Vec<String>>,
}

/// What a login gave, to be exchanged for tokens once (RFC 6749 §4.1.3).
#[derive(Clone)]
struct Code {
    code: SecretString,
    redirect: String,
    /// RFC 7636 §4.5.
    verifier: Option<SecretString>,
}

impl OAuthClient {
    /// A client with this id and this secret.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> OAuthClient {
        OAuthClient {
            id: id.into(),
            secret: secret.into().into(),
            refresh: None,
            code: None,
            store: None,
            token_url: None,
            scopes: None,
        }
    }

    /// The refresh token to begin with. One that a store keeps for the same beginning is newer and counts instead.
    #[must_use]
    pub fn with_refresh_token(mut self, token: impl Into<String>) -> OAuthClient {
        self.refresh = Some(token.into().into());
        self
    }

    /// Keeps tokens there, across restarts and together with other processes. A server that replaces refresh tokens
    /// makes a store necessary: the one to begin with is of no use then after the first renewal.
    #[must_use]
    pub fn with_store(mut self, store: impl TokenStore) -> OAuthClient {
        self.store = Some(Arc::new(store));
        self
    }

    /// Asks another token endpoint than the described one: `https`, or `http` on this machine.
    #[must_use]
    pub fn with_token_url(mut self, url: impl Into<String>) -> OAuthClient {
        self.token_url = Some(url.into());
        self
    }

    /// Asks for these scopes instead of the described ones.
    #[must_use]
    pub fn with_scopes<S: Into<String>>(
        mut self,
        scopes: impl IntoIterator<Item = S>,
    ) -> OAuthClient {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Reads `<name>_CLIENT_ID`, `<name>_CLIENT_SECRET` and, where the API takes one, `<name>_REFRESH_TOKEN`.
    pub(super) fn from_env(
        credential: &'static Credential,
        name: &str,
    ) -> Result<Option<OAuthClient>> {
        let read = |part: &str| super::variable(&format!("{name}_{part}"));
        let (id, secret) = (read("CLIENT_ID")?, read("CLIENT_SECRET")?);
        let (refresh, wanted) = match credential.kind {
            CredentialKind::RefreshToken(_) => (read("REFRESH_TOKEN")?, true),
            _ => (None, false),
        };
        match (id, secret, refresh) {
            (None, None, None) => Ok(None),
            (Some(id), Some(secret), refresh) if refresh.is_some() == wanted => {
                let mut client = OAuthClient::new(id, secret);
                client.refresh = refresh.map(SecretString::from);
                Ok(Some(client))
            }
            _ => {
                let more = if wanted { ", `_REFRESH_TOKEN`" } else { "" };
                let text = format!(
                    "of `{name}_CLIENT_ID`, `_CLIENT_SECRET`{more} some are set and some are not"
                );
                Err(Error::new(Kind::Auth, text))
            }
        }
    }

    /// Checks all that can be checked without asking the server.
    pub(super) fn grant(
        self,
        credential: &'static Credential,
        context: &AuthContext,
    ) -> Result<Arc<Grant>> {
        let refuse = |why: &str| {
            let text = format!("the credential `{}` {why}", credential.name);
            Err(Error::new(Kind::Auth, text))
        };
        let (oauth, renews): (&OAuth2, bool) = match credential.kind {
            CredentialKind::ClientCredentials(oauth) => (oauth, false),
            CredentialKind::RefreshToken(oauth) => (oauth, true),
            _ => return refuse("is no OAuth 2 token; it takes a value or a provider"),
        };
        let code = self.code.as_ref();
        let secrets = [
            Some(&self.secret),
            self.refresh.as_ref(),
            code.map(|code| &code.code),
            code.and_then(|code| code.verifier.as_ref()),
        ];
        for secret in secrets.into_iter().flatten() {
            if let Some(fault) = super::source::fault_of(secret) {
                return refuse(fault);
            }
            context.scrub.add(&spellings(secret));
        }
        if let Some(fault) = super::source::fault_of(&self.id.as_str().into()) {
            return refuse(&format!("has a client id that {fault}"));
        }
        if renews && self.refresh.is_none() && code.is_none() && self.store.is_none() {
            return refuse("needs a refresh token, or a store that has one, or a login");
        }
        if !renews && (self.refresh.is_some() || code.is_some()) {
            return refuse("takes no refresh token and no login");
        }
        let scope = match &self.scopes {
            Some(scopes) => scopes.join(" "),
            None => oauth.scopes.join(" "),
        };
        let url = self.token_url.as_deref().unwrap_or(oauth.token_url);
        let own = |text: &SecretString| mark(&[text.expose_secret()]);
        let client = mark(&[&self.id, url, &scope]);
        let endpoint = Endpoint::new(oauth, url, self.id, self.secret, scope, context)?;
        Ok(Arc::new(Grant {
            seed: code
                .map(|code| &code.code)
                .or(self.refresh.as_ref())
                .map(own),
            client,
            renews,
            given: self.refresh,
            store: self.store,
            endpoint,
            held: Mutex::new(Held {
                code: self.code,
                ..Held::default()
            }),
        }))
    }
}

impl fmt::Debug for OAuthClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OAuthClient([REDACTED])")
    }
}

/// An OAuth 2 client at work for one credential.
pub(super) struct Grant {
    renews: bool,
    given: Option<SecretString>,
    /// Marks of the client and of the first refresh token, so that a store's token of another login is known as such.
    client: u64,
    seed: Option<u64>,
    store: Option<Arc<dyn TokenStore>>,
    endpoint: Endpoint,
    held: Mutex<Held>,
}

/// What this process got last.
#[derive(Default)]
struct Held {
    access: Option<SecretString>,
    refresh: Option<SecretString>,
    /// The store could not write it.
    unsaved: bool,
    /// What a login gave, until it is sent.
    code: Option<Code>,
}

/// A token from the server or from the store.
struct Token {
    access: SecretString,
    renewed: Renewed,
}

impl Renew for Grant {
    fn renew(self: Arc<Self>, _: Reason) -> BoxFuture<'static, Result<Renewed, Fault>> {
        Box::pin(async move {
            let _lock = self.lock().await?;
            let token = self.token().await?;
            self.held().access = Some(token.access);
            Ok(token.renewed)
        })
    }

    fn fingerprint(&self) -> u64 {
        sign::fingerprint(&format!("oauth {} {:?}", self.client, self.seed))
    }
}

impl Grant {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store's lock, asked for until whoever has it gives it back.
    async fn lock(&self) -> Result<Option<StoreLock>, Fault> {
        let Some(store) = &self.store else {
            return Ok(None);
        };
        let clock = &self.endpoint.context.clock;
        let until = clock.now() + LOCK_WAIT;
        loop {
            let in_flight = clock.attempt();
            let locked = store.try_lock().await;
            drop(in_flight);
            match locked {
                Ok(Some(lock)) => return Ok(Some(lock)),
                Ok(None) if clock.now() >= until => {
                    return Err(Fault::new("its token store stays locked by somebody else"));
                }
                Ok(None) => clock.sleep(clock.now() + LOCK_PAUSE).await,
                Err(error) => return Err(self.store_fault(&error)),
            }
        }
    }

    /// What the store has for this client, and this login.
    async fn load(&self) -> Result<Option<StoredToken>, Fault> {
        let Some(store) = &self.store else {
            return Ok(None);
        };
        let in_flight = self.endpoint.context.clock.attempt();
        let stored = store.load().await;
        drop(in_flight);
        let stored = stored.map_err(|error| self.store_fault(&error))?;
        let is_ours = |stored: &StoredToken| {
            stored.client == self.client && (self.seed.is_none() || stored.seed == self.seed)
        };
        let stored = stored.filter(is_ours);
        if let Some(stored) = &stored {
            let secrets = [Some(&stored.access), stored.refresh.as_ref()];
            let all = secrets.into_iter().flatten().flat_map(spellings);
            self.endpoint.context.scrub.learn(all.collect());
        }
        Ok(stored)
    }

    /// Takes a token over that somebody else got, or else gets one.
    async fn token(&self) -> Result<Token, Fault> {
        if let Some(token) = self.log_in().await? {
            return Ok(token);
        }
        let mut tried: Vec<SecretString> = Vec::new();
        loop {
            let stored = self.load().await?;
            if let Some(token) = stored.as_ref().and_then(|stored| self.adopt(stored)) {
                return Ok(token);
            }
            let refresh = self.refresh_token(stored.as_ref());
            if self.renews && refresh.is_none() {
                return Err(Fault::new("it has no refresh token; a new login gets one"));
            }
            let seed = self.seed.or(stored.and_then(|stored| stored.seed));
            let ask = refresh.as_ref().map_or(Ask::Client, Ask::Refresh);
            match self.endpoint.ask(ask).await {
                Ok(answer) => return Ok(self.keep(answer, refresh, seed).await),
                // Somebody who does not know the lock may have used it up, and have written what came of it.
                Err(Refused {
                    fault,
                    is_grant: true,
                    ..
                }) if self.store.is_some() => {
                    let again = self.load().await?;
                    let next = self.refresh_token(again.as_ref());
                    tried.extend(refresh);
                    let is_new = |next: &SecretString| !tried.iter().any(|old| same(old, next));
                    if !next.as_ref().is_some_and(is_new) || tried.len() > 3 {
                        return Err(fault);
                    }
                }
                Err(Refused { fault, .. }) => return Err(fault),
            }
        }
    }

    /// Exchanges what a login gave, if it gave something. A code counts once (RFC 6749 §4.1.2), so one that may have
    /// arrived is not sent again. Whatever the store has is of an older login.
    async fn log_in(&self) -> Result<Option<Token>, Fault> {
        let Some(code) = self.held().code.take() else {
            return Ok(None);
        };
        match self.endpoint.ask(Ask::Code(&code)).await {
            Ok(answer) => Ok(Some(self.keep(answer, None, self.seed).await)),
            Err(refused) => {
                if refused.is_unspent {
                    self.held().code = Some(code);
                }
                Err(refused.fault)
            }
        }
    }

    /// The newest refresh token that is known.
    fn refresh_token(&self, stored: Option<&StoredToken>) -> Option<SecretString> {
        if !self.renews {
            return None;
        }
        let held = self.held();
        let stored = stored.and_then(|stored| stored.refresh.as_ref());
        let newest = if held.unsaved {
            held.refresh.as_ref().or(stored)
        } else {
            stored.or(held.refresh.as_ref())
        };
        newest.or(self.given.as_ref()).cloned()
    }

    /// A stored token that is not the one which has ended or was rejected.
    fn adopt(&self, stored: &StoredToken) -> Option<Token> {
        let clock = &self.endpoint.context.clock;
        let mut held = self.held();
        if held.unsaved
            || held
                .access
                .as_ref()
                .is_some_and(|old| same(old, &stored.access))
        {
            return None;
        }
        let lifetime = match stored.expires {
            None => None,
            Some(expires) => {
                let left = expires.duration_since(clock.wall()).ok()?;
                let whole = expires.duration_since(stored.issued).unwrap_or(left);
                // A clock that was set back does not make a token live longer than it was meant to.
                let left = left.min(whole);
                (left > (whole / 10).min(Duration::from_secs(60))).then_some(left)?;
                Some(left)
            }
        };
        held.refresh.clone_from(&stored.refresh);
        Some(Token {
            access: stored.access.clone(),
            renewed: Renewed {
                value: stored.access.clone(),
                from: clock.now(),
                lifetime,
            },
        })
    }

    /// Keeps what the server issued: in memory, for the scrubbing of errors, in the store; then it may be used.
    async fn keep(
        &self,
        answer: answer::Answer,
        refresh: Option<SecretString>,
        seed: Option<u64>,
    ) -> Token {
        let AuthContext { clock, scrub, .. } = &self.endpoint.context;
        let rotated = answer.refresh.is_some();
        let refresh = if self.renews {
            answer.refresh.or(refresh)
        } else {
            None
        };
        let secrets = [Some(&answer.access), refresh.as_ref()];
        scrub.learn(secrets.into_iter().flatten().flat_map(spellings).collect());
        self.held().refresh.clone_from(&refresh);
        if let Some(store) = &self.store {
            let issued = clock.wall();
            let stored = StoredToken {
                access: answer.access.clone(),
                refresh,
                issued,
                expires: answer
                    .lifetime
                    .and_then(|lifetime| issued.checked_add(lifetime)),
                client: self.client,
                seed,
            };
            let _in_flight = clock.attempt();
            let mut saved = store.save(stored.clone()).await;
            if saved.is_err() {
                saved = store.save(stored).await;
            }
            // The token is good, so calls go on; but what the store has now may be of no use to anyone.
            if let Err(error) = &saved {
                let text = self.store_fault(error).text;
                tracing::warn!(rotated, "a renewed token was not saved: {text}");
            }
            self.held().unsaved = saved.is_err();
        }
        Token {
            access: answer.access.clone(),
            renewed: Renewed {
                value: answer.access,
                from: answer.from,
                lifetime: answer.lifetime,
            },
        }
    }

    fn store_fault(&self, error: &StoreError) -> Fault {
        let text = format!("its token store failed: {error}");
        Fault::new(self.endpoint.context.scrub.text(&text))
    }
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// Tells texts apart, the same in every process: FNV-1a. It is kept beside the secrets that it stands for.
fn mark(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

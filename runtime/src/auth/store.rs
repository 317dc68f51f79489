//! Where tokens are kept: across restarts, and together with other processes.
//!
//! A store is a caller's; ours is a file. What it is given are secrets, and it keeps them so.

mod file;

use std::any::Any;
use std::fmt;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::clock::BoxFuture;
use crate::error::{Error, Kind, Result};
use crate::value;

pub use file::FileTokenStore;

/// Why a store failed. Its text becomes part of a call's error, so it is to name no secret.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// Keeps the token of one login. A renewal locks it, loads, asks the server, saves, and unlocks.
///
/// A renewal, and all calls that wait for it, wait for the store, so it bounds its own time.
///
/// Processes that share a store share its lock too: that is what keeps two of them from using up the same refresh
/// token. A lock has to come free by itself when its process dies.
pub trait TokenStore: Send + Sync + 'static {
    /// Locks the store, or says at once that somebody else has: it is asked again a little later.
    ///
    /// # Errors
    ///
    /// When it cannot be locked at all. The renewal fails then.
    fn try_lock(&self) -> BoxFuture<'static, Result<Option<StoreLock>, StoreError>>;

    /// The token that was saved last, if there is one.
    ///
    /// # Errors
    ///
    /// When nobody can say. The renewal fails then.
    fn load(&self) -> BoxFuture<'static, Result<Option<StoredToken>, StoreError>>;

    /// Keeps this token instead. It has to be whole and durable when this ends: the one before may be of no use.
    ///
    /// # Errors
    ///
    /// When it is not kept. It is asked once more then, and the process goes on with what it has in memory.
    fn save(&self, token: StoredToken) -> BoxFuture<'static, Result<(), StoreError>>;
}

/// The lock of a store. It ends when this is dropped.
#[must_use = "the lock ends when this is dropped"]
pub struct StoreLock {
    _guard: Box<dyn Any + Send + Sync>,
}

impl StoreLock {
    /// A lock that ends when this value is dropped.
    pub fn new(guard: impl Any + Send + Sync) -> StoreLock {
        StoreLock {
            _guard: Box::new(guard),
        }
    }
}

impl fmt::Debug for StoreLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreLock")
    }
}

/// A token as a store keeps it. Its only spelling is [`to_json`](StoredToken::to_json).
#[derive(Clone)]
pub struct StoredToken {
    pub(super) access: SecretString,
    pub(super) refresh: Option<SecretString>,
    pub(super) issued: SystemTime,
    pub(super) expires: Option<SystemTime>,
    /// Marks of the client, and of the refresh token with which its login began.
    pub(super) client: u64,
    pub(super) seed: Option<u64>,
}

impl StoredToken {
    /// The token as a JSON text: secrets in clear.
    #[must_use]
    pub fn to_json(&self) -> value::SecretString {
        let refresh = self.refresh.as_ref().map(ExposeSecret::expose_secret);
        let json = json!({
            "access_token": self.access.expose_secret(),
            "refresh_token": refresh,
            "issued": seconds(self.issued),
            "expires": self.expires.map(seconds),
            "client": format!("{:016x}", self.client),
            "seed": self.seed.map(|seed| format!("{seed:016x}")),
        });
        json.to_string().into()
    }

    /// Reads what [`to_json`](StoredToken::to_json) wrote.
    ///
    /// # Errors
    ///
    /// When it is something else. The error does not repeat it.
    pub fn from_json(text: &str) -> Result<StoredToken> {
        let bad = || Error::new(Kind::Auth, "what the token store has is no token");
        let Ok(Value::Object(members)) = serde_json::from_str(text) else {
            return Err(bad());
        };
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let secret = |name: &str| {
            let secret = text(name).map(SecretString::from);
            secret.filter(|secret| super::source::fault_of(secret).is_none())
        };
        let time = |name: &str| {
            let seconds = members.get(name).and_then(Value::as_u64)?;
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
        };
        let mark = |name: &str| u64::from_str_radix(text(name)?, 16).ok();
        Ok(StoredToken {
            access: secret("access_token").ok_or_else(bad)?,
            refresh: secret("refresh_token"),
            issued: time("issued").ok_or_else(bad)?,
            expires: time("expires"),
            client: mark("client").ok_or_else(bad)?,
            seed: mark("seed"),
        })
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

impl fmt::Debug for StoredToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredToken([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_as_it_was() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        for (refresh, expires, seed) in [
            (None, None, None),
            (Some("re\"fresh\\".into()), Some(at(2_000)), Some(u64::MAX)),
        ] {
            let token = StoredToken {
                access: "acc\"ess".into(),
                refresh,
                issued: at(1_000),
                expires,
                client: 7,
                seed,
            };
            let text = token.to_json();
            let back = StoredToken::from_json(text.expose_secret()).unwrap();
            assert_eq!(back.to_json(), text);
            assert_eq!(back.access.expose_secret(), "acc\"ess");
            assert_eq!((back.expires, back.seed), (expires, seed));
            assert_eq!(
                format!("{token:?} {text:?}"),
                "StoredToken([REDACTED]) [REDACTED]"
            );
        }
    }

    #[test]
    fn something_else_is_refused_without_an_echo() {
        for text in [
            "",
            "canary",
            "{}",
            "[]",
            r#"{"access_token":"canary\n","issued":1,"client":"1"}"#,
        ] {
            let error = StoredToken::from_json(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
    }
}

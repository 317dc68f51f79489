//! Why a credential could not be renewed, told to all who waited for it.
//!
//! Its text was scrubbed where it was made. It is cloned for each caller, because an error cannot be.

use std::time::{Duration, SystemTime};

use crate::error::{Error, Kind};
use crate::operation::Credential;

#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) kind: Kind,
    pub(super) text: String,
    /// The token endpoint asked to be left alone for so long.
    pub(super) wait: Option<Duration>,
    pub(super) retry_at: Option<SystemTime>,
}

impl Fault {
    pub(super) fn new(text: impl Into<String>) -> Fault {
        Fault {
            kind: Kind::Auth,
            text: text.into(),
            wait: None,
            retry_at: None,
        }
    }

    /// The error of a call that needs the credential. The call itself was not sent.
    pub(super) fn error(self, credential: &Credential) -> Error {
        let text = format!("the credential `{}`: {}", credential.name, self.text);
        let mut error = Error::new(self.kind, text);
        error.inner_mut().retry_at = self.retry_at;
        error
    }
}

//! Getting tokens before any call needs them.
//!
//! It begins the same renewals that calls begin and waits for them. It must not send a request of its own.

use super::core::Core;
use crate::error::Result;

impl Core {
    /// Gets the tokens that the next calls would get.
    ///
    /// # Errors
    ///
    /// One of them cannot be got.
    pub async fn log_in(&self) -> Result<()> {
        let (api, now) = (self.api(), self.clock().now());
        match self.credentials().ready(api, api.credentials, now) {
            Some(wait) => wait.await,
            None => Ok(()),
        }
    }
}

/// Gives a generated client of an API with tokens the function that gets them.
#[macro_export]
macro_rules! logs_in {
    ($C:ident) => {
        impl $C {
            /// Gets the tokens that the next call would get, so that a login ends now, or that a wrong secret is known
            /// now.
            ///
            /// # Errors
            ///
            /// A token cannot be got.
            pub async fn log_in(&self) -> $crate::codegen::Result<()> {
                self.0.log_in().await
            }
        }
    };
}

/// Gives generated logins of a credential the function that begins one.
#[macro_export]
macro_rules! login {
    ($L:ident: $credential:ident, $table:ident $(,)?) => {
        impl $L {
            /// Begins a login by code (RFC 6749, section 4.1). The redirect is one that the client is registered with.
            ///
            /// The person is sent to `Login::url`. What their browser is sent back with
            /// goes into `Login::finish`, which gives what the builder takes.
            ///
            /// # Errors
            ///
            /// The client's id or the redirect cannot be sent.
            pub fn begin(
                client: &$crate::codegen::OAuthClient,
                redirect: impl ::core::convert::AsRef<str>,
            ) -> $crate::codegen::Result<$crate::codegen::Login> {
                let redirect = ::core::convert::AsRef::as_ref(&redirect);
                $crate::codegen::Login::new(&$credential, &$table, client, redirect)
            }
        }
    };
}

/// The same for logins that give a token at once.
#[macro_export]
macro_rules! implicit_login {
    ($L:ident: $credential:ident, $table:ident $(,)?) => {
        impl $L {
            /// Begins a login that gives a token at once and no way to renew it (RFC 6749, section 4.2): for applications
            /// that can keep no secret.
            ///
            /// # Errors
            ///
            /// The client's id or the redirect cannot be sent.
            pub fn begin_implicit(
                client_id: impl ::core::convert::AsRef<str>,
                redirect: impl ::core::convert::AsRef<str>,
            ) -> $crate::codegen::Result<$crate::codegen::ImplicitLogin> {
                let client_id = ::core::convert::AsRef::as_ref(&client_id);
                let redirect = ::core::convert::AsRef::as_ref(&redirect);
                $crate::codegen::ImplicitLogin::new(&$credential, &$table, client_id, redirect)
            }
        }
    };
}

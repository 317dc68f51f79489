//! The tables of credentials: what signs a request, and where a token is got.
//!
//! Plain data, as the rest of the tables; `auth` reads it.

use super::Verb;

/// A parameter of the client, sent with each request when it was given to the builder.
#[derive(Debug)]
pub struct ClientParam {
    /// Its name in the description.
    pub name: &'static str,
    /// A header, or else a query parameter.
    pub in_header: bool,
    /// The name on the wire.
    pub param: &'static str,
}

/// A way to authenticate.
#[derive(Debug)]
pub struct Credential {
    /// Its name in the description.
    pub name: &'static str,
    /// How it signs.
    pub kind: CredentialKind,
    /// The environment variable that `from_env` reads.
    pub env: Option<&'static str>,
}

/// How a credential signs a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// `Authorization: <prefix><value>`.
    Bearer {
        /// `Bearer ` with its blank.
        prefix: &'static str,
    },
    /// `Authorization: Basic base64(user:password)`; the value is `user:password`, or the user alone.
    Basic {
        /// The value is the user and the password is empty.
        user_only: bool,
    },
    /// `<header>: <prefix><value>`.
    Header {
        /// Lower case.
        header: &'static str,
        /// Verbatim before the value.
        prefix: &'static str,
    },
    /// `?<param>=<value>`.
    Query {
        /// The parameter.
        param: &'static str,
    },
    /// A token that is got with a client's id and secret (RFC 6749 §4.4).
    ClientCredentials(&'static OAuth2),
    /// A token that is got with a refresh token, which may be replaced each time (RFC 6749 §6).
    RefreshToken(&'static OAuth2),
}

/// Where and how a token is got, and how it signs.
#[derive(Debug, PartialEq, Eq)]
pub struct OAuth2 {
    /// The token endpoint: `https`, or `http` on this machine; the builder can replace it.
    pub token_url: &'static str,
    /// `Post`, or `Get` for APIs that ask for it.
    pub method: Verb,
    /// The grant travels as a form in the body, or else in the query.
    pub form: bool,
    /// The client authenticates by HTTP basic, or else among the grant's parameters (RFC 6749 §2.3.1).
    pub basic: bool,
    /// Scopes to ask for.
    pub scopes: &'static [&'static str],
    /// How the token signs: a bearer token, a header, or a query parameter.
    pub sign: TokenPlace,
}

/// Where a token stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPlace {
    /// `<header>: <prefix><token>`.
    Header {
        /// Lower case.
        header: &'static str,
        /// Verbatim before the token.
        prefix: &'static str,
    },
    /// `?<param>=<token>`.
    Query {
        /// The parameter.
        param: &'static str,
    },
}

/// Where a person lets an application in, so that it gets a token (RFC 6749 §4.1 and §4.2).
#[derive(Debug)]
pub struct Authorize {
    /// The authorization endpoint: `https`, or `http` on this machine.
    pub url: &'static str,
    /// Whether the code is bound to the client that asked for it (RFC 7636).
    pub pkce: bool,
}

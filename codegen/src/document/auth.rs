//! Credentials as written: how each is sent and, for OAuth 2, how its token is got.
//! Each value is well formed by itself once it was read. Must not ask which keys belong to which
//! kind, nor whether an endpoint may be used: lowering and the checks do.

use super::Spanned;
use super::policies::HeaderName;
use super::read::{document, plain_documents};
use super::words::{AuthKind, ClientProof, GrantPlace, GrantVerb};

document! {
    /// A credential.
    struct Auth {
        /// How it is sent, or how its token is got.
        kind: required Spanned<AuthKind>,
        /// The environment variable that it is usually kept in.
        env: optional Spanned<String>,
        /// What it is and where to get it.
        doc: optional Spanned<String>,
        /// The header that carries it.
        header: optional HeaderName,
        /// The query parameter that carries it.
        param: optional Spanned<String>,
        /// What is written before it, verbatim.
        prefix: optional Spanned<String>,
        /// Whether HTTP basic has a user and no password.
        user_only: optional Spanned<bool>,
        /// Where its token is got.
        token_url: optional Spanned<String>,
        /// With which verb.
        method: optional Spanned<GrantVerb>,
        /// Where the parameters of that request stand.
        send: optional Spanned<GrantPlace>,
        /// How the client proves who it is.
        client: optional Spanned<ClientProof>,
        /// Where a person lets an application in.
        authorize_url: optional Spanned<String>,
        /// Whether the code that comes of it is bound to who asked for it.
        pkce: optional Spanned<bool>,
        /// Whether it may give a token at once, without a code and a refresh.
        implicit: optional Spanned<bool>,
        /// What the token is to be good for.
        scopes: optional Spanned<Vec<Spanned<String>>>,
    }
}

plain_documents! { Auth }

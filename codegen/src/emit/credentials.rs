//! Credentials: their tables, and how each is got and sent, in words.
//! Assumes that constants are distinct. Must never print a secret: a description holds none.

use super::policies::option_text;
use super::{literal, words};
use crate::model::{Api, Authorize, Credential, CredentialKind, Grant, OAuth2, TokenPlace};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The static of a credential and, for OAuth 2, of how its token is got.
pub(super) fn emit(credential: &Credential) -> TokenStream {
    let constant = format_ident!("{}_CREDENTIAL", credential.constant);
    let (name, env) = (&credential.name.wire, option_text(credential.env.as_ref()));
    let (kind, oauth2) = match &credential.kind {
        CredentialKind::Bearer { prefix } => (quote! { Bearer { prefix: #prefix } }, None),
        CredentialKind::Basic { user_only } => (quote! { Basic { user_only: #user_only } }, None),
        CredentialKind::Header { header, prefix } => {
            let header = header.to_ascii_lowercase();
            (quote! { Header { header: #header, prefix: #prefix } }, None)
        }
        CredentialKind::Query { param } => {
            let param = literal::wire(param);
            (quote! { Query { param: #param } }, None)
        }
        CredentialKind::OAuth2(oauth2) => {
            let table = format_ident!("{}_OAUTH", credential.constant);
            let kind = match oauth2.grant {
                Grant::ClientCredentials => quote! { ClientCredentials(&#table) },
                Grant::RefreshToken => quote! { RefreshToken(&#table) },
            };
            let login = oauth2.authorize.as_ref();
            let login = login.map(|authorize| emit_login(credential, &constant, authorize));
            let oauth2 = emit_oauth2(&table, oauth2);
            (kind, Some(quote! { #oauth2 #login }))
        }
    };
    quote! {
        static #constant: Credential = Credential { name: #name, kind: CredentialKind::#kind, env: #env };
        #oauth2
    }
}

fn emit_oauth2(table: &proc_macro2::Ident, oauth2: &OAuth2) -> TokenStream {
    let url = literal::wire(&oauth2.token_url);
    let method = if oauth2.by_get {
        quote! { Get }
    } else {
        quote! { Post }
    };
    let (form, basic) = (oauth2.as_form, oauth2.by_basic);
    let scopes = oauth2.scopes.iter().map(|scope| literal::wire(scope));
    let sign = match &oauth2.token {
        TokenPlace::Header { header, prefix } => {
            let header = header.to_ascii_lowercase();
            quote! { Header { header: #header, prefix: #prefix } }
        }
        TokenPlace::Query { param } => {
            let param = literal::wire(param);
            quote! { Query { param: #param } }
        }
    };
    quote! {
        static #table: OAuth2 = OAuth2 {
            token_url: #url,
            method: Verb::#method,
            form: #form,
            basic: #basic,
            scopes: &[#(#scopes),*],
            sign: TokenPlace::#sign,
        };
    }
}

/// What begins a login: an empty struct with the functions of its flows.
fn emit_login(
    credential: &Credential,
    constant: &proc_macro2::Ident,
    authorize: &Authorize,
) -> TokenStream {
    let (name, table) = (
        format_ident!("{}", authorize.rust),
        format_ident!("{}_LOGIN", credential.constant),
    );
    let (url, pkce) = (literal::wire(&authorize.url), authorize.pkce);
    let doc = words::lines(&[format!(
        "Logins of people for the credential {}, at {}.",
        words::code(&credential.name.wire),
        words::code(&authorize.url)
    )]);
    let implicit = authorize
        .implicit
        .then(|| quote! { runtime::implicit_login! { #name: #constant, #table } });
    quote! {
        #doc
        #[derive(Clone, Copy, Debug)]
        pub struct #name;
        runtime::login! { #name: #constant, #table }
        #implicit
        static #table: Authorize = Authorize { url: #url, pkce: #pkce };
    }
}

/// The builder's setter.
pub(super) fn emit_setter(credential: &Credential) -> TokenStream {
    let name = format_ident!("{}", credential.name.rust);
    let constant = format_ident!("{}_CREDENTIAL", credential.constant);
    let mut lines = words::paragraphs(
        &credential.doc,
        &format!("The credential `{}`", credential.name.wire),
    );
    if let Some(first) = lines.first_mut() {
        *first = words::sentence(first);
    }
    let env = variables(credential);
    let env = if env.is_empty() {
        String::new()
    } else {
        let verb = if env.len() == 1 { "is" } else { "are" };
        format!(" Without it {} {verb} read.", listed(&env))
    };
    lines.extend([
        String::new(),
        format!("It is {}.{env}", in_words(&credential.kind)),
        String::new(),
        what_to_give(&credential.kind).to_owned(),
    ]);
    let doc = words::lines(&lines);
    quote! {
        #doc
        pub fn #name(mut self, #name: impl Into<CredentialSource>) -> ClientBuilder {
            self.0.credential(&#constant, #name);
            self
        }
    }
}

fn what_to_give(kind: &CredentialKind) -> &'static str {
    const VALUE: &str = "A text, or a [`CredentialProvider`](crate::CredentialProvider), which is \
                         asked for one when it is needed.";
    match kind {
        CredentialKind::Bearer { .. }
        | CredentialKind::Basic { .. }
        | CredentialKind::Header { .. }
        | CredentialKind::Query { .. } => VALUE,
        CredentialKind::OAuth2(oauth2) if oauth2.authorize.is_some() => {
            "What a finished [`Login`](crate::Login) gives, or an [`OAuthClient`](crate::OAuthClient) \
             with a refresh token or a store, which gets tokens and renews them; or a token of one's \
             own, as a text or from a [`CredentialProvider`](crate::CredentialProvider)."
        }
        CredentialKind::OAuth2(_) => {
            "An [`OAuthClient`](crate::OAuthClient), which gets tokens and renews them; or a token \
             of one's own, as a text or from a [`CredentialProvider`](crate::CredentialProvider)."
        }
    }
}

/// The variables of the environment that are read for a credential.
pub(super) fn variables(credential: &Credential) -> Vec<String> {
    let Some(env) = &credential.env else {
        return Vec::new();
    };
    let parts: &[&str] = match &credential.kind {
        CredentialKind::OAuth2(oauth2) => match oauth2.grant {
            Grant::ClientCredentials => &["_CLIENT_ID", "_CLIENT_SECRET"],
            Grant::RefreshToken => &["_CLIENT_ID", "_CLIENT_SECRET", "_REFRESH_TOKEN"],
        },
        CredentialKind::Bearer { .. }
        | CredentialKind::Basic { .. }
        | CredentialKind::Header { .. }
        | CredentialKind::Query { .. } => &[""],
    };
    parts.iter().map(|part| format!("`{env}{part}`")).collect()
}

/// `a, b and c`
pub(super) fn listed(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// How a credential is sent, behind "it is".
pub(super) fn in_words(kind: &CredentialKind) -> String {
    match kind {
        CredentialKind::Bearer { prefix } => in_header("authorization", prefix),
        CredentialKind::Basic { user_only: true } => {
            "sent as the user of Basic authentication".to_owned()
        }
        CredentialKind::Basic { user_only: false } => {
            "`user:password` of Basic authentication".to_owned()
        }
        CredentialKind::Header { header, .. } => {
            format!("sent in the header {}", words::code(header))
        }
        CredentialKind::Query { param } => in_query(param),
        CredentialKind::OAuth2(oauth2) => {
            let place = match &oauth2.token {
                TokenPlace::Header { header, prefix } => in_header(header, prefix),
                TokenPlace::Query { param } => in_query(param),
            };
            let scopes: Vec<String> = oauth2.scopes.iter().map(|one| words::code(one)).collect();
            let scopes = match scopes.len() {
                0 => String::new(),
                1 => format!(" for the scope {}", listed(&scopes)),
                _ => format!(" for the scopes {}", listed(&scopes)),
            };
            format!(
                "a token that is got from {} with {}{scopes}, and {place}",
                words::code(&oauth2.token_url),
                grant(oauth2)
            )
        }
    }
}

fn grant(oauth2: &OAuth2) -> &'static str {
    match oauth2.grant {
        Grant::ClientCredentials => "the id and secret of a client (RFC 6749, section 4.4)",
        Grant::RefreshToken => "a refresh token (RFC 6749, section 6)",
    }
}

fn in_header(header: &str, prefix: &str) -> String {
    match (header, prefix) {
        ("authorization", "Bearer ") => "sent as a bearer token".to_owned(),
        ("authorization", prefix) => format!(
            "sent in `Authorization` after {}",
            words::code(prefix.trim_end())
        ),
        (header, _) => format!("sent in the header {}", words::code(header)),
    }
}

fn in_query(param: &str) -> String {
    format!("sent as the query parameter {}", words::code(param))
}

/// How a credential stands in a request, for the table of an API's page.
pub(super) fn sent(kind: &CredentialKind) -> String {
    let header = |header: &str, prefix: &str| match header {
        "authorization" => words::code(&format!("Authorization: {prefix}…")),
        header => words::code(&format!("{header}: {prefix}…")),
    };
    match kind {
        CredentialKind::Bearer { prefix } => header("authorization", prefix),
        CredentialKind::Basic { user_only: true } => {
            "`Authorization: Basic …`, the user alone".to_owned()
        }
        CredentialKind::Basic { user_only: false } => "`Authorization: Basic …`".to_owned(),
        CredentialKind::Header {
            header: name,
            prefix,
        } => header(name, prefix),
        CredentialKind::Query { param } => words::code(&format!("?{param}=…")),
        CredentialKind::OAuth2(oauth2) => {
            let place = match &oauth2.token {
                TokenPlace::Header {
                    header: name,
                    prefix,
                } => header(name, prefix),
                TokenPlace::Query { param } => words::code(&format!("?{param}=…")),
            };
            let from = words::code(&oauth2.token_url);
            format!("{place}, a token from {from} with {}", grant(oauth2))
        }
    }
}

/// Whether a token has to be got for one of the API's credentials.
pub(super) fn needs_oauth2(api: &Api) -> bool {
    let is_oauth2 = |one: &Credential| matches!(one.kind, CredentialKind::OAuth2(_));
    api.credentials.iter().any(is_oauth2)
}

//! Credentials: each kind with its own keys, and what holds where they are left out.
//! Assumes nothing but what is written. Must not judge endpoints, headers or scopes, which the
//! checks do, and never reads a variable of the environment: its name is kept.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{self, AuthKind, ClientProof, GrantPlace, GrantVerb, Spanned};
use crate::model::{Authorize, Credential, CredentialKind, Grant, OAuth2, TokenPlace};
use crate::names;

use super::client::setter;
use super::words;

pub(super) fn lower(api: &document::Api, diagnostics: &mut Diagnostics) -> Vec<Credential> {
    let lower = |(name, auth): &(Spanned<String>, document::Auth)| Credential {
        name: setter(name),
        constant: names::constant_name(&name.value),
        kind: lower_kind(name, auth, diagnostics),
        env: auth.env.as_ref().map(|env| env.value.clone()),
        doc: words::text(auth.doc.as_ref()),
        origin: words::origin(&name.place),
    };
    api.auth.iter().map(lower).collect()
}

fn lower_kind(
    name: &Spanned<String>,
    auth: &document::Auth,
    diagnostics: &mut Diagnostics,
) -> CredentialKind {
    check_keys(auth, diagnostics);
    let mut missing = |key: &str| {
        let message = format!("the credential `{}` does not say its `{key}`", name.value);
        diagnostics
            .push(Diagnostic::new("E060", &name.place, message).help(format!("add `{key}: …`")));
        // A placeholder that no check complains about.
        "missing".to_owned()
    };
    let prefix = auth.prefix.as_ref().map(|prefix| prefix.value.clone());
    let param = auth.param.as_ref().map(|param| param.value.clone());
    match auth.kind.value {
        AuthKind::Bearer => CredentialKind::Bearer {
            prefix: prefix.unwrap_or_else(|| "Bearer ".to_owned()),
        },
        AuthKind::Basic => CredentialKind::Basic {
            user_only: auth.user_only.as_ref().is_some_and(|said| said.value),
        },
        AuthKind::Header => CredentialKind::Header {
            header: header(auth).unwrap_or_else(|| missing("header")),
            prefix: prefix.unwrap_or_default(),
        },
        AuthKind::Query => CredentialKind::Query {
            param: param.unwrap_or_else(|| missing("param")),
        },
        AuthKind::ClientCredentials | AuthKind::Refresh => {
            let token_url = auth.token_url.as_ref().map(|url| url.value.clone());
            let token_url = token_url.unwrap_or_else(|| {
                missing("token_url");
                "https://missing.example".to_owned()
            });
            CredentialKind::OAuth2(Box::new(lower_oauth2(name, auth, token_url)))
        }
    }
}

fn lower_oauth2(name: &str, auth: &document::Auth, token_url: String) -> OAuth2 {
    let by_get = auth
        .method
        .as_ref()
        .is_some_and(|verb| verb.value == GrantVerb::Get);
    OAuth2 {
        grant: if auth.kind.value == AuthKind::Refresh {
            Grant::RefreshToken
        } else {
            Grant::ClientCredentials
        },
        token_url,
        by_get,
        // A GET has no body (RFC 9110, section 9.3.1), so that nothing is left but the query.
        as_form: match auth.send.as_ref().map(|place| place.value) {
            Some(GrantPlace::Form) => true,
            Some(GrantPlace::Query) => false,
            None => !by_get,
        },
        by_basic: auth
            .client
            .as_ref()
            .is_none_or(|proof| proof.value == ClientProof::Basic),
        scopes: match &auth.scopes {
            Some(scopes) => scopes.iter().map(|one| one.value.clone()).collect(),
            None => Vec::new(),
        },
        token: token_place(auth),
        authorize: auth.authorize_url.as_ref().map(|url| Authorize {
            rust: login_name(name),
            url: url.value.clone(),
            // RFC 9700, section 2.1.1: for every client; a server that does not know it ignores it.
            pkce: auth.pkce.as_ref().is_none_or(|said| said.value),
            implicit: auth.implicit.as_ref().is_some_and(|said| said.value),
        }),
    }
}

fn token_place(auth: &document::Auth) -> TokenPlace {
    if let Some(param) = &auth.param {
        return TokenPlace::Query {
            param: param.value.clone(),
        };
    }
    let prefix = auth.prefix.as_ref().map(|prefix| prefix.value.clone());
    match header(auth) {
        Some(header) => TokenPlace::Header {
            header,
            prefix: prefix.unwrap_or_default(),
        },
        None => TokenPlace::Header {
            header: "authorization".to_owned(),
            prefix: prefix.unwrap_or_else(|| "Bearer ".to_owned()),
        },
    }
}

fn header(auth: &document::Auth) -> Option<String> {
    let header = auth.header.as_ref()?;
    Some(header.value.0.to_ascii_lowercase())
}

fn check_keys(auth: &document::Auth, diagnostics: &mut Diagnostics) {
    let kind = auth.kind.value;
    let allowed: &[&str] = match kind {
        AuthKind::Bearer => &["prefix"],
        AuthKind::Basic => &["user_only"],
        AuthKind::Header => &["header", "prefix"],
        AuthKind::Query => &["param"],
        AuthKind::Refresh => &[
            "header",
            "param",
            "prefix",
            "token_url",
            "method",
            "send",
            "client",
            "scopes",
            "authorize_url",
            "pkce",
            "implicit",
        ],
        AuthKind::ClientCredentials => &[
            "header",
            "param",
            "prefix",
            "token_url",
            "method",
            "send",
            "client",
            "scopes",
        ],
    };
    for (key, place) in said(auth) {
        if allowed.contains(&key) {
            continue;
        }
        let word = AuthKind::WORDS[kind as usize];
        let message = format!("a credential of the kind `{word}` has no `{key}`");
        let help = format!("remove `{key}`, or change `kind`");
        diagnostics.push(Diagnostic::new("E060", place, message).help(help));
    }
    if matches!(kind, AuthKind::ClientCredentials | AuthKind::Refresh) {
        check_token(auth, diagnostics);
        check_login(auth, diagnostics);
    }
}

/// A token travels in one place, and the request for it has a place for its parameters.
fn check_token(auth: &document::Auth, diagnostics: &mut Diagnostics) {
    let in_header = auth.header.as_ref().map(|header| &header.place);
    let in_header = in_header.or(auth.prefix.as_ref().map(|prefix| &prefix.place));
    if let (Some(param), Some(header)) = (&auth.param, in_header) {
        let message = "the token would travel twice, in a header and in the query";
        let found = Diagnostic::new("E060", &param.place, message).also(header, "the header");
        diagnostics.push(found.help("write `header`, or better nothing, instead of `param`"));
    }
    if let (Some(verb), Some(place)) = (&auth.method, &auth.send)
        && (verb.value, place.value) == (GrantVerb::Get, GrantPlace::Form)
    {
        let found = Diagnostic::new("E060", &place.place, "a GET has no body for a form");
        diagnostics.push(found.help("write `send: query`, or `method: post`"));
    }
}

/// What begins a login of a credential in Rust: `SessionLogin`.
pub(super) fn login_name(credential: &str) -> String {
    names::join_types(&[&names::type_name(credential), "Login"])
}

/// What is said of a login needs a page to log in at.
fn check_login(auth: &document::Auth, diagnostics: &mut Diagnostics) {
    if auth.authorize_url.is_some() || auth.kind.value != AuthKind::Refresh {
        return;
    }
    let flags = [("pkce", &auth.pkce), ("implicit", &auth.implicit)];
    for (key, said) in flags
        .iter()
        .filter_map(|(key, said)| Some((key, said.as_ref()?)))
    {
        let message = format!("`{key}` belongs to a login, and nothing says where that is");
        let help = format!("add `authorize_url`, or remove `{key}`");
        diagnostics.push(Diagnostic::new("E060", &said.place, message).help(help));
    }
}

/// The keys that belong to some kinds only, as far as they are given.
fn said(auth: &document::Auth) -> impl Iterator<Item = (&'static str, &Place)> {
    let all = [
        ("header", auth.header.as_ref().map(|said| &said.place)),
        ("param", auth.param.as_ref().map(|said| &said.place)),
        ("prefix", auth.prefix.as_ref().map(|said| &said.place)),
        ("user_only", auth.user_only.as_ref().map(|said| &said.place)),
        ("token_url", auth.token_url.as_ref().map(|said| &said.place)),
        ("method", auth.method.as_ref().map(|said| &said.place)),
        ("send", auth.send.as_ref().map(|said| &said.place)),
        ("client", auth.client.as_ref().map(|said| &said.place)),
        ("scopes", auth.scopes.as_ref().map(|said| &said.place)),
        (
            "authorize_url",
            auth.authorize_url.as_ref().map(|said| &said.place),
        ),
        ("pkce", auth.pkce.as_ref().map(|said| &said.place)),
        ("implicit", auth.implicit.as_ref().map(|said| &said.place)),
    ];
    all.into_iter()
        .filter_map(|(key, place)| Some((key, place?)))
}

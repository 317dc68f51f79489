//! How requests are signed: what names a credential, where it travels and where a token is got.
//!
//! A token endpoint is sent the secret of a client, so its url keeps the rules of a base url.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Api, Credential, CredentialKind, OAuth2, Origin, TokenPlace};

use super::{addresses, headers, parameters, place, walk};

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for credential in &api.credentials {
        check_credential(credential, diagnostics);
    }
    check_order(api, diagnostics);
}

fn check_credential(credential: &Credential, diagnostics: &mut Diagnostics) {
    let origin = &credential.origin;
    let name = &credential.name.wire;
    if let Some(env) = credential.env.as_deref() {
        check_env(env, origin, diagnostics);
    }
    match &credential.kind {
        CredentialKind::Bearer { prefix } => {
            headers::check_prefix(prefix, name, origin, diagnostics);
        }
        CredentialKind::Basic { user_only: _ } => {}
        CredentialKind::Header { header, prefix } => {
            headers::check_credential_name(header, origin, diagnostics);
            headers::check_prefix(prefix, name, origin, diagnostics);
        }
        CredentialKind::Query { param } => parameters::check_query_name(param, origin, diagnostics),
        CredentialKind::OAuth2(oauth2) => check_oauth2(oauth2, name, origin, diagnostics),
    }
}

/// The name of an environment variable.
pub(super) fn check_env(env: &str, origin: &Origin, diagnostics: &mut Diagnostics) {
    if is_env_name(env) {
        return;
    }
    let message = format!("`{env}` is no name of an environment variable");
    let help = "write upper-case letters, digits and `_`, such as `USERS_API_KEY`";
    diagnostics.push(Diagnostic::new("E079", &place::of_word(origin, env), message).help(help));
}

fn check_oauth2(oauth2: &OAuth2, name: &str, origin: &Origin, diagnostics: &mut Diagnostics) {
    const NO_QUERY: &str =
        "keep only scheme, host, port and path; the parameters of the grant are sent by themselves";
    let authorize = oauth2.authorize.as_ref().map(|authorize| &authorize.url);
    let urls = [("token", Some(&oauth2.token_url)), ("authorize", authorize)];
    for (what, url) in urls.iter().filter_map(|(what, url)| Some((what, (*url)?))) {
        let wrong = if url.contains(['{', '}']) {
            Err((
                "has a variable".to_owned(),
                "write the url as it is; the application can set another one",
            ))
        } else {
            addresses::check_url(url, NO_QUERY)
        };
        if let Err((message, help)) = wrong {
            let message = format!("the {what} url of `{name}` {message}");
            let at = place::of_word(origin, url);
            diagnostics.push(Diagnostic::new("E104", &at, message).help(help));
        }
    }
    for (index, scope) in oauth2.scopes.iter().enumerate() {
        let at = place::of_word(origin, scope);
        if !is_scope(scope) {
            let message = format!("`{}` is no scope", scope.escape_debug());
            let help = "write one scope in each entry of the list: visible ASCII without blanks, quotes and backslashes";
            diagnostics.push(Diagnostic::new("E060", &at, message).help(help));
        }
        if oauth2.scopes[..index].contains(scope) {
            let message = format!("the scope `{scope}` stands twice");
            diagnostics.push(Diagnostic::new("E060", &at, message).help("write each scope once"));
        }
    }
    match &oauth2.token {
        TokenPlace::Header { header, prefix } => {
            headers::check_credential_name(header, origin, diagnostics);
            headers::check_prefix(prefix, name, origin, diagnostics);
        }
        TokenPlace::Query { param } => parameters::check_query_name(param, origin, diagnostics),
    }
}

/// RFC 6749, section 3.3: `scope-token`.
fn is_scope(scope: &str) -> bool {
    !scope.is_empty()
        && scope
            .bytes()
            .all(|byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~'))
}

/// POSIX.1-2017, base definitions 8.1: upper-case letters, digits and `_`, no digit first.
fn is_env_name(name: &str) -> bool {
    let legal = |char: char| char.is_ascii_uppercase() || char.is_ascii_digit() || char == '_';
    !name.is_empty()
        && name.len() <= 128
        && name.chars().all(legal)
        && !name.starts_with(|char: char| char.is_ascii_digit())
}

/// The first alternative that was given signs: one in the query must not shut out one in a header.
fn check_order(api: &Api, diagnostics: &mut Diagnostics) {
    let methods = walk::methods(api).into_iter();
    let mut shown = Vec::new();
    for security in methods.map(|(_, method)| &method.security) {
        let Some(in_query) = first_in_query(api, security) else {
            continue;
        };
        // Most methods share one list, and one finding about it is enough.
        if shown.contains(&security) {
            continue;
        }
        shown.push(security);
        let name = &in_query.name.wire;
        let message = format!("`{name}` signs in the query although a header would do");
        let help =
            "write the alternative with the header first: `security: [[token], [access_token]]`";
        diagnostics.push(Diagnostic::new("W012", &place::of(&in_query.origin), message).help(help));
    }
}

/// The first credential in the query that stands before an alternative without one.
fn first_in_query<'a>(api: &'a Api, security: &[Vec<usize>]) -> Option<&'a Credential> {
    let in_query = |alternative: &Vec<usize>| {
        let all = alternative.iter().filter_map(|at| api.credentials.get(*at));
        all.into_iter().find(|one| is_in_query(one))
    };
    let (at, found) = security
        .iter()
        .enumerate()
        .find_map(|(at, alternative)| Some((at, in_query(alternative)?)))?;
    let behind = security.get(at + 1..)?;
    let header =
        |alternative: &Vec<usize>| !alternative.is_empty() && in_query(alternative).is_none();
    behind.iter().any(header).then_some(found)
}

fn is_in_query(credential: &Credential) -> bool {
    match &credential.kind {
        CredentialKind::Bearer { .. }
        | CredentialKind::Basic { .. }
        | CredentialKind::Header { .. } => false,
        CredentialKind::Query { .. } => true,
        CredentialKind::OAuth2(oauth2) => matches!(oauth2.token, TokenPlace::Query { .. }),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_env_name, is_scope};

    #[test]
    fn names_of_variables_are_those_of_a_shell() {
        assert!(is_env_name("USERS_API_KEY") && is_env_name("_A1"));
        for name in ["", "1A", "users_key", "A-B", "A B", "A=1"] {
            assert!(!is_env_name(name), "{name}");
        }
    }

    #[test]
    fn scopes_are_tokens_of_their_own() {
        for scope in ["read", "https://api.example.com/auth/orders.read", "a:b+c~"] {
            assert!(is_scope(scope), "{scope}");
        }
        for scope in ["", "a b", "a\"b", "a\\b", "ä", "a\n"] {
            assert!(!is_scope(scope), "{scope:?}");
        }
    }
}

//! Where requests go: environments, and what any url must be like to which credentials are sent.
//!
//! A base URL is parsed with `http::Uri`, as the transport will do, after its variables are filled
//! in with their defaults.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::Uri;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Api, Environment};

use super::{paths, place};

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    if api.environments.is_empty() {
        let help = "write `production: {url: \"https://…\"}` below `environments`";
        diagnostics.push(
            Diagnostic::new("E073", &place::of(&api.origin), "there is no environment").help(help),
        );
    }
    for environment in &api.environments {
        check_variables(environment, diagnostics);
        if let Err((message, help)) = read_url(environment) {
            let at = place::of_word(&environment.origin, &environment.url);
            let message = format!("the url of `{}` {message}", environment.name.wire);
            diagnostics.push(Diagnostic::new("E073", &at, message).help(help));
        }
    }
}

/// The names between braces; `None` if a brace is not closed or not opened.
pub(super) fn placeholders(template: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find(['{', '}']) {
        let inside = rest[open..].strip_prefix('{')?;
        let close = inside.find(['{', '}'])?;
        rest = inside[close..].strip_prefix('}')?;
        names.push(&inside[..close]);
    }
    Some(names)
}

/// The template with each placeholder replaced; one whose braces do not match stays as it is.
pub(super) fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, name, after)) = split(rest) {
        filled.push_str(before);
        filled.push_str(&value(name));
        rest = after;
    }
    filled + rest
}

fn split(template: &str) -> Option<(&str, &str, &str)> {
    let (before, behind) = template.split_once('{')?;
    let (name, after) = behind.split_once('}')?;
    Some((before, name, after))
}

fn check_variables(environment: &Environment, diagnostics: &mut Diagnostics) {
    let used = placeholders(&environment.url).unwrap_or_default();
    let declared = || {
        environment
            .vars
            .iter()
            .map(|variable| variable.name.wire.as_str())
    };
    for name in &used {
        if !declared().any(|known| known == *name) {
            let at = place::of_word(&environment.origin, name);
            let message = format!("the url's variable `{{{name}}}` is not described");
            let help = format!("write `vars: {{{name}: {{default: …}}}}` beside `url`");
            diagnostics.push(
                Diagnostic::new("E074", &at, message)
                    .help(help)
                    .suggest(name, declared()),
            );
        }
    }
    for name in declared().filter(|name| !used.contains(name)) {
        let at = place::of_word(&environment.origin, name);
        let message = format!("the variable `{name}` does not stand in the url");
        let help = format!("write `{{{name}}}` into the url, or remove the variable");
        diagnostics.push(Diagnostic::new("E074", &at, message).help(help));
    }
}

pub(super) type Refused = (String, &'static str);

fn refused<T>(message: impl Into<String>, help: &'static str) -> Result<T, Refused> {
    Err((message.into(), help))
}

fn read_url(environment: &Environment) -> Result<(), Refused> {
    check_url(
        &fill_in(environment)?,
        "keep only scheme, host, port and path; parameters belong to `defaults.query`",
    )
}

/// What is wrong with a url to which credentials are sent, and what to write; the second text is
/// what to do with a query.
pub(super) fn check_url(url: &str, no_query: &'static str) -> Result<(), Refused> {
    const WHOLE: &str = "write a whole url such as `https://api.example.com/v1`";
    for (mark, name) in [('?', "a query"), ('#', "a fragment")] {
        if url.contains(mark) {
            return refused(format!("has {name}"), no_query);
        }
    }
    if url.contains(|char: char| !char.is_ascii_graphic()) {
        return refused(
            "holds characters that a url cannot hold",
            "percent-encode them (RFC 3986, section 2.1)",
        );
    }
    let Ok(uri) = url.parse::<Uri>() else {
        return refused("is none", WHOLE);
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return refused("is not absolute", WHOLE);
    };
    // RFC 9110, section 4.2.4: user information in an http url is deprecated, and it would be logged.
    if authority.as_str().contains('@') {
        return refused(
            "holds a user name or password",
            "remove everything up to the `@`; credentials belong to `auth`",
        );
    }
    if !is_host(authority.host()) {
        return refused(format!("has no valid host: `{}`", authority.host()), WHOLE);
    }
    let port = authority.as_str()[authority.host().len()..].strip_prefix(':');
    if port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|port| port > 0)) {
        return refused("has no valid port", "write a port from 1 to 65535, or none");
    }
    match scheme {
        "https" => {}
        "http" if is_loopback(authority.host()) => {}
        "http" => {
            return refused(
                "would send credentials in the clear",
                "write `https://`; `http://` is for loopback hosts only",
            );
        }
        other => return refused(format!("has the scheme `{other}`"), "write `https://`"),
    }
    match paths::check_literal(uri.path().trim_end_matches('/')) {
        Ok(()) => Ok(()),
        Err((message, help)) => refused(format!("has a path that {message}"), help),
    }
}

/// The url as it is when the builder says nothing.
fn fill_in(environment: &Environment) -> Result<String, Refused> {
    if placeholders(&environment.url).is_none() {
        return refused(
            "has a brace without its partner",
            "write variables as `{name}`",
        );
    }
    for variable in &environment.vars {
        let Some(value) = &variable.default else {
            continue;
        };
        let harmless = |char: char| char.is_ascii_alphanumeric() || "-._~:".contains(char);
        if value.is_empty() || !value.chars().all(harmless) {
            let message = format!(
                "cannot hold `{}` as `{}`",
                value.escape_debug(),
                variable.name.wire
            );
            return refused(
                message,
                "write a default of letters, digits, `-`, `.`, `_`, `~` and `:`",
            );
        }
    }
    // A variable that is not described has its own finding and shall not cause a second one.
    let value = |name: &str| {
        let variable = environment
            .vars
            .iter()
            .find(|variable| variable.name.wire == name);
        variable
            .and_then(|variable| variable.default.clone())
            .unwrap_or_else(|| "x".to_owned())
    };
    Ok(fill(&environment.url, value))
}

/// RFC 9110, section 4.2 with RFC 3986, section 3.2.2, without its percent-encoded names.
fn is_host(host: &str) -> bool {
    if let Some(literal) = host.strip_prefix('[') {
        return literal
            .strip_suffix(']')
            .is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    let label = |label: &str| {
        let legal = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(legal)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || address
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
        || address
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{fill, is_host, is_loopback, placeholders};

    #[test]
    fn placeholders_are_read_between_matching_braces() {
        assert_eq!(placeholders("https://{a}.{b}/c"), Some(vec!["a", "b"]));
        assert_eq!(placeholders("a"), Some(Vec::new()));
        for broken in ["{", "}", "{a", "a}", "{{a}}", "{a}}", "{a{b}"] {
            assert_eq!(placeholders(broken), None, "{broken}");
        }
        assert_eq!(fill("/{a}/b/{c}", str::to_uppercase), "/A/b/C");
    }

    #[test]
    fn hosts_are_names_or_addresses() {
        for host in [
            "a",
            "a.example",
            "1.2.3.4",
            "[::1]",
            "[2001:db8::1]",
            "a-b.example",
            "_a.example",
        ] {
            assert!(is_host(host), "{host}");
        }
        for host in [
            "",
            ".",
            "a..b",
            "-a",
            "a-",
            "a b",
            "[::g]",
            "[::1",
            "ä.example",
            "a.example.",
            "a%20b",
        ] {
            assert!(!is_host(host), "{host}");
        }
    }

    /// Only what can never leave the machine may be plain http.
    #[test]
    fn names_that_only_look_like_loopback_are_none() {
        for host in [
            "localhost",
            "a.localhost",
            "127.0.0.1",
            "127.8.8.8",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "192.168.0.1",
            "[::2]",
            "0.0.0.0",
            "notlocalhost",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}

//! Row I25: secrets that were pasted into a description.
//!
//! Descriptions are committed and published with the crate. A finding shows where the secret stands
//! and never the secret: diagnostics end up in the logs of a build.

mod texts;

use std::sync::Arc;

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::{Api, Origin};

use super::place;
use texts::Text;

/// How keys of well-known vendors begin, and how many characters follow at least.
const PREFIXES: &[(&str, usize)] = &[
    ("sk_live_", 8),
    ("sk_test_", 16),
    ("rk_live_", 8),
    ("whsec_", 16),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("xoxa-", 16),
    ("xapp-", 16),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("ya29.", 20),
    ("SG.", 30),
    ("shpat_", 20),
    ("npm_", 30),
    ("pypi-", 30),
    ("sk-ant-", 20),
    ("sk-proj-", 20),
    ("dop_v1_", 30),
    ("hf_", 30),
];

/// Words that announce a secret when one of them stands just before something random.
const ANNOUNCING: &[&str] = &[
    "apikey",
    "authorization",
    "bearer",
    "credential",
    "key",
    "passwd",
    "password",
    "secret",
    "token",
];

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for Text { origin, what, text } in texts::of(api) {
        if let Some((secret, kind)) = find(text) {
            let message = format!("{what} holds what looks like {kind}");
            let help = "remove it and have it replaced, since it may be in the history already; \
                        write `env` with the name of the variable that holds it";
            diagnostics.push(Diagnostic::new("E099", &masked(origin, secret), message).help(help));
        }
    }
}

/// The place of a secret, with the secret blotted out of the line that is shown.
fn masked(origin: &Origin, secret: &str) -> Place {
    let at = place::of_word(origin, secret);
    let dots = "*".repeat(secret.chars().count());
    let source_line = Arc::from(at.source_line.replace(secret, &dots));
    Place { source_line, ..at }
}

/// The first secret in a text, and what it looks like.
fn find(text: &str) -> Option<(&str, &'static str)> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some(("-----BEGIN", "a private key"));
    }
    let mut announced: u8 = 0;
    for word in text.split(|char: char| !char.is_ascii_alphanumeric() && !"-_.+/=".contains(char)) {
        let token = word
            .trim_matches(|char: char| ".=/-".contains(char) && char != '=')
            .trim_start_matches('=');
        if token.is_empty() {
            continue;
        }
        // `key=0123…` is one word; what stands behind the sign is the value.
        let (lead, value) = token
            .trim_end_matches('=')
            .rsplit_once('=')
            .unwrap_or(("", token));
        if announces(lead) {
            announced = 3;
        }
        if let Some(what) = look(value, announced > 0) {
            return Some((value, what));
        }
        announced = if announces(token) {
            3
        } else {
            announced.saturating_sub(1)
        };
    }
    None
}

fn announces(word: &str) -> bool {
    let bare: String = word
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|char| char.to_ascii_lowercase())
        .collect();
    ANNOUNCING
        .iter()
        .any(|announcing| bare.ends_with(announcing))
}

fn look(token: &str, announced: bool) -> Option<&'static str> {
    let of_a_vendor = PREFIXES.iter().any(|(prefix, least)| {
        token
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.len() >= *least && variety(rest) >= 6)
    });
    if of_a_vendor {
        return Some("a secret key");
    }
    if is_jwt(token) {
        return Some("a JSON Web Token");
    }
    (announced && is_random(token)).then_some("a secret")
}

/// RFC 7519: three base64url parts; the first two begin with `{"`.
fn is_jwt(token: &str) -> bool {
    let parts: Vec<&str> = token.split('.').collect();
    let base64url = |part: &&str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    parts.len() == 3
        && parts.iter().all(base64url)
        && parts[..2]
            .iter()
            .all(|part| part.starts_with("eyJ") && part.len() >= 12)
        && parts[2].len() >= 16
}

/// Long, of letters and digits, and not repetitive: no word, no placeholder such as `xxxxxxxx`.
fn is_random(token: &str) -> bool {
    let alphabet = token
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte));
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let letters = token.bytes().filter(u8::is_ascii_alphabetic).count();
    token.len() >= 32 && alphabet && digits >= 4 && letters >= 4 && variety(token) >= 10
}

/// How many different characters there are.
fn variety(text: &str) -> usize {
    let mut chars: Vec<char> = text.chars().collect();
    chars.sort_unstable();
    chars.dedup();
    chars.len()
}

#[cfg(test)]
mod tests;

//! Answers that are no JSON, are streamed, or lead to what stands elsewhere.
//! Assumes what the method says in words and nothing of its other policies. Whether a pointer leads to a
//! text is a rule over the model and not looked at here.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{self, DownloadTo, OutAs, Spanned};
use crate::model::{Answer, Follow, Plain, Ty};

use super::catalogue::Expr;
use super::inherit::Levels;

/// The answer of a method that says `download`.
pub(super) fn download(levels: &Levels<'_>, diagnostics: &mut Diagnostics) -> Option<Answer> {
    let download = levels.of_method(|method| method.download.as_ref())?;
    match download.value.to.value {
        DownloadTo::Bytes => {}
    }
    let others = [
        (
            "out",
            levels.of_method(|method| method.out.as_ref().map(|said| &said.place)),
        ),
        (
            "outcomes",
            levels.of_method(|method| method.outcomes.as_ref().map(|said| &said.place)),
        ),
        (
            "follow",
            levels.of_method(|method| method.follow.as_ref().map(|said| &said.place)),
        ),
    ];
    for (key, place) in others {
        let Some(place) = place else { continue };
        let message =
            format!("`{key}` says how the answer is read, and `download` does not read it");
        let help =
            "remove one of them; bytes that fit into memory are `out: {type: bytes, as: bytes}`";
        let found = Diagnostic::new("E113", place, message).help(help);
        diagnostics.push(found.also(&download.place, "the download"));
    }
    Some(Answer::Plain(Plain::Stream))
}

/// The answer that is no JSON, if `as` says so.
pub(super) fn plain(
    expr: &Expr,
    r#type: &Spanned<String>,
    r#as: Option<&Spanned<OutAs>>,
    from: Option<&Place>,
    diagnostics: &mut Diagnostics,
) -> Option<Answer> {
    let (plain, wanted, name) = match r#as?.value {
        OutAs::Json => return None,
        OutAs::Text => (Plain::Text, Ty::String, "string"),
        OutAs::Bytes => (Plain::Bytes, Ty::Bytes, "bytes"),
    };
    if *expr != Expr::Scalar(wanted) && *expr != Expr::Broken {
        let message = format!(
            "an answer that is no JSON cannot be read as `{}`",
            r#type.value
        );
        let help = format!("write `type: {name}`, or remove `as`");
        diagnostics.push(Diagnostic::new("E112", &r#type.place, message).help(help));
    }
    if let Some(from) = from {
        let message = "an answer that is no JSON has no places in it";
        let help = "remove `from`, which leads into JSON, or `as`";
        diagnostics.push(Diagnostic::new("E112", from, message).help(help));
    }
    Some(Answer::Plain(plain))
}

/// One of several answers is found by its status, and all of them are JSON.
pub(super) fn refuse_plain(answer: &Answer, place: &Place, diagnostics: &mut Diagnostics) {
    // A stream has been refused already.
    if matches!(answer, Answer::Plain(Plain::Text | Plain::Bytes)) {
        let message = "one of several outcomes cannot be text or bytes";
        let help = "describe it as JSON, or leave out `outcomes`";
        diagnostics.push(Diagnostic::new("E112", place, message).help(help));
    }
}

/// What a method says below `follow`.
pub(super) fn follow(levels: &Levels<'_>, diagnostics: &mut Diagnostics) -> Option<Follow> {
    let follow = levels.of_method(|method| method.follow.as_ref())?;
    let document::Follow {
        url,
        expires,
        origins,
    } = &follow.value;
    if origins.value.is_empty() {
        let message = "a URL that may lead nowhere is never followed";
        let help = "write where it may lead, such as `origins: [\"https://*.example.com\"]`";
        diagnostics.push(Diagnostic::new("E114", &origins.place, message).help(help));
    }
    for origin in &origins.value {
        if !is_origin(&origin.value) {
            let message = format!(
                "`{}` is no origin that may be followed",
                origin.value.escape_debug()
            );
            let help = "write `https://`, a host and perhaps a port; `*.` before a host of two or more labels stands for any before it";
            diagnostics.push(Diagnostic::new("E114", &origin.place, message).help(help));
        }
    }
    Some(Follow {
        url: url.value.0.clone(),
        expires: expires.as_ref().map(|at| at.value.0.clone()),
        origins: origins
            .value
            .iter()
            .map(|origin| origin.value.clone())
            .collect(),
    })
}

/// An origin over TLS; its host is a name in lower case, perhaps with any labels before it.
fn is_origin(text: &str) -> bool {
    let Some(authority) = text.strip_prefix("https://") else {
        return false;
    };
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let (host, least) = match host.strip_prefix("*.") {
        // A wildcard over a whole top-level domain would be the whole web.
        Some(host) => (host, 2),
        None => (host, 1),
    };
    let is_label = |label: &str| {
        let sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty()
            && label.bytes().all(sign)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    host.split('.').all(is_label) && host.split('.').count() >= least && port.is_none_or(is_port)
}

#[cfg(test)]
mod tests {
    use super::is_origin;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_perhaps_a_port() {
        for good in [
            "https://files.example.com",
            "https://*.example.com",
            "https://a-1.example.com:8443",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "http://files.example.com",
            "files.example.com",
            "https://",
            "https://*",
            "https://*.com",
            "https://a.*.example.com",
            "https://user@example.com",
            "https://example.com/",
            "https://example.com/path",
            "https://example.com:0",
            "https://example.com:99999",
            "https://example.com:+1",
            "https://-a.example.com",
            "https://EXAMPLE.com",
            "https://example..com",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}

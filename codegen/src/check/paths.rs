//! Path templates: what stands literally in them, their placeholders, and that no two methods
//! share one.
//!
//! A segment that a server could normalise away turns a request on one item into a request on the
//! collection, so everything that is not plainly a segment is refused.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Api, Argument, Body, Method, ParamPlace, Resource, Ty, Verb};

use super::{addresses, place, walk};

/// RFC 9110, section 4.1 asks for 8000 octets; values and the query need room as well.
const LONGEST: usize = 2_000;

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<Request, &Method> = BTreeMap::new();
    for (resource, method) in walk::methods(api) {
        let at = place::of_word(&method.origin, &method.path);
        if let Err((message, help)) = check_template(&method.path) {
            let shown: String = method.path.chars().take(200).collect();
            let message = format!("the path `{shown}` {message}");
            diagnostics.push(Diagnostic::new("E070", &at, message).help(help));
            continue;
        }
        check_placeholders(resource, method, diagnostics);
        let Some(first) = seen.insert(request(method), method) else {
            continue;
        };
        let message = format!(
            "`{}` sends the same request as `{}`",
            method.operation, first.operation
        );
        let help = "give one of them another `http`, or remove it";
        let found = Diagnostic::new("E072", &at, message).help(help);
        diagnostics.push(found.also(&place::of(&first.origin), "the other one"));
    }
}

/// Row F2, I23: what a template may be.
fn check_template(path: &str) -> Result<(), (String, &'static str)> {
    if path.len() > LONGEST {
        return Err((
            "is too long".to_owned(),
            "write at most 2000 characters; servers take no longer ones",
        ));
    }
    if path.contains("://") || path.starts_with("//") {
        return Err((
            "is a whole url".to_owned(),
            "write the path only; the host is the environment's",
        ));
    }
    if !path.is_empty() && !path.starts_with('/') {
        return Err(("does not begin with `/`".to_owned(), "write `/` before it"));
    }
    let Some(names) = addresses::placeholders(path) else {
        return Err((
            "has a brace without its partner".to_owned(),
            "write placeholders as `{name}`",
        ));
    };
    if let Some(name) = names.iter().find(|name| !is_placeholder(name)) {
        let message = format!("has a placeholder `{{{name}}}` that is no name");
        return Err((message, "write letters, digits and `_` between the braces"));
    }
    check_literal(&addresses::fill(path, |_| "x".to_owned()))
}

fn is_placeholder(name: &str) -> bool {
    let legal = |char: char| char.is_ascii_alphanumeric() || char == '_';
    !name.is_empty()
        && name.chars().all(legal)
        && !name.starts_with(|char: char| char.is_ascii_digit())
}

/// A path without placeholders: RFC 3986, section 3.3, segments of `pchar`, none that RFC 3986,
/// section 5.2.4 would remove.
pub(super) fn check_literal(path: &str) -> Result<(), (String, &'static str)> {
    const ENCODE: &str = "percent-encode it (RFC 3986, section 2.1)";
    if path.contains('?') {
        return Err((
            "has a query".to_owned(),
            "describe parameters below `query`",
        ));
    }
    if path.contains('#') {
        return Err((
            "has a fragment".to_owned(),
            "remove everything from the `#` on",
        ));
    }
    if path.contains("//") {
        return Err(("has an empty segment".to_owned(), "write one `/` only"));
    }
    let legal = |char: char| char.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@%/".contains(char);
    if let Some(char) = path.chars().find(|char| !legal(*char)) {
        return Err((format!("holds `{}`", char.escape_default()), ENCODE));
    }
    if path.split('%').skip(1).any(|rest| !is_hex_pair(rest)) {
        return Err((
            "has a `%` without two hexadecimal digits".to_owned(),
            ENCODE,
        ));
    }
    if path.split('/').any(is_dots) {
        let help = "write the path that is meant; servers and proxies remove `.` and `..`";
        return Err(("has a segment `.` or `..`".to_owned(), help));
    }
    Ok(())
}

fn is_hex_pair(text: &str) -> bool {
    text.as_bytes()
        .get(..2)
        .is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
}

/// Whether a segment is one or two dots, encoded or not: URL parsers decode `%2e` first.
fn is_dots(segment: &str) -> bool {
    matches!(
        segment.to_ascii_lowercase().replace("%2e", ".").as_str(),
        "." | ".."
    )
}

fn check_placeholders(resource: &Resource, method: &Method, diagnostics: &mut Diagnostics) {
    let names = addresses::placeholders(&method.path).unwrap_or_default();
    let at = |name: &str| place::of_word(&method.origin, name);
    for (index, name) in names.iter().enumerate() {
        if names[..index].contains(name) {
            let message = format!(
                "the placeholder `{{{name}}}` stands twice in `{}`",
                method.path
            );
            let help = "give each placeholder its own name, and the parent's keys other names than the child's";
            diagnostics.push(Diagnostic::new("E071", &at(name), message).help(help));
        }
    }
    let is_path = |argument: &&Argument| argument.place == ParamPlace::Path;
    let own = || {
        method
            .arguments
            .iter()
            .filter(is_path)
            .map(|argument| argument.name.wire.as_str())
    };
    let parents = || {
        resource
            .parent_keys
            .iter()
            .map(|argument| argument.name.wire.as_str())
    };
    for name in names
        .iter()
        .filter(|name| !own().chain(parents()).any(|known| known == **name))
    {
        let message = format!(
            "the placeholder `{{{name}}}` of `{}` has no type",
            method.path
        );
        let help = format!("write `params: {{{name}: string}}`, or use the name of a key");
        let found = Diagnostic::new("E071", &at(name), message).help(help);
        diagnostics.push(found.suggest(name, own().chain(parents())));
    }
    for name in own().filter(|name| !names.contains(name)) {
        let message = format!(
            "the parameter `{name}` does not stand in the path `{}`",
            method.path
        );
        let help = format!("write `{{{name}}}` into the path, or remove the parameter");
        diagnostics.push(Diagnostic::new("E071", &at(name), message).help(help));
    }
}

/// What makes two requests the same for a server: names of placeholders do not, constant
/// parameters and the kind of the body do.
type Request = (u8, String, Vec<(String, String)>, Vec<(String, String)>, u8);

fn request(method: &Method) -> Request {
    let shape = addresses::fill(&method.path, |_| "{}".to_owned());
    (
        rank(method.verb),
        shape,
        method.query.clone(),
        method.headers.clone(),
        kind_of(&method.body),
    )
}

/// A server tells one object from a list of them, and JSON from a form.
fn kind_of(body: &Body) -> u8 {
    match body {
        Body::None => 0,
        Body::Json {
            ty: Ty::List(_), ..
        } => 1,
        Body::Json { .. } => 2,
        Body::Form { .. } => 3,
        Body::Multipart { .. } => 4,
        Body::Text { .. } => 5,
        Body::Bytes { .. } | Body::File { .. } => 6,
    }
}

fn rank(verb: Verb) -> u8 {
    match verb {
        Verb::Get => 0,
        Verb::Head => 1,
        Verb::Options => 2,
        Verb::Post => 3,
        Verb::Put => 4,
        Verb::Patch => 5,
        Verb::Delete => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::{check_literal, check_template};

    /// Rows F2 and I23: no segment that a URL parser would remove.
    #[test]
    fn dots_are_found_however_they_are_written() {
        for path in [
            "/.",
            "/..",
            "/a/../b",
            "/%2e",
            "/%2E%2e/a",
            "/.%2e",
            "/a/%2e.",
        ] {
            assert!(check_literal(path).is_err(), "{path}");
        }
        for path in ["", "/", "/...", "/.well-known/a", "/a..b", "/%2ea", "/a/"] {
            assert!(check_literal(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn placeholders_may_stand_inside_a_segment() {
        for path in [
            "/{a}",
            "/{a}-{b}.json",
            "/device(uuid='{uuid}')",
            "/a/{b}/",
            "/.{a}",
        ] {
            assert!(check_template(path).is_ok(), "{path}");
        }
        for path in [
            "/{a",
            "/a}",
            "/{{a}}",
            "/{}",
            "/{a/b}",
            "a",
            "//a",
            "https://a.example/",
            "/{9}",
        ] {
            assert!(check_template(path).is_err(), "{path}");
        }
    }
}

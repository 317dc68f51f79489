//! Verbs and paths of methods: `POST ./bulk` is below the collection, `POST */cancel` below the
//! item, `GET /x` below the environment's url.
//!
//! Paths are joined here and judged by the checks; slashes are never normalised.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::Spanned;
use crate::model::Verb;

/// Where a resource is.
#[derive(Clone, Debug, Default)]
pub(super) struct Base {
    pub(super) collection: String,
    /// `None`: nothing names an item.
    pub(super) item: Option<String>,
    /// The resource has no path of its own; `collection` is what it is below.
    pub(super) is_namespace: bool,
}

/// What a method without a path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Collection,
    Item,
}

/// The verb and path of a method; what is missing is taken from `otherwise`.
pub(super) fn lower(
    http: Option<&Spanned<String>>,
    otherwise: (Verb, Target),
    base: &Base,
    name: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> (Verb, String) {
    let (verb, target) = otherwise;
    let Some(http) = http else {
        return (verb, standard(target, base, name, name, diagnostics));
    };
    let (word, path) = match http.value.split_once(' ') {
        Some((word, path)) => (word, Some(path.trim())),
        None => (http.value.as_str(), None),
    };
    let verb = read_verb(word).unwrap_or_else(|| {
        let message = format!("`{word}` is no verb");
        let help =
            "write `VERB path` with GET, HEAD, OPTIONS, POST, PUT, PATCH or DELETE in upper case";
        let place = http.place.within(&http.value, 0, word.chars().count());
        diagnostics.push(Diagnostic::new("E052", &place, message).help(help));
        verb
    });
    let path = match path {
        None | Some("") => standard(target, base, name, http, diagnostics),
        Some(path) => written(path, base, name, http, diagnostics),
    };
    (verb, path)
}

fn read_verb(word: &str) -> Option<Verb> {
    Some(match word {
        "GET" => Verb::Get,
        "HEAD" => Verb::Head,
        "OPTIONS" => Verb::Options,
        "POST" => Verb::Post,
        "PUT" => Verb::Put,
        "PATCH" => Verb::Patch,
        "DELETE" => Verb::Delete,
        _ => return None,
    })
}

/// What stands for a path that was refused; no check complains about it.
pub(super) fn placeholder(base: &Base, name: &Spanned<String>) -> String {
    format!("{}/{}", base.collection, name.value)
}

fn standard(
    target: Target,
    base: &Base,
    name: &Spanned<String>,
    at: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> String {
    if base.is_namespace {
        let message = format!("`{}` needs a path, and its resource has none", name.value);
        let help = "write `path` at the resource, or `http: GET /x` at the method";
        diagnostics.push(Diagnostic::new("E053", &at.place, message).help(help));
        return placeholder(base, name);
    }
    match target {
        Target::Collection => base.collection.clone(),
        Target::Item => item(base, at, diagnostics).unwrap_or_else(|| placeholder(base, name)),
    }
}

fn item(base: &Base, at: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<String> {
    if base.item.is_none() {
        let message = "the path is that of an item, but nothing names an item of this resource";
        let help = "write `key: <field>` at the resource, or a path that needs none";
        diagnostics.push(Diagnostic::new("E053", &at.place, message).help(help));
    }
    base.item.clone()
}

fn written(
    path: &str,
    base: &Base,
    name: &Spanned<String>,
    http: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> String {
    if let Some(rest) = path.strip_prefix("./") {
        return format!("{}/{rest}", base.collection);
    }
    if let Some(rest) = path.strip_prefix("*/") {
        let item = item(base, http, diagnostics);
        return item.map_or_else(|| placeholder(base, name), |item| format!("{item}/{rest}"));
    }
    if path.starts_with('/') {
        return path.to_owned();
    }
    let message = format!("`{path}` does not say what it is below");
    let help = "write `./x` below the collection, `*/x` below the item, or `/x` below the environment's url";
    diagnostics.push(Diagnostic::new("E052", &http.place, message).help(help));
    placeholder(base, name)
}

/// The names between braces, in order; a brace without its partner is the checks' to refuse.
pub(super) fn placeholders(path: &str) -> Vec<&str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

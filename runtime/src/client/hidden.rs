//! Sensitive values of a request, which a server may repeat in what it says of it: they are taken out before that is
//! stored in an error.
//!
//! The description says which names are sensitive; their values are looked for in the body, the query, the path and the
//! headers. It works on errors alone and costs a request nothing. What is delivered as a value is not touched.

use bytes::Bytes;
use secrecy::SecretString;

use super::reconcile::{decoded, key_of};
use crate::encode;
use crate::error::{Scrub, with_small_digits};
use crate::request::Request;
use crate::value::Json;

/// A text about this request without its sensitive values.
pub(super) fn hide(request: &Request, text: Bytes) -> Bytes {
    let names = request.operation.api.sensitive;
    if names.is_empty() || text.is_empty() {
        return text;
    }
    let mut values = Vec::new();
    let body = request.body.as_ref();
    if let Some(body) = body.and_then(|body| serde_json::from_slice(body).ok()) {
        in_body(names, &body, false, &mut values);
    }
    for (name, text) in request.outgoing.iter().flat_map(|body| &body.texts) {
        let is_sensitive = names.contains(&name.as_str());
        if let Ok(body) = serde_json::from_str(text) {
            in_body(names, &body, is_sensitive, &mut values);
        }
        values.extend(Some(text.clone()).filter(|_| is_sensitive));
    }
    // A body that is no JSON may be a form, which has the same pairs as a query.
    let form = body.and_then(|body| std::str::from_utf8(body).ok());
    if let Ok(uri) = request.uri("") {
        let texts = [uri.query(), form];
        let pairs = texts.into_iter().flatten().flat_map(|text| text.split('&'));
        let pairs = pairs.filter_map(|pair| pair.split_once('='));
        let parts = request.operation.path.rsplit('/');
        let keys = parts.zip(uri.path().rsplit('/'));
        let keys = keys.filter_map(|(part, text)| key_of(part, text));
        let is_sensitive = |(name, _): &(&str, &str)| {
            decoded(name).is_some_and(|name| names.contains(&name.as_str()))
        };
        let sensitive = pairs.chain(keys).filter(is_sensitive);
        values.extend(sensitive.filter_map(|(_, value)| decoded(value)));
    }
    for (name, value) in &request.headers {
        let is_it = |known: &&str| known.eq_ignore_ascii_case(name.as_str());
        if names.iter().any(is_it) {
            values.extend(value.to_str().map(str::to_owned));
        }
    }
    let scrub = Scrub::default();
    let spellings: Vec<SecretString> = values.iter().flat_map(|value| spellings(value)).collect();
    scrub.add(&spellings);
    scrub.bytes(text)
}

fn in_body(names: &[&str], value: &Json, is_sensitive: bool, found: &mut Vec<String>) {
    match value {
        Json::Object(members) => {
            for (name, value) in members {
                let is_sensitive = is_sensitive || names.contains(&name.as_str());
                in_body(names, value, is_sensitive, found);
            }
        }
        Json::Array(list) => {
            for value in list {
                in_body(names, value, is_sensitive, found);
            }
        }
        Json::String(text) if is_sensitive => found.push(text.clone()),
        Json::Number(number) if is_sensitive => found.push(number.to_string()),
        Json::String(_) | Json::Number(_) | Json::Null | Json::Bool(_) => {}
    }
}

/// As it is, as JSON writes it, also with the slashes of some servers and inside a text that is JSON again, and as a URL
/// does.
fn spellings(value: &str) -> [SecretString; 6] {
    let json = |text: &str| {
        let quoted = encode::quoted(text);
        quoted[1..quoted.len() - 1].to_owned()
    };
    let mut encoded = String::new();
    encode::push_encoded(value, &mut encoded);
    let once = json(value);
    let (slashes, twice) = (once.replace('/', "\\/"), json(&once));
    let small = with_small_digits(&encoded);
    [value.to_owned(), once, slashes, twice, encoded, small].map(SecretString::from)
}

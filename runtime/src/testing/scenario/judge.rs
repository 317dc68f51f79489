//! What was expected of a scenario against what came: one sentence for each difference, with the number of the request.
//!
//! Pure: it is given what arrived and what became of the calls. Must not stop at the first difference.

use std::time::Duration;

use super::server::{is_for_a_token, reply_to};
use super::{Scenario, ScenarioExpect};
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::operation::SendAt;
use crate::testing::RecordedRequest;
use crate::value::Json;

pub(super) fn judge(
    scenario: &'static Scenario,
    base: &str,
    requests: &[RecordedRequest],
    ended: &[Result<usize>],
) -> Vec<String> {
    let api = scenario.operation.api;
    let requests: Vec<_> = requests
        .iter()
        .filter(|request| !is_for_a_token(api, request))
        .collect();
    let mut found = Vec::new();
    for (at, request) in requests.iter().enumerate() {
        let Some((number, reply)) = reply_to(scenario, at + 1) else {
            let shown = format!("{} {}", request.method, path_below(base, request));
            found.push(format!("request {}: {shown} has no reply", at + 1));
            continue;
        };
        let before = at.checked_sub(1).and_then(|at| requests.get(at)).copied();
        let differences = differences(&reply.expect, base, request, before);
        let place = format!("request {} (reply {number})", at + 1);
        found.extend(differences.into_iter().map(|one| format!("{place}: {one}")));
    }
    let replies: usize = scenario.replies.iter().map(|reply| reply.times).sum();
    if let Some((number, _)) = reply_to(scenario, requests.len() + 1) {
        let of = format!("{} of {replies}", replies - requests.len());
        found.push(format!(
            "replies: expected all to be used, got {of} unused, from reply {number} on"
        ));
    }
    let (expected, got) = (scenario.then.requests, requests.len());
    if expected != got {
        found.push(format!("requests: expected {expected}, got {got}"));
    }
    judge_end(scenario, ended, &mut found);
    found
}

/// What became of the calls.
fn judge_end(scenario: &Scenario, ended: &[Result<usize>], found: &mut Vec<String>) {
    for (at, result) in ended.iter().enumerate() {
        let which = match ended.len() {
            1 => "the call".to_owned(),
            _ => format!("call {}", at + 1),
        };
        let got = match result {
            Ok(_) => "ok".to_owned(),
            Err(error) => format!("{}: {error}", kind_of(error)),
        };
        let fits = match (scenario.then.error, result) {
            (None, result) => result.is_ok(),
            (Some(kind), Err(error)) => kind_of(error) == kind,
            (Some(_), Ok(_)) => false,
        };
        if !fits {
            let expected = scenario.then.error.unwrap_or("ok");
            found.push(format!("{which}: expected {expected}, got {got}"));
        }
    }
    let items: usize = ended.iter().flatten().sum();
    if let Some(expected) = scenario.then.items
        && expected != items
    {
        found.push(format!("items: expected {expected}, got {items}"));
    }
}

/// The name of the kind, without what some have in them.
fn kind_of(error: &Error) -> String {
    let kind = format!("{:?}", error.kind());
    let end = kind.find(|c: char| !c.is_alphanumeric());
    kind[..end.unwrap_or(kind.len())].to_owned()
}

/// What is wrong with one request.
fn differences(
    expect: &ScenarioExpect,
    base: &str,
    request: &RecordedRequest,
    before: Option<&RecordedRequest>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut differs = |what: &str, expected: String, got: String| {
        found.push(format!("{what}: expected {expected}, got {got}"));
    };
    let arrived = request.arrived.since(Moment::START);
    if let Some(least) = expect.not_before.filter(|least| arrived < *least) {
        differs("not_before", seconds(least), seconds(arrived));
    }
    if let Some(most) = expect.not_after.filter(|most| arrived > *most) {
        differs("not_after", seconds(most), seconds(arrived));
    }
    if let Some(method) = expect.method.filter(|method| request.method != *method) {
        differs("method", method.to_owned(), request.method.to_string());
    }
    let path = path_below(base, request);
    if let Some(expected) = expect.path.filter(|expected| path != *expected) {
        differs("path", expected.to_owned(), path.to_owned());
    }
    for (name, value) in expect.query {
        let got = query(request, name);
        if !got.iter().any(|got| got == value) {
            let got = if got.is_empty() {
                nothing()
            } else {
                got.join(", ")
            };
            differs(&format!("query `{name}`"), (*value).to_owned(), got);
        }
    }
    for (name, value) in expect.headers {
        let got = request.header(name);
        if got != Some(*value) {
            let got = got.map_or_else(nothing, str::to_owned);
            differs(&format!("header `{name}`"), (*value).to_owned(), got);
        }
    }
    if let Some(body) = expect.body {
        let expected = serde_json::from_str::<Json>(body).ok();
        if expected.is_none() || serde_json::from_slice::<Json>(&request.body).ok() != expected {
            let got = String::from_utf8_lossy(&request.body).into_owned();
            let got = if got.is_empty() { nothing() } else { got };
            differs("body", body.to_owned(), got);
        }
    }
    for place in expect.same {
        let now = value_at(request, *place);
        let before = before.and_then(|before| value_at(before, *place));
        if now.is_none() || now != before {
            let shown = |value: Option<String>| value.unwrap_or_else(nothing);
            let (what, _) = name_of(*place);
            differs(&format!("same {what}"), shown(before), shown(now));
        }
    }
    found
}

/// The path below the base URL.
fn path_below<'r>(base: &str, request: &'r RecordedRequest) -> &'r str {
    let path = request.path();
    path.strip_prefix(base).unwrap_or(path)
}

fn nothing() -> String {
    "nothing".to_owned()
}

fn seconds(time: Duration) -> String {
    format!("{}s", time.as_secs_f64())
}

fn name_of(place: SendAt) -> (String, &'static str) {
    match place {
        SendAt::Query(name) => (format!("query `{name}`"), name),
        SendAt::Header(name) => (format!("header `{name}`"), name),
        SendAt::Body(at) => (format!("body `/{}`", at.join("/")), ""),
    }
}

/// What stands at a place of a request.
fn value_at(request: &RecordedRequest, place: SendAt) -> Option<String> {
    match place {
        SendAt::Query(name) => query(request, name).into_iter().next(),
        SendAt::Header(name) => request.header(name).map(str::to_owned),
        SendAt::Body(at) => {
            let body: Json = serde_json::from_slice(&request.body).ok()?;
            let found = at.iter().try_fold(&body, |json, key| json.get(*key))?;
            Some(found.to_string())
        }
    }
}

/// The values of a query parameter, decoded.
fn query(request: &RecordedRequest, name: &str) -> Vec<String> {
    query_pairs(request)
        .into_iter()
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value)
        .collect()
}

/// All query parameters, decoded.
pub(crate) fn query_pairs(request: &RecordedRequest) -> Vec<(String, String)> {
    let pairs = request.uri.query().unwrap_or_default().split('&');
    let pairs = pairs.filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Percent-decodes (RFC 3986, section 2.1); a `+` is a blank, as forms have it.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        rest = match (*first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                &after[2..]
            }
            (b'+', ..) => {
                bytes.push(b' ');
                after
            }
            (byte, ..) => {
                bytes.push(byte);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn a_query_is_decoded() {
        assert_eq!(decode("a%5Bgte%5D+%zz%2"), "a[gte] %zz%2");
        assert_eq!(decode("%C3%A4"), "ä");
    }
}

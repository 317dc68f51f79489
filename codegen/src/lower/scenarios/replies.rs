//! The replies of a scenario, what is expected of the requests, and how it ends.
//! Assumes nothing of the answers: a server may send what fits no type. Must not let a time stand where no policy reads
//! one.

use crate::diagnostics::{Diagnostic, Diagnostics, Place as At};
use crate::document::{self, Pairs, Spanned};
use crate::model::{Place, ScenarioExpect, ScenarioReply, Unit};

use super::super::pages::send_at;
use super::super::words;
use super::index::Index;
use super::json::{self, Json};

/// The answer that nothing else is said of.
const STATUS: u16 = 200;
/// How many requests one reply may answer.
const MOST: u64 = 10_000;

pub(super) fn lower(
    index: &Index<'_>,
    reply: &Spanned<document::ScenarioReply>,
    diagnostics: &mut Diagnostics,
) -> ScenarioReply {
    check_keys(reply, diagnostics);
    if let Some(times) = reply.times.as_ref()
        && !(1..=MOST).contains(&times.value)
    {
        let message = format!("a reply answers from 1 to {MOST} requests");
        let help = "write another number, or remove the reply";
        diagnostics.push(Diagnostic::new("E061", &times.place, message).help(help));
    }
    let mut later = Vec::new();
    let mut headers = Vec::new();
    for (name, value) in pairs(&reply.headers, diagnostics) {
        let place = Place::Header(name);
        match time_of(index, &place, &value, diagnostics) {
            Some((wait, unit)) => later.push((place, wait, unit)),
            None => {
                if let Place::Header(name) = place {
                    headers.push((name, value.value));
                }
            }
        }
    }
    let json = reply.json.as_ref().map(|literal| {
        let mut see = |at: &str, text: &Spanned<String>, diagnostics: &mut Diagnostics| {
            let place = Place::Body(at.to_owned());
            let (wait, unit) = time_of(index, &place, text, diagnostics)?;
            later.push((place, wait, unit));
            // The number is put here when the answer is made.
            Some(Json::number(0))
        };
        json::read(literal, "", &mut see, diagnostics).print()
    });
    let is_set = |flag: &Option<Spanned<bool>>| flag.as_ref().is_some_and(|flag| flag.value);
    let expect = reply.expect.as_ref();
    ScenarioReply {
        times: reply.times.as_ref().map_or(1, |times| times.value),
        status: reply.status.as_ref().map_or(STATUS, |status| status.value),
        headers,
        json,
        text: reply.text.as_ref().map(|text| text.value.clone()),
        later,
        stall: is_set(&reply.stall),
        reset: is_set(&reply.reset),
        expect: expect.map_or_else(ScenarioExpect::default, |it| expected(it, diagnostics)),
    }
}

/// Of `json` and `text` there is one, and what never comes back has nothing in it.
fn check_keys(reply: &document::ScenarioReply, diagnostics: &mut Diagnostics) {
    let mut refuse = |place: &At, message: &str, help: &str| {
        diagnostics.push(Diagnostic::new("E058", place, message).help(help));
    };
    for flag in [&reply.stall, &reply.reset].into_iter().flatten() {
        if !flag.value {
            refuse(
                &flag.place,
                "`false` says nothing here",
                "write `true`, or remove the key",
            );
        }
    }
    if let (Some(_), Some(text)) = (&reply.json, &reply.text) {
        refuse(
            &text.place,
            "a reply has one body",
            "remove `json` or `text`",
        );
    }
    if let (Some(_), Some(reset)) = (&reply.stall, &reply.reset) {
        refuse(
            &reset.place,
            "a reply does not both stall and reset",
            "remove one of them",
        );
    }
    if reply.stall.is_some() || reply.reset.is_some() {
        let status = reply.status.as_ref().map(|status| &status.place);
        let json = reply.json.as_ref().map(|json| &json.place);
        let text = reply.text.as_ref().map(|text| &text.place);
        let headers = reply.headers.first().map(|(name, _)| &name.place);
        for place in [status, json, text, headers].into_iter().flatten() {
            refuse(
                place,
                "of a reply that never comes, nothing arrives",
                "remove it, or `stall` and `reset`",
            );
        }
    }
}

/// Names in lower case (RFC 9110, section 5.1) with their texts; numbers need no quotes.
fn pairs(pairs: &Pairs, diagnostics: &mut Diagnostics) -> Vec<(String, Spanned<String>)> {
    let all = named(pairs, diagnostics);
    all.into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect()
}

fn named(pairs: &Pairs, diagnostics: &mut Diagnostics) -> Vec<(String, Spanned<String>)> {
    let mut all = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        if let Some(text) = json::plain(value, diagnostics).text() {
            let text = Spanned {
                value: text,
                place: value.place.clone(),
            };
            all.push((name.value.0.clone(), text));
            continue;
        }
        let message = "a list or a mapping cannot stand here";
        let help = "write one text or number";
        diagnostics.push(Diagnostic::new("E059", &value.place, message).help(help));
    }
    all
}

/// `now+30s` where a policy reads a time: its milliseconds and the unit.
fn time_of(
    index: &Index<'_>,
    place: &Place,
    text: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<(u64, Unit)> {
    let after = text.value.strip_prefix("now+")?;
    let Some(wait) = document::parse_duration(after) else {
        let message = format!("`{}` is no time from now on", text.value.escape_debug());
        let help = "write `now+` and a duration, such as `now+30s`";
        diagnostics.push(Diagnostic::new("E134", &text.place, message).help(help));
        return None;
    };
    let wait = words::millis(&wait);
    let unit = index.unit_at(place);
    if unit.is_none() {
        let message = format!("no policy reads a time from {}", shown(place));
        let help =
            "write it where `refused.wait`, `learn.reset` or a hint reads, or write the value";
        diagnostics.push(Diagnostic::new("E134", &text.place, message).help(help));
    }
    Some((wait, unit?))
}

fn shown(place: &Place) -> String {
    match place {
        Place::Header(name) => format!("the header `{}`", name.escape_debug()),
        Place::Body(at) => format!("`{}`", at.escape_debug()),
        Place::Link(relation) => format!("the link `{}`", relation.escape_debug()),
    }
}

fn expected(expect: &document::ScenarioExpect, diagnostics: &mut Diagnostics) -> ScenarioExpect {
    let millis = |time: &Option<Spanned<std::time::Duration>>| {
        time.as_ref().map(|time| words::millis(&time.value))
    };
    let text = |(name, text): (String, Spanned<String>)| (name, text.value);
    let (least, most) = (millis(&expect.not_before), millis(&expect.not_after));
    if let (Some(least), Some(most), Some(after)) = (least, most, &expect.not_after)
        && least > most
    {
        let message = "nothing arrives both after `not_before` and before `not_after`";
        let help = "write a `not_after` that is not shorter than `not_before`";
        diagnostics.push(Diagnostic::new("E058", &after.place, message).help(help));
    }
    ScenarioExpect {
        not_before_ms: least,
        not_after_ms: most,
        method: expect.method.as_ref().map(|verb| {
            let verb = format!("{:?}", verb.value);
            verb.to_ascii_uppercase()
        }),
        path: expect.path.as_ref().map(|path| path.value.clone()),
        query: named(&expect.query, diagnostics)
            .into_iter()
            .map(text)
            .collect(),
        headers: pairs(&expect.headers, diagnostics)
            .into_iter()
            .map(text)
            .collect(),
        body: expect
            .body
            .as_ref()
            .map(|body| json::plain(body, diagnostics).print()),
        same: expect
            .same
            .iter()
            .map(|place| send_at(&place.value))
            .collect(),
    }
}

/// How a scenario ends.
pub(super) struct Ended {
    pub(super) error: Option<String>,
    pub(super) requests: u64,
    pub(super) items: Option<u64>,
}

pub(super) fn end(
    scenario: &document::Scenario,
    replies: &[ScenarioReply],
    diagnostics: &mut Diagnostics,
) -> Ended {
    let then = &scenario.then;
    match (&then.ok, &then.error) {
        (Some(ok), None) if ok.value => {}
        (None, Some(_)) => {}
        (Some(ok), _) => {
            let message = "a scenario ends with `ok: true` or with an error";
            let help = "write `ok: true`, or only `error: <kind>`";
            diagnostics.push(Diagnostic::new("E058", &ok.place, message).help(help));
        }
        (None, None) => {
            let message = "the scenario does not say how it ends";
            let help = "add `ok: true` or `error: <kind>`";
            diagnostics.push(Diagnostic::new("E133", &then.place, message).help(help));
        }
    }
    let answered: u64 = replies.iter().map(|reply| reply.times).sum();
    let place = |requests: &Spanned<u64>| requests.place.clone();
    let requests = then.requests.as_ref().map_or(answered, |it| it.value);
    let at = then.requests.as_ref().map(place);
    match (requests.cmp(&answered), at) {
        (std::cmp::Ordering::Less, at) => {
            let last = scenario.replies.value.last().map(|last| last.place.clone());
            if let Some(place) = last.or(at) {
                let message = format!("there are {answered} replies to {requests} requests");
                let help = "remove the reply without use, or correct `requests`";
                diagnostics.push(Diagnostic::new("E135", &place, message).help(help));
            }
        }
        (std::cmp::Ordering::Greater, Some(place)) => {
            let message = format!("there are {answered} replies to {requests} requests");
            let help = "add a reply for each request, or correct `requests`";
            diagnostics.push(Diagnostic::new("E135", &place, message).help(help));
        }
        (std::cmp::Ordering::Equal | std::cmp::Ordering::Greater, _) => {}
    }
    Ended {
        error: then.error.as_ref().map(|kind| format!("{:?}", kind.value)),
        requests,
        items: then.items.as_ref().map(|items| items.value),
    }
}

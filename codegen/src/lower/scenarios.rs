//! Scenarios: those that are written are held against the API that they speak of, and what none of them
//! shows gets one that follows from the policies.
//! Assumes a joined model, on which it works last. Must not change anything of it but its scenarios.

mod call;
mod defaults;
mod fits;
mod index;
mod json;
mod replies;
mod samples;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, Spanned};
use crate::model::{Answer, Api, Scenario};

use super::words;
use index::Index;

pub(super) fn lower(document: &document::Api, api: &mut Api, diagnostics: &mut Diagnostics) {
    let written = lower_written(document, api, diagnostics);
    api.scenarios = written;
    // A description with an error is never generated, and its model may have holes.
    if !diagnostics.has_errors() {
        let more = defaults::make(api);
        api.scenarios.extend(more);
    }
}

fn lower_written(
    document: &document::Api,
    api: &Api,
    diagnostics: &mut Diagnostics,
) -> Vec<Scenario> {
    let index = Index::of(api);
    let mut scenarios: Vec<Scenario> = Vec::new();
    for (at, scenario) in document.scenarios.iter().enumerate() {
        let name = &scenario.name;
        let mut before = document.scenarios[..at].iter();
        if let Some(first) = before.find(|other| other.name.value == name.value) {
            let message = format!("two scenarios are called `{}`", name.value.escape_debug());
            diagnostics.push(
                Diagnostic::new("E136", &name.place, message)
                    .help("say in each name what only this one shows")
                    .also(&first.name.place, "the other one"),
            );
        }
        scenarios.extend(lower_one(&index, scenario, diagnostics));
    }
    scenarios
}

fn lower_one(
    index: &Index<'_>,
    scenario: &Spanned<document::Scenario>,
    diagnostics: &mut Diagnostics,
) -> Option<Scenario> {
    let client = scenario.client.iter();
    let client = client
        .filter_map(|(name, value)| call::client_param(index, name, value, diagnostics))
        .collect();
    let called = call::lower(index, &scenario.call, diagnostics);
    let replies: Vec<_> = scenario
        .replies
        .value
        .iter()
        .map(|reply| replies::lower(index, reply, diagnostics))
        .collect();
    let times = scenario.times.as_ref();
    if let Some(none) = times.filter(|times| !(1..=1000).contains(&times.value)) {
        let message = "a scenario makes its call from 1 to 1000 times";
        let help = "write another number, or leave `times` out";
        diagnostics.push(Diagnostic::new("E061", &none.place, message).help(help));
    }
    let walk = scenario.walk.as_ref().is_some_and(|walk| walk.value);
    let (method, call) = called?;
    check_walk(scenario, &method.answer, diagnostics);
    let ended = replies::end(scenario, &replies, diagnostics);
    Some(Scenario {
        name: scenario.name.value.clone(),
        call,
        client,
        used: Vec::new(),
        walk,
        times: times.map_or(1, |times| times.value),
        replies,
        error: ended.error,
        requests: ended.requests,
        items: ended.items,
        origin: Some(words::origin(&scenario.name.place)),
    })
}

/// Only a list in pages can be walked, and only it has items to be counted.
fn check_walk(scenario: &document::Scenario, answer: &Answer, diagnostics: &mut Diagnostics) {
    if matches!(answer, Answer::Page { .. }) {
        return;
    }
    let walk = scenario.walk.as_ref().map(|walk| ("walk", &walk.place));
    let items = scenario.then.items.as_ref();
    let items = items.map(|items| ("items", &items.place));
    for (key, place) in walk.into_iter().chain(items) {
        let message = format!("`{key}` says nothing about a call that is no list in pages");
        let help = "remove it, or call a method with a page policy";
        diagnostics.push(Diagnostic::new("E058", place, message).help(help));
    }
}

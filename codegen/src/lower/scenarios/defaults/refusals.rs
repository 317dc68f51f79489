//! Refusals: each source of a wait, given alone, makes the call wait so long and no shorter.
//! Must not refuse a write that may have been carried out: it would not be sent again.

use crate::model::{
    Effect, ErrorShape, Place, Refusal, Scenario, ScenarioExpect, ScenarioReply, WaitSource,
};

use super::super::index::Index;
use super::super::json::Json;
use super::{Draft, drafts, is_shown, reply};

/// How long a server asks to wait, if the policy lets it.
const WAIT_MS: u64 = 30_000;

pub(super) fn make(index: &Index<'_>) -> Vec<Scenario> {
    let Some(refusal) = &index.api.refusal else {
        return Vec::new();
    };
    let drafts = drafts(index);
    let reads = drafts
        .iter()
        .filter(|draft| draft.method.effect == Effect::Read);
    let (pages, ones): (Vec<_>, Vec<_>) = reads.partition(|draft| draft.method.page.is_some());
    let writes = drafts
        .iter()
        .filter(|draft| !refusal.processed && draft.method.effect != Effect::Read);
    let Some(draft) = ones.into_iter().chain(pages).chain(writes).next() else {
        return Vec::new();
    };
    let waits = refusal.wait.iter().enumerate();
    let unseen = waits
        .filter(|(at, wait)| !is_shown(index, |scenario, _| shows(scenario, refusal, *at, wait)));
    unseen
        .filter_map(|(_, wait)| one(index, refusal, wait, draft))
        .collect()
}

/// Whether a written scenario is refused with a wait from this source.
fn shows(scenario: &Scenario, refusal: &Refusal, at: usize, wait: &WaitSource) -> bool {
    let tells = |reply: &ScenarioReply, wait: &WaitSource| match wait {
        WaitSource::From(place, _) => {
            let in_headers = |name: &String| reply.headers.iter().any(|(known, _)| known == name);
            reply.later.iter().any(|(told, ..)| told == place)
                || matches!(place, Place::Header(name) if in_headers(name))
        }
        WaitSource::Fixed(_) => true,
    };
    let first = |reply: &ScenarioReply| refusal.wait.iter().position(|wait| tells(reply, wait));
    let mut replies = scenario.replies.iter();
    let refused = replies.any(|reply| {
        refusal.statuses.contains(&reply.status) && first(reply) == Some(at) && tells(reply, wait)
    });
    let mut later = scenario.replies.iter();
    refused && later.any(|reply| reply.expect.not_before_ms.is_some())
}

fn one(
    index: &Index<'_>,
    refusal: &Refusal,
    wait: &WaitSource,
    draft: &Draft<'_>,
) -> Option<Scenario> {
    let status = *refusal.statuses.first()?;
    let mut body = Json::Map(Vec::new());
    let code = refusal.codes.first();
    if let Some(code) = code {
        let mut shapes = index.api.errors.shapes.iter();
        let at = shapes.find_map(|shape| match shape {
            ErrorShape::Object { code, .. } => code.as_ref(),
            ErrorShape::String | ErrorShape::Text | ErrorShape::Empty => None,
        });
        body.put(at?, Json::Text(code.clone()));
    }
    let mut refused = ScenarioReply {
        status,
        headers: refusal.headers.clone(),
        ..reply()
    };
    let (wait_ms, told) = match wait {
        WaitSource::From(place, unit) => {
            let wait_ms = WAIT_MS.min(refusal.max_wait.value);
            match place {
                Place::Header(name) => {
                    refused.later.push((place.clone(), wait_ms, *unit));
                    (wait_ms, format!("as long as `{name}` says"))
                }
                Place::Body(at) => {
                    body.put(at, Json::number(0));
                    refused.later.push((place.clone(), wait_ms, *unit));
                    (wait_ms, format!("as long as `{at}` says"))
                }
                Place::Link(_) => return None,
            }
        }
        WaitSource::Fixed(fixed) => (fixed.value, "where nothing says how long".to_owned()),
    };
    if wait_ms > refusal.max_wait.value {
        return None;
    }
    if body != Json::Map(Vec::new()) {
        refused.json = Some(body.print());
    }
    let again = draft.success(ScenarioExpect {
        not_before_ms: Some(wait_ms),
        ..ScenarioExpect::default()
    });
    let name = format!("a refusal ({status}) is waited out, {told}");
    Some(draft.scenario(name, vec![refused, again]))
}

//! Scenarios that nobody wrote: one for each bucket, refusal, end of a walk and effect that no written one shows.
//! Assumes a model without errors so far; what the checks will refuse must not make it fail. Must not promise more than
//! the policies say: each scenario holds for every client that keeps them.

mod buckets;
mod effects;
mod refusals;
mod walks;

use std::collections::BTreeSet;

use crate::model::{
    Answer, Api, ArgumentKind, Body, Format, Method, ParamPlace, Plain, Resource, Scenario,
    ScenarioCall, ScenarioExpect, ScenarioReply, Verb,
};

use super::call::{is_callable, keys, push};
use super::index::Index;
use super::json::Json;
use super::samples;

/// In the order: buckets, refusals, walks, effects.
pub(super) fn make(api: &Api) -> Vec<Scenario> {
    let index = Index::of(api);
    let mut made = buckets::make(&index);
    made.extend(refusals::make(&index));
    made.extend(walks::make(&index));
    made.extend(effects::make(&index));
    // A name stands for one scenario, whoever made it.
    let mut names: BTreeSet<String> = BTreeSet::new();
    names.extend(api.scenarios.iter().map(|scenario| scenario.name.clone()));
    for scenario in &mut made {
        if names.contains(&scenario.name) {
            scenario.name = format!("{} (`{}`)", scenario.name, scenario.call.operation);
        }
        names.insert(scenario.name.clone());
    }
    made
}

/// A call of which samples can be made, and its answer.
struct Draft<'a> {
    method: &'a Method,
    call: ScenarioCall,
    /// An answer that is a success.
    success: ScenarioReply,
    /// Its JSON body.
    body: Option<Json>,
}

impl Draft<'_> {
    /// One call with these replies, which ends well.
    fn scenario(&self, name: String, replies: Vec<ScenarioReply>) -> Scenario {
        Scenario {
            name,
            call: self.call.clone(),
            client: Vec::new(),
            used: Vec::new(),
            walk: false,
            times: 1,
            requests: replies.iter().map(|reply| reply.times).sum(),
            replies,
            error: None,
            items: None,
            origin: None,
        }
    }

    /// The successful answer, with this expected of its request.
    fn success(&self, expect: ScenarioExpect) -> ScenarioReply {
        ScenarioReply {
            expect,
            ..self.success.clone()
        }
    }
}

/// All methods of which samples can be made, in the order of the description.
fn drafts<'a>(index: &Index<'a>) -> Vec<Draft<'a>> {
    let callable = index
        .methods
        .iter()
        .filter(|(_, method)| is_callable(method));
    callable
        .filter_map(|(resource, method)| draft(index, resource, method))
        .collect()
}

fn draft<'a>(index: &Index<'a>, resource: &Resource, method: &'a Method) -> Option<Draft<'a>> {
    let (success, body) = success(index, method)?;
    Some(Draft {
        method,
        call: call(index, resource, method)?,
        success,
        body,
    })
}

/// A call with all that it needs and nothing else.
fn call(index: &Index<'_>, resource: &Resource, method: &Method) -> Option<ScenarioCall> {
    let mut call = ScenarioCall {
        operation: method.operation.clone(),
        ..ScenarioCall::default()
    };
    for key in keys(resource, method) {
        call.keys.push(samples::text(index, &key.ty, key.format)?);
    }
    for argument in &method.arguments {
        if argument.kind != ArgumentKind::Positional {
            continue;
        }
        let text = || {
            if argument.as_json {
                return samples::sent(index, &argument.ty).map(|json| json.print());
            }
            samples::text(index, &argument.ty, argument.format)
        };
        let list = argument.list;
        match argument.place {
            ParamPlace::Query => push(&argument.name.wire, list, vec![text()?], &mut call.query),
            ParamPlace::Header => {
                push(&argument.name.wire, list, vec![text()?], &mut call.headers);
            }
            ParamPlace::Version => call.version = Some("1".to_owned()),
            ParamPlace::Path
            | ParamPlace::PageStart
            | ParamPlace::PageCursor
            | ParamPlace::PageSize => {}
        }
    }
    call.body = match &method.body {
        Body::None => None,
        Body::Json { ty, .. } | Body::Form { ty, .. } => Some(samples::sent(index, ty)?.print()),
        Body::Text { .. } | Body::Bytes { .. } => Some(Json::Text("text".to_owned()).print()),
        Body::Multipart { .. } | Body::File { .. } => return None,
    };
    Some(call)
}

/// An answer that the method takes for success.
fn success(index: &Index<'_>, method: &Method) -> Option<(ScenarioReply, Option<Json>)> {
    let (status, answer) = match &method.answer {
        Answer::Outcomes { outcomes, .. } => {
            let first = outcomes.first()?;
            (first.status, &first.answer)
        }
        answer => {
            // RFC 9110, section 15.3.5: without content.
            let usual = if *answer == Answer::None { 204 } else { 200 };
            (method.success.first().copied().unwrap_or(usual), answer)
        }
    };
    let reply = ScenarioReply { status, ..reply() };
    let (json, text) = match answer {
        _ if method.verb == Verb::Head => (None, None),
        Answer::None => (None, None),
        Answer::Plain(Plain::Text | Plain::Bytes) => (None, Some("text".to_owned())),
        Answer::Plain(Plain::Stream) | Answer::Outcomes { .. } => return None,
        Answer::Value { ty, from } => (Some(at(from, samples::answered(index, ty, 1)?)), None),
        Answer::List { item, from } => {
            let items = Json::List(vec![samples::answered(index, item, 1)?]);
            (Some(at(from, items)), None)
        }
        Answer::Page { item, .. } => {
            let items = Json::List(vec![samples::answered(index, item, 1)?]);
            (Some(at(&items_at(index, method), items)), None)
        }
    };
    let reply = ScenarioReply {
        json: json.as_ref().map(Json::print),
        text,
        ..reply
    };
    Some((reply, json))
}

/// Where the items of a page stand.
fn items_at(index: &Index<'_>, method: &Method) -> String {
    let policy = method.page.and_then(|at| index.api.pages.get(at));
    match (policy, &method.answer) {
        (Some(policy), _) if !policy.items.is_empty() => policy.items.clone(),
        (_, Answer::Page { from, .. }) => from.clone(),
        _ => String::new(),
    }
}

/// A body with this at the pointer.
fn at(pointer: &str, value: Json) -> Json {
    let mut body = Json::Map(Vec::new());
    body.put(pointer, value);
    body
}

/// An empty 200 of which nothing is expected.
fn reply() -> ScenarioReply {
    ScenarioReply {
        times: 1,
        status: 200,
        headers: Vec::new(),
        json: None,
        text: None,
        later: Vec::new(),
        stall: false,
        reset: false,
        expect: ScenarioExpect::default(),
    }
}

/// Whether a scenario that is written calls a method for which this holds.
fn is_shown(index: &Index<'_>, mut shows: impl FnMut(&Scenario, &Method) -> bool) -> bool {
    index.api.scenarios.iter().any(|scenario| {
        let mut methods = index.methods.iter();
        let called = methods.find(|(_, method)| method.operation == scenario.call.operation);
        called.is_some_and(|(_, method)| shows(scenario, method))
    })
}

/// A value of each parameter of the client that these places in `Api::client` name.
fn client(index: &Index<'_>, wanted: &[usize]) -> Option<Vec<(String, String)>> {
    let mut all = Vec::new();
    for at in wanted {
        let param = index.api.client.get(*at)?;
        let text = samples::text(index, &param.ty, Format::Usual)?;
        all.push((param.name.wire.clone(), text));
    }
    Some(all)
}

//! Methods as operations: parameters, bodies, answers and errors. What OpenAPI has no words for (pages,
//! limits, repetitions, effects, versions) is left out, and only its parameters and headers are there.

use etiquette_codegen::model::{
    Answer, Api, Argument, ArgumentKind, Body, ListStyle, Method, ParamPlace, Place, Plain,
    Resource, SendAt, Ty, Verb,
};
use etiquette_codegen::model::{Effect, Format};
use serde_json::{Map, Value, json};

use super::schemas::{of, with_doc};

/// Every method with its resource, parents before children.
pub(crate) fn all(api: &Api) -> Vec<(&Resource, &Method)> {
    fn below<'a>(resources: &'a [Resource], all: &mut Vec<(&'a Resource, &'a Method)>) {
        for resource in resources {
            all.extend(resource.methods.iter().map(|method| (resource, method)));
            below(&resource.children, all);
        }
    }
    let mut found = Vec::new();
    below(&api.resources, &mut found);
    found
}

pub(crate) fn verb(method: &Method) -> &'static str {
    match method.verb {
        Verb::Get => "get",
        Verb::Head => "head",
        Verb::Options => "options",
        Verb::Post => "post",
        Verb::Put => "put",
        Verb::Patch => "patch",
        Verb::Delete => "delete",
    }
}

pub(crate) fn of_method(api: &Api, resource: &Resource, method: &Method) -> Value {
    let mut operation = json!({
        "operationId": method.operation,
        "tags": [resource.name.wire],
        "responses": responses(api, method),
    });
    operation = with_doc(operation, &method.doc);
    let parameters = parameters(api, resource, method);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = body(&method.body) {
        operation["requestBody"] = body;
    }
    if method.security != api.security {
        operation["security"] = security(api, &method.security);
    }
    operation
}

/// Any of some credentials that are given together.
pub(crate) fn security(api: &Api, alternatives: &[Vec<usize>]) -> Value {
    let together = |alternative: &Vec<usize>| {
        let name = |at: &usize| (api.credentials[*at].name.wire.clone(), json!([]));
        Value::Object(alternative.iter().map(name).collect())
    };
    alternatives.iter().map(together).collect()
}

fn parameters(api: &Api, resource: &Resource, method: &Method) -> Vec<Value> {
    let mut all = Vec::new();
    for given in &api.client {
        all.push(json!({"$ref": format!("#/components/parameters/{}", given.name.wire)}));
    }
    // The keys of the parents stand in the path as well.
    all.extend(
        resource
            .parent_keys
            .iter()
            .chain(&method.arguments)
            .filter_map(argument),
    );
    for filter in &method.filters {
        let list = filter.ops.iter().map(|op| (op.param.clone(), op.list));
        let range = filter
            .range
            .iter()
            .flatten()
            .map(|name| (name.clone(), None));
        for (name, list) in list.chain(range) {
            let schema = of(&filter.ty, filter.format);
            all.push(with_doc(
                parameter(&name, "query", schema, list, false),
                &filter.doc,
            ));
        }
    }
    let mut send = |at: &SendAt, required: bool| {
        let place = match at {
            SendAt::Query(_) => "query",
            SendAt::Header(_) => "header",
            SendAt::Body(_) => return,
        };
        all.push(parameter(
            at.name(),
            place,
            json!({"type": "string"}),
            None,
            required,
        ));
    };
    if let Some(lock) = method.lock.filter(|_| method.verb != Verb::Get) {
        send(&api.locks[lock].send, api.locks[lock].required);
    }
    if let Effect::Keyed(key) = method.effect {
        send(&api.keys[key].at, true);
    }
    for (place, constants) in [("header", &method.headers), ("query", &method.query)] {
        for (name, value) in constants {
            all.push(parameter(name, place, json!({"const": value}), None, true));
        }
    }
    all
}

fn argument(argument: &Argument) -> Option<Value> {
    let place = match argument.place {
        ParamPlace::Path => "path",
        ParamPlace::Query
        | ParamPlace::PageStart
        | ParamPlace::PageCursor
        | ParamPlace::PageSize => "query",
        ParamPlace::Header => "header",
        // The lock says where it stands.
        ParamPlace::Version => return None,
    };
    let schema = of(&argument.ty, argument.format);
    let required = argument.kind == ArgumentKind::Positional;
    let mut one = parameter(&argument.name.wire, place, schema, argument.list, required);
    if argument.as_json {
        let schema = one["schema"].take();
        one = json!({"name": argument.name.wire, "in": place, "required": required,
            "content": {"application/json": {"schema": schema}}});
    }
    Some(with_doc(one, &argument.doc))
}

pub(crate) fn parameter(
    name: &str,
    place: &str,
    schema: Value,
    list: Option<ListStyle>,
    required: bool,
) -> Value {
    let mut one = json!({"name": name, "in": place});
    one["schema"] = schema;
    if required {
        one["required"] = true.into();
    }
    if let Some(style) = list {
        one["schema"] = json!({"type": "array", "items": one["schema"].take()});
        let (word, explode) = match style {
            ListStyle::Repeat | ListStyle::Brackets => ("form", true),
            ListStyle::Comma => ("form", false),
            ListStyle::Pipe => ("pipeDelimited", false),
        };
        if place == "query" {
            one["style"] = word.into();
            one["explode"] = explode.into();
        }
    }
    one
}

fn body(body: &Body) -> Option<Value> {
    let (media, schema) = match body {
        Body::None => return None,
        Body::Json { ty, at, .. } => ("application/json", within(at, of(ty, Format::Usual))),
        Body::Form { ty, .. } => ("application/x-www-form-urlencoded", of(ty, Format::Usual)),
        Body::Multipart { ty, .. } => ("multipart/form-data", of(ty, Format::Usual)),
        Body::Text { .. } => ("text/plain", json!({"type": "string"})),
        Body::Bytes { media_type, .. } => (media_type.as_str(), json!({})),
        Body::File { .. } => ("application/octet-stream", json!({})),
    };
    Some(json!({"required": true, "content": {media: {"schema": schema}}}))
}

/// The value at a pointer: an object around it for each step.
pub(crate) fn within(pointer: &str, value: Value) -> Value {
    pointer.rsplit('/').filter(|step| !step.is_empty()).fold(
        value,
        |inner, step| json!({"type": "object", "properties": {step: inner}, "required": [step]}),
    )
}

fn responses(api: &Api, method: &Method) -> Value {
    let mut all = Map::new();
    if let Answer::Outcomes { outcomes, .. } = &method.answer {
        for outcome in outcomes {
            let one = success(api, method, &outcome.answer, &outcome.name.wire);
            all.insert(outcome.status.to_string(), one);
        }
    } else {
        let statuses: Vec<String> = match method.success.as_slice() {
            [] => vec!["2XX".to_owned()],
            some => some.iter().map(u16::to_string).collect(),
        };
        for status in statuses {
            all.insert(status, success(api, method, &method.answer, "Success."));
        }
    }
    for case in method.cases.iter().map(|case| &api.cases[*case]) {
        let words = [case.name.wire.as_str(), case.doc.text.as_str()].join(": ");
        let words = words.trim_end_matches([':', ' ']).to_owned();
        let details = case.details.as_ref().map(|ty| of(ty, Format::Usual));
        let schema = details.unwrap_or_else(|| json!({"$ref": "#/components/schemas/Error"}));
        let one = all.entry(case.status.to_string()).or_insert_with(
            || json!({"description": "", "content": {"application/json": {"schema": schema}}}),
        );
        let before = one["description"].as_str().unwrap_or_default();
        one["description"] = format!("{before} {words}").trim().into();
    }
    if api.refusal.is_some() {
        all.entry("429".to_owned())
            .or_insert_with(|| json!({"$ref": "#/components/responses/Refused"}));
    }
    all.insert(
        "default".to_owned(),
        json!({"$ref": "#/components/responses/Error"}),
    );
    all.into()
}

fn success(api: &Api, method: &Method, answer: &Answer, words: &str) -> Value {
    let page = method.page.map(|page| &api.pages[page]);
    let list = |item: &Ty| json!({"type": "array", "items": of(item, Format::Usual)});
    let (media, schema) = match answer {
        Answer::None | Answer::Outcomes { .. } => return json!({"description": words}),
        Answer::Plain(Plain::Text) => ("text/plain", json!({"type": "string"})),
        Answer::Plain(Plain::Bytes | Plain::Stream) => ("application/octet-stream", json!({})),
        Answer::Value { ty, from } => ("application/json", within(from, of(ty, Format::Usual))),
        Answer::List { item, from } => ("application/json", within(from, list(item))),
        Answer::Page { item, from } => {
            let items = page.map_or(from, |page| {
                if page.items.is_empty() {
                    from
                } else {
                    &page.items
                }
            });
            ("application/json", within(items, list(item)))
        }
    };
    let mut one = json!({"description": words, "content": {media: {"schema": schema}}});
    let Some(page) = page else { return one };
    // What the answer says about the page.
    let integer = json!({"type": "integer"});
    let told = [
        (&page.total, &integer),
        (&page.page, &integer),
        (&page.pages, &integer),
    ];
    for (place, schema) in told.into_iter().chain([(&page.next, &json!({}))]) {
        match place {
            Some(Place::Body(pointer)) => {
                let name = pointer.rsplit('/').next().unwrap_or_default();
                let inside = &mut one["content"][media]["schema"];
                if pointer.matches('/').count() == 1 && inside["properties"].is_object() {
                    inside["properties"][name] = schema.clone();
                }
            }
            Some(Place::Header(name)) => one["headers"][name] = json!({ "schema": schema }),
            Some(Place::Link(_)) => one["headers"]["Link"] = json!({"schema": {"type": "string"}}),
            None => {}
        }
    }
    one
}

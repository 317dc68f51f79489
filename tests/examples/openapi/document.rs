//! A whole OpenAPI 3.1 document for an API, from its model.

use etiquette_codegen::model::{
    Api, Content, CredentialKind, ErrorShape, Format, OAuth2, TokenPlace,
};
use serde_json::{Map, Value, json};

use super::operations::{self, parameter, security, within};
use super::schemas::{self, with_doc};

/// The document.
pub(crate) fn of(api: &Api) -> Value {
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {"title": api.title, "version": api.version.as_deref().unwrap_or("1")},
        "servers": servers(api),
        "security": security(api, &api.security),
        "paths": paths(api),
        "components": components(api),
    });
    if !api.doc.text.is_empty() {
        document["info"]["description"] = api.doc.text.as_str().into();
    }
    let webhooks = webhooks(api);
    if !webhooks.is_empty() {
        document["webhooks"] = webhooks.into();
    }
    document
}

fn servers(api: &Api) -> Value {
    let server = |environment: &etiquette_codegen::model::Environment| {
        let words = [environment.name.wire.as_str(), &environment.doc.text].join(". ");
        let mut server =
            json!({"url": environment.url, "description": words.trim_end_matches([' ', '.'])});
        for variable in &environment.vars {
            // A variable without a default cannot be said.
            let default = variable.default.as_deref().unwrap_or_default();
            server["variables"][&variable.name.wire] = json!({"default": default});
        }
        server
    };
    api.environments.iter().map(server).collect()
}

fn paths(api: &Api) -> Map<String, Value> {
    let mut paths = Map::new();
    for (resource, method) in operations::all(api) {
        let path = paths
            .entry(method.path.clone())
            .or_insert_with(|| json!({}));
        path[operations::verb(method)] = operations::of_method(api, resource, method);
    }
    paths
}

fn components(api: &Api) -> Value {
    let mut schemas = schemas::components(api);
    schemas.insert("Error".to_owned(), error_schema(api));
    let error = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}});
    let mut all = json!({
        "schemas": schemas,
        "responses": {"Error": {"description": "An error.", "content": error.clone()}},
    });
    if api.refusal.is_some() {
        let headers = json!({"Retry-After": {"schema": {"type": "string"}}});
        all["responses"]["Refused"] =
            json!({"description": "Too many requests.", "headers": headers, "content": error});
    }
    for one in &api.credentials {
        all["securitySchemes"][&one.name.wire] = with_doc(scheme(&one.kind), &one.doc);
    }
    for given in &api.client {
        let place = if given.in_header { "header" } else { "query" };
        let schema = schemas::of(&given.ty, Format::Usual);
        let one = parameter(&given.param, place, schema, None, false);
        all["parameters"][&given.name.wire] = with_doc(one, &given.doc);
    }
    all
}

/// The shapes of errors; what stands deep inside is said as far as its pointer leads.
fn error_schema(api: &Api) -> Value {
    let text = || json!({"type": "string"});
    let mut ways = Vec::new();
    for shape in &api.errors.shapes {
        match shape {
            ErrorShape::Object {
                message,
                code,
                messages,
                fields,
            } => {
                let places = message.iter().chain(code).map(|place| (place, text()));
                let lists = messages
                    .iter()
                    .map(|list| (&list.each, json!({"type": "array"})));
                let maps = fields.iter().map(|map| (map, json!({"type": "object"})));
                let parts: Vec<Value> = places
                    .chain(lists)
                    .chain(maps)
                    .map(|(place, schema)| within(place, schema))
                    .collect();
                ways.push(json!({ "anyOf": parts }));
            }
            ErrorShape::String => ways.push(text()),
            // Not JSON, so that no schema says it.
            ErrorShape::Text | ErrorShape::Empty => {}
        }
    }
    match ways.len() {
        0 => json!({}),
        1 => ways.remove(0),
        _ => json!({ "anyOf": ways }),
    }
}

fn scheme(kind: &CredentialKind) -> Value {
    let api_key = |place: &str, name: &str| json!({"type": "apiKey", "in": place, "name": name});
    match kind {
        CredentialKind::Bearer { .. } => json!({"type": "http", "scheme": "bearer"}),
        CredentialKind::Basic { .. } => json!({"type": "http", "scheme": "basic"}),
        CredentialKind::Header { header, .. } => api_key("header", header),
        CredentialKind::Query { param } => api_key("query", param),
        CredentialKind::OAuth2(oauth) => oauth2(oauth),
    }
}

fn oauth2(oauth: &OAuth2) -> Value {
    let scopes: Map<String, Value> = oauth
        .scopes
        .iter()
        .map(|scope| (scope.clone(), json!("")))
        .collect();
    let (mut flow, mut name) = (
        json!({"tokenUrl": oauth.token_url, "scopes": scopes}),
        "clientCredentials",
    );
    if let Some(login) = &oauth.authorize {
        flow["authorizationUrl"] = login.url.as_str().into();
        name = "authorizationCode";
    }
    let words = match &oauth.token {
        TokenPlace::Header { header, .. } => format!("The token stands in the header {header}."),
        TokenPlace::Query { param } => format!("The token stands in the parameter {param}."),
    };
    json!({"type": "oauth2", "flows": {name: flow}, "description": words})
}

fn webhooks(api: &Api) -> Map<String, Value> {
    let mut all = Map::new();
    for webhook in &api.webhooks {
        let mut add = |name: &str, ty: &etiquette_codegen::model::Ty| {
            let schema = within(&webhook.from, of_type(ty));
            let header = parameter(
                &webhook.header,
                "header",
                json!({"type": "string"}),
                None,
                true,
            );
            let operation = json!({
                "parameters": [header],
                "requestBody": {"content": {"application/json": {"schema": schema}}},
                "responses": {"2XX": {"description": "Received."}},
            });
            all.insert(
                name.to_owned(),
                json!({"post": with_doc(operation, &webhook.doc)}),
            );
        };
        match &webhook.content {
            Content::Payload { ty, .. } => add(&webhook.name.wire, ty),
            Content::Events { events, .. } => {
                for event in events {
                    add(&event.name.wire, &event.ty);
                }
            }
        }
    }
    all
}

fn of_type(ty: &etiquette_codegen::model::Ty) -> Value {
    schemas::of(ty, Format::Usual)
}

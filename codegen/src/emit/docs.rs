//! Documents: `README.md` and one page for each API, as Markdown.
//!
//! Words of a description are escaped as for rustdoc before they reach a template, so that no fence
//! of theirs ever becomes an example. The examples are ours, take what they need as arguments and
//! are compiled by the project's tests.

use super::{
    bodies, credentials, methods, mock, modules, pace, pages, types, webhooks, words, writes,
};
use crate::model::{
    Answer, Api, ArgumentKind, Body, Effect, Failure, Method, ParamPlace, Plain, Resource, Ty,
    Webhook,
};
use askama::Template;
use std::fmt::Write as _;

#[derive(Template)]
#[template(path = "README.md", escape = "none")]
struct Readme {
    apis: Vec<ReadmeRow>,
    first: String,
    oauth2: bool,
    files: bool,
    examples: Vec<String>,
    mocked: Option<String>,
}

struct ReadmeRow {
    name: String,
    title: String,
    calls: usize,
}

/// `README.md`
pub(super) fn readme(apis: &[Api]) -> String {
    let rows = apis.iter().map(|api| ReadmeRow {
        name: api.name.clone(),
        title: cell(&api.title),
        calls: modules::all_resources(api)
            .iter()
            .map(|resource| resource.methods.len())
            .sum(),
    });
    // The first list that is walked shows how it goes.
    let walked = apis.iter().find_map(|api| {
        modules::all_resources(api)
            .into_iter()
            .find_map(|resource| {
                let at = resource
                    .methods
                    .iter()
                    .position(|method| method.page.is_some())?;
                Some(example_of(api, resource, &resource.methods[at..=at]))
            })
    });
    let page = Readme {
        apis: rows.collect(),
        first: apis.first().map(|api| api.name.clone()).unwrap_or_default(),
        oauth2: apis.iter().any(credentials::needs_oauth2),
        files: apis.iter().any(bodies::move_files),
        examples: walked.into_iter().collect(),
        mocked: apis.iter().find_map(mocked),
    };
    render(&page)
}

#[derive(Template)]
#[template(path = "api.md", escape = "none")]
struct Page {
    schema: String,
    title: String,
    name: String,
    doc: Vec<String>,
    environments: Vec<(String, String)>,
    credentials: Vec<(String, String, String)>,
    webhooks: Vec<(String, String, String)>,
    limits: Vec<String>,
    pages: Vec<String>,
    failures: Vec<String>,
    cases: Vec<(String, u16, String)>,
    resources: Vec<ResourcePage>,
    notes: Vec<String>,
}

struct ResourcePage {
    path: String,
    doc: String,
    calls: Vec<(String, String, String)>,
    example: String,
}

/// `docs/<api>.md`
pub(super) fn api(api: &Api) -> String {
    let resources = modules::all_resources(api);
    let notes = api
        .notes
        .iter()
        .chain(resources.iter().flat_map(|resource| &resource.notes));
    let page = Page {
        schema: api.schema.clone(),
        title: cell(&api.title),
        name: api.name.clone(),
        doc: words::escape(&api.doc.text),
        environments: api
            .environments
            .iter()
            .map(|one| (one.name.wire.clone(), one.url.clone()))
            .collect(),
        credentials: credential_rows(api),
        webhooks: webhook_rows(api),
        limits: limits(api),
        pages: pages::lines(&api.pages),
        failures: failures(api),
        cases: api
            .cases
            .iter()
            .map(|case| {
                (
                    case.name.rust.clone(),
                    case.status,
                    cell(&words::paragraphs(&case.doc, &case.name.wire).join(" ")),
                )
            })
            .collect(),
        notes: notes
            .map(|note| words::paragraphs(&note.doc, "").join(" "))
            .collect(),
        resources: resources
            .into_iter()
            .map(|resource| resource_page(api, resource))
            .collect(),
    };
    render(&page)
}

fn render(page: &impl Template) -> String {
    let mut text = page.render().expect("a template over plain texts renders");
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn cell(text: &str) -> String {
    words::escape(text).join(" ")
}

fn webhook_rows(api: &Api) -> Vec<(String, String, String)> {
    let row = |webhook: &Webhook| {
        (
            webhook.name.rust.clone(),
            webhooks::proof(api, webhook),
            webhooks::told(webhook),
        )
    };
    api.webhooks.iter().map(row).collect()
}

fn credential_rows(api: &Api) -> Vec<(String, String, String)> {
    let row = |one: &crate::model::Credential| {
        let env = credentials::variables(one).join(", ");
        // A bar would end the cell, even between backticks.
        let how = credentials::sent(&one.kind).replace('|', "\\|");
        (one.name.wire.clone(), env, how)
    };
    api.credentials.iter().map(row).collect()
}

fn limits(api: &Api) -> Vec<String> {
    let mut lines = pace::lines(api);
    if lines.is_empty() {
        lines.push("No limit is described.".to_owned());
    }
    lines
}

fn failures(api: &Api) -> Vec<String> {
    let mut lines = Vec::new();
    for retry in &api.retries {
        let when = retry.when.iter().map(|failure| match failure {
            Failure::Network => "no whole answer".to_owned(),
            Failure::Status(status) => status.to_string(),
        });
        let when = when.collect::<Vec<_>>().join(", ");
        let (first, max) = (
            words::duration(retry.backoff.first.value),
            words::duration(retry.backoff.max.value),
        );
        let sure = pace::mark(&retry.attempts.doc);
        let all = retry.max_elapsed.as_ref().map_or_else(String::new, |all| {
            format!(" {} at most altogether.", words::duration(all.value))
        });
        lines.push(format!(
            "`{}`: {} attempts{sure} on {when}; delays from {first} to {max}, each drawn between zero and its bound.{all}",
            retry.name.wire, retry.attempts.value
        ));
    }
    if lines.is_empty() {
        lines.push("Nothing is sent again.".to_owned());
    }
    lines.push(
        "A call that may not be repeated is never sent again once it may have arrived.".to_owned(),
    );
    lines.extend(writes::of_api(api));
    if let Some(reference) = &api.errors.reference {
        lines.push(format!(
            "What stands behind {} in a message is the reference that support asks for: `Error::reference`.",
            words::code(reference.after.trim())
        ));
    }
    lines
}

fn resource_page(api: &Api, resource: &Resource) -> ResourcePage {
    let calls = resource.methods.iter().map(|method| {
        let effect = match method.effect {
            Effect::Read => "reads",
            Effect::Idempotent => "idempotent",
            Effect::Once => "once",
            Effect::Keyed(_) => "once for each key",
        };
        let mark = words::trust(method.doc.trust)
            .map(|mark| format!(" ({mark})"))
            .unwrap_or_default();
        let request = format!("{} {}", methods::verb(method.verb), method.path);
        (method.name.rust.clone(), request, format!("{effect}{mark}"))
    });
    ResourcePage {
        path: resource.name.wire.clone(),
        doc: words::paragraphs(
            &resource.doc,
            &format!("Calls on `{}`.", resource.name.wire),
        )
        .join(" "),
        calls: calls.collect(),
        example: example(api, resource),
    }
}

/// One function that makes every call of a resource; what a call needs are its arguments.
fn example(api: &Api, resource: &Resource) -> String {
    example_of(api, resource, &resource.methods)
}

/// One function for each of these calls.
fn example_of(api: &Api, resource: &Resource, methods: &[Method]) -> String {
    let name = &api.name;
    let mut out = format!("use etiquette_apis::{name};\n\n");
    for method in methods {
        let function = &method.name.rust;
        let mut arguments = vec![format!("api: &{name}::Client")];
        for key in &resource.parent_keys {
            argument(name, &key.name.rust, &key.ty, &mut arguments);
        }
        let mut values = Vec::new();
        for one in method
            .arguments
            .iter()
            .filter(|one| one.kind == ArgumentKind::Positional)
        {
            debug_assert!(!matches!(
                one.place,
                ParamPlace::PageStart | ParamPlace::PageCursor | ParamPlace::PageSize
            ));
            let ty = if one.list.is_some() {
                Ty::List(Box::new(one.ty.clone()))
            } else {
                one.ty.clone()
            };
            values.push(argument(name, &one.name.rust, &ty, &mut arguments));
        }
        if let Some((rust, ty)) = sent(name, &method.body) {
            arguments.push(format!("{rust}: {ty}"));
            values.push(rust.to_owned());
        }
        let handle = accessors(api, resource);
        let mut call = format!("api{handle}.{function}({})", values.join(", "));
        if method.bulk.is_some() {
            call.push_str(&filtered(name, method, &mut arguments));
        }
        let _ = writeln!(
            out,
            "async fn {function}({}) -> etiquette_apis::Result<()> {{",
            arguments.join(", ")
        );
        out.push_str(&body(method, &call));
        out.push_str("    Ok(())\n}\n");
    }
    out.truncate(out.trim_end().len());
    out
}

/// A test against a mock of the first list that needs nothing to be asked for.
fn mocked(api: &Api) -> Option<String> {
    let name = &api.name;
    let functions = mock::functions(api);
    let (resource, method, function) = functions.iter().find(|(resource, method, _)| {
        let mut arguments = method.arguments.iter();
        resource.parent_keys.is_empty()
            && matches!(
                &method.answer,
                Answer::Page {
                    item: Ty::Item(_),
                    ..
                }
            )
            && method.body == Body::None
            && !arguments.any(|one| one.kind == ArgumentKind::Positional)
    })?;
    let Answer::Page { item, .. } = &method.answer else {
        return None;
    };
    let (item, list) = (text(name, item), &method.name.rust);
    let handle = accessors(api, resource);
    Some(format!(
        "use etiquette_apis::{name};
use etiquette_apis::{name}::mock::Mock;
use etiquette_apis::testing::{{Answer, Asked, Sample}};

struct Server;

impl Mock for Server {{
    fn {function}(&self, asked: &Asked<'_>) -> Answer<Vec<{item}>> {{
        assert_eq!(asked.before(), 0);
        Ok(vec![{item}::sample()])
    }}
}}

async fn a_list_is_walked() -> etiquette_apis::Result<()> {{
    let api = {name}::Client::mock(Server);
    let mut items = api{handle}.{list}().items();
    while let Some(item) = items.try_next().await? {{
        assert_eq!(item, {item}::sample());
    }}
    Ok(())
}}"
    ))
}

/// The argument of an example that takes the body.
fn sent<'a>(api: &str, body: &'a Body) -> Option<(&'a str, String)> {
    Some(match body {
        Body::None => return None,
        Body::Text { rust } => (rust, "&str".to_owned()),
        Body::Bytes { rust, .. } => (rust, "Vec<u8>".to_owned()),
        Body::File { rust } => (rust, "&etiquette_apis::Upload".to_owned()),
        Body::Json { rust, ty, .. } | Body::Form { rust, ty } | Body::Multipart { rust, ty } => {
            let ty = match ty {
                Ty::List(item) => format!("&[{}]", text(api, item)),
                other => format!("&{}", text(api, other)),
            };
            (rust, ty)
        }
    })
}

/// The first filter of a write over many rows, with its argument.
fn filtered(api: &str, method: &Method, arguments: &mut Vec<String>) -> String {
    let Some(filter) = method.filters.first() else {
        return String::new();
    };
    let Some(op) = filter.ops.first() else {
        let rust = &filter.field.rust;
        let value = argument(api, rust, &filter.ty, arguments);
        return format!(".{rust}({value}..)");
    };
    let ty = match op.list {
        Some(_) => Ty::List(Box::new(filter.ty.clone())),
        None => filter.ty.clone(),
    };
    let value = argument(api, &op.rust, &ty, arguments);
    format!(".{}({value})", op.rust)
}

fn body(method: &Method, call: &str) -> String {
    if method.bulk.is_some() {
        return format!(
            "    let plan = {call}.plan().await?;\n    println!(\"{{}} rows\", plan.count);\n    plan.apply().await?;\n"
        );
    }
    let streamed = |call: &str| {
        format!(
            "    let mut download = {call}.await?;\n    while let Some(bytes) = download.chunk().await? {{\n        println!(\"{{}} bytes\", bytes.len());\n    }}\n"
        )
    };
    let poll = if method.poll.is_some() { ".poll()" } else { "" };
    if method.follow.is_some() {
        return streamed(&format!("{call}.download()"));
    }
    match method.answer {
        Answer::Plain(Plain::Stream) => streamed(call),
        Answer::Page { .. } => format!(
            "    let mut items = {call}.items();\n    while let Some(item) = items.try_next().await? {{\n        println!(\"{{item:?}}\");\n    }}\n"
        ),
        Answer::None => format!("    {call}{poll}.await?;\n"),
        Answer::Plain(Plain::Text | Plain::Bytes)
        | Answer::Value { .. }
        | Answer::List { .. }
        | Answer::Outcomes { .. } => {
            format!("    let answer = {call}{poll}.await?;\n    println!(\"{{answer:?}}\");\n")
        }
    }
}

/// `.workspaces().members(workspace_id)`: from the client down to a resource, each with its own keys.
fn accessors(api: &Api, resource: &Resource) -> String {
    fn find<'a>(resources: &'a [Resource], module: &str) -> Option<Vec<&'a Resource>> {
        resources.iter().find_map(|one| {
            if one.module == module {
                return Some(vec![one]);
            }
            let mut below = find(&one.children, module)?;
            below.insert(0, one);
            Some(below)
        })
    }
    let (mut out, mut given) = (String::new(), 0);
    for one in find(&api.resources, &resource.module).unwrap_or_default() {
        let own = one.parent_keys.get(given..).unwrap_or_default();
        let keys = own
            .iter()
            .map(|key| key.name.rust.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        let _ = write!(out, ".{}({keys})", one.name.rust);
        given = one.parent_keys.len();
    }
    out
}

/// Declares an argument of an example and gives the expression that passes it.
fn argument(api: &str, name: &str, ty: &Ty, arguments: &mut Vec<String>) -> String {
    let declared = match ty {
        Ty::String => "&str".to_owned(),
        Ty::List(inner) => format!("Vec<{}>", text(api, inner)),
        Ty::Decimal | Ty::Url | Ty::Json | Ty::Secret | Ty::Bytes | Ty::File => {
            format!("&{}", text(api, ty))
        }
        other => text(api, other),
    };
    arguments.push(format!("{name}: {declared}"));
    name.to_owned()
}

/// A type as an application writes it.
fn text(api: &str, ty: &Ty) -> String {
    match ty {
        Ty::Item(item) | Ty::Boxed(item) => format!("{api}::{}", item.rust),
        Ty::List(inner) => format!("Vec<{}>", text(api, inner)),
        Ty::Map(inner) => format!("std::collections::BTreeMap<String, {}>", text(api, inner)),
        Ty::Nullable(inner) => format!("Option<{}>", text(api, inner)),
        Ty::File => "etiquette_apis::Upload".to_owned(),
        other => match types::foreign(other) {
            Some(name) => format!("etiquette_apis::values::{name}"),
            None => types::tokens(other).to_string(),
        },
    }
}

//! Parameters of calls and of the client: their names, their types, and that each is sent once.
//!
//! Query values may be anything, because they are percent-encoded; a name with a separator in it
//! is a mistake all the same.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::{
    Api, Argument, CredentialKind, Effect, Filter, Method, Origin, ParamPlace, SendAt, TokenPlace,
    Ty, TypeKind,
};

use super::reach::Types;
use super::{headers, place, walk};

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let types = Types::of(api);
    for param in &api.client {
        if param.in_header {
            headers::check_sent_name(&param.param, &param.origin, diagnostics);
        } else {
            check_query_name(&param.param, &param.origin, diagnostics);
        }
        check_scalar(
            &types,
            &param.ty,
            &param.name.wire,
            &param.origin,
            diagnostics,
        );
    }
    for policy in &api.pages {
        for at in policy.start.iter().chain(&policy.size) {
            check_place(at, &policy.origin, diagnostics);
        }
        for (name, value) in &policy.headers {
            headers::check_sent_name(name, &policy.origin, diagnostics);
            headers::check_value(name, value, &policy.origin, diagnostics);
        }
    }
    for resource in walk::resources(api) {
        for key in &resource.parent_keys {
            check_scalar(
                &types,
                &key.ty,
                &key.name.wire,
                &resource.origin,
                diagnostics,
            );
        }
    }
    for (_, method) in walk::methods(api) {
        check_method(&types, method, diagnostics);
        check_sent_once(api, method, diagnostics);
    }
}

fn check_method(types: &Types<'_>, method: &Method, diagnostics: &mut Diagnostics) {
    for argument in &method.arguments {
        let wire = &argument.name.wire;
        match argument.place {
            // Where a policy sends them is checked with the policy.
            ParamPlace::Path
            | ParamPlace::PageStart
            | ParamPlace::PageCursor
            | ParamPlace::PageSize
            | ParamPlace::Version => {}
            ParamPlace::Query => check_query_name(wire, &method.origin, diagnostics),
            ParamPlace::Header => headers::check_sent_name(wire, &method.origin, diagnostics),
        }
        check_type(types, argument, &method.origin, diagnostics);
    }
    for filter in &method.filters {
        for param in params(filter) {
            check_query_name(param, &method.origin, diagnostics);
        }
        for op in filter.ops.iter().filter(|op| !op.after.is_empty()) {
            check_query_name(&op.after, &method.origin, diagnostics);
        }
        check_scalar(
            types,
            &filter.ty,
            &filter.field.wire,
            &method.origin,
            diagnostics,
        );
    }
    for (name, _) in &method.query {
        check_query_name(name, &method.origin, diagnostics);
    }
    for (name, value) in &method.headers {
        headers::check_sent_name(name, &method.origin, diagnostics);
        headers::check_value(name, value, &method.origin, diagnostics);
    }
}

/// The name of something that a policy sends; whether a body has room for it depends on the method.
pub(super) fn check_place(at: &SendAt, origin: &Origin, diagnostics: &mut Diagnostics) {
    match at {
        SendAt::Query(name) => check_query_name(name, origin, diagnostics),
        SendAt::Header(name) => headers::check_sent_name(name, origin, diagnostics),
        SendAt::Body(_) => {}
    }
}

/// The name of a query parameter.
pub(super) fn check_query_name(name: &str, origin: &Origin, diagnostics: &mut Diagnostics) {
    let separates =
        |char: char| char.is_whitespace() || char.is_control() || "?#&=%".contains(char);
    if name.is_empty() || name.len() > 256 || name.contains(separates) {
        let message = match name {
            "" => "a query parameter has an empty name".to_owned(),
            name => format!("`{name}` is no name of a query parameter"),
        };
        let help = "write the bare name, not encoded and without `?`, `&`, `=`, `#`, `%` or blanks";
        diagnostics
            .push(Diagnostic::new("E077", &place::of_word(origin, name), message).help(help));
    }
}

fn check_type(
    types: &Types<'_>,
    argument: &Argument,
    origin: &Origin,
    diagnostics: &mut Diagnostics,
) {
    if argument.as_json && argument.place == ParamPlace::Query {
        return;
    }
    // Null is never sent, so that a parameter which may be absent may also be described as nullable;
    // a key cannot be absent.
    let ty = match (&argument.ty, argument.place) {
        (Ty::Nullable(inner), ParamPlace::Query | ParamPlace::Header) => inner,
        (ty, _) => ty,
    };
    check_scalar(types, ty, &argument.name.wire, origin, diagnostics);
}

/// A type that has a text form, for a path, a query or a header.
fn check_scalar(
    types: &Types<'_>,
    ty: &Ty,
    name: &str,
    origin: &Origin,
    diagnostics: &mut Diagnostics,
) {
    if let Some(what) = without_text_form(types, ty) {
        let message = format!("`{name}` is {what}, which cannot stand in a path, query or header");
        let help = "give it a scalar type, an enum or an alias; a query parameter may also have `encode: json`";
        diagnostics
            .push(Diagnostic::new("E096", &place::of_word(origin, name), message).help(help));
    }
}

fn without_text_form(types: &Types<'_>, ty: &Ty) -> Option<&'static str> {
    match ty {
        Ty::String
        | Ty::Int
        | Ty::Uint
        | Ty::Float
        | Ty::Decimal
        | Ty::Bool
        | Ty::Uuid
        | Ty::Url
        | Ty::Secret => None,
        Ty::Timestamp | Ty::CivilDateTime | Ty::Date | Ty::Time | Ty::Duration => None,
        Ty::Bytes => Some("bytes"),
        Ty::File => Some("a file"),
        Ty::Json => Some("arbitrary JSON"),
        Ty::List(_) => Some("a list"),
        Ty::Map(_) => Some("a map"),
        Ty::Nullable(_) => Some("nullable"),
        Ty::Item(item) | Ty::Boxed(item) => match &types.find(item)?.kind {
            TypeKind::Enum(_) | TypeKind::Alias(_) => None,
            TypeKind::Object(_) => Some("an object"),
            TypeKind::Union(_) => Some("a union"),
        },
    }
}

/// How a parameter travels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Header,
    Query,
}

/// Something that is sent with each call of a method: its name there, and who sends it.
struct Sent<'a> {
    way: Way,
    name: &'a str,
    sender: String,
}

/// Each alternative of `security` stands for itself: only one is used for a call.
fn check_sent_once(api: &Api, method: &Method, diagnostics: &mut Diagnostics) {
    let mut senders = BTreeMap::new();
    for sent in sent_by(api, method) {
        let at = place::of_word(&method.origin, sent.name);
        let help = "remove one of them, or give it another name on the wire";
        add(&mut senders, sent, method, &at, help, diagnostics);
    }
    for alternative in &method.security {
        let mut senders = senders.clone();
        for credential in alternative
            .iter()
            .filter_map(|&index| api.credentials.get(index))
        {
            let (way, name) = match &credential.kind {
                CredentialKind::Bearer { .. } | CredentialKind::Basic { .. } => {
                    (Way::Header, "authorization")
                }
                CredentialKind::Header { header, .. } => (Way::Header, header.as_str()),
                CredentialKind::Query { param } => (Way::Query, param.as_str()),
                CredentialKind::OAuth2(oauth2) => match &oauth2.token {
                    TokenPlace::Header { header, .. } => (Way::Header, header.as_str()),
                    TokenPlace::Query { param } => (Way::Query, param.as_str()),
                },
            };
            let sender = format!("the credential `{}`", credential.name.wire);
            let help =
                "let only one of them send it, or make them alternatives: `security: [[a], [b]]`";
            let at = place::of(&credential.origin);
            add(
                &mut senders,
                Sent { way, name, sender },
                method,
                &at,
                help,
                diagnostics,
            );
        }
    }
}

/// Adds a sender, or complains that the name is taken.
fn add(
    senders: &mut BTreeMap<(Way, String), String>,
    sent: Sent<'_>,
    method: &Method,
    at: &Place,
    help: &str,
    diagnostics: &mut Diagnostics,
) {
    let Sent { way, name, sender } = sent;
    let (what, key) = match way {
        // RFC 9110, section 5.1: names of headers are compared without regard to case.
        Way::Header => ("header", name.to_ascii_lowercase()),
        Way::Query => ("query parameter", name.to_owned()),
    };
    if let Some(first) = senders.get(&(way, key.clone())) {
        let operation = &method.operation;
        let message =
            format!("`{operation}` would send the {what} `{name}` twice: {first} and {sender}");
        diagnostics.push(Diagnostic::new("E078", at, message).help(help));
    } else {
        senders.insert((way, key), sender);
    }
}

fn sent_by<'a>(api: &'a Api, method: &'a Method) -> Vec<Sent<'a>> {
    let mut all = Vec::new();
    let mut send = |way, name: &'a str, sender: String| all.push(Sent { way, name, sender });
    for (name, _) in &method.headers {
        send(Way::Header, name, "a constant".to_owned());
    }
    for (name, _) in &method.query {
        send(Way::Query, name, "a constant".to_owned());
    }
    for (at, sender) in places(api, method) {
        match at {
            SendAt::Query(name) => send(Way::Query, name, sender),
            SendAt::Header(name) => send(Way::Header, name, sender),
            SendAt::Body(_) => {}
        }
    }
    if let Some(policy) = method.page.and_then(|page| api.pages.get(page)) {
        for (name, _) in &policy.headers {
            send(
                Way::Header,
                name,
                format!("the page policy `{}`", policy.name.wire),
            );
        }
    }
    for argument in &method.arguments {
        match argument.place {
            ParamPlace::Query => send(Way::Query, &argument.name.wire, "a parameter".to_owned()),
            ParamPlace::Header => send(Way::Header, &argument.name.wire, "a parameter".to_owned()),
            // The policies have named them already.
            ParamPlace::Path
            | ParamPlace::PageStart
            | ParamPlace::PageCursor
            | ParamPlace::PageSize
            | ParamPlace::Version => {}
        }
    }
    for filter in &method.filters {
        for param in params(filter) {
            send(
                Way::Query,
                param,
                format!("the filter `{}`", filter.field.wire),
            );
        }
    }
    for param in &api.client {
        let way = if param.in_header {
            Way::Header
        } else {
            Way::Query
        };
        send(
            way,
            &param.param,
            format!("the client's `{}`", param.name.wire),
        );
    }
    all
}

/// What the policies of a method send with it, each with its name for people.
pub(super) fn places<'a>(api: &'a Api, method: &'a Method) -> Vec<(&'a SendAt, String)> {
    let mut all = Vec::new();
    if let Some(policy) = method.page.and_then(|page| api.pages.get(page)) {
        let sender = format!("the page policy `{}`", policy.name.wire);
        let sent = policy.start.iter().chain(&policy.size);
        all.extend(sent.map(|at| (at, sender.clone())));
    }
    let lock = method.lock.filter(|_| method.effect != Effect::Read);
    if let Some(lock) = lock.and_then(|lock| api.locks.get(lock)) {
        all.push((&lock.send, format!("the lock `{}`", lock.name.wire)));
    }
    if let Effect::Keyed(key) = method.effect
        && let Some(key) = api.keys.get(key)
    {
        all.push((&key.at, "the idempotency key".to_owned()));
    }
    all
}

/// The parameters of a filter; range operators come first.
fn params(filter: &Filter) -> impl Iterator<Item = &String> {
    filter
        .range
        .iter()
        .flatten()
        .chain(filter.ops.iter().map(|op| &op.param))
}

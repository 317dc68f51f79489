//! The call of a scenario: the method that it names, and what it is given by wire names.
//! Must not fill in what is missing: a scenario says all that a caller would have to.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::Entries;
use crate::document::{Literal, Numeral, Pairs, Spanned, WireKey};
use crate::model::Answer;
use crate::model::{
    Argument, ArgumentKind, Body, BoolStyle, Effect, Filter, FilterOp, Format, ListStyle, Method,
    ParamPlace, Plain, Resource, ScenarioCall, Ty,
};

use super::super::naming::unknown;
use super::fits;
use super::index::Index;
use super::json;

/// What an argument's name leads to.
enum Target<'a> {
    Argument(&'a Argument),
    /// A filter, the name of its parameter, and how several values look.
    Filter(&'a Filter, String, Option<ListStyle>),
    Body,
    /// Of a write whose lock does not ask for one.
    Version,
}

pub(super) fn lower<'a>(
    index: &Index<'a>,
    call: &Spanned<Entries<WireKey, Pairs>>,
    diagnostics: &mut Diagnostics,
) -> Option<(&'a Method, ScenarioCall)> {
    let [(operation, given)] = &call.value.list[..] else {
        let message = format!(
            "a scenario calls one method, and this calls {}",
            call.value.len()
        );
        let help = "write `call: {users.get: {user_id: a}}`";
        diagnostics.push(Diagnostic::new("E133", &call.place, message).help(help));
        return None;
    };
    let name = Spanned {
        value: operation.value.0.clone(),
        place: operation.place.clone(),
    };
    let found = index.methods.iter();
    let found = found
        .copied()
        .find(|(_, method)| method.operation == name.value);
    let Some((resource, method)) = found else {
        let known = index
            .methods
            .iter()
            .map(|(_, method)| method.operation.as_str());
        diagnostics.push(unknown("E132", "a method", &name, known));
        return None;
    };
    if !is_callable(method) {
        let message = format!("a scenario cannot call `{}`", name.value);
        let help = "call a method without files and streams; tests of those are written in Rust";
        diagnostics.push(Diagnostic::new("E132", &name.place, message).help(help));
        return None;
    }
    let mut lowered = ScenarioCall {
        operation: name.value.clone(),
        ..ScenarioCall::default()
    };
    take_keys(
        index,
        resource,
        method,
        &name,
        given,
        &mut lowered,
        diagnostics,
    );
    for (key, value) in given {
        match target(method, &key.value.0) {
            Some(target) => take(index, method, &target, value, &mut lowered, diagnostics),
            None if keys(resource, method).any(|one| one.name.wire == key.value.0) => {}
            None => {
                let name = Spanned {
                    value: key.value.0.clone(),
                    place: key.place.clone(),
                };
                let known = names(resource, method);
                diagnostics.push(unknown("E132", "an argument", &name, known));
            }
        }
    }
    Some((method, lowered))
}

/// Whether a call of the method is nothing but one request with values that can be written down.
pub(super) fn is_callable(method: &Method) -> bool {
    !matches!(method.body, Body::Multipart { .. } | Body::File { .. })
        && !matches!(method.answer, Answer::Plain(Plain::Stream))
}

/// The keys of the path, outermost first.
pub(super) fn keys<'a>(
    resource: &'a Resource,
    method: &'a Method,
) -> impl Iterator<Item = &'a Argument> {
    let own = method.arguments.iter();
    resource
        .parent_keys
        .iter()
        .chain(own.filter(|one| one.place == ParamPlace::Path))
}

/// Names of headers have no case (RFC 9110, section 5.1), and whatever is sent in one is named after it.
fn is_named(argument: &Argument, name: &str) -> bool {
    match argument.place {
        ParamPlace::Path | ParamPlace::Query => argument.name.wire == name,
        ParamPlace::Header
        | ParamPlace::PageStart
        | ParamPlace::PageCursor
        | ParamPlace::PageSize
        | ParamPlace::Version => argument.name.wire.eq_ignore_ascii_case(name),
    }
}

fn target<'a>(method: &'a Method, name: &str) -> Option<Target<'a>> {
    let mut arguments = method.arguments.iter();
    let own = arguments.find(|one| one.place != ParamPlace::Path && is_named(one, name));
    if let Some(argument) = own {
        return Some(Target::Argument(argument));
    }
    for filter in &method.filters {
        if let Some(op) = filter.ops.iter().find(|op| is_of(filter, op, name)) {
            return Some(Target::Filter(filter, name.to_owned(), op.list));
        }
        if filter.range.iter().flatten().any(|bound| bound == name) {
            return Some(Target::Filter(filter, name.to_owned(), None));
        }
    }
    match name {
        "body" if method.body != Body::None => Some(Target::Body),
        "version" if takes_version(method) => Some(Target::Version),
        _ => None,
    }
}

/// Whether it is the name of an operator's parameter, in which a key may stand.
fn is_of(filter: &Filter, op: &FilterOp, name: &str) -> bool {
    let Some(key) = &filter.key else {
        return op.param == name;
    };
    let rest = name.strip_prefix(&op.param);
    let found = rest.and_then(|rest| rest.strip_suffix(op.after.as_str()));
    let fits = |found: &str| match key {
        Ty::Int => found.parse::<i64>().is_ok(),
        Ty::Uint => found.parse::<u64>().is_ok(),
        _ => true,
    };
    found.is_some_and(|found| !found.is_empty() && fits(found))
}

fn takes_version(method: &Method) -> bool {
    method.lock.is_some() && method.effect != Effect::Read
}

/// All names that a call can give.
fn names<'a>(resource: &'a Resource, method: &'a Method) -> Vec<&'a str> {
    let own = method
        .arguments
        .iter()
        .filter(|one| one.place != ParamPlace::Path);
    let arguments = keys(resource, method).chain(own);
    let mut names: Vec<&str> = arguments.map(|one| one.name.wire.as_str()).collect();
    for filter in &method.filters {
        names.extend(filter.ops.iter().map(|op| op.param.as_str()));
        names.extend(filter.range.iter().flatten().map(String::as_str));
    }
    names.extend((method.body != Body::None).then_some("body"));
    names.extend(takes_version(method).then_some("version"));
    names
}

/// The keys of the path, and that nothing required is missing.
fn take_keys(
    index: &Index<'_>,
    resource: &Resource,
    method: &Method,
    name: &Spanned<String>,
    given: &Pairs,
    lowered: &mut ScenarioCall,
    diagnostics: &mut Diagnostics,
) {
    let of = |wanted: &dyn Fn(&str) -> bool| {
        let mut given = given.iter();
        given
            .find(|(key, _)| wanted(&key.value.0))
            .map(|(_, value)| value)
    };
    let mut missing = |wanted: &str| {
        let message = format!("`{}` is called without `{wanted}`", name.value);
        let help = format!("add `{wanted}`");
        diagnostics.push(Diagnostic::new("E133", &name.place, message).help(help));
    };
    let own = method.arguments.iter();
    let required =
        own.filter(|one| one.kind == ArgumentKind::Positional && one.place != ParamPlace::Path);
    for argument in keys(resource, method).chain(required) {
        if of(&|name| is_named(argument, name)).is_none() {
            missing(&argument.name.wire);
        }
    }
    if method.body != Body::None && of(&|name| name == "body").is_none() {
        missing("body");
    }
    for key in keys(resource, method) {
        if let Some(value) = of(&|name| is_named(key, name)) {
            let text = text(index, &key.ty, key.format, key.bools, value, diagnostics);
            lowered.keys.extend(text);
        }
    }
}

fn take(
    index: &Index<'_>,
    method: &Method,
    target: &Target<'_>,
    value: &Spanned<Literal>,
    lowered: &mut ScenarioCall,
    diagnostics: &mut Diagnostics,
) {
    match target {
        Target::Body => {
            if let Some(ty) = method.body.ty() {
                fits::check(index, ty, Format::Usual, value, diagnostics);
            } else {
                fits::check(index, &Ty::String, Format::Usual, value, diagnostics);
            }
            lowered.body = Some(json::plain(value, diagnostics).print());
        }
        Target::Filter(filter, param, list) => {
            let texts = texts(
                index,
                (&filter.ty, filter.format, filter.bools, *list),
                value,
                diagnostics,
            );
            push(param, *list, texts, &mut lowered.query);
        }
        Target::Argument(argument) => take_argument(index, argument, value, lowered, diagnostics),
        Target::Version => lowered.version = json::plain(value, diagnostics).text(),
    }
}

fn take_argument(
    index: &Index<'_>,
    argument: &Argument,
    value: &Spanned<Literal>,
    lowered: &mut ScenarioCall,
    diagnostics: &mut Diagnostics,
) {
    let name = &argument.name.wire;
    if argument.as_json {
        fits::check(index, &argument.ty, argument.format, value, diagnostics);
        let text = json::plain(value, diagnostics).print();
        let pairs = match argument.place {
            ParamPlace::Header => &mut lowered.headers,
            _ => &mut lowered.query,
        };
        return pairs.push((name.clone(), text));
    }
    let number = |diagnostics: &mut Diagnostics| {
        fits::check(index, &Ty::Uint, Format::Usual, value, diagnostics);
        value
            .read_as::<Numeral>()
            .ok()
            .and_then(|number| number.value.0.parse().ok())
    };
    match argument.place {
        ParamPlace::PageStart => lowered.start = number(diagnostics),
        ParamPlace::PageSize => lowered.size = number(diagnostics),
        ParamPlace::PageCursor | ParamPlace::Version => {
            let text = json::plain(value, diagnostics).text();
            if text.is_none() {
                fits::check(index, &Ty::String, Format::Usual, value, diagnostics);
            }
            match argument.place {
                ParamPlace::Version => lowered.version = text,
                _ => lowered.cursor = text,
            }
        }
        ParamPlace::Query if argument.ty == Ty::Bool && argument.bools == BoolStyle::Flag => {
            fits::check(index, &Ty::Bool, Format::Usual, value, diagnostics);
            if value.read_as::<bool>().is_ok_and(|set| set.value) {
                lowered.flags.push(name.clone());
            }
        }
        ParamPlace::Path => {}
        ParamPlace::Query | ParamPlace::Header => {
            let how = (&argument.ty, argument.format, argument.bools, argument.list);
            let texts = texts(index, how, value, diagnostics);
            match argument.place {
                ParamPlace::Header => push(name, argument.list, texts, &mut lowered.headers),
                _ => push(name, argument.list, texts, &mut lowered.query),
            }
        }
    }
}

/// One parameter, or several of the same name.
pub(super) fn push(
    name: &str,
    list: Option<ListStyle>,
    texts: Vec<String>,
    pairs: &mut Vec<(String, String)>,
) {
    match list {
        Some(ListStyle::Comma) => pairs.push((name.to_owned(), texts.join(","))),
        Some(ListStyle::Pipe) => pairs.push((name.to_owned(), texts.join("|"))),
        Some(ListStyle::Brackets) if !name.ends_with("[]") => {
            pairs.extend(texts.into_iter().map(|text| (format!("{name}[]"), text)));
        }
        Some(ListStyle::Brackets | ListStyle::Repeat) | None => {
            pairs.extend(texts.into_iter().map(|text| (name.to_owned(), text)));
        }
    }
}

fn texts(
    index: &Index<'_>,
    (ty, format, bools, list): (&Ty, Format, BoolStyle, Option<ListStyle>),
    value: &Spanned<Literal>,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    let mut one = |value| text(index, ty, format, bools, value, diagnostics);
    match (list, &value.value) {
        (Some(_), Literal::List(items)) => items.iter().filter_map(one).collect(),
        _ => one(value).into_iter().collect(),
    }
}

/// A scalar as it stands outside of JSON.
fn text(
    index: &Index<'_>,
    ty: &Ty,
    format: Format,
    bools: BoolStyle,
    value: &Spanned<Literal>,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    // Outside of JSON a number is a text anyway.
    let format = if format == Format::Text {
        Format::Usual
    } else {
        format
    };
    fits::check(index, ty, format, value, diagnostics);
    let text = json::plain(value, diagnostics).text()?;
    Some(match (text.as_str(), bools) {
        ("true", BoolStyle::Digits) if *ty == Ty::Bool => "1".to_owned(),
        ("false", BoolStyle::Digits) if *ty == Ty::Bool => "0".to_owned(),
        _ => text,
    })
}

/// A parameter of the client.
pub(super) fn client_param(
    index: &Index<'_>,
    name: &Spanned<String>,
    value: &Spanned<Literal>,
    diagnostics: &mut Diagnostics,
) -> Option<(String, String)> {
    let known = &index.api.client;
    let Some(param) = known.iter().find(|param| param.name.wire == name.value) else {
        let known = known.iter().map(|param| param.name.wire.as_str());
        diagnostics.push(unknown("E132", "a parameter of the client", name, known));
        return None;
    };
    let bools = index.api.wire.bools;
    let text = text(index, &param.ty, Format::Usual, bools, value, diagnostics)?;
    Some((name.value.clone(), text))
}

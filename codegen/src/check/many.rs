//! Writes over many rows and polls: that what guards a write counts what it touches, and that what is asked
//! can be asked and can come to an end. Assumes that names are resolved.

use crate::diagnostics::Diagnostics;
use crate::model::{
    Answer, Api, Argument, ArgumentKind, Body, Effect, Filter, Item, Member, Method, ParamPlace,
    Poll, Ty, TypeKind,
};

use super::members::{members, refuse, segments};
use super::reach::Types;
use super::{times, walk};

/// Nobody asks for longer than a week.
const LONGEST_MS: u64 = 7 * 24 * 60 * 60 * 1_000;

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let types = Types::of(api);
    for (_, method) in walk::methods(api) {
        match &method.bulk {
            Some(guard) => check_bulk(api, guard, method, diagnostics),
            None if method.effect != Effect::Read && !method.filters.is_empty() => {
                let message = format!("`{}` writes what its filters select", method.operation);
                let help = "write `bulk: {guard: count}` with a method that counts the same rows, \
                            or leave `filters` out";
                refuse("E116", message, help, &method.origin, diagnostics);
            }
            None => {}
        }
        if let Some(poll) = &method.poll {
            check_poll(api, &types, poll, method, diagnostics);
        }
    }
}

fn find<'a>(api: &'a Api, operation: &str) -> Option<&'a Method> {
    let mut methods = walk::methods(api).into_iter().map(|(_, method)| method);
    methods.find(|one| one.operation == operation)
}

fn needed(method: &Method) -> impl Iterator<Item = &Argument> {
    let arguments = method.arguments.iter();
    arguments.filter(|argument| argument.kind == ArgumentKind::Positional)
}

/// The guard is asked with the filters of the write, and with nothing else.
fn check_bulk(api: &Api, guard: &str, method: &Method, diagnostics: &mut Diagnostics) {
    let operation = &method.operation;
    let mut wrong = |message: String, help: &str| {
        refuse("E115", message, help, &method.origin, diagnostics);
    };
    if method.effect == Effect::Read {
        wrong(
            format!("`{operation}` only reads, and needs no guard"),
            "leave `bulk` out",
        );
    }
    if method.filters.is_empty() {
        wrong(
            format!("`{operation}` is `bulk` and takes no filters"),
            "write `filters: true`, and `filters` at the resource: without one it would touch every row",
        );
    }
    if method.lock.is_some() || method.reconcile.is_some() {
        wrong(
            format!("`{operation}` touches many rows, and `lock` and `reconcile` are about one"),
            "leave them out, with `none` if they are inherited",
        );
    }
    if method.follow.is_some() || matches!(method.answer, Answer::Page { .. } | Answer::Plain(_)) {
        wrong(
            format!("`{operation}` is a write, and its answer is neither walked nor streamed"),
            "write what it answers as `out`, or `out: none`",
        );
    }
    let Some(guard) = find(api, guard) else {
        return;
    };
    if !matches!(
        &guard.answer,
        Answer::Value {
            ty: Ty::Int | Ty::Uint,
            ..
        }
    ) || guard.effect != Effect::Read
        || guard.follow.is_some()
    {
        return wrong(
            format!("`{}` counts nothing", guard.operation),
            "write the name of a read whose `out` is `int`, such as `count: {http: GET ./count, out: {type: int, from: /total}}`",
        );
    }
    if let Some(argument) = needed(guard).next() {
        wrong(
            format!(
                "`{}` needs `{}`, which `{operation}` does not give it",
                guard.operation, argument.name.wire
            ),
            "write the name of a method that counts with filters alone",
        );
    } else if guard.body != Body::None {
        wrong(
            format!(
                "`{}` needs a body, which `{operation}` does not give it",
                guard.operation
            ),
            "write the name of a method that counts with filters alone",
        );
    }
    let known: Vec<&str> = guard.filters.iter().flat_map(params).collect();
    let missing = method
        .filters
        .iter()
        .flat_map(params)
        .find(|one| !known.contains(one));
    if let Some(missing) = missing {
        wrong(
            format!("`{}` does not take the filter `{missing}`", guard.operation),
            "let both take the same filters: `filters: true`",
        );
    }
}

/// All parameters that a filter may send.
fn params(filter: &Filter) -> impl Iterator<Item = &str> {
    let range = filter.range.iter().flatten().map(String::as_str);
    range.chain(filter.ops.iter().map(|op| op.param.as_str()))
}

fn check_poll(
    api: &Api,
    types: &Types<'_>,
    poll: &Poll,
    method: &Method,
    diagnostics: &mut Diagnostics,
) {
    let operation = &method.operation;
    let mut wrong = |message: String, help: &str| {
        refuse("E117", message, help, &method.origin, diagnostics);
    };
    check_times(poll, operation, &mut wrong);
    if poll.until.is_empty() {
        wrong(
            format!("nothing tells when `{operation}` is done"),
            "write what the answer says then, such as `in: [done]`",
        );
    }
    if let Some(both) = poll.until.iter().find(|word| poll.fail.contains(word)) {
        wrong(
            format!("`{both}` says that it is done and that it has failed"),
            "write it in one of `in` and `fail`",
        );
    }
    let read = match &poll.call {
        Some(call) => match find(api, call) {
            Some(read) => read,
            None => return,
        },
        None => method,
    };
    let (Answer::Value { ty, from }, Effect::Read, None) =
        (&read.answer, read.effect, &read.follow)
    else {
        return wrong(
            format!("`{}` reads nothing that says how far it is", read.operation),
            "write `call: get`, or another read that answers one value",
        );
    };
    if poll.call.is_some() {
        check_question(types, poll, method, read, &mut wrong);
    }
    let (wanted, outer) = (segments(&poll.at), segments(from));
    if !wanted.starts_with(&outer) {
        // Beside the value; whatever it is, nothing describes it.
        return;
    }
    match state(types, ty, &wanted[outer.len()..]) {
        State::Anything => {}
        State::Words(known) => {
            let all = poll.until.iter().chain(&poll.fail);
            if let Some(word) = all.into_iter().find(|word| !known.contains(&word.as_str())) {
                let known: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
                wrong(
                    format!("`{word}` is none of the values at `{}`", poll.at),
                    &format!("write some of {}", known.join(", ")),
                );
            }
        }
        State::Missing => wrong(
            format!(
                "`{}` answers no plain value at `{}`",
                read.operation, poll.at
            ),
            "write a pointer from the top of the answer to a text, a number or a word, such as `at: /data/status`",
        ),
    }
}

fn check_times(poll: &Poll, operation: &str, wrong: &mut impl FnMut(String, &str)) {
    let (every, max) = (poll.every.value, poll.max.value);
    if every == 0 || max > LONGEST_MS || max < every {
        wrong(
            format!(
                "`{operation}` is polled every {} for {}",
                times::show(every),
                times::show(max)
            ),
            "write an `every` from 1ms on, and a `max` from it to 7d",
        );
    }
}

/// What is asked is asked with keys of the call's path and of its answer, and with nothing else.
fn check_question(
    types: &Types<'_>,
    poll: &Poll,
    method: &Method,
    read: &Method,
    wrong: &mut impl FnMut(String, &str),
) {
    let operation = &method.operation;
    for argument in needed(read).filter(|argument| argument.place != ParamPlace::Path) {
        wrong(
            format!(
                "`{}` needs `{}`, which `{operation}` does not know",
                read.operation, argument.name.wire
            ),
            "write `call` with a read that can be asked without it",
        );
    }
    if read.body != Body::None {
        wrong(
            format!(
                "`{}` needs a body, which `{operation}` does not know",
                read.operation
            ),
            "write `call` with a read that can be asked without it",
        );
    }
    let placeholders = read
        .path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next());
    for name in placeholders {
        let is_own = method.path.contains(&format!("{{{name}}}"));
        let pointer = poll
            .keys
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, at)| at);
        let is_answered = pointer.is_some_and(|at| match &method.answer {
            Answer::Value { ty, from } => {
                let (wanted, outer) = (segments(at), segments(from));
                wanted.starts_with(&outer)
                    && !matches!(state(types, ty, &wanted[outer.len()..]), State::Missing)
            }
            _ => false,
        });
        if !is_own && !is_answered {
            wrong(
                format!(
                    "`{operation}` does not answer the `{name}` of `{}`",
                    read.operation
                ),
                "let it answer what it made, with its key: `out: <type>`, and `key: {<placeholder>: <field>}` at the resource",
            );
        }
    }
}

/// What can stand at a pointer.
enum State<'a> {
    Anything,
    Words(Vec<&'a str>),
    Missing,
}

fn state<'a>(types: &Types<'a>, ty: &'a Ty, wanted: &[String]) -> State<'a> {
    match ty {
        Ty::Nullable(inner) => state(types, inner, wanted),
        Ty::Item(item) | Ty::Boxed(item) => match (members(types, item), wanted) {
            (Some(all), [first, rest @ ..]) => match member(all, first) {
                Some(member) => state(types, &member.ty, rest),
                None if keeps(types, item) => State::Anything,
                None => State::Missing,
            },
            (None, []) => words(types, item),
            (Some(_), []) | (None, [_, ..]) => State::Missing,
        },
        Ty::Json | Ty::Map(_) => State::Anything,
        Ty::List(_) => State::Missing,
        _ if wanted.is_empty() => State::Anything,
        _ => State::Missing,
    }
}

fn member<'a>(all: &'a [Member], wire: &str) -> Option<&'a Member> {
    all.iter().find(|one| one.name.wire == wire)
}

/// Whether an object has members that nothing describes.
fn keeps(types: &Types<'_>, item: &Item) -> bool {
    let kind = types.find(item).map(|found| &found.kind);
    match kind {
        Some(TypeKind::Object(object)) => object.structs.iter().any(|one| one.keep_extra),
        _ => false,
    }
}

fn words<'a>(types: &Types<'a>, item: &Item) -> State<'a> {
    match types.find(item).map(|found| &found.kind) {
        Some(TypeKind::Enum(kind)) => State::Words(
            kind.values
                .iter()
                .map(|value| value.name.wire.as_str())
                .collect(),
        ),
        Some(TypeKind::Alias(alias)) => state(types, &alias.inner, &[]),
        Some(TypeKind::Object(_) | TypeKind::Union(_)) => State::Missing,
        None => State::Anything,
    }
}

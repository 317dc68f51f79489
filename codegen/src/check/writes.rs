//! Locks, idempotency keys, and looking for what was made: that the server can understand them and the
//! runtime can keep to them. Assumes that names are resolved; whether places have room is `members`'.

use crate::diagnostics::Diagnostics;
use crate::model::{
    Answer, Api, Effect, How, IdempotencyKey, Lock, Member, Method, Place, Reconcile, SendAt, Ty,
    TypeKind, Verb,
};

use super::members::{There, members, refuse, there};
use super::reach::Types;
use super::{limits, parameters, times, walk};

/// Nobody remembers keys for longer than a year.
const LONGEST_MS: u64 = 366 * 24 * 60 * 60 * 1_000;

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let types = Types::of(api);
    for lock in &api.locks {
        check_lock(lock, diagnostics);
    }
    for key in &api.keys {
        check_key(api, key, diagnostics);
    }
    for (_, method) in walk::methods(api) {
        if let Some(lock) = method.lock.and_then(|lock| api.locks.get(lock)) {
            check_locked(&types, lock, method, diagnostics);
        }
        if let Effect::Keyed(key) = method.effect
            && let Some(key) = api.keys.get(key)
        {
            check_keyed(&types, key, method, diagnostics);
        }
        if let Some(reconcile) = &method.reconcile {
            check_reconcile(api, &types, reconcile, method, diagnostics);
        }
    }
}

fn check_lock(lock: &Lock, diagnostics: &mut Diagnostics) {
    parameters::check_place(&lock.send, &lock.origin, diagnostics);
    limits::check_place(&lock.from, &lock.origin, diagnostics);
    let visible = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if !visible(&lock.before) || !visible(&lock.after) {
        let message = format!("the format of the lock `{}` cannot be sent", lock.name.wire);
        let help = "write visible ASCII characters around `{}`";
        refuse("E100", message, help, &lock.origin, diagnostics);
    }
}

fn check_locked(types: &Types<'_>, lock: &Lock, method: &Method, diagnostics: &mut Diagnostics) {
    let (name, operation) = (&lock.name.wire, &method.operation);
    if matches!(method.answer, Answer::Page { .. } | Answer::List { .. }) {
        let message =
            format!("`{operation}` answers a list, and the lock `{name}` is of one thing");
        let help = "write `lock` at methods that read or write one item";
        refuse("E100", message, help, &method.origin, diagnostics);
    }
    if method.effect == Effect::Read {
        if matches!(lock.from, Place::Body(_))
            && matches!(method.answer, Answer::None | Answer::Plain(_))
        {
            let message =
                format!("`{operation}` reads no body that could hold the version of `{name}`");
            let help = "write what it answers as `out`, or remove `lock`";
            refuse("E100", message, help, &method.origin, diagnostics);
        }
        return;
    }
    if let SendAt::Body(pointer) = &lock.send
        && let There::Member(member) = there(types, method, pointer)
    {
        let member = &member.name.wire;
        let message = format!(
            "`{operation}` would send `{member}` in its body and as the version of `{name}`"
        );
        let help = "mark the field `access: read_only`, so that only the lock sends it";
        refuse("E100", message, help, &method.origin, diagnostics);
    }
}

fn check_key(api: &Api, key: &IdempotencyKey, diagnostics: &mut Diagnostics) {
    parameters::check_place(&key.at, &key.origin, diagnostics);
    if let Some(within) = &key.within
        && !(1..=LONGEST_MS).contains(&within.value)
    {
        let time = times::show(within.value);
        let message = format!("an idempotency key is remembered for {time}");
        let help = "write a time from 1ms to 366d, or leave `within` out";
        refuse("E084", message, help, &key.origin, diagnostics);
    }
    let Some(replay) = key.replay else { return };
    if !(300..=599).contains(&replay.status) {
        let message = format!(
            "a repetition that is answered with {} is a success",
            replay.status
        );
        let help = "leave `replay` out: then the first answer is repeated";
        refuse("E101", message, help, &key.origin, diagnostics);
    }
    let refused = api.refusal.as_ref();
    if refused.is_some_and(|refusal| refusal.statuses.contains(&replay.status)) {
        let message = format!(
            "{} is both a refusal and the answer to a repetition",
            replay.status
        );
        let help = "write the status in one of them";
        refuse("E101", message, help, &key.origin, diagnostics);
    }
}

fn check_keyed(
    types: &Types<'_>,
    key: &IdempotencyKey,
    method: &Method,
    diagnostics: &mut Diagnostics,
) {
    let operation = &method.operation;
    if matches!(method.verb, Verb::Get | Verb::Head | Verb::Options) {
        let message = format!("`{operation}` only reads, and needs no idempotency key");
        refuse(
            "E101",
            message,
            "write `effect: read`",
            &method.origin,
            diagnostics,
        );
    }
    if let SendAt::Body(pointer) = &key.at
        && let There::Member(member) = there(types, method, pointer)
        && !is_optional_text(types, member)
    {
        let member = &member.name.wire;
        let message =
            format!("`{member}` of `{operation}` is the idempotency key, and no optional text");
        let help = format!(
            "write `{member}?: string`, or remove it from the body: the runtime makes keys by itself"
        );
        refuse("E101", message, &help, &method.origin, diagnostics);
    }
}

/// What the runtime can fill in where the caller does not.
fn is_optional_text(types: &Types<'_>, member: &Member) -> bool {
    let optional = matches!(member.how, How::Optional | How::Patch) && member.constant.is_none();
    optional && is_text(types, &member.ty)
}

fn is_text(types: &Types<'_>, ty: &Ty) -> bool {
    match ty {
        Ty::String | Ty::Uuid => true,
        Ty::Item(item) => types.find(item).is_some_and(|found| match &found.kind {
            TypeKind::Alias(alias) => is_text(types, &alias.inner),
            TypeKind::Object(_) | TypeKind::Enum(_) | TypeKind::Union(_) => false,
        }),
        _ => false,
    }
}

/// The runtime asks the list with the keys and members of the create, and with nothing else.
fn check_reconcile(
    api: &Api,
    types: &Types<'_>,
    reconcile: &Reconcile,
    method: &Method,
    diagnostics: &mut Diagnostics,
) {
    let operation = &method.operation;
    let mut wrong = |message: String, help: &str| {
        refuse("E102", message, help, &method.origin, diagnostics);
    };
    if method.verb != Verb::Post {
        wrong(
            format!("`{operation}` makes nothing that could be looked for"),
            "write `reconcile` at a method that makes an item with POST",
        );
    }
    if reconcile.by.is_empty() {
        wrong(
            format!("nothing tells what `{operation}` made from other items"),
            "write the fields that no two items share, such as `by: [email]`",
        );
    }
    let mut methods = walk::methods(api).into_iter().map(|(_, method)| method);
    let Some(list) = methods.find(|one| one.operation == reconcile.list) else {
        return;
    };
    let item = match &list.answer {
        Answer::Page { item, .. } | Answer::List { item, .. } => item,
        Answer::None | Answer::Plain(_) | Answer::Value { .. } | Answer::Outcomes { .. } => {
            let message = format!(
                "`{}` answers no list that could be searched",
                list.operation
            );
            return wrong(message, "write `call` with a method that answers a list");
        }
    };
    if !matches!(&method.answer, Answer::Value { ty, .. } if ty == item) {
        wrong(
            format!(
                "`{operation}` answers something else than the items of `{}`",
                list.operation
            ),
            "let both answer the same type: what is found takes the place of the answer",
        );
    }
    let missing = list.arguments.iter().find(|argument| {
        argument.kind == crate::model::ArgumentKind::Positional
            && !method.path.contains(&format!("{{{}}}", argument.name.wire))
    });
    if let Some(missing) = missing {
        wrong(
            format!(
                "`{}` needs `{}`, which `{operation}` does not know",
                list.operation, missing.name.wire
            ),
            "write `call` with a list that can be asked without it",
        );
    }
    for (wire, _) in &reconcile.by {
        if !is_sent(types, method, wire) {
            wrong(
                format!("`{operation}` sends no `{wire}` as a plain value"),
                "write fields that are sent to make an item: texts, numbers, or words",
            );
        }
        let is_read = |item| {
            members(types, item).is_some_and(|all| all.iter().any(|one| one.name.wire == *wire))
        };
        if !matches!(item, Ty::Item(item) if is_read(item)) {
            wrong(
                format!("the items of `{}` have no `{wire}`", list.operation),
                "write fields that the list answers",
            );
        }
    }
}

/// Whether a body has a member of a scalar type.
fn is_sent(types: &Types<'_>, method: &Method, wire: &str) -> bool {
    let crate::model::Body::Json { at, .. } = &method.body else {
        return false;
    };
    let pointer = format!("{at}/{}", wire.replace('~', "~0").replace('/', "~1"));
    match there(types, method, &pointer) {
        There::Member(member) => match &member.ty {
            Ty::List(_) | Ty::Map(_) | Ty::Json | Ty::Secret | Ty::Bytes | Ty::File | Ty::Float => {
                false
            }
            Ty::Item(item) => members(types, item).is_none(),
            Ty::Boxed(_) => false,
            _ => true,
        },
        There::Room | There::Blocked => false,
    }
}

//! Answers that are streamed, and those that lead elsewhere: that there is something to follow, and that
//! nothing else is promised about them.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{
    Answer, Api, Effect, Follow, Format, Item, Member, Method, Plain, Ty, TypeKind,
};

use super::members::{refuse, segments};
use super::reach::Types;
use super::{place, walk};

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let types = Types::of(api);
    for (_, method) in walk::methods(api) {
        if method.answer == Answer::Plain(Plain::Stream) {
            check_download(method, diagnostics);
        }
        if let Some(follow) = &method.follow {
            check_follow(&types, method, follow, diagnostics);
        }
    }
}

fn check_download(method: &Method, diagnostics: &mut Diagnostics) {
    refuse_policies("E113", "download", method, diagnostics);
    if method.effect == Effect::Once {
        let message = format!(
            "`{}` changes something each time, and a download that breaks off cannot be asked for again",
            method.operation
        );
        let help = "write `effect: read` if it only reads; otherwise say so in `doc` and allow this finding";
        let at = place::of_word(&method.origin, "download");
        diagnostics.push(Diagnostic::new("W013", &at, message).help(help));
    }
}

/// The future of neither has the options that these policies give to a call.
fn refuse_policies(code: &'static str, word: &str, method: &Method, diagnostics: &mut Diagnostics) {
    let operation = &method.operation;
    let is_write = method.effect != Effect::Read;
    let policies = [
        ("lock", method.lock.is_some() && is_write),
        ("effect: keyed", matches!(method.effect, Effect::Keyed(_))),
        ("reconcile", method.reconcile.is_some()),
    ];
    for (policy, _) in policies.iter().filter(|(_, is_there)| *is_there) {
        let message = format!("`{operation}` has `{word}`, which does not go with `{policy}`");
        let help = "remove one of them: what is written safely is answered with a value";
        refuse(code, message, help, &method.origin, diagnostics);
    }
}

fn check_follow(
    types: &Types<'_>,
    method: &Method,
    follow: &Follow,
    diagnostics: &mut Diagnostics,
) {
    refuse_policies("E114", "follow", method, diagnostics);
    let Answer::Value { ty, from } = &method.answer else {
        // A download beside it has been refused already.
        if method.answer != Answer::Plain(Plain::Stream) {
            let message = format!(
                "`{}` answers no single value with a URL in it",
                method.operation
            );
            let help =
                "write what it answers as `out`, an object with the URL as one of its fields";
            refuse("E114", message, help, &method.origin, diagnostics);
        }
        return;
    };
    let at = place::of_word(&method.origin, "follow");
    let mut check = |pointer: &str, fits: fn(&Types<'_>, &Member) -> bool, wanted: &str| {
        let message = match find(types, ty, from, pointer) {
            Found::Unknown => return,
            Found::Member(member) if fits(types, member) => return,
            Found::Member(member) => {
                format!("`{}` at `{pointer}` is no {wanted}", member.name.wire)
            }
            Found::Nothing => {
                format!(
                    "the answer of `{}` has nothing at `{pointer}`",
                    method.operation
                )
            }
        };
        let help = format!("write a pointer into the whole answer that leads to a {wanted}");
        diagnostics.push(Diagnostic::new("E114", &at, message).help(help));
    };
    check(&follow.url, is_url, "text or `url`");
    if let Some(expires) = &follow.expires {
        check(expires, is_time, "`datetime` in RFC 3339 or since 1970");
    }
}

fn is_url(types: &Types<'_>, member: &Member) -> bool {
    match &member.ty {
        Ty::String | Ty::Url => true,
        Ty::Item(item) => match types.find(item).map(|found| &found.kind) {
            Some(TypeKind::Alias(alias)) => alias.inner == Ty::String,
            Some(TypeKind::Object(_) | TypeKind::Enum(_) | TypeKind::Union(_)) | None => false,
        },
        _ => false,
    }
}

/// The runtime reads RFC 3339 and the same without an offset in UTC, and tells seconds from milliseconds by their size.
fn is_time(_: &Types<'_>, member: &Member) -> bool {
    let forms = [
        Format::Usual,
        Format::NaiveUtc,
        Format::EpochSeconds,
        Format::EpochMillis,
    ];
    member.ty == Ty::Timestamp && forms.contains(&member.format)
}

/// What stands at a pointer of an answer, as far as the description tells.
enum Found<'a> {
    Member(&'a Member),
    Nothing,
    Unknown,
}

fn find<'a>(types: &Types<'a>, ty: &'a Ty, from: &str, pointer: &str) -> Found<'a> {
    let (wanted, outer) = (segments(pointer), segments(from));
    match wanted.strip_prefix(outer.as_slice()) {
        // Beside the value that is read, nothing is described.
        None => Found::Unknown,
        Some(rest) => find_in(types, ty, rest),
    }
}

fn find_in<'a>(types: &Types<'a>, ty: &'a Ty, wanted: &[String]) -> Found<'a> {
    let item: &Item = match ty {
        Ty::Item(item) | Ty::Boxed(item) => item,
        Ty::Nullable(inner) => return find_in(types, inner, wanted),
        Ty::Json | Ty::Map(_) => return Found::Unknown,
        _ => return Found::Nothing,
    };
    let Some(described) = types.find(item) else {
        return Found::Unknown;
    };
    let object = match &described.kind {
        TypeKind::Object(object) => object,
        TypeKind::Union(_) => return Found::Unknown,
        TypeKind::Enum(_) | TypeKind::Alias(_) => return Found::Nothing,
    };
    let read = object.structs.iter().find(|one| one.rust == item.rust);
    let (Some(read), Some(first)) = (read, wanted.first()) else {
        return Found::Nothing;
    };
    match read.members.iter().find(|one| one.name.wire == *first) {
        Some(member) if wanted.len() == 1 => Found::Member(member),
        Some(member) => find_in(types, &member.ty, &wanted[1..]),
        None if read.keep_extra || read.dynamic.is_some() => Found::Unknown,
        None => Found::Nothing,
    }
}

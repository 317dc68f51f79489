//! What a body holds where a policy wants to put something into it.
//!
//! Assumes a lowered body. What cannot be told from the description, such as arbitrary JSON, counts as
//! an object with room in it.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Api, Body, Item, Member, Method, Origin, SendAt, Ty, TypeKind, Verb};

use super::reach::Types;
use super::{parameters, place, walk};

/// What stands at a pointer of a body.
#[derive(Debug)]
pub(super) enum There<'a> {
    /// Nothing, and something can be put there.
    Room,
    /// A member that the caller gives.
    Member(&'a Member),
    /// Something else than an object stands on the way.
    Blocked,
}

/// What a method's body has at a pointer.
pub(super) fn there<'a>(types: &Types<'a>, method: &'a Method, pointer: &str) -> There<'a> {
    let (ty, at) = match &method.body {
        Body::None => return There::Room,
        Body::Json { ty, at, .. } => (ty, at),
        // A policy puts JSON into a body, and nothing into any other.
        Body::Form { .. }
        | Body::Multipart { .. }
        | Body::Text { .. }
        | Body::Bytes { .. }
        | Body::File { .. } => return There::Blocked,
    };
    let (wanted, outer) = (segments(pointer), segments(at));
    let common = wanted.iter().zip(&outer).take_while(|(a, b)| a == b);
    match common.count() {
        // Beside the wrapped value.
        same if same < outer.len().min(wanted.len()) => There::Room,
        same if same < wanted.len() => walk_in(types, ty, &wanted[same..]),
        _ => There::Blocked,
    }
}

/// The segments of a pointer, unescaped (RFC 6901, section 4).
pub(super) fn segments(pointer: &str) -> Vec<String> {
    let segments = pointer.split('/').skip(1);
    segments
        .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
        .collect()
}

fn walk_in<'a>(types: &Types<'a>, ty: &'a Ty, wanted: &[String]) -> There<'a> {
    let item = match ty {
        Ty::Item(item) | Ty::Boxed(item) => item,
        Ty::Nullable(inner) => return walk_in(types, inner, wanted),
        Ty::Json | Ty::Map(_) => return There::Room,
        _ => return There::Blocked,
    };
    let Some(members) = members(types, item) else {
        return There::Blocked;
    };
    match members.iter().find(|member| member.name.wire == wanted[0]) {
        None => There::Room,
        Some(member) if wanted.len() == 1 => There::Member(member),
        Some(member) => walk_in(types, &member.ty, &wanted[1..]),
    }
}

/// The members of the struct that an item is; of a union none are known.
pub(super) fn members<'a>(types: &Types<'a>, item: &Item) -> Option<&'a [Member]> {
    match &types.find(item)?.kind {
        TypeKind::Object(object) => {
            let written = object.structs.iter().find(|one| one.rust == item.rust)?;
            Some(&written.members)
        }
        TypeKind::Union(_) => Some(&[]),
        TypeKind::Enum(_) | TypeKind::Alias(_) => None,
    }
}

/// Whatever the policies of methods put into bodies has to find room there.
pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let types = Types::of(api);
    for (_, method) in walk::methods(api) {
        for (at, sender) in parameters::places(api, method) {
            if let SendAt::Body(pointer) = at {
                check_room(&types, method, pointer, &sender, diagnostics);
            }
        }
    }
}

fn check_room(
    types: &Types<'_>,
    method: &Method,
    pointer: &str,
    sender: &str,
    diagnostics: &mut Diagnostics,
) {
    let operation = &method.operation;
    if matches!(method.verb, Verb::Get | Verb::Head) {
        let message = format!("{sender} is sent in the body, and `{operation}` sends none");
        let help = "send it in the query or in a header, or write another verb than GET and HEAD";
        refuse("E056", message, help, &method.origin, diagnostics);
        return;
    }
    match there(types, method, pointer) {
        There::Blocked => {
            let message =
                format!("the body of `{operation}` has no room for {sender} at `{pointer}`");
            let help = "write a pointer that leads through objects only, or send an object";
            refuse("E056", message, help, &method.origin, diagnostics);
        }
        There::Member(member) if method.page.is_some() => {
            let message = format!("`{}` is sent by {sender}", member.name.wire);
            let help = "remove it from the body: the list has a setter for it already";
            refuse("E055", message, help, &method.origin, diagnostics);
        }
        // Those of locks and keys are judged with them.
        There::Member(_) | There::Room => {}
    }
}

pub(super) fn refuse(
    code: &'static str,
    message: String,
    help: &str,
    origin: &Origin,
    diagnostics: &mut Diagnostics,
) {
    diagnostics.push(Diagnostic::new(code, &place::of(origin), message).help(help));
}

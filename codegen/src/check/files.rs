//! Files: a value of type `file` is one part of a multipart body or a body by itself, and can stand nowhere else.
//!
//! Parameters without a text form are refused by their own check; here is whatever a body, an answer or
//! an error leads to.

use std::collections::BTreeSet;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Answer, Api, Body, Member, Method, Origin, Plain, Ty, Type, TypeKind};

use super::reach::Types;
use super::{place, walk};

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let types = Types::of(api);
    let mut found = Found::default();
    for details in api.cases.iter().filter_map(|case| case.details.as_ref()) {
        found.look(&types, details, &api.origin);
    }
    for (_, method) in walk::methods(api) {
        look_at_method(&types, method, &mut found);
    }
    for (what, at, user) in found.list {
        let message =
            format!("{what} is a file, which stands in a multipart body or is a whole one");
        let help = "write `as: multipart` at a body with the file directly in it, `body: {type: file, as: bytes}`, or `bytes` for base64 text";
        let diagnostic = Diagnostic::new("E111", &place::of(at), message).help(help);
        diagnostics.push(if at == user {
            diagnostic
        } else {
            diagnostic.also(&place::of(user), "used here")
        });
    }
}

fn look_at_method<'a>(types: &Types<'a>, method: &'a Method, found: &mut Found<'a>) {
    let origin = &method.origin;
    match &method.body {
        Body::None | Body::Text { .. } | Body::Bytes { .. } | Body::File { .. } => {}
        Body::Json { ty, .. } | Body::Form { ty, .. } => found.look(types, ty, origin),
        Body::Multipart { ty, .. } => {
            let Some((described, sent)) = types.find_struct(ty) else {
                return;
            };
            for member in &sent.members {
                match &member.ty {
                    Ty::File => {}
                    Ty::List(inner) if **inner == Ty::File => {}
                    other if other.holds_file() => found.add(described, member, origin),
                    other => found.look(types, other, origin),
                }
            }
        }
    }
    // Any other parameter with a file has been refused for having no text form.
    for argument in method.arguments.iter().filter(|argument| argument.as_json) {
        found.look(types, &argument.ty, origin);
    }
    look_at_answer(types, &method.answer, origin, found);
}

fn look_at_answer<'a>(
    types: &Types<'a>,
    answer: &'a Answer,
    origin: &'a Origin,
    found: &mut Found<'a>,
) {
    match answer {
        Answer::None | Answer::Plain(Plain::Text | Plain::Bytes | Plain::Stream) => {}
        Answer::Value { ty, .. }
        | Answer::List { item: ty, .. }
        | Answer::Page { item: ty, .. } => found.look(types, ty, origin),
        Answer::Outcomes { outcomes, .. } => {
            for outcome in outcomes {
                look_at_answer(types, &outcome.answer, origin, found);
            }
        }
    }
}

/// The files that were found, each once: what it is, where it stands, and who leads there.
#[derive(Default)]
struct Found<'a> {
    list: Vec<(String, &'a Origin, &'a Origin)>,
    /// The items that were looked at.
    seen: BTreeSet<&'a str>,
}

impl<'a> Found<'a> {
    fn add(&mut self, described: &'a Type, member: &'a Member, user: &'a Origin) {
        let fields = match &described.kind {
            TypeKind::Object(object) => object.fields.as_slice(),
            TypeKind::Enum(_) | TypeKind::Union(_) | TypeKind::Alias(_) => &[],
        };
        let field = fields.iter().find(|one| one.name.wire == member.field);
        let at = field.map_or(&described.origin, |field| &field.origin);
        // Each shape of a type holds the same file.
        if !self.list.iter().any(|(_, known, _)| *known == at) {
            let what = format!("`{}.{}`", described.name.wire, member.name.wire);
            self.list.push((what, at, user));
        }
    }

    fn look(&mut self, types: &Types<'a>, ty: &'a Ty, user: &'a Origin) {
        let mut waiting = vec![ty];
        if ty.holds_file() {
            self.list.push(("this".to_owned(), user, user));
        }
        while let Some(ty) = waiting.pop() {
            let item = match ty {
                Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) => {
                    waiting.push(inner);
                    continue;
                }
                Ty::Item(item) | Ty::Boxed(item) => item,
                _ => continue,
            };
            let Some(described) = types.find(item) else {
                continue;
            };
            if !self.seen.insert(item.rust.as_str()) {
                continue;
            }
            let name = &described.name.wire;
            match &described.kind {
                TypeKind::Object(object) => {
                    let sent = object.structs.iter().find(|one| one.rust == item.rust);
                    let Some(sent) = sent else { continue };
                    for member in &sent.members {
                        waiting.push(&member.ty);
                        if member.ty.holds_file() {
                            self.add(described, member, user);
                        }
                    }
                    if let Some(dynamic) = &sent.dynamic {
                        waiting.push(&dynamic.value);
                        if dynamic.value.holds_file() {
                            let what = format!("each dynamic member of `{name}`");
                            self.list.push((what, &described.origin, user));
                        }
                    }
                }
                TypeKind::Union(union) => {
                    for variant in &union.variants {
                        waiting.push(&variant.ty);
                        if variant.ty.holds_file() {
                            let what = format!("a variant of `{name}`");
                            self.list.push((what, &described.origin, user));
                        }
                    }
                }
                TypeKind::Enum(_) | TypeKind::Alias(_) => {}
            }
        }
    }
}

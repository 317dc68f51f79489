//! Bodies that are no JSON: that each member has a form there.
//!
//! A form is flat and knows no null; of a body in parts, a part may be an object, which is JSON then. Where
//! files stand is `files`' to judge.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Api, Body, How, Method, Struct, Ty, Type, TypeKind};

use super::reach::Types;
use super::{place, walk};

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let types = Types::of(api);
    for (_, method) in walk::methods(api) {
        let (ty, encoding) = match &method.body {
            Body::Form { ty, .. } => (ty, Encoding::Form),
            Body::Multipart { ty, .. } => (ty, Encoding::Parts),
            Body::None
            | Body::Json { .. }
            | Body::Text { .. }
            | Body::Bytes { .. }
            | Body::File { .. } => continue,
        };
        if let Some((described, sent)) = types.find_struct(ty) {
            check_members(&types, method, encoding, described, sent, diagnostics);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Form,
    Parts,
}

fn check_members(
    types: &Types<'_>,
    method: &Method,
    encoding: Encoding,
    described: &Type,
    sent: &Struct,
    diagnostics: &mut Diagnostics,
) {
    let name = &described.name.wire;
    let mut refuse = |message: String, help: &str| {
        let found = Diagnostic::new("E110", &place::of_word(&method.origin, "body"), message);
        let found = found.help(help);
        diagnostics.push(found.also(&place::of(&described.origin), "the type"));
    };
    if encoding == Encoding::Parts && (sent.keep_extra || sent.dynamic.is_some()) {
        let message =
            format!("`{name}` has members that are not described, and a part needs a name");
        refuse(
            message,
            "describe each member, and write neither `extra: keep` nor `dynamic`",
        );
    }
    for member in sent.members.iter().filter(|one| one.constant.is_none()) {
        let shown = format!("{name}.{}", member.name.wire);
        let element = match &member.ty {
            Ty::List(inner) => inner,
            other => other,
        };
        if matches!(member.how, How::Nullable | How::Patch) || matches!(element, Ty::Nullable(_)) {
            let message = format!(
                "`{shown}` may be null, which `{}` cannot send",
                method.operation
            );
            refuse(
                message,
                "remove `| null`, or send the body as JSON: only there null has a form",
            );
        } else if encoding == Encoding::Form && !is_flat(types, element) {
            let message = format!("`{shown}` is no single value, and a form has no other");
            refuse(
                message,
                "give the member a scalar type or a list of one, or send the body as JSON",
            );
        } else if encoding == Encoding::Parts && *element == Ty::Bytes {
            let message = format!("`{shown}` is base64 in a body that can send bytes as they are");
            refuse(message, "write `file`");
        }
    }
    let value = sent.dynamic.as_ref().map(|dynamic| &dynamic.value);
    if let (Encoding::Form, Some(value)) = (encoding, value)
        && !is_flat(types, value)
    {
        let message = format!("dynamic members of `{name}` are no single values");
        refuse(
            message,
            "give them a scalar type, or send the body as JSON: a form has no other",
        );
    }
}

/// Whether every value is one text. Arbitrary JSON may be, and files are judged elsewhere.
fn is_flat(types: &Types<'_>, ty: &Ty) -> bool {
    match ty {
        Ty::String
        | Ty::Int
        | Ty::Uint
        | Ty::Float
        | Ty::Decimal
        | Ty::Bool
        | Ty::Timestamp
        | Ty::CivilDateTime
        | Ty::Date
        | Ty::Time
        | Ty::Duration
        | Ty::Uuid
        | Ty::Url
        | Ty::Bytes
        | Ty::Json
        | Ty::Secret
        | Ty::File => true,
        Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) => false,
        Ty::Item(item) | Ty::Boxed(item) => match types.find(item).map(|found| &found.kind) {
            Some(TypeKind::Enum(_) | TypeKind::Alias(_)) | None => true,
            Some(TypeKind::Object(_) | TypeKind::Union(_)) => false,
        },
    }
}

//! Enums and unions that could be described and not be read.
//!
//! What tells variants apart is lowering's to decide; here is what is left of a union then.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Api, Type, TypeKind, UnionType};

use super::place;

/// Beyond, trying one variant after the other costs more than the union is worth.
const MOST_UNTAGGED: usize = 64;

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for described in &api.types {
        match &described.kind {
            TypeKind::Enum(words) if words.values.is_empty() => {
                let message = format!("the enum `{}` has no values", described.name.wire);
                let found = Diagnostic::new("E090", &place::of(&described.origin), message);
                diagnostics.push(found.help("list its values, or use `string`"));
            }
            TypeKind::Union(union) => check_union(described, union, diagnostics),
            TypeKind::Enum(_) | TypeKind::Object(_) | TypeKind::Alias(_) => {}
        }
    }
}

fn check_union(described: &Type, union: &UnionType, diagnostics: &mut Diagnostics) {
    let name = &described.name.wire;
    let at = place::of(&described.origin);
    let mut refuse = |message: String, help: &str| {
        diagnostics.push(Diagnostic::new("E091", &at, message).help(help));
    };
    if union.variants.is_empty() {
        refuse(
            format!("the union `{name}` has no variants"),
            "list its variants, or use `json`",
        );
    }
    if union.tag.is_some() && union.content == union.tag {
        refuse(
            format!("the tag and the content of `{name}` are the same member"),
            "name two different members",
        );
    }
    if union.tag.as_ref().is_some_and(String::is_empty) {
        refuse(
            format!("the tag of `{name}` has no name"),
            "write the member that tells the variant",
        );
    }
    if union.tag.is_none() && union.variants.len() > MOST_UNTAGGED {
        let message = format!("`{name}` has {} variants and no tag", union.variants.len());
        refuse(
            message,
            "use `tag`, because without one each variant is tried in turn",
        );
    }
}

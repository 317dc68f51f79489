//! A warning about an API whose generated code takes long to compile.
//! Counts the Rust types that an application gets, whatever they are made of. Must not refuse: a large
//! API is large.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Api, TypeKind};

use super::{place, walk};

/// So many types take `cargo check` some ten seconds; the figures are in `CONTRIBUTING.md`.
const MOST_TYPES: usize = 2_000;

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let types = count(api);
    if types <= MOST_TYPES {
        return;
    }
    let message = format!(
        "the API `{}` becomes {types} types, more than {MOST_TYPES}",
        api.name
    );
    let help = "describe parts of it as APIs of their own, so that an application compiles only \
                what it uses";
    diagnostics.push(Diagnostic::new("W018", &place::of(&api.origin), message).help(help));
}

/// The structs and enums of its models, and the calls that have a type of their own.
fn count(api: &Api) -> usize {
    let models = api.types.iter().map(|described| match &described.kind {
        TypeKind::Object(object) => object.structs.len(),
        TypeKind::Enum(_) | TypeKind::Union(_) | TypeKind::Alias(_) => 1,
    });
    let calls = walk::methods(api)
        .into_iter()
        .filter(|(_, method)| method.call_type.is_some());
    models.sum::<usize>() + calls.count()
}

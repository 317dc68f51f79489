//! `max_depth`: how deep values of a type may nest in each other when they are sent.
//! Assumes that all types are lowered. Must not follow shapes: whatever holds a value of a type holds it in all of them.

use crate::diagnostics::{Diagnostic, Diagnostics};

use super::catalogue::{Catalogue, Expr, Kind, TypeId};

/// JSON readers commonly give up at 128 levels, and each value takes one at least.
const DEEPEST: u64 = 64;

/// Refuses limits of types that do not nest, and numbers that are none.
pub(super) fn check(types: &Catalogue, diagnostics: &mut Diagnostics) {
    for id in types.ids() {
        let depth = match &types.get(id).kind {
            Kind::Object(object) => object.max_depth,
            Kind::Union(union) => union.max_depth,
            Kind::Enum(_) | Kind::Alias { .. } | Kind::Broken => None,
        };
        let Some(depth) = depth else { continue };
        let described = types.get(id);
        let name = &described.name.wire;
        let (message, help) = if !(1..=DEEPEST).contains(&depth) {
            (
                format!("`max_depth` of `{name}` is {depth}"),
                format!("write a number from 1 to {DEEPEST}"),
            )
        } else if !holds_itself(types, id) {
            (
                format!("`{name}` holds no other `{name}`, so that it has no depth"),
                "remove `max_depth`, or write it at the type that refers to itself".to_owned(),
            )
        } else {
            continue;
        };
        diagnostics.push(Diagnostic::new("E127", &described.place, message).help(help));
    }
}

fn holds_itself(types: &Catalogue, start: TypeId) -> bool {
    let mut seen = vec![false; types.list.len()];
    let mut waiting = vec![start];
    while let Some(id) = waiting.pop() {
        let mut inner = Vec::new();
        for expr in held(types, id) {
            expr.references(&mut inner);
        }
        for (_, next) in inner {
            if next == start {
                return true;
            }
            if !std::mem::replace(&mut seen[next.0], true) {
                waiting.push(next);
            }
        }
    }
    false
}

/// Everything that a value of the type may hold.
fn held(types: &Catalogue, id: TypeId) -> Vec<&Expr> {
    match &types.get(id).kind {
        Kind::Object(object) => {
            let fields = object.fields.iter();
            let dynamic = object.dynamic.iter().map(|dynamic| &dynamic.value);
            let sent = object.fields.iter().filter_map(|field| field.sent.as_ref());
            fields
                .map(|field| &field.read)
                .chain(sent)
                .chain(dynamic)
                .collect()
        }
        Kind::Union(union) => union.variants.iter().map(|variant| &variant.expr).collect(),
        Kind::Enum(_) | Kind::Alias { .. } | Kind::Broken => Vec::new(),
    }
}

//! Masks: a parameter that selects members of what a call answers, and the partial objects that come then.
//! Assumes the method's answer and arguments. Must not change the call itself: without the parameter whole
//! objects come.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, OrNone, Spanned};
use crate::model::{Answer, Argument, ArgumentKind, Item, Mask, ParamPlace, Ty};
use crate::names;

use super::catalogue::{Catalogue, Mode, Root, TypeId};
use super::inherit::Levels;
use super::methods::Site;
use super::naming::unknown;

pub(super) fn lower(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    levels: &Levels<'_>,
    answer: &Answer,
    arguments: &[Argument],
    diagnostics: &mut Diagnostics,
) -> Option<Mask> {
    let written = levels.of_method(|method| method.mask.as_ref())?;
    let OrNone::Some(mask) = &written.value else {
        return None;
    };
    let written = &Spanned {
        value: mask.clone(),
        place: written.place.clone(),
    };
    let by = &written.value.by;
    let wire = names::wire_name(&by.value, site.conventions.case);
    let is_setter =
        |one: &&Argument| one.kind == ArgumentKind::Setter && one.place == ParamPlace::Query;
    let named =
        |one: &&Argument| one.name.wire == wire || one.name.rust == names::setter_name(&by.value);
    let Some(argument) = arguments.iter().filter(is_setter).find(named) else {
        let message = format!("`{}` is no parameter that may be left out", by.value);
        let help = format!("describe it: `query: {{{}?: list<string>}}`", by.value);
        diagnostics.push(Diagnostic::new("E128", &by.place, message).help(help));
        return None;
    };
    let answer = match answer {
        Answer::Value { ty, from } => Answer::Value {
            ty: partial(types, site, written, ty, diagnostics)?,
            from: from.clone(),
        },
        Answer::List { item, from } => Answer::List {
            item: partial(types, site, written, item, diagnostics)?,
            from: from.clone(),
        },
        Answer::Page { item, from } => Answer::Page {
            item: partial(types, site, written, item, diagnostics)?,
            from: from.clone(),
        },
        _ => {
            refuse_answer(written, diagnostics);
            return None;
        }
    };
    Some(Mask {
        by: argument.name.rust.clone(),
        // Named when all other items have their names.
        call_type: String::new(),
        answer,
    })
}

fn refuse_answer(written: &Spanned<document::Mask>, diagnostics: &mut Diagnostics) {
    let message = "only members of objects can be selected, and this answers none";
    let help = "remove `mask`, or let the method answer an object or a list of them";
    diagnostics.push(Diagnostic::new("E128", &written.place, message).help(help));
}

/// The partial object, and a note that it is needed.
fn partial(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    written: &Spanned<document::Mask>,
    ty: &Ty,
    diagnostics: &mut Diagnostics,
) -> Option<Ty> {
    // To read, an item has the name of its type.
    let id = match ty {
        Ty::Item(item) => types.by_rust.get(&item.rust).copied(),
        // A broken type was reported.
        Ty::Json => return None,
        _ => None,
    };
    let Some(id) = id.filter(|id| types.is_object(*id)) else {
        refuse_answer(written, diagnostics);
        return None;
    };
    keep(types, id, &written.value.keeps, diagnostics);
    types.roots.push(Root {
        of: id,
        mode: Mode::Partial,
        module: Some(site.module.clone()),
    });
    let rust = types.item_name(id, Mode::Partial);
    match ty {
        Ty::Item(item) => Some(Ty::Item(Item {
            rust,
            ..item.clone()
        })),
        _ => None,
    }
}

/// What several calls keep of one type is what all of them keep.
fn keep(
    types: &mut Catalogue,
    id: TypeId,
    keeps: &[Spanned<String>],
    diagnostics: &mut Diagnostics,
) {
    let mut wires = Vec::with_capacity(keeps.len());
    if let Some(object) = types.object(id) {
        for name in keeps {
            let mut fields = object.fields.iter();
            match fields.find(|field| field.described == name.value) {
                Some(field) => wires.push(field.field.name.wire.clone()),
                None => {
                    let known = object.fields.iter().map(|field| field.described.as_str());
                    diagnostics.push(unknown("E042", "a field", name, known));
                }
            }
        }
    }
    types
        .keeps
        .entry(id)
        .and_modify(|kept| kept.retain(|wire| wires.contains(wire)))
        .or_insert(wires);
}

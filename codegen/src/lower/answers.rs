//! What a method answers: nothing, a value, a list, a page, or one of several by status.
//! Assumes that types have their numbers and policies are lowered. Must not name the enum of
//! outcomes, which waits until all other items have their names.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, Out, ResponsePlace, Spanned};
use crate::model::{Answer, Name, Outcome, Ty};
use crate::names;

use super::catalogue::{Catalogue, Expr, Mode};
use super::expressions::{self, Scalars};
use super::inherit::Levels;
use super::methods::{Call, Site};
use super::naming::{Taken, unknown};
use super::standard::Standard;

/// An answer, the statuses that are success, and the page policy if it is a page.
pub(super) struct Lowered {
    pub(super) answer: Answer,
    pub(super) success: Vec<u16>,
    pub(super) page: Option<usize>,
}

pub(super) fn lower(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    call: &Call<'_>,
    levels: &Levels<'_>,
    diagnostics: &mut Diagnostics,
) -> Lowered {
    let out = levels.of_method(|method| method.out.as_ref());
    let answer = match (out, call.standard) {
        (Some(out), _) => written(types, site, out, diagnostics),
        (None, Some(standard)) => of_standard(types, site, call, standard, diagnostics),
        (None, None) => Answer::None,
    };
    let said = levels.of_method(|method| {
        (method.outcomes.is_some() || method.status.is_some()).then_some(method)
    });
    let status = said.and_then(|method| method.status.as_ref());
    let Some(outcomes) = said.and_then(|method| method.outcomes.as_ref()) else {
        let (answer, page) = with_page(types, site, levels, answer, diagnostics);
        return Lowered {
            answer,
            success: status.iter().map(|status| status.value).collect(),
            page,
        };
    };
    if let Some(status) = status {
        let message = "`status` and `outcomes` both say what is success";
        let help = "remove `status`: `outcomes` names every status of success";
        diagnostics.push(
            Diagnostic::new("E063", &status.place, message)
                .help(help)
                .also(&outcomes.place, "the outcomes"),
        );
    }
    if let Some(page) = levels
        .of_method(|method| method.page.as_ref())
        .filter(|page| !is_none(page))
    {
        refuse_page(
            page,
            "an answer of several outcomes is not walked in pages",
            diagnostics,
        );
    }
    let success = outcomes
        .value
        .iter()
        .map(|(status, _)| status.value)
        .collect();
    let outcomes = lower_outcomes(types, site, &outcomes.value, &answer, diagnostics);
    // The enum is named when all other items have their names.
    Lowered {
        answer: Answer::Outcomes {
            rust: String::new(),
            outcomes,
        },
        success,
        page: None,
    }
}

fn lower_outcomes(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    written_outcomes: &document::Entries<u16, document::Outcome>,
    answer: &Answer,
    diagnostics: &mut Diagnostics,
) -> Vec<Outcome> {
    let mut taken = Taken::default();
    let mut outcomes = Vec::with_capacity(written_outcomes.len());
    for (status, outcome) in written_outcomes {
        let rust = names::type_name(&outcome.name.value);
        if !names::is_identifier(&outcome.name.value) {
            let message = format!("`{}` is no name", outcome.name.value.escape_debug());
            let help = "write letters, digits and `_`, such as `created`";
            diagnostics.push(Diagnostic::new("E045", &outcome.name.place, message).help(help));
            continue;
        }
        let what = format!("the outcome `{}`", outcome.name.value);
        taken.take_or(
            &rust,
            &outcome.name.place,
            &what,
            "give one of them another name",
            diagnostics,
        );
        let own = outcome
            .out
            .as_ref()
            .map(|out| written(types, site, out, diagnostics));
        outcomes.push(Outcome {
            status: status.value,
            name: Name {
                wire: outcome.name.value.clone(),
                rust,
            },
            answer: own.unwrap_or_else(|| answer.clone()),
        });
    }
    outcomes
}

fn written(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    out: &Spanned<Out>,
    diagnostics: &mut Diagnostics,
) -> Answer {
    let Out::Typed { r#type, from } = &out.value else {
        return Answer::None;
    };
    let from = from.as_ref().and_then(|from| pointer(from, diagnostics));
    let scalars = Scalars::usual(site.conventions.datetime_read);
    let expr = expressions::resolve(types, r#type, &scalars, diagnostics);
    if let Expr::Shaped(_, id) = expr.innermost() {
        let name = types.get(*id).name.wire.clone();
        let message = format!(
            "`{}` is a shape for writing, and answers are read",
            r#type.value
        );
        diagnostics
            .push(Diagnostic::new("E049", &r#type.place, message).help(format!("write `{name}`")));
    }
    of_expr(types, site, &expr, from)
}

fn pointer(from: &Spanned<ResponsePlace>, diagnostics: &mut Diagnostics) -> Option<String> {
    if let ResponsePlace::Pointer(pointer) = &from.value {
        return Some(pointer.0.clone());
    }
    let message = "an answer is read from the body only";
    let help = "write a pointer such as `/data`, or `out: none`; headers are in `send_raw()`";
    diagnostics.push(Diagnostic::new("E065", &from.place, message).help(help));
    None
}

fn of_standard(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    call: &Call<'_>,
    standard: Standard,
    diagnostics: &mut Diagnostics,
) -> Answer {
    match standard {
        Standard::Delete => Answer::None,
        Standard::Count => Answer::Value {
            ty: Ty::Uint,
            from: site.conventions.envelope.count.clone(),
        },
        Standard::List => {
            let own = Expr::List(Box::new(site.own_type(call.name, diagnostics)));
            of_expr(types, site, &own, None)
        }
        Standard::Get | Standard::Create | Standard::Update | Standard::Replace => {
            let own = site.own_type(call.name, diagnostics);
            of_expr(types, site, &own, None)
        }
    }
}

fn of_expr(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    expr: &Expr,
    from: Option<String>,
) -> Answer {
    let envelope = &site.conventions.envelope;
    let module = Some(site.module.as_str());
    match expr {
        Expr::List(item) => Answer::List {
            item: types.require(item, Mode::Read, module),
            from: from.unwrap_or_else(|| envelope.list.clone()),
        },
        other => Answer::Value {
            ty: types.require(other, Mode::Read, module),
            from: from.unwrap_or_else(|| envelope.one.clone()),
        },
    }
}

fn is_none(page: &Spanned<document::OrNone<String>>) -> bool {
    matches!(page.value, document::OrNone::None)
}

/// A list with a policy is a page; where the items stand is the method's word or the policy's.
fn with_page(
    types: &Catalogue,
    site: &Site<'_, '_>,
    levels: &Levels<'_>,
    answer: Answer,
    diagnostics: &mut Diagnostics,
) -> (Answer, Option<usize>) {
    let Some(page) = levels.of_method(|method| method.page.as_ref()) else {
        return (answer, None);
    };
    let document::OrNone::Some(name) = &page.value else {
        return (answer, None);
    };
    let name = Spanned {
        value: name.clone(),
        place: page.place.clone(),
    };
    let policies = &site.policies.pages;
    let index = super::policies::find(
        policies.iter().map(|policy| &policy.name),
        "a page policy",
        &name,
        diagnostics,
    );
    let (item, from) = match answer {
        Answer::List { item, from } => (item, from),
        other => {
            refuse_page(page, "only a list is walked in pages", diagnostics);
            return (other, None);
        }
    };
    let Some(index) = index else {
        return (Answer::List { item, from }, None);
    };
    let own = levels
        .of_method(|method| method.out.as_ref())
        .is_some_and(|out| matches!(&out.value, Out::Typed { from: Some(_), .. }));
    let from = if own {
        from
    } else {
        policies[index].items.clone()
    };
    check_unique(types, site, index, &item, diagnostics);
    (Answer::Page { item, from }, Some(index))
}

fn refuse_page(
    page: &Spanned<document::OrNone<String>>,
    message: &str,
    diagnostics: &mut Diagnostics,
) {
    let help = "write `page: none` at the method, or `out: list<T>`";
    diagnostics.push(Diagnostic::new("E064", &page.place, message).help(help));
}

/// The field by which repeated items are told has to be one of the items'.
fn check_unique(
    types: &Catalogue,
    site: &Site<'_, '_>,
    index: usize,
    item: &Ty,
    diagnostics: &mut Diagnostics,
) {
    let Some(unique) = site.document.page.list[index].1.unique_by.as_ref() else {
        return;
    };
    let Ty::Item(item) = item else { return };
    // To read, an item has the name of its type.
    let Some(&id) = types.by_rust.get(&item.rust) else {
        return;
    };
    let Some(object) = types.object(id) else {
        return;
    };
    let wire = names::wire_name(&unique.value, site.conventions.case);
    if !object
        .fields
        .iter()
        .any(|field| field.field.name.wire == wire)
    {
        let known = object.fields.iter().map(|field| field.described.as_str());
        let found = unknown("E042", "a field", unique, known)
            .also(&types.get(id).place, "the items of one list");
        diagnostics.push(found);
    }
}

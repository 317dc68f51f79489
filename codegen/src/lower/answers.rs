//! What a method answers: nothing, a value, a list, a page, or one of several by status.
//! Assumes that types have their numbers and policies are lowered. Must not name the enum of
//! outcomes, which waits until all other items have their names.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, KeySource, Out, ResponsePlace, Spanned};
use crate::model::{Answer, Follow, Name, Outcome, Ty};
use crate::names;

use super::catalogue::{Catalogue, Expr, Field, Mode};
use super::expressions::{self, Scalars};
use super::inherit::Levels;
use super::keys;
use super::methods::{Call, Site};
use super::naming::{Taken, unknown};
use super::standard::Standard;
use super::streams;

/// An answer, the statuses that are success, and what a page of it is asked for with.
pub(super) struct Lowered {
    pub(super) answer: Answer,
    pub(super) follow: Option<Follow>,
    pub(super) success: Vec<u16>,
    pub(super) page: Option<usize>,
    /// Of the last item, what asks for the next page.
    pub(super) after: Option<keys::Value>,
    /// The wire name of the key by which repeated items are dropped, where the policy leaves that to
    /// the resource.
    pub(super) unique: Option<String>,
}

pub(super) fn lower(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    call: &Call<'_>,
    levels: &Levels<'_>,
    diagnostics: &mut Diagnostics,
) -> Lowered {
    let out = levels.of_method(|method| method.out.as_ref());
    let answer = match (streams::download(levels, diagnostics), out, call.standard) {
        (Some(download), ..) => download,
        (None, Some(out), _) => written(types, site, out, diagnostics),
        (None, None, Some(standard)) => of_standard(types, site, call, standard, diagnostics),
        (None, None, None) => Answer::None,
    };
    let follow = streams::follow(levels, diagnostics);
    let said = levels.of_method(|method| {
        (method.outcomes.is_some() || method.status.is_some()).then_some(method)
    });
    let status = said.and_then(|method| method.status.as_ref());
    let Some(outcomes) = said.and_then(|method| method.outcomes.as_ref()) else {
        let Walk {
            answer,
            page,
            after,
            unique,
        } = with_page(types, site, levels, answer, diagnostics);
        return Lowered {
            answer,
            follow,
            success: status.iter().map(|status| status.value).collect(),
            page,
            after,
            unique,
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
        follow,
        success,
        page: None,
        after: None,
        unique: None,
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
        let answer = own.unwrap_or_else(|| answer.clone());
        streams::refuse_plain(&answer, &outcome.name.place, diagnostics);
        outcomes.push(Outcome {
            status: status.value,
            name: Name {
                wire: outcome.name.value.clone(),
                rust,
            },
            answer,
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
    let Out::Typed(out) = &out.value else {
        return Answer::None;
    };
    let document::LongOut { r#type, from, r#as } = &**out;
    let scalars = Scalars::usual(site.conventions.datetime_read);
    let expr = expressions::resolve(types, r#type, &scalars, diagnostics);
    let at = from.as_ref().map(|from| &from.place);
    if let Some(plain) = streams::plain(&expr, r#type, r#as.as_ref(), at, diagnostics) {
        return plain;
    }
    let from = from.as_ref().and_then(|from| pointer(from, diagnostics));
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
) -> Walk {
    let Some(page) = levels.of_method(|method| method.page.as_ref()) else {
        return Walk::without(answer);
    };
    let document::OrNone::Some(name) = &page.value else {
        return Walk::without(answer);
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
            return Walk::without(other);
        }
    };
    let Some(index) = index else {
        return Walk::without(Answer::List { item, from });
    };
    let own = levels
        .of_method(|method| method.out.as_ref())
        .is_some_and(|out| matches!(&out.value, Out::Typed(out) if out.from.is_some()));
    let from = if own {
        from
    } else {
        policies[index].items.clone()
    };
    let policy = &site.document.page.list[index].1;
    let unique = match &policy.unique_by {
        Some(unique) if unique.value == OWN_KEY => own_key(types, site, &item, unique, diagnostics),
        Some(unique) => {
            field_of(types, site, &item, unique, diagnostics);
            None
        }
        None => None,
    };
    let by = policy.by.as_ref();
    let after = by.and_then(|by| field_of(types, site, &item, by, diagnostics));
    Walk {
        answer: Answer::Page { item, from },
        page: Some(index),
        after,
        unique,
    }
}

/// The word of `unique_by` for the field that is the key of the resource.
pub(super) const OWN_KEY: &str = "key";

/// What is known of an answer that may be a page.
struct Walk {
    answer: Answer,
    page: Option<usize>,
    after: Option<keys::Value>,
    unique: Option<String>,
}

impl Walk {
    fn without(answer: Answer) -> Walk {
        Walk {
            answer,
            page: None,
            after: None,
            unique: None,
        }
    }
}

/// The wire name of the one field that is the resource's key and stands in its items.
fn own_key(
    types: &Catalogue,
    site: &Site<'_, '_>,
    item: &Ty,
    word: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let parts = site.resource.key.as_ref().map(|key| &key.value.parts[..]);
    let found = match parts {
        Some(
            [
                document::KeyPart {
                    from: KeySource::Field(field),
                    ..
                },
            ],
        ) => {
            let Ty::Item(item) = item else { return None };
            let object = types.object(*types.by_rust.get(&item.rust)?)?;
            let mut fields = object.fields.iter();
            fields.find(|known| known.described == field.value)
        }
        _ => None,
    };
    if found.is_none() {
        let message = format!(
            "the items of `{}` have no single field for a key",
            site.path
        );
        let help = "give the resource a `key` that is one field of its items, or name a field in `unique_by`";
        let found = Diagnostic::new("E042", &word.place, message).help(help);
        diagnostics.push(found.also(&site.name.place, "the resource"));
    }
    found.map(|field| field.field.name.wire.clone())
}

fn refuse_page(
    page: &Spanned<document::OrNone<String>>,
    message: &str,
    diagnostics: &mut Diagnostics,
) {
    let help = "write `page: none` at the method, or `out: list<T>`";
    diagnostics.push(Diagnostic::new("E064", &page.place, message).help(help));
}

/// A field of the items that a policy names; policies are shared, so that it has to have there the
/// name on the wire that the policy knows.
fn field_of(
    types: &Catalogue,
    site: &Site<'_, '_>,
    item: &Ty,
    name: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<keys::Value> {
    let Ty::Item(item) = item else { return None };
    // To read, an item has the name of its type.
    let &id = types.by_rust.get(&item.rust)?;
    let object = types.object(id)?;
    let wire = names::wire_name(&name.value, site.conventions.case);
    let mut fields = object.fields.iter();
    if let Some(found) = fields.find(|field| field.field.name.wire == wire) {
        return Some(keys::Value::of(found));
    }
    let described = |field: &&Field| field.described == name.value;
    let found = match object.fields.iter().find(described) {
        Some(field) => {
            let wire = &field.field.name.wire;
            let message = format!("`{}` is `{wire}` on the wire", name.value);
            Diagnostic::new("E042", &name.place, message).help(format!(
                "write `{wire}`: a page policy knows no other name of it"
            ))
        }
        None => {
            let known = object.fields.iter().map(|field| field.described.as_str());
            unknown("E042", "a field", name, known)
        }
    };
    diagnostics.push(found.also(&types.get(id).place, "the items of one list"));
    None
}

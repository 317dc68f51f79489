//! Unions: their variants, and what tells one from another.
//!
//! A tag tells by its value. Without one the JSON kind must tell, and among objects constant fields,
//! which are looked at first; anything that could fit two variants is refused.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, Spanned};
use crate::model::{Access, Discriminator, Format, JsonKind, Moment, Name, Ty};
use crate::names;

use super::catalogue::{Catalogue, Expr, Field, Kind, Object, TypeId, Union, Variant};
use super::conventions::Conventions;
use super::expressions::{self, Scalars};
use super::naming::{Sent, Taken};
use super::types::{Definition, variant_name};

/// Lowers all unions of the catalogue; objects, enums and aliases are lowered already.
pub(super) fn lower(
    types: &mut Catalogue,
    conventions: &Conventions,
    definitions: &[Definition<'_>],
    diagnostics: &mut Diagnostics,
) {
    let mut unions = Vec::new();
    for (id, definition) in types.ids().zip(definitions) {
        match definition {
            Definition::Tagged(written) => {
                unions.push((
                    id,
                    lower_tagged(types, conventions, definitions, id, written, diagnostics),
                ));
            }
            Definition::FirstMatch(written) => {
                unions.push((
                    id,
                    lower_first_match(types, conventions, definitions, written, diagnostics),
                ));
            }
            Definition::Object(_) | Definition::Enum(_) | Definition::Alias(_) => {}
        }
    }
    for (id, union) in unions {
        types.list[id.0].kind = Kind::Union(union);
    }
}

fn lower_tagged(
    types: &Catalogue,
    conventions: &Conventions,
    definitions: &[Definition<'_>],
    id: TypeId,
    written: &document::TaggedType,
    diagnostics: &mut Diagnostics,
) -> Union {
    let owner = &types.get(id).name.wire;
    let open = written.open.as_ref().is_none_or(|open| open.value);
    let (mut taken, mut sent) = (Taken::default(), Sent::default());
    let mut variants = Vec::with_capacity(written.of.len());
    for (key, text) in &written.of {
        let expr = variant_type(types, conventions, text, diagnostics);
        if written.content.is_none() {
            check_beside_tag(types, definitions, &written.tag, &expr, text, diagnostics);
        }
        let name = Name {
            wire: key.value.0.clone(),
            rust: variant_name(&key.value.0, open),
        };
        let what = format!("the tag `{}` of `{owner}`", name.wire.escape_debug());
        taken.take_or(
            &name.rust,
            &key.place,
            &what,
            "give one of the variants a type of its own name",
            diagnostics,
        );
        sent.take(
            &name.wire,
            &key.place,
            &format!("tags of `{owner}`"),
            diagnostics,
        );
        variants.push(Variant {
            name,
            expr,
            discriminator: Discriminator::Tag,
            place: key.place.clone(),
        });
    }
    Union {
        tag: Some(written.tag.value.clone()),
        content: written
            .content
            .as_ref()
            .map(|content| content.value.clone()),
        open,
        tried: (0..variants.len()).collect(),
        variants,
        max_depth: written.max_depth.as_ref().map(|depth| depth.value.value),
    }
}

/// A variant is a scalar or a type of the description, so that it can be named and told.
fn variant_type(
    types: &Catalogue,
    conventions: &Conventions,
    text: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Expr {
    let scalars = Scalars::usual(conventions.datetime_read);
    match expressions::resolve(types, text, &scalars, diagnostics) {
        expr @ (Expr::Scalar(_) | Expr::Named(_) | Expr::Broken) => expr,
        Expr::Shaped(..) | Expr::List(_) | Expr::Map(_) | Expr::Nullable(_) => {
            let message = format!("`{}` cannot be a variant of a union", text.value);
            let help =
                "write a builtin type or the name of a type; `| null` goes where the union is used";
            diagnostics.push(Diagnostic::new("E051", &text.place, message).help(help));
            Expr::Broken
        }
    }
}

fn check_beside_tag(
    types: &Catalogue,
    definitions: &[Definition<'_>],
    tag: &Spanned<String>,
    expr: &Expr,
    text: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) {
    let message = match expr {
        Expr::Broken => return,
        Expr::Named(id) => match (&definitions[id.0], types.object(*id)) {
            (Definition::Object(_), Some(object)) => {
                let own = object
                    .fields
                    .iter()
                    .find(|field| field.field.name.wire == tag.value);
                let Some(own) = own else { return };
                let message = format!("`{}` has the tag `{}` as a field", text.value, tag.value);
                let help = "remove the field: the union reads and writes the tag";
                let found = Diagnostic::new("E051", &text.place, message).help(help);
                diagnostics.push(found.also(&own.place, "the field"));
                return;
            }
            _ => format!(
                "`{}` is no object, so it cannot stand beside the tag",
                text.value
            ),
        },
        _ => format!(
            "`{}` is no object, so it cannot stand beside the tag",
            text.value
        ),
    };
    let help = "write the name of an object, or `content: <field>` if the variant stands in a field of its own";
    diagnostics.push(Diagnostic::new("E051", &text.place, message).help(help));
}

fn lower_first_match(
    types: &Catalogue,
    conventions: &Conventions,
    definitions: &[Definition<'_>],
    written: &document::FirstMatchType,
    diagnostics: &mut Diagnostics,
) -> Union {
    let mut taken = Taken::default();
    let mut variants: Vec<Variant> = Vec::with_capacity(written.first_match.len());
    for text in &written.first_match {
        let expr = untagged_type(types, conventions, text, diagnostics);
        if expr == Expr::Broken {
            continue;
        }
        let rust = match &expr {
            Expr::Named(id) => types.get(*id).name.rust.clone(),
            Expr::List(_) => names::type_name(&text.value.replace(['<', '>', '|', ' '], "_")),
            _ => names::type_name(&text.value),
        };
        let rust = if rust == "Unknown" { rust + "_" } else { rust };
        let what = format!("the variant `{}`", text.value);
        taken.take_or(
            &rust,
            &text.place,
            &what,
            "write each type once",
            diagnostics,
        );
        let Some(kind) = json_kind(types, conventions, definitions, &expr) else {
            let message = format!(
                "`{}` may look like anything, so nothing tells it from other variants",
                text.value
            );
            let help = "write a type of one JSON kind: an object, an enum, an alias, a text, a number or `bool`";
            diagnostics.push(Diagnostic::new("E051", &text.place, message).help(help));
            continue;
        };
        let discriminator = discriminate(types, &expr, kind);
        let name = Name {
            wire: String::new(),
            rust,
        };
        variants.push(Variant {
            name,
            expr,
            discriminator,
            place: text.place.clone(),
        });
    }
    let tried = members_that_tell(types, &mut variants);
    refuse_overlaps(&variants, diagnostics);
    Union {
        tag: None,
        content: None,
        open: true,
        variants,
        tried,
        max_depth: written.max_depth.as_ref().map(|depth| depth.value.value),
    }
}

/// Without a tag a list can be told as well, by its kind.
fn untagged_type(
    types: &Catalogue,
    conventions: &Conventions,
    text: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Expr {
    let scalars = Scalars::usual(conventions.datetime_read);
    match expressions::resolve(types, text, &scalars, &mut Diagnostics::default()) {
        list @ Expr::List(_) => list,
        _ => variant_type(types, conventions, text, diagnostics),
    }
}

/// Objects without constants are told by members that others lack. Gives the order in which the
/// variants are tried: constants first, then whoever has a member that all behind it lack.
fn members_that_tell(types: &Catalogue, variants: &mut [Variant]) -> Vec<usize> {
    let objects: Vec<Option<&Object>> = variants
        .iter()
        .map(|variant| match (&variant.expr, &variant.discriminator) {
            (Expr::Named(id), Discriminator::Kind(_)) => types.object(*id),
            _ => None,
        })
        .collect();
    let has_constants =
        |variant: &Variant| matches!(variant.discriminator, Discriminator::Constants(_));
    let all = 0..variants.len();
    let constants = all.clone().filter(|at| has_constants(&variants[*at]));
    let mut tried: Vec<usize> = constants.collect();
    let mut waiting: Vec<usize> = all.clone().filter(|at| objects[*at].is_some()).collect();
    let is_object: Vec<bool> = all
        .clone()
        .map(|at| tried.contains(&at) || waiting.contains(&at))
        .collect();
    // A single object needs no members: its kind tells.
    let mut told = Vec::new();
    while waiting.len() > 1 {
        let found = waiting.iter().enumerate().find_map(|(index, &at)| {
            let rest = waiting.iter().filter(|other| **other != at);
            Some((
                index,
                at,
                tell(objects[at]?, rest.filter_map(|other| objects[*other]))?,
            ))
        });
        let Some((index, at, members)) = found else {
            break;
        };
        waiting.remove(index);
        told.push((at, members));
    }
    // The last one is tried by a member too, if it has one of its own, so that others stay unknown.
    if let ([last], false) = (waiting.as_slice(), told.is_empty()) {
        let all = told.iter().filter_map(|(at, _)| objects[*at]);
        if let Some(members) = objects[*last].and_then(|object| tell(object, all)) {
            told.push((*last, members));
            waiting.clear();
        }
    }
    for (at, members) in told {
        variants[at].discriminator = Discriminator::Members(members);
        tried.push(at);
    }
    tried.extend(waiting);
    // Other kinds keep their places: nothing is both.
    let mut tried = tried.into_iter();
    all.map(|at| {
        if is_object[at] {
            tried.next().unwrap_or(at)
        } else {
            at
        }
    })
    .collect()
}

/// The first members that this object always has and of which each of the others lacks one.
fn tell<'o>(object: &Object, others: impl Iterator<Item = &'o Object>) -> Option<Vec<String>> {
    let own: Vec<&str> = object
        .fields
        .iter()
        .filter(|field| !field.field.optional && is_answered(field))
        .map(|field| field.field.name.wire.as_str())
        .collect();
    let mut members: Vec<String> = Vec::new();
    for other in others {
        if members.iter().any(|member| !may_have(other, member)) {
            continue;
        }
        let missing = own.iter().find(|member| !may_have(other, member))?;
        members.push((*missing).to_owned());
    }
    Some(members)
}

fn is_answered(field: &Field) -> bool {
    !matches!(field.field.access, Access::WriteOnly | Access::OnCreate)
}

fn may_have(object: &Object, member: &str) -> bool {
    let dynamic = object.dynamic.as_ref();
    object
        .fields
        .iter()
        .any(|field| field.field.name.wire == member)
        || dynamic.is_some_and(|dynamic| member.starts_with(&dynamic.prefix))
}

/// Constant fields tell an object; otherwise only its kind does.
fn discriminate(types: &Catalogue, expr: &Expr, kind: JsonKind) -> Discriminator {
    let Expr::Named(id) = expr else {
        return Discriminator::Kind(kind);
    };
    let fields = types
        .object(*id)
        .map(|object| object.fields.as_slice())
        .unwrap_or_default();
    let constants: Vec<(String, String)> = fields
        .iter()
        .filter_map(|field| Some((field.field.name.wire.clone(), field.field.constant.clone()?)))
        .collect();
    if constants.is_empty() {
        Discriminator::Kind(kind)
    } else {
        Discriminator::Constants(constants)
    }
}

fn json_kind(
    types: &Catalogue,
    conventions: &Conventions,
    definitions: &[Definition<'_>],
    expr: &Expr,
) -> Option<JsonKind> {
    match expr {
        Expr::Scalar(ty) => scalar_kind(ty, conventions.datetime_read),
        Expr::Named(id) => match &definitions[id.0] {
            Definition::Object(_) | Definition::Tagged(_) => Some(JsonKind::Object),
            Definition::FirstMatch(_) => None,
            Definition::Enum(written) => Some(match written.of {
                document::EnumOf::String => JsonKind::String,
                document::EnumOf::Int => JsonKind::Number,
            }),
            Definition::Alias(_) => match &types.get(*id).kind {
                Kind::Alias { inner, .. } => scalar_kind(inner, conventions.datetime_read),
                _ => Some(JsonKind::String),
            },
        },
        Expr::List(_) => Some(JsonKind::List),
        Expr::Shaped(..) | Expr::Map(_) | Expr::Nullable(_) | Expr::Broken => None,
    }
}

fn scalar_kind(ty: &Ty, datetime: Format) -> Option<JsonKind> {
    Some(match ty {
        Ty::Int | Ty::Uint | Ty::Float | Ty::Decimal => JsonKind::Number,
        Ty::Bool => JsonKind::Bool,
        Ty::Timestamp if matches!(datetime, Format::EpochSeconds | Format::EpochMillis) => {
            JsonKind::Number
        }
        Ty::Timestamp if has_numbers(datetime) => return None,
        Ty::String | Ty::Timestamp | Ty::CivilDateTime | Ty::Date | Ty::Time | Ty::Duration => {
            JsonKind::String
        }
        Ty::Uuid | Ty::Url | Ty::Bytes | Ty::Secret => JsonKind::String,
        Ty::List(_) => JsonKind::List,
        Ty::File => return None,
        Ty::Json | Ty::Map(_) | Ty::Nullable(_) | Ty::Item(_) | Ty::Boxed(_) => return None,
    })
}

/// Whether some of several forms are numbers.
fn has_numbers(datetime: Format) -> bool {
    let Format::Several(forms) = datetime else {
        return false;
    };
    let is_number = |form: &Moment| matches!(form, Moment::EpochSeconds | Moment::EpochMillis);
    is_number(&forms.write) || forms.also.iter().flatten().any(is_number)
}

fn refuse_overlaps(variants: &[Variant], diagnostics: &mut Diagnostics) {
    for (index, second) in variants.iter().enumerate() {
        let Some(first) = variants[..index]
            .iter()
            .find(|first| overlap(first, second))
        else {
            continue;
        };
        let message = format!(
            "nothing tells `{}` from `{}`",
            second.name.rust, first.name.rust
        );
        let help = "give one of them a field that is always there and that the other lacks, describe a field of each with `const`, use a `tag`, or leave one of them out";
        let found = Diagnostic::new("E051", &second.place, message).help(help);
        diagnostics.push(found.also(&first.place, "the other one"));
    }
}

/// Constants are looked at first, so one plain object may stand beside objects that have some.
fn overlap(first: &Variant, second: &Variant) -> bool {
    match (&first.discriminator, &second.discriminator) {
        (Discriminator::Kind(first), Discriminator::Kind(second)) => first == second,
        (Discriminator::Constants(first), Discriminator::Constants(second)) => {
            !first.iter().any(|(name, value)| {
                second
                    .iter()
                    .any(|(other, json)| name == other && value != json)
            })
        }
        // Members were chosen so that they tell; constants are looked at before.
        _ => false,
    }
}

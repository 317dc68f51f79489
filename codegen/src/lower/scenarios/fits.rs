//! Whether what a scenario writes is a value of the type that stands there, in wire form.
//! Assumes that the literal was read as JSON, which has reported texts that YAML would misread. Must not accept what
//! the API's own types could not send; of dates and the like only the kind of JSON is looked at.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{Literal, Numeral, Spanned};
use crate::model::{EnumType, Format, How, Item, Member, Struct, Ty, TypeKind, UnionType};

use super::super::naming::unknown;
use super::index::Index;

/// What a JSON value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    Null,
    Bool,
    Number,
    Text,
}

fn kind_of(literal: &Spanned<Literal>) -> Option<Is> {
    match &literal.value {
        Literal::List(_) | Literal::Map(_) => None,
        Literal::Scalar(_) if literal.is_null() => Some(Is::Null),
        Literal::Scalar(_) if literal.read_as::<bool>().is_ok() => Some(Is::Bool),
        Literal::Scalar(_) if literal.read_as::<Numeral>().is_ok() => Some(Is::Number),
        Literal::Scalar(_) => Some(Is::Text),
    }
}

fn refuse(place: &Place, expected: &str, diagnostics: &mut Diagnostics) {
    let message = format!("this is not {expected}");
    let help = format!("write {expected}, as it stands on the wire");
    diagnostics.push(Diagnostic::new("E059", place, message).help(help));
}

/// Reports what does not fit.
pub(super) fn check(
    index: &Index<'_>,
    ty: &Ty,
    format: Format,
    literal: &Spanned<Literal>,
    diagnostics: &mut Diagnostics,
) {
    let mut one = |expected: &str, fits: bool| {
        if !fits {
            refuse(&literal.place, expected, diagnostics);
        }
    };
    let is = kind_of(literal);
    let number = || literal.read_as::<Numeral>().map(|number| number.value.0);
    let text = || literal.read_as::<String>().map(|text| text.value);
    match ty {
        Ty::Json => {}
        Ty::String | Ty::Uuid | Ty::Url | Ty::Bytes | Ty::Secret => {
            one("a text", is == Some(Is::Text));
        }
        Ty::Int if format == Format::Text => {
            one(
                "a number in quotes",
                text().is_ok_and(|text| text.parse::<i64>().is_ok()),
            );
        }
        Ty::Uint if format == Format::Text => {
            one(
                "a number in quotes",
                text().is_ok_and(|text| text.parse::<u64>().is_ok()),
            );
        }
        Ty::Int => one(
            "a whole number",
            number().is_ok_and(|it| it.parse::<i64>().is_ok()),
        ),
        Ty::Uint => one(
            "a whole number without a sign",
            number().is_ok_and(|it| it.parse::<u64>().is_ok()),
        ),
        Ty::Float => one("a number", is == Some(Is::Number)),
        Ty::Decimal => one("a number", matches!(is, Some(Is::Number | Is::Text))),
        Ty::Bool => one("`true` or `false`", is == Some(Is::Bool)),
        Ty::Timestamp | Ty::CivilDateTime | Ty::Date | Ty::Time | Ty::Duration => {
            let counts = matches!(
                format,
                Format::EpochSeconds | Format::EpochMillis | Format::Seconds | Format::Millis
            );
            let expected = if counts { "a number" } else { "a text" };
            one(
                expected,
                is == Some(if counts { Is::Number } else { Is::Text }),
            );
        }
        Ty::File => one("something that a scenario can send", false),
        Ty::Nullable(_) if is == Some(Is::Null) => {}
        Ty::Nullable(inner) => check(index, inner, format, literal, diagnostics),
        Ty::List(inner) => match &literal.value {
            Literal::List(items) => items
                .iter()
                .for_each(|item| check(index, inner, format, item, diagnostics)),
            Literal::Scalar(_) | Literal::Map(_) => one("a list", false),
        },
        Ty::Map(inner) => match &literal.value {
            Literal::Map(members) => members
                .iter()
                .for_each(|(_, value)| check(index, inner, format, value, diagnostics)),
            Literal::Scalar(_) | Literal::List(_) => one("a mapping", false),
        },
        Ty::Item(item) | Ty::Boxed(item) => check_item(index, item, literal, diagnostics),
    }
}

fn check_item(
    index: &Index<'_>,
    item: &Item,
    literal: &Spanned<Literal>,
    diagnostics: &mut Diagnostics,
) {
    let Some((described, shape)) = index.find(item) else {
        return;
    };
    match (&described.kind, shape) {
        (TypeKind::Object(_), Some(shape)) => {
            check_object(index, shape, None, literal, diagnostics);
        }
        (TypeKind::Object(_), None) => {}
        (TypeKind::Enum(kind), _) => check_enum(kind, literal, diagnostics),
        (TypeKind::Union(kind), _) => check_union(index, kind, literal, diagnostics),
        (TypeKind::Alias(kind), _) => {
            check(index, &kind.inner, Format::Usual, literal, diagnostics);
        }
    }
}

fn check_enum(kind: &EnumType, literal: &Spanned<Literal>, diagnostics: &mut Diagnostics) {
    let written = if kind.of_int {
        literal.read_as::<Numeral>().map(|number| number.value.0)
    } else {
        literal.read_as::<String>().map(|text| text.value)
    };
    let Ok(value) = written else {
        return refuse(&literal.place, "a value of the enum", diagnostics);
    };
    let known = || kind.values.iter().map(|value| value.name.wire.as_str());
    if !known().any(|known| known == value) {
        let name = Spanned {
            value,
            place: literal.place.clone(),
        };
        diagnostics.push(unknown("E059", "a value of the enum", &name, known()));
    }
}

/// Of a tagged union the tag decides; without one, whatever variant fits.
fn check_union(
    index: &Index<'_>,
    kind: &UnionType,
    literal: &Spanned<Literal>,
    diagnostics: &mut Diagnostics,
) {
    let Some(tag) = &kind.tag else {
        let fits = kind.variants.iter().any(|variant| {
            let mut found = Diagnostics::default();
            check(index, &variant.ty, Format::Usual, literal, &mut found);
            found.is_empty()
        });
        if !fits {
            refuse(
                &literal.place,
                "a value of one of the union's types",
                diagnostics,
            );
        }
        return;
    };
    let Literal::Map(members) = &literal.value else {
        return refuse(&literal.place, "a mapping with a tag", diagnostics);
    };
    let given = members.iter().find(|(name, _)| name.value == *tag);
    let Some(Ok(word)) = given.map(|(_, value)| value.read_as::<String>()) else {
        return missing(&literal.place, tag, diagnostics);
    };
    let Some(variant) = kind.variants.iter().find(|one| one.name.wire == word.value) else {
        let known = kind.variants.iter().map(|one| one.name.wire.as_str());
        return diagnostics.push(unknown("E059", "a tag", &word, known));
    };
    match &kind.content {
        Some(content) => match members.iter().find(|(name, _)| name.value == *content) {
            Some((_, value)) => check(index, &variant.ty, Format::Usual, value, diagnostics),
            None => missing(&literal.place, content, diagnostics),
        },
        None => {
            if let Ty::Item(item) | Ty::Boxed(item) = &variant.ty
                && let Some((_, Some(shape))) = index.find(item)
            {
                check_object(index, shape, Some(tag), literal, diagnostics);
            }
        }
    }
}

fn missing(place: &Place, name: &str, diagnostics: &mut Diagnostics) {
    let message = format!("missing key `{}`", name.escape_debug());
    let help = format!("add `{}`", name.escape_debug());
    diagnostics.push(Diagnostic::new("E133", place, message).help(help));
}

fn check_object(
    index: &Index<'_>,
    shape: &Struct,
    tag: Option<&str>,
    literal: &Spanned<Literal>,
    diagnostics: &mut Diagnostics,
) {
    let Literal::Map(members) = &literal.value else {
        return refuse(&literal.place, "a mapping", diagnostics);
    };
    for (name, value) in members {
        if Some(name.value.as_str()) == tag {
            continue;
        }
        let known = shape.members.iter();
        match known.clone().find(|member| member.name.wire == name.value) {
            Some(member) => check_member(index, member, value, diagnostics),
            None if shape.keep_extra => {}
            None if shape
                .dynamic
                .as_ref()
                .is_some_and(|it| name.value.starts_with(&it.prefix)) =>
            {
                let dynamic = shape.dynamic.iter();
                dynamic.for_each(|it| check(index, &it.value, Format::Usual, value, diagnostics));
            }
            None => {
                let known = known.map(|member| member.name.wire.as_str());
                diagnostics.push(unknown("E132", "a member", name, known));
            }
        }
    }
    for member in &shape.members {
        let is_given = members
            .iter()
            .any(|(name, _)| name.value == member.name.wire);
        let is_needed = matches!(member.how, How::Required | How::Nullable);
        if is_needed && !is_given && member.constant.is_none() {
            missing(&literal.place, &member.name.wire, diagnostics);
        }
    }
}

fn check_member(
    index: &Index<'_>,
    member: &Member,
    value: &Spanned<Literal>,
    diagnostics: &mut Diagnostics,
) {
    let may_be_null = matches!(member.how, How::Nullable | How::Patch);
    if member.constant.is_some() || may_be_null && value.is_null() {
        return;
    }
    match (member.how, &value.value) {
        (How::List, Literal::List(items)) => items
            .iter()
            .for_each(|item| check(index, &member.ty, member.format, item, diagnostics)),
        (How::List, _) => refuse(&value.place, "a list", diagnostics),
        _ => check(index, &member.ty, member.format, value, diagnostics),
    }
}

//! Objects: members that collide, and what their fields say about their values.
//!
//! Rows I19 and I20: a default, example or bound is a value of the field's type.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Api, Dynamic, Field, ObjectType, Ty, Type, TypeKind};

use super::literals::{self, Measure};
use super::place;
use super::reach::Types;

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    let types = Types::of(api);
    for described in &api.types {
        match &described.kind {
            TypeKind::Object(object) => {
                check_members(described, object, diagnostics);
                for field in &object.fields {
                    check_field(&types, field, diagnostics);
                }
            }
            TypeKind::Alias(alias) => {
                let Some(example) = &alias.example else {
                    continue;
                };
                if let Err(message) = literals::check_text(&types, &alias.inner, example) {
                    let at = place::of_word(&described.origin, example);
                    let found = Diagnostic::new("E093", &at, format!("the example {message}"));
                    diagnostics.push(found.help("write a value of the alias's type"));
                }
            }
            TypeKind::Enum(_) | TypeKind::Union(_) => {}
        }
    }
}

fn check_members(described: &Type, object: &ObjectType, diagnostics: &mut Diagnostics) {
    let name = &described.name.wire;
    if let Some(dynamic) = &object.dynamic {
        for field in object
            .fields
            .iter()
            .filter(|field| is_dynamic(dynamic, &field.name.wire))
        {
            let message = format!(
                "`{}` is both a field of `{name}` and a key with the prefix `{}`",
                field.name.wire, dynamic.prefix
            );
            let help = "give `dynamic` a prefix or a `key` type that no field matches, or remove the field";
            diagnostics
                .push(Diagnostic::new("E092", &place::of(&field.origin), message).help(help));
        }
        if dynamic.prefix.is_empty() && dynamic.key == Ty::String {
            let message = format!("`dynamic` of `{name}` matches every key");
            let help = "write a `prefix`, or use `map<…>` or `extra: keep`";
            diagnostics
                .push(Diagnostic::new("E092", &place::of(&described.origin), message).help(help));
        }
    }
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, group) in object.one_of.iter().enumerate() {
        let mut refuse = |message: String, help: &str| {
            let at = place::of_word(&described.origin, "one_of");
            diagnostics.push(Diagnostic::new("E092", &at, message).help(help));
        };
        if group.len() < 2 {
            refuse(
                format!("a group of `one_of` of `{name}` has fewer than two fields"),
                "write at least two fields, or remove the group",
            );
        }
        for member in group {
            if let Some(other) = groups.insert(member, index) {
                let place = if other == index {
                    "twice in a group"
                } else {
                    "in two groups"
                };
                refuse(
                    format!("`{member}` stands {place} of `one_of` of `{name}`"),
                    "write each field once",
                );
            }
            let field = object
                .fields
                .iter()
                .find(|field| field.name.wire == *member);
            if field.is_some_and(|field| field.required_on_create) {
                let help = "write `name?` or `create: optional`, because only one field of the group is given";
                refuse(
                    format!("`{member}` is required and stands in `one_of` of `{name}`"),
                    help,
                );
            }
        }
    }
}

fn is_dynamic(dynamic: &Dynamic, wire: &str) -> bool {
    let Some(key) = wire.strip_prefix(dynamic.prefix.as_str()) else {
        return false;
    };
    match dynamic.key {
        Ty::Int => key.parse::<i64>().is_ok(),
        Ty::Uint => key.parse::<u64>().is_ok(),
        _ => !key.is_empty(),
    }
}

/// Takes a code, the key that is marked, a message and a help.
type Refuse<'r> = dyn FnMut(&'static str, &str, String, &str) + 'r;

fn check_field(types: &Types<'_>, field: &Field, diagnostics: &mut Diagnostics) {
    let mut refuse = |code: &'static str, word: &str, message: String, help: &str| {
        let at = place::of_word(&field.origin, word);
        diagnostics.push(Diagnostic::new(code, &at, message).help(help));
    };
    let bounds_hold = check_bounds(types, field, &mut refuse);
    check_texts(types, field, bounds_hold, &mut refuse);
    if field.constant.is_some() && field.default.is_some() {
        let message = format!("`{}` has a constant and a default", field.name.wire);
        refuse(
            "E093",
            "default",
            message,
            "remove the default: a constant is always sent",
        );
    }
    check_sensitive(types, field, &mut refuse);
}

/// What people read as a value of the field.
fn check_texts(types: &Types<'_>, field: &Field, bounds_hold: bool, refuse: &mut Refuse<'_>) {
    let name = &field.name.wire;
    for (word, text) in [("default", &field.default), ("example", &field.example)] {
        let Some(text) = text else { continue };
        if field.nullable && text == "null" {
            continue;
        }
        if let Err(message) = literals::check_text(types, &field.ty, text) {
            let message = format!("the {word} of `{name}`: {message}");
            refuse("E093", word, message, "write a value of the field's type");
        } else if let (true, Some((bound, value))) =
            (bounds_hold, literals::broken_bound(types, field, text))
        {
            let message = format!("the {word} of `{name}` does not keep its `{bound}` of {value}");
            refuse("E094", word, message, "change the value or the bound");
        }
    }
}

fn check_sensitive(types: &Types<'_>, field: &Field, refuse: &mut Refuse<'_>) {
    let name = &field.name.wire;
    if !field.sensitive {
        return;
    }
    if !is_hidden_whole(types, &field.ty) {
        let message = format!("`{name}` is sensitive and no scalar");
        let help = "mark the fields inside of it, or give it a scalar type";
        refuse("E098", "sensitive", message, help);
    }
    if field.constant.is_some() {
        let message = format!("`{name}` is sensitive, and its value stands in the description");
        let help = "remove the constant, or `sensitive` if everybody may know it";
        refuse("E098", "sensitive", message, help);
    }
}

/// Whether the bounds are numbers that leave room for a value.
fn check_bounds(types: &Types<'_>, field: &Field, refuse: &mut Refuse<'_>) -> bool {
    let name = &field.name.wire;
    let bounds: Vec<(&str, &String)> = [("min", &field.min), ("max", &field.max)]
        .into_iter()
        .filter_map(|(word, bound)| Some((word, bound.as_ref()?)))
        .collect();
    let mut hold = true;
    for (word, bound) in &bounds {
        let (fits, help) = match literals::measure(types, &field.ty) {
            Measure::Value => (
                literals::check_text(types, &field.ty, bound).is_ok(),
                "write a number of the field's type",
            ),
            Measure::Count => (
                bound.parse::<u64>().is_ok(),
                "write a length: a whole number from 0 on",
            ),
            Measure::Nothing => (
                false,
                "remove it: only numbers, texts and lists have bounds",
            ),
        };
        if !fits {
            refuse(
                "E094",
                word,
                format!("`{word}` of `{name}` is `{bound}`"),
                help,
            );
            hold = false;
        }
    }
    if let (true, Some(min), Some(max)) = (hold, &field.min, &field.max)
        && literals::compare(min, max) == Some(Ordering::Greater)
    {
        let message = format!("`min` of `{name}` is {min}, and `max` is {max}");
        refuse(
            "E094",
            "min",
            message,
            "write a `min` that is not greater than `max`",
        );
        hold = false;
    }
    hold
}

/// Whether redacting the value hides all of it and nothing else.
fn is_hidden_whole(types: &Types<'_>, ty: &Ty) -> bool {
    match ty {
        Ty::String
        | Ty::Int
        | Ty::Uint
        | Ty::Float
        | Ty::Decimal
        | Ty::Bool
        | Ty::Timestamp
        | Ty::CivilDateTime => true,
        Ty::Date
        | Ty::Time
        | Ty::Duration
        | Ty::Uuid
        | Ty::Url
        | Ty::Bytes
        | Ty::Json
        | Ty::Secret
        | Ty::File => true,
        Ty::List(_) | Ty::Map(_) => false,
        Ty::Nullable(inner) => is_hidden_whole(types, inner),
        Ty::Item(item) | Ty::Boxed(item) => match types.find(item).map(|found| &found.kind) {
            Some(TypeKind::Enum(_) | TypeKind::Alias(_)) | None => true,
            Some(TypeKind::Object(_) | TypeKind::Union(_)) => false,
        },
    }
}

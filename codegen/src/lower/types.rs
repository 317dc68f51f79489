//! The described types: found in `types` and beside resources, numbered, then lowered one by one.
//!
//! Names come first, so that types may refer to each other; then enums and aliases, because
//! constants of fields are values of them; then objects and, knowing their constants, unions.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::types::{Builtin, TypeExpr, parse_type};
use crate::document::{self, Spanned};
use crate::model::{Access, Doc, EnumType, EnumValue, Name, Ty};
use crate::names::{self, Position};

use super::catalogue::{Catalogue, Described, Dynamic, Expr, Kind, Object, TypeId};
use super::conventions::Conventions;
use super::expressions::{self, Scalars};
use super::naming::{Sent, Taken, given_or, unknown};
use super::{fields, literals, unions, words};

/// Words that mean something else where the name of a type may stand.
const WORDS: [&str; 6] = ["list", "map", "none", "null", "patch", "put"];

/// A type as written, wherever it stands.
pub(super) enum Definition<'d> {
    Object(ObjectDefinition<'d>),
    Enum(&'d document::EnumType),
    Tagged(&'d document::TaggedType),
    FirstMatch(&'d document::FirstMatchType),
    Alias(&'d document::AliasType),
}

/// An object as written: a type, or the fields of a resource or body.
pub(super) struct ObjectDefinition<'d> {
    pub(super) fields: &'d document::Fields,
    pub(super) extra: Option<&'d Spanned<document::Extra>>,
    pub(super) dynamic: Option<&'d document::Dynamic>,
    pub(super) one_of: &'d [Spanned<Vec<Spanned<String>>>],
    pub(super) access: Option<&'d Spanned<document::Access>>,
    pub(super) max_depth: Option<u64>,
}

pub(super) fn lower(
    api: &document::Api,
    conventions: &Conventions,
    diagnostics: &mut Diagnostics,
) -> Catalogue {
    let mut types = Catalogue::default();
    let mut definitions = Vec::new();
    for (name, described) in &api.types {
        let (definition, about) = define(&described.value);
        register(
            &mut types,
            &mut definitions,
            name,
            definition,
            Some(about),
            diagnostics,
        );
    }
    for (name, resource) in &api.resources {
        register_resource(&mut types, &mut definitions, name, resource, diagnostics);
    }
    for (id, definition) in types.ids().zip(&definitions) {
        let kind = match definition {
            Definition::Enum(written) => {
                Kind::Enum(lower_enum(&types.get(id).name.wire, written, diagnostics))
            }
            Definition::Alias(written) => {
                lower_alias(&types, &definitions, id, written, diagnostics)
            }
            Definition::Object(_) | Definition::Tagged(_) | Definition::FirstMatch(_) => continue,
        };
        types.list[id.0].kind = kind;
    }
    for (id, definition) in types.ids().zip(&definitions) {
        if let Definition::Object(written) = definition {
            let object = lower_object(
                &types,
                conventions,
                &types.get(id).name.wire,
                written,
                diagnostics,
            );
            types.list[id.0].kind = Kind::Object(object);
        }
    }
    unions::lower(&mut types, conventions, &definitions, diagnostics);
    mark(&mut types);
    types
}

fn define(described: &document::Type) -> (Definition<'_>, &document::About) {
    match described {
        document::Type::Object(object) => (
            Definition::Object(ObjectDefinition {
                fields: &object.fields,
                extra: object.extra.as_ref(),
                dynamic: object.dynamic.as_ref(),
                one_of: &object.one_of,
                access: object.access.as_ref(),
                max_depth: object.max_depth.as_ref().map(|depth| depth.value.value),
            }),
            &object.about,
        ),
        document::Type::Enum(written) => (Definition::Enum(written), &written.about),
        document::Type::Tagged(written) => (Definition::Tagged(written), &written.about),
        document::Type::FirstMatch(written) => (Definition::FirstMatch(written), &written.about),
        document::Type::Alias(written) => (Definition::Alias(written), &written.about),
    }
}

/// The type that a resource describes beside itself, and those of its children.
fn register_resource<'d>(
    types: &mut Catalogue,
    definitions: &mut Vec<Definition<'d>>,
    name: &Spanned<String>,
    resource: &'d document::Resource,
    diagnostics: &mut Diagnostics,
) {
    if let Some(fields) = &resource.fields {
        let definition = Definition::Object(ObjectDefinition {
            fields: &fields.value,
            extra: resource.extra.as_ref(),
            dynamic: None,
            one_of: &[],
            access: None,
            max_depth: None,
        });
        register(
            types,
            definitions,
            &type_of_resource(name, resource),
            definition,
            None,
            diagnostics,
        );
    } else if let Some(extra) = &resource.extra {
        let message = "`extra` belongs to the type, and this resource describes none";
        let help = "write `extra` at the type in `types`";
        diagnostics.push(Diagnostic::new("E058", &extra.place, message).help(help));
    }
    for (name, child) in &resource.children {
        register_resource(types, definitions, name, child, diagnostics);
    }
}

/// The name of a resource's type: the written one or its own in Pascal case.
pub(super) fn type_of_resource(
    name: &Spanned<String>,
    resource: &document::Resource,
) -> Spanned<String> {
    resource.r#type.clone().unwrap_or_else(|| Spanned {
        value: names::type_name(&name.value),
        place: name.place.clone(),
    })
}

fn register<'d>(
    types: &mut Catalogue,
    definitions: &mut Vec<Definition<'d>>,
    name: &Spanned<String>,
    definition: Definition<'d>,
    about: Option<&document::About>,
    diagnostics: &mut Diagnostics,
) {
    if !names::is_identifier(&name.value)
        || WORDS.contains(&name.value.as_str())
        || Builtin::from_name(&name.value).is_some()
    {
        let message = format!(
            "`{}` cannot be the name of a type",
            name.value.escape_debug()
        );
        let help = "write a name such as `User`; words of the language mean something else";
        diagnostics.push(Diagnostic::new("E044", &name.place, message).help(help));
        return;
    }
    if let Some(&first) = types.by_name.get(&name.value) {
        let message = format!("the type `{}` is described twice", name.value);
        let help = "remove one of them, or give a resource that has `fields` another `type`";
        let found = Diagnostic::new("E043", &name.place, message).help(help);
        diagnostics.push(found.also(&types.get(first).place, "the first one"));
        return;
    }
    let rust = about.and_then(|about| about.rust.as_ref());
    let rust = given_or(
        rust,
        Position::Type,
        names::type_name(&name.value),
        diagnostics,
    );
    let kind = match definition {
        Definition::Object(_) => Kind::Object(Object::default()),
        Definition::Enum(_)
        | Definition::Tagged(_)
        | Definition::FirstMatch(_)
        | Definition::Alias(_) => Kind::Broken,
    };
    let id = types.add(Described {
        name: Name {
            wire: name.value.clone(),
            rust,
        },
        doc: about.map_or_else(Doc::default, words::about),
        place: name.place.clone(),
        kind,
        body_of: None,
        marked: false,
    });
    types.by_name.insert(name.value.clone(), id);
    types.by_rust.insert(types.get(id).name.rust.clone(), id);
    definitions.push(definition);
}

fn lower_enum(name: &str, written: &document::EnumType, diagnostics: &mut Diagnostics) -> EnumType {
    let open = written.open.as_ref().is_none_or(|open| open.value);
    let (mut taken, mut sent) = (Taken::default(), Sent::default());
    let mut values = Vec::with_capacity(written.values.len());
    for value in &written.values {
        let wire = &value.wire.value;
        let derived = variant_name(wire, open);
        let rust = given_or(
            value.about.rust.as_ref(),
            Position::Type,
            derived,
            diagnostics,
        );
        if sent.take(
            wire,
            &value.wire.place,
            &format!("values of `{name}`"),
            diagnostics,
        ) {
            let what = format!("the value `{}` of `{name}`", wire.escape_debug());
            taken.take(&rust, &value.wire.place, &what, diagnostics);
        }
        values.push(EnumValue {
            name: Name {
                wire: wire.clone(),
                rust,
            },
            doc: words::about(&value.about),
            origin: words::origin(&value.wire.place),
        });
    }
    let of_int = match written.of {
        document::EnumOf::String => false,
        document::EnumOf::Int => true,
    };
    EnumType {
        open,
        of_int,
        values,
        read: false,
        written: false,
    }
}

/// An open enum or union has a variant of ours, `Unknown`.
pub(super) fn variant_name(wire: &str, open: bool) -> String {
    let name = names::variant_name(wire);
    if open && name == "Unknown" {
        name + "_"
    } else {
        name
    }
}

/// Follows aliases of aliases to a type of the language; row I10: a circle is shown whole.
fn lower_alias(
    types: &Catalogue,
    definitions: &[Definition<'_>],
    start: TypeId,
    written: &document::AliasType,
    diagnostics: &mut Diagnostics,
) -> Kind {
    let (mut chain, mut at) = (vec![start], written);
    let inner = loop {
        match parse_type(&at.alias) {
            Ok(TypeExpr::Builtin(Builtin::String)) => break Ty::String,
            Ok(TypeExpr::Builtin(Builtin::Int)) => break Ty::Int,
            Ok(TypeExpr::Builtin(Builtin::Uuid)) => break Ty::Uuid,
            Ok(TypeExpr::Name(name)) => {
                let Expr::Named(next) = expressions::resolve_name(types, &name, diagnostics) else {
                    return Kind::Broken;
                };
                if chain.contains(&next) {
                    refuse_circle(types, &chain, next, diagnostics);
                    return Kind::Broken;
                }
                let Definition::Alias(further) = &definitions[next.0] else {
                    refuse_alias(&at.alias, diagnostics);
                    return Kind::Broken;
                };
                chain.push(next);
                at = further;
            }
            Ok(_) => {
                refuse_alias(&at.alias, diagnostics);
                return Kind::Broken;
            }
            Err(found) => {
                diagnostics.push(*found);
                return Kind::Broken;
            }
        }
    };
    Kind::Alias {
        inner,
        example: written
            .example
            .as_ref()
            .map(|literal| literals::show(literal)),
    }
}

fn refuse_alias(text: &Spanned<String>, diagnostics: &mut Diagnostics) {
    let message = format!("an alias cannot be of `{}`", text.value);
    let help = "write `string`, `int` or `uuid`; other types need no name of their own";
    diagnostics.push(Diagnostic::new("E047", &text.place, message).help(help));
}

fn refuse_circle(types: &Catalogue, chain: &[TypeId], back: TypeId, diagnostics: &mut Diagnostics) {
    let from = chain.iter().position(|id| *id == back).unwrap_or_default();
    let circle = &chain[from..];
    // Each member of the circle finds it; it is reported once, at the first in the file.
    if circle.iter().min() != chain.first() {
        return;
    }
    let shown: Vec<String> = circle
        .iter()
        .chain([&back])
        .map(|id| format!("`{}`", types.get(*id).name.wire))
        .collect();
    let message = format!("aliases in a circle: {}", shown.join(" → "));
    let found = Diagnostic::new("E047", &types.get(back).place, message)
        .help("let one of them be `string`, `int` or `uuid`");
    let found = circle.iter().skip(1).fold(found, |found, id| {
        found.also(&types.get(*id).place, "part of the circle")
    });
    diagnostics.push(found);
}

/// An object; also the body that a method describes for itself.
pub(super) fn lower_object(
    types: &Catalogue,
    conventions: &Conventions,
    name: &str,
    written: &ObjectDefinition<'_>,
    diagnostics: &mut Diagnostics,
) -> Object {
    let keep_extra = written
        .extra
        .is_some_and(|extra| extra.value == document::Extra::Keep);
    let access = written
        .access
        .map_or(Access::Full, |access| fields::access_of(access.value));
    let owner = fields::Owner {
        name,
        access,
        keep_extra,
    };
    let fields = fields::lower(types, conventions, &owner, written.fields, diagnostics);
    let dynamic = written
        .dynamic
        .and_then(|dynamic| lower_dynamic(types, conventions, &fields, dynamic, diagnostics));
    let known: BTreeMap<&str, &str> = fields
        .iter()
        .map(|field| (field.described.as_str(), field.field.name.wire.as_str()))
        .collect();
    let mut one_of = Vec::with_capacity(written.one_of.len());
    for group in written.one_of {
        let mut wires = Vec::with_capacity(group.len());
        for member in &group.value {
            match known.get(member.value.as_str()) {
                Some(wire) => wires.push((*wire).to_owned()),
                None => diagnostics.push(unknown("E042", "a field", member, known.keys().copied())),
            }
        }
        one_of.push(wires);
    }
    Object {
        fields,
        keep_extra,
        dynamic,
        one_of,
        max_depth: written.max_depth,
    }
}

fn lower_dynamic(
    types: &Catalogue,
    conventions: &Conventions,
    fields: &[super::catalogue::Field],
    written: &document::Dynamic,
    diagnostics: &mut Diagnostics,
) -> Option<Dynamic> {
    let scalars = Scalars::usual(conventions.datetime_read);
    let value = expressions::resolve(types, &written.value, &scalars, diagnostics);
    let key = match expressions::resolve(types, &written.key, &scalars, diagnostics) {
        Expr::Scalar(key @ (Ty::String | Ty::Int)) => key,
        Expr::Broken => return None,
        _ => {
            let message = format!("`{}` cannot be the type of a key", written.key.value);
            let found = Diagnostic::new("E050", &written.key.place, message);
            diagnostics.push(found.help("write `string` or `int`"));
            return None;
        }
    };
    let prefix = written.prefix.value.clone();
    let mut member = names::member_name(&names::variant_name(&prefix));
    while fields.iter().any(|field| field.field.name.rust == member) || member == "extra" {
        member.insert_str(0, "dynamic_");
    }
    Some(Dynamic {
        prefix,
        key,
        value,
        member,
    })
}

/// Marks what is not the same type for reading and writing: that has access marks itself or holds
/// something that has.
fn mark(types: &mut Catalogue) {
    let mut holders: Vec<Vec<TypeId>> = vec![Vec::new(); types.list.len()];
    let mut waiting = Vec::new();
    for id in types.ids() {
        let (own, inner) = marks_of(types.get(id));
        if own {
            waiting.push(id);
        }
        for reference in inner {
            holders[reference.0].push(id);
        }
    }
    while let Some(id) = waiting.pop() {
        if !std::mem::replace(&mut types.list[id.0].marked, true) {
            waiting.extend(&holders[id.0]);
        }
    }
}

fn marks_of(described: &Described) -> (bool, Vec<TypeId>) {
    let mut inner = Vec::new();
    let own = match &described.kind {
        Kind::Object(object) => {
            for expr in object
                .fields
                .iter()
                .map(|field| &field.read)
                .chain(object.dynamic.iter().map(|held| &held.value))
            {
                expr.references(&mut inner);
            }
            object.fields.iter().any(|field| {
                let one_form = field.field.format == field.write_format && field.sent.is_none();
                field.field.access != Access::Full || field.create_said || !one_form
            })
        }
        Kind::Union(union) => {
            union
                .variants
                .iter()
                .for_each(|variant| variant.expr.references(&mut inner));
            false
        }
        Kind::Enum(_) | Kind::Alias { .. } | Kind::Broken => false,
    };
    (own, inner.into_iter().map(|(_, id)| id).collect())
}

//! Fields of objects: their names, types, forms on the wire, and who may set them when.
//! Assumes that enums and aliases are lowered, since constants may be values of them. Must not
//! decide in which structs a field stands: `members` and `shapes` do.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, OptionalName, Spanned};
use crate::model::{self, Access, Name, Ty};
use crate::names::{self, Position};

use super::catalogue::{Catalogue, Expr, Field};
use super::conventions::Conventions;
use super::formats::{self, Written};
use super::naming::{Sent, Taken, given_or};
use super::{literals, words};

/// What the fields of one object have in common.
pub(super) struct Owner<'a> {
    /// The object's name, for messages.
    pub(super) name: &'a str,
    /// Unless a field says otherwise.
    pub(super) access: Access,
    /// A member of ours is called `extra`.
    pub(super) keep_extra: bool,
}

/// The fields of one object.
pub(super) fn lower(
    types: &Catalogue,
    conventions: &Conventions,
    owner: &Owner<'_>,
    fields: &document::Fields,
    diagnostics: &mut Diagnostics,
) -> Vec<Field> {
    let (mut taken, mut sent) = (Taken::default(), Sent::default());
    let mut lowered = Vec::with_capacity(fields.len());
    for (name, field) in fields {
        let field = lower_one(types, conventions, owner, name, field, diagnostics);
        let what = format!("the field `{}` of `{}`", name.value.name, owner.name);
        if taken.take(&field.field.name.rust, &name.place, &what, diagnostics) {
            sent.take(
                &field.field.name.wire,
                &name.place,
                &format!("fields of `{}`", owner.name),
                diagnostics,
            );
        }
        lowered.push(field);
    }
    lowered
}

fn lower_one(
    types: &Catalogue,
    conventions: &Conventions,
    owner: &Owner<'_>,
    key: &Spanned<OptionalName>,
    field: &document::Field,
    diagnostics: &mut Diagnostics,
) -> Field {
    let access = field
        .access
        .as_ref()
        .map_or(owner.access, |access| access_of(access.value));
    check_keys(field, access, diagnostics);
    let written = Written {
        format: &field.format.list,
        tz: field.tz.as_ref(),
    };
    let (typed, format) = formats::lower(types, conventions, &field.r#type, &written, diagnostics);
    let (read, nullable) = typed.split_null();
    let sent = field.sent_as.as_ref();
    let sent = sent.map(|text| formats::lower(types, conventions, text, &written, diagnostics));
    check_merge(types, field, read, diagnostics);
    let sensitive = field.sensitive.as_ref().is_some_and(|said| said.value);
    let constant = field.r#const.as_ref();
    let constant = constant.and_then(|literal| literals::read(types, literal, &typed, diagnostics));
    let show = |literal: &Spanned<document::Literal>| literals::show(literal);
    let numeral = |number: &document::Judged<document::Numeral>| number.value.value.0.clone();
    Field {
        described: key.value.name.clone(),
        place: key.place.clone(),
        field: model::Field {
            name: name(conventions, owner, key, field, diagnostics),
            ty: Ty::Json,
            sent_as: None,
            nullable,
            optional: key.value.optional,
            required_on_create: required_on_create(key, field, nullable),
            default: field.default.as_ref().map(show),
            access,
            format: format.read,
            null_is: null_is(types, field, &typed, diagnostics),
            hollow: hollow(types, field, &typed, diagnostics),
            constant: constant.map(|constant| constant.json()),
            sensitive: sensitive || access == Access::OnCreate,
            merge_deep: field.merge.is_some(),
            example: field.example.as_ref().map(show),
            min: field.min.as_ref().map(numeral),
            max: field.max.as_ref().map(numeral),
            doc: words::about(&field.about),
            origin: words::origin(&key.place),
        },
        write_format: sent
            .as_ref()
            .map_or(format.write, |(_, format)| format.write),
        read: read.clone(),
        sent: sent.map(|(expr, _)| expr),
        create_said: field.create.is_some(),
        zone: match field.tz.as_ref().map(|zone| &zone.value) {
            Some(document::TimeZone::Field(name)) => Some(name.clone()),
            Some(document::TimeZone::Utc) | None => None,
        },
    }
}

/// What may be absent, null or left to the server need not be given.
fn required_on_create(
    key: &Spanned<OptionalName>,
    field: &document::Field,
    nullable: bool,
) -> bool {
    match field.create.as_ref().map(|create| create.value) {
        Some(document::Presence::Required) => true,
        Some(document::Presence::Optional) => false,
        None => !key.value.optional && !nullable && field.default.is_none(),
    }
}

/// Only an object can be hollow, and then it is as good as null.
fn hollow(
    types: &Catalogue,
    field: &document::Field,
    typed: &Expr,
    diagnostics: &mut Diagnostics,
) -> bool {
    let Some(said) = field.hollow.as_ref().filter(|said| said.value) else {
        return false;
    };
    let (read, nullable) = typed.split_null();
    let is_object = match read {
        Expr::Named(id) => types.is_object(*id),
        Expr::Broken => true,
        Expr::Scalar(_) | Expr::Shaped(..) | Expr::List(_) | Expr::Map(_) | Expr::Nullable(_) => {
            false
        }
    };
    if !is_object || !nullable {
        let message = "only an object that may be null can be hollow";
        let help = "write `type: <object> | null`, or remove `hollow`";
        diagnostics.push(Diagnostic::new("E058", &said.place, message).help(help));
    }
    true
}

fn null_is(
    types: &Catalogue,
    field: &document::Field,
    typed: &Expr,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let literal = field.null_is.as_ref()?;
    let (read, nullable) = typed.split_null();
    if !nullable && *read != Expr::Broken {
        let help = "write `| null` behind the type, or leave out `null_is`";
        diagnostics
            .push(Diagnostic::new("E058", &literal.place, "the field is never null").help(help));
    }
    literals::read(types, literal, read, diagnostics).map(|constant| constant.json())
}

fn name(
    conventions: &Conventions,
    owner: &Owner<'_>,
    key: &Spanned<OptionalName>,
    field: &document::Field,
    diagnostics: &mut Diagnostics,
) -> Name {
    let described = &key.value.name;
    let derived = names::member_name(described);
    let derived = if owner.keep_extra && derived == "extra" {
        derived + "_"
    } else {
        derived
    };
    let wire = field.wire.as_ref().map(|wire| wire.value.clone());
    Name {
        wire: wire.unwrap_or_else(|| names::wire_name(described, conventions.case)),
        rust: given_or(
            field.about.rust.as_ref(),
            Position::Value,
            derived,
            diagnostics,
        ),
    }
}

pub(super) fn access_of(access: document::Access) -> Access {
    match access {
        document::Access::ReadOnly => Access::ReadOnly,
        document::Access::CreateOnly => Access::CreateOnly,
        document::Access::WriteOnly => Access::WriteOnly,
        document::Access::OnCreate => Access::OnCreate,
    }
}

/// Keys about writing make no sense for what is never written.
fn check_keys(field: &document::Field, access: Access, diagnostics: &mut Diagnostics) {
    if !matches!(access, Access::ReadOnly | Access::OnCreate) {
        return;
    }
    let said = [
        ("create", field.create.as_ref().map(|said| &said.place)),
        ("sent_as", field.sent_as.as_ref().map(|said| &said.place)),
        ("merge", field.merge.as_ref().map(|said| &said.place)),
    ];
    for (key, place) in said
        .into_iter()
        .filter_map(|(key, place)| Some((key, place?)))
    {
        let message = format!("`{key}` says how the field is written, but it is never written");
        let help = format!("remove `{key}`, or change `access`");
        diagnostics.push(Diagnostic::new("E058", place, message).help(help));
    }
}

fn check_merge(
    types: &Catalogue,
    field: &document::Field,
    read: &Expr,
    diagnostics: &mut Diagnostics,
) {
    let Some(merge) = &field.merge else { return };
    let mergeable = match read {
        Expr::Named(id) => types.object(*id).is_some(),
        Expr::Broken => true,
        Expr::Scalar(_) | Expr::Shaped(..) | Expr::List(_) | Expr::Map(_) | Expr::Nullable(_) => {
            false
        }
    };
    if !mergeable {
        let message = "only a nested object can be patched member by member";
        let help = "remove `merge`, or give the field an object type";
        diagnostics.push(Diagnostic::new("E058", &merge.place, message).help(help));
    }
}

//! Keys: what names an item, as arguments that stand in the path.
//! Assumes that the fields of all objects are lowered. Must not make a key optional: a path has no
//! gaps.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, KeySource, Spanned};
use crate::model::{Argument, ArgumentKind, Doc, Format, Name, ParamPlace, Ty};
use crate::names;

use super::catalogue::{Catalogue, Expr, Field, Mode, TypeId};
use super::conventions::Conventions;
use super::expressions::{self, Scalars};
use super::naming::unknown;

/// A value that may stand in a path or query: its type and how it looks.
pub(super) struct Value {
    pub(super) expr: Expr,
    pub(super) format: Format,
    pub(super) sensitive: bool,
    pub(super) doc: Doc,
}

impl Value {
    /// That of a field.
    pub(super) fn of(field: &Field) -> Value {
        Value {
            expr: field.read.clone(),
            format: field.write_format,
            sensitive: field.field.sensitive,
            doc: field.field.doc.clone(),
        }
    }
}

/// The parts of a resource's key, in order.
pub(super) fn lower(
    types: &mut Catalogue,
    conventions: &Conventions,
    of: Option<TypeId>,
    key: &document::ResourceKey,
    module: &str,
    diagnostics: &mut Diagnostics,
) -> Vec<Argument> {
    let mut arguments = Vec::with_capacity(key.parts.len());
    for part in &key.parts {
        let value = match &part.from {
            KeySource::Type(text) => of_type(types, conventions, text, diagnostics),
            KeySource::Field(field) => of_field(types, conventions, of, field, diagnostics),
        };
        arguments.push(argument(
            types,
            conventions,
            &part.placeholder,
            &value,
            module,
        ));
    }
    arguments
}

/// A placeholder's value of a written type.
pub(super) fn of_type(
    types: &Catalogue,
    conventions: &Conventions,
    text: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Value {
    let expr = expressions::resolve(
        types,
        text,
        &Scalars::usual(conventions.style.datetime),
        diagnostics,
    );
    let format = if expr == Expr::Scalar(Ty::Timestamp) {
        conventions.style.datetime
    } else {
        Format::Usual
    };
    Value {
        expr,
        format,
        sensitive: false,
        doc: Doc::default(),
    }
}

/// The value of a field of the resource's type, never null.
pub(super) fn of_field(
    types: &Catalogue,
    conventions: &Conventions,
    of: Option<TypeId>,
    name: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Value {
    let broken = || Value {
        expr: Expr::Broken,
        format: conventions.style.datetime,
        sensitive: false,
        doc: Doc::default(),
    };
    let Some(of) = of else {
        let message = format!(
            "`{}` is the field of no type: the resource has none",
            name.value
        );
        let help = "write `fields` or `type` at the resource, or give the key a type: `key: {id: {type: int}}`";
        diagnostics.push(Diagnostic::new("E042", &name.place, message).help(help));
        return broken();
    };
    let Some(object) = types.object(of) else {
        return broken();
    };
    let Some(field) = object
        .fields
        .iter()
        .find(|field| field.described == name.value)
    else {
        let known = object.fields.iter().map(|field| field.described.as_str());
        diagnostics
            .push(unknown("E042", "a field", name, known).also(&types.get(of).place, "the type"));
        return broken();
    };
    Value::of(field)
}

/// A value in the path.
pub(super) fn argument(
    types: &mut Catalogue,
    conventions: &Conventions,
    placeholder: &Spanned<String>,
    value: &Value,
    module: &str,
) -> Argument {
    Argument {
        name: Name {
            wire: placeholder.value.clone(),
            rust: names::argument_name(&placeholder.value),
        },
        place: ParamPlace::Path,
        kind: ArgumentKind::Positional,
        ty: parameter_ty(types, &value.expr, module),
        list: None,
        format: value.format,
        bools: conventions.style.bools,
        as_json: false,
        sensitive: value.sensitive,
        doc: value.doc.clone(),
    }
}

/// The type of something outside of a body; a broken one becomes text, which no check refuses.
pub(super) fn parameter_ty(types: &mut Catalogue, expr: &Expr, module: &str) -> Ty {
    match expr {
        Expr::Broken => Ty::String,
        expr => types.require(expr, Mode::New, Some(module)),
    }
}

//! Type expressions: their names become types of the catalogue.
//! Assumes that every described type has its number, lowered or not. Must not complain about
//! `Expr::Broken`, which was reported when it arose, nor ask for a type: who uses it does.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::Spanned;
use crate::document::types::{Builtin, ShapeName, TypeExpr, parse_type};
use crate::model::{Format, Ty};

use super::catalogue::{Catalogue, Expr, Mode};
use super::naming::unknown;

/// The types of the language whose Rust type depends on a format.
#[derive(Clone, Debug)]
pub(super) struct Scalars {
    pub(super) int: Ty,
    pub(super) datetime: Ty,
}

impl Scalars {
    /// Where nothing but the API's form of datetimes is known.
    pub(super) fn usual(datetime: Format) -> Self {
        Self {
            int: Ty::Int,
            datetime: datetime_ty(datetime),
        }
    }

    fn ty(&self, builtin: Builtin) -> Ty {
        match builtin {
            Builtin::String => Ty::String,
            Builtin::Int => self.int.clone(),
            Builtin::Float => Ty::Float,
            Builtin::Decimal => Ty::Decimal,
            Builtin::Bool => Ty::Bool,
            Builtin::Datetime => self.datetime.clone(),
            Builtin::Date => Ty::Date,
            Builtin::Time => Ty::Time,
            Builtin::Duration => Ty::Duration,
            Builtin::Uuid => Ty::Uuid,
            Builtin::Url => Ty::Url,
            Builtin::Bytes => Ty::Bytes,
            Builtin::Json => Ty::Json,
            Builtin::File => Ty::File,
        }
    }
}

/// A datetime without a zone is civil; any other is a moment.
pub(super) fn datetime_ty(format: Format) -> Ty {
    if format == Format::Naive {
        Ty::CivilDateTime
    } else {
        Ty::Timestamp
    }
}

/// Reads and resolves an expression.
pub(super) fn resolve(
    types: &Catalogue,
    text: &Spanned<String>,
    scalars: &Scalars,
    diagnostics: &mut Diagnostics,
) -> Expr {
    match parse_type(text) {
        Ok(parsed) => resolve_parsed(types, &parsed, scalars, diagnostics),
        Err(found) => {
            diagnostics.push(*found);
            Expr::Broken
        }
    }
}

/// Resolves an expression that was read already.
pub(super) fn resolve_parsed(
    types: &Catalogue,
    parsed: &TypeExpr,
    scalars: &Scalars,
    diagnostics: &mut Diagnostics,
) -> Expr {
    let mut inside =
        |inner: &TypeExpr| Box::new(resolve_parsed(types, inner, scalars, diagnostics));
    match parsed {
        TypeExpr::List(inner) => Expr::List(inside(inner)),
        TypeExpr::Map(inner) => Expr::Map(inside(inner)),
        TypeExpr::Nullable(inner) => Expr::Nullable(inside(inner)),
        TypeExpr::Builtin(builtin) => Expr::Scalar(scalars.ty(*builtin)),
        TypeExpr::Name(name) => resolve_name(types, name, diagnostics),
        TypeExpr::Shape(shape, name) => resolve_shape(types, *shape, name, diagnostics),
    }
}

/// The type of this name.
pub(super) fn resolve_name(
    types: &Catalogue,
    name: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Expr {
    if let Some(&id) = types.by_name.get(&name.value) {
        return Expr::Named(id);
    }
    let known = types.by_name.keys().map(String::as_str);
    let builtin = Builtin::NAMES.iter().map(|(name, _)| *name);
    diagnostics.push(unknown("E040", "a type", name, known.chain(builtin)));
    Expr::Broken
}

fn resolve_shape(
    types: &Catalogue,
    shape: ShapeName,
    name: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Expr {
    let Expr::Named(id) = resolve_name(types, name, diagnostics) else {
        return Expr::Broken;
    };
    if types.object(id).is_none() {
        let message = format!("`{}` is no object and has only one shape", name.value);
        let found =
            Diagnostic::new("E049", &name.place, message).help(format!("write `{}`", name.value));
        diagnostics.push(found.also(&types.get(id).place, "the type"));
        return Expr::Named(id);
    }
    let mode = match shape {
        ShapeName::New => Mode::New,
        ShapeName::Put => Mode::Put,
        ShapeName::Patch => Mode::Patch,
    };
    Expr::Shaped(mode, id)
}

/// The type of the language that stands innermost, if one does.
pub(super) fn innermost_builtin(parsed: &TypeExpr) -> Option<Builtin> {
    match parsed {
        TypeExpr::Builtin(builtin) => Some(*builtin),
        TypeExpr::Name(_) | TypeExpr::Shape(..) => None,
        TypeExpr::List(inner) | TypeExpr::Map(inner) | TypeExpr::Nullable(inner) => {
            innermost_builtin(inner)
        }
    }
}

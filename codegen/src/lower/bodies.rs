//! What a method sends: the standard body, a written type, or fields that are described in place.
//!
//! `clears_omitted` turns the object that is sent into a struct of its own, in which every member
//! that would be cleared has to be written.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{self, BodyAs, ClearsOmitted, Spanned};
use crate::model::{Argument, ArgumentKind, Body, Doc, Name, Ty};
use crate::names;

use super::catalogue::{Catalogue, Described, Explicit, Expr, Kind, Mode, TypeId};
use super::encodings;
use super::expressions::{self, Scalars};
use super::inherit::Levels;
use super::methods::{Call, Site};
use super::naming::unknown;
use super::shapes;
use super::standard::Standard;
use super::types::{self, ObjectDefinition};

pub(super) fn lower(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    call: &Call<'_>,
    levels: &Levels<'_>,
    arguments: &[Argument],
    diagnostics: &mut Diagnostics,
) -> Body {
    let envelope = || site.conventions.envelope.body.clone();
    let clears = levels.of_method(|method| method.clears_omitted.as_ref());
    let written = match levels.of_method(|method| method.body.as_ref()) {
        None => match call.standard.and_then(Standard::body_mode) {
            Some(mode) => Written {
                expr: shaped(types, &site.own_type(call.name, diagnostics), mode),
                form: BodyAs::Json,
                at: envelope(),
                media_type: None,
            },
            None => return without_body(clears, diagnostics),
        },
        Some(body) => match &body.value {
            document::Body::None => return without_body(clears, diagnostics),
            document::Body::Typed(body) => {
                let document::LongBody {
                    r#type,
                    r#as,
                    at,
                    media_type,
                } = &**body;
                let form = r#as.as_ref().map_or(BodyAs::Json, |form| form.value);
                let place = at.as_ref().map(|at| &at.place);
                encodings::refuse_keys(form, place, media_type.as_ref(), diagnostics);
                let scalars = Scalars::usual(site.conventions.style.datetime);
                let expr = expressions::resolve(types, r#type, &scalars, diagnostics);
                refuse_marked(types, &expr, r#type, diagnostics);
                Written {
                    expr,
                    form,
                    at: at.as_ref().map_or_else(envelope, |at| at.value.0.clone()),
                    media_type: media_type.as_ref().map(|said| said.value.clone()),
                }
            }
            document::Body::Inline(inline) => Written {
                form: inline.r#as.as_ref().map_or(BodyAs::Json, |form| form.value),
                expr: Expr::Named(lower_inline(
                    types,
                    site,
                    call,
                    inline,
                    &body.place,
                    diagnostics,
                )),
                at: envelope(),
                media_type: None,
            },
        },
    };
    let expr = match clears {
        Some(clears) => make_explicit(types, call, written.expr, clears, diagnostics),
        None => written.expr,
    };
    let place = levels
        .of_method(|method| method.body.as_ref())
        .map_or(&call.name.place, |body| &body.place);
    let unfit = encodings::Sent {
        form: written.form,
        media_type: written.media_type.as_deref(),
    };
    encodings::refuse_unfit(types, &unfit, &expr, place, diagnostics);
    let rust = argument_name(types, site, &expr, arguments);
    let mut ty = || types.require(&expr, Mode::New, Some(&site.module));
    match written.form {
        BodyAs::Json => Body::Json {
            ty: ty(),
            rust,
            at: written.at,
        },
        BodyAs::Form => Body::Form { ty: ty(), rust },
        BodyAs::Multipart => Body::Multipart { ty: ty(), rust },
        BodyAs::Text => Body::Text { rust },
        BodyAs::Bytes if expr == Expr::Scalar(Ty::File) => Body::File { rust },
        BodyAs::Bytes => Body::Bytes {
            rust,
            media_type: written
                .media_type
                .unwrap_or_else(|| "application/octet-stream".to_owned()),
        },
    }
}

/// A body as it was written, with its type resolved.
struct Written {
    expr: Expr,
    form: BodyAs,
    /// Where the value stands, if it is JSON.
    at: String,
    media_type: Option<String>,
}

fn without_body(clears: Option<&Spanned<ClearsOmitted>>, diagnostics: &mut Diagnostics) -> Body {
    if let Some(clears) = clears.filter(|clears| !matches!(clears.value, ClearsOmitted::None)) {
        let message = "`clears_omitted` speaks of a body, and there is none";
        let help = "write `body`, or remove `clears_omitted`";
        diagnostics.push(Diagnostic::new("E058", &clears.place, message).help(help));
    }
    Body::None
}

/// The resource's type in a shape; a type that has only one is sent as it is.
fn shaped(types: &Catalogue, own: &Expr, mode: Mode) -> Expr {
    match own {
        Expr::Named(id) if types.object(*id).is_some() => Expr::Shaped(mode, *id),
        other => other.clone(),
    }
}

/// Where reading and writing differ, the description has to say which shape is sent.
fn refuse_marked(
    types: &Catalogue,
    expr: &Expr,
    text: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) {
    let Expr::Named(id) = expr.innermost() else {
        return;
    };
    if types.get(*id).marked && types.object(*id).is_some() {
        let name = &types.get(*id).name.wire;
        let message = format!(
            "`{name}` is not the same for reading and writing, so its shape has to be said"
        );
        let help = format!("write `new<{name}>`, `put<{name}>` or `patch<{name}>`");
        let found = Diagnostic::new("E049", &text.place, message).help(help);
        diagnostics.push(found.also(
            &types.get(*id).place,
            "the type, with `access`, `create` or `sent_as` in it",
        ));
    }
}

fn lower_inline(
    types: &mut Catalogue,
    site: &Site<'_, '_>,
    call: &Call<'_>,
    inline: &document::InlineBody,
    place: &Place,
    diagnostics: &mut Diagnostics,
) -> TypeId {
    let rust = names::join_types(&[&call.rust, &site.noun, "Body"]);
    let definition = ObjectDefinition {
        fields: &inline.fields,
        extra: None,
        dynamic: None,
        one_of: &[],
        access: None,
        max_depth: None,
    };
    let object = types::lower_object(types, site.conventions, &rust, &definition, diagnostics);
    types.add(Described {
        name: Name {
            wire: rust.clone(),
            rust,
        },
        doc: Doc::default(),
        place: place.clone(),
        kind: Kind::Object(object),
        body_of: Some(call.operation.clone()),
        marked: false,
    })
}

/// The same body, in which what is cleared when omitted has to be written.
fn make_explicit(
    types: &mut Catalogue,
    call: &Call<'_>,
    expr: Expr,
    clears: &Spanned<ClearsOmitted>,
    diagnostics: &mut Diagnostics,
) -> Expr {
    if matches!(clears.value, ClearsOmitted::None) || *expr.innermost() == Expr::Broken {
        return expr;
    }
    let Some((target, of, base)) = find_target(types, &expr) else {
        let message =
            "`clears_omitted` speaks of the fields of one object, and the body has none or several";
        let help = "write a body that holds one object or a list of it";
        diagnostics.push(Diagnostic::new("E058", &clears.place, message).help(help));
        return expr;
    };
    let cleared = cleared_fields(types, of, base, clears, diagnostics);
    let rust = if types.get(of).body_of.is_some() {
        types.get(of).name.rust.clone()
    } else {
        format!(
            "{}{}",
            types.get(of).name.rust,
            names::join_types(&[&call.rust])
        )
    };
    let operation = call.operation.clone();
    types.explicit.push(Explicit {
        base,
        cleared,
        rust,
        operation,
        place: call.name.place.clone(),
    });
    let mode = Mode::Explicit(types.explicit.len() - 1);
    match target {
        Target::Whole => replace(&expr, &Expr::Shaped(mode, of)),
        Target::Field(holder, index) => {
            if let Kind::Object(object) = &mut types.list[holder.0].kind {
                let field = &mut object.fields[index];
                field.read = replace(&field.read, &Expr::Shaped(mode, of));
            }
            expr
        }
    }
}

/// Where the object stands whose omitted fields are cleared.
enum Target {
    Whole,
    /// In a field of a body that is described in place.
    Field(TypeId, usize),
}

fn find_target(types: &Catalogue, expr: &Expr) -> Option<(Target, TypeId, Mode)> {
    let (of, base) = object_in(types, expr)?;
    if types.get(of).body_of.is_none() {
        return Some((Target::Whole, of, base));
    }
    let fields = types.object(of)?.fields.iter().enumerate();
    let mut inner =
        fields.filter_map(|(index, field)| Some((index, object_in(types, &field.read)?)));
    match (inner.next(), inner.next()) {
        (None, _) => Some((Target::Whole, of, base)),
        (Some((index, (inner, base))), None) => Some((Target::Field(of, index), inner, base)),
        (Some(_), Some(_)) => None,
    }
}

fn object_in(types: &Catalogue, expr: &Expr) -> Option<(TypeId, Mode)> {
    match expr.innermost() {
        Expr::Named(id) => types.object(*id).map(|_| (*id, Mode::New)),
        Expr::Shaped(mode, id) => Some((*id, *mode)),
        Expr::Scalar(_) | Expr::List(_) | Expr::Map(_) | Expr::Nullable(_) | Expr::Broken => None,
    }
}

fn replace(expr: &Expr, innermost: &Expr) -> Expr {
    match expr {
        Expr::List(inner) => Expr::List(Box::new(replace(inner, innermost))),
        Expr::Map(inner) => Expr::Map(Box::new(replace(inner, innermost))),
        Expr::Nullable(inner) => Expr::Nullable(Box::new(replace(inner, innermost))),
        Expr::Scalar(_) | Expr::Named(_) | Expr::Shaped(..) | Expr::Broken => innermost.clone(),
    }
}

fn cleared_fields(
    types: &Catalogue,
    of: TypeId,
    base: Mode,
    clears: &Spanned<ClearsOmitted>,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    let Some(object) = types.object(of) else {
        return Vec::new();
    };
    let sent = || {
        object
            .fields
            .iter()
            .filter(|field| shapes::is_in(field.field.access, base))
    };
    match &clears.value {
        ClearsOmitted::None => Vec::new(),
        ClearsOmitted::All => sent().map(|field| field.field.name.wire.clone()).collect(),
        ClearsOmitted::Fields(names) => {
            let mut cleared = Vec::with_capacity(names.len());
            for name in names {
                match sent().find(|field| field.described == name.value) {
                    Some(field) => cleared.push(field.field.name.wire.clone()),
                    None => {
                        let known = sent().map(|field| field.described.as_str());
                        let found = unknown("E042", "a field that is sent", name, known);
                        diagnostics.push(found.also(&types.get(of).place, "the type"));
                    }
                }
            }
            cleared
        }
    }
}

/// `order: &NewOrder`, `patch: &OrderPatch`, `orders: &[NewOrder]`; another word if that is taken.
fn argument_name(
    types: &Catalogue,
    site: &Site<'_, '_>,
    expr: &Expr,
    arguments: &[Argument],
) -> String {
    let wanted = match expr {
        Expr::Shaped(Mode::Patch, _) => "patch".to_owned(),
        Expr::Named(id) if types.get(*id).body_of.is_some() => "body".to_owned(),
        Expr::Named(id) | Expr::Shaped(_, id) => names::argument_name(&types.get(*id).name.wire),
        Expr::List(_) => names::argument_name(&site.name.value),
        Expr::Scalar(_) | Expr::Map(_) | Expr::Nullable(_) | Expr::Broken => "body".to_owned(),
    };
    let taken = |name: &str| {
        let mut positional = arguments
            .iter()
            .filter(|argument| argument.kind == ArgumentKind::Positional);
        positional.any(|argument| argument.name.rust == name)
    };
    let mut candidates = [wanted, "body".to_owned()]
        .into_iter()
        .filter(|name| !taken(name));
    candidates.next().unwrap_or_else(|| "body_".to_owned())
}

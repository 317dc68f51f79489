//! Data of the API in a description: constants, what a null stands for, defaults.
//!
//! A literal is read as the type that it belongs to, and only then becomes JSON or text; row I19:
//! it is never code.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{Literal, Numeral, Spanned};
use crate::model::{EnumType, Ty};

use super::catalogue::{Catalogue, Expr, Kind};

/// A scalar of the wire.
pub(super) enum Constant {
    /// A JSON string.
    Text(String),
    /// A JSON number, `true`, `false` or `null`.
    Raw(String),
}

impl Constant {
    /// As JSON.
    pub(super) fn json(&self) -> String {
        match self {
            Self::Text(text) => quote(text),
            Self::Raw(raw) => raw.clone(),
        }
    }

    /// As it stands in a query or header.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) | Self::Raw(text) => text,
        }
    }
}

/// The literal as a value of the type; `None` if it is none, which is then reported.
pub(super) fn read(
    types: &Catalogue,
    literal: &Spanned<Literal>,
    expr: &Expr,
    diagnostics: &mut Diagnostics,
) -> Option<Constant> {
    let read = match expr {
        Expr::Broken => return None,
        Expr::Nullable(_) if literal.is_null() => Ok(Constant::Raw("null".to_owned())),
        Expr::Nullable(inner) => return read(types, literal, inner, diagnostics),
        Expr::Scalar(ty) => read_scalar(literal, ty),
        Expr::Named(id) => match &types.get(*id).kind {
            Kind::Enum(values) => read_enum(literal, values),
            Kind::Alias { inner, .. } => read_scalar(literal, inner),
            Kind::Broken => return None,
            Kind::Object(_) | Kind::Union(_) => {
                refuse(literal, "an object or union has no literal")
            }
        },
        Expr::Shaped(..) | Expr::List(_) | Expr::Map(_) => {
            refuse(literal, "only a single value can be written here")
        }
    };
    read.map_err(|found| diagnostics.push(*found)).ok()
}

type Read = Result<Constant, Box<Diagnostic>>;

fn refuse(literal: &Spanned<Literal>, message: &str) -> Read {
    let help = "write a text, a number, `true` or `false` of the type";
    Err(Box::new(
        Diagnostic::new("E059", &literal.place, message).help(help),
    ))
}

fn read_scalar(literal: &Spanned<Literal>, ty: &Ty) -> Read {
    match ty {
        Ty::Bool => Ok(Constant::Raw(literal.read_as::<bool>()?.value.to_string())),
        Ty::Float | Ty::Decimal => Ok(Constant::Raw(literal.read_as::<Numeral>()?.value.0)),
        Ty::Int | Ty::Uint => {
            let number = literal.read_as::<Numeral>()?.value.0;
            let fits = if *ty == Ty::Int {
                number.parse::<i64>().is_ok()
            } else {
                number.parse::<u64>().is_ok()
            };
            if fits {
                Ok(Constant::Raw(number))
            } else {
                refuse(literal, "the number is no whole number of the type")
            }
        }
        Ty::Json => read_any(literal),
        Ty::String | Ty::Uuid | Ty::Url | Ty::Bytes | Ty::Secret => text(literal),
        Ty::File => refuse(literal, "a file cannot be written here"),
        Ty::Timestamp | Ty::CivilDateTime | Ty::Date | Ty::Time | Ty::Duration => text(literal),
        Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) | Ty::Item(_) | Ty::Boxed(_) => {
            refuse(literal, "only a single value can be written here")
        }
    }
}

fn text(literal: &Spanned<Literal>) -> Read {
    Ok(Constant::Text(literal.read_as::<String>()?.value))
}

/// Where any JSON may stand, an unquoted number or word is what it looks like.
fn read_any(literal: &Spanned<Literal>) -> Read {
    if literal.is_null() {
        return Ok(Constant::Raw("null".to_owned()));
    }
    if let Ok(word) = literal.read_as::<bool>() {
        return Ok(Constant::Raw(word.value.to_string()));
    }
    literal.read_as::<Numeral>().map_or_else(
        |_| text(literal),
        |number| Ok(Constant::Raw(number.value.0)),
    )
}

fn read_enum(literal: &Spanned<Literal>, values: &EnumType) -> Read {
    let written = if values.of_int {
        Constant::Raw(literal.read_as::<Numeral>()?.value.0)
    } else {
        text(literal)?
    };
    let (Constant::Text(value) | Constant::Raw(value)) = &written;
    let known = || values.values.iter().map(|value| value.name.wire.as_str());
    if known().any(|known| known == value) {
        return Ok(written);
    }
    let message = format!("`{}` is no value of the enum", value.escape_debug());
    let help = "write one of the values of the enum, or add this one to it";
    Err(Box::new(
        Diagnostic::new("E059", &literal.place, message)
            .help(help)
            .suggest(value, known()),
    ))
}

/// The literal for people.
pub(super) fn show(literal: &Literal) -> String {
    match literal {
        Literal::Scalar(scalar) if scalar.text.is_empty() => "an empty text".to_owned(),
        Literal::Scalar(scalar) => scalar.text.clone(),
        Literal::List(items) => {
            let items: Vec<String> = items.iter().map(|item| show(item)).collect();
            format!("[{}]", items.join(", "))
        }
        Literal::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", key.value, show(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// A JSON string (RFC 8259, section 7).
pub(super) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if u32::from(control) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

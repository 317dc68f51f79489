//! Formats: how the values of a type look on the wire, and which Rust type follows from that.
//! Assumes the API's conventions; types need their numbers only. Must not let through a format that
//! values of the type cannot have: the runtime has one reader for each pair.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::types::{Builtin, TypeExpr, parse_type};
use crate::document::{self, Spanned};
use crate::model::{Format, Ty};

use super::catalogue::{Catalogue, Expr};
use super::conventions::Conventions;
use super::expressions::{self, Scalars};

/// How a scalar looks in an answer and in a request.
#[derive(Clone, Copy)]
pub(super) struct Formats {
    pub(super) read: Format,
    pub(super) write: Format,
}

/// What a field or parameter says about the form of its values.
pub(super) struct Written<'d> {
    pub(super) format: &'d [Spanned<document::Format>],
    pub(super) tz: Option<&'d Spanned<document::TimeZone>>,
}

/// The resolved type, and how its values look.
pub(super) fn lower(
    types: &Catalogue,
    conventions: &Conventions,
    text: &Spanned<String>,
    written: &Written<'_>,
    diagnostics: &mut Diagnostics,
) -> (Expr, Formats) {
    let parsed = match parse_type(text) {
        Ok(parsed) => parsed,
        Err(found) => {
            diagnostics.push(*found);
            return (
                Expr::Broken,
                Formats {
                    read: Format::Usual,
                    write: Format::Usual,
                },
            );
        }
    };
    let mut scalars = Scalars::usual(Format::Usual);
    let formats = formats(conventions, written, &parsed, diagnostics);
    if written
        .format
        .iter()
        .any(|format| format.value == document::Format::U64)
    {
        scalars.int = Ty::Uint;
    }
    scalars.datetime = expressions::datetime_ty(formats.read);
    (
        expressions::resolve_parsed(types, &parsed, &scalars, diagnostics),
        formats,
    )
}

fn formats(
    conventions: &Conventions,
    written: &Written<'_>,
    parsed: &TypeExpr,
    diagnostics: &mut Diagnostics,
) -> Formats {
    let builtin = expressions::innermost_builtin(parsed);
    let same = |format| Formats {
        read: format,
        write: format,
    };
    let plain = match written.format {
        [] if builtin == Some(Builtin::Datetime) => Formats {
            read: conventions.datetime_read,
            write: conventions.style.datetime,
        },
        [] => same(Format::Usual),
        [said] => same(one_of(builtin, said, diagnostics)),
        [_, ..] => return several(written, builtin, diagnostics),
    };
    with_zone(written, builtin, plain, diagnostics)
}

fn one_of(
    builtin: Option<Builtin>,
    said: &Spanned<document::Format>,
    diagnostics: &mut Diagnostics,
) -> Format {
    let fitting = builtin.and_then(|builtin| fitting(builtin, said.value));
    fitting.unwrap_or_else(|| {
        refuse_format(said, builtin, diagnostics);
        Format::Usual
    })
}

/// Several forms are those of a datetime; the first is written.
fn several(
    written: &Written<'_>,
    builtin: Option<Builtin>,
    diagnostics: &mut Diagnostics,
) -> Formats {
    if let (true, Some(second)) = (builtin != Some(Builtin::Datetime), written.format.get(1)) {
        let message = "only a datetime is read in several forms";
        let help = "write one format";
        diagnostics.push(Diagnostic::new("E057", &second.place, message).help(help));
        return Formats {
            read: Format::Usual,
            write: Format::Usual,
        };
    }
    let utc = matches!(
        written.tz.map(|zone| &zone.value),
        Some(document::TimeZone::Utc)
    );
    let mut forms = Vec::with_capacity(written.format.len());
    for said in written.format {
        let value = match one_of(builtin, said, diagnostics) {
            Format::Naive if utc => Format::NaiveUtc,
            other => other,
        };
        forms.push(Spanned {
            value,
            place: said.place.clone(),
        });
    }
    let zoned = forms.iter().any(|form| form.value == Format::NaiveUtc);
    if let (Some(zone), false) = (written.tz, zoned) {
        refuse_zone(zone, diagnostics);
    }
    let first = forms.first().map_or(Format::Usual, |form| form.value);
    let read = super::conventions::several(&forms, first, diagnostics);
    Formats {
        read,
        write: read.written(),
    }
}

/// The format if values of the type can have it.
fn fitting(builtin: Builtin, format: document::Format) -> Option<Format> {
    use document::Format as Written;
    Some(match (builtin, format) {
        (Builtin::Int, Written::U64) => Format::Usual,
        (Builtin::Int | Builtin::Decimal, Written::String) => Format::Text,
        (Builtin::Int | Builtin::Decimal, Written::Number) => Format::Usual,
        (Builtin::Datetime, Written::EpochSeconds) => Format::EpochSeconds,
        (Builtin::Datetime, Written::EpochMillis) => Format::EpochMillis,
        (Builtin::Datetime, Written::Naive) => Format::Naive,
        (Builtin::Datetime, Written::Space) => Format::Space,
        (Builtin::Datetime, Written::OffsetNoColon) => Format::OffsetNoColon,
        (Builtin::Datetime, Written::Rfc3339) => Format::Usual,
        (Builtin::Duration, Written::Seconds) => Format::Seconds,
        (Builtin::Duration, Written::Millis) => Format::Millis,
        (Builtin::Duration, Written::Iso8601) => Format::Usual,
        _ => return None,
    })
}

fn refuse_format(
    said: &Spanned<document::Format>,
    builtin: Option<Builtin>,
    diagnostics: &mut Diagnostics,
) {
    let message = format!(
        "`{}` is no format of this type",
        document::Format::WORDS[said.value as usize]
    );
    let help = match builtin {
        Some(Builtin::Int) => "write `string`, `number` or `u64`, or leave it out",
        Some(Builtin::Decimal) => "write `string` or `number`, or leave it out",
        Some(Builtin::Datetime) => {
            "write `rfc3339`, `naive`, `space`, `offset_no_colon`, `epoch_seconds` or `epoch_millis`"
        }
        Some(Builtin::Duration) => "write `iso8601`, `seconds` or `millis`",
        _ => "remove `format`: values of this type have one form only",
    };
    diagnostics.push(Diagnostic::new("E057", &said.place, message).help(help));
}

/// `tz: utc` makes a moment of a datetime that has no zone.
fn with_zone(
    written: &Written<'_>,
    builtin: Option<Builtin>,
    plain: Formats,
    diagnostics: &mut Diagnostics,
) -> Formats {
    let Some(zone) = written.tz else { return plain };
    if let document::TimeZone::Field(_) = &zone.value {
        if builtin != Some(Builtin::Datetime) || plain.read != Format::Naive {
            refuse_zone(zone, diagnostics);
        }
        return plain;
    }
    let moved = |format| {
        if format == Format::Naive {
            Format::NaiveUtc
        } else {
            format
        }
    };
    let zoned = Formats {
        read: moved(plain.read),
        write: moved(plain.write),
    };
    if builtin != Some(Builtin::Datetime)
        || (zoned.read == plain.read && zoned.write == plain.write)
    {
        refuse_zone(zone, diagnostics);
    }
    zoned
}

fn refuse_zone(zone: &Spanned<document::TimeZone>, diagnostics: &mut Diagnostics) {
    let message = "only a datetime of the format `naive` has no zone of its own";
    let help = "remove `tz`, or write `format: naive`";
    diagnostics.push(Diagnostic::new("E057", &zone.place, message).help(help));
}

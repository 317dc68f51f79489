//! The API's conventions of the wire, complete: what holds where nothing else is said.
//! Lowered first, so it assumes nothing of the rest. Must not leave a question open: who asks for a
//! convention gets an answer and never an `Option`.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{self, Spanned};
use crate::model::{BoolStyle, Format, Forms, ListStyle, Moment, WireStyle};
use crate::names::WireCase;

/// What holds where nothing else is said.
pub(super) struct Conventions {
    pub(super) case: WireCase,
    pub(super) style: WireStyle,
    /// How a `datetime` looks in an answer.
    pub(super) datetime_read: Format,
    pub(super) envelope: Envelope,
}

/// Pointers to the part of a body that matters; empty: all of it.
pub(super) struct Envelope {
    pub(super) list: String,
    pub(super) one: String,
    pub(super) body: String,
    pub(super) count: String,
}

pub(super) fn lower(api: &document::Api, diagnostics: &mut Diagnostics) -> Conventions {
    let wire = api.wire.as_ref();
    match wire
        .and_then(|wire| wire.dialect.as_ref())
        .map(|dialect| dialect.value)
    {
        None | Some(document::Dialect::Rest) => {}
    }
    let datetime = wire.and_then(|wire| wire.datetime.as_ref());
    let (datetime_read, datetime_write) = datetime_formats(datetime, diagnostics);
    Conventions {
        case: wire
            .and_then(|wire| wire.case.as_ref())
            .map_or(WireCase::AsIs, |case| case_of(case.value)),
        style: WireStyle {
            arrays: wire
                .and_then(|wire| wire.arrays.as_ref())
                .map_or(ListStyle::Repeat, |style| arrays(style.value)),
            bools: wire
                .and_then(|wire| wire.bools.as_ref())
                .map_or(BoolStyle::Words, |style| bools(style.value)),
            datetime: datetime_write,
        },
        datetime_read,
        envelope: envelope(api.envelope.as_ref()),
    }
}

fn datetime_formats(
    wire: Option<&document::DatetimeWire>,
    diagnostics: &mut Diagnostics,
) -> (Format, Format) {
    let Some(wire) = wire else {
        return (Format::Usual, Format::Usual);
    };
    let written = wire
        .write
        .as_ref()
        .map(|format| datetime_format(format.value));
    if let [first, _, ..] = wire.read.as_slice() {
        let forms = wire.read.iter().map(|format| Spanned {
            value: datetime_format(format.value),
            place: format.place.clone(),
        });
        let write = written.unwrap_or_else(|| datetime_format(first.value));
        let several = several(&forms.collect::<Vec<_>>(), write, diagnostics);
        return (several, several.written());
    }
    let read = wire
        .read
        .first()
        .map(|format| datetime_format(format.value));
    let either = read.or(written).unwrap_or(Format::Usual);
    let formats = (either, written.unwrap_or(either));
    // A civil datetime is another type than a moment.
    if let (true, Some(said)) = (
        (formats.0 == Format::Naive) != (formats.1 == Format::Naive),
        &wire.write,
    ) {
        let message = "datetimes are read and written with a zone in one direction only";
        let help = "write the same form for both, or say `format: naive` and `tz: utc` at the fields that have no zone";
        diagnostics.push(Diagnostic::new("E058", &said.place, message).help(help));
        return (either, either);
    }
    formats
}

/// Several forms as one format, which reads all of them and `write` as well.
pub(super) fn several(
    read: &[Spanned<Format>],
    write: Format,
    diagnostics: &mut Diagnostics,
) -> Format {
    let mut forms: Vec<Moment> = Vec::with_capacity(read.len());
    for (format, place) in std::iter::once((write, None))
        .chain(read.iter().map(|read| (read.value, Some(&read.place))))
    {
        let epochs = [Moment::EpochSeconds, Moment::EpochMillis];
        let moment = moment(format);
        let clash = moment.is_some_and(|moment| {
            epochs.contains(&moment)
                && forms
                    .iter()
                    .any(|other| *other != moment && epochs.contains(other))
        });
        match (moment, place) {
            (Some(moment), _) if forms.contains(&moment) => {}
            (Some(moment), _) if !clash => forms.push(moment),
            (moment, place) => {
                let Some(place) = place.or(read.first().map(|read| &read.place)) else {
                    continue;
                };
                let found = refuse_form(moment, place);
                diagnostics.push(found);
            }
        }
    }
    let Some((write, also)) = forms.split_first() else {
        return Format::Usual;
    };
    let mut rest = also.iter().copied();
    match also {
        [] => write.format(),
        _ => Format::Several(Forms {
            write: *write,
            also: std::array::from_fn(|_| rest.next()),
        }),
    }
}

fn refuse_form(moment: Option<Moment>, place: &Place) -> Diagnostic {
    let (message, help) = match moment {
        Some(_) => (
            "seconds and milliseconds since 1970 cannot be told apart",
            "write one of them, and `format` at the fields that have the other",
        ),
        None => (
            "a datetime without a zone is no moment, and stands beside forms that are",
            "say `tz: utc` at fields with such a list, or write `naive` alone",
        ),
    };
    Diagnostic::new("E125", place, message).help(help)
}

fn moment(format: Format) -> Option<Moment> {
    Some(match format {
        Format::Usual => Moment::Rfc3339,
        Format::OffsetNoColon => Moment::OffsetNoColon,
        Format::NaiveUtc => Moment::NaiveUtc,
        Format::Space => Moment::Space,
        Format::EpochSeconds => Moment::EpochSeconds,
        Format::EpochMillis => Moment::EpochMillis,
        Format::Naive | Format::Text | Format::Seconds | Format::Millis | Format::Several(_) => {
            return None;
        }
    })
}

/// The form of a datetime without a zone is civil unless a field says `tz`.
pub(super) fn datetime_format(format: document::DatetimeFormat) -> Format {
    match format {
        document::DatetimeFormat::EpochSeconds => Format::EpochSeconds,
        document::DatetimeFormat::EpochMillis => Format::EpochMillis,
        document::DatetimeFormat::Naive => Format::Naive,
        document::DatetimeFormat::Space => Format::Space,
        document::DatetimeFormat::OffsetNoColon => Format::OffsetNoColon,
        document::DatetimeFormat::Rfc3339 => Format::Usual,
    }
}

fn case_of(case: document::Case) -> WireCase {
    match case {
        document::Case::AsIs => WireCase::AsIs,
        document::Case::Camel => WireCase::Camel,
        document::Case::Pascal => WireCase::Pascal,
    }
}

pub(super) fn arrays(style: document::Arrays) -> ListStyle {
    match style {
        document::Arrays::Repeat => ListStyle::Repeat,
        document::Arrays::Comma => ListStyle::Comma,
        document::Arrays::Brackets => ListStyle::Brackets,
        document::Arrays::Pipe => ListStyle::Pipe,
    }
}

pub(super) fn bools(style: document::Bools) -> BoolStyle {
    match style {
        document::Bools::Words => BoolStyle::Words,
        document::Bools::Digits => BoolStyle::Digits,
        document::Bools::Flag => BoolStyle::Flag,
    }
}

fn envelope(written: Option<&document::Envelope>) -> Envelope {
    let pointer =
        |place: fn(&document::Envelope) -> Option<&Spanned<document::EnvelopePlace>>| match written
            .and_then(place)
            .map(|place| &place.value)
        {
            Some(document::EnvelopePlace::Pointer(pointer)) => pointer.0.clone(),
            Some(document::EnvelopePlace::Bare) | None => String::new(),
        };
    Envelope {
        list: pointer(|envelope| envelope.list.as_ref()),
        one: pointer(|envelope| envelope.one.as_ref()),
        body: pointer(|envelope| envelope.body.as_ref()),
        count: pointer(|envelope| envelope.count.as_ref()),
    }
}

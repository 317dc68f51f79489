//! The API's conventions of the wire, complete: what holds where nothing else is said.
//! Lowered first, so it assumes nothing of the rest. Must not leave a question open: who asks for a
//! convention gets an answer and never an `Option`.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document;
use crate::model::{BoolStyle, Format, ListStyle, WireStyle};
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
    if let [_, second, ..] = wire.read.as_slice() {
        let message = "datetimes of several forms are not read yet";
        let help =
            "write the form that the API answers with; a field that differs has its own `format`";
        diagnostics.push(Diagnostic::new("E065", &second.place, message).help(help));
    }
    let written = wire
        .write
        .as_ref()
        .map(|format| datetime_format(format.value));
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
        |place: fn(&document::Envelope) -> Option<&document::Spanned<document::EnvelopePlace>>| {
            match written.and_then(place).map(|place| &place.value) {
                Some(document::EnvelopePlace::Pointer(pointer)) => pointer.0.clone(),
                Some(document::EnvelopePlace::Bare) | None => String::new(),
            }
        };
    Envelope {
        list: pointer(|envelope| envelope.list.as_ref()),
        one: pointer(|envelope| envelope.one.as_ref()),
        body: pointer(|envelope| envelope.body.as_ref()),
        count: pointer(|envelope| envelope.count.as_ref()),
    }
}

//! What a refusal looks like, and what follows.
//! Assumes nothing but what is written. Must not judge numbers, which the checks do; where nothing
//! is said it takes the careful side.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{self, AfterRefusal, Hold, Judged, Spanned};
use crate::model::{Doc, Halve, Refusal, WaitSource};

use super::limits;
use super::words;

/// How long a call waits altogether when nothing is said: a quarter of an hour.
const MAX_WAIT_MS: u64 = 15 * 60 * 1_000;

pub(super) fn lower(api: &document::Api, diagnostics: &mut Diagnostics) -> Option<Refusal> {
    let limits = api.limits.as_ref()?;
    let refused = limits.refused.as_ref()?;
    let when = &refused.when;
    let place = place(api, refused);
    if when.status.is_empty() {
        let help = "write `when: {status: [429]}`";
        diagnostics.push(Diagnostic::new("E061", &place, "the refusal has no status").help(help));
    }
    let headers = when.header.list.iter();
    // Unless somebody knows better, a refused write may have been carried out.
    let processed = refused.processed.as_ref();
    let hold = refused.hold.as_ref();
    let max_wait = refused.max_wait.as_ref();
    Some(Refusal {
        statuses: when.status.iter().map(|status| status.value).collect(),
        codes: when
            .code
            .list
            .iter()
            .map(|code| code.value.clone())
            .collect(),
        headers: headers
            .map(|(name, value)| (name.value.0.to_ascii_lowercase(), value.value.clone()))
            .collect(),
        processed: processed.is_none_or(|processed| processed.value.value),
        processed_doc: certainty(processed),
        wait: refused
            .wait
            .iter()
            .filter_map(|wait| lower_wait(wait, diagnostics))
            .collect(),
        hold_client: hold.is_some_and(|hold| hold.value.value == Hold::Client),
        hold_doc: certainty(hold),
        halve: refused
            .then
            .as_ref()
            .and_then(|then| lower_then(then, limits, diagnostics)),
        max_wait: max_wait.map_or_else(
            || words::assumed(MAX_WAIT_MS),
            |wait| words::number(wait, words::millis),
        ),
        origin: words::origin(&place),
    })
}

/// How sure a word is; of one that nobody wrote nothing is said.
fn certainty<T>(written: Option<&Judged<T>>) -> Doc {
    written.map_or_else(Doc::default, |written| {
        words::judged(None, written.trust.as_ref(), written.source.as_ref())
    })
}

fn lower_then(
    then: &Spanned<document::Then>,
    limits: &document::Limits,
    diagnostics: &mut Diagnostics,
) -> Option<Halve> {
    if limits.concurrency.is_none() {
        let message = "`then` halves a concurrency that is not described";
        let help = "write `concurrency: {start: 2, max: 4}` below `limits`, or remove `then`";
        diagnostics.push(Diagnostic::new("E103", &then.place, message).help(help));
    }
    match then.value.concurrency.value {
        AfterRefusal::Halve => Some(Halve {
            grow_after: words::number(&then.value.grow_after, words::millis),
            origin: words::origin(&then.place),
        }),
    }
}

fn lower_wait(wait: &Spanned<document::Wait>, diagnostics: &mut Diagnostics) -> Option<WaitSource> {
    match &wait.value {
        document::Wait::Fixed(fixed) => {
            Some(WaitSource::Fixed(words::number(fixed, words::millis)))
        }
        document::Wait::From { from, unit } => {
            let (place, unit) = limits::lower_time(from, unit.as_ref(), diagnostics)?;
            Some(WaitSource::From(place, unit))
        }
    }
}

/// `refused` has no entry of its own to point at, so its first word is shown.
fn place(api: &document::Api, refused: &document::Refused) -> Place {
    let first_status = refused.when.status.first().map(|status| &status.place);
    let first_wait = refused.wait.first().map(|wait| &wait.place);
    first_status
        .or(first_wait)
        .unwrap_or(&api.api.place)
        .clone()
}

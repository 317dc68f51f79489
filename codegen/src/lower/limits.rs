//! Limits: quota buckets, what answers tell about them, and what a refusal means.
//! Assumes that the client's parameters are lowered, to which scopes refer by position. Must not
//! judge numbers, which the checks do; where nothing is said it takes the careful side.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, ResponsePlace, Spanned};
use crate::model::{
    Bucket, ClientParam, Learn, Name, Number, Place, Refusal, Reset, Scope, Unit, WaitSource,
    Window,
};
use crate::names;

use super::naming::unknown;
use super::words;

/// How long a call waits altogether when nothing is said: a quarter of an hour.
const MAX_WAIT_MS: u64 = 15 * 60 * 1_000;

pub(super) fn lower_buckets(
    api: &document::Api,
    client: &[ClientParam],
    diagnostics: &mut Diagnostics,
) -> Vec<Bucket> {
    let Some(limits) = &api.limits else {
        return Vec::new();
    };
    let mut buckets = Vec::with_capacity(limits.buckets.len());
    for (name, bucket) in &limits.buckets {
        buckets.push(Bucket {
            name: Name {
                wire: name.value.clone(),
                rust: names::constant_name(&name.value),
            },
            scope: bucket
                .scope
                .iter()
                .filter_map(|scope| lower_scope(client, scope, diagnostics))
                .collect(),
            window: match &bucket.window.value {
                document::Window::Unknown => Window::Unknown,
                document::Window::Counted { max, per } => Window::Of {
                    max: configurable(max, |max| *max),
                    per: configurable(per, words::millis),
                },
            },
            learn: bucket
                .learn
                .as_ref()
                .map(|learn| lower_learn(learn, diagnostics)),
            doc: words::judged(
                bucket.doc.as_ref(),
                bucket.trust.as_ref(),
                bucket.source.as_ref(),
            ),
            origin: words::origin(&name.place),
        });
    }
    buckets
}

fn lower_scope(
    client: &[ClientParam],
    scope: &Spanned<document::Scope>,
    diagnostics: &mut Diagnostics,
) -> Option<Scope> {
    match &scope.value {
        document::Scope::Credential => Some(Scope::Credential),
        document::Scope::Client(name) => {
            let found = client.iter().position(|param| param.name.wire == *name);
            if found.is_none() {
                let name = Spanned {
                    value: name.clone(),
                    place: scope.place.clone(),
                };
                let known = client.iter().map(|param| param.name.wire.as_str());
                diagnostics.push(unknown("E041", "a parameter of the client", &name, known));
            }
            found.map(Scope::Client)
        }
    }
}

fn configurable<T>(written: &document::Configurable<T>, value: impl Fn(&T) -> u64) -> Number {
    let config = written
        .config
        .as_ref()
        .map(|config| super::client::setter(config).rust);
    Number {
        config,
        ..words::number(&written.value, value)
    }
}

fn lower_learn(learn: &document::Learn, diagnostics: &mut Diagnostics) -> Learn {
    let mut place = |written: &Option<Spanned<ResponsePlace>>| {
        written
            .as_ref()
            .and_then(|written| lower_place(written, diagnostics))
    };
    let (limit, used, remaining) = (
        place(&learn.limit),
        place(&learn.used),
        place(&learn.remaining),
    );
    let reset = learn.reset.as_ref().and_then(|reset| {
        let from = lower_place(&reset.from, diagnostics)?;
        let unit = lower_unit(&reset.from, &from, reset.unit.as_ref(), diagnostics);
        Some(Reset { from, unit })
    });
    Learn {
        limit,
        used,
        remaining,
        reset,
    }
}

/// A place in an answer; links are read by page policies only.
pub(super) fn lower_place(
    written: &Spanned<ResponsePlace>,
    diagnostics: &mut Diagnostics,
) -> Option<Place> {
    match &written.value {
        ResponsePlace::Header(header) => Some(Place::Header(header.to_ascii_lowercase())),
        ResponsePlace::Pointer(pointer) => Some(Place::Body(pointer.0.clone())),
        ResponsePlace::Link(_) => {
            let message = "a link says nothing about limits";
            let help = "write `{header: X-…}` or a pointer into the body";
            diagnostics.push(Diagnostic::new("E056", &written.place, message).help(help));
            None
        }
    }
}

/// `Retry-After` has a syntax of its own (RFC 9110, section 10.2.3); every other place needs a unit.
fn lower_unit(
    written: &Spanned<ResponsePlace>,
    place: &Place,
    unit: Option<&Spanned<document::Unit>>,
    diagnostics: &mut Diagnostics,
) -> Unit {
    match unit.map(|unit| unit.value) {
        Some(document::Unit::Seconds) => Unit::Seconds,
        Some(document::Unit::Millis) => Unit::Millis,
        Some(document::Unit::EpochSeconds) => Unit::EpochSeconds,
        Some(document::Unit::EpochMillis) => Unit::EpochMillis,
        None if matches!(place, Place::Header(header) if header == "retry-after") => {
            Unit::RetryAfter
        }
        None => {
            let message = "the number's unit is missing";
            let help = "add `unit: seconds`, `millis`, `epoch_seconds` or `epoch_millis`; only Retry-After needs none";
            diagnostics.push(Diagnostic::new("E061", &written.place, message).help(help));
            Unit::Seconds
        }
    }
}

pub(super) fn lower_refusal(api: &document::Api, diagnostics: &mut Diagnostics) -> Option<Refusal> {
    let refused = api.limits.as_ref()?.refused.as_ref()?;
    let when = &refused.when;
    let place = refusal_place(api, refused);
    check_refusal(when, &place, diagnostics);
    let header = when.header.first();
    let processed = refused.processed.as_ref();
    let max_wait = refused.max_wait.as_ref();
    Some(Refusal {
        statuses: when.status.iter().map(|status| status.value).collect(),
        code: when.code.list.first().map(|code| code.value.clone()),
        header: header
            .map(|(name, value)| (name.value.0.to_ascii_lowercase(), value.value.clone())),
        // Unless somebody knows better, a refused write may have been carried out.
        processed: processed.is_none_or(|processed| processed.value.value),
        wait: refused
            .wait
            .iter()
            .filter_map(|wait| lower_wait(wait, diagnostics))
            .collect(),
        hold_client: refused
            .hold
            .as_ref()
            .is_some_and(|hold| match hold.value.value {
                document::Hold::Client => true,
                document::Hold::Bucket => false,
            }),
        max_wait: max_wait.map_or_else(
            || words::assumed(MAX_WAIT_MS),
            |wait| words::number(wait, words::millis),
        ),
        doc: processed.map_or_else(Default::default, |processed| {
            words::judged(None, processed.trust.as_ref(), processed.source.as_ref())
        }),
        origin: words::origin(&place),
    })
}

fn check_refusal(
    when: &document::RefusedWhen,
    place: &crate::diagnostics::Place,
    diagnostics: &mut Diagnostics,
) {
    if let [_, second, ..] = when.code.list.as_slice() {
        let message = "a refusal of several codes is not told apart yet";
        let help = "write the one code, or leave `code` out";
        diagnostics.push(Diagnostic::new("E065", &second.place, message).help(help));
    }
    if let [_, (second, _), ..] = when.header.list.as_slice() {
        let message = "a refusal of several headers is not told apart yet";
        let help = "write the one header that tells";
        diagnostics.push(Diagnostic::new("E065", &second.place, message).help(help));
    }
    if when.status.is_empty() {
        let help = "write `when: {status: [429]}`";
        diagnostics.push(Diagnostic::new("E061", place, "the refusal has no status").help(help));
    }
}

fn lower_wait(wait: &Spanned<document::Wait>, diagnostics: &mut Diagnostics) -> Option<WaitSource> {
    match &wait.value {
        document::Wait::Fixed(fixed) => {
            Some(WaitSource::Fixed(words::number(fixed, words::millis)))
        }
        document::Wait::From { from, unit } => {
            let place = lower_place(from, diagnostics)?;
            let unit = lower_unit(from, &place, unit.as_ref(), diagnostics);
            Some(WaitSource::From(place, unit))
        }
    }
}

/// `refused` has no entry of its own to point at, so its first word is shown.
fn refusal_place(api: &document::Api, refused: &document::Refused) -> crate::diagnostics::Place {
    let first_status = refused.when.status.first().map(|status| &status.place);
    let first_wait = refused.wait.first().map(|wait| &wait.place);
    first_status
        .or(first_wait)
        .unwrap_or(&api.api.place)
        .clone()
}

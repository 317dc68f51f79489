//! Limits: quota buckets, what answers tell about them, hints, and how many requests go at once.
//! Assumes that the client's parameters are lowered, to which scopes refer by position. Must not
//! judge numbers, which the checks do; where nothing is said it takes the careful side.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, Judged, Numeral, ResponsePlace, Spanned};
use crate::model::{
    Bucket, ClientParam, Concurrency, Hint, Learn, Name, Number, Place, RateLimitPolicy, Reset,
    Scope, Unit, Window,
};
use crate::names;

use super::naming::unknown;
use super::words;

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
        let (from, unit) = lower_time(&reset.from, reset.unit.as_ref(), diagnostics)?;
        Some(Reset { from, unit })
    });
    let rate_limit = learn
        .rate_limit
        .as_ref()
        .map(|policy| match &*policy.value {
            "any" => RateLimitPolicy::Any,
            name => RateLimitPolicy::Named(name.to_owned()),
        });
    Learn {
        limit,
        used,
        remaining,
        reset,
        rate_limit,
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

/// A number that stands for a time: its place, and what it counts.
pub(super) fn lower_time(
    from: &Spanned<ResponsePlace>,
    unit: Option<&Spanned<document::Unit>>,
    diagnostics: &mut Diagnostics,
) -> Option<(Place, Unit)> {
    let place = lower_place(from, diagnostics)?;
    let unit = lower_unit(from, &place, unit, diagnostics);
    Some((place, unit))
}

pub(super) fn lower_hints(api: &document::Api, diagnostics: &mut Diagnostics) -> Vec<Hint> {
    let hints = api.limits.iter().flat_map(|limits| &limits.hints);
    hints
        .filter_map(|hint| {
            let document::WaitFrom { from, unit } = &hint.value;
            let (from, unit) = lower_time(from, unit.as_ref(), diagnostics)?;
            let origin = words::origin(&hint.place);
            Some(Hint { from, unit, origin })
        })
        .collect()
}

pub(super) fn lower_concurrency(
    api: &document::Api,
    diagnostics: &mut Diagnostics,
) -> Option<Concurrency> {
    let written = api.limits.as_ref()?.concurrency.as_ref()?;
    let count = |written: &Judged<u64>| words::number(written, |count| *count);
    let document::Concurrency {
        start,
        min,
        max,
        slow,
    } = &written.value;
    Some(Concurrency {
        start: count(start),
        min: min.as_ref().map_or_else(|| words::assumed(1), count),
        max: max.as_ref().map(count),
        slow_milli: slow.as_ref().and_then(|slow| lower_slow(slow, diagnostics)),
        origin: words::origin(&written.place),
    })
}

fn lower_slow(slow: &document::Slow, diagnostics: &mut Diagnostics) -> Option<Number> {
    // The smallest latency is the only thing that there is to compare with.
    let document::SlowOf::Baseline = slow.of.value;
    let Numeral(text) = &slow.times.value.value;
    let Some(milli) = words::thousandths(text).filter(|milli| *milli > 1_000) else {
        let message = format!("an answer cannot be slow from {text} times the baseline on");
        let help =
            "write a number above 1 and up to 100, with at most three digits behind the point";
        diagnostics.push(Diagnostic::new("E103", &slow.times.value.place, message).help(help));
        return None;
    };
    Some(words::number(&slow.times, |_| milli))
}

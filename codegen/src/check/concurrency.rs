//! How many requests go at once, and the waits that good answers ask for.
//!
//! The runtime takes these numbers as they are: a concurrency of zero would never send anything.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Api, Concurrency, Hint};

use super::{limits, place, times};

/// No API is meant to be asked more often at once; above, somebody meant another number.
const MOST_AT_ONCE: u64 = 10_000;

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    if let Some(concurrency) = &api.concurrency {
        check_numbers(concurrency, diagnostics);
    }
    if let Some(refusal) = &api.refusal
        && let Some(halve) = &refusal.halve
        && !(1..=limits::MILLIS_OF_A_DAY).contains(&halve.grow_after.value)
    {
        let message = format!("`grow_after` is {}", times::show(halve.grow_after.value));
        let at = place::of_word(&halve.origin, "grow_after");
        let found = Diagnostic::new("E103", &at, message);
        diagnostics.push(found.help("write a duration from `1ms` to `24h`"));
    }
    for (index, hint) in api.hints.iter().enumerate() {
        check_hint(api, index, hint, diagnostics);
    }
}

fn check_numbers(concurrency: &Concurrency, diagnostics: &mut Diagnostics) {
    let (start, min) = (concurrency.start.value, concurrency.min.value);
    let max = concurrency.max.as_ref().map(|max| max.value);
    let mut wrong = |key: &str, message: String, help: String| {
        let at = place::of_word(&concurrency.origin, key);
        diagnostics.push(Diagnostic::new("E103", &at, message).help(help));
    };
    let written = [("min", Some(min)), ("start", Some(start)), ("max", max)];
    for (key, value) in written {
        if let Some(value) = value.filter(|value| !(1..=MOST_AT_ONCE).contains(value)) {
            let help = format!("write a number from 1 to {MOST_AT_ONCE}");
            wrong(key, format!("`{key}` of the concurrency is {value}"), help);
            return;
        }
    }
    let most = max.unwrap_or(MOST_AT_ONCE);
    if most < min {
        let message = format!("`max` of the concurrency is {most}, and `min` is {min}");
        wrong("max", message, format!("write {min} or more"));
    } else if !(min..=most).contains(&start) {
        let message =
            format!("the concurrency starts at {start}, which is not between {min} and {most}");
        wrong(
            "start",
            message,
            format!("write a number from {min} to {most}"),
        );
    }
}

fn check_hint(api: &Api, index: usize, hint: &Hint, diagnostics: &mut Diagnostics) {
    limits::check_place(&hint.from, &hint.origin, diagnostics);
    let at = place::of(&hint.origin);
    if let Some(first) = api.hints[..index].iter().find(|one| one.from == hint.from) {
        let found = Diagnostic::new("E084", &at, "two hints are read from the same place");
        let found = found.help("write each place once");
        diagnostics.push(found.also(&place::of(&first.origin), "the other one"));
    }
    let reset = api.buckets.iter().find(|bucket| {
        let reset = bucket.learn.as_ref().and_then(|learn| learn.reset.as_ref());
        reset.is_some_and(|reset| reset.from == hint.from)
    });
    if let Some(bucket) = reset {
        let message = format!(
            "the hint is read where `reset` of `{}` stands, and would hold callers after each answer",
            bucket.name.wire
        );
        let found = Diagnostic::new("E084", &at, message)
            .help("remove the hint; `learn` waits for the reset when nothing is left");
        diagnostics.push(found.also(&place::of(&bucket.origin), "the bucket"));
    }
}

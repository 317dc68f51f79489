//! Retry policies: which failures, how often, how long in between.
//! Assumes nothing of the rest. Must not decide whether a call may be sent again at all: that is
//! the method's effect, and the runtime joins the two.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, Judged, Numeral, RetryWhen};
use crate::model::{Backoff, Failure, Name, Retry};
use crate::names;

use super::words;

/// Backoff where a description says nothing: 200 ms, doubled up to 20 s.
const FIRST_MS: u64 = 200;
const FACTOR_MILLI: u64 = 2_000;
const MAX_MS: u64 = 20_000;

pub(super) fn lower(api: &document::Api, diagnostics: &mut Diagnostics) -> Vec<Retry> {
    let mut retries = Vec::with_capacity(api.retry.len());
    for (name, retry) in &api.retry {
        let mut when: Vec<Failure> = Vec::with_capacity(retry.when.len());
        for failure in &retry.when {
            let failure = match failure.value {
                RetryWhen::Network => Failure::Network,
                RetryWhen::Status(status) => Failure::Status(status),
            };
            if !when.contains(&failure) {
                when.push(failure);
            }
        }
        retries.push(Retry {
            name: Name {
                wire: name.value.clone(),
                rust: names::constant_name(&name.value),
            },
            attempts: words::number(&retry.attempts, |attempts| *attempts),
            when,
            backoff: backoff(retry.backoff.as_ref(), diagnostics),
            max_elapsed: retry
                .max_elapsed
                .as_ref()
                .map(|most| words::number(most, words::millis)),
            doc: crate::model::Doc::default(),
            origin: words::origin(&name.place),
        });
    }
    retries
}

fn backoff(written: Option<&document::Backoff>, diagnostics: &mut Diagnostics) -> Backoff {
    let Some(written) = written else {
        return Backoff {
            first: words::assumed(FIRST_MS),
            factor_milli: words::assumed(FACTOR_MILLI),
            max: words::assumed(MAX_MS),
        };
    };
    Backoff {
        first: words::number(&written.first, words::millis),
        factor_milli: written.factor.as_ref().map_or_else(
            || words::assumed(FACTOR_MILLI),
            |factor| {
                let milli = thousandths(factor, diagnostics);
                words::number(factor, |_| milli)
            },
        ),
        max: written.max.as_ref().map_or_else(
            || words::assumed(MAX_MS),
            |max| words::number(max, words::millis),
        ),
    }
}

fn thousandths(factor: &Judged<Numeral>, diagnostics: &mut Diagnostics) -> u64 {
    let Numeral(text) = &factor.value.value;
    match words::thousandths(text).filter(|number| *number >= 1_000) {
        Some(number) => number,
        None => {
            let message = format!("`{text}` cannot be the factor of a backoff");
            let help = "write a number from 1 to 100 with at most three digits behind the point";
            diagnostics.push(Diagnostic::new("E061", &factor.value.place, message).help(help));
            FACTOR_MILLI
        }
    }
}

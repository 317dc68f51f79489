//! When and how often a call is sent again, and how long an attempt may take.
//!
//! Whether a failure may be retried at all is the runtime's decision; here is only what the
//! description may ask for.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Api, Effect, Failure, Method, Retry};

use super::{place, times, walk};

const MILLIS_OF_AN_HOUR: u64 = 60 * 60 * 1_000;
const MILLIS_OF_A_DAY: u64 = 24 * MILLIS_OF_AN_HOUR;

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for policy in &api.retries {
        check_numbers(policy, diagnostics);
        check_when(api, policy, diagnostics);
    }
    check_use(api, diagnostics);
    for (_, method) in walk::methods(api) {
        if !(1..=MILLIS_OF_AN_HOUR).contains(&method.timeout_ms) {
            let at = place::of_word(&method.origin, "timeout");
            let shown = times::show(method.timeout_ms);
            let message = format!("the timeout of `{}` is {shown}", method.operation);
            diagnostics.push(
                Diagnostic::new("E084", &at, message).help("write a duration from `1ms` to `1h`"),
            );
        }
    }
}

fn check_numbers(policy: &Retry, diagnostics: &mut Diagnostics) {
    let name = &policy.name.wire;
    let mut refuse = |word: &str, message: String, help: &str| {
        let at = place::of_word(&policy.origin, word);
        diagnostics.push(Diagnostic::new("E081", &at, message).help(help));
    };
    let attempts = policy.attempts.value;
    if !(1..=20).contains(&attempts) {
        let message = format!("`{name}` sends a call {attempts} times");
        refuse(
            "attempts",
            message,
            "write a number from 1 to 20; 1 is no retry",
        );
    }
    if policy.when.is_empty() {
        let message = format!("`{name}` retries nothing");
        refuse(
            "when",
            message,
            "write `when: [network, 502, 503, 504]`, or remove the policy",
        );
    }
    check_backoff(policy, &mut refuse);
}

fn check_backoff(policy: &Retry, refuse: &mut impl FnMut(&str, String, &str)) {
    let name = &policy.name.wire;
    let (first, max) = (policy.backoff.first.value, policy.backoff.max.value);
    if first == 0 {
        let message = format!("the first backoff of `{name}` is nothing");
        refuse("first", message, "write at least `1ms`");
    }
    if first > max {
        let (first, max) = (times::show(first), times::show(max));
        let message = format!("the first backoff of `{name}` is {first}, and the longest is {max}");
        refuse(
            "first",
            message,
            "write a `max` that is not shorter than `first`",
        );
    }
    if max > MILLIS_OF_AN_HOUR {
        let message = format!("the longest backoff of `{name}` is {}", times::show(max));
        refuse("max", message, "write at most `1h`");
    }
    let factor = policy.backoff.factor_milli.value;
    if !(1_000..=10_000).contains(&factor) {
        let (whole, thousandths) = (factor / 1_000, factor % 1_000);
        let message = format!("the backoff of `{name}` grows by {whole}.{thousandths:03}");
        refuse("factor", message, "write a factor from 1 to 10");
    }
    let Some(elapsed) = policy.max_elapsed.as_ref().map(|elapsed| elapsed.value) else {
        return;
    };
    if !(first.max(1)..=MILLIS_OF_A_DAY).contains(&elapsed) {
        let message = format!("`max_elapsed` of `{name}` is {}", times::show(elapsed));
        let help = "write a duration that holds the first backoff and is at most `24h`";
        refuse("max_elapsed", message, help);
    }
}

fn check_when(api: &Api, policy: &Retry, diagnostics: &mut Diagnostics) {
    let name = &policy.name.wire;
    for failure in &policy.when {
        let Failure::Status(status) = failure else {
            continue;
        };
        let word = status.to_string();
        let at = place::of_word(&policy.origin, &word);
        if !(400..=599).contains(status) {
            let message = format!("{status} is no failure");
            diagnostics
                .push(Diagnostic::new("E082", &at, message).help("write a status from 400 to 599"));
        }
        // Language, semantics 1: 401 leads to one refresh of the credential, the others to nothing.
        if matches!(status, 401 | 403 | 404 | 409 | 422) {
            let message =
                format!("{status} stays what it is however often `{name}` sends the call again");
            let help = match status {
                401 => "remove it; a 401 is answered by refreshing the credential once",
                _ => "remove it, or name it below `cases` so that callers can tell it",
            };
            diagnostics.push(Diagnostic::new("E082", &at, message).help(help));
        }
        let Some(refusal) = api
            .refusal
            .as_ref()
            .filter(|refusal| refusal.statuses.contains(status))
        else {
            continue;
        };
        let message = format!("{status} is both a refusal and a failure that `{name}` retries");
        let help =
            "keep it in `limits.refused`, which waits as long as the server says, or in `retry`";
        let found = Diagnostic::new("E083", &at, message).help(help);
        diagnostics.push(found.also(&place::of_word(&refusal.origin, &word), "the refusal"));
    }
}

/// A policy whose every caller changes something each time it is sent promises what never happens.
fn check_use(api: &Api, diagnostics: &mut Diagnostics) {
    for (index, policy) in api.retries.iter().enumerate() {
        let users: Vec<&Method> = walk::methods(api)
            .into_iter()
            .map(|(_, method)| method)
            .filter(|method| method.retry == Some(index))
            .collect();
        let never = users.iter().all(|method| method.effect == Effect::Once);
        let statuses = policy
            .when
            .iter()
            .any(|failure| *failure != Failure::Network);
        if let (Some(first), true, true) = (users.first(), never, statuses) {
            let message = format!(
                "the statuses of `{}` never apply: all its methods have the effect `once`",
                policy.name.wire
            );
            let help = "say `effect: idempotent` where that is so, or keep only `network`, which covers calls that were not sent";
            let found = Diagnostic::new("W007", &place::of(&policy.origin), message).help(help);
            diagnostics.push(found.also(&place::of(&first.origin), "such a method"));
        }
    }
}

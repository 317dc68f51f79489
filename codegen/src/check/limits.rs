//! Buckets and what a refusal is: rows B3 and I26, limits that nobody could keep.
//!
//! The runtime takes these numbers as they are, so every product and sum of them has to fit.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{
    Api, Bucket, ErrorShape, Learn, Number, Origin, Place, RateLimitPolicy, Refusal, Trust,
    WaitSource, Window,
};

use super::{headers, place, times, walk};

/// More calls than any API promises; above, somebody meant another unit.
const MOST_CALLS: u64 = 1_000_000_000;
const MILLIS_OF_A_YEAR: u64 = 366 * 24 * 60 * 60 * 1_000;
pub(super) const MILLIS_OF_A_DAY: u64 = 24 * 60 * 60 * 1_000;

pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for bucket in &api.buckets {
        check_bucket(bucket, diagnostics);
    }
    check_charges(api, diagnostics);
    if let Some(refusal) = &api.refusal {
        check_refusal(refusal, diagnostics);
        check_codes(api, refusal, diagnostics);
    } else if let Some(bucket) = api.buckets.first() {
        let message =
            "nothing says what a refusal looks like, so that a 429 is an error like any other";
        let help =
            "write `refused: {when: {status: [429]}, processed: false, wait: […]}` below `limits`";
        diagnostics.push(Diagnostic::new("W010", &place::of(&bucket.origin), message).help(help));
    }
}

fn check_bucket(bucket: &Bucket, diagnostics: &mut Diagnostics) {
    let origin = &bucket.origin;
    let name = &bucket.name.wire;
    match &bucket.window {
        Window::Of { max, per } => {
            if !(1..=MOST_CALLS).contains(&max.value) {
                let at = place::of_word(origin, &max.value.to_string());
                let message = format!("`max` of `{name}` is {}", max.value);
                let help = format!("write a number from 1 to {MOST_CALLS}");
                diagnostics.push(Diagnostic::new("E080", &at, message).help(help));
            }
            if !(1..=MILLIS_OF_A_YEAR).contains(&per.value) {
                let shown = times::show(per.value);
                let message = format!("`per` of `{name}` is {shown}");
                let at = place::of_word(origin, &shown);
                diagnostics.push(
                    Diagnostic::new("E080", &at, message)
                        .help("write a duration from `1ms` to `366d`"),
                );
            }
            check_trust(name, &[max, per], origin, diagnostics);
        }
        Window::Unknown if bucket.learn.is_none() => {
            let message =
                format!("`{name}` limits nothing: its window is unknown and nothing is learned");
            let help = "write `learn` with the headers that tell the limit, or remove the bucket";
            diagnostics.push(Diagnostic::new("W009", &place::of(origin), message).help(help));
        }
        Window::Unknown => {}
    }
    if let Some(learn) = &bucket.learn {
        check_learn(name, learn, origin, diagnostics);
    }
    for (index, scope) in bucket.scope.iter().enumerate() {
        if bucket.scope[..index].contains(scope) {
            let message = format!("the scope of `{name}` names the same thing twice");
            let found = Diagnostic::new("E080", &place::of(origin), message);
            diagnostics.push(found.help("write each word of `scope` once"));
        }
    }
}

/// A limit that nobody has confirmed slows every caller down or is no protection.
fn check_trust(name: &str, numbers: &[&Number], origin: &Origin, diagnostics: &mut Diagnostics) {
    if numbers
        .iter()
        .any(|number| number.doc.trust == Trust::Unknown)
    {
        let message = format!("`{name}` holds callers to a number that is `trust: unknown`");
        let help = "write `window: unknown` and `learn`, or find the number out and say how: `trust: observed`";
        diagnostics.push(Diagnostic::new("W008", &place::of(origin), message).help(help));
    }
}

fn check_learn(name: &str, learn: &Learn, origin: &Origin, diagnostics: &mut Diagnostics) {
    let Learn {
        limit,
        used,
        remaining,
        reset,
        rate_limit,
    } = learn;
    let reset_from = reset.as_ref().map(|reset| &reset.from);
    let places: Vec<&Place> = [
        limit.as_ref(),
        used.as_ref(),
        remaining.as_ref(),
        reset_from,
    ]
    .into_iter()
    .flatten()
    .collect();
    if let Some(RateLimitPolicy::Named(policy)) = rate_limit
        && (policy.is_empty()
            || policy.len() > 128
            || !policy.bytes().all(|byte| matches!(byte, b' '..=b'~')))
    {
        let message = format!(
            "`{}` is no name of a rate limit policy",
            policy.escape_debug()
        );
        let help = "write `any`, or the name in `RateLimit-Policy` without its quotes";
        diagnostics.push(Diagnostic::new("E080", &place::of(origin), message).help(help));
    }
    for (index, found) in places.iter().enumerate() {
        check_place(found, origin, diagnostics);
        if places[..index].contains(found) {
            let message = format!("`learn` of `{name}` reads two things from the same place");
            let help =
                "give `limit`, `used`, `remaining` and `reset` a place each, or leave some out";
            diagnostics.push(Diagnostic::new("E080", &place::of(origin), message).help(help));
        }
    }
    let level = remaining.is_some() || (used.is_some() && limit.is_some()) || rate_limit.is_some();
    if !level && reset.is_none() && (used.is_some() || places.is_empty()) {
        let message = format!("`learn` of `{name}` cannot tell what is left");
        let help = "write `remaining`, `used` together with `limit`, or `rate_limit`";
        diagnostics.push(Diagnostic::new("E080", &place::of(origin), message).help(help));
    }
}

pub(super) fn check_place(found: &Place, origin: &Origin, diagnostics: &mut Diagnostics) {
    match found {
        Place::Header(name) => headers::check_read_name(name, origin, diagnostics),
        // Lowering refuses links where they say nothing.
        Place::Body(_) | Place::Link(_) => {}
    }
}

fn check_charges(api: &Api, diagnostics: &mut Diagnostics) {
    for (_, method) in walk::methods(api) {
        for (index, charge) in method.charges.iter().enumerate() {
            let Some(bucket) = api.buckets.get(charge.bucket) else {
                continue;
            };
            let name = &bucket.name.wire;
            let at = place::of(&method.origin);
            let most = match &bucket.window {
                Window::Of { max, .. } => max.value.min(MOST_CALLS),
                Window::Unknown => MOST_CALLS,
            };
            let cost = u64::from(charge.cost);
            if cost == 0 || (cost > most && most > 0) {
                let message = format!(
                    "`{}` costs {cost} of `{name}`, which holds {most}",
                    method.operation
                );
                let help =
                    format!("write a cost from 1 to {most}, or leave the bucket out of `limit`");
                let found = Diagnostic::new("E080", &at, message).help(help);
                diagnostics.push(found.also(&place::of(&bucket.origin), "the bucket"));
            }
            if method.charges[..index]
                .iter()
                .any(|other| other.bucket == charge.bucket)
            {
                let message = format!("`{}` draws from `{name}` twice", method.operation);
                let help = format!("write it once: `{{bucket: {name}, cost: …}}`");
                diagnostics.push(Diagnostic::new("E080", &at, message).help(help));
            }
        }
    }
}

fn check_refusal(refusal: &Refusal, diagnostics: &mut Diagnostics) {
    let origin = &refusal.origin;
    for (index, status) in refusal.statuses.iter().enumerate() {
        let at = place::of_word(origin, &status.to_string());
        if !(400..=599).contains(status) {
            let message = format!("{status} is no refusal");
            diagnostics
                .push(Diagnostic::new("E082", &at, message).help("write a status from 400 to 599"));
        }
        if refusal.statuses[..index].contains(status) {
            let message = format!("the status {status} stands twice in `refused.when`");
            diagnostics.push(Diagnostic::new("E082", &at, message).help("write each status once"));
        }
    }
    for (name, value) in &refusal.headers {
        headers::check_read_name(name, origin, diagnostics);
        headers::check_value(name, value, origin, diagnostics);
    }
    for (index, code) in refusal.codes.iter().enumerate() {
        if refusal.codes[..index].contains(code) {
            let at = place::of_word(origin, code);
            let message = format!("the code `{code}` stands twice in `refused.when`");
            diagnostics.push(Diagnostic::new("E082", &at, message).help("write each code once"));
        }
    }
    check_waits(refusal, diagnostics);
}

/// A code is what the shape of an error finds; without one that looks for it, nothing is refused.
fn check_codes(api: &Api, refusal: &Refusal, diagnostics: &mut Diagnostics) {
    let has_code = |shape: &ErrorShape| matches!(shape, ErrorShape::Object { code: Some(_), .. });
    if let Some(code) = refusal.codes.first()
        && !api.errors.shapes.iter().any(has_code)
    {
        let message = format!("nothing finds the code `{code}`, so that no answer is a refusal");
        let help = "write `errors: {shapes: [{message: /message, code: /code}]}`";
        let at = place::of_word(&refusal.origin, code);
        diagnostics.push(Diagnostic::new("E056", &at, message).help(help));
    }
}

fn check_waits(refusal: &Refusal, diagnostics: &mut Diagnostics) {
    let origin = &refusal.origin;
    let longest = refusal.max_wait.value;
    if !(1..=MILLIS_OF_A_DAY).contains(&longest) {
        let message = format!("`max_wait` is {}", times::show(longest));
        let help =
            "write a duration from `1ms` to `24h`; a longer wait is the application's to decide";
        diagnostics
            .push(Diagnostic::new("E084", &place::of_word(origin, "max_wait"), message).help(help));
    }
    for (index, source) in refusal.wait.iter().enumerate() {
        if refusal.wait[..index].contains(source) {
            let message = "`wait` names the same source twice";
            diagnostics.push(
                Diagnostic::new("E084", &place::of(origin), message).help("write each source once"),
            );
        }
        match source {
            WaitSource::From(from, _) => check_place(from, origin, diagnostics),
            WaitSource::Fixed(fixed) => {
                if fixed.value == 0 || fixed.value > longest {
                    let (wait, longest) = (times::show(fixed.value), times::show(longest));
                    let message = format!("the fixed wait is {wait}, and `max_wait` is {longest}");
                    let help =
                        "write a duration of at least `1ms` that is not longer than `max_wait`";
                    diagnostics.push(
                        Diagnostic::new("E084", &place::of_word(origin, "fixed"), message)
                            .help(help),
                    );
                }
                if index + 1 < refusal.wait.len() {
                    let message = "the sources behind a fixed wait are never read";
                    let help = "write `{fixed: …}` last";
                    diagnostics.push(
                        Diagnostic::new("E084", &place::of_word(origin, "fixed"), message)
                            .help(help),
                    );
                }
            }
        }
    }
    if refusal.wait.is_empty() {
        let message = "nothing says how long to wait after a refusal";
        let help = "write `wait: [{from: {header: Retry-After}}]`, or a `fixed` time";
        diagnostics.push(Diagnostic::new("W010", &place::of(origin), message).help(help));
    }
}

//! Behaviour: what the documentation of a method says, in words, about effect, limits, pages and errors.
//! Assumes a checked model: an index that points nowhere is left out and never a panic. Must not
//! promise what the runtime does not do, nor show a limit without the mark of how sure it is.

use super::words;
use crate::model::{Answer, Api, Case, Effect, Method, Paging, Trust, Window};

/// How a call behaves, as a list for its documentation.
pub(super) fn behaviour(api: &Api, method: &Method) -> Vec<String> {
    let mut lines = vec![format!("* **Effect**: {}", effect(api, method))];
    lines.push(format!("* **Limits**: {}", limits(api, method)));
    if let Some(page) = method.page.and_then(|at| api.pages.get(at)) {
        lines.push(format!("* **Pages**: {}", pages(page)));
    }
    let cases = method
        .cases
        .iter()
        .filter_map(|at| api.cases.get(*at))
        .map(case)
        .collect::<Vec<_>>();
    if !cases.is_empty() {
        lines.push(format!("* **Errors**: {}.", cases.join(", ")));
    }
    lines
}

fn case(case: &Case) -> String {
    let mark = words::trust(case.doc.trust)
        .map(|mark| format!(", {mark}"))
        .unwrap_or_default();
    format!(
        "[`{0}`](super::Fault::{0}) ({1}{mark})",
        case.name.rust, case.status
    )
}

fn effect(api: &Api, method: &Method) -> String {
    let again = match method.retry.and_then(|at| api.retries.get(at)) {
        Some(retry) => format!(
            "sent again after a failure, {} attempts at most",
            retry.attempts.value
        ),
        None => "never sent again".to_owned(),
    };
    let refused = match &api.refusal {
        Some(refusal) if !refusal.processed => "; sent again after a refusal",
        Some(_) | None => "",
    };
    match method.effect {
        Effect::Read => format!("reads; {again}."),
        Effect::Idempotent => format!("idempotent; {again}."),
        Effect::Once => format!(
            "once; never sent again when it may have arrived ([`may_have_happened`](crate::Error::may_have_happened)){refused}."
        ),
    }
}

fn limits(api: &Api, method: &Method) -> String {
    let each = if matches!(method.answer, Answer::Page { .. }) {
        " for each page"
    } else {
        ""
    };
    let charges = method.charges.iter().filter_map(|charge| {
        let bucket = api.buckets.get(charge.bucket)?;
        let window = match &bucket.window {
            Window::Of { max, per } => {
                let mark = words::trust(max.doc.trust).or(words::trust(per.doc.trust));
                let mark = mark.map(|mark| format!(", {mark}")).unwrap_or_default();
                format!("{} in {}{mark}", max.value, words::duration(per.value))
            }
            Window::Unknown => "learned from answers".to_owned(),
        };
        Some(format!(
            "{} of `{}` ({window})",
            charge.cost, bucket.name.wire
        ))
    });
    let charges = charges.collect::<Vec<_>>();
    if charges.is_empty() {
        "none known.".to_owned()
    } else {
        format!("{}{each}.", charges.join(", "))
    }
}

fn pages(page: &Paging) -> String {
    let mut parts = Vec::new();
    if let Some(size) = &page.default_size {
        parts.push(format!(
            "{} items unless said otherwise{}",
            size.value,
            mark(size.doc.trust)
        ));
    }
    if let Some(size) = &page.max_size {
        parts.push(format!("{} at most{}", size.value, mark(size.doc.trust)));
    }
    if let Some(member) = &page.unique_by {
        parts.push(format!(
            "an item whose {} was seen is skipped",
            words::code(member)
        ));
    }
    if parts.is_empty() {
        "sizes are not known.".to_owned()
    } else {
        format!("{}.", parts.join(", "))
    }
}

fn mark(trust: Trust) -> String {
    words::trust(trust)
        .map(|mark| format!(" ({mark})"))
        .unwrap_or_default()
}

//! Behaviour: what the documentation of a method says, in words, about effect, limits, pages and errors.
//! Assumes a checked model: an index that points nowhere is left out and never a panic. Must not
//! promise what the runtime does not do, nor show a limit without the mark of how sure it is.

use super::{bodies, many, pace, pages, words, writes};
use crate::model::{Answer, Api, Case, Effect, Follow, Method, Plain};

/// How a call behaves, as a list for its documentation.
pub(super) fn behaviour(api: &Api, method: &Method) -> Vec<String> {
    let mut lines = vec![format!("* **Effect**: {}", effect(api, method))];
    lines.push(format!("* **Limits**: {}", pace::of_method(api, method)));
    if let Some(page) = method.page.and_then(|at| api.pages.get(at)) {
        lines.push(format!("* **Pages**: {}", pages::words(page)));
    }
    lines.extend(bodies::line(api, method));
    if method.answer == Answer::Plain(Plain::Stream) {
        lines.push(DOWNLOAD.to_owned());
    }
    lines.extend(method.follow.as_ref().map(follow));
    lines.extend(writes::lines(api, method));
    lines.extend(many::lines(api, method));
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

const DOWNLOAD: &str = "* **Answer**: the body as it comes, whatever it is; one that ends early is an error and never a shorter body. \
     Nothing is sent again once the body has begun.";

fn follow(follow: &Follow) -> String {
    let origins = follow.origins.iter().map(|origin| words::code(origin));
    let origins = origins.collect::<Vec<_>>().join(", ");
    let expires = match &follow.expires {
        Some(at) => format!(", and not when {} has passed", words::code(at)),
        None => String::new(),
    };
    format!(
        "* **Leads to**: what stands at {} of the answer: `download` gets it from {origins} and from nowhere else, without any credential{expires}.",
        words::code(&follow.url)
    )
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
        Effect::Keyed(_) => {
            let key = writes::keyed_words(api, method);
            format!("{key}; {again}, with the same key{refused}.")
        }
    }
}

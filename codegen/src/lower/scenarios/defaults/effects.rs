//! Effects: what may be sent again is, what may not is not, and what bears a key bears the same one.
//! Must not pick a failure that a policy takes for a refusal.

use crate::model::{Effect, Failure, Scenario, ScenarioExpect, ScenarioReply};

use super::super::index::Index;
use super::{Draft, drafts, is_shown, reply};

/// Failures of a server, the one that most send while they are away first (RFC 9110, section 15.6).
const FAILURES: [u16; 4] = [503, 500, 502, 504];

/// Each effect as words of the language, with what becomes of a failed call.
const EFFECTS: [(&str, &str); 4] = [
    ("a read", "is sent again"),
    ("an idempotent write", "is sent again"),
    ("a write that counts once", "is not sent again"),
    ("a write with a key", "is sent again with the same key"),
];

fn kind(effect: Effect) -> usize {
    match effect {
        Effect::Read => 0,
        Effect::Idempotent => 1,
        Effect::Once => 2,
        Effect::Keyed(_) => 3,
    }
}

pub(super) fn make(index: &Index<'_>) -> Vec<Scenario> {
    let drafts = drafts(index);
    let mut made = Vec::new();
    for (wanted, (what, becomes)) in EFFECTS.iter().enumerate() {
        let of = drafts
            .iter()
            .filter(|draft| kind(draft.method.effect) == wanted);
        let of: Vec<&Draft<'_>> = of.collect();
        let status = of
            .iter()
            .find_map(|draft| Some((*draft, status(index, draft)?)));
        if let Some((draft, status)) = status
            && !is_failed(index, wanted, |reply| reply.status >= 500)
        {
            let failed = ScenarioReply { status, ..reply() };
            let name = format!("{what} that fails with {status} {becomes}");
            made.push(scenario(index, draft, name, failed));
        }
        let alone = of.iter().find(|draft| draft.method.retry.is_none());
        let failure = FAILURES.into_iter().find(|one| !is_refused(index, *one));
        if let (None, Some(draft), Some(failure)) = (status, alone, failure)
            && !is_failed(index, wanted, |reply| reply.status >= 500)
        {
            let name = format!("{what} without a retry policy is not sent again");
            let failed = ScenarioReply {
                status: failure,
                ..reply()
            };
            made.push(Scenario {
                error: Some(without_retry(draft.method.effect).to_owned()),
                ..draft.scenario(name, vec![failed])
            });
        }
        let lost = of.iter().find(|draft| is_lost_again(index, draft));
        if let Some(draft) = lost
            && !is_failed(index, wanted, |reply| reply.reset || reply.stall)
        {
            let failed = ScenarioReply {
                reset: true,
                ..reply()
            };
            let name = format!("{what} whose answer is lost {becomes}");
            made.push(scenario(index, draft, name, failed));
        }
    }
    made
}

/// Whether a written scenario lets a call of this effect fail so.
fn is_failed(index: &Index<'_>, wanted: usize, fails: impl Fn(&ScenarioReply) -> bool) -> bool {
    is_shown(index, |scenario, method| {
        kind(method.effect) == wanted && scenario.replies.iter().any(&fails)
    })
}

/// A status after which calls of this method that may be repeated are.
fn status(index: &Index<'_>, draft: &Draft<'_>) -> Option<u16> {
    let retry = index.api.retries.get(draft.method.retry?)?;
    if retry.attempts.value < 2 {
        return None;
    }
    let all = retry.when.iter().filter_map(|failure| match failure {
        Failure::Status(status @ 500..) if !is_refused(index, *status) => Some(*status),
        Failure::Status(_) | Failure::Network => None,
    });
    let all: Vec<u16> = all.collect();
    let usual = FAILURES.into_iter().find(|status| all.contains(status));
    usual.or(all.first().copied())
}

fn is_refused(index: &Index<'_>, status: u16) -> bool {
    let mut refused = index
        .api
        .refusal
        .iter()
        .flat_map(|refusal| &refusal.statuses);
    refused.any(|known| *known == status)
}

/// How a call ends that fails and is never sent again: a write may have been carried out.
fn without_retry(effect: Effect) -> &'static str {
    match effect {
        Effect::Read | Effect::Idempotent => "Api",
        Effect::Once | Effect::Keyed(_) => "Ambiguous",
    }
}

fn is_lost_again(index: &Index<'_>, draft: &Draft<'_>) -> bool {
    let retry = draft.method.retry.and_then(|at| index.api.retries.get(at));
    retry.is_some_and(|retry| retry.attempts.value >= 2 && retry.when.contains(&Failure::Network))
}

fn scenario(index: &Index<'_>, draft: &Draft<'_>, name: String, failed: ScenarioReply) -> Scenario {
    let key = match draft.method.effect {
        Effect::Once => {
            return Scenario {
                error: Some("Ambiguous".to_owned()),
                ..draft.scenario(name, vec![failed])
            };
        }
        Effect::Keyed(key) => index.api.keys.get(key),
        Effect::Read | Effect::Idempotent => None,
    };
    let again = draft.success(ScenarioExpect {
        same: key.iter().map(|key| key.at.clone()).collect(),
        ..ScenarioExpect::default()
    });
    draft.scenario(name, vec![failed, again])
}

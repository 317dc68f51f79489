//! What follows from the end of an attempt: the table of effects and classification.
//!
//! One pure function over facts; the budget is the only thing it touches. Three gates stand before another attempt:
//! the effect of the call allows it, the description names the failure, and attempts, time and budget remain.

use std::time::Duration;

use super::after::Hint;
use super::budget::{Budget, CHEAP, DEAR, Spent};
use super::{LONGEST_WAIT, backoff};
use crate::clock::Moment;
use crate::operation::{Effect, ReplayMeans, Retry, Verb};

/// How far a request got, in the order of how much may have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// It never left.
    NotSent,
    /// It reached the server, which did not carry it out.
    NotProcessed,
    /// The server has answered, and the answer is the end of it.
    Final,
    /// Nobody knows: it may have been carried out.
    Unknown,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// With a whole answer.
    Answer {
        status: u16,
        /// It is one of the statuses that are success.
        success: bool,
    },
    /// With the answer that an idempotency layer gives to a repetition.
    Replayed(ReplayMeans),
    /// With the 500 of the attempt before, to the byte: an idempotency layer has kept it.
    Kept,
    /// With the answer to a write whose version is stale.
    Stale,
    /// With a whole answer that is a success and cannot be understood.
    Malformed,
    /// With a refusal, as the description knows it.
    Refused {
        /// A refused write may have been carried out.
        processed: bool,
    },
    /// Connect, DNS or TLS failed, or the pooled connection was closed before a byte was written.
    NotSent,
    /// With a reset, a timeout or a truncated answer, after the request may have been sent.
    Lost,
}

/// All that the decision depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) effect: Effect,
    pub(crate) verb: Verb,
    pub(crate) evidence: Evidence,
    pub(crate) retry: Option<&'a Retry>,
    /// Attempts so far, this one included. Refusals and the replay after a refresh do not count.
    pub(crate) attempts: u32,
    /// An earlier attempt of this call ended in [`Phase::Unknown`].
    pub(crate) lost_before: bool,
    /// Until when the server knows the idempotency key; `None`: for as long as it matters.
    pub(crate) key_until: Option<Moment>,
    /// The key is the caller's, who may have used it before.
    pub(crate) key_is_given: bool,
    /// The credential can be refreshed and has not been for this call.
    pub(crate) may_refresh: bool,
    /// The body can be sent again.
    pub(crate) replayable: bool,
    /// Attempts and backoffs so far.
    pub(crate) elapsed: Duration,
    pub(crate) now: Moment,
    /// The caller's.
    pub(crate) deadline: Option<Moment>,
    /// The answer's `Retry-After`.
    pub(crate) hint: Hint,
    /// Uniform in [0, 1).
    pub(crate) fraction: f64,
}

/// What an attempt's end means and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) phase: Phase,
    pub(crate) decision: Decision,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It has succeeded.
    Done,
    /// What was to be deleted is gone, and an attempt of this call may have done it.
    AlreadyGone,
    /// An earlier attempt of this call has done it.
    AlreadyDone,
    /// Wait and send again; refund when that succeeds.
    Again { delay: Duration, spent: Spent },
    /// Refresh the credential and send again.
    Refresh,
    /// Wait as the refusal says and send again.
    Refused,
    /// Fail: the call may have been carried out, and must not be sent again blindly.
    Ambiguous,
    /// Fail.
    Fail,
}

/// Applies the table.
pub(crate) fn classify(facts: &Facts<'_>, budget: &Budget) -> Verdict {
    let phase = phase_of(facts);
    let decision = match facts.evidence {
        Evidence::Answer { success: true, .. } => Decision::Done,
        Evidence::Answer { status: 404, .. } if is_already_gone(facts) => Decision::AlreadyGone,
        Evidence::Answer { status: 401, .. } => refresh(facts),
        Evidence::Refused { .. } => wait_and_repeat(facts, phase),
        Evidence::Replayed(ReplayMeans::Done) if facts.lost_before => Decision::AlreadyDone,
        // The first attempt may have changed the version itself.
        Evidence::Stale if facts.lost_before => Decision::Ambiguous,
        Evidence::Kept => Decision::Fail,
        Evidence::Answer { .. }
        | Evidence::Replayed(_)
        | Evidence::Stale
        | Evidence::Malformed
        | Evidence::NotSent
        | Evidence::Lost => repeat(facts, phase, budget).unwrap_or_else(|| failure(facts, phase)),
    };
    Verdict { phase, decision }
}

fn phase_of(facts: &Facts<'_>) -> Phase {
    match facts.evidence {
        Evidence::NotSent => Phase::NotSent,
        Evidence::Lost | Evidence::Refused { processed: true } => Phase::Unknown,
        Evidence::Refused { processed: false } => Phase::NotProcessed,
        Evidence::Replayed(ReplayMeans::InProgress) if is_repetition(facts) => Phase::Unknown,
        Evidence::Replayed(_)
        | Evidence::Kept
        | Evidence::Stale
        | Evidence::Malformed
        | Evidence::Answer { success: true, .. } => Phase::Final,
        // 408: the server gave up waiting for the request (RFC 9110 §15.5.9).
        Evidence::Answer {
            status: 401 | 408, ..
        } => Phase::NotProcessed,
        // Not implemented and version not supported (RFC 9110 §15.6.2 and §15.6.6) are answers, not accidents.
        Evidence::Answer {
            status: 501 | 505, ..
        } => Phase::Final,
        Evidence::Answer { status: 500.., .. } => Phase::Unknown,
        Evidence::Answer { .. } => Phase::Final,
    }
}

fn is_already_gone(facts: &Facts<'_>) -> bool {
    facts.verb == Verb::Delete && facts.lost_before
}

/// Otherwise the status is the API's own, because the server cannot have seen the key.
fn is_repetition(facts: &Facts<'_>) -> bool {
    facts.lost_before || facts.key_is_given
}

fn refresh(facts: &Facts<'_>) -> Decision {
    if facts.may_refresh && facts.replayable && has_time(facts) {
        Decision::Refresh
    } else {
        failure(facts, Phase::NotProcessed)
    }
}

fn wait_and_repeat(facts: &Facts<'_>, phase: Phase) -> Decision {
    if facts.replayable && has_time(facts) && may_repeat(facts, phase, facts.now) {
        Decision::Refused
    } else {
        failure(facts, phase)
    }
}

/// Time for attempts is left. Another one without it would only be in doubt.
fn has_time(facts: &Facts<'_>) -> bool {
    let max = facts.retry.and_then(|retry| retry.max_elapsed);
    max.is_none_or(|max| facts.elapsed < max)
}

/// A call that counts each time is repeated only when it was certainly not carried out; with a key that the server
/// knows at that time still, also when it may have been.
fn may_repeat(facts: &Facts<'_>, phase: Phase, at: Moment) -> bool {
    match facts.effect {
        Effect::Read | Effect::Idempotent => true,
        Effect::Keyed(_) if facts.key_until.is_none_or(|until| at < until) => true,
        Effect::Once | Effect::Keyed(_) => {
            matches!(phase, Phase::NotSent | Phase::NotProcessed) && !facts.lost_before
        }
    }
}

/// Another attempt, if the effect, the description, the attempts, the time and the budget allow it.
fn repeat(facts: &Facts<'_>, phase: Phase, budget: &Budget) -> Option<Decision> {
    let retry = facts.retry?;
    let (named, cost) = match facts.evidence {
        Evidence::NotSent => (retry.network, CHEAP),
        Evidence::Lost => (retry.network, DEAR),
        // 408 says that the request was not complete, which a write that counts each time does not bet on.
        Evidence::Answer { status: 408, .. } => (
            retry.statuses.contains(&408) && facts.effect != Effect::Once,
            CHEAP,
        ),
        Evidence::Answer { status, .. } => (retry.statuses.contains(&status), DEAR),
        Evidence::Replayed(ReplayMeans::InProgress) => (is_repetition(facts), CHEAP),
        Evidence::Replayed(ReplayMeans::Done)
        | Evidence::Kept
        | Evidence::Stale
        | Evidence::Malformed
        | Evidence::Refused { .. } => return None,
    };
    if !named || !facts.replayable || facts.attempts >= retry.attempts {
        return None;
    }
    let asked = match facts.hint {
        Hint::After(wait) => wait,
        Hint::OverCap => return None,
        Hint::Invalid | Hint::Missing => Duration::ZERO,
    };
    let delay = backoff::delay(retry, facts.attempts, facts.fraction).max(asked);
    let is_in_time = asked <= LONGEST_WAIT
        && retry
            .max_elapsed
            .is_none_or(|max| facts.elapsed.saturating_add(delay) < max)
        && facts
            .deadline
            .is_none_or(|deadline| facts.now + delay < deadline);
    if !is_in_time || !may_repeat(facts, phase, facts.now + delay) {
        return None;
    }
    budget
        .spend(cost)
        .map(|spent| Decision::Again { delay, spent })
}

/// An answer to a repetition with the same key is the end of it, whatever became of the first request: the server says
/// nothing else of it.
fn failure(facts: &Facts<'_>, phase: Phase) -> Decision {
    let is_ambiguous = match facts.effect {
        Effect::Read | Effect::Idempotent => false,
        Effect::Once => phase == Phase::Unknown || facts.lost_before,
        Effect::Keyed(_) => phase == Phase::Unknown || facts.lost_before && phase != Phase::Final,
    };
    if is_ambiguous {
        Decision::Ambiguous
    } else {
        Decision::Fail
    }
}

#[cfg(test)]
mod tests;

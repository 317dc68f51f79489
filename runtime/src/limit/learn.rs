//! What answers tell of a bucket: reading the places that a description names, and what follows from them.
//!
//! The server's word only lowers what the description or an earlier answer of the same window allows. An answer to an
//! older request never undoes what a newer one has told, and no answer removes a stamp of our own.

use std::time::Duration;

use http::HeaderMap;

use super::{BucketKey, Claim};
use crate::clock::Moment;
use crate::operation::{Charge, Learn, Place};
use crate::retry::after::{self, Hint, Times};

/// The window of a bucket that nobody has told the length of.
pub(super) const ASSUMED_WINDOW: Duration = Duration::from_secs(60);

/// What one answer tells of one bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Observation {
    /// The quota.
    pub(crate) limit: Option<u32>,
    /// What is used up, this request included.
    pub(crate) used: Option<u32>,
    /// What is left.
    pub(crate) remaining: Option<u32>,
    /// When the window ends.
    pub(crate) reset: Option<Moment>,
    /// The answer is a success. A failure that tells nothing may not come from the API itself.
    pub(crate) success: bool,
    /// Values that were there and made no sense.
    pub(crate) invalid: u32,
}

impl Observation {
    fn tells(&self) -> bool {
        self.limit.is_some()
            || self.used.is_some()
            || self.remaining.is_some()
            || self.reset.is_some()
    }

    /// How many requests of its window the server has counted, given the quota.
    fn counted(&self, limit: Option<u32>) -> Option<u32> {
        let left = limit
            .zip(self.remaining)
            .map(|(limit, remaining)| limit.saturating_sub(remaining));
        self.used.max(left)
    }
}

/// Reads the places of `learn`. `body` gives the scalar at a JSON pointer as text; `now` is when the head arrived.
pub(crate) fn read(
    learn: &Learn,
    success: bool,
    headers: &HeaderMap,
    body: &dyn Fn(&[&str]) -> Option<String>,
    times: Times,
    now: Moment,
) -> Observation {
    let mut seen = Observation {
        success,
        ..Observation::default()
    };
    let mut invalid = 0;
    let mut number = |place: Option<Place>| match after::text_at(place?, headers, body) {
        Ok(text) => {
            let number = text.and_then(|text| count(&text));
            invalid += u32::from(number.is_none());
            number
        }
        Err(after::Absent) => None,
    };
    seen.limit = number(learn.limit);
    seen.used = number(learn.used);
    seen.remaining = number(learn.remaining);
    if let Some((place, unit)) = learn.reset {
        match after::at(place, unit, headers, body, times) {
            Hint::After(wait) => seen.reset = Some(now + wait),
            Hint::OverCap | Hint::Invalid => invalid += 1,
            Hint::Missing => {}
        }
    }
    if let Some(fields) = &learn.fields {
        let told = super::fields::read(fields, headers);
        seen.limit = seen.limit.or(told.limit);
        seen.remaining = seen.remaining.or(told.remaining);
        seen.reset = seen.reset.or(told.reset.map(|reset| now + reset));
        invalid += told.invalid;
    }
    seen.invalid = invalid;
    seen
}

/// The buckets of a refused call that the refusal is about: those of which it says that nothing is left, or else all.
pub(crate) fn refused(
    charges: &[Charge],
    claims: &[Claim],
    headers: &HeaderMap,
    body: &dyn Fn(&[&str]) -> Option<String>,
    times: Times,
    now: Moment,
) -> Vec<BucketKey> {
    let is_spent = |claim: &&Claim| {
        let mut charges = charges.iter().map(|charge| charge.bucket);
        let bucket = charges.find(|bucket| bucket.name == claim.key.bucket);
        let learn = bucket.and_then(|bucket| bucket.learn.as_ref());
        learn
            .is_some_and(|learn| read(learn, false, headers, body, times, now).remaining == Some(0))
    };
    let spent: Vec<_> = claims
        .iter()
        .filter(is_spent)
        .map(|claim| claim.key)
        .collect();
    if spent.is_empty() {
        claims.iter().map(|claim| claim.key).collect()
    } else {
        spent
    }
}

/// A whole number; one that is too large counts as the largest.
fn count(text: &[u8]) -> Option<u32> {
    let digits = text.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = std::str::from_utf8(digits)
        .expect("digits are ASCII")
        .parse();
    Some(number.unwrap_or(u32::MAX))
}

/// What a bucket has learned so far.
#[derive(Debug)]
pub(super) struct Learned {
    /// The quota that the server has stated, or that follows from what it says is left.
    limit: Option<u32>,
    /// Requests that may be in flight while the quota is not known yet: 1, then twice as many with each answer.
    pub(super) ramp: u32,
    /// The newest request whose answer has told something.
    newest: Option<u64>,
    /// The end of the newest window that was told.
    reset: Option<Moment>,
    /// Until when a quota that was derived from `remaining` holds.
    derived_until: Moment,
}

impl Default for Learned {
    fn default() -> Learned {
        Learned {
            limit: None,
            ramp: 1,
            newest: None,
            reset: None,
            derived_until: Moment::START,
        }
    }
}

/// What a bucket has to do with an observation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lesson {
    /// Slots that others must have used, and until when.
    pub(super) foreign: Option<(u32, Moment)>,
    /// Nothing is left until this moment.
    pub(super) shut_until: Option<Moment>,
}

impl Learned {
    pub(super) fn limit(&self) -> Option<u32> {
        self.limit
    }

    /// The end of the window, if it is known and not over.
    pub(super) fn reset(&self, now: Moment) -> Option<Moment> {
        self.reset.filter(|reset| *reset > now)
    }

    /// Takes in the answer to the request number `order`. `own` is what we ourselves may have used when the server
    /// counted, `declared` the quota of the description.
    pub(super) fn take(
        &mut self,
        order: u64,
        seen: &Observation,
        own: u32,
        declared: Option<(u32, Duration)>,
        now: Moment,
    ) -> Lesson {
        if !seen.tells() {
            if seen.success && self.newest.is_none() {
                self.ramp = u32::MAX;
            }
            return Lesson::default();
        }
        self.ramp = self.ramp.saturating_mul(2);
        let reset = seen.reset.filter(|reset| *reset > now);
        let is_newest = self.newest.is_none_or(|newest| newest < order);
        if is_newest {
            self.newest = Some(order);
            self.reset = reset.max(self.reset(now));
            self.take_limit(seen, own, declared, now);
        } else if reset.is_none() {
            // It may speak of a window that is over.
            return Lesson::default();
        }
        let window = declared.map_or(ASSUMED_WINDOW, |(_, per)| per);
        let until = reset.unwrap_or_else(|| super::quota::expiry(now, window));
        let stated = seen.limit.or(declared.map(|(max, _)| max)).or(self.limit);
        let foreign = seen
            .counted(stated)
            .map(|used| (used.saturating_sub(own), until));
        let shut_until = reset.filter(|_| is_newest && seen.remaining == Some(0));
        Lesson {
            foreign,
            shut_until,
        }
    }

    fn take_limit(
        &mut self,
        seen: &Observation,
        own: u32,
        declared: Option<(u32, Duration)>,
        now: Moment,
    ) {
        if let Some(limit) = seen.limit {
            self.limit = Some(limit.max(1));
        } else if let (Some(remaining), None) = (seen.remaining, declared) {
            let derived = remaining.saturating_add(own).max(1);
            let same_window = now < self.derived_until;
            self.limit = Some(
                self.limit
                    .filter(|_| same_window)
                    .map_or(derived, |known| known.min(derived)),
            );
            if !same_window {
                self.derived_until = self.reset(now).unwrap_or(now + ASSUMED_WINDOW);
            }
        }
    }
}

//! How a method behaves: its effect, what it costs, when it is sent again, how it is signed, and
//! which errors it names.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::{self, EffectWord, OrNone, Spanned};
use crate::model::{Charge, Effect, Verb};

use super::inherit::Levels;
use super::methods::Site;
use super::standard::Standard;
use super::{many, policies, words, writes};

/// How long one attempt takes at most when nothing is said.
const TIMEOUT_MS: u64 = 30_000;

/// One attempt, in milliseconds.
pub(super) fn timeout(levels: &Levels<'_>) -> u64 {
    let said = levels.nearest(
        |method| method.timeout.as_ref(),
        |defaults| defaults.timeout.as_ref(),
    );
    said.map_or(TIMEOUT_MS, |timeout| words::millis(&timeout.value.value))
}

/// Whether a call may be sent again: said, by the standard method, or by the verb.
pub(super) fn effect(
    site: &Site<'_, '_>,
    levels: &Levels<'_>,
    standard: Option<Standard>,
    verb: Verb,
    lock: Option<usize>,
) -> Effect {
    if let Some(said) = levels.of_method(|method| method.effect.as_ref()) {
        return match &said.value {
            document::Effect::Word(EffectWord::Read) => Effect::Read,
            document::Effect::Word(EffectWord::Idempotent) => Effect::Idempotent,
            document::Effect::Word(EffectWord::Once) => Effect::Once,
            document::Effect::Keyed(keyed) => writes::keyed(site, keyed),
        };
    }
    // RFC 9110, sections 9.2.1 and 9.2.2.
    let effect = standard.map_or_else(
        || match verb {
            Verb::Get | Verb::Head | Verb::Options => Effect::Read,
            Verb::Put | Verb::Delete => Effect::Idempotent,
            Verb::Post | Verb::Patch => Effect::Once,
        },
        Standard::effect,
    );
    // Sent again, it names a version that it has made stale itself, or meets rows that nobody has counted.
    let once = lock.is_some() || many::is_bulk(levels);
    if once && effect != Effect::Read {
        Effect::Once
    } else {
        effect
    }
}

/// What a call costs.
pub(super) fn charges(
    site: &Site<'_, '_>,
    levels: &Levels<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Charge> {
    let limit = levels.nearest(
        |method| method.limit.as_ref(),
        |defaults| defaults.limit.as_ref(),
    );
    let Some(OrNone::Some(uses)) = limit.map(|limit| &limit.value) else {
        return Vec::new();
    };
    let mut charges = Vec::with_capacity(uses.len());
    for used in uses {
        let names = site.policies.buckets.iter().map(|bucket| &bucket.name);
        let Some(bucket) = policies::find(names, "a bucket", &used.bucket, diagnostics) else {
            continue;
        };
        let cost = used
            .cost
            .as_ref()
            .map_or(Some(1), |cost| u32::try_from(cost.value.value).ok());
        let cost = cost.unwrap_or_else(|| {
            let message = "no call costs that much";
            diagnostics
                .push(Diagnostic::new("E061", &used.place, message).help("write a smaller number"));
            1
        });
        charges.push(Charge { bucket, cost });
    }
    charges
}

/// The retry policy, by its position.
pub(super) fn retry(
    site: &Site<'_, '_>,
    levels: &Levels<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<usize> {
    let said = levels.nearest(
        |method| method.retry.as_ref(),
        |defaults| defaults.retry.as_ref(),
    )?;
    let OrNone::Some(name) = &said.value else {
        return None;
    };
    let name = Spanned {
        value: name.clone(),
        place: said.place.clone(),
    };
    policies::find(
        site.policies.retries.iter().map(|retry| &retry.name),
        "a retry policy",
        &name,
        diagnostics,
    )
}

/// The credentials, by their positions.
pub(super) fn security(
    site: &Site<'_, '_>,
    levels: &Levels<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Vec<usize>> {
    let said = levels.nearest(
        |method| method.security.as_ref(),
        |defaults| defaults.security.as_ref(),
    );
    match said.map(|said| &said.value) {
        Some(OrNone::Some(written)) => {
            policies::security(&site.policies.credentials, written, diagnostics)
        }
        Some(OrNone::None) => Vec::new(),
        None => site.policies.security.clone(),
    }
}

/// The named errors, by their positions; a write that names a version may meet a newer one.
pub(super) fn cases(
    site: &Site<'_, '_>,
    levels: &Levels<'_>,
    lock: Option<usize>,
    diagnostics: &mut Diagnostics,
) -> Vec<usize> {
    let stale = lock.map(|lock| site.policies.locks[lock].stale);
    let mut found: Vec<usize> = stale.into_iter().collect();
    for name in levels.cases() {
        let names = site.policies.cases.iter().map(|case| &case.name);
        found.extend(policies::find(names, "a case", name, diagnostics));
    }
    found.sort_unstable();
    found.dedup();
    found
}

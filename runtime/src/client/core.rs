//! What all calls of a client share, and the questions that a request asks of it.
//!
//! It is made once and does not change; quotas, budget and randomness behind it have locks of their own.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::builder::Setting;
use super::origin::Origin;
use crate::auth::Credentials;
use crate::cache::Cache;
use crate::clock::{BoxFuture, Clock, Spawn};
use crate::error::Scrub;
use crate::events::{Event, Hook};
use crate::follow::FETCH;
use crate::limit::{BucketKey, Claim, Demand, Limits, LimitsSnapshot, Share, ShareKey};
use crate::operation::{Api, Bucket, Credential, Operation, Scope};
use crate::retry::Budget;
use crate::retry::breaker::Breaker;
use crate::transport::Transport;

/// A client: a cheap handle to what its calls share.
#[derive(Clone)]
pub struct Core(Arc<Shared>);

/// What they share.
pub(super) struct Shared {
    pub(super) id: u64,
    pub(super) api: &'static Api,
    /// The fingerprint of the base URL: environments have quotas of their own.
    pub(super) place: u64,
    pub(super) origin: Origin,
    pub(super) credentials: Credentials,
    pub(super) scrub: Arc<Scrub>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) query: String,
    pub(super) params: Vec<(&'static str, u64)>,
    pub(super) settings: Vec<(&'static str, Setting)>,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) spawn: Arc<dyn Spawn>,
    pub(super) limits: Limits,
    /// By the address of the operation.
    pub(super) demands: RwLock<BTreeMap<usize, Arc<Demand>>>,
    pub(super) budget: Budget,
    /// `None`: switched off.
    pub(super) breaker: Option<Breaker>,
    pub(super) events: Hook,
    pub(super) cache: Option<Cache>,
    pub(super) body_cap: usize,
    pub(super) max_wait: Option<Duration>,
    pub(super) random: Mutex<fastrand::Rng>,
    /// Zero in a client that was given a seed.
    pub(super) salt: u128,
}

impl Core {
    pub(super) fn new(shared: Shared) -> Core {
        Core(Arc::new(shared))
    }

    /// What is known of quotas and gates now.
    #[must_use]
    pub fn limits_snapshot(&self) -> LimitsSnapshot {
        self.0.limits.snapshot(self.0.clock.now())
    }

    pub(crate) fn query(&self) -> &str {
        &self.0.query
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.0.origin
    }

    pub(crate) fn scrub(&self) -> &Scrub {
        &self.0.scrub
    }

    pub(super) fn shared_scrub(&self) -> Arc<Scrub> {
        Arc::clone(&self.0.scrub)
    }

    #[cfg(feature = "oauth2")]
    pub(super) fn api(&self) -> &'static Api {
        self.0.api
    }

    pub(super) fn id(&self) -> u64 {
        self.0.id
    }

    pub(super) fn credentials(&self) -> &Credentials {
        &self.0.credentials
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Runs a task beside its caller.
    pub(crate) fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.0.spawn.spawn(task);
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.0.budget
    }

    pub(super) fn cache(&self) -> Option<&Cache> {
        self.0.cache.as_ref()
    }

    pub(super) fn breaker(&self) -> Option<&Breaker> {
        self.0.breaker.as_ref()
    }

    /// Someone is told what happens.
    pub(super) fn is_watched(&self) -> bool {
        self.0.events.is_set()
    }

    pub(super) fn tell<'a>(&self, event: impl FnOnce() -> Event<'a>) {
        self.0.events.tell(event);
    }

    pub(super) fn transport(&self) -> &dyn Transport {
        &*self.0.transport
    }

    pub(super) fn body_cap(&self) -> usize {
        self.0.body_cap
    }

    pub(super) fn max_wait(&self) -> Option<Duration> {
        self.0.max_wait
    }

    pub(super) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }

    /// Uniform in [0, 1).
    pub(super) fn fraction(&self) -> f64 {
        self.0
            .random
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .f64()
    }

    /// 128 random bits. Those of a seeded client are the same each time; no two others come from the same few seeds.
    pub(crate) fn bits(&self) -> u128 {
        let mut random = self.0.random.lock().unwrap_or_else(PoisonError::into_inner);
        random.u128(..) ^ self.0.salt
    }

    /// The API's own name for a request, at most 200 characters of it.
    pub(crate) fn request_id(&self, headers: &HeaderMap) -> Option<Box<str>> {
        let id = headers.get(self.0.api.request_id?)?.to_str().ok()?;
        Some(self.0.scrub.text(crate::decode::clip(id, 200)).into())
    }

    /// What every call of an operation wants, which is the same as long as the client lives.
    pub(super) fn demand(
        &self,
        operation: &'static Operation,
        signers: &[&'static Credential],
    ) -> Arc<Demand> {
        let (demands, address) = (&self.0.demands, std::ptr::from_ref(operation).addr());
        let known = demands.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(demand) = known.get(&address) {
            return Arc::clone(demand);
        }
        drop(known);
        let claims = self.claims(operation, signers);
        // What is fetched from elsewhere does not wait for the API's gate.
        let is_ours = !std::ptr::eq(operation, &FETCH);
        let gate = if is_ours { self.0.id } else { u64::MAX };
        let demand = Demand::new(gate, claims, self.share(operation));
        let mut demands = demands.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(demands.entry(address).or_insert(demand))
    }

    /// What a call costs, bucket by bucket. Buckets of a parameter that is not set are off.
    fn claims(&self, operation: &'static Operation, signers: &[&'static Credential]) -> Vec<Claim> {
        let mut claims = Vec::with_capacity(operation.limit.len());
        for charge in operation.limit {
            if let Some(scope) = self.scope(charge.bucket, signers) {
                claims.push(Claim {
                    key: BucketKey {
                        api: self.0.api.name,
                        bucket: charge.bucket.name,
                        scope,
                    },
                    cost: charge.cost,
                    window: self.window(charge.bucket),
                    learns: charge.bucket.learn.is_some(),
                });
            }
        }
        claims
    }

    /// One of the requests that may be on their way at once, where the API says how many.
    fn share(&self, operation: &'static Operation) -> Option<Share> {
        let rules = *operation.api.concurrency?;
        let key = ShareKey {
            api: self.0.api.name,
            place: self.0.place,
        };
        Some(Share {
            key,
            rules,
            operation: operation.name,
        })
    }

    /// The least time that the quotas leave for so many calls, when all of them are free at the beginning; `None` when
    /// nobody says what one of them is.
    pub(crate) fn least_time(&self, operation: &'static Operation, calls: u64) -> Option<Duration> {
        let signers = self.0.credentials.choose(operation).unwrap_or_default();
        let mut least = Duration::ZERO;
        for claim in self
            .claims(operation, signers)
            .iter()
            .filter(|claim| claim.cost > 0)
        {
            let (max, per) = claim.window?;
            let at_once = u64::from((max / claim.cost).max(1));
            let windows = calls.saturating_sub(1) / at_once;
            least = least.max(per.saturating_mul(u32::try_from(windows).unwrap_or(u32::MAX)));
        }
        Some(least)
    }

    fn scope(&self, bucket: &'static Bucket, signers: &[&'static Credential]) -> Option<u64> {
        let mix = |scope: u64, part: u64| {
            (scope.rotate_left(5) ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        };
        let mut scope = self.0.place;
        for dimension in bucket.scope {
            match dimension {
                Scope::Client(name) => {
                    scope = mix(
                        scope,
                        self.0.params.iter().find(|(known, _)| known == name)?.1,
                    );
                }
                Scope::Credential => {
                    for credential in signers {
                        scope = mix(
                            scope,
                            self.0.credentials.fingerprint(self.0.api, credential)?,
                        );
                    }
                }
            }
        }
        Some(scope)
    }

    fn window(&self, bucket: &'static Bucket) -> Option<(u32, Duration)> {
        let window = bucket.window?;
        let max = match self.setting(window.max_config) {
            Some(Setting::Count(max)) => u32::try_from(max).unwrap_or(u32::MAX),
            _ => window.max,
        };
        let per = match self.setting(window.per_config) {
            Some(Setting::Time(per)) => per,
            _ => window.per,
        };
        Some((max, per))
    }

    fn setting(&self, name: Option<&'static str>) -> Option<Setting> {
        let name = name?;
        self.0
            .settings
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.0.api.name)
            .field("base", &self.0.origin.base)
            .finish_non_exhaustive()
    }
}

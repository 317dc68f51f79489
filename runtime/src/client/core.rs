//! What all calls of a client share, and the questions that a request asks of it.
//!
//! It is made once and does not change; quotas, budget and randomness behind it have locks of their own.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Uri;
use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::builder::Setting;
use super::origin::Origin;
use crate::auth::Credentials;
use crate::clock::Clock;
use crate::error::Scrub;
use crate::limit::{BucketKey, Claim, Limits, LimitsSnapshot};
use crate::operation::{Api, Bucket, Credential, Operation, Scope};
use crate::retry::Budget;
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
    pub(super) scrub: Scrub,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) query: String,
    pub(super) params: Vec<(&'static str, u64)>,
    pub(super) settings: Vec<(&'static str, Setting)>,
    pub(super) transport: Box<dyn Transport>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limits: Limits,
    pub(super) budget: Budget,
    pub(super) body_cap: usize,
    pub(super) max_wait: Option<Duration>,
    pub(super) random: Mutex<fastrand::Rng>,
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

    pub(crate) fn base(&self) -> &str {
        &self.0.origin.base
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

    pub(super) fn id(&self) -> u64 {
        self.0.id
    }

    pub(super) fn credentials(&self) -> &Credentials {
        &self.0.credentials
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.0.budget
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

    /// The API's own name for a request, at most 200 characters of it.
    pub(super) fn request_id(&self, headers: &HeaderMap) -> Option<Box<str>> {
        let id = headers.get(self.0.api.request_id?)?.to_str().ok()?;
        Some(self.0.scrub.text(crate::decode::clip(id, 200)).into())
    }

    /// What a call costs, bucket by bucket. Buckets of a parameter that is not set are off.
    pub(super) fn claims(
        &self,
        operation: &'static Operation,
        signers: &[&'static Credential],
    ) -> Vec<Claim> {
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
                            self.0
                                .credentials
                                .signer(self.0.api, credential)?
                                .fingerprint(),
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

pub(super) fn with_query(uri: &Uri, pair: &str) -> Option<Uri> {
    let mark = if uri.query().is_some() { '&' } else { '?' };
    format!("{uri}{mark}{pair}").parse().ok()
}

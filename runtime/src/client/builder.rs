//! How a client is made.
//!
//! All that can be checked is checked here, once, so that a request only puts finished pieces together.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use http::header::{ACCEPT, HOST, HeaderName, HeaderValue, USER_AGENT};

use super::core::{Core, Shared};
use super::origin::Origin;
use crate::auth::{self, AuthContext, CredentialSource, Credentials};
use crate::cache::Cache;
use crate::clock::{Clock, Spawn, SystemClock, TokioSpawn};
use crate::encode::{self, Param};
use crate::error::{Error, Kind, Result, Scrub};
use crate::events::{Event, Hook};
use crate::limit::Limits;
use crate::operation::{Api, ClientParam, Credential};
use crate::retry::Budget;
use crate::retry::breaker::Breaker;
use crate::transport::Transport;
use crate::transport::hyper::HyperTransport;

/// The longest body of an answer, unless the builder says otherwise.
const BODY_CAP: usize = 32 * 1024 * 1024;

/// The value of one of an API's own settings.
#[derive(Clone, Copy, Debug)]
pub enum Setting {
    /// A number of requests.
    Count(u64),
    /// A length of time.
    Time(Duration),
}

impl From<u32> for Setting {
    fn from(value: u32) -> Setting {
        Setting::from(u64::from(value))
    }
}

impl From<u64> for Setting {
    fn from(count: u64) -> Setting {
        Setting::Count(count)
    }
}

impl From<Duration> for Setting {
    fn from(time: Duration) -> Setting {
        Setting::Time(time)
    }
}

/// Collects what a client is made of.
pub struct Builder {
    api: &'static Api,
    /// A URL with `{name}` where a variable stands, unless it was given whole.
    template: &'static str,
    vars: Vec<(&'static str, String)>,
    base_url: Option<String>,
    credentials: Vec<(&'static Credential, CredentialSource)>,
    params: Vec<(&'static ClientParam, Result<String, String>)>,
    settings: Vec<(&'static str, Setting)>,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    spawn: Arc<dyn Spawn>,
    limits: Option<Limits>,
    cache: Option<Cache>,
    user_agent: Option<String>,
    body_cap: usize,
    max_wait: Option<Duration>,
    seed: Option<u64>,
    breaker: bool,
    events: Hook,
}

impl Builder {
    /// A client of this API, with everything as its description says.
    #[must_use]
    pub fn new(api: &'static Api) -> Builder {
        Builder {
            api,
            template: api.base,
            vars: Vec::new(),
            base_url: None,
            credentials: Vec::new(),
            params: Vec::new(),
            settings: Vec::new(),
            transport: None,
            clock: Arc::new(SystemClock),
            spawn: Arc::new(TokioSpawn),
            limits: None,
            cache: None,
            user_agent: None,
            body_cap: BODY_CAP,
            max_wait: None,
            seed: None,
            breaker: true,
            events: Hook::default(),
        }
    }

    /// Sets a credential. Those that are not set come from their environment variables.
    pub fn credential(
        &mut self,
        credential: &'static Credential,
        value: impl Into<CredentialSource>,
    ) {
        self.credentials.push((credential, value.into()));
    }

    #[cfg(feature = "testing")]
    pub(crate) fn api(&self) -> &'static Api {
        self.api
    }

    #[cfg(feature = "testing")]
    pub(crate) fn has_credential(&self, credential: &'static Credential) -> bool {
        let mut given = self.credentials.iter();
        given.any(|(known, _)| std::ptr::eq(*known, credential))
    }

    #[cfg(feature = "testing")]
    pub(crate) fn has_var(&self, name: &str) -> bool {
        self.vars.iter().any(|(known, _)| *known == name)
    }

    /// Chooses one of the API's environments.
    pub fn base(&mut self, template: &'static str) {
        self.template = template;
        self.base_url = None;
    }

    /// Sets a variable of the base URL.
    pub fn var(&mut self, name: &'static str, value: &str) {
        self.vars.retain(|(known, _)| *known != name);
        self.vars.push((name, value.to_owned()));
    }

    /// The environment's URL with its variables filled in: what was given, or else their defaults.
    fn filled(&self) -> Result<String, String> {
        let mut base = String::new();
        let mut rest = self.template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after
                .split_once('}')
                .ok_or("the base URL has a brace without its other half")?;
            let given = self.vars.iter().find(|(known, _)| *known == name);
            let default = self.api.vars.iter().find(|(known, _)| *known == name);
            let value = match (given, default) {
                (Some((_, value)), _) => value.as_str(),
                (None, Some((_, Some(value)))) => value,
                (None, _) => return Err(format!("`{name}` of the base URL was not given")),
            };
            let is_label = |label: &str| {
                !label.is_empty()
                    && label
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            };
            if !value.split('.').all(is_label) {
                return Err(format!(
                    "`{name}` of the base URL may have letters, digits, `-`, `_` and single dots"
                ));
            }
            base.push_str(before);
            base.push_str(value);
            rest = after;
        }
        base.push_str(rest);
        Ok(base)
    }

    /// Chooses another base URL.
    pub fn base_url(&mut self, url: &str) {
        self.base_url = Some(url.to_owned());
    }

    /// Sets a parameter that is sent with each request.
    pub fn param(&mut self, param: &'static ClientParam, value: &dyn Param) {
        let text = if param.in_header {
            encode::header_value(value)
        } else {
            encode::shown(value)
        };
        self.params
            .retain(|(known, _)| !std::ptr::eq(*known, param));
        self.params.push((
            param,
            text.map_err(|bad| format!("`{}`: {bad}", param.name)),
        ));
    }

    /// Sets one of the API's own settings.
    pub fn setting(&mut self, name: &'static str, value: impl Into<Setting>) {
        self.settings.retain(|(known, _)| *known != name);
        self.settings.push((name, value.into()));
    }

    /// Sends by another transport.
    pub fn transport(&mut self, transport: impl Transport) {
        self.transport = Some(Arc::new(transport));
    }

    /// Takes the time from another clock.
    pub fn clock(&mut self, clock: impl Clock) {
        self.clock = Arc::new(clock);
    }

    /// Shares quotas with all clients that were given the same handle.
    pub fn limits(&mut self, limits: Limits) {
        self.limits = Some(limits);
    }

    /// Keeps answers to reads, so that the API need not send again what has not changed.
    pub fn cache(&mut self, cache: Cache) {
        self.cache = Some(cache);
    }

    /// Sends this before our own name as the user agent.
    pub fn user_agent(&mut self, product: &str) {
        self.user_agent = Some(product.to_owned());
    }

    /// Accepts bodies of at most so many bytes.
    pub fn body_cap(&mut self, bytes: usize) {
        self.body_cap = bytes;
    }

    /// Bounds the sum of one request's waits after refusals.
    pub fn max_wait(&mut self, max_wait: Duration) {
        self.max_wait = Some(max_wait);
    }

    /// Makes jitter and spread repeatable.
    pub fn seed(&mut self, seed: u64) {
        self.seed = Some(seed);
    }

    /// Runs the tasks that outlive a call elsewhere than in tokio.
    pub fn spawn(&mut self, spawn: impl Spawn) {
        self.spawn = Arc::new(spawn);
    }

    /// Sends all calls, however few of them come back.
    pub fn without_breaker(&mut self) {
        self.breaker = false;
    }

    /// Tells what happens to requests.
    pub fn events(&mut self, hook: impl Fn(&Event<'_>) + Send + Sync + 'static) {
        self.events = Hook::new(hook);
    }

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// When something given cannot be sent. Credentials that are missing are an error of the first call that needs one.
    pub fn build(self) -> Result<Core> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let refuse = |text: String| Error::new(Kind::Parameter, text);
        let base = match &self.base_url {
            Some(url) => url.clone(),
            None => self.filled().map_err(refuse)?,
        };
        let origin = Origin::new(&base)?;
        let agent = user_agent(self.api, self.user_agent.as_deref()).map_err(refuse)?;
        let transport = self
            .transport
            .unwrap_or_else(|| Arc::new(HyperTransport::new()));
        let scrub = Arc::new(Scrub::default());
        let context = AuthContext {
            transport: Arc::clone(&transport),
            clock: Arc::clone(&self.clock),
            spawn: Arc::clone(&self.spawn),
            user_agent: agent.clone(),
            scrub: Arc::clone(&scrub),
        };
        let credentials = Credentials::new(self.api, &self.credentials, &context)?;
        let mut headers = vec![
            (HOST, origin.host.clone()),
            (USER_AGENT, agent),
            (ACCEPT, HeaderValue::from_static("application/json")),
        ];
        let mut query = String::new();
        let mut params = Vec::new();
        for (param, value) in self.params {
            let value = value.map_err(refuse)?;
            params.push((param.name, auth::fingerprint(&value)));
            if param.in_header {
                let bad = || refuse(format!("`{}` cannot be sent", param.name));
                let name = HeaderName::from_bytes(param.param.as_bytes()).map_err(|_| bad())?;
                headers.push((name, HeaderValue::try_from(value).map_err(|_| bad())?));
            } else {
                encode::push_query(&mut query, param.param, &value)
                    .map_err(|bad| refuse(bad.to_string()))?;
            }
        }
        let place = auth::fingerprint(&origin.base);
        Ok(Core::new(Shared {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            api: self.api,
            place,
            origin,
            credentials,
            scrub,
            headers,
            query,
            params,
            settings: self.settings,
            transport,
            clock: self.clock,
            spawn: self.spawn,
            limits: self.limits.unwrap_or_default(),
            demands: RwLock::default(),
            budget: Budget::new(),
            breaker: self.breaker.then(Breaker::new),
            events: self.events,
            cache: self.cache,
            body_cap: self.body_cap,
            max_wait: self.max_wait,
            salt: self.seed.map_or_else(salt, |_| 0),
            random: Mutex::new(
                self.seed
                    .map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed),
            ),
        }))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("api", &self.api.name)
            .finish_non_exhaustive()
    }
}

/// Two hashes under the operating system's randomness: the generator itself has a seed of 64 bits, too few to keep the
/// idempotency keys of all processes apart.
fn salt() -> u128 {
    let half = || u128::from(RandomState::new().hash_one(0));
    half() << 64 | half()
}

/// `product etiquette/0.1.0 (api)`. Row F14: product tokens and comments of RFC 9110 §10.1.5, nothing else.
fn user_agent(api: &Api, product: Option<&str>) -> Result<HeaderValue, String> {
    let ours = concat!("etiquette/", env!("CARGO_PKG_VERSION"));
    let is_product = |word: &str| {
        let token = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
        };
        word.split_once('/').map_or_else(
            || token(word),
            |(name, version)| token(name) && token(version),
        )
    };
    let text = match product {
        Some(product) if product.is_empty() || !product.split(' ').all(is_product) => {
            return Err("the user agent must be one or more `name/version`".to_owned());
        }
        Some(product) => format!("{product} {ours} ({})", api.name),
        None => format!("{ours} ({})", api.name),
    };
    HeaderValue::try_from(text).map_err(|_| "the user agent cannot be sent".to_owned())
}

/// Gives a generated client builder the settings that all of them have.
#[doc(hidden)]
#[macro_export]
macro_rules! builder {
    ($B:ident => $C:ident) => {
        impl $B {
            /// Talks to another place, a stand-in server for example: `https`, or `http` on this machine.
            pub fn with_base_url(mut self, url: impl ::core::convert::AsRef<str>) -> $B {
                self.0.base_url(::core::convert::AsRef::as_ref(&url));
                self
            }
            /// Sends by another transport than hyper's.
            pub fn with_transport(mut self, transport: impl $crate::codegen::Transport) -> $B {
                self.0.transport(transport);
                self
            }
            /// Takes the time from another clock than the system's.
            pub fn with_clock(mut self, clock: impl $crate::codegen::Clock) -> $B {
                self.0.clock(clock);
                self
            }
            /// Runs the tasks that outlive a call, such as the renewal of a credential, elsewhere than in tokio.
            pub fn with_spawn(mut self, spawn: impl $crate::codegen::Spawn) -> $B {
                self.0.spawn(spawn);
                self
            }
            /// Tells a function what happens to each request while it happens, for metrics for example. It must be
            /// quick, since the request waits for it; a panic of it is caught.
            pub fn with_events(
                mut self,
                hook: impl ::core::ops::Fn(&$crate::codegen::Event<'_>)
                + ::core::marker::Send
                + ::core::marker::Sync
                + 'static,
            ) -> $B {
                self.0.events(hook);
                self
            }
            /// Sends all calls, however few of them come back. With the breaker, which is on, they fail at once with
            /// `Kind::CircuitOpen` while nearly none does.
            pub fn without_breaker(mut self) -> $B {
                self.0.without_breaker();
                self
            }
            /// Shares quotas with all clients that are given the same handle.
            pub fn with_limits(mut self, limits: $crate::codegen::Limits) -> $B {
                self.0.limits(limits);
                self
            }
            /// Keeps answers to reads, so that the API need not send again what has not changed.
            pub fn with_cache(mut self, cache: $crate::codegen::Cache) -> $B {
                self.0.cache(cache);
                self
            }
            /// Names the application in the user agent: `name/version`.
            pub fn with_user_agent(mut self, product: impl ::core::convert::AsRef<str>) -> $B {
                self.0.user_agent(::core::convert::AsRef::as_ref(&product));
                self
            }
            /// Accepts answers of at most so many bytes instead of 32 MiB.
            pub fn with_body_cap(mut self, bytes: usize) -> $B {
                self.0.body_cap(bytes);
                self
            }
            /// Bounds the sum of one request's waits after refusals.
            pub fn with_max_wait(mut self, max_wait: ::core::time::Duration) -> $B {
                self.0.max_wait(max_wait);
                self
            }
            /// Makes the spread of waits repeatable, for tests.
            pub fn with_seed(mut self, seed: u64) -> $B {
                self.0.seed(seed);
                self
            }
            /// Makes the client.
            ///
            /// # Errors
            ///
            /// When something given cannot be sent, such as a base URL with a user in it.
            pub fn build(self) -> $crate::codegen::Result<$C> {
                self.0.build().map($C)
            }
        }
    };
}

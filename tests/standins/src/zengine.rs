//! The Zengine REST API, version 1: one envelope for everything, filters by prefixes of parameters
//! and by JSON, bulk writes by query, two buckets of 250 in five minutes, three origins.
//!
//! The published reference leaves open most refusals and the fields of the lesser resources; what
//! is chosen here is said where it is.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::clock::Now;
use crate::ledger::{Credential, MAIN};
use crate::limit::{Limit, Usage};
use crate::server::{Settings, Standin, start_with_doors};
use crate::stage::{Api, Reply};

mod envelope;
mod filter;
mod handlers;
mod identity;
mod jobs;
mod oauth;
mod plugins;
mod querying;
mod records;
mod schema;
mod seed;
mod shape;
mod special;
mod store;
mod uploads;
mod webhooks;
mod write;

pub use webhooks::{Delivery, deliveries, delivery};

use envelope::Refusal;
use store::Store;

/// The door of the authorization server.
pub const AUTH: &str = "auth";
/// The door where plugins' services are called.
pub const PLUGINS: &str = "plugins";

/// How a Zengine stand-in is set up.
#[derive(Clone, Debug)]
pub struct Config {
    pub settings: Settings,
    /// Records of the first form, and tasks.
    pub records: usize,
    pub tasks: usize,
    /// The one client that the authorization server knows.
    pub client_id: String,
    pub client_secret: String,
    pub redirect_uri: String,
    /// Whether a refresh token is good for one use only, which is not documented.
    pub rotates_refresh_tokens: bool,
    /// Whether a plugin's call counts for its token's own bucket too; the reference says that the
    /// two are separate.
    pub plugins_count_twice: bool,
    /// To what a greater `limit` is cut down; a hundred, as documented.
    pub largest_limit: usize,
    /// How long a job takes.
    pub job_takes: Duration,
    /// Whether a list of nothing has a `data` all the same.
    pub data_when_empty: bool,
}

impl Default for Config {
    /// Two hundred and fifty requests in five minutes from the first one on.
    fn default() -> Self {
        let limit = Limit::from_first(250, Duration::from_secs(300));
        Self {
            settings: Settings::new("zengine-token", limit),
            records: 45,
            tasks: 30,
            client_id: "zengine-client".to_owned(),
            client_secret: "zengine-secret".to_owned(),
            redirect_uri: "https://app.example.com/callback".to_owned(),
            rotates_refresh_tokens: true,
            plugins_count_twice: false,
            largest_limit: 100,
            job_takes: Duration::from_secs(30),
            data_when_empty: false,
        }
    }
}

/// Starts the stand-in on the current runtime.
///
/// # Errors
/// When a port cannot be had.
pub async fn start(config: Config, now: Now) -> io::Result<Standin> {
    let settings = config.settings.clone();
    start_with_doors(settings, now, &[AUTH, PLUGINS], |wall, _| Zengine {
        plugins_count_twice: config.plugins_count_twice,
        store: Arc::new(Mutex::new(Store::seeded(config, wall))),
    })
    .await
}

type Shared = Arc<Mutex<Store>>;
type Object = serde_json::Map<String, Value>;

fn lock(store: &Shared) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Zengine {
    plugins_count_twice: bool,
    store: Shared,
}

impl Api for Zengine {
    fn prefix(&self) -> &'static str {
        "/v1"
    }

    fn routes(&self) -> Router {
        Router::new()
            .fallback(handlers::serve)
            .with_state(Arc::clone(&self.store))
    }

    fn routes_at(&self, door: &'static str) -> Router {
        let router = if door == AUTH {
            oauth::routes()
        } else {
            Router::new().fallback(plugins::serve)
        };
        router.with_state(Arc::clone(&self.store))
    }

    fn credential(&self, _door: &'static str, head: &Parts, key: &str) -> Credential {
        match identity::token_of(head) {
            identity::Sent::Nothing => Credential::Missing,
            identity::Sent::Token(token) if token == key => Credential::Right,
            identity::Sent::Token(token) if lock(&self.store).knows_token(&token) => {
                Credential::Right
            }
            identity::Sent::Token(_) | identity::Sent::Nonsense => Credential::Wrong,
        }
    }

    fn admits(&self, door: &'static str, head: &Parts, credential: Credential) -> bool {
        let public = || identity::client_of_public(head);
        door == AUTH
            || credential == Credential::Right
            || credential == Credential::Missing
                && public().is_some_and(|client| lock(&self.store).knows_client(&client))
    }

    /// One bucket for the token, and one for the token in the hands of a plugin.
    fn buckets(&self, door: &'static str, head: &Parts, credential: Credential) -> Vec<String> {
        if door == AUTH {
            return Vec::new();
        }
        let identity::Sent::Token(token) = identity::token_of(head) else {
            let client = identity::client_of_public(head);
            return client
                .map(|client| format!("client {client}"))
                .into_iter()
                .collect();
        };
        if credential != Credential::Right {
            return Vec::new();
        }
        let own = format!("token {token}");
        match identity::plugin_of(door == MAIN, head) {
            None => vec![own],
            Some(plugin) if self.plugins_count_twice => {
                vec![own, format!("plugin {plugin} {token}")]
            }
            Some(plugin) => vec![format!("plugin {plugin} {token}")],
        }
    }

    fn unauthorized(&self) -> Reply {
        Refusal::Unauthorized.reply()
    }

    fn too_many(&self, usage: &Usage) -> Reply {
        let mut reply = Refusal::TooMany.reply();
        let wait = usage.until_reset().as_nanos().div_ceil(1_000_000_000);
        let wait = HeaderValue::from_str(&wait.to_string()).expect("a number is ASCII");
        reply.headers_mut().insert(header::RETRY_AFTER, wait);
        reply
    }

    /// No header tells how much is left.
    fn tell_limit(&self, _usage: &Usage, _headers: &mut HeaderMap) {}

    fn state(&self) -> Value {
        lock(&self.store).all()
    }
}

fn json_reply(status: StatusCode, body: &Value) -> Reply {
    let mut reply = Reply::new(body.to_string().into());
    *reply.status_mut() = status;
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    reply.headers_mut().insert(header::CONTENT_TYPE, kind);
    reply
}

/// Each name with the last value that it was given.
fn last_values(pairs: Vec<(String, String)>) -> BTreeMap<String, String> {
    pairs.into_iter().collect()
}

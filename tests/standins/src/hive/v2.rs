//! The Hive Merchant API, version 2: one token for each merchant, pages by cursor, `sku_code`, and
//! a sales channel for each order.
//!
//! It keeps the records of version 1 and translates on the way in and out. Of version 2 only what
//! differs is documented, and that in part; what is chosen here is said where it is.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use axum::Router;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::refusal;
use super::state::{Shared, State, lock};
use crate::clock::Now;
use crate::ledger::{Credential, MAIN, bearer, token};
use crate::limit::{Limit, Usage};
use crate::server::{Settings, Standin, start_with_doors};
use crate::stage::{Api, Reply};

mod handlers;
mod listing;
mod translate;

/// The door of the staging environment, which has records and a token of its own.
pub const STAGING: &str = "staging";
const PREFIX: &str = "/merchant_api/v2";

/// How a stand-in of Hive's second version is set up.
#[derive(Clone, Debug)]
pub struct Config {
    pub settings: Settings,
    /// The token of another merchant, who has a third of everything.
    pub other_key: String,
    pub staging_key: String,
    /// What the first merchant begins with.
    pub seed: super::Config,
}

impl Default for Config {
    /// A hundred requests a minute for each merchant.
    fn default() -> Self {
        let limit = Limit::fixed(100, Duration::from_secs(60));
        Self {
            settings: Settings::new("hive-v2-key", limit),
            other_key: "hive-v2-other-key".to_owned(),
            staging_key: "hive-v2-staging-key".to_owned(),
            seed: super::Config::default(),
        }
    }
}

/// Starts the stand-in on the current runtime.
///
/// # Errors
/// When a port cannot be had.
pub async fn start(config: Config, now: Now) -> io::Result<Standin> {
    let settings = config.settings.clone();
    start_with_doors(settings, now, &[STAGING], |wall, doors| {
        let base = |door| format!("http://{}{PREFIX}", doors[door]);
        let seed = |seed: &super::Config, base: String| {
            let state = State::seeded(seed, Now::clone(&wall));
            translate::seed(&mut lock(&state));
            Merchant { state, base }
        };
        let third = super::Config {
            skus: config.seed.skus / 3,
            orders: config.seed.orders / 3,
            shipments: config.seed.shipments / 3,
            restocking_shipments: config.seed.restocking_shipments / 3,
            returns: config.seed.returns / 3,
            ..config.seed.clone()
        };
        let first = (config.settings.key.clone(), seed(&config.seed, base(MAIN)));
        let other = (config.other_key, seed(&third, base(MAIN)));
        let staging = (config.staging_key, seed(&third, base(STAGING)));
        HiveV2 {
            first: config.settings.key,
            live: [first, other].into_iter().collect(),
            staging: [staging].into_iter().collect(),
        }
    })
    .await
}

/// A merchant's records, and where they are.
#[derive(Clone)]
struct Merchant {
    state: Shared,
    base: String,
}

/// By their tokens.
type Merchants = BTreeMap<String, Merchant>;

struct HiveV2 {
    /// The token of the merchant for whom is acted without a token.
    first: String,
    live: Merchants,
    staging: Merchants,
}

impl HiveV2 {
    fn at(&self, door: &str) -> &Merchants {
        if door == STAGING {
            &self.staging
        } else {
            &self.live
        }
    }
}

impl Api for HiveV2 {
    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn routes(&self) -> Router {
        handlers::routes(self.live.clone(), self.first.clone())
    }

    fn routes_at(&self, door: &'static str) -> Router {
        let first = self.at(door).keys().next().cloned().unwrap_or_default();
        Router::new().nest(PREFIX, handlers::routes(self.at(door).clone(), first))
    }

    fn credential(&self, door: &'static str, head: &Parts, _key: &str) -> Credential {
        bearer(&head.headers, |token| self.at(door).contains_key(token))
    }

    fn buckets(&self, door: &'static str, head: &Parts, _credential: Credential) -> Vec<String> {
        let token = token(&head.headers, "bearer").unwrap_or_default();
        vec![format!("{door} {token}")]
    }

    fn unauthorized(&self) -> Reply {
        refusal::reply(StatusCode::UNAUTHORIZED, &["authentication required"])
    }

    fn too_many(&self, usage: &Usage) -> Reply {
        super::too_many(usage)
    }

    fn tell_limit(&self, usage: &Usage, headers: &mut HeaderMap) {
        super::tell_limit(usage, headers);
    }

    /// The first merchant's records, the other's, and those of staging.
    fn state(&self) -> Value {
        let all = |merchants: &Merchants, token: &str| {
            merchants
                .get(token)
                .map(|merchant| lock(&merchant.state).all())
        };
        let other = self.live.keys().find(|token| **token != self.first);
        let staging = self.staging.keys().next();
        json!({
            "merchant": all(&self.live, &self.first),
            "other": other.and_then(|token| all(&self.live, token)),
            "staging": staging.and_then(|token| all(&self.staging, token)),
        })
    }
}

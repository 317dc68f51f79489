//! The CleverFox partner API: Basic with the key as user, PascalCase, pages without a total, a
//! `Token` in the body against duplicates, and slowness before refusal.
//!
//! The published reference shows lists and fields but hardly any error or answer to a write; what
//! it leaves open is chosen here and said where it is.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use axum::Router;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::clock::Now;
use crate::ledger::{Credential, token};
use crate::limit::Usage;
use crate::server::{Settings, Standin, start_with_doors};
use crate::stage::{Api, Pace, Reply};

mod answer;
mod downloads;
mod fields;
mod handlers;
mod logs;
mod queue;
mod resources;
mod seed;
mod store;

pub use downloads::backup_file;
pub use queue::Queue;

use answer::refusal;
use store::Store;

/// The door of the files, where no credential is wanted.
pub const DOWNLOADS: &str = "downloads";

/// How a CleverFox stand-in is set up.
#[derive(Clone, Debug)]
pub struct Config {
    pub settings: Settings,
    /// The companies that it begins with; each has a subscription, a user and two devices, and
    /// each device a job of two items.
    pub companies: usize,
    /// Logs, which are calculated when they are asked for and never stored.
    pub logs: u64,
    /// How often one more log comes into being, so that pages shift under a walk.
    pub log_every: Option<Duration>,
    pub queue: Queue,
    /// Whether a refusal for too much use is JSON; else it is plain text. The reference tells the
    /// words alone.
    pub refuses_in_json: bool,
    /// How long the address of a file is good.
    pub download_lives: Duration,
    /// The bytes of the smallest backup file.
    pub file_size: usize,
}

impl Default for Config {
    /// Twelve companies and a hundred thousand logs.
    fn default() -> Self {
        Self {
            settings: Settings::new("cleverfox-key", None),
            companies: 12,
            logs: 100_000,
            log_every: None,
            queue: Queue::default(),
            refuses_in_json: false,
            download_lives: Duration::from_secs(900),
            file_size: 4096,
        }
    }
}

/// Starts the stand-in on the current runtime.
///
/// # Errors
/// When a port cannot be had.
pub async fn start(config: Config, now: Now) -> io::Result<Standin> {
    let settings = config.settings.clone();
    start_with_doors(settings, now, &[DOWNLOADS], |wall, doors| {
        let files = format!("http://{}", doors[DOWNLOADS]);
        let queue = Mutex::new(queue::Account::new(config.queue));
        CleverFox {
            queue,
            refuses_in_json: config.refuses_in_json,
            store: Arc::new(Mutex::new(Store::seeded(config, wall, files))),
        }
    })
    .await
}

type Shared = Arc<Mutex<Store>>;

fn lock(store: &Shared) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

struct CleverFox {
    queue: Mutex<queue::Account>,
    refuses_in_json: bool,
    store: Shared,
}

impl Api for CleverFox {
    fn prefix(&self) -> &'static str {
        "/api"
    }

    fn routes(&self) -> Router {
        Router::new()
            .fallback(handlers::serve)
            .with_state(Arc::clone(&self.store))
    }

    fn routes_at(&self, _door: &'static str) -> Router {
        Router::new()
            .fallback(downloads::serve)
            .with_state(Arc::clone(&self.store))
    }

    /// The user is the key; the password does not matter.
    fn credential(&self, _door: &'static str, head: &Parts, key: &str) -> Credential {
        if !head.headers.contains_key(header::AUTHORIZATION) {
            return Credential::Missing;
        }
        let pair = token(&head.headers, "basic").and_then(answer::from_base64);
        let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
        match pair.as_deref().and_then(|pair| pair.split_once(':')) {
            Some((user, _)) if user == key => Credential::Right,
            Some(_) | None => Credential::Wrong,
        }
    }

    /// The files are open to everyone who has their address, and are theirs to refuse.
    fn admits(&self, door: &'static str, _head: &Parts, credential: Credential) -> bool {
        door == DOWNLOADS || credential == Credential::Right
    }

    fn buckets(&self, door: &'static str, _head: &Parts, _credential: Credential) -> Vec<String> {
        let limited = (door != DOWNLOADS).then(String::new);
        limited.into_iter().collect()
    }

    fn pace(&self, door: &'static str, ahead: usize, at: SystemTime) -> Pace {
        if door == DOWNLOADS {
            return Pace::AtOnce;
        }
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        match queue.turn(ahead, at) {
            queue::Turn::Now => Pace::AtOnce,
            queue::Turn::In(length) => Pace::After(length),
            queue::Turn::Refused(code) => Pace::Never(self.usage_violation(&code)),
        }
    }

    fn unauthorized(&self) -> Reply {
        let message = "Authorization has been denied for this request.";
        let mut reply = refusal(StatusCode::UNAUTHORIZED, message);
        let challenge = HeaderValue::from_static("Basic realm=\"cleverfox\"");
        reply
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
        reply
    }

    fn too_many(&self, _usage: &Usage) -> Reply {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let code = queue.next_code();
        self.usage_violation(&code)
    }

    /// There are no headers about it.
    fn tell_limit(&self, _usage: &Usage, _headers: &mut HeaderMap) {}

    fn state(&self) -> Value {
        lock(&self.store).all()
    }
}

impl CleverFox {
    fn usage_violation(&self, code: &str) -> Reply {
        let text = format!(
            "Your request was denied due to a usage violation. You can track this request with \
             support by referencing {code}"
        );
        let status = StatusCode::TOO_MANY_REQUESTS;
        if self.refuses_in_json {
            refusal(status, &text)
        } else {
            answer::text(status, text)
        }
    }
}

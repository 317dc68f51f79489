//! What we are compared with: reqwest, a client that progenitor generates from `users.openapi.json`, and
//! ureq with a thread for each concurrent caller.

use std::net::SocketAddr;
use std::num::NonZero;
use std::time::Duration;

use crate::Load;
use crate::client::{Page, User};

const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) struct Reqwest {
    client: reqwest::Client,
    base: String,
}

impl Reqwest {
    pub(crate) fn new(address: SocketAddr) -> Reqwest {
        Reqwest {
            client: reqwest::Client::builder()
                .no_proxy()
                .timeout(TIMEOUT)
                .build()
                .expect("a client"),
            base: format!("http://{address}/v1"),
        }
    }

    pub(crate) async fn one(&self, load: Load) {
        let request = match load {
            Load::Object => self.client.get(format!("{}/users/user_000001", self.base)),
            Load::Page => self
                .client
                .get(format!("{}/users", self.base))
                .query(&[("limit", 100)]),
        };
        let answer = request
            .bearer_auth("not-a-real-key")
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .expect("an answer");
        match load {
            Load::Object => drop(answer.json::<User>().await.expect("a user")),
            Load::Page => drop(answer.json::<Page>().await.expect("a page")),
        }
    }
}

mod generated {
    progenitor::generate_api!("users.openapi.json");
}

pub(crate) struct Progenitor {
    client: generated::Client,
}

impl Progenitor {
    pub(crate) fn new(address: SocketAddr) -> Progenitor {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert(
            reqwest::header::AUTHORIZATION,
            reqwest::header::HeaderValue::from_static("Bearer not-a-real-key"),
        );
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(TIMEOUT)
            .default_headers(headers)
            .build()
            .expect("a client");
        Progenitor {
            client: generated::Client::new_with_client(&format!("http://{address}/v1"), client),
        }
    }

    pub(crate) async fn one(&self, load: Load) {
        match load {
            Load::Object => drop(self.client.get_user("user_000001").await.expect("a user")),
            Load::Page => drop(self.client.list_users(Some(100)).await.expect("a page")),
        }
    }
}

pub(crate) struct Ureq {
    agent: ureq::Agent,
    base: String,
}

impl Ureq {
    pub(crate) fn new(address: SocketAddr, concurrency: usize) -> Ureq {
        let config = ureq::Agent::config_builder()
            .proxy(None)
            // Not `timeout_global`: with that each name is looked up in a thread of its own.
            .timeout_recv_response(Some(TIMEOUT))
            .timeout_recv_body(Some(TIMEOUT))
            .max_idle_connections(concurrency)
            .max_idle_connections_per_host(concurrency)
            .build();
        Ureq {
            agent: config.into(),
            base: format!("http://{address}/v1"),
        }
    }

    /// Sends the requests from so many threads; gives the number and bytes of the allocations.
    pub(crate) fn run(&self, load: Load, threads: usize, requests: usize) -> (u64, u64) {
        let share = NonZero::new(requests.div_ceil(threads)).expect("there is something to do");
        let work = || {
            let info = allocation_counter::measure(|| {
                for _ in 0..share.get() {
                    self.one(load);
                }
            });
            (info.count_total, info.bytes_total)
        };
        if threads == 1 {
            return work();
        }
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            running
                .into_iter()
                .map(|thread| thread.join().expect("it ends"))
                .fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
        })
    }

    fn one(&self, load: Load) {
        let request = match load {
            Load::Object => self.agent.get(format!("{}/users/user_000001", self.base)),
            Load::Page => self
                .agent
                .get(format!("{}/users", self.base))
                .query("limit", "100"),
        };
        let mut answer = request
            .header("authorization", "Bearer not-a-real-key")
            .call()
            .expect("an answer");
        match load {
            Load::Object => drop(answer.body_mut().read_json::<User>().expect("a user")),
            Load::Page => drop(answer.body_mut().read_json::<Page>().expect("a page")),
        }
    }
}

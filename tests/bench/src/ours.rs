//! Our client twice: as it is generated for the users API, and over a table of the bench's own that has
//! every policy switched on, with a declared bucket and a concurrency limit, decoding as the others do.

use std::net::SocketAddr;
use std::time::Duration;

use etiquette_apis::users;
use etiquette_runtime::codegen::{
    Api, Bucket, Builder, Charge, Concurrency, Core, Credential, CredentialKind, Effect, Hold,
    Operation, Refusal, Request, Retry, Scope, Verb, Window,
};

use crate::Load;
use crate::client::{Page, User};

/// The generated client.
pub(crate) struct Generated {
    api: users::Client,
}

impl Generated {
    pub(crate) fn new(address: SocketAddr) -> Generated {
        let builder = users::Client::builder()
            .key("not-a-real-key")
            .with_base_url(format!("http://{address}/v1"));
        Generated {
            api: builder.build().expect("a client"),
        }
    }

    pub(crate) async fn one(&self, load: Load) {
        match load {
            Load::Object => drop(self.api.users().get("user_000001").await.expect("a user")),
            Load::Page => drop(self.api.users().list().limit(100).await.expect("a page")),
        }
    }
}

static KEY: Credential = Credential {
    name: "key",
    kind: CredentialKind::Bearer { prefix: "Bearer " },
    env: None,
};
static BUCKET: Bucket = Bucket {
    name: "minute",
    scope: &[Scope::Credential],
    window: Some(Window {
        max: 100_000_000,
        max_config: None,
        per: Duration::from_millis(100),
        per_config: None,
    }),
    learn: None,
};
static REFUSAL: Refusal = Refusal {
    hold: Hold::Client,
    ..Refusal::NEW
};
static CONCURRENCY: Concurrency = Concurrency {
    start: 64,
    min: 32,
    max: Some(64),
    slow_milli: Some(100_000),
};
static API: Api = Api {
    name: "bench",
    title: "Bench",
    base: "https://bench.example/v1",
    credentials: &[&KEY],
    buckets: &[&BUCKET],
    refusal: Some(&REFUSAL),
    concurrency: Some(&CONCURRENCY),
    ..Api::NEW
};
static RETRY: Retry = Retry {
    name: "standard",
    attempts: 4,
    network: true,
    statuses: &[500, 502, 503, 504],
    first: Duration::from_millis(100),
    factor_milli: 2000,
    max: Duration::from_secs(30),
    max_elapsed: Some(Duration::from_secs(120)),
};
static GET: Operation = Operation {
    api: &API,
    name: "users.get",
    verb: Verb::Get,
    path: "/users/{id}",
    effect: Effect::Read,
    limit: &[Charge {
        bucket: &BUCKET,
        cost: 1,
    }],
    retry: Some(&RETRY),
    timeout: Duration::from_secs(30),
    security: &[&[&KEY]],
    reads_body: true,
    ..Operation::NEW
};
static LIST: Operation = Operation {
    api: &API,
    name: "users.list",
    verb: Verb::Get,
    path: "/users",
    effect: Effect::Read,
    limit: &[Charge {
        bucket: &BUCKET,
        cost: 1,
    }],
    retry: Some(&RETRY),
    timeout: Duration::from_secs(30),
    security: &[&[&KEY]],
    reads_body: true,
    ..Operation::NEW
};

/// Our runtime over the table above.
pub(crate) struct Table {
    core: Core,
}

impl Table {
    pub(crate) fn new(address: SocketAddr) -> Table {
        let mut builder = Builder::new(&API);
        builder.base_url(&format!("http://{address}/v1"));
        builder.credential(&KEY, "not-a-real-key");
        Table {
            core: builder.build().expect("a client"),
        }
    }

    pub(crate) async fn one(&self, load: Load) {
        match load {
            Load::Object => {
                let call = Request::new(&self.core, &GET).key(&"user_000001");
                drop(call.call::<User>().await.expect("a user"));
            }
            Load::Page => {
                let mut request = Request::new(&self.core, &LIST);
                request.query("limit", &100);
                drop(request.call::<Page>().await.expect("a page"));
            }
        }
    }
}

//! Two small APIs, filled in as generated code fills them: `shop` in Hive's manner, `users` in that of the users API.

use std::time::Duration;

use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::{Script, ScriptReply, VirtualClock};
use serde::de::IgnoredAny;

pub(crate) const CANARY: &str = "canary-7f3a9+/secret";

pub(crate) static KEY: Credential = Credential {
    name: "key",
    kind: CredentialKind::Bearer { prefix: "Bearer " },
    env: Some("ETIQUETTE_TEST_SHOP_KEY"),
};
pub(crate) static PASSWORD: Credential = Credential {
    name: "password",
    kind: CredentialKind::Basic { user_only: false },
    env: None,
};
pub(crate) static TOKEN: Credential = Credential {
    name: "token",
    kind: CredentialKind::Header {
        header: "x-token",
        prefix: "v1 ",
    },
    env: None,
};
pub(crate) static QUERY: Credential = Credential {
    name: "query",
    kind: CredentialKind::Query { param: "api_key" },
    env: None,
};
pub(crate) static PLUGIN: ClientParam = ClientParam {
    name: "plugin",
    in_header: true,
    param: "x-plugin",
};
pub(crate) static TENANT: ClientParam = ClientParam {
    name: "tenant",
    in_header: false,
    param: "tenant",
};

pub(crate) static PER_MINUTE: Bucket = Bucket {
    name: "minute",
    scope: &[Scope::Credential],
    window: Some(Window {
        max: 100,
        max_config: Some("per_minute"),
        per: Duration::from_secs(60),
        per_config: None,
    }),
    learn: None,
};
pub(crate) static REFUSAL: Refusal = Refusal {
    statuses: &[429],
    processed: false,
    wait: &[
        Wait::From(Place::Header("retry-after"), Unit::RetryAfter),
        Wait::Fixed(Duration::from_secs(60)),
    ],
    hold: Hold::Client,
    max_wait: Duration::from_secs(900),
    ..Refusal::NEW
};

pub(crate) static SHOP: Api = Api {
    name: "shop",
    title: "Shop API",
    base: "https://shop.example/v1",
    vars: &[("shop", None)],
    credentials: &[&KEY, &PASSWORD, &TOKEN, &QUERY],
    client: &[&PLUGIN, &TENANT],
    buckets: &[&PER_MINUTE],
    refusal: Some(&REFUSAL),
    errors: &[
        ErrorShape::Object {
            message: &[],
            code: Some(&["code"]),
            messages: Some(Messages {
                each: &["errors"],
                text: &[],
                target: None,
            }),
            fields: None,
        },
        ErrorShape::Object {
            message: &[&["error"]],
            code: None,
            messages: None,
            fields: None,
        },
        ErrorShape::Text,
        ErrorShape::Empty,
    ],
    request_id: Some("x-request-id"),
    ..Api::NEW
};

pub(crate) static RETRY: Retry = Retry {
    name: "standard",
    attempts: 4,
    network: true,
    statuses: &[500, 502, 503, 504],
    first: Duration::from_millis(100),
    factor_milli: 2000,
    max: Duration::from_secs(30),
    max_elapsed: Some(Duration::from_secs(120)),
};

pub(crate) const READ: Operation = Operation {
    api: &SHOP,
    name: "orders.get",
    verb: Verb::Get,
    path: "/orders/{id}",
    effect: Effect::Read,
    limit: &[Charge {
        bucket: &PER_MINUTE,
        cost: 1,
    }],
    retry: Some(&RETRY),
    timeout: Duration::from_secs(30),
    security: &[&[&KEY]],
    success: &[],
    page: None,
    headers: &[],
    query: &[],
    reads_body: true,
    ..Operation::NEW
};
pub(crate) static GET: Operation = READ;
pub(crate) static HEAD: Operation = Operation {
    verb: Verb::Head,
    ..READ
};
pub(crate) static CREATE: Operation = Operation {
    name: "orders.create",
    verb: Verb::Post,
    path: "/orders",
    effect: Effect::Once,
    ..READ
};
pub(crate) static REPLACE: Operation = Operation {
    name: "orders.put",
    verb: Verb::Put,
    effect: Effect::Idempotent,
    ..READ
};
pub(crate) static CHANGE: Operation = Operation {
    name: "orders.patch",
    verb: Verb::Patch,
    effect: Effect::Once,
    ..READ
};
pub(crate) static REMOVE: Operation = Operation {
    name: "orders.delete",
    verb: Verb::Delete,
    effect: Effect::Idempotent,
    reads_body: false,
    ..READ
};

pub(crate) static PAGES: Paging = Paging {
    name: "pages",
    kind: PagingKind::Page,
    start: Some(SendAt::Query("page")),
    size: Some(SendAt::Query("per_page")),
    items: &["data"],
    first: 1,
    total: None,
    next: None,
    page: Some(Place::Body(&["pagination", "current_page"])),
    pages: Some(Place::Body(&["pagination", "page_count"])),
    size_read: None,
    default_size: Some(10),
    min_size: Some(1),
    max_size: Some(100),
    unique_by: None,
    stop: &[Stop::LastPage],
    ..Paging::NEW
};
pub(crate) static OFFSET: Paging = Paging {
    name: "offset",
    kind: PagingKind::Offset,
    start: Some(SendAt::Query("offset")),
    size: Some(SendAt::Query("limit")),
    first: 0,
    total: Some(Place::Body(&["total"])),
    page: None,
    pages: None,
    size_read: Some(Place::Body(&["limit"])),
    stop: &[Stop::TotalReached, Stop::EmptyPage],
    ..READ_PAGING
};
const READ_PAGING: Paging = Paging {
    name: "",
    kind: PagingKind::Offset,
    start: None,
    size: None,
    items: &["data"],
    first: 0,
    total: None,
    next: None,
    page: None,
    pages: None,
    size_read: None,
    default_size: None,
    min_size: Some(1),
    max_size: Some(100),
    unique_by: None,
    stop: &[],
    ..Paging::NEW
};
pub(crate) static UNIQUE: Paging = Paging {
    unique_by: Some("id"),
    ..offset_copy()
};

const fn offset_copy() -> Paging {
    Paging {
        name: "unique",
        start: Some(SendAt::Query("offset")),
        size: Some(SendAt::Query("limit")),
        total: Some(Place::Body(&["total"])),
        stop: &[Stop::TotalReached, Stop::EmptyPage],
        ..READ_PAGING
    }
}

pub(crate) static LIST_PAGES: Operation = Operation {
    name: "orders.list",
    path: "/orders",
    page: Some(&PAGES),
    ..READ
};
pub(crate) static LIST_OFFSET: Operation = Operation {
    name: "users.list",
    path: "/users",
    page: Some(&OFFSET),
    ..READ
};
pub(crate) static LIST_UNIQUE: Operation = Operation {
    name: "users.unique",
    path: "/users",
    page: Some(&UNIQUE),
    ..READ
};

/// A scripted server and a client of it, both in virtual time.
pub(crate) struct Bench {
    pub(crate) clock: VirtualClock,
    pub(crate) script: Script,
    pub(crate) core: Core,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        Bench::with(|_| {})
    }

    pub(crate) fn with(set: impl FnOnce(&mut Builder)) -> Bench {
        let clock = VirtualClock::new();
        let script = Script::new(clock.clone());
        let mut builder = Builder::new(&SHOP);
        builder.credential(&KEY, CANARY);
        builder.transport(script.clone());
        builder.clock(clock.clone());
        builder.seed(7);
        set(&mut builder);
        Bench {
            clock,
            script,
            core: builder.build().unwrap(),
        }
    }

    /// The call of an operation on order 7, ignoring what the answer says.
    pub(crate) fn call(&self, operation: &'static Operation) -> Call<()> {
        let mut request = Request::new(&self.core, operation);
        if operation.path.contains('{') {
            request = request.key(&"7");
        }
        if matches!(operation.verb, Verb::Post | Verb::Put | Verb::Patch) {
            request = request.json(&"body");
        }
        request.call_empty()
    }

    pub(crate) fn run<T>(&self, call: impl Future<Output = T>) -> T {
        self.clock.run(call)
    }

    pub(crate) fn seconds(&self) -> f64 {
        Clock::now(&self.clock)
            .since(etiquette_runtime::clock::Moment::START)
            .as_secs_f64()
    }
}

pub(crate) fn ok() -> ScriptReply {
    ScriptReply::json(200, r#"{"id":7}"#)
}

/// Anything that is JSON.
pub(crate) type Any = IgnoredAny;

//! The APIs that the servers serve, in the tables that generated code fills.
//!
//! `queue` is the manner of an API that slows its callers down first and refuses them later; `plain` has nothing but a
//! refusal and a retry policy.

use std::time::Duration;

use etiquette_runtime::codegen::*;

/// A bearer token.
pub static KEY: Credential = Credential {
    name: "key",
    kind: CredentialKind::Bearer { prefix: "Bearer " },
    env: None,
};

/// The plugin that a client speaks for.
pub static PLUGIN: ClientParam = ClientParam {
    name: "plugin",
    in_header: true,
    param: "x-plugin",
};

static QUEUE_REFUSAL: Refusal = Refusal {
    wait: &[
        Wait::From(Place::Header("retry-after"), Unit::RetryAfter),
        Wait::Fixed(Duration::from_secs(1)),
    ],
    hold: Hold::Client,
    then: Some(Then {
        grow_after: Duration::from_secs(600),
    }),
    ..Refusal::NEW
};

const CROWD: Concurrency = Concurrency {
    start: 4,
    min: 1,
    max: Some(16),
    slow_milli: None,
};

const MANNERS: Api = Api {
    title: "Queue",
    credentials: &[&KEY],
    client: &[&PLUGIN],
    refusal: Some(&QUEUE_REFUSAL),
    errors: &[ErrorShape::Text, ErrorShape::Empty],
    ..Api::NEW
};

const THING: Operation = Operation {
    name: "things.get",
    path: "/thing",
    security: &[&[&KEY]],
    reads_body: false,
    ..Operation::NEW
};

/// It refuses a crowd: four at once to begin with, half of them after a refusal.
pub static QUEUE: Api = Api {
    name: "queue",
    concurrency: Some(&CROWD),
    ..MANNERS
};

/// A read of [`QUEUE`].
pub static TAKE: Operation = Operation {
    api: &QUEUE,
    ..THING
};

/// It slows down first: fewer at once when answers take twice as long as the fastest.
pub static PATIENT: Api = Api {
    name: "patient",
    concurrency: Some(&Concurrency {
        slow_milli: Some(2000),
        ..CROWD
    }),
    ..MANNERS
};

/// A read of [`PATIENT`].
pub static WAIT: Operation = Operation {
    api: &PATIENT,
    ..THING
};

static PLAIN_REFUSAL: Refusal = Refusal {
    wait: &[
        Wait::From(Place::Header("retry-after"), Unit::RetryAfter),
        Wait::Fixed(Duration::from_secs(1)),
    ],
    ..Refusal::NEW
};

/// One bucket that nobody says the size of; refusals hold it.
static BUCKET: Bucket = Bucket {
    name: "key",
    scope: &[Scope::Credential],
    window: None,
    learn: None,
};

/// Nothing but a refusal and a retry policy.
pub static PLAIN: Api = Api {
    name: "plain",
    title: "Plain",
    credentials: &[&KEY],
    buckets: &[&BUCKET],
    refusal: Some(&PLAIN_REFUSAL),
    errors: &[ErrorShape::Text, ErrorShape::Empty],
    ..Api::NEW
};

static PLAIN_RETRY: Retry = Retry {
    name: "plain",
    attempts: 4,
    network: true,
    statuses: &[500, 502, 503, 504],
    first: Duration::from_millis(100),
    factor_milli: 2000,
    max: Duration::from_secs(5),
    max_elapsed: None,
};

/// A read of [`PLAIN`].
pub static READ: Operation = Operation {
    api: &PLAIN,
    name: "things.get",
    path: "/thing",
    limit: &[Charge {
        bucket: &BUCKET,
        cost: 1,
    }],
    retry: Some(&PLAIN_RETRY),
    timeout: Duration::from_secs(10),
    security: &[&[&KEY]],
    reads_body: false,
    ..Operation::NEW
};

/// A write of [`PLAIN`] that counts each time.
pub static WRITE: Operation = Operation {
    verb: Verb::Post,
    name: "things.create",
    effect: Effect::Once,
    ..READ
};

/// The client's id and secret, against a token endpoint.
pub static LOGIN: Credential = Credential {
    name: "login",
    kind: CredentialKind::ClientCredentials(&LOGIN_OAUTH),
    env: None,
};

static LOGIN_OAUTH: OAuth2 = OAuth2 {
    token_url: "https://auth.example/token",
    method: Verb::Post,
    form: true,
    basic: true,
    scopes: &["read"],
    sign: TokenPlace::Header {
        header: "authorization",
        prefix: "Bearer ",
    },
};

/// An API behind tokens.
pub static GUARDED: Api = Api {
    name: "guarded",
    title: "Guarded",
    credentials: &[&LOGIN],
    errors: &[
        ErrorShape::Object {
            message: &[&["error"]],
            code: None,
            messages: None,
            fields: None,
        },
        ErrorShape::Empty,
    ],
    ..Api::NEW
};

/// A read of [`GUARDED`].
pub static GUARDED_READ: Operation = Operation {
    api: &GUARDED,
    name: "things.get",
    path: "/thing",
    timeout: Duration::from_secs(20),
    security: &[&[&LOGIN]],
    reads_body: false,
    ..Operation::NEW
};

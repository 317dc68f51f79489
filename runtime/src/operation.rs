//! The tables that generated code fills: one `Operation` per call and the policies that it names.
//!
//! All of them are `static` and plain data. Nothing here decides; the pipeline in `client` reads them.

mod auth;
mod errors;
mod limits;
mod paging;
mod poll;
#[cfg(feature = "webhooks")]
mod webhook;
mod writes;

use std::time::Duration;

pub use auth::{Authorize, ClientParam, Credential, CredentialKind, OAuth2, TokenPlace};
pub use errors::{ErrorShape, Messages};
pub use limits::{
    Bucket, Concurrency, Hold, Learn, RateLimitFields, Refusal, Scope, Then, Unit, Wait, Window,
};
pub use paging::{Paging, PagingKind, Stop};
pub use poll::PollUntil;
#[cfg(feature = "webhooks")]
pub use webhook::{WebhookEncoding, WebhookProof, WebhookTable};
pub use writes::{IdempotencyKey, Lock, Reconcile, Replay, ReplayMeans};

/// One API.
#[derive(Debug)]
pub struct Api {
    /// `hive`; part of the user agent and of span names.
    pub name: &'static str,
    /// `Hive Merchant API`.
    pub title: &'static str,
    /// `https://app.hive.app/merchant_api/v1`: the first environment, variables unresolved.
    pub base: &'static str,
    /// The variables of base URLs by name, with the value that each has when the builder says nothing.
    pub vars: &'static [(&'static str, Option<&'static str>)],
    /// All credentials, in the order of the description.
    pub credentials: &'static [&'static Credential],
    /// All client parameters.
    pub client: &'static [&'static ClientParam],
    /// All buckets.
    pub buckets: &'static [&'static Bucket],
    /// What a refusal looks like.
    pub refusal: Option<&'static Refusal>,
    /// The first shape that fits an error body wins.
    pub errors: &'static [ErrorShape],
    /// The answer's header that names the request.
    pub request_id: Option<&'static str>,
    /// What stands before a reference in the API's own messages: `by referencing `.
    pub reference: Option<&'static str>,
    /// Names on the wire, of members and parameters, whose values appear in no error.
    pub sensitive: &'static [&'static str],
    /// Waits that any answer may ask for; the first that makes sense counts.
    pub hints: &'static [Wait],
    /// How many requests may be on their way at once; `None`: only quotas say.
    pub concurrency: Option<&'static Concurrency>,
}

impl Api {
    /// An API that says nothing; tables name what differs.
    pub const NEW: Api = Api {
        name: "",
        title: "",
        base: "",
        vars: &[],
        credentials: &[],
        client: &[],
        buckets: &[],
        refusal: None,
        errors: &[],
        request_id: None,
        reference: None,
        sensitive: &[],
        hints: &[],
        concurrency: None,
    };
}

/// HTTP verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the verbs of RFC 9110")]
pub enum Verb {
    Get,
    Head,
    Options,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    /// As it stands in a request.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Head => "HEAD",
            Verb::Options => "OPTIONS",
            Verb::Post => "POST",
            Verb::Put => "PUT",
            Verb::Patch => "PATCH",
            Verb::Delete => "DELETE",
        }
    }
}

/// How often a call may be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing.
    Read,
    /// Many times are as good as one.
    Idempotent,
    /// Each time counts.
    Once,
    /// Each time counts, unless it bears the same key.
    Keyed(&'static IdempotencyKey),
}

/// Where something stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendAt {
    /// A query parameter.
    Query(&'static str),
    /// A header, lower case.
    Header(&'static str),
    /// A JSON pointer into the body, segments unescaped.
    Body(&'static [&'static str]),
}

/// One row of the operation table.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// The API.
    pub api: &'static Api,
    /// `orders.list`.
    pub name: &'static str,
    /// The verb.
    pub verb: Verb,
    /// The template below the base URL, `/orders/{id}`; it begins with `/` or is empty.
    pub path: &'static str,
    /// How often it may be carried out.
    pub effect: Effect,
    /// What it costs, bucket by bucket.
    pub limit: &'static [Charge],
    /// When and how it is sent again; `None`: never.
    pub retry: Option<&'static Retry>,
    /// The longest that one attempt may take. The time in which a body of more than 64 KiB goes out, or a download comes
    /// in, does not count: there it is 64 bytes in each second that are asked for.
    pub timeout: Duration,
    /// OR of ANDs: the first alternative whose credentials were all given signs. Empty: nothing signs.
    pub security: &'static [&'static [&'static Credential]],
    /// The statuses that are success; empty: any 2xx.
    pub success: &'static [u16],
    /// How its list is walked.
    pub page: Option<&'static Paging>,
    /// Constant headers, lower case.
    pub headers: &'static [(&'static str, &'static str)],
    /// Constant query parameters.
    pub query: &'static [(&'static str, &'static str)],
    /// A body is read and decoded; `false`: it is not read.
    pub reads_body: bool,
    /// The version that it names or, of a read, that its answer bears.
    pub lock: Option<&'static Lock>,
    /// How to find out what became of it.
    pub reconcile: Option<&'static Reconcile>,
    /// What is asked until it is done.
    pub poll: Option<&'static PollUntil>,
}

impl Operation {
    /// A read of an API that says nothing; tables name what differs.
    pub const NEW: Operation = Operation {
        api: &Api::NEW,
        name: "",
        verb: Verb::Get,
        path: "",
        effect: Effect::Read,
        limit: &[],
        retry: None,
        timeout: Duration::from_secs(30),
        security: &[],
        success: &[],
        page: None,
        headers: &[],
        query: &[],
        reads_body: true,
        lock: None,
        reconcile: None,
        poll: None,
    };

    /// Whether this status is success.
    pub(crate) fn is_success(&self, status: http::StatusCode) -> bool {
        if self.success.is_empty() {
            status.is_success()
        } else {
            self.success.contains(&status.as_u16())
        }
    }
}

/// Slots of a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    /// The bucket.
    pub bucket: &'static Bucket,
    /// How many slots.
    pub cost: u32,
}

/// A place in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A header, lower case.
    Header(&'static str),
    /// A JSON pointer into the body, segments unescaped.
    Body(&'static [&'static str]),
    /// The target of a `Link` with this relation (RFC 8288).
    Link(&'static str),
}

/// When and how a call is sent again.
#[derive(Debug)]
pub struct Retry {
    /// Its name in the description.
    pub name: &'static str,
    /// All attempts together, at least 1.
    pub attempts: u32,
    /// Also when no whole answer came.
    pub network: bool,
    /// Answers with these statuses.
    pub statuses: &'static [u16],
    /// The first delay at most.
    pub first: Duration,
    /// Each further one times this many thousandths.
    pub factor_milli: u32,
    /// The longest delay.
    pub max: Duration,
    /// Attempts and backoffs together, not counting waits for quota or after refusals.
    pub max_elapsed: Option<Duration>,
}

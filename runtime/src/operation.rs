//! The tables that generated code fills: one `Operation` per call and the policies that it names.
//!
//! All of them are `static` and plain data. Nothing here decides; the pipeline in `client` reads them.

use std::time::Duration;

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
        hints: &[],
        concurrency: None,
    };
}

/// How many requests may be on their way at once, and how that number moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// At first.
    pub start: u32,
    /// At least; 1 or more.
    pub min: u32,
    /// At most; `None`: no bound of ours.
    pub max: Option<u32>,
    /// Too slow is this many thousandths of the smallest latency; `None`: latency does not matter.
    pub slow_milli: Option<u32>,
}

/// A parameter of the client, sent with each request when it was given to the builder.
#[derive(Debug)]
pub struct ClientParam {
    /// Its name in the description.
    pub name: &'static str,
    /// A header, or else a query parameter.
    pub in_header: bool,
    /// The name on the wire.
    pub param: &'static str,
}

/// A way to authenticate.
#[derive(Debug)]
pub struct Credential {
    /// Its name in the description.
    pub name: &'static str,
    /// How it signs.
    pub kind: CredentialKind,
    /// The environment variable that `from_env` reads.
    pub env: Option<&'static str>,
}

/// How a credential signs a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// `Authorization: <prefix><value>`.
    Bearer {
        /// `Bearer ` with its blank.
        prefix: &'static str,
    },
    /// `Authorization: Basic base64(user:password)`; the value is `user:password`, or the user alone.
    Basic {
        /// The value is the user and the password is empty.
        user_only: bool,
    },
    /// `<header>: <prefix><value>`.
    Header {
        /// Lower case.
        header: &'static str,
        /// Verbatim before the value.
        prefix: &'static str,
    },
    /// `?<param>=<value>`.
    Query {
        /// The parameter.
        param: &'static str,
    },
    /// A token that is got with a client's id and secret (RFC 6749 §4.4).
    ClientCredentials(&'static OAuth2),
    /// A token that is got with a refresh token, which may be replaced each time (RFC 6749 §6).
    RefreshToken(&'static OAuth2),
}

/// Where and how a token is got, and how it signs.
#[derive(Debug, PartialEq, Eq)]
pub struct OAuth2 {
    /// The token endpoint: `https`, or `http` on this machine; the builder can replace it.
    pub token_url: &'static str,
    /// `Post`, or `Get` for APIs that ask for it.
    pub method: Verb,
    /// The grant travels as a form in the body, or else in the query.
    pub form: bool,
    /// The client authenticates by HTTP basic, or else among the grant's parameters (RFC 6749 §2.3.1).
    pub basic: bool,
    /// Scopes to ask for.
    pub scopes: &'static [&'static str],
    /// How the token signs: a bearer token, a header, or a query parameter.
    pub sign: TokenPlace,
}

/// Where a token stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPlace {
    /// `<header>: <prefix><token>`.
    Header {
        /// Lower case.
        header: &'static str,
        /// Verbatim before the token.
        prefix: &'static str,
    },
    /// `?<param>=<token>`.
    Query {
        /// The parameter.
        param: &'static str,
    },
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

/// A key by which a server knows that it has seen a request before.
#[derive(Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Where it stands.
    pub at: SendAt,
    /// How long the server remembers it.
    pub within: Option<Duration>,
    /// What the server answers to a repetition, unless it repeats its first answer.
    pub replay: Option<Replay>,
}

/// What the server answers to a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    /// With this status.
    pub status: u16,
    /// What that means.
    pub means: ReplayMeans,
}

/// What the answer to a repetition means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayMeans {
    /// The first request was carried out.
    Done,
    /// The first request is being carried out.
    InProgress,
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

/// A version that a write names, so that it does not overwrite what it has not seen (RFC 9110 §13.1.1).
#[derive(Debug)]
pub struct Lock {
    /// Its name in the description.
    pub name: &'static str,
    /// Where the version stands in a write.
    pub send: SendAt,
    /// Where it stands in an answer.
    pub from: Place,
    /// Verbatim before the version when it is sent, and taken off when it is read.
    pub before: &'static str,
    /// Verbatim behind it.
    pub after: &'static str,
    /// A write without a version is refused before it is sent.
    pub required: bool,
    /// The status of a write whose version is stale.
    pub stale: u16,
    /// The API's own code of it.
    pub stale_code: Option<&'static str>,
}

/// How to find out what became of a create whose answer was lost: a list is searched for what was to be made.
#[derive(Debug)]
pub struct Reconcile {
    /// The list.
    pub list: &'static Operation,
    /// Members of an item that must equal those of the body, as wire names, and the query parameter of the list that
    /// looks for each, if there is one.
    pub by: &'static [(&'static str, Option<&'static str>)],
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
    /// The longest that one attempt may take.
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

/// A quota: so many requests in any window of a length.
#[derive(Debug)]
pub struct Bucket {
    /// Its name in the description.
    pub name: &'static str,
    /// Whose it is: `Scope::Credential` and client parameters by name. An unset parameter switches the bucket off.
    pub scope: &'static [Scope],
    /// `None`: nobody says; learned from answers.
    pub window: Option<Window>,
    /// What answers tell.
    pub learn: Option<Learn>,
}

/// One dimension of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The credential that signs.
    Credential,
    /// A client parameter, by its name in the description.
    Client(&'static str),
}

/// So many requests in so long.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Requests.
    pub max: u32,
    /// The builder's setting that replaces `max`.
    pub max_config: Option<&'static str>,
    /// The length.
    pub per: Duration,
    /// The builder's setting that replaces `per`.
    pub per_config: Option<&'static str>,
}

/// What answers tell of a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Learn {
    /// The quota.
    pub limit: Option<Place>,
    /// What is used up.
    pub used: Option<Place>,
    /// What is left.
    pub remaining: Option<Place>,
    /// When the window ends.
    pub reset: Option<(Place, Unit)>,
    /// The structured fields `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) tell of it.
    pub fields: Option<RateLimitFields>,
}

impl Learn {
    /// Nothing; tables name what differs.
    pub const NEW: Learn = Learn {
        limit: None,
        used: None,
        remaining: None,
        reset: None,
        fields: None,
    };
}

/// Which of the policies in `RateLimit` a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitFields {
    /// The policy of this name; `None`: the strictest of those that are told.
    pub policy: Option<&'static str>,
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

/// Units of times on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// An integer, a decimal, or one of the three HTTP dates (RFC 9110 §5.6.7).
    RetryAfter,
    /// Seconds from now, decimals allowed.
    Seconds,
    /// Milliseconds from now.
    Millis,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
}

/// What a refusal looks like and what follows.
#[derive(Debug)]
pub struct Refusal {
    /// These statuses.
    pub statuses: &'static [u16],
    /// Only with one of these codes; empty: with any or none.
    pub codes: &'static [&'static str],
    /// Only with all of these headers and values.
    pub headers: &'static [(&'static str, &'static str)],
    /// Whether a refused write may have been carried out.
    pub processed: bool,
    /// The first that parses is the server's wait.
    pub wait: &'static [Wait],
    /// What is held.
    pub hold: Hold,
    /// What becomes of the concurrency.
    pub then: Option<Then>,
    /// The longest sum of one request's waits.
    pub max_wait: Duration,
}

impl Refusal {
    /// 429, not carried out, with `Retry-After`; tables name what differs.
    pub const NEW: Refusal = Refusal {
        statuses: &[429],
        codes: &[],
        headers: &[],
        processed: false,
        wait: &[],
        hold: Hold::Bucket,
        then: None,
        max_wait: Duration::from_secs(900),
    };
}

/// What becomes of the concurrency after a refusal: it is halved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Then {
    /// It does not grow for so long.
    pub grow_after: Duration,
}

/// Where a wait is read.
#[derive(Clone, Copy, Debug)]
pub enum Wait {
    /// From the answer.
    From(Place, Unit),
    /// Always this long.
    Fixed(Duration),
}

/// What a refusal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The buckets of the refused call.
    Bucket,
    /// All buckets of the client.
    Client,
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

/// One shape of an error body.
#[derive(Clone, Copy, Debug)]
pub enum ErrorShape {
    /// An object. It fits when one of its places exists.
    Object {
        /// The first pointer that exists is the message.
        message: &'static [&'static [&'static str]],
        /// The API's own code.
        code: Option<&'static [&'static str]>,
        /// Several messages: the list, the text inside an element, the target inside an element.
        messages: Option<Messages>,
        /// A map of member names to a message or a list of them.
        fields: Option<&'static [&'static str]>,
    },
    /// A bare JSON string.
    String,
    /// Plain text.
    Text,
    /// No body.
    Empty,
}

/// Several messages of an error; pointers with segments unescaped.
#[derive(Clone, Copy, Debug)]
pub struct Messages {
    /// The list.
    pub each: &'static [&'static str],
    /// The text inside an element; empty: the element itself.
    pub text: &'static [&'static str],
    /// The member that is meant, inside an element.
    pub target: Option<&'static [&'static str]>,
}

/// How a list is walked.
#[derive(Debug)]
pub struct Paging {
    /// Its name in the description.
    pub name: &'static str,
    /// How it advances.
    pub kind: PagingKind,
    /// Where the position stands in a request; `None` where only the server makes positions.
    pub start: Option<SendAt>,
    /// Where the size stands.
    pub size: Option<SendAt>,
    /// Where the items stand; empty: the answer itself.
    pub items: &'static [&'static str],
    /// The first position of a page by number.
    pub first: u64,
    /// Where the number of all items stands.
    pub total: Option<Place>,
    /// Where the next position stands: a number, a cursor or a URL, as the kind says.
    pub next: Option<Place>,
    /// Where the page's own number stands.
    pub page: Option<Place>,
    /// Where the number of pages stands.
    pub pages: Option<Place>,
    /// Where the size that the server used stands.
    pub size_read: Option<Place>,
    /// What the server takes when no size is sent.
    pub default_size: Option<u64>,
    /// The least size.
    pub min_size: Option<u64>,
    /// The greatest size.
    pub max_size: Option<u64>,
    /// Items with the same value of this member are delivered once.
    pub unique_by: Option<&'static str>,
    /// Constant headers that pages are asked with, lower case.
    pub headers: &'static [(&'static str, &'static str)],
    /// What ends a walk.
    pub stop: &'static [Stop],
}

impl Paging {
    /// By offsets, saying nothing; tables name what differs.
    pub const NEW: Paging = Paging {
        name: "",
        kind: PagingKind::Offset,
        start: None,
        size: None,
        items: &[],
        first: 0,
        total: None,
        next: None,
        page: None,
        pages: None,
        size_read: None,
        default_size: None,
        min_size: None,
        max_size: None,
        unique_by: None,
        headers: &[],
        stop: &[],
    };
}

/// How a walk advances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagingKind {
    /// By items received.
    Offset,
    /// By page numbers.
    Page,
    /// By a text that each answer gives for the next request.
    Cursor,
    /// By a URL that each answer gives.
    NextUrl {
        /// A relative URL counts from the request's (RFC 3986 §5), or else stands behind the base URL.
        from_request: bool,
    },
    /// By the last item's value of this member, a wire name.
    Keyset {
        /// The member.
        by: &'static str,
    },
}

/// What ends a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Position plus items received have reached the total.
    TotalReached,
    /// The answer gives no next position.
    NoNext,
    /// Fewer items than the size.
    ShortPage,
    /// No item.
    EmptyPage,
    /// The page's number has reached the number of pages.
    LastPage,
}

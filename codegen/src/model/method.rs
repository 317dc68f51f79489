//! Methods: what a call sends, what it answers, and how often it may be sent.
//!
//! Everything inherited is already here. A method names its policies by their Rust constants.

use super::{Charge, Doc, Format, Name, Origin, Poll, Reconcile, Ty};

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Method {
    /// `bulk_upsert`: wire name as described, Rust function name.
    pub name: Name,
    /// `skus.bulk_upsert`: the resource path and the name.
    pub operation: String,
    /// The static's name in the resource's file, `BULK_UPSERT`.
    pub constant: String,
    /// The wrapper type of a call with optional parameters, `ListOrders`; `None` if there are none and it is no list.
    pub call_type: Option<String>,
    /// Words; the behaviour is added by the emitter from the fields below.
    pub doc: Doc,
    /// The verb.
    pub verb: Verb,
    /// The path below the environment's URL, placeholders by wire name: `/orders/{id}/cancel`.
    pub path: String,
    /// Path keys first, then required parameters, then optional ones.
    pub arguments: Vec<Argument>,
    /// Bracket filters that become setters.
    pub filters: Vec<Filter>,
    /// The parameter that selects members of what is answered.
    pub mask: Option<Mask>,
    /// The body.
    pub body: Body,
    /// The answer.
    pub answer: Answer,
    /// Where the answer leads; then the call can fetch what stands there.
    pub follow: Option<Follow>,
    /// Statuses that are success; empty: any 2xx.
    pub success: Vec<u16>,
    /// Whether it may be sent again.
    pub effect: Effect,
    /// Index into `Api::locks`: the version that it names or, of a read, that its answer bears.
    pub lock: Option<usize>,
    /// How to find out what became of it when its answer was lost.
    pub reconcile: Option<Reconcile>,
    /// The operation that counts what it touches, `tasks.count`: a write over many rows.
    pub bulk: Option<String>,
    /// What is asked until what it began is done.
    pub poll: Option<Poll>,
    /// Index into `Api::pages`.
    pub page: Option<usize>,
    /// What it costs.
    pub charges: Vec<Charge>,
    /// Index into `Api::retries`.
    pub retry: Option<usize>,
    /// One attempt, in milliseconds.
    pub timeout_ms: u64,
    /// OR of ANDs, indices into `Api::credentials`; empty: no credential.
    pub security: Vec<Vec<usize>>,
    /// Indices into `Api::cases`, sorted.
    pub cases: Vec<usize>,
    /// Constant headers, lower-case name and value.
    pub headers: Vec<(String, String)>,
    /// Constant query parameters.
    pub query: Vec<(String, String)>,
    /// Where it is described.
    pub origin: Origin,
}

/// A parameter that selects members: giving it turns the call into one of partial objects.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    /// The parameter's Rust name.
    pub by: String,
    /// The wrapper type of the call then, `ListOrdersMasked`.
    pub call_type: String,
    /// What is answered then.
    pub answer: Answer,
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

/// A parameter of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Wire and Rust name.
    pub name: Name,
    /// Where it goes.
    pub place: ParamPlace,
    /// Positional or a setter.
    pub kind: ArgumentKind,
    /// Its type; of one element if `list`.
    pub ty: Ty,
    /// Several values in this style.
    pub list: Option<ListStyle>,
    /// Wire form.
    pub format: Format,
    /// How a `bool` looks.
    pub bools: BoolStyle,
    /// Sent as JSON text.
    pub as_json: bool,
    /// Hidden from errors and logs.
    pub sensitive: bool,
    /// Words, with the default in them.
    pub doc: Doc,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamPlace {
    /// A placeholder of the path.
    Path,
    /// The query.
    Query,
    /// A header.
    Header,
    /// The page's first position by number (`offset=`, `page=`): a setter of a list call.
    PageStart,
    /// The page's first position by a text or key (`cursor=`, `after=`): a setter of a list call.
    PageCursor,
    /// The page's size: a setter of a list call.
    PageSize,
    /// The version that a write has to name, wherever its lock sends it.
    Version,
}

/// How a parameter is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// An argument of the function.
    Positional,
    /// A setter on the call.
    Setter,
}

/// How several values of one parameter look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListStyle {
    /// `a=1&a=2`
    Repeat,
    /// `a=1,2`
    Comma,
    /// `a[]=1&a[]=2`
    Brackets,
    /// `a=1|2`
    Pipe,
}

/// How a `bool` looks in a query, path or header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoolStyle {
    /// `true`, `false`
    Words,
    /// `1`, `0`
    Digits,
    /// The name alone, or nothing
    Flag,
}

/// A filter of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// The field's wire and Rust name.
    pub field: Name,
    /// The value's type.
    pub ty: Ty,
    /// Wire form.
    pub format: Format,
    /// How a `bool` looks.
    pub bools: BoolStyle,
    /// All of lt, le, gt and ge: one setter over `RangeBounds`; the parameters' names in that order.
    pub range: Option<[String; 4]>,
    /// The other operators, one setter each.
    pub ops: Vec<FilterOp>,
    /// The field's name ends with a key of this type, which setters take first.
    pub key: Option<Ty>,
    /// Words.
    pub doc: Doc,
}

/// One operator of a filter.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterOp {
    /// Our word: `eq ne in contains …`.
    pub op: String,
    /// The setter: `status`, `name_contains`.
    pub rust: String,
    /// The whole parameter name on the wire: `status`, `name[contains]`, `ids[]`.
    pub param: String,
    /// With a key in the name: what stands behind it, where `param` stands before.
    pub after: String,
    /// It takes several values in this style.
    pub list: Option<ListStyle>,
    /// It takes one value, in which this sign would separate several.
    pub separator: Option<char>,
}

/// What is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON of one value, passed by reference.
    Json {
        /// The argument's name: `user`, `patch`.
        rust: String,
        /// Its type: an item, or a list of them (`&[T]`).
        ty: Ty,
        /// Wrapped at this pointer: `/data`; empty: bare.
        at: String,
    },
    /// An object as an HTML form has it, passed by reference.
    Form {
        /// The argument's name.
        rust: String,
        /// Its type, an item.
        ty: Ty,
    },
    /// An object in parts, of which some may be files, passed by reference.
    Multipart {
        /// The argument's name.
        rust: String,
        /// Its type, an item.
        ty: Ty,
    },
    /// A text.
    Text {
        /// The argument's name.
        rust: String,
    },
    /// Bytes.
    Bytes {
        /// The argument's name.
        rust: String,
        /// `application/octet-stream`
        media_type: String,
    },
    /// One file as it is, passed by reference.
    File {
        /// The argument's name.
        rust: String,
    },
}

impl Body {
    /// The type of a value that is passed by reference.
    #[must_use]
    pub fn ty(&self) -> Option<&Ty> {
        match self {
            Self::Json { ty, .. } | Self::Form { ty, .. } | Self::Multipart { ty, .. } => Some(ty),
            Self::None | Self::Text { .. } | Self::Bytes { .. } | Self::File { .. } => None,
        }
    }
}

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing; the body is not read.
    None,
    /// The whole body, which is no JSON.
    Plain(Plain),
    /// One value at a pointer; empty pointer: bare.
    Value {
        /// The type.
        ty: Ty,
        /// `/data`.
        from: String,
    },
    /// A page of items; where they stand is the page policy's `items`, or this pointer.
    Page {
        /// The item.
        item: Ty,
        /// `/data`.
        from: String,
    },
    /// A list without paging.
    List {
        /// The item.
        item: Ty,
        /// `/data`.
        from: String,
    },
    /// One of several, by status.
    Outcomes {
        /// The enum to emit, `UpsertOutcome`.
        rust: String,
        /// Its variants.
        outcomes: Vec<Outcome>,
    },
}

/// An answer that is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// A text.
    Text,
    /// Bytes, read whole.
    Bytes,
    /// Bytes that the caller reads one after the other.
    Stream,
}

/// A URL in an answer that is fetched without credentials. Pointers count from the whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    /// `/url`: where the URL stands.
    pub url: String,
    /// `/expires_at`: where the time stands from which on it is not served any more.
    pub expires: Option<String>,
    /// Where it may lead: `https://*.example.com`.
    pub origins: Vec<String>,
}

/// A variant of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The status.
    pub status: u16,
    /// Described word and variant name.
    pub name: Name,
    /// `Answer::None`, `Value` or `List`.
    pub answer: Answer,
}

/// How often a call may be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// The same after one or many.
    Idempotent,
    /// Each one counts.
    Once,
    /// Each one counts, unless it bears the same key: an index into `Api::keys`.
    Keyed(usize),
}

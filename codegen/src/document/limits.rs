//! Limits as written: buckets, what is learned about them, and what a refusal means.
//! Each value is well formed by itself once it was read. Must not ask whether values fit together
//! or whether a parameter of the client exists: lowering and the checks do.

use std::time::Duration;

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::parse::{Kind, Node, Scalar};

use super::Spanned;
use super::common::{Judged, OneOrMany, is_word};
use super::names::{Entries, Name, Named, WireKey, is_name};
use super::places::ResponsePlace;
use super::read::{Read, document, plain_documents, read_table};
use super::scalars::{FromScalar, Numeral, scalars};
use super::schema::{Book, Described, KeySchemas, NAME, Schema};
use super::words::{AfterRefusal, Hold, SlowOf, Trust, Unit, unknown_word};

document! {
    /// How fast an API may be called.
    struct Limits {
        /// What is counted.
        buckets: many Named<Bucket>,
        /// What it looks like when the API refuses, and what to do then.
        refused: optional Refused,
        /// How many requests may be on their way at once.
        concurrency: optional Spanned<Concurrency>,
        /// Waits that any answer may ask for.
        hints: many Vec<Spanned<WaitFrom>>,
    }

    /// How many requests may be on their way at once, and how that number moves.
    struct Concurrency {
        /// At first.
        start: required Judged<u64>,
        /// At least.
        min: optional Judged<u64>,
        /// At most.
        max: optional Judged<u64>,
        /// From which latency on there are too many.
        slow: optional Slow,
    }

    /// From which latency on an answer is slow.
    struct Slow {
        /// This many times.
        times: required Judged<Numeral>,
        /// What it is compared with.
        of: required Spanned<SlowOf>,
    }

    /// Something that is used up by calls.
    struct Bucket {
        /// What has a bucket of its own; nothing: all calls share one.
        scope: many Vec<Spanned<Scope>>,
        /// How much it holds.
        window: required Spanned<Window>,
        /// What answers tell about it.
        learn: optional Learn,
        /// What is worth knowing.
        doc: optional Spanned<String>,
        /// How sure the description is.
        trust: optional Spanned<Trust>,
        /// Where this is known from.
        source: optional Spanned<String>,
    }

    /// How much a bucket holds.
    struct CountedWindow {
        /// The number of calls.
        max: required Box<Configurable<u64>>,
        /// The time in which they may be made.
        per: required Box<Configurable<Duration>>,
    }

    /// What answers tell about a bucket.
    struct Learn {
        /// How much it holds.
        limit: optional Spanned<ResponsePlace>,
        /// How much is used up.
        used: optional Spanned<ResponsePlace>,
        /// How much is left.
        remaining: optional Spanned<ResponsePlace>,
        /// When it is full again.
        reset: optional Reset,
        /// Which policy of the fields `RateLimit` and `RateLimit-Policy` it is.
        rate_limit: optional Spanned<String>,
    }

    /// When a bucket is full again.
    struct Reset {
        /// Where the answer says it.
        from: required Spanned<ResponsePlace>,
        /// What the number counts.
        unit: optional Spanned<Unit>,
    }

    /// What a refusal looks like and what to do then.
    struct Refused {
        /// What it looks like.
        when: required RefusedWhen,
        /// Whether a refused write may have been carried out.
        processed: optional Judged<bool>,
        /// How long to wait; the first that the answer has.
        wait: many Vec<Spanned<Wait>>,
        /// What is held back.
        hold: optional Judged<Hold>,
        /// What else follows.
        then: optional Spanned<Then>,
        /// The longest wait.
        max_wait: optional Judged<Duration>,
    }

    /// What else follows a refusal.
    struct Then {
        /// What becomes of the number of requests that may be on their way at once.
        concurrency: required Spanned<AfterRefusal>,
        /// How long it does not grow again.
        grow_after: required Judged<Duration>,
    }

    /// What a refusal looks like: all that is given must hold.
    struct RefusedWhen {
        /// One of these statuses.
        status: many Vec<Spanned<u16>>,
        /// One of these codes of the API.
        code: many OneOrMany<Spanned<String>>,
        /// These headers with these values.
        header: many Entries<WireKey, Spanned<String>>,
    }
}

plain_documents! {
    Limits Concurrency Slow Bucket Learn Reset Refused Then RefusedWhen WaitFrom
}

/// What has a bucket of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    Credential,
    /// A parameter of the client.
    Client(String),
}

impl FromScalar for Scope {
    const EXPECTED: &'static str = "a scope";

    fn describe_scalar() -> Schema {
        Schema::any_of([
            Schema::words(&["credential"]),
            Schema::pattern(&format!("client\\.{NAME}")),
        ])
    }

    fn from_scalar(scalar: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        match scalar.text.strip_prefix("client.") {
            Some(name) if is_name(name) => Ok(Self::Client(name.to_owned())),
            None if scalar.text == "credential" => Ok(Self::Credential),
            _ => Err(Box::new(
                unknown_word(&scalar.text, &["credential"], place)
                    .help("write `credential` or `client.<name>` with a parameter of `client`"),
            )),
        }
    }
}

scalars! { Scope }

/// How much a bucket holds.
#[derive(Debug, Clone)]
pub(crate) enum Window {
    Unknown,
    Counted {
        max: Box<Configurable<u64>>,
        per: Box<Configurable<Duration>>,
    },
}

impl Described for Window {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([Schema::words(&["unknown"]), book.table::<CountedWindow>()])
    }
}

impl Read for Window {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            Kind::Scalar(_) if is_word(node, "unknown") => Some(Self::Unknown),
            Kind::Scalar(scalar) => {
                let found = unknown_word(&scalar.text, &["unknown"], &node.place);
                diagnostics.push(found.help("write `unknown` or `{max: 250, per: 5m}`"));
                None
            }
            Kind::Sequence(_) | Kind::Mapping(_) => {
                let CountedWindow { max, per } = read_table(node, diagnostics)?;
                Some(Self::Counted { max, per })
            }
        }
    }
}

/// A value that the client's builder may change: `250`, or `{config: name, default: 250}`.
#[derive(Debug, Clone)]
pub(crate) struct Configurable<T> {
    pub(crate) value: Judged<T>,
    /// The name of the builder's setter.
    pub(crate) config: Option<Spanned<String>>,
}

impl<T: Read> super::read::Table for Configurable<T> {
    fn list_keys(keys: &mut Vec<&'static str>) {
        keys.extend(["config", "default"]);
    }

    fn take(keys: &mut super::read::Keys<'_, '_>) -> Option<Self> {
        let (config, value) = (keys.required("config"), keys.required("default"));
        Some(Self {
            value: value?,
            config: Some(config?),
        })
    }

    fn describe_keys(keys: &mut KeySchemas<'_>) {
        keys.required::<Name>("config", "The name of the builder's setter.");
        keys.required::<Judged<T>>("default", "The value unless the setter is called.");
    }
}

impl<T: Read> Described for Configurable<T> {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([Judged::<T>::describe(book), book.table::<Self>()])
    }
}

impl<T: Read> Read for Configurable<T> {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if node.get("config").is_some() || node.get("default").is_some() {
            return read_table(node, diagnostics);
        }
        Read::read(node, diagnostics).map(|value| Self {
            value,
            config: None,
        })
    }
}

/// How long to wait after a refusal.
#[derive(Debug, Clone)]
pub(crate) enum Wait {
    /// As the answer says; without a unit, in the syntax of `Retry-After`.
    From {
        from: Spanned<ResponsePlace>,
        unit: Option<Spanned<Unit>>,
    },
    Fixed(Judged<Duration>),
}

document! {
    /// A wait that the answer tells.
    struct WaitFrom {
        /// Where.
        from: required Spanned<ResponsePlace>,
        /// What the number counts.
        unit: optional Spanned<Unit>,
    }

    /// A wait that the description tells.
    struct WaitFixed {
        /// How long.
        fixed: required Judged<Duration>,
    }
}

impl Described for Wait {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([book.table::<WaitFrom>(), book.table::<WaitFixed>()])
    }
}

impl Read for Wait {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if node.get("fixed").is_some() {
            return read_table(node, diagnostics).map(|WaitFixed { fixed }| Self::Fixed(fixed));
        }
        if node.get("from").is_none() && matches!(&node.kind, Kind::Mapping(_)) {
            let message = "a wait has either `from` or `fixed`";
            let help = "write `{from: {header: Retry-After}}` or `{fixed: 3m}`";
            diagnostics.push(Diagnostic::new("E034", &node.place, message).help(help));
            return None;
        }
        read_table(node, diagnostics).map(|WaitFrom { from, unit }| Self::From { from, unit })
    }
}

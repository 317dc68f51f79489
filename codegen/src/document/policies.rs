//! Policies as written: environments, wire conventions, errors and retries.
//! Each value is well formed by itself once it was read. Must not fill in what holds by default,
//! nor ask which keys belong to which kind: lowering does.

use std::time::Duration;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::parse::{Kind, Node, Scalar};

use super::Spanned;
use super::common::{Judged, OneOrMany, is_word};
use super::names::{Entries, Named};
use super::places::{EnvelopePlace, RequestPlace, describe_header, read_header};
use super::read::{Read, document, plain_documents, read_table};
use super::scalars::{FromScalar, Numeral, Pointer, scalars};
use super::schema::{Book, Described, Schema, TypeExpression};
use super::words::{Arrays, Bools, Case, DatetimeFormat, Dialect, FilterOp};

document! {
    /// Where the API is served.
    struct Environment {
        /// The base URL; `{name}` stands for a variable.
        url: required Spanned<String>,
        /// What stands in the URL's braces.
        vars: many Named<EnvironmentVariable>,
        /// What it is for.
        doc: optional Spanned<String>,
    }

    /// A variable of an environment's URL.
    struct EnvironmentVariable {
        /// What is used when nothing is given.
        default: optional Spanned<String>,
        /// What it is.
        doc: optional Spanned<String>,
    }

    /// A parameter that is given once to the client's builder and sent with every call.
    struct ClientParameter {
        /// Its type.
        r#type: required Spanned<String> as TypeExpression,
        /// Where a request carries it.
        at: required Spanned<RequestPlace>,
        /// What it is.
        doc: optional Spanned<String>,
    }

    /// Conventions of the wire.
    struct Wire {
        /// The family of conventions.
        dialect: optional Spanned<Dialect>,
        /// How names become wire names.
        case: optional Spanned<Case>,
        /// How a list is written into a query.
        arrays: optional Spanned<Arrays>,
        /// How a boolean is written into a query.
        bools: optional Spanned<Bools>,
        /// How datetimes are written.
        datetime: optional DatetimeWire,
    }

    /// How datetimes are written.
    struct DatetimeWire {
        /// The forms that an answer may have, tried in order.
        read: many Vec<Spanned<DatetimeFormat>>,
        /// The form that a request has.
        write: optional Spanned<DatetimeFormat>,
    }

    /// Where the part of a body that matters stands.
    struct Envelope {
        /// The items of a list.
        list: optional Spanned<EnvelopePlace>,
        /// A single item.
        one: optional Spanned<EnvelopePlace>,
        /// What a request sends.
        body: optional Spanned<EnvelopePlace>,
        /// The number that a count answers.
        count: optional Spanned<EnvelopePlace>,
    }

    /// How filters are written into a query.
    struct FilterStyle {
        /// The parameter's name, with `{field}` and `{op}`.
        form: required Spanned<String>,
        /// What the API calls the operations.
        ops: many Entries<FilterOp, Spanned<String>>,
        /// How a list of values is written.
        lists: optional Spanned<Arrays>,
    }

    /// What errors look like.
    struct Errors {
        /// The shapes of an error's body; the first whose place exists wins.
        shapes: many Vec<Spanned<ErrorShape>>,
        /// Errors that a caller may want to tell apart.
        cases: many Named<ErrorCase>,
        /// Where an answer names its request.
        request_id: optional RequestId,
        /// Where a message names what the API's support asks for.
        reference: optional Reference,
    }

    /// A JSON body of an error.
    struct ErrorObject {
        /// Where its message stands; the first place that exists.
        message: many OneOrMany<Spanned<Pointer>>,
        /// Where its code stands.
        code: optional Spanned<Pointer>,
        /// Where further messages stand.
        messages: optional ErrorMessages,
        /// Where messages by field stand.
        fields: optional Spanned<Pointer>,
    }

    /// An error that a caller may want to tell apart.
    struct ErrorCase {
        /// The status.
        status: required Spanned<u16>,
        /// The API's own code, if the status alone does not tell.
        code: optional Spanned<String>,
        /// The type of the body's details.
        details: optional Spanned<String> as TypeExpression,
        /// When it happens.
        doc: optional Spanned<String>,
    }

    /// Where an answer names its request.
    struct RequestId {
        /// The header.
        header: required HeaderName,
    }

    /// Where a message names what the API's support asks for.
    struct Reference {
        /// The words before it.
        after: required Spanned<String>,
    }

    /// When and how often a call is sent again.
    struct Retry {
        /// How often it is sent altogether.
        attempts: required Judged<u64>,
        /// After which failures.
        when: required Vec<Spanned<RetryWhen>>,
        /// How long to wait between attempts.
        backoff: optional Backoff,
        /// How long to go on at most.
        max_elapsed: optional Judged<Duration>,
    }

    /// How long to wait between attempts.
    struct Backoff {
        /// Before the second attempt.
        first: required Judged<Duration>,
        /// By how much the wait grows.
        factor: optional Judged<Numeral>,
        /// The longest wait.
        max: optional Judged<Duration>,
    }
}

plain_documents! {
    Environment EnvironmentVariable ClientParameter Wire DatetimeWire Envelope FilterStyle
    Errors ErrorCase RequestId Reference Retry Backoff
}

/// Alternatives of credentials that are needed together.
#[derive(Debug, Clone)]
pub(crate) struct Security {
    /// The first alternative whose credentials were given is used.
    pub(crate) alternatives: Vec<Spanned<Vec<Spanned<String>>>>,
}

impl Described for Security {
    fn describe(book: &mut Book) -> Schema {
        Vec::<Vec<String>>::describe(book)
    }
}

impl Read for Security {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        Read::read(node, diagnostics).map(|alternatives| Self { alternatives })
    }
}

/// The name of a header.
pub(crate) type HeaderName = Spanned<Header>;

/// The text of a header's name, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header(pub(crate) String);

impl Described for Header {
    fn describe(_: &mut Book) -> Schema {
        describe_header()
    }
}

impl Read for Header {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        read_header(node, diagnostics).map(Self)
    }
}

/// What the body of an error may look like.
#[derive(Debug, Clone)]
pub(crate) enum ErrorShape {
    Object(Box<ErrorObject>),
    /// A JSON string.
    String,
    /// Text that is no JSON.
    Text,
    /// Nothing.
    Empty,
}

impl Described for ErrorShape {
    fn describe(book: &mut Book) -> Schema {
        let word = |word| Schema::single(word, Schema::only_true());
        Schema::any_of([
            book.table::<ErrorObject>(),
            word("string"),
            word("text"),
            word("empty"),
        ])
    }
}

impl Read for ErrorShape {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let words = [
            ("string", Self::String),
            ("text", Self::Text),
            ("empty", Self::Empty),
        ];
        for (word, shape) in words {
            if let Some(said) = node.get(word) {
                if is_word(said, "true")
                    && matches!(&node.kind, Kind::Mapping(entries) if entries.len() == 1)
                {
                    return Some(shape);
                }
                let message = format!("`{word}` is a shape of its own");
                let help = format!("write `{{{word}: true}}` without further keys");
                diagnostics.push(Diagnostic::new("E034", &said.place, message).help(help));
                return None;
            }
        }
        read_table(node, diagnostics).map(|object| Self::Object(Box::new(object)))
    }
}

/// Where further messages of an error stand.
#[derive(Debug, Clone)]
pub(crate) struct ErrorMessages {
    /// The list.
    pub(crate) each: Spanned<Pointer>,
    /// The text within an item; without it an item is the text.
    pub(crate) text: Option<Spanned<Pointer>>,
    /// What the message is about, within an item.
    pub(crate) target: Option<Spanned<Pointer>>,
}

document! {
    /// The long way to say where further messages stand.
    struct LongErrorMessages {
        /// The list.
        each: required Spanned<Pointer>,
        /// The text within an item.
        text: optional Spanned<Pointer>,
        /// What the message is about, within an item.
        target: optional Spanned<Pointer>,
    }
}

impl Described for ErrorMessages {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([Pointer::describe(book), book.table::<LongErrorMessages>()])
    }
}

impl Read for ErrorMessages {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Scalar(_) = node.kind {
            return Some(Self {
                each: Read::read(node, diagnostics)?,
                text: None,
                target: None,
            });
        }
        let LongErrorMessages { each, text, target } = read_table(node, diagnostics)?;
        Some(Self { each, text, target })
    }
}

/// A failure after which a call may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryWhen {
    /// No whole answer came.
    Network,
    Status(u16),
}

impl FromScalar for RetryWhen {
    const EXPECTED: &'static str = "`network` or an HTTP status";

    fn describe_scalar() -> Schema {
        Schema::any_of([Schema::words(&["network"]), u16::describe_scalar()])
    }

    fn from_scalar(
        scalar: &Scalar,
        place: &crate::diagnostics::Place,
    ) -> Result<Self, Box<Diagnostic>> {
        if scalar.text == "network" {
            return Ok(Self::Network);
        }
        u16::from_scalar(scalar, place)
            .map(Self::Status)
            .map_err(|found| {
                Box::new(found.help("write `network` or a number from 100 to 599 without quotes"))
            })
    }
}

scalars! { RetryWhen }

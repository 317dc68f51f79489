//! Methods as written, and the defaults that they inherit.
//! What nobody wrote stays absent, and `none` stays apart from absent, because it removes what is
//! inherited. Must not inherit, resolve a name or know the standard methods: lowering does.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::parse::{Kind, Node};

use super::Spanned;
use super::common::{About, Judged, OrNone, is_word};
use super::many::{Bulk, Poll};
use super::names::{Entries, Name, Named, OptionalName};
use super::places::ResponsePlace;
use super::policies::Security;
use super::read::{Read, document, plain_documents, read_table};
use super::scalars::{Literal, Pointer};
use super::schema::{Book, Described, Request, Schema, TypeExpression};
use super::types::Field;
use super::words::{Arrays, BodyAs, Bools, DownloadTo, Encode, Format, OutAs};
use super::writes::{Effect, Reconcile};

/// Parameters under their names, of which `none` removes an inherited one.
pub(crate) type Params = Entries<OptionalName, OrNone<Param>>;

document! {
    /// A call.
    struct Method {
        /// The verb and perhaps the path.
        http: optional Spanned<String> as Request,
        /// The types of placeholders that are not the resource's keys.
        params: many Named<Spanned<String>> as Named<TypeExpression>,
        /// Parameters in the query.
        query: many Params,
        /// Parameters in headers.
        headers: many Params,
        /// What is sent.
        body: optional Spanned<Body>,
        /// What is answered.
        out: optional Spanned<Out>,
        /// The answer's body is streamed, whatever it is.
        download: optional Spanned<Download>,
        /// The answer names a URL, and what is meant stands there.
        follow: optional Spanned<Follow>,
        /// What each status of success means.
        outcomes: optional Spanned<Entries<u16, Outcome>>,
        /// The one status of success.
        status: optional Spanned<u16>,
        /// The policy by which it pages.
        page: optional Spanned<OrNone<String>>,
        /// Whether it takes the resource's filters.
        filters: optional Spanned<bool>,
        /// The parameter that selects members of what is answered.
        mask: optional Spanned<OrNone<Mask>>,
        /// What it does to the server when it is sent again.
        effect: optional Spanned<Effect>,
        /// The version that it names or, of a read, that its answer bears.
        lock: optional Spanned<OrNone<String>>,
        /// How to find out what became of it when its answer was lost.
        reconcile: optional Spanned<OrNone<Reconcile>>,
        /// That it touches all rows which its filters select, and what counts them.
        bulk: optional Spanned<OrNone<Bulk>>,
        /// What is asked until what it began is done.
        poll: optional Spanned<OrNone<Poll>>,
        /// Fields that the server clears when they are not sent.
        clears_omitted: optional Spanned<ClearsOmitted>,
        /// Which buckets it draws from.
        limit: optional Spanned<OrNone<Vec<Spanned<BucketUse>>>>,
        /// The policy by which it is sent again.
        retry: optional Spanned<OrNone<String>>,
        /// How long one attempt may take.
        timeout: optional Judged<Duration>,
        /// Which credentials it needs.
        security: optional Spanned<OrNone<Security>>,
        /// Which errors it may answer.
        cases: optional Spanned<OrNone<Vec<Spanned<String>>>>,
        /// Words about it.
        about: flat About,
    }

    /// What methods inherit.
    struct Defaults {
        /// Which credentials they need.
        security: optional Spanned<OrNone<Security>>,
        /// Which buckets they draw from.
        limit: optional Spanned<OrNone<Vec<Spanned<BucketUse>>>>,
        /// The policy by which they are sent again.
        retry: optional Spanned<OrNone<String>>,
        /// How long one attempt may take.
        timeout: optional Judged<Duration>,
        /// Parameters in headers.
        headers: many Params,
        /// Parameters in the query.
        query: many Params,
        /// Which errors they may answer.
        cases: optional Spanned<OrNone<Vec<Spanned<String>>>>,
        /// Keys for every method of a name.
        methods: many Named<Method>,
    }

    /// The long way to write a parameter.
    struct Param {
        /// Its type.
        r#type: required Spanned<String> as TypeExpression,
        /// What the API calls it.
        wire: optional Spanned<String>,
        /// How a list is written.
        arrays: optional Spanned<Arrays>,
        /// How it is encoded before it is written.
        encode: optional Spanned<Encode>,
        /// How a boolean is written.
        bools: optional Spanned<Bools>,
        /// What the server takes when nothing is sent.
        default: optional Spanned<Literal>,
        /// What is always sent.
        r#const: optional Spanned<Literal>,
        /// How a date and time, a number or a duration is written.
        format: optional Spanned<Format>,
        /// Hidden from errors and logs.
        sensitive: optional Spanned<bool>,
        /// Words about it.
        about: flat About,
    }

    /// The long way to write a body.
    struct LongBody {
        /// Its type.
        r#type: required Spanned<String> as TypeExpression,
        /// How it is encoded.
        r#as: optional Spanned<BodyAs>,
        /// Where in the body it stands.
        at: optional Spanned<Pointer>,
        /// What bytes are, in the words of `Content-Type`.
        media_type: optional Spanned<String>,
    }

    /// A body that is described where it is used.
    struct InlineBody {
        /// How it is encoded.
        r#as: optional Spanned<BodyAs>,
        /// Its fields.
        fields: required Entries<OptionalName, Field>,
    }

    /// The long way to write an answer.
    struct LongOut {
        /// Its type.
        r#type: required Spanned<String> as TypeExpression,
        /// Where in the answer it stands.
        from: optional Spanned<ResponsePlace>,
        /// How it is read.
        r#as: optional Spanned<OutAs>,
    }

    /// An answer that is streamed.
    struct Download {
        /// As what it comes.
        to: required Spanned<DownloadTo>,
    }

    /// A URL in the answer that is fetched without credentials.
    struct Follow {
        /// Where the URL stands.
        url: required Spanned<Pointer>,
        /// Where the time stands from which on it is not served any more.
        expires: optional Spanned<Pointer>,
        /// Where it may lead.
        origins: required Spanned<Vec<Spanned<String>>>,
    }

    /// The long way to write a parameter that selects members.
    struct LongMask {
        /// The parameter.
        by: required Spanned<String>,
        /// Fields that are answered whatever is selected.
        keeps: many Vec<Spanned<String>>,
    }

    /// The long way to write what a status means.
    struct Outcome {
        /// The name of the variant.
        name: required Spanned<String>,
        /// What is answered.
        out: optional Spanned<Out>,
    }

    /// How much of a bucket a call uses up.
    struct BucketUse {
        /// The bucket.
        bucket: required Spanned<String>,
        /// How much; one when nothing is said.
        cost: optional Judged<u64>,
    }
}

plain_documents! { Method Defaults InlineBody Download Follow }

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    None,
    Typed(Box<LongBody>),
    Inline(InlineBody),
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) enum Out {
    None,
    Typed(Box<LongOut>),
}

/// The parameter that selects members of what is answered: `attributes`, or `{by: attributes, keeps: [id]}`.
#[derive(Debug, Clone)]
pub(crate) struct Mask {
    pub(crate) by: Spanned<String>,
    pub(crate) keeps: Vec<Spanned<String>>,
}

/// Which fields the server clears when they are not sent.
#[derive(Debug, Clone)]
pub(crate) enum ClearsOmitted {
    All,
    None,
    Fields(Vec<Spanned<String>>),
}

impl Described for Param {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([TypeExpression::describe(book), book.table::<Self>()])
    }
}

impl Read for Param {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Scalar(_) = node.kind {
            let r#type = Read::read(node, diagnostics)?;
            let (wire, arrays, encode, bools) = (None, None, None, None);
            return Some(Self {
                r#type,
                wire,
                arrays,
                encode,
                bools,
                default: None,
                r#const: None,
                format: None,
                sensitive: None,
                about: About::nothing(),
            });
        }
        read_table(node, diagnostics)
    }
}

impl Described for Body {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([
            TypeExpression::describe(book),
            book.table::<LongBody>(),
            book.table::<InlineBody>(),
        ])
    }
}

impl Read for Body {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if is_word(node, "none") {
            return Some(Self::None);
        }
        if let Kind::Scalar(_) = node.kind {
            return Some(Self::Typed(Box::new(LongBody {
                r#type: Read::read(node, diagnostics)?,
                r#as: None,
                at: None,
                media_type: None,
            })));
        }
        if node.get("fields").is_some() {
            return Read::read(node, diagnostics).map(Self::Inline);
        }
        let long = read_table(node, diagnostics)?;
        Some(Self::Typed(Box::new(long)))
    }
}

impl Described for Out {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([TypeExpression::describe(book), book.table::<LongOut>()])
    }
}

impl Read for Out {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if is_word(node, "none") {
            return Some(Self::None);
        }
        if let Kind::Scalar(_) = node.kind {
            return Some(Self::Typed(Box::new(LongOut {
                r#type: Read::read(node, diagnostics)?,
                from: None,
                r#as: None,
            })));
        }
        let long = read_table(node, diagnostics)?;
        Some(Self::Typed(Box::new(long)))
    }
}

impl Described for Outcome {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([String::describe(book), book.table::<Self>()])
    }
}

impl Described for Mask {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([String::describe(book), book.table::<LongMask>()])
    }
}

impl Read for Mask {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Scalar(_) = node.kind {
            return Some(Self {
                by: Read::read(node, diagnostics)?,
                keeps: Vec::new(),
            });
        }
        let LongMask { by, keeps } = read_table(node, diagnostics)?;
        Some(Self { by, keeps })
    }
}

impl Read for Outcome {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Scalar(_) = node.kind {
            return Some(Self {
                name: Read::read(node, diagnostics)?,
                out: None,
            });
        }
        read_table(node, diagnostics)
    }
}

impl Described for BucketUse {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([String::describe(book), book.table::<Self>()])
    }
}

impl Read for BucketUse {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Scalar(_) = node.kind {
            return Some(Self {
                bucket: Read::read(node, diagnostics)?,
                cost: None,
            });
        }
        read_table(node, diagnostics)
    }
}

impl Described for ClearsOmitted {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([
            Schema::words(&["all", "none"]),
            Vec::<String>::describe(book),
        ])
    }
}

impl Read for ClearsOmitted {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if is_word(node, "all") {
            return Some(Self::All);
        }
        if is_word(node, "none") {
            return Some(Self::None);
        }
        if let Kind::Scalar(scalar) = &node.kind {
            let message = format!("unknown word `{}`", scalar.text);
            let help = "write `all`, `none` or a list of fields";
            diagnostics.push(Diagnostic::new("E025", &node.place, message).help(help));
            return None;
        }
        Read::read(node, diagnostics).map(Self::Fields)
    }
}

/// Methods; `[list, get]` is short for `{list: {}, get: {}}`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Methods {
    pub(crate) list: Named<Method>,
}

impl Described for Methods {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([Named::<Method>::describe(book), Vec::<Name>::describe(book)])
    }
}

impl Read for Methods {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Kind::Sequence(items) = &node.kind else {
            return Read::read(node, diagnostics).map(|list| Self { list });
        };
        let mut list: Named<Method> = Named::default();
        let mut places: BTreeMap<String, Place> = BTreeMap::new();
        for item in items {
            let Some(Spanned {
                value: Name(name),
                place,
            }) = Read::read(item, diagnostics)
            else {
                continue;
            };
            // Duplicate keys of a mapping are found by the walk; those of the short form only here.
            if let Some(first) = places.insert(name.clone(), place.clone()) {
                let message = format!("method `{name}` is listed twice");
                let found = Diagnostic::new("E014", &place, message).help("leave out one of them");
                diagnostics.push(found.also(&first, "first listed here"));
                continue;
            }
            let empty = Node {
                kind: Kind::Mapping(Vec::new()),
                place: item.place.clone(),
            };
            list.list.extend(
                Method::read(&empty, diagnostics)
                    .map(|method| (Spanned { value: name, place }, method)),
            );
        }
        Some(Self { list })
    }
}

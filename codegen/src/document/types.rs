//! Types as written: objects, enums, unions and aliases, and the fields of objects.
//!
//! A type is recognised by its key. Type expressions stay texts here; `parse_type` reads them.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::parse::{Kind, Node, Scalar};

use super::Spanned;
use super::common::{About, Judged, OneOrMany};
use super::names::{Entries, Named, OptionalName};
use super::read::{Read, document, plain_documents, read_table, wrong_kind};
use super::scalars::{FromScalar, Literal, Numeral};
use super::schema::{Book, Described, Schema, TypeExpression};
use super::words::{Access, EnumOf, Extra, Format, Merge, Presence};

pub(crate) use super::expression::{Builtin, ShapeName, TypeExpr, parse_type};

/// Fields under their names.
pub(crate) type Fields = Entries<OptionalName, Field>;

document! {
    /// An object.
    struct ObjectType {
        /// Its fields.
        fields: required Fields,
        /// What happens to fields that are not described.
        extra: optional Spanned<Extra>,
        /// Keys that follow a pattern.
        dynamic: optional Dynamic,
        /// Groups of fields of which at least one is given when the object is written.
        one_of: many Vec<Spanned<Vec<Spanned<String>>>>,
        /// In which directions its fields travel unless they say otherwise.
        access: optional Spanned<Access>,
        /// How deep its values nest in each other at most when they are sent.
        max_depth: optional Judged<u64>,
        /// Words about it.
        about: flat About,
    }

    /// Keys that follow a pattern, such as `field123`.
    struct Dynamic {
        /// What they begin with.
        prefix: required Spanned<String>,
        /// The type of the rest of the key.
        key: required Spanned<String> as TypeExpression,
        /// The type of their values.
        value: required Spanned<String> as TypeExpression,
    }

    /// The long way to write an enum.
    struct LongEnum {
        /// Its values.
        values: required Vec<Spanned<LongEnumValue>>,
        /// What they are on the wire.
        of: optional Spanned<EnumOf>,
        /// Whether there may be values that are not described.
        open: optional Spanned<bool>,
        /// Words about it.
        about: flat About,
    }

    /// The long way to write a value of an enum.
    struct LongEnumValue {
        /// What the API writes.
        wire: required Spanned<Literal>,
        /// Words about it.
        about: flat About,
    }

    /// A union whose members a tag tells apart.
    struct TaggedType {
        /// The field that tells.
        tag: required Spanned<String>,
        /// The type for each of the tag's values.
        of: required Entries<super::names::WireKey, Spanned<String>> as Entries<super::names::WireKey, TypeExpression>,
        /// The field that holds the member, if it is not beside the tag.
        content: optional Spanned<String>,
        /// Whether there may be tags that are not described.
        open: optional Spanned<bool>,
        /// How deep its values nest in each other at most when they are sent.
        max_depth: optional Judged<u64>,
        /// Words about it.
        about: flat About,
    }

    /// A union of which the first member that fits is taken.
    struct FirstMatchType {
        /// The members.
        first_match: required Vec<Spanned<String>> as Vec<TypeExpression>,
        /// How deep its values nest in each other at most when they are sent.
        max_depth: optional Judged<u64>,
        /// Words about it.
        about: flat About,
    }

    /// A type of its own around another.
    struct AliasType {
        /// The other.
        alias: required Spanned<String> as TypeExpression,
        /// What a value may look like.
        example: optional Spanned<Literal>,
        /// Words about it.
        about: flat About,
    }

    /// A field of an object.
    struct Field {
        /// Its type.
        r#type: required Spanned<String> as TypeExpression,
        /// What the API calls it.
        wire: optional Spanned<String>,
        /// In which directions it travels.
        access: optional Spanned<Access>,
        /// Whether it has to be given to create.
        create: optional Spanned<Presence>,
        /// The type in which it is written, if not as it is read.
        sent_as: optional Spanned<String> as TypeExpression,
        /// How a nested object is patched.
        merge: optional Spanned<Merge>,
        /// How the value is written; of several forms the first.
        format: many OneOrMany<Spanned<Format>>,
        /// The time zone of a datetime that has none.
        tz: optional Spanned<TimeZone>,
        /// The value that a null stands for.
        null_is: optional Spanned<Literal>,
        /// Whether an object of nothing but nulls is none.
        hollow: optional Spanned<bool>,
        /// Whether it must not be shown.
        sensitive: optional Spanned<bool>,
        /// The only value.
        r#const: optional Spanned<Literal>,
        /// What the server takes when nothing is sent.
        default: optional Spanned<Literal>,
        /// What a value may look like.
        example: optional Spanned<Literal>,
        /// The least value, length or count.
        min: optional Judged<Numeral>,
        /// The greatest value, length or count.
        max: optional Judged<Numeral>,
        /// Words about it.
        about: flat About,
    }
}

plain_documents! { ObjectType Dynamic TaggedType FirstMatchType AliasType }

/// A type.
#[derive(Debug, Clone)]
pub(crate) enum Type {
    Object(ObjectType),
    Enum(EnumType),
    Tagged(TaggedType),
    FirstMatch(FirstMatchType),
    Alias(AliasType),
}

/// An enum.
#[derive(Debug, Clone)]
pub(crate) struct EnumType {
    pub(crate) values: Vec<EnumValue>,
    pub(crate) of: EnumOf,
    pub(crate) open: Option<Spanned<bool>>,
    pub(crate) about: About,
}

/// A value of an enum; for an enum of integers its text is one.
#[derive(Debug, Clone)]
pub(crate) struct EnumValue {
    pub(crate) wire: Spanned<String>,
    pub(crate) about: About,
}

impl Described for Type {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([
            book.table::<ObjectType>(),
            EnumType::describe(book),
            book.table::<TaggedType>(),
            book.table::<FirstMatchType>(),
            book.table::<AliasType>(),
        ])
    }
}

impl Read for Type {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        type Reader = fn(&Node, &mut Diagnostics) -> Option<Type>;
        const KINDS: [(&str, Reader); 5] = [
            ("fields", |node, found| {
                Read::read(node, found).map(Type::Object)
            }),
            ("values", |node, found| {
                Read::read(node, found).map(Type::Enum)
            }),
            ("tag", |node, found| {
                Read::read(node, found).map(Type::Tagged)
            }),
            ("first_match", |node, found| {
                Read::read(node, found).map(Type::FirstMatch)
            }),
            ("alias", |node, found| {
                Read::read(node, found).map(Type::Alias)
            }),
        ];
        match &node.kind {
            Kind::Sequence(_) => Read::read(node, diagnostics).map(Self::Enum),
            Kind::Scalar(scalar) => {
                let message = "a type is a mapping or a list of values, not an expression";
                let help = format!(
                    "write `{{alias: {}}}`, or use the expression where the type is used",
                    scalar.text
                );
                diagnostics.push(Diagnostic::new("E022", &node.place, message).help(help));
                None
            }
            Kind::Mapping(entries) => {
                let mut fitting = KINDS.iter().filter(|(key, _)| node.get(key).is_some());
                if let (Some((_, read)), None) = (fitting.next(), fitting.next()) {
                    return read(node, diagnostics);
                }
                let message = "the kind of the type cannot be told from its keys";
                let help =
                    "write exactly one of `fields`, `values`, `tag`, `first_match` and `alias`";
                let mut found = Diagnostic::new("E034", &node.place, message).help(help);
                for (key, _) in entries {
                    found = found.suggest(&key.value.text, KINDS.iter().map(|(kind, _)| *kind));
                }
                diagnostics.push(found);
                None
            }
        }
    }
}

impl Described for Field {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([TypeExpression::describe(book), book.table::<Self>()])
    }
}

impl Read for Field {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Scalar(_) = node.kind {
            // The rest is what an empty long form has, so that no key can be forgotten here.
            return read_table(&under_key("type", node), diagnostics);
        }
        read_table(node, diagnostics)
    }
}

impl Described for EnumType {
    fn describe(book: &mut Book) -> Schema {
        let values = Vec::<LongEnumValue>::describe(book);
        Schema::any_of([values, book.table::<LongEnum>()])
    }
}

impl Read for EnumType {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let LongEnum {
            values,
            of,
            open,
            about,
        } = match &node.kind {
            Kind::Sequence(_) => read_table(&under_key("values", node), diagnostics)?,
            Kind::Scalar(_) | Kind::Mapping(_) => read_table(node, diagnostics)?,
        };
        let of = of.map_or(EnumOf::String, |of| of.value);
        let mut read = Vec::with_capacity(values.len());
        for value in values {
            let LongEnumValue { wire, about } = value.value;
            let text = match of {
                EnumOf::String => wire.read_as::<String>(),
                EnumOf::Int => wire.read_as::<WholeNumber>().map(|number| Spanned {
                    value: number.value.0,
                    place: number.place,
                }),
            };
            match text {
                Ok(wire) => read.push(EnumValue { wire, about }),
                Err(found) => diagnostics.push(*found),
            }
        }
        Some(Self {
            values: read,
            of,
            open,
            about,
        })
    }
}

/// The long form of what was written short.
fn under_key(key: &str, node: &Node) -> Node {
    let place = node.place.clone();
    let key = Spanned {
        value: Scalar {
            text: key.to_owned(),
            plain: true,
        },
        place: place.clone(),
    };
    Node {
        kind: Kind::Mapping(vec![(key, node.clone())]),
        place,
    }
}

impl Described for LongEnumValue {
    fn describe(book: &mut Book) -> Schema {
        // A value that is written short is a scalar, whose kind `of` decides.
        Schema::any_of([Schema::text(), Schema::number(), book.table::<Self>()])
    }
}

impl Read for LongEnumValue {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            Kind::Scalar(_) => {
                let (doc, rust, deprecated, trust, source) = (None, None, None, None, None);
                let about = About {
                    doc,
                    rust,
                    deprecated,
                    trust,
                    source,
                };
                Some(Self {
                    wire: Read::read(node, diagnostics)?,
                    about,
                })
            }
            Kind::Sequence(_) => wrong_kind(node, "a value or a mapping with `wire`", diagnostics),
            Kind::Mapping(_) => read_table(node, diagnostics),
        }
    }
}

/// A value of an enum of integers, as its text.
struct WholeNumber(String);

impl FromScalar for WholeNumber {
    const EXPECTED: &'static str = "a whole number";

    fn describe_scalar() -> Schema {
        Schema::integer(i64::MIN, i64::MAX.unsigned_abs())
    }

    fn from_scalar(
        scalar: &Scalar,
        place: &crate::diagnostics::Place,
    ) -> Result<Self, Box<Diagnostic>> {
        let Numeral(text) = Numeral::from_scalar(scalar, place)?;
        if text.parse::<i64>().is_ok() {
            return Ok(Self(text));
        }
        let found = Diagnostic::new(
            "E023",
            place,
            format!("`{text}` is no whole number of 64 bits"),
        );
        Err(Box::new(
            found.help("write decimal digits, perhaps with `-` before"),
        ))
    }
}

/// The time zone of a datetime that is written without one.
#[derive(Debug, Clone)]
pub(crate) enum TimeZone {
    Utc,
    /// The field that names it.
    Field(Spanned<String>),
}

document! {
    /// The field that names a time zone.
    struct TimeZoneField {
        /// The field.
        field: required Spanned<String>,
    }
}

impl Described for TimeZone {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([Schema::words(&["utc"]), book.table::<TimeZoneField>()])
    }
}

impl Read for TimeZone {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            Kind::Scalar(scalar) if scalar.text == "utc" => Some(Self::Utc),
            Kind::Scalar(scalar) => {
                let found = super::words::unknown_word(&scalar.text, &["utc"], &node.place);
                diagnostics.push(found.help("write `utc` or `{field: <name>}`"));
                None
            }
            Kind::Sequence(_) | Kind::Mapping(_) => {
                read_table(node, diagnostics).map(|TimeZoneField { field }| Self::Field(field))
            }
        }
    }
}

/// Types under their names.
pub(crate) type Types = Named<Spanned<Type>>;

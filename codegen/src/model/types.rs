//! Types: as the description means them (`Type`) and as Rust items to emit (`Struct`, enums, unions).
//!
//! A description's object yields one `Struct` for each shape that a method uses; lowering decides
//! which, with what members and constructors. Emitters print them as they stand.

use super::{Doc, Name, Origin};

/// A named type of the description.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    /// `User`.
    pub name: Name,
    /// Words.
    pub doc: Doc,
    /// Which module its items live in.
    pub home: Home,
    /// What it is.
    pub kind: TypeKind,
    /// Where it is described.
    pub origin: Origin,
}

/// The module of a type's items.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Home {
    /// `<api>/types.rs`: used by several resources or by none.
    Types,
    /// The file of the one resource that uses it, by module name.
    Resource(String),
}

/// What a type is.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// Members by name.
    Object(ObjectType),
    /// A word of a list.
    Enum(EnumType),
    /// One of several types.
    Union(UnionType),
    /// A newtype over a string.
    Alias(AliasType),
}

/// An object and the Rust structs it becomes.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectType {
    /// As described, in file order.
    pub fields: Vec<Field>,
    /// Whether unknown members are kept.
    pub keep_extra: bool,
    /// Keys such as `field123`.
    pub dynamic: Option<Dynamic>,
    /// Groups of fields (wire names) of which at least one is given when the object is written.
    pub one_of: Vec<Vec<String>>,
    /// How deep values nest in each other at most when they are sent.
    pub max_depth: Option<u64>,
    /// The structs to emit, reading first; only shapes that are used.
    pub structs: Vec<Struct>,
}

/// Members that are named by a prefix and a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Dynamic {
    /// `field`.
    pub prefix: String,
    /// The key's type: `Ty::Int`, `Ty::Uint` or `Ty::String`.
    pub key: Ty,
    /// The value's type.
    pub value: Ty,
    /// The Rust member that holds the map.
    pub member: String,
}

/// A member as described.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Wire and Rust name.
    pub name: Name,
    /// Its type as read, without the format.
    pub ty: Ty,
    /// Its type as written where that differs.
    pub sent_as: Option<Ty>,
    /// Whether `null` may stand there.
    pub nullable: bool,
    /// Whether an answer may leave it out (`name?`).
    pub optional: bool,
    /// Whether `new<T>` must give it.
    pub required_on_create: bool,
    /// What the server takes when nothing is sent, as text for people.
    pub default: Option<String>,
    /// Who may set it and when.
    pub access: Access,
    /// How it looks on the wire.
    pub format: Format,
    /// Read as this when null, a JSON text: `false`.
    pub null_is: Option<String>,
    /// An object of nothing but nulls reads as none.
    pub hollow: bool,
    /// A constant on the wire, a JSON text.
    pub constant: Option<String>,
    /// Hidden from `Debug`, errors and logs.
    pub sensitive: bool,
    /// In a patch, a nested object is patched member by member.
    pub merge_deep: bool,
    /// An example for the docs, as text.
    pub example: Option<String>,
    /// Least value, length or count, as text.
    pub min: Option<String>,
    /// Greatest value, length or count, as text.
    pub max: Option<String>,
    /// Words.
    pub doc: Doc,
    /// Where it is described.
    pub origin: Origin,
}

/// Who may set a field and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read and written.
    Full,
    /// Set by the server.
    ReadOnly,
    /// Set once, when the object is made.
    CreateOnly,
    /// Sent, never answered.
    WriteOnly,
    /// A secret that only the answer to the creation shows.
    OnCreate,
}

/// How a value looks on the wire, where JSON's own form is not meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The type's usual form: RFC 3339 for `datetime`, a number for `int`, ISO 8601 for `duration`.
    Usual,
    /// A number inside a string.
    Text,
    /// Seconds since 1970, a number.
    EpochSeconds,
    /// Milliseconds since 1970, a number.
    EpochMillis,
    /// `2023-01-15T10:30:00`, no zone.
    Naive,
    /// The same, meant as UTC: `jiff::Timestamp` in Rust.
    NaiveUtc,
    /// `2023-01-15 10:30:00`, meant as UTC.
    Space,
    /// `2023-01-15T10:30:00+0000`.
    OffsetNoColon,
    /// A duration as a number of seconds.
    Seconds,
    /// A duration as a number of milliseconds.
    Millis,
    /// One of several forms of a moment.
    Several(Forms),
}

impl Format {
    /// How a value is written.
    #[must_use]
    pub fn written(self) -> Self {
        match self {
            Self::Several(forms) => forms.write.format(),
            one => one,
        }
    }
}

/// Several forms of a moment: all are read, one is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forms {
    /// The one that is written, and read as well.
    pub write: Moment,
    /// The others that are read, in file order.
    pub also: [Option<Moment>; 5],
}

/// A form of a moment that may be one of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are those of `Format`")]
pub enum Moment {
    Rfc3339,
    OffsetNoColon,
    NaiveUtc,
    Space,
    EpochSeconds,
    EpochMillis,
}

impl Moment {
    /// The form alone.
    #[must_use]
    pub fn format(self) -> Format {
        match self {
            Self::Rfc3339 => Format::Usual,
            Self::OffsetNoColon => Format::OffsetNoColon,
            Self::NaiveUtc => Format::NaiveUtc,
            Self::Space => Format::Space,
            Self::EpochSeconds => Format::EpochSeconds,
            Self::EpochMillis => Format::EpochMillis,
        }
    }
}

/// A resolved type expression; becomes a Rust type.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    /// `String`
    String,
    /// `i64`
    Int,
    /// `u64`
    Uint,
    /// `f64`, never NaN or infinite
    Float,
    /// `Decimal` (exact text)
    Decimal,
    /// `bool`
    Bool,
    /// `Timestamp` (`jiff`)
    Timestamp,
    /// `DateTime` (`jiff::civil`)
    CivilDateTime,
    /// `Date` (`jiff::civil`)
    Date,
    /// `Time` (`jiff::civil`)
    Time,
    /// `SignedDuration` (`jiff`)
    Duration,
    /// `Uuid` (runtime)
    Uuid,
    /// `Url` (runtime)
    Url,
    /// `Bytes`, base64 on the wire (runtime's newtype `Base64`)
    Bytes,
    /// `Json`
    Json,
    /// `SecretString`: a write-only sensitive string
    Secret,
    /// `Upload`, a part of a multipart body
    File,
    /// `Vec<T>`
    List(Box<Ty>),
    /// `BTreeMap<String, T>`
    Map(Box<Ty>),
    /// `Option<T>`
    Nullable(Box<Ty>),
    /// An item to emit, in the shape that is meant
    Item(Item),
    /// The same behind a `Box`, where a cycle by value needs one
    Boxed(Item),
}

impl Ty {
    /// Whether a file stands in it by value, as one of a list or as it is.
    #[must_use]
    pub fn holds_file(&self) -> bool {
        match self {
            Self::File => true,
            Self::List(inner) | Self::Map(inner) | Self::Nullable(inner) => inner.holds_file(),
            _ => false,
        }
    }
}

/// A reference to an emitted item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// The Rust name, `NewUser`.
    pub rust: String,
    /// Its module.
    pub home: Home,
}

/// One Rust struct.
#[derive(Clone, Debug, PartialEq)]
pub struct Struct {
    /// `NewUser`.
    pub rust: String,
    /// Which part of the object's life it serves.
    pub shape: Shape,
    /// One sentence that opens its documentation.
    pub summary: String,
    /// More words.
    pub doc: Doc,
    /// In order: for writing shapes those that the constructor takes come first.
    pub members: Vec<Member>,
    /// How it is made.
    pub constructor: Constructor,
    /// Emit a member `extra: BTreeMap<String, Json>`.
    pub keep_extra: bool,
    /// Emit the map of dynamic members.
    pub dynamic: Option<Dynamic>,
    /// Some member is sensitive: `Debug` is emitted, not derived.
    pub sensitive: bool,
    /// It is sent as a multipart body.
    pub in_parts: bool,
    /// The `put` struct that a read model can be turned into: its name and the method's, `to_put`.
    pub to_put: Option<(String, String)>,
    /// How deep values nest in each other at most when they are sent.
    pub max_depth: Option<u64>,
    /// Civil datetimes whose zone another member names.
    pub zones: Vec<Zone>,
}

/// A civil datetime and the way to the name of its zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// The method that joins them, `seen_at_zoned`.
    pub method: String,
    /// The member that holds the datetime.
    pub member: String,
    /// It may not be there.
    pub optional: bool,
    /// The members on the way, each with whether it may not be there.
    pub path: Vec<(String, bool)>,
}

/// Which part of an object's life a struct serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Read only: `#[non_exhaustive]`, `Deserialize`.
    Read,
    /// Read, where the caller selected members: `Partial…`.
    Partial,
    /// Read and written: one type without access marks.
    Both,
    /// To create: `New…`.
    New,
    /// To replace: exhaustive, no constructor.
    Put,
    /// To change: `…Patch`.
    Patch,
    /// To write where omitted members are cleared: exhaustive, no constructor.
    Explicit,
}

/// How a writing struct is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constructor {
    /// None: it is read, or written as a literal.
    None,
    /// `new(a, b, c)`: zero to three required members.
    New,
    /// `builder()` with a step for each of four or more required members; the module of the steps.
    Staged {
        /// `new_order`.
        module: String,
    },
}

/// A member of one struct.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Wire and Rust name.
    pub name: Name,
    /// The type that stands in the table, without the `Option`, `Vec` or `Patch` that `how` adds.
    pub ty: Ty,
    /// Presence.
    pub how: How,
    /// Wire form.
    pub format: Format,
    /// Hidden from `Debug`.
    pub sensitive: bool,
    /// Read as this when null, a JSON text.
    pub null_is: Option<String>,
    /// An object of nothing but nulls reads as none.
    pub hollow: bool,
    /// Sent always with this JSON text and not a member of the struct, on writing shapes.
    pub constant: Option<String>,
    /// Words, with default and limits already in them.
    pub doc: Doc,
    /// The field's wire name in the type.
    pub field: String,
}

/// Presence of a member; decides the Rust type around `ty`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `T`; an answer without it is an error, a body always has it.
    Required,
    /// `Option<T>`; absent and null are both `None`, `None` is not written.
    Optional,
    /// `Option<T>`; always written, `None` as null. Only in `Put` and `Explicit`.
    Nullable,
    /// `Vec<T>`; absent is empty, an empty one is not written. Only where the wire may leave it out.
    List,
    /// `Patch<T>`: absent, null or a value. Only in `Patch`.
    Patch,
}

/// An enum.
#[derive(Clone, Debug, PartialEq)]
pub struct EnumType {
    /// Whether unknown values are kept.
    pub open: bool,
    /// Integers on the wire instead of strings.
    pub of_int: bool,
    /// In file order.
    pub values: Vec<EnumValue>,
    /// Whether any method reads it.
    pub read: bool,
    /// Whether any method writes it.
    pub written: bool,
}

/// A value of an enum.
#[derive(Clone, Debug, PartialEq)]
pub struct EnumValue {
    /// The wire text (for integers its decimal form) and the variant.
    pub name: Name,
    /// Words.
    pub doc: Doc,
    /// Where it is described.
    pub origin: Origin,
}

/// A union.
#[derive(Clone, Debug, PartialEq)]
pub struct UnionType {
    /// `Some(member)` for a tagged one; `None` tries the variants in order by JSON kind and constants.
    pub tag: Option<String>,
    /// The member that holds the variant's content; `None`: beside the tag.
    pub content: Option<String>,
    /// Whether unknown tags are kept.
    pub open: bool,
    /// In file order.
    pub variants: Vec<Variant>,
    /// Without a tag: indices of the variants in the order in which they are tried.
    pub tried: Vec<usize>,
    /// How deep values nest in each other at most when they are sent.
    pub max_depth: Option<u64>,
    /// Whether any method reads it.
    pub read: bool,
    /// Whether any method writes it.
    pub written: bool,
}

/// A variant of a union.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// The tag's value on the wire (empty without a tag) and the variant's name.
    pub name: Name,
    /// The function that makes it, where the union is sent: `card`; empty if another has this name.
    pub maker: String,
    /// What it holds, always an item, a scalar or a list.
    pub ty: Ty,
    /// Without a tag: what tells it from the others.
    pub discriminator: Discriminator,
}

/// What tells an untagged variant from the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discriminator {
    /// The tag does.
    Tag,
    /// The JSON kind: one of `object list string number bool`.
    Kind(JsonKind),
    /// Constant members, wire name and JSON text, that an object must have.
    Constants(Vec<(String, String)>),
    /// Members, by wire names, that an object must have: what is tried later lacks one of them.
    Members(Vec<String>),
}

/// The kinds of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JsonKind {
    /// `{…}`
    Object,
    /// `[…]`
    List,
    /// `"…"`
    String,
    /// `1`
    Number,
    /// `true`
    Bool,
}

/// A newtype over a string.
#[derive(Clone, Debug, PartialEq)]
pub struct AliasType {
    /// What is inside; `Ty::String`, `Ty::Int`, `Ty::Uint`, `Ty::Uuid`.
    pub inner: Ty,
    /// For the docs.
    pub example: Option<String>,
}

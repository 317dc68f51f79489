//! What editors are told about descriptions: a JSON Schema (draft 2020-12), made of the document
//! types themselves, so that no key can be forgotten.
//!
//! A schema says what a value may look like by itself and nothing about what names mean. It must
//! accept everything that the readers accept; what only they can see is listed in the tests.

mod json;
mod patterns;

use std::collections::BTreeMap;

pub(crate) use json::Json;
pub(super) use patterns::{NAME, Request, TypeExpression};

use super::read::Table;
use super::{Api, Named, Resource, Spanned, Types};

/// Something that editors can be told about.
#[diagnostic::on_unimplemented(
    message = "editors are not told what may be written for `{Self}`",
    note = "`document!` with `plain_documents!`, `words!` and `scalars!` implement `Described`; \
            beside an `impl Read` by hand stands an `impl Described` that joins its ways of \
            writing: `Schema::any_of([String::describe(book), book.table::<LongOut>()])`"
)]
pub(crate) trait Described {
    /// What may be written; the tables that it mentions are added to the book.
    fn describe(book: &mut Book) -> Schema;
}

/// The schema of a value: keywords of JSON Schema in the order in which they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schema(Vec<(&'static str, Json)>);

impl Schema {
    /// Whatever there is.
    pub(crate) fn anything() -> Self {
        Self(Vec::new())
    }

    fn typed(kind: &str) -> Self {
        Self(vec![("type", Json::text(kind))])
    }

    pub(crate) fn text() -> Self {
        Self::typed("string")
    }

    /// A text that fits all of a pattern, which both Rust and ECMAScript understand.
    pub(crate) fn pattern(pattern: &str) -> Self {
        Self::text().with("pattern", Json::Text(format!("^(?:{pattern})$")))
    }

    pub(crate) fn boolean() -> Self {
        Self::typed("boolean")
    }

    pub(crate) fn number() -> Self {
        Self::typed("number")
    }

    pub(crate) fn integer(least: i64, greatest: u64) -> Self {
        Self::typed("integer")
            .with("minimum", Json::Integer(i128::from(least)))
            .with("maximum", Json::Integer(i128::from(greatest)))
    }

    /// One of these texts.
    pub(crate) fn words(words: &[&str]) -> Self {
        let list = words.iter().map(|word| Json::text(word)).collect();
        Self(vec![("enum", Json::List(list))])
    }

    /// The unquoted word `true`.
    pub(crate) fn only_true() -> Self {
        Self(vec![("const", Json::Bool(true))])
    }

    pub(crate) fn list_of(item: Self) -> Self {
        Self::typed("array").with("items", item.into_json())
    }

    /// A mapping with keys of the author's choice.
    pub(crate) fn map_of(key: Self, value: Self) -> Self {
        let mut map = Self::typed("object");
        // Keys are texts anyway.
        if key != Self::text() {
            map = map.with("propertyNames", key.into_json());
        }
        map.with("additionalProperties", value.into_json())
    }

    /// A mapping with this one key.
    pub(crate) fn single(key: &'static str, value: Self) -> Self {
        Self::object(vec![(key, value)], &[key])
    }

    fn object(properties: Vec<(&'static str, Self)>, required: &[&str]) -> Self {
        let properties = properties
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.into_json()))
            .collect();
        let mut object = Self::typed("object").with("properties", Json::Map(properties));
        if !required.is_empty() {
            let list = required.iter().map(|key| Json::text(key)).collect();
            object = object.with("required", Json::List(list));
        }
        object.with("additionalProperties", Json::Bool(false))
    }

    /// One of several ways to write a value; alternatives of alternatives become one list.
    pub(crate) fn any_of(ways: impl IntoIterator<Item = Self>) -> Self {
        let mut list = Vec::new();
        for way in ways {
            match way.0.as_slice() {
                [("anyOf", Json::List(inner))] => list.extend(inner.iter().cloned()),
                _ => list.push(way.into_json()),
            }
        }
        Self(vec![("anyOf", Json::List(list))])
    }

    /// A text of so many characters or more.
    pub(crate) fn at_least(self, characters: u8) -> Self {
        self.with("minLength", Json::Integer(characters.into()))
    }

    /// What an editor may suggest where a pattern is all that is known.
    pub(crate) fn with_examples<'a>(self, examples: impl IntoIterator<Item = &'a str>) -> Self {
        let list = examples.into_iter().map(Json::text).collect();
        self.with("examples", Json::List(list))
    }

    /// Puts the words in front of it that the document type has for it.
    fn described(mut self, words: &str) -> Self {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if !words.is_empty() {
            self.0.insert(0, ("description", Json::Text(words)));
        }
        self
    }

    fn with(mut self, keyword: &'static str, value: Json) -> Self {
        self.0.push((keyword, value));
        self
    }

    fn into_json(self) -> Json {
        let members = self.0.into_iter();
        Json::Map(
            members
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    }
}

/// The definitions that a schema refers to, by the names of their structs.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// Nothing while it is being written: a definition may refer to itself.
    definitions: BTreeMap<&'static str, (&'static str, Option<Schema>)>,
}

impl Book {
    /// A reference to a definition, which is written when it is mentioned first.
    pub(crate) fn define<T>(
        &mut self,
        name: &'static str,
        describe: impl FnOnce(&mut Self) -> Schema,
    ) -> Schema {
        let of = std::any::type_name::<T>();
        if let Some((known, _)) = self.definitions.get(name) {
            assert_eq!(*known, of, "a definition has its name for itself");
        } else {
            self.definitions.insert(name, (of, None));
            let schema = describe(self);
            self.definitions.insert(name, (of, Some(schema)));
        }
        Schema(vec![("$ref", Json::Text(format!("#/$defs/{name}")))])
    }

    /// What the readers' `read_table` takes: a mapping of the struct's keys.
    pub(crate) fn table<T: Table>(&mut self) -> Schema {
        T::describe_table(self)
    }

    /// The schema of a struct of keys, with the words about it.
    pub(crate) fn keys_of<T: Table>(&mut self, words: &str) -> Schema {
        let mut keys = KeySchemas {
            book: self,
            properties: Vec::new(),
            required: Vec::new(),
        };
        T::describe_keys(&mut keys);
        let KeySchemas {
            properties,
            required,
            ..
        } = keys;
        Schema::object(properties, &required).described(words)
    }
}

/// The keys of a struct while they are described.
pub(crate) struct KeySchemas<'b> {
    book: &'b mut Book,
    properties: Vec<(&'static str, Schema)>,
    required: Vec<&'static str>,
}

impl KeySchemas<'_> {
    /// A key that has to be there.
    pub(crate) fn required<T: Described>(&mut self, key: &'static str, words: &str) {
        self.required.push(key);
        self.optional::<T>(key, words);
    }

    /// A key that may be left out.
    pub(crate) fn optional<T: Described>(&mut self, key: &'static str, words: &str) {
        let schema = T::describe(self.book).described(words);
        self.properties.push((key, schema));
    }

    /// A key that may be left out and is empty then.
    pub(crate) fn many<T: Described>(&mut self, key: &'static str, words: &str) {
        self.optional::<T>(key, words);
    }
}

/// The schema of a file of a description.
///
/// A further file of a folder has no other keys than `types` and `resources`, and a main file has
/// others.
#[must_use]
pub(crate) fn editor_schema() -> String {
    let mut book = Book::default();
    let main = book.table::<Api>();
    let further = book.define::<Further>("Further", Further::describe);
    let names = Json::List(["types", "resources"].map(Json::text).into());
    let only_further = Json::map([("propertyNames", Json::map([("enum", names)]))]);
    let definitions = book.definitions.into_iter().map(|(name, (_, schema))| {
        let schema = schema.expect("a definition is written before its first mention ends");
        (name.to_owned(), schema.into_json())
    });
    let whole = Json::map([
        (
            "$schema",
            Json::text("https://json-schema.org/draft/2020-12/schema"),
        ),
        (
            "title",
            Json::text("Description of an HTTP API for Etiquette"),
        ),
        ("$comment", Json::text(MADE)),
        ("type", Json::text("object")),
        ("if", only_further),
        ("then", further.into_json()),
        ("else", main.into_json()),
        ("$defs", Json::Map(definitions.collect())),
    ]);
    whole.render()
}

/// Where the file comes from.
const MADE: &str = "Written by `cargo xtask generate` from the document types of the generator.";

/// The keys of a further file, which is joined with the main one before anything is read.
struct Further;

impl Described for Further {
    fn describe(book: &mut Book) -> Schema {
        let types = Types::describe(book).described("Its types.");
        let resources = Named::<Spanned<Resource>>::describe(book).described("Its resources.");
        Schema::object(vec![("types", types), ("resources", resources)], &[])
            .described("A further file of an API's folder.")
    }
}

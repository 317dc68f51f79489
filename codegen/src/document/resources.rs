//! Resources as written: the tree that people call.
//! Short forms become long ones while they are read. Must not join paths, nor ask whether a field
//! or type of a key exists: lowering does.

use crate::diagnostics::Diagnostics;
use crate::parse::{Kind, Node};

use super::Spanned;
use super::common::{About, Note, is_word};
use super::methods::{Defaults, Methods};
use super::names::Named;
use super::read::{Read, document, plain_documents, read_table};
use super::schema::{Book, Described, Schema, TypeExpression};
use super::types::Fields;
use super::words::{At, Extra, FilterOp};

document! {
    /// A resource, or a namespace if it has no path.
    struct Resource {
        /// Where its items are listed.
        path: optional Spanned<String>,
        /// The type of its items.
        r#type: optional Spanned<String> as TypeExpression,
        /// The fields of that type, if it is described here.
        fields: optional Spanned<Fields>,
        /// What happens to fields of that type that are not described.
        extra: optional Spanned<Extra>,
        /// What names an item.
        key: optional Spanned<ResourceKey>,
        /// Other ways to name an item.
        alt_keys: many Named<AltKey>,
        /// By which fields it can be filtered.
        filters: optional Spanned<ResourceFilters>,
        /// What its methods and children inherit.
        defaults: optional Defaults,
        /// What can be called.
        methods: optional Methods,
        /// Resources below it.
        children: many Named<Spanned<Resource>>,
        /// To what its path is appended, if not to its parent's item path.
        at: optional Spanned<At>,
        /// Facts and open questions.
        notes: many Vec<Note>,
        /// Words about it.
        about: flat About,
    }

    /// Another way to name an item.
    struct AltKey {
        /// The path of the item.
        path: optional Spanned<String>,
        /// The fields that name it.
        fields: required Vec<Spanned<String>>,
    }

    /// By which fields a resource can be filtered.
    struct ResourceFilters {
        /// How filters are written.
        r#use: optional Spanned<String>,
        /// What may be asked of which field.
        fields: many Named<FilterField>,
        /// What may be asked of members whose names are data.
        dynamic: optional Spanned<DynamicFilters>,
    }

    /// What may be asked of members whose names are data.
    struct DynamicFilters {
        /// The type of the value that they are compared with.
        r#type: optional Spanned<String> as TypeExpression,
        /// The operations.
        ops: required Spanned<FilterOps>,
    }

    /// What may be asked of a field.
    struct FilterField {
        /// What the API calls the field.
        wire: optional Spanned<String>,
        /// The type of the value that it is compared with.
        r#type: optional Spanned<String> as TypeExpression,
        /// The operations.
        ops: required Spanned<FilterOps>,
    }

    /// The long way to write a part of a key that is no field.
    struct TypedKey {
        /// Its type.
        r#type: required Spanned<String> as TypeExpression,
    }
}

plain_documents! { Resource AltKey ResourceFilters DynamicFilters }

/// What names an item: placeholders of the item's path and what each of them is.
#[derive(Debug, Clone)]
pub(crate) struct ResourceKey {
    pub(crate) parts: Vec<KeyPart>,
}

/// A placeholder of a path.
#[derive(Debug, Clone)]
pub(crate) struct KeyPart {
    pub(crate) placeholder: Spanned<String>,
    pub(crate) from: KeySource,
}

/// What stands for a placeholder.
#[derive(Debug, Clone)]
pub(crate) enum KeySource {
    /// A field of the resource's type.
    Field(Spanned<String>),
    /// A value of this type that is no field.
    Type(Spanned<String>),
}

/// The operations of a filter.
#[derive(Debug, Clone)]
pub(crate) enum FilterOps {
    All,
    List(Vec<Spanned<FilterOp>>),
}

impl Described for ResourceKey {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([
            String::describe(book),
            Vec::<String>::describe(book),
            Named::<KeySource>::describe(book),
        ])
    }
}

impl Read for ResourceKey {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let same = |name: Spanned<String>| KeyPart {
            placeholder: name.clone(),
            from: KeySource::Field(name),
        };
        let parts = match &node.kind {
            Kind::Scalar(_) => vec![same(Read::read(node, diagnostics)?)],
            Kind::Sequence(_) => Vec::read(node, diagnostics)?
                .into_iter()
                .map(same)
                .collect(),
            Kind::Mapping(_) => {
                let entries: Named<KeySource> = Read::read(node, diagnostics)?;
                entries
                    .list
                    .into_iter()
                    .map(|(placeholder, from)| KeyPart { placeholder, from })
                    .collect()
            }
        };
        Some(Self { parts })
    }
}

impl Described for KeySource {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([String::describe(book), book.table::<TypedKey>()])
    }
}

impl Read for KeySource {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Scalar(_) = node.kind {
            return Read::read(node, diagnostics).map(Self::Field);
        }
        read_table(node, diagnostics).map(|TypedKey { r#type }| Self::Type(r#type))
    }
}

impl Described for FilterField {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([Vec::<FilterOp>::describe(book), book.table::<Self>()])
    }
}

impl Read for FilterField {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Sequence(_) = node.kind {
            return Some(Self {
                wire: None,
                r#type: None,
                ops: Read::read(node, diagnostics)?,
            });
        }
        read_table(node, diagnostics)
    }
}

impl Described for FilterOps {
    fn describe(book: &mut Book) -> Schema {
        Schema::any_of([Schema::words(&["all"]), Vec::<FilterOp>::describe(book)])
    }
}

impl Read for FilterOps {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if is_word(node, "all") {
            return Some(Self::All);
        }
        Read::read(node, diagnostics).map(Self::List)
    }
}

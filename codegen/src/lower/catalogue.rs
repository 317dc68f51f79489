//! The types of a description while they are being lowered: numbered, with their names, what they
//! are made of, and which of them a method has asked for in which mode.
//!
//! An expression that could not be resolved is `Expr::Broken`; nothing complains about it again.

use std::collections::BTreeMap;

use crate::diagnostics::Place;
use crate::document::Spanned;
use crate::model::{self, Doc, Format, Home, Item, Name, Ty};

/// A described type, by its position in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TypeId(pub(super) usize);

/// A resolved type expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// A type of the language.
    Scalar(Ty),
    /// A type of the description, in the mode of whatever holds it.
    Named(TypeId),
    /// A type in a mode of its own.
    Shaped(Mode, TypeId),
    List(Box<Expr>),
    Map(Box<Expr>),
    Nullable(Box<Expr>),
    /// Refused already.
    Broken,
}

/// What a type is used for, which decides the struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    Read,
    /// Read, with members that were not selected left out.
    Partial,
    New,
    Put,
    Patch,
    /// An entry of `Catalogue::explicit`.
    Explicit(usize),
}

/// A type with everything that does not depend on its use.
#[derive(Clone, Debug)]
pub(super) struct Described {
    pub(super) name: Name,
    pub(super) doc: Doc,
    pub(super) place: Place,
    pub(super) kind: Kind,
    /// The method that sends it, if it is a body that is described where it is used.
    pub(super) body_of: Option<String>,
    /// Reading and writing it are two things.
    pub(super) marked: bool,
}

/// What a type is made of.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Object(Object),
    Enum(model::EnumType),
    Union(Union),
    Alias {
        inner: Ty,
        example: Option<String>,
    },
    /// Refused already.
    Broken,
}

/// An object.
#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    pub(super) fields: Vec<Field>,
    pub(super) keep_extra: bool,
    pub(super) dynamic: Option<Dynamic>,
    pub(super) one_of: Vec<Vec<String>>,
    pub(super) max_depth: Option<u64>,
}

/// Members that are named by a prefix and a key.
#[derive(Clone, Debug)]
pub(super) struct Dynamic {
    pub(super) prefix: String,
    pub(super) key: Ty,
    pub(super) value: Expr,
    pub(super) member: String,
}

/// A field; the model's field lacks only its types.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) field: model::Field,
    /// As described, before any case was applied.
    pub(super) described: String,
    pub(super) read: Expr,
    pub(super) sent: Option<Expr>,
    /// How it is written; `field.format` is how it is read.
    pub(super) write_format: Format,
    /// `create` was said.
    pub(super) create_said: bool,
    /// The field that names the zone of a civil datetime.
    pub(super) zone: Option<Spanned<String>>,
    pub(super) place: Place,
}

/// A union.
#[derive(Clone, Debug)]
pub(super) struct Union {
    pub(super) tag: Option<String>,
    pub(super) content: Option<String>,
    pub(super) open: bool,
    pub(super) variants: Vec<Variant>,
    /// In which order they are tried.
    pub(super) tried: Vec<usize>,
    pub(super) max_depth: Option<u64>,
}

/// A variant of a union.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub(super) name: Name,
    pub(super) expr: Expr,
    pub(super) discriminator: model::Discriminator,
    pub(super) place: Place,
}

/// The struct of a write in which the server clears what is omitted.
#[derive(Clone, Debug)]
pub(super) struct Explicit {
    pub(super) base: Mode,
    /// Wire names of what is cleared.
    pub(super) cleared: Vec<String>,
    pub(super) rust: String,
    pub(super) operation: String,
    pub(super) place: Place,
}

/// A type that somebody asked for.
#[derive(Clone, Debug)]
pub(super) struct Root {
    pub(super) of: TypeId,
    pub(super) mode: Mode,
    /// The module of the resource; `None`: the API itself.
    pub(super) module: Option<String>,
}

/// All types.
#[derive(Clone, Debug, Default)]
pub(super) struct Catalogue {
    pub(super) list: Vec<Described>,
    pub(super) by_name: BTreeMap<String, TypeId>,
    /// The same by Rust names.
    pub(super) by_rust: BTreeMap<String, TypeId>,
    pub(super) explicit: Vec<Explicit>,
    /// What a partial object holds whatever was selected, by wire names.
    pub(super) keeps: BTreeMap<TypeId, Vec<String>>,
    pub(super) roots: Vec<Root>,
}

impl Catalogue {
    pub(super) fn get(&self, id: TypeId) -> &Described {
        &self.list[id.0]
    }

    pub(super) fn object(&self, id: TypeId) -> Option<&Object> {
        match &self.get(id).kind {
            Kind::Object(object) => Some(object),
            Kind::Enum(_) | Kind::Union(_) | Kind::Alias { .. } | Kind::Broken => None,
        }
    }

    /// Whether it is an object, lowered or not.
    pub(super) fn is_object(&self, id: TypeId) -> bool {
        self.object(id).is_some()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = TypeId> + use<> {
        (0..self.list.len()).map(TypeId)
    }

    /// Adds a type that no expression can name.
    pub(super) fn add(&mut self, described: Described) -> TypeId {
        self.list.push(described);
        TypeId(self.list.len() - 1)
    }

    /// The mode of a type that stands inside a struct of another mode.
    pub(super) fn nested_mode(&self, outer: Mode, inner: TypeId, merged: bool) -> Mode {
        match outer {
            Mode::Read | Mode::Partial => Mode::Read,
            Mode::New | Mode::Explicit(_) => Mode::New,
            // Without marks there is one type for everything, so there is nothing to replace with.
            Mode::Put if self.get(inner).marked && self.object(inner).is_some() => Mode::Put,
            Mode::Put => Mode::New,
            Mode::Patch if merged && self.object(inner).is_some() => Mode::Patch,
            // What is replaced whole is made anew.
            Mode::Patch => Mode::New,
        }
    }

    /// The name of the Rust item.
    pub(super) fn item_name(&self, id: TypeId, mode: Mode) -> String {
        let described = self.get(id);
        let rust = &described.name.rust;
        if !matches!(described.kind, Kind::Object(_)) {
            return rust.clone();
        }
        match mode {
            Mode::New if described.marked => format!("New{rust}"),
            Mode::Read | Mode::New => rust.clone(),
            Mode::Partial => format!("Partial{rust}"),
            Mode::Put => format!("{rust}Replacement"),
            Mode::Patch => format!("{rust}Patch"),
            Mode::Explicit(index) => self.explicit[index].rust.clone(),
        }
    }

    /// The expression's type inside something of this mode. The homes of items are settled last.
    pub(super) fn ty(&self, expr: &Expr, mode: Mode, merged: bool) -> Ty {
        match expr {
            Expr::Scalar(ty) => ty.clone(),
            Expr::Named(id) => self.item(*id, self.nested_mode(mode, *id, merged)),
            Expr::Shaped(mode, id) => self.item(*id, *mode),
            Expr::List(inner) => Ty::List(Box::new(self.ty(inner, mode, false))),
            Expr::Map(inner) => Ty::Map(Box::new(self.ty(inner, mode, false))),
            Expr::Nullable(inner) => Ty::Nullable(Box::new(self.ty(inner, mode, merged))),
            Expr::Broken => Ty::Json,
        }
    }

    fn item(&self, id: TypeId, mode: Mode) -> Ty {
        Ty::Item(Item {
            rust: self.item_name(id, mode),
            home: Home::Types,
        })
    }

    /// The expression's type, and a note that it is needed.
    pub(super) fn require(&mut self, expr: &Expr, mode: Mode, module: Option<&str>) -> Ty {
        let mut found = Vec::new();
        expr.references(&mut found);
        for reference in found {
            let (of, mode) = match reference {
                (None, id) => (id, self.nested_mode(mode, id, false)),
                (Some(own), id) => (id, own),
            };
            self.roots.push(Root {
                of,
                mode,
                module: module.map(str::to_owned),
            });
        }
        self.ty(expr, mode, false)
    }
}

impl Expr {
    /// The types in it, each with its own mode if it has one.
    pub(super) fn references(&self, found: &mut Vec<(Option<Mode>, TypeId)>) {
        match self {
            Self::Scalar(_) | Self::Broken => {}
            Self::Named(id) => found.push((None, *id)),
            Self::Shaped(mode, id) => found.push((Some(*mode), *id)),
            Self::List(inner) | Self::Map(inner) | Self::Nullable(inner) => inner.references(found),
        }
    }

    /// Without the `| null`, and whether there was one.
    pub(super) fn split_null(&self) -> (&Self, bool) {
        match self {
            Self::Nullable(inner) => (inner, true),
            other => (other, false),
        }
    }

    /// What stands inside lists, maps and `| null`.
    pub(super) fn innermost(&self) -> &Self {
        match self {
            Self::List(inner) | Self::Map(inner) | Self::Nullable(inner) => inner.innermost(),
            other => other,
        }
    }
}

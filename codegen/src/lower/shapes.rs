//! Shapes: which structs of an object are needed, walked from the methods, and what they are.
//! Assumes that all methods have asked for their types. Must not lay out a struct that no method
//! reaches: what is generated would otherwise grow with the description and not with its use.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{
    self, Access, AliasType, Constructor, Doc, Dynamic, EnumType, Home, How, Member, ObjectType,
    Shape, Struct, Ty, Type, TypeKind, UnionType,
};
use crate::names;

use super::catalogue::{Catalogue, Described, Explicit, Expr, Kind, Mode, Object, TypeId, Union};
use super::members::{self, Layout};
use super::{words, zones};

/// Who uses a type: the module of the one resource, or several or the API itself.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Users {
    One(String),
    Many,
}

/// Everything that is needed, in which mode, and by whom.
#[derive(Debug, Default)]
pub(super) struct Uses(BTreeMap<(TypeId, Mode), Users>);

impl Uses {
    fn has(&self, id: TypeId, mode: Mode) -> bool {
        self.0.contains_key(&(id, mode))
    }

    fn of(&self, id: TypeId) -> impl Iterator<Item = (Mode, &Users)> {
        self.0
            .range((id, Mode::Read)..=(id, Mode::Explicit(usize::MAX)))
            .map(|((_, mode), users)| (*mode, users))
    }

    fn is_read(&self, id: TypeId) -> bool {
        self.has(id, Mode::Read) || self.has(id, Mode::Partial)
    }

    fn is_written(&self, id: TypeId) -> bool {
        self.of(id)
            .any(|(mode, _)| !matches!(mode, Mode::Read | Mode::Partial))
    }

    fn home(&self, id: TypeId) -> Home {
        let mut modules = self.of(id).map(|(_, users)| users);
        let Some(Users::One(first)) = modules.next() else {
            return Home::Types;
        };
        if modules.all(|users| *users == Users::One(first.clone())) {
            Home::Resource(first.clone())
        } else {
            Home::Types
        }
    }
}

/// Whether a field of this access is part of an object in this mode.
pub(super) fn is_in(access: Access, mode: Mode) -> bool {
    match mode {
        Mode::Read | Mode::Partial => access != Access::WriteOnly,
        Mode::New | Mode::Explicit(_) => matches!(
            access,
            Access::Full | Access::CreateOnly | Access::WriteOnly
        ),
        Mode::Put | Mode::Patch => matches!(access, Access::Full | Access::WriteOnly),
    }
}

/// Follows all that methods ask for to all that it is made of.
pub(super) fn follow_uses(types: &Catalogue, diagnostics: &mut Diagnostics) -> Uses {
    let mut uses = Uses::default();
    let mut waiting: Vec<(TypeId, Mode, Users)> = Vec::new();
    for root in types.roots.iter().rev() {
        let users = root.module.clone().map_or(Users::Many, Users::One);
        waiting.push((root.of, root.mode, users));
    }
    while let Some((id, mode, users)) = waiting.pop() {
        let known = uses.0.get(&(id, mode));
        let users = match known {
            None => users,
            Some(known) if *known == users || *known == Users::Many => continue,
            Some(_) => Users::Many,
        };
        uses.0.insert((id, mode), users.clone());
        for (inner, inner_mode) in inner_uses(types, id, mode, diagnostics) {
            waiting.push((inner, inner_mode, users.clone()));
        }
    }
    uses
}

fn inner_uses(
    types: &Catalogue,
    id: TypeId,
    mode: Mode,
    diagnostics: &mut Diagnostics,
) -> Vec<(TypeId, Mode)> {
    let mut inner = Vec::new();
    match &types.get(id).kind {
        Kind::Object(object) => {
            for (expr, merged) in exprs_of(types, object, mode, diagnostics) {
                add_references(types, expr, mode, merged, &mut inner);
            }
        }
        Kind::Union(union) => {
            refuse_written(types, id, union, mode, diagnostics);
            for variant in &union.variants {
                add_references(types, &variant.expr, mode, false, &mut inner);
            }
        }
        Kind::Enum(_) | Kind::Alias { .. } | Kind::Broken => {}
    }
    inner
}

fn add_references(
    types: &Catalogue,
    expr: &Expr,
    mode: Mode,
    merged: bool,
    inner: &mut Vec<(TypeId, Mode)>,
) {
    let mut found = Vec::new();
    expr.references(&mut found);
    for (own, id) in found {
        inner.push((
            id,
            own.unwrap_or_else(|| types.nested_mode(mode, id, merged)),
        ));
    }
}

/// The expressions of an object's fields in this mode, and whether they are merged.
fn exprs_of<'t>(
    types: &'t Catalogue,
    object: &'t Object,
    mode: Mode,
    diagnostics: &mut Diagnostics,
) -> Vec<(&'t Expr, bool)> {
    let mut exprs = Vec::with_capacity(object.fields.len());
    let base = match mode {
        Mode::Explicit(index) => types.explicit[index].base,
        other => other,
    };
    for field in object
        .fields
        .iter()
        .filter(|field| is_in(field.field.access, base))
    {
        let reads = matches!(mode, Mode::Read | Mode::Partial);
        let expr = if reads {
            &field.read
        } else {
            field.sent.as_ref().unwrap_or(&field.read)
        };
        if let (true, Expr::Shaped(_, of)) = (reads, expr.innermost()) {
            let message = format!(
                "`{}` is read, and its type is a shape for writing",
                field.described
            );
            let help = format!(
                "write `{}`, or `access: write_only`",
                types.get(*of).name.wire
            );
            diagnostics.push(Diagnostic::new("E049", &field.place, message).help(help));
        }
        exprs.push((expr, field.field.merge_deep));
    }
    exprs.extend(object.dynamic.iter().map(|dynamic| (&dynamic.value, false)));
    exprs
}

/// A union is one item, so its variants have to be the same in both directions.
fn refuse_written(
    types: &Catalogue,
    id: TypeId,
    union: &Union,
    mode: Mode,
    diagnostics: &mut Diagnostics,
) {
    if matches!(mode, Mode::Read | Mode::Partial) {
        return;
    }
    let marked = union
        .variants
        .iter()
        .find(|variant| matches!(variant.expr, Expr::Named(inner) if types.get(inner).marked));
    if let Some(variant) = marked {
        let described = types.get(id);
        let message = format!(
            "`{}` is sent, but its variant `{}` is not the same for reading and writing",
            described.name.wire, variant.name.rust
        );
        let help = "describe the variants that are sent as types of their own, and say `sent_as: <union of them>`";
        let found = Diagnostic::new("E051", &described.place, message).help(help);
        diagnostics.push(found.also(&variant.place, "the variant"));
    }
}

/// The types of the model, in the order of the catalogue.
pub(super) fn lay_out(types: &Catalogue, uses: &Uses) -> Vec<Type> {
    let lay_out = |id: TypeId| {
        let described = types.get(id);
        Type {
            name: described.name.clone(),
            doc: described.doc.clone(),
            home: uses.home(id),
            kind: kind(types, uses, id),
            origin: words::origin(&described.place),
        }
    };
    types.ids().map(lay_out).collect()
}

fn kind(types: &Catalogue, uses: &Uses, id: TypeId) -> TypeKind {
    let (read, written) = (uses.is_read(id), uses.is_written(id));
    match &types.get(id).kind {
        Kind::Object(object) => TypeKind::Object(lower_object(types, uses, id, object)),
        Kind::Enum(values) => TypeKind::Enum(EnumType {
            read,
            written,
            ..values.clone()
        }),
        Kind::Union(union) => TypeKind::Union(UnionType {
            tag: union.tag.clone(),
            content: union.content.clone(),
            open: union.open,
            variants: lower_variants(types, union),
            tried: union.tried.clone(),
            max_depth: union.max_depth,
            read,
            written,
        }),
        Kind::Alias { inner, example } => TypeKind::Alias(AliasType {
            inner: inner.clone(),
            example: example.clone(),
        }),
        // Refused already; a placeholder that no later check complains about.
        Kind::Broken => TypeKind::Alias(AliasType {
            inner: Ty::String,
            example: None,
        }),
    }
}

fn lower_variants(types: &Catalogue, union: &Union) -> Vec<model::Variant> {
    let mut makers = BTreeSet::new();
    let variants = union.variants.iter().map(|variant| {
        let maker = names::value_name(&variant.name.rust);
        model::Variant {
            name: variant.name.clone(),
            maker: if makers.insert(maker.clone()) {
                maker
            } else {
                String::new()
            },
            ty: types.ty(&variant.expr, Mode::Read, false),
            discriminator: variant.discriminator.clone(),
        }
    });
    variants.collect()
}

fn lower_object(types: &Catalogue, uses: &Uses, id: TypeId, object: &Object) -> ObjectType {
    let fields = object.fields.iter().map(|field| model::Field {
        ty: types.ty(&field.read, Mode::Read, false),
        sent_as: field
            .sent
            .as_ref()
            .map(|sent| types.ty(sent, Mode::New, false)),
        ..field.field.clone()
    });
    ObjectType {
        fields: fields.collect(),
        keep_extra: object.keep_extra,
        dynamic: object
            .dynamic
            .as_ref()
            .map(|dynamic| lower_dynamic(types, dynamic, Mode::Read)),
        one_of: object.one_of.clone(),
        max_depth: object.max_depth,
        structs: structs(types, uses, id, object),
    }
}

fn lower_dynamic(types: &Catalogue, dynamic: &super::catalogue::Dynamic, mode: Mode) -> Dynamic {
    Dynamic {
        prefix: dynamic.prefix.clone(),
        key: dynamic.key.clone(),
        value: types.ty(&dynamic.value, mode, false),
        member: dynamic.member.clone(),
    }
}

/// The structs of an object, reading first; without marks reading and making are one.
fn structs(types: &Catalogue, uses: &Uses, id: TypeId, object: &Object) -> Vec<Struct> {
    let described = types.get(id);
    let one = |mode, layout| lay_out_struct(types, id, object, mode, layout);
    let mut structs = Vec::new();
    match (
        described.marked,
        uses.has(id, Mode::Read),
        uses.has(id, Mode::New),
    ) {
        (false, true, true) => structs.push(one(Mode::New, Layout::Both)),
        (_, read, new) => {
            structs.extend(read.then(|| one(Mode::Read, Layout::Read)));
            structs.extend(new.then(|| one(Mode::New, Layout::New)));
        }
    }
    for (mode, _) in uses.of(id) {
        match mode {
            Mode::Read | Mode::New => {}
            Mode::Partial => {
                let keeps = types.keeps.get(&id).map(Vec::as_slice).unwrap_or_default();
                structs.push(one(mode, Layout::Partial(keeps)));
            }
            Mode::Put => structs.push(one(mode, Layout::Put)),
            Mode::Patch => structs.push(one(mode, Layout::Patch)),
            Mode::Explicit(index) => {
                let explicit = &types.explicit[index];
                let made = one(
                    mode,
                    Layout::Explicit {
                        base: explicit.base,
                        cleared: &explicit.cleared,
                    },
                );
                // Two methods of one name may ask for the same struct.
                if !structs.contains(&made) {
                    structs.push(made);
                }
            }
        }
    }
    structs
}

fn lay_out_struct(
    types: &Catalogue,
    id: TypeId,
    object: &Object,
    mode: Mode,
    layout: Layout<'_>,
) -> Struct {
    let described = types.get(id);
    let mut members: Vec<Member> = object
        .fields
        .iter()
        .filter_map(|field| members::lower(types, field, layout))
        .collect();
    let shape = layout.shape();
    let rust = types.item_name(id, mode);
    let taken = |member: &&Member| member.how == How::Required && member.constant.is_none();
    let constructor = match shape {
        Shape::Read | Shape::Partial | Shape::Put | Shape::Explicit => Constructor::None,
        Shape::Patch => Constructor::New,
        Shape::Both | Shape::New if members.iter().filter(taken).count() <= 3 => Constructor::New,
        Shape::Both | Shape::New => Constructor::Staged {
            module: names::value_name(&rust),
        },
    };
    if matches!(shape, Shape::Both | Shape::New) {
        members.sort_by_key(|member| !taken(&member));
    }
    let explicit = match mode {
        Mode::Explicit(index) => Some(&types.explicit[index]),
        Mode::Read | Mode::Partial | Mode::New | Mode::Put | Mode::Patch => None,
    };
    let (summary, doc) = describe(described, shape, explicit);
    Struct {
        rust,
        shape,
        summary,
        doc,
        sensitive: members.iter().any(|member| member.sensitive),
        // Known when all methods are in their places.
        in_parts: false,
        zones: zones::lower(types, object, shape, &members),
        max_depth: object.max_depth,
        members,
        constructor,
        keep_extra: object.keep_extra,
        dynamic: object
            .dynamic
            .as_ref()
            .map(|dynamic| lower_dynamic(types, dynamic, mode)),
        to_put: None,
    }
}

/// The sentence that opens the documentation, and the words that follow.
fn describe(described: &Described, shape: Shape, explicit: Option<&Explicit>) -> (String, Doc) {
    let name = format!("`{}`", described.name.wire);
    let summary = match (shape, explicit, &described.body_of) {
        (Shape::Explicit, Some(explicit), _) => {
            format!(
                "What `{}` writes of one {name}: what is not given is cleared.",
                explicit.operation
            )
        }
        (_, _, Some(operation)) => format!("What `{operation}` sends."),
        (Shape::Read | Shape::Both, _, None) => {
            let (first, rest) = words::split_sentence(&described.doc.text);
            if first.is_empty() {
                return (format!("One {name}."), described.doc.clone());
            }
            return (
                first.to_owned(),
                Doc {
                    text: rest.to_owned(),
                    ..described.doc.clone()
                },
            );
        }
        (Shape::Partial, _, None) => {
            format!("The members of one {name} that were asked for; the others are `None`.")
        }
        (Shape::New, _, None) => format!("What is sent to make one {name}."),
        (Shape::Put | Shape::Explicit, _, None) => {
            format!("What replaces one {name}: every member is written.")
        }
        (Shape::Patch, _, None) => {
            format!("What changes of one {name}: members that are absent stay as they are.")
        }
    };
    (summary, described.doc.clone())
}

//! Types by the names of the Rust items that they become, and which of them can be reached.
//!
//! An object yields several items, one for each shape; all of them lead back to the one type.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Answer, Api, Content, Item, Method, Struct, Ty, Type, TypeKind};

use super::walk;

/// Finds the type that an item belongs to.
pub(super) struct Types<'a>(BTreeMap<&'a str, &'a Type>);

impl<'a> Types<'a> {
    pub(super) fn of(api: &'a Api) -> Self {
        let mut by_item = BTreeMap::new();
        for described in &api.types {
            if let TypeKind::Object(object) = &described.kind {
                for item in &object.structs {
                    by_item.insert(item.rust.as_str(), described);
                }
            }
        }
        // A type's own name wins over another's shape: lowering has refused such a collision.
        for described in &api.types {
            by_item.insert(described.name.rust.as_str(), described);
        }
        Self(by_item)
    }

    pub(super) fn find(&self, item: &Item) -> Option<&'a Type> {
        self.0.get(item.rust.as_str()).copied()
    }

    /// The struct that an item is, with its type.
    pub(super) fn find_struct(&self, ty: &Ty) -> Option<(&'a Type, &'a Struct)> {
        let (Ty::Item(item) | Ty::Boxed(item)) = ty else {
            return None;
        };
        let described = self.find(item)?;
        let TypeKind::Object(object) = &described.kind else {
            return None;
        };
        let found = object.structs.iter().find(|one| one.rust == item.rust)?;
        Some((described, found))
    }
}

/// The items in a type expression.
pub(super) fn items<'t>(ty: &'t Ty, found: &mut Vec<&'t Item>) {
    match ty {
        Ty::String
        | Ty::Int
        | Ty::Uint
        | Ty::Float
        | Ty::Decimal
        | Ty::Bool
        | Ty::Timestamp
        | Ty::CivilDateTime => {}
        Ty::Date
        | Ty::Time
        | Ty::Duration
        | Ty::Uuid
        | Ty::Url
        | Ty::Bytes
        | Ty::Json
        | Ty::Secret
        | Ty::File => {}
        Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) => items(inner, found),
        Ty::Item(item) | Ty::Boxed(item) => found.push(item),
    }
}

/// The described names of all types that some method, case or parameter leads to.
pub(super) fn reached<'a>(api: &'a Api, types: &Types<'a>) -> BTreeSet<&'a str> {
    let mut waiting: Vec<&Item> = Vec::new();
    for param in &api.client {
        items(&param.ty, &mut waiting);
    }
    for details in api.cases.iter().filter_map(|case| case.details.as_ref()) {
        items(details, &mut waiting);
    }
    for resource in walk::resources(api) {
        for key in &resource.parent_keys {
            items(&key.ty, &mut waiting);
        }
        for method in &resource.methods {
            items_of_method(method, &mut waiting);
        }
    }
    for webhook in &api.webhooks {
        match &webhook.content {
            Content::Payload { ty, .. } => items(ty, &mut waiting),
            Content::Events { events, .. } => {
                events
                    .iter()
                    .for_each(|event| items(&event.ty, &mut waiting));
            }
        }
    }
    let mut reached = BTreeSet::new();
    while let Some(item) = waiting.pop() {
        let Some(described) = types.find(item) else {
            continue;
        };
        if reached.insert(described.name.wire.as_str()) {
            items_of_type(described, &mut waiting);
        }
    }
    reached
}

fn items_of_method<'a>(method: &'a Method, found: &mut Vec<&'a Item>) {
    for argument in &method.arguments {
        items(&argument.ty, found);
    }
    for filter in &method.filters {
        items(&filter.ty, found);
    }
    if let Some(ty) = method.body.ty() {
        items(ty, found);
    }
    items_of_answer(&method.answer, found);
}

fn items_of_answer<'a>(answer: &'a Answer, found: &mut Vec<&'a Item>) {
    match answer {
        Answer::None | Answer::Plain(_) => {}
        Answer::Value { ty, .. } => items(ty, found),
        Answer::Page { item, .. } | Answer::List { item, .. } => items(item, found),
        Answer::Outcomes { outcomes, .. } => {
            for outcome in outcomes {
                items_of_answer(&outcome.answer, found);
            }
        }
    }
}

fn items_of_type<'a>(described: &'a Type, found: &mut Vec<&'a Item>) {
    match &described.kind {
        TypeKind::Object(object) => {
            for field in &object.fields {
                items(&field.ty, found);
                if let Some(sent) = &field.sent_as {
                    items(sent, found);
                }
            }
            if let Some(dynamic) = &object.dynamic {
                items(&dynamic.value, found);
            }
        }
        TypeKind::Union(union) => {
            for variant in &union.variants {
                items(&variant.ty, found);
            }
        }
        TypeKind::Alias(alias) => items(&alias.inner, found),
        TypeKind::Enum(_) => {}
    }
}

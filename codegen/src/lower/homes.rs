//! Homes: each reference to an item learns in which module the item lives.
//! Runs last, when all types lie in their modules. Must not move an item or change anything else of
//! a reference; a reference to an item that is not there keeps the home it has.

use std::collections::BTreeMap;

use crate::model::{Answer, Api, Body, Content, Home, Method, Resource, Ty, Type, TypeKind};

/// Settles the homes of all items in an API.
pub(super) fn settle(api: &mut Api) {
    let homes = find_homes(&api.types);
    let mut settle = |ty: &mut Ty| settle_ty(ty, &homes);
    api.client
        .iter_mut()
        .for_each(|param| settle(&mut param.ty));
    api.cases
        .iter_mut()
        .filter_map(|case| case.details.as_mut())
        .for_each(&mut settle);
    for described in &mut api.types {
        visit_type(described, &mut settle);
    }
    for resource in &mut api.resources {
        visit_resource(resource, &mut settle);
    }
    for webhook in &mut api.webhooks {
        match &mut webhook.content {
            Content::Payload { ty, .. } => settle(ty),
            Content::Events { events, .. } => {
                events.iter_mut().for_each(|event| settle(&mut event.ty));
            }
        }
    }
}

fn find_homes(types: &[Type]) -> BTreeMap<String, Home> {
    let mut homes = BTreeMap::new();
    for described in types {
        homes.insert(described.name.rust.clone(), described.home.clone());
        if let TypeKind::Object(object) = &described.kind {
            for item in &object.structs {
                homes.insert(item.rust.clone(), described.home.clone());
            }
        }
    }
    homes
}

fn settle_ty(ty: &mut Ty, homes: &BTreeMap<String, Home>) {
    match ty {
        Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) => settle_ty(inner, homes),
        Ty::Item(item) | Ty::Boxed(item) => {
            if let Some(home) = homes.get(&item.rust) {
                item.home = home.clone();
            }
        }
        Ty::String | Ty::Int | Ty::Uint | Ty::Float | Ty::Decimal | Ty::Bool | Ty::Timestamp => {}
        Ty::CivilDateTime | Ty::Date | Ty::Time | Ty::Duration | Ty::Uuid | Ty::Url => {}
        Ty::Bytes | Ty::Json | Ty::Secret | Ty::File => {}
    }
}

fn visit_type(described: &mut Type, visit: &mut dyn FnMut(&mut Ty)) {
    match &mut described.kind {
        TypeKind::Object(object) => {
            for field in &mut object.fields {
                visit(&mut field.ty);
                field.sent_as.iter_mut().for_each(&mut *visit);
            }
            object
                .dynamic
                .iter_mut()
                .for_each(|dynamic| visit(&mut dynamic.value));
            for item in &mut object.structs {
                item.members
                    .iter_mut()
                    .for_each(|member| visit(&mut member.ty));
                item.dynamic
                    .iter_mut()
                    .for_each(|dynamic| visit(&mut dynamic.value));
            }
        }
        TypeKind::Union(union) => union
            .variants
            .iter_mut()
            .for_each(|variant| visit(&mut variant.ty)),
        TypeKind::Alias(alias) => visit(&mut alias.inner),
        TypeKind::Enum(_) => {}
    }
}

fn visit_resource(resource: &mut Resource, visit: &mut dyn FnMut(&mut Ty)) {
    resource
        .parent_keys
        .iter_mut()
        .for_each(|key| visit(&mut key.ty));
    for method in &mut resource.methods {
        visit_method(method, visit);
    }
    for child in &mut resource.children {
        visit_resource(child, visit);
    }
}

fn visit_method(method: &mut Method, visit: &mut dyn FnMut(&mut Ty)) {
    method
        .arguments
        .iter_mut()
        .for_each(|argument| visit(&mut argument.ty));
    method
        .filters
        .iter_mut()
        .for_each(|filter| visit(&mut filter.ty));
    match &mut method.body {
        Body::None | Body::Text { .. } | Body::Bytes { .. } | Body::File { .. } => {}
        Body::Json { ty, .. } | Body::Form { ty, .. } | Body::Multipart { ty, .. } => visit(ty),
    }
    visit_answer(&mut method.answer, visit);
    if let Some(mask) = &mut method.mask {
        visit_answer(&mut mask.answer, visit);
    }
}

fn visit_answer(answer: &mut Answer, visit: &mut dyn FnMut(&mut Ty)) {
    match answer {
        Answer::None | Answer::Plain(_) => {}
        Answer::Value { ty, .. } => visit(ty),
        Answer::Page { item, .. } | Answer::List { item, .. } => visit(item),
        Answer::Outcomes { outcomes, .. } => {
            outcomes
                .iter_mut()
                .for_each(|outcome| visit_answer(&mut outcome.answer, visit));
        }
    }
}

//! Marks the structs that are sent as multipart bodies: they get a table of parts beside that of JSON.
//! Runs when all types and methods lie in their places, and changes nothing but the marks.

use std::collections::BTreeSet;

use crate::model::{Api, Body, Resource, Ty, TypeKind};

pub(super) fn mark(api: &mut Api) {
    let mut sent = BTreeSet::new();
    collect(&api.resources, &mut sent);
    for described in &mut api.types {
        if let TypeKind::Object(object) = &mut described.kind {
            for item in &mut object.structs {
                item.in_parts = sent.contains(&item.rust);
            }
        }
    }
}

fn collect(resources: &[Resource], sent: &mut BTreeSet<String>) {
    for resource in resources {
        for method in &resource.methods {
            if let Body::Multipart {
                ty: Ty::Item(item), ..
            } = &method.body
            {
                sent.insert(item.rust.clone());
            }
        }
        collect(&resource.children, sent);
    }
}

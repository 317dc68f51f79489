//! The names of an API whose values an error must not show: members that are sent and parameters.
//!
//! The runtime looks for them wherever a request may hold them, so one list serves all operations.

use super::literal;
use crate::model::{Access, Api, Resource, TypeKind};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeSet;

/// The entries of the list, sorted.
pub(super) fn names(api: &Api) -> Vec<TokenStream> {
    let mut names = BTreeSet::new();
    for ty in &api.types {
        if let TypeKind::Object(object) = &ty.kind {
            let sent = object
                .fields
                .iter()
                .filter(|field| !matches!(field.access, Access::ReadOnly | Access::OnCreate));
            let sensitive = sent.filter(|field| field.sensitive);
            names.extend(sensitive.map(|field| field.name.wire.as_str()));
        }
    }
    add(&api.resources, &mut names);
    let entry = |name: &str| {
        let name = literal::wire(name);
        quote! { #name }
    };
    names.into_iter().map(entry).collect()
}

fn add<'a>(resources: &'a [Resource], names: &mut BTreeSet<&'a str>) {
    for resource in resources {
        let arguments = resource.methods.iter().flat_map(|method| &method.arguments);
        let arguments = arguments.chain(&resource.parent_keys);
        let sensitive = arguments.filter(|argument| argument.sensitive);
        names.extend(sensitive.map(|argument| argument.name.wire.as_str()));
        add(&resource.children, names);
    }
}

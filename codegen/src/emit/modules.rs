//! Modules: what stands in which file, and what each file imports.
//!
//! Imports are by name, never by glob, and exactly those that the file uses.

use super::{
    calls, credentials, imports, methods, models, policies, scenarios, types, webhooks, words,
};
use crate::model::{Answer, Api, Home};
use crate::model::{Resource, Type, TypeKind};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::BTreeSet;

/// All resources, parents before children.
pub(super) fn all_resources(api: &Api) -> Vec<&Resource> {
    fn below<'a>(resources: &'a [Resource], all: &mut Vec<&'a Resource>) {
        for resource in resources {
            all.push(resource);
            below(&resource.children, all);
        }
    }
    let mut all = Vec::new();
    below(&api.resources, &mut all);
    all
}

/// Whether there is a list that is walked page by page, and so can be written into a file.
pub(super) fn has_lists(api: &Api) -> bool {
    let methods = |resource: &Resource| resource.methods.iter().any(|method| method.page.is_some());
    all_resources(api).into_iter().any(methods)
}

/// `src/lib.rs`
pub(super) fn library(apis: &[Api]) -> TokenStream {
    let modules = apis.iter().map(|api| {
        let (name, feature) = (format_ident!("{}", api.name), &api.name);
        quote! {
            #[cfg(feature = #feature)]
            #[rustfmt::skip]
            pub mod #name;
        }
    });
    let oauth2 = apis.iter().any(credentials::needs_oauth2).then(|| {
        quote! {
            #[cfg(feature = "oauth2")]
            #[rustfmt::skip]
            pub use runtime::{
                FileTokenStore, ImplicitLogin, Login, OAuthClient, StoreError, StoreLock, StoredToken, TokenStore,
            };
        }
    });
    let webhooks = apis.iter().any(webhooks::has_any).then(|| {
        quote! {
            #[cfg(feature = "webhooks")]
            #[rustfmt::skip]
            pub use runtime::{Age, Newest, WebhookError, WebhookFault};
        }
    });
    let export = apis.iter().any(has_lists).then(|| {
        quote! {
            #[cfg(feature = "export")]
            pub use runtime::{Export, ExportReport};
        }
    });
    quote! {
        //! Typed clients of HTTP APIs that keep the manners of each: how to authenticate, page,
        //! retry, and how fast one may go.
        //!
        //! Each API is a module behind a feature of the same name. The feature `serialize` adds
        //! `serde::Serialize` to all models, `testing` adds what tests need: a mock, samples
        //! of models, and the scenarios of each API.
        #![forbid(unsafe_code)]
        #![warn(missing_docs)]
        #![allow(clippy::large_enum_variant, reason = "a union holds what is answered")]
        #![allow(clippy::module_inception, reason = "a resource named as its API")]
        #![allow(clippy::needless_pass_by_value, reason = "enums are given by value")]

        pub use runtime::events;
        pub use runtime::value as values;
        #[rustfmt::skip]
        pub use runtime::{
            Cache, Call, Checkpoint, CredentialProvider, CredentialSource, CredentialValue, Download,
            Downloading, Error, Estimate, Following, Items, Kind, Limits, Page, Pages, Patch, Plan,
            Polling, Reconciled, Reply, Result, Upload, Wanted,
        };
        #oauth2
        #webhooks
        #export

        #(#modules)*

        #[cfg(feature = "testing")]
        pub use runtime::testing;
        #[cfg(feature = "testing")]
        #[rustfmt::skip]
        pub mod scenarios;
    }
}

/// `src/scenarios.rs`
pub(super) fn all_scenarios(apis: &[Api]) -> TokenStream {
    let all = apis.iter().map(|api| {
        let (name, feature) = (format_ident!("{}", api.name), &api.name);
        quote! {
            #[cfg(feature = #feature)]
            (#feature, super::#name::scenarios::SCENARIOS)
        }
    });
    quote! {
        //! The scenarios of all APIs: what clients do when an API behaves in one certain way.

        use runtime::codegen::Scenario;

        /// The scenarios of each API, with its name.
        pub static ALL: &[(&str, &[Scenario])] = &[#(#all),*];
    }
}

/// `src/<api>.rs`
pub(super) fn api(api: &Api) -> TokenStream {
    let doc = inner_doc(&api_lines(api));
    let resources = all_resources(api);
    let has_types = types::lives_in(api, &Home::Types).next().is_some();
    let types_module = has_types.then(|| {
        quote! {
            pub mod types;
        }
    });
    let modules = resources.iter().map(|resource| {
        let name = format_ident!("{}", resource.module);
        quote! { pub mod #name; }
    });
    let exports = resources.iter().map(|resource| {
        let (module, names) = (
            format_ident!("{}", resource.module),
            exported(api, resource),
        );
        quote! { pub use self::#module::{#(#names),*}; }
    });
    let type_names = types::lives_in(api, &Home::Types)
        .flat_map(items_of)
        .map(|name| format_ident!("{name}"));
    let type_exports = has_types.then(|| quote! { pub use self::types::{#(#type_names),*}; });
    let imports = imports::of_api(api);
    let client = super::client::emit(api);
    let is_deprecated = |ty: &Type| ty.doc.deprecated.is_some();
    let offers = api.types.iter().any(is_deprecated)
        || resources.iter().any(|one| one.doc.deprecated.is_some());
    let allow = offers.then(allow_deprecated);
    let policies = policies::emit(api);
    let sent = webhooks::has_any(api).then(|| {
        quote! {
            #[cfg(feature = "webhooks")]
            pub mod webhooks;
        }
    });
    quote! {
        #doc
        #allow
        #types_module
        #(#modules)*
        #[cfg(feature = "testing")]
        pub mod mock;
        #[cfg(feature = "testing")]
        pub mod scenarios;
        #sent
        #(#exports)*
        #type_exports
        #imports
        #client
        #policies
    }
}

fn api_lines(api: &Api) -> Vec<String> {
    let version = api
        .version
        .as_ref()
        .map(|version| format!(", version {version}"))
        .unwrap_or_default();
    let mut lines = words::escape(&format!("{}{version}.", api.title));
    if !api.doc.text.is_empty() {
        lines.push(String::new());
        lines.extend(words::escape(&api.doc.text));
    }
    if !api.notes.is_empty() {
        lines.push(String::new());
        lines.extend(
            api.notes
                .iter()
                .map(|note| format!("* {}", words::paragraphs(&note.doc, "").join(" "))),
        );
    }
    lines
}

fn inner_doc(lines: &[String]) -> TokenStream {
    let lines = lines.iter().flat_map(|line| words::wrap(line));
    let lines = lines.map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        }
    });
    quote! { #(#![doc = #lines])* }
}

/// The names that a resource's file offers, sorted.
fn exported(api: &Api, resource: &Resource) -> Vec<proc_macro2::Ident> {
    let mut names = BTreeSet::from([resource.handle.clone()]);
    for method in &resource.methods {
        names.extend(method.call_type.clone());
        names.extend(method.mask.iter().map(|mask| mask.call_type.clone()));
        if let Answer::Outcomes { rust, .. } = &method.answer {
            names.insert(rust.clone());
        }
    }
    let home = Home::Resource(resource.module.clone());
    names.extend(types::lives_in(api, &home).flat_map(items_of));
    names.iter().map(|name| format_ident!("{name}")).collect()
}

/// The Rust items of a type.
fn items_of(ty: &Type) -> Vec<String> {
    match &ty.kind {
        TypeKind::Object(object) => object
            .structs
            .iter()
            .map(|item| item.rust.clone())
            .collect(),
        TypeKind::Enum(_) | TypeKind::Union(_) | TypeKind::Alias(_) => vec![ty.name.rust.clone()],
    }
}

/// `src/<api>/types.rs`
pub(super) fn types(api: &Api) -> TokenStream {
    let all = types::lives_in(api, &Home::Types).collect::<Vec<_>>();
    let mut uses = imports::Uses::default();
    all.iter().for_each(|ty| uses.see_type(ty));
    let imports = uses.imports(&Home::Types);
    let items = all
        .iter()
        .map(|ty| models::emit(api, ty))
        .collect::<TokenStream>();
    let mut file = quote! {
        //! Types that more than one resource uses.
        #imports
    };
    file.extend(items);
    file
}

/// `src/<api>/scenarios.rs`
pub(super) fn scenarios(api: &Api) -> TokenStream {
    let table = scenarios::emit(api);
    let imports = imports::of_scenarios(table.clone());
    quote! {
        //! Scenarios: what clients do when the API behaves in one certain way, and what that looks
        //! like from the server's side.
        #imports
        #table
    }
}

/// `src/<api>/<resource>.rs`
pub(super) fn resource(api: &Api, resource: &Resource) -> TokenStream {
    let home = Home::Resource(resource.module.clone());
    let all = types::lives_in(api, &home).collect::<Vec<_>>();
    let mut uses = imports::Uses::default();
    uses.see_resource(api, resource);
    all.iter().for_each(|ty| uses.see_type(ty));
    let imports = uses.imports(&home);
    let lines = words::paragraphs(
        &resource.doc,
        &format!("Calls on `{}`.", resource.name.wire),
    );
    let first = lines.first().cloned().unwrap_or_default();
    let doc = inner_doc(&[first]);
    let handle = methods::emit_handle(api, resource);
    let calls = resource
        .methods
        .iter()
        .map(|method| calls::emit_call(api, resource, method));
    let outcomes = resource.methods.iter().map(calls::emit_outcomes);
    let models = all.iter().map(|ty| models::emit(api, ty));
    let operations = resource
        .methods
        .iter()
        .map(|method| methods::emit_operation(api, method));
    let follows = resource.methods.iter().filter_map(methods::emit_follow);
    // Streams are moved where they are large: a quotation would copy them.
    let mut file = quote! { #doc #imports #handle };
    file.extend(calls);
    file.extend(outcomes);
    file.extend(models);
    file.extend(operations);
    file.extend(follows);
    file
}

/// What is deprecated is still offered by a file that only names it; a file that declares it has this
/// anyway.
fn allow_deprecated() -> TokenStream {
    let reason = crate::format::DEPRECATED;
    quote! { #![allow(deprecated, reason = #reason)] }
}

/// The only credential that an API has: then `Client::new` takes it.
pub(super) fn only_credential(api: &Api) -> Option<&crate::model::Credential> {
    match api.credentials.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

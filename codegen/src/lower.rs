//! Lowering: what the descriptions say becomes what they mean.
//!
//! References are resolved, defaults inherited, wire and Rust names given, and for each object the
//! structs that its methods need are laid out. Everything that is wrong is reported, and a broken
//! reference leaves a placeholder that causes no second finding: the result may only be used when no
//! error was added.

mod answers;
mod behaviour;
mod bodies;
mod catalogue;
mod client;
mod collisions;
mod common;
mod constants;
mod conventions;
mod credentials;
mod cycles;
mod depths;
mod encodings;
mod errors;
mod expressions;
mod fields;
mod filters;
mod formats;
mod homes;
mod inherit;
mod keys;
mod limits;
mod literals;
mod many;
mod masks;
mod members;
mod methods;
mod naming;
mod pages;
mod parameters;
mod parts;
mod paths;
mod policies;
mod refusals;
mod replacements;
mod resources;
mod retries;
mod scenarios;
mod sent;
mod settle;
mod shapes;
mod standard;
mod streams;
mod types;
mod unions;
mod webhooks;
mod words;
mod writes;
mod zones;

use crate::diagnostics::Diagnostics;
use crate::{document, model};

/// Decides what a description means.
pub(crate) fn lower(document: &document::Api, diagnostics: &mut Diagnostics) -> model::Api {
    naming::check_module(&document.api, diagnostics);
    let conventions = conventions::lower(document, diagnostics);
    let mut types = types::lower(document, &conventions, diagnostics);
    cycles::refuse_endless(&types, diagnostics);
    depths::check(&types, diagnostics);
    zones::check(&types, diagnostics);
    let policies = policies::lower(document, &conventions, &mut types, diagnostics);
    let mut resources =
        resources::lower(document, &conventions, &policies, &mut types, diagnostics);
    let webhooks = webhooks::lower(
        document,
        &conventions,
        &policies.credentials,
        &mut types,
        diagnostics,
    );
    let uses = shapes::follow_uses(&types, diagnostics);
    let mut api_types = shapes::lay_out(&types, &uses);
    cycles::box_feedback(&mut api_types);
    replacements::link(&mut api_types);
    let sent = (document, webhooks.as_slice());
    collisions::name_items(&types, &api_types, &mut resources, sent, diagnostics);
    constants::name_operations(&mut resources);
    let mut api = settle::join(document, conventions, policies, api_types, resources);
    api.webhooks = webhooks;
    homes::settle(&mut api);
    webhooks::settle(document, &mut api, diagnostics);
    scenarios::lower(document, &mut api, diagnostics);
    parts::mark(&mut api);
    api
}

#[cfg(test)]
mod tests;

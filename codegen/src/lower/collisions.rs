//! Names of all items of an API: types and their shapes as they are, handles, calls and outcomes
//! so that they collide with nothing.
//!
//! What people write into a description keeps its name or is refused; what we derive moves aside
//! first, in the order of the file.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{self, Spanned};
use crate::model::{Answer, Content, Type, TypeKind, Webhook};
use crate::names;

use super::catalogue::Catalogue;
use super::credentials;
use super::methods;
use super::naming::Taken;
use super::resources::Node;

/// Gives names to what has none yet and refuses names that two items would share.
pub(super) fn name_items(
    types: &Catalogue,
    api_types: &[Type],
    resources: &mut [Node],
    (document, webhooks): (&document::Api, &[Webhook]),
    diagnostics: &mut Diagnostics,
) {
    let mut taken = Taken::default();
    for (described, lowered) in types.list.iter().zip(api_types) {
        let name = &described.name;
        if names::is_item_of_ours(&name.rust) {
            let message = format!(
                "`{}` is the name of something that every generated module knows",
                name.rust
            );
            let help =
                "give the type another Rust name with `rust: …`; the description's name may stay";
            diagnostics.push(Diagnostic::new("E044", &described.place, message).help(help));
        }
        let what = described.body_of.as_ref().map_or_else(
            || format!("the type `{}`", name.wire),
            |operation| format!("the body of `{operation}`"),
        );
        taken.take(&name.rust, &described.place, &what, diagnostics);
        take_shapes(
            types,
            lowered,
            &what,
            &described.place,
            &mut taken,
            diagnostics,
        );
    }
    for node in resources.iter_mut() {
        name_handle(node, None, &mut taken, diagnostics);
    }
    for node in resources.iter_mut() {
        name_calls(node, &mut taken, diagnostics);
    }
    for ((name, _), webhook) in document.webhooks.iter().zip(webhooks) {
        take_webhook(name, webhook, &mut taken, diagnostics);
    }
    for (name, _) in document
        .auth
        .iter()
        .filter(|(_, auth)| auth.authorize_url.is_some())
    {
        let rust = credentials::login_name(name);
        let what = format!("the login of `{}`", name.value);
        let help = "give one of them another name";
        taken.take_or(&rust, &name.place, &what, help, diagnostics);
    }
}

/// Verifiers and events stand in a module of their own, beside the types that they import.
fn take_webhook(
    name: &Spanned<String>,
    webhook: &Webhook,
    taken: &mut Taken,
    diagnostics: &mut Diagnostics,
) {
    let help = "give the webhook another name, or the other one another Rust name with `rust: …`";
    let rust = &webhook.name.rust;
    let what = format!("the webhook `{}`", name.value);
    taken.take_or(rust, &name.place, &what, help, diagnostics);
    if let Content::Events { rust, .. } = &webhook.content {
        let what = format!("the events of `{}`", name.value);
        taken.take_or(rust, &name.place, &what, help, diagnostics);
    }
    if names::is_item_of_ours(rust) {
        let message =
            format!("`{rust}` is the name of something that every generated module knows");
        let found = Diagnostic::new("E044", &name.place, message);
        diagnostics.push(found.help("give the webhook another name"));
    }
}

fn take_shapes(
    types: &Catalogue,
    lowered: &Type,
    what: &str,
    place: &Place,
    taken: &mut Taken,
    diagnostics: &mut Diagnostics,
) {
    let TypeKind::Object(object) = &lowered.kind else {
        return;
    };
    for item in object
        .structs
        .iter()
        .filter(|item| item.rust != lowered.name.rust)
    {
        let explicit = types
            .explicit
            .iter()
            .find(|explicit| explicit.rust == item.rust);
        let (what, place) = match explicit {
            Some(explicit) => (
                format!("the body of `{}`", explicit.operation),
                &explicit.place,
            ),
            None => (format!("a shape of {what}"), place),
        };
        taken.take(&item.rust, place, &what, diagnostics);
    }
}

/// The first candidate that is free; if none is, the last one, which is then refused.
fn choose(candidates: &[String], taken: &Taken) -> String {
    let free = |name: &&String| !taken.has(name) && !names::is_item_of_ours(name);
    candidates
        .iter()
        .find(free)
        .or(candidates.last())
        .cloned()
        .unwrap_or_default()
}

/// `Orders`; a child also `CartsItems`, and where types have taken both `ItemsResource`.
fn name_handle(
    node: &mut Node,
    above: Option<&str>,
    taken: &mut Taken,
    diagnostics: &mut Diagnostics,
) {
    let own = names::join_types(&[&node.resource.name.rust]);
    let module = names::type_name(&node.resource.module);
    let mut candidates = vec![own.clone(), module.clone()];
    candidates.extend(above.map(|above| names::join_types(&[above, &own])));
    candidates.extend([format!("{own}Resource"), format!("{module}Resource")]);
    let handle = choose(&candidates, taken);
    let what = format!("the resource `{}`", node.resource.name.wire);
    taken.take(&handle, &node.place, &what, diagnostics);
    for child in &mut node.children {
        name_handle(child, Some(&module), taken, diagnostics);
    }
    node.resource.handle = handle;
}

fn name_calls(node: &mut Node, taken: &mut Taken, diagnostics: &mut Diagnostics) {
    let handle = node.resource.handle.clone();
    for lowered in &mut node.methods {
        if lowered.method.call_type.is_some() {
            let name = name_item(lowered, &handle, "", "the call of", taken, diagnostics);
            lowered.method.call_type = Some(name);
        }
        if lowered.method.mask.is_some() {
            let name = name_item(
                lowered,
                &handle,
                "Masked",
                "the masked call of",
                taken,
                diagnostics,
            );
            if let Some(mask) = &mut lowered.method.mask {
                mask.call_type = name;
            }
        }
        if matches!(lowered.method.answer, Answer::Outcomes { .. }) {
            let name = name_item(
                lowered,
                &handle,
                "Outcome",
                "the outcome of",
                taken,
                diagnostics,
            );
            if let Answer::Outcomes { rust, .. } = &mut lowered.method.answer {
                *rust = name;
            }
        }
    }
    for child in &mut node.children {
        name_calls(child, taken, diagnostics);
    }
}

/// `ListOrders`, `GetOrder`; after the handle where another resource has taken that.
fn name_item(
    lowered: &methods::Lowered,
    handle: &str,
    ending: &str,
    what: &str,
    taken: &mut Taken,
    diagnostics: &mut Diagnostics,
) -> String {
    let method = &lowered.method.name.rust;
    let nouns = lowered.nouns.iter().map(String::as_str).chain([handle]);
    let candidates: Vec<String> = nouns
        .map(|noun| names::join_types(&[method, noun, ending]))
        .collect();
    let name = choose(&candidates, taken);
    let what = format!("{what} `{}`", lowered.method.operation);
    taken.take(&name, &lowered.place, &what, diagnostics);
    name
}

//! The tree of resources: where each is, what names its items, and what its methods inherit.
//! Assumes types and policies. Parents come before children, because a path and what is inherited
//! grow on the way down. Must not name items or statics, which waits for all resources.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::{self, Defaults, Spanned};
use crate::model::{Argument, Doc, Name, Note, Resource};
use crate::names::{self, Position};

use super::catalogue::Catalogue;
use super::conventions::Conventions;
use super::expressions;
use super::methods::{self, OwnType, Site};
use super::naming::{Taken, given_or};
use super::paths::Base;
use super::policies::Policies;
use super::{keys, types as lowered_types, words};

/// The module of the types that several resources use.
const TYPES_MODULE: &str = "types";
/// The module of the scenarios.
const SCENARIOS_MODULE: &str = "scenarios";
/// The module of the mock.
const MOCK_MODULE: &str = "mock";
/// The module of what the API sends by itself.
const WEBHOOKS_MODULE: &str = "webhooks";

/// A resource while its items have no names yet.
pub(super) struct Node {
    /// Without its methods and children.
    pub(super) resource: Resource,
    pub(super) methods: Vec<methods::Lowered>,
    pub(super) children: Vec<Node>,
    pub(super) place: Place,
}

/// What does not change on the way down the tree.
struct Tree<'a, 'd> {
    document: &'d document::Api,
    conventions: &'a Conventions,
    policies: &'a Policies,
    modules: BTreeMap<String, String>,
}

/// What a resource takes over from the one above it.
#[derive(Clone, Default)]
struct Above<'d> {
    path: Option<String>,
    base: Base,
    /// Keys in `base.collection`.
    keys: Vec<Argument>,
    /// The further keys in `base.item`.
    item_keys: Vec<Argument>,
    defaults: Vec<&'d Defaults>,
}

pub(super) fn lower(
    document: &document::Api,
    conventions: &Conventions,
    policies: &Policies,
    types: &mut Catalogue,
    diagnostics: &mut Diagnostics,
) -> Vec<Node> {
    let tree = Tree {
        document,
        conventions,
        policies,
        modules: name_modules(document, diagnostics),
    };
    let above = Above {
        defaults: document.defaults.iter().collect(),
        ..Above::default()
    };
    let mut taken = Taken::default();
    let mut nodes = Vec::with_capacity(document.resources.len());
    for (name, resource) in &document.resources {
        let node = lower_one(&tree, types, &above, name, resource, diagnostics);
        let what = format!("the resource `{}`", name.value);
        taken.take(&node.resource.name.rust, &name.place, &what, diagnostics);
        nodes.push(node);
    }
    nodes
}

fn lower_one<'d>(
    tree: &Tree<'_, 'd>,
    types: &mut Catalogue,
    above: &Above<'d>,
    name: &'d Spanned<String>,
    resource: &'d document::Resource,
    diagnostics: &mut Diagnostics,
) -> Node {
    let site = find_site(tree, types, above, (name, resource), diagnostics);
    let methods = methods::lower(types, &site, diagnostics);
    let Base {
        collection,
        item,
        is_namespace,
    } = site.base.clone();
    let below = Above {
        path: Some(site.path.clone()),
        base: Base {
            item: item.or_else(|| Some(collection.clone())),
            collection,
            is_namespace,
        },
        keys: site.parent_keys.clone(),
        item_keys: site.keys.clone(),
        defaults: site.defaults.clone(),
    };
    let mut children = Vec::with_capacity(resource.children.len());
    for (name, child) in &resource.children {
        children.push(lower_one(tree, types, &below, name, child, diagnostics));
    }
    let described = describe(&site, above.path.is_none(), diagnostics);
    let node = Node {
        resource: described,
        methods,
        children,
        place: name.place.clone(),
    };
    check_functions(&node, diagnostics);
    node
}

fn find_site<'a, 'd>(
    tree: &Tree<'a, 'd>,
    types: &mut Catalogue,
    above: &Above<'d>,
    (name, resource): (&'d Spanned<String>, &'d document::Resource),
    diagnostics: &mut Diagnostics,
) -> Site<'a, 'd> {
    let path = join_path(above.path.as_deref(), &name.value);
    let module = tree
        .modules
        .get(&path)
        .cloned()
        .unwrap_or_else(|| names::value_name(&name.value));
    let own = own_type(types, name, resource, diagnostics);
    let (collection, parent_keys) = find_collection(above, resource, diagnostics);
    let keys = resource
        .key
        .as_ref()
        .map(|key| keys::lower(types, tree.conventions, own.id(), key, &module, diagnostics))
        .unwrap_or_default();
    let segments: String = keys
        .iter()
        .map(|key| format!("/{{{}}}", key.name.wire))
        .collect();
    let item = (!keys.is_empty()).then(|| format!("{collection}{segments}"));
    Site {
        document: tree.document,
        conventions: tree.conventions,
        policies: tree.policies,
        resource,
        name,
        path,
        noun: names::type_name(&module),
        module,
        base: Base {
            collection,
            item,
            is_namespace: resource.path.is_none(),
        },
        keys,
        parent_keys,
        own,
        defaults: resource
            .defaults
            .iter()
            .chain(above.defaults.iter().copied())
            .collect(),
    }
}

fn join_path(above: Option<&str>, name: &str) -> String {
    above.map_or_else(|| name.to_owned(), |above| format!("{above}.{name}"))
}

fn describe(site: &Site<'_, '_>, at_top: bool, diagnostics: &mut Diagnostics) -> Resource {
    let derived = if at_top {
        super::client::setter(site.name).rust
    } else {
        names::method_name(&site.name.value)
    };
    let resource = site.resource;
    Resource {
        name: Name {
            wire: site.name.value.clone(),
            rust: given_or(
                resource.about.rust.as_ref(),
                Position::Value,
                derived,
                diagnostics,
            ),
        },
        handle: String::new(),
        module: site.module.clone(),
        parent_keys: site.parent_keys.clone(),
        doc: words::about(&resource.about),
        methods: Vec::new(),
        children: Vec::new(),
        notes: resource.notes.iter().map(note).collect(),
        origin: words::origin(&site.name.place),
    }
}

/// A fact or an open question.
pub(super) fn note(note: &document::Note) -> Note {
    let doc: Doc = words::judged(Some(&note.text), note.trust.as_ref(), note.source.as_ref());
    Note { doc }
}

/// The type of the resource's items, if it has one; a written name has to be known.
fn own_type(
    types: &Catalogue,
    name: &Spanned<String>,
    resource: &document::Resource,
    diagnostics: &mut Diagnostics,
) -> OwnType {
    let wanted = lowered_types::type_of_resource(name, resource);
    match types.by_name.get(&wanted.value) {
        Some(&id) => OwnType::Known(id),
        // A resource whose fields could not become a type was reported.
        None if resource.fields.is_some() => OwnType::Broken,
        None if resource.r#type.is_some() => {
            expressions::resolve_name(types, &wanted, diagnostics);
            OwnType::Broken
        }
        None => OwnType::Missing,
    }
}

/// Where the resource's items are listed, and the keys in that path.
fn find_collection(
    above: &Above<'_>,
    resource: &document::Resource,
    diagnostics: &mut Diagnostics,
) -> (String, Vec<Argument>) {
    if let (Some(at), None) = (&resource.at, &above.path) {
        let message = "a resource at the top has no parent to be below";
        diagnostics.push(Diagnostic::new("E058", &at.place, message).help("remove `at`"));
    }
    let own = resource
        .path
        .as_ref()
        .map_or("", |path| path.value.as_str());
    if resource.at.is_some() {
        return (
            format!("{}{own}", above.base.collection),
            above.keys.clone(),
        );
    }
    let base = above.base.item.as_deref().unwrap_or_default();
    let keys = above.keys.iter().chain(&above.item_keys).cloned().collect();
    (format!("{base}{own}"), keys)
}

/// Methods and children of one handle share their names.
fn check_functions(node: &Node, diagnostics: &mut Diagnostics) {
    let mut taken = Taken::default();
    for lowered in &node.methods {
        let what = format!("the method `{}`", lowered.method.name.wire);
        taken.take(
            &lowered.method.name.rust,
            &lowered.place,
            &what,
            diagnostics,
        );
    }
    for child in &node.children {
        let what = format!("the child `{}`", child.resource.name.wire);
        taken.take(&child.resource.name.rust, &child.place, &what, diagnostics);
    }
}

/// A module for each resource, by its path. Resources near the top choose first; a child whose name
/// is taken puts its parent's module in front.
fn name_modules(
    document: &document::Api,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, String> {
    type Level<'d> = Vec<(
        String,
        Option<String>,
        &'d Spanned<String>,
        &'d document::Resource,
    )>;
    let mut modules = BTreeMap::new();
    let mut taken = Taken::default();
    // Without webhooks a resource may have their name.
    let webhooks = (!document.webhooks.is_empty()).then_some(WEBHOOKS_MODULE);
    let ours = [TYPES_MODULE, SCENARIOS_MODULE, MOCK_MODULE]
        .into_iter()
        .chain(webhooks);
    let ours: BTreeSet<String> = ours.map(str::to_owned).collect();
    let mut used = ours.clone();
    let mut level: Level<'_> = document
        .resources
        .iter()
        .map(|(name, resource)| (name.value.clone(), None, name, &resource.value))
        .collect();
    while !level.is_empty() {
        let mut next: Level<'_> = Vec::new();
        for (path, above, name, resource) in level {
            let accessor = resource
                .about
                .rust
                .as_ref()
                .filter(|rust| names::is_identifier(rust));
            let own = names::value_name(accessor.map_or(&name.value, |rust| &rust.value));
            let module = match above {
                Some(above) if used.contains(&own) => {
                    format!("{}_{own}", above.trim_end_matches('_'))
                }
                None if ours.contains(&own) => format!("{own}_"),
                Some(_) | None => own,
            };
            let what = format!("the resource `{path}`");
            taken.take(&module, &name.place, &what, diagnostics);
            used.insert(module.clone());
            for (name, child) in &resource.children {
                next.push((
                    join_path(Some(&path), &name.value),
                    Some(module.clone()),
                    name,
                    &child.value,
                ));
            }
            modules.insert(path, module);
        }
        level = next;
    }
    modules
}

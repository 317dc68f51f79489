//! The parts of an API joined to the model.
//! Assumes that every part is complete. Must not decide anything but the title and the path of the
//! schema, for which a description may have no words: it moves parts into place.

use crate::document;
use crate::model::{Api, Doc, Effect, Paging, Resource, Type};
use crate::names;

use super::answers::OWN_KEY;
use super::common;
use super::conventions::Conventions;
use super::policies::Policies;
use super::resources::{self, Node};
use super::words;

pub(super) fn join(
    document: &document::Api,
    conventions: Conventions,
    mut policies: Policies,
    types: Vec<Type>,
    mut nodes: Vec<Node>,
) -> Api {
    give_keys(&mut policies.pages, &mut nodes);
    let allowed = document.allow.iter();
    let resources: Vec<Resource> = nodes.into_iter().map(join_resource).collect();
    let common = common::find(&resources, &policies.security);
    let mut api = Api {
        name: document.api.value.clone(),
        title: document
            .title
            .as_ref()
            .map_or_else(|| document.api.value.clone(), |title| words::screen(title)),
        version: document
            .version
            .as_ref()
            .map(|version| version.value.clone()),
        doc: Doc {
            ..words::text(document.doc.as_ref())
        },
        schema: schema(document),
        environments: policies.environments,
        client: policies.client,
        credentials: policies.credentials,
        security: policies.security,
        wire: conventions.style,
        buckets: policies.buckets,
        refusal: policies.refusal,
        concurrency: policies.concurrency,
        hints: policies.hints,
        retries: policies.retries,
        pages: policies.pages,
        locks: policies.locks,
        keys: policies.keys,
        errors: policies.errors,
        cases: policies.cases,
        common,
        types,
        resources,
        webhooks: Vec::new(),
        scenarios: Vec::new(),
        notes: document.notes.iter().map(resources::note).collect(),
        allowed: allowed
            .map(|allow| {
                (
                    allow.code.value.clone(),
                    allow.at.value.clone(),
                    allow.reason.value.clone(),
                )
            })
            .collect(),
        origin: words::origin(&document.api.place),
    };
    keep_used_keys(&mut api);
    api
}

/// A page policy that drops repeated items by the key of whatever resource it walks becomes one for
/// each key.
fn give_keys(pages: &mut Vec<Paging>, nodes: &mut [Node]) {
    for node in nodes {
        for lowered in &mut node.methods {
            let (Some(key), Some(page)) = (&lowered.unique, &mut lowered.method.page) else {
                continue;
            };
            let policy = &mut pages[*page];
            if policy.unique_by.as_deref() == Some(OWN_KEY) {
                policy.unique_by = Some(key.clone());
            }
            let name = &pages[*page].name;
            let same = |other: &Paging| {
                other.name.wire == name.wire && other.unique_by.as_ref() == Some(key)
            };
            *page = pages.iter().position(same).unwrap_or_else(|| {
                let mut policy = pages[*page].clone();
                let words = format!("{}_{key}", policy.name.wire);
                policy.name.rust = names::constant_name(&words);
                policy.unique_by = Some(key.clone());
                pages.push(policy);
                pages.len() - 1
            });
        }
        give_keys(pages, &mut node.children);
    }
}

/// Drops idempotency keys that stand in `defaults` for methods which no resource has.
fn keep_used_keys(api: &mut Api) {
    fn visit(resources: &mut [Resource], see: &mut dyn FnMut(&mut usize)) {
        for resource in resources {
            for method in &mut resource.methods {
                if let Effect::Keyed(key) = &mut method.effect {
                    see(key);
                }
            }
            visit(&mut resource.children, see);
        }
    }
    let mut used = Vec::new();
    visit(&mut api.resources, &mut |key| {
        let position = used.iter().position(|known| known == key);
        *key = position.unwrap_or_else(|| {
            used.push(*key);
            used.len() - 1
        });
    });
    api.keys = used.iter().map(|at| api.keys[*at].clone()).collect();
}

/// The file, or the folder where `api.yaml` is one of several.
fn schema(document: &document::Api) -> String {
    let path = document.api.place.path.to_string();
    path.strip_suffix("api.yaml")
        .filter(|folder| folder.ends_with('/'))
        .map_or(path.clone(), str::to_owned)
}

fn join_resource(node: Node) -> Resource {
    Resource {
        methods: node
            .methods
            .into_iter()
            .map(|lowered| lowered.method)
            .collect(),
        children: node.children.into_iter().map(join_resource).collect(),
        ..node.resource
    }
}

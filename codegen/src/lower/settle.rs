//! The parts of an API joined to the model.
//! Assumes that every part is complete. Must not decide anything but the title and the path of the
//! schema, for which a description may have no words: it moves parts into place.

use crate::document;
use crate::model::{Api, Doc, Resource, Type};

use super::conventions::Conventions;
use super::policies::Policies;
use super::resources::{self, Node};
use super::words;

pub(super) fn join(
    document: &document::Api,
    conventions: Conventions,
    policies: Policies,
    types: Vec<Type>,
    nodes: Vec<Node>,
) -> Api {
    let allowed = document.allow.iter();
    Api {
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
        retries: policies.retries,
        pages: policies.pages,
        errors: policies.errors,
        cases: policies.cases,
        types,
        resources: nodes.into_iter().map(join_resource).collect(),
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
    }
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

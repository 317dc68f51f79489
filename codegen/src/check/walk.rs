//! The methods of an API in the order of the description, each with the resource it belongs to.
//!
//! Resources nest at most as deep as a document does, so recursion is bounded.

use crate::model::{Api, Method, Resource};

/// All resources, parents before children.
pub(super) fn resources(api: &Api) -> Vec<&Resource> {
    let mut all = Vec::new();
    for resource in &api.resources {
        collect(resource, &mut all);
    }
    all
}

fn collect<'a>(resource: &'a Resource, all: &mut Vec<&'a Resource>) {
    all.push(resource);
    for child in &resource.children {
        collect(child, all);
    }
}

/// All methods with their resources.
pub(super) fn methods(api: &Api) -> Vec<(&Resource, &Method)> {
    let of = |resource| -> Vec<(&Resource, &Method)> {
        let resource: &Resource = resource;
        resource
            .methods
            .iter()
            .map(|method| (resource, method))
            .collect()
    };
    resources(api).into_iter().flat_map(of).collect()
}

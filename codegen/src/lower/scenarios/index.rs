//! Where things of a model stand: methods by their operation, Rust items by their name, and who reads a time.
//! Must not decide anything.

use std::collections::BTreeMap;

use crate::model::{
    Api, Item, Learn, Method, Place, Resource, Struct, Type, TypeKind, Unit, WaitSource,
};

pub(super) struct Index<'a> {
    pub(super) api: &'a Api,
    /// In the order of the description.
    pub(super) methods: Vec<(&'a Resource, &'a Method)>,
    items: BTreeMap<&'a str, (&'a Type, Option<&'a Struct>)>,
}

impl<'a> Index<'a> {
    pub(super) fn of(api: &'a Api) -> Index<'a> {
        fn collect<'a>(resources: &'a [Resource], all: &mut Vec<(&'a Resource, &'a Method)>) {
            for resource in resources {
                all.extend(resource.methods.iter().map(|method| (resource, method)));
                collect(&resource.children, all);
            }
        }
        let mut methods = Vec::new();
        collect(&api.resources, &mut methods);
        let mut items = BTreeMap::new();
        for described in &api.types {
            match &described.kind {
                TypeKind::Object(object) => items.extend(
                    object
                        .structs
                        .iter()
                        .map(|item| (item.rust.as_str(), (described, Some(item)))),
                ),
                TypeKind::Enum(_) | TypeKind::Union(_) | TypeKind::Alias(_) => {
                    items.insert(described.name.rust.as_str(), (described, None));
                }
            }
        }
        Index {
            api,
            methods,
            items,
        }
    }

    pub(super) fn find(&self, item: &Item) -> Option<(&'a Type, Option<&'a Struct>)> {
        self.items.get(item.rust.as_str()).copied()
    }

    /// In which unit the policies read a time there.
    pub(super) fn unit_at(&self, place: &Place) -> Option<Unit> {
        let waits = self.api.refusal.iter().flat_map(|refusal| &refusal.wait);
        let waits = waits.filter_map(|wait| match wait {
            WaitSource::From(at, unit) => Some((at, *unit)),
            WaitSource::Fixed(_) => None,
        });
        let learned = self
            .api
            .buckets
            .iter()
            .filter_map(|bucket| bucket.learn.as_ref());
        let resets = learned
            .filter_map(|learn: &Learn| learn.reset.as_ref())
            .map(|reset| (&reset.from, reset.unit));
        let hints = self.api.hints.iter().map(|hint| (&hint.from, hint.unit));
        let mut all = waits.chain(resets).chain(hints);
        all.find(|(at, _)| *at == place).map(|(_, unit)| unit)
    }
}

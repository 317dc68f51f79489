//! The objects of a Zengine stand-in, by the path of their collection, in the order of their ids.
//!
//! A member that begins with `~` is the stand-in's own and never shown.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::identity::Grants;
use super::schema::{Collection, fill};
use super::{Config, Object, jobs, seed};
use crate::calendar::{millis, without_colon};
use crate::clock::Now;

/// The user that every token belongs to.
pub(super) const ME: u64 = 1;

pub(super) struct Store {
    pub(super) config: Config,
    wall: Now,
    objects: BTreeMap<String, Vec<Object>>,
    /// The last id of each kind of collection.
    last_ids: BTreeMap<&'static str, u64>,
    pub(super) grants: Grants,
    /// What webhooks were sent, in order.
    pub(super) deliveries: Vec<Value>,
}

impl Store {
    pub(super) fn seeded(config: Config, wall: Now) -> Self {
        let mut store = Self {
            config,
            wall,
            objects: BTreeMap::new(),
            last_ids: BTreeMap::new(),
            grants: Grants::default(),
            deliveries: Vec::new(),
        };
        seed::fill(&mut store);
        store
    }

    pub(super) fn now(&self) -> i64 {
        millis((self.wall)())
    }

    /// The present as an answer writes it.
    pub(super) fn date(&self) -> String {
        without_colon(self.now())
    }

    pub(super) fn all_of(&self, path: &str) -> impl Iterator<Item = &Object> {
        self.objects.get(path).into_iter().flatten()
    }

    pub(super) fn find(&self, path: &str, id: &str) -> Option<&Object> {
        let id: u64 = id.parse().ok()?;
        self.all_of(path).find(|object| id_of(object) == id)
    }

    pub(super) fn find_mut(&mut self, path: &str, id: u64) -> Option<&mut Object> {
        let objects = self.objects.get_mut(path)?;
        objects.iter_mut().find(|object| id_of(object) == id)
    }

    /// A record of whatever form.
    pub(super) fn find_record(&self, id: u64) -> Option<&Object> {
        let forms = self
            .objects
            .iter()
            .filter(|(path, _)| path.ends_with("/records"));
        forms
            .flat_map(|(_, records)| records)
            .find(|record| id_of(record) == id)
    }

    /// Whether all that a path goes through is there.
    pub(super) fn has_parents(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').collect();
        (1..parts.len()).step_by(2).all(|place| {
            let parent = parts[..place].join("/");
            // A path ends in a collection, so what stands at an odd place is an id.
            place + 1 >= parts.len() || self.find(&parent, parts[place]).is_some()
        })
    }

    /// Adds an object with what every one has.
    pub(super) fn add(&mut self, collection: &Collection, ids: &[&str], members: Object) -> u64 {
        let path = fill(collection.path, ids);
        let id = self.last_ids.entry(collection.path).or_insert(0);
        *id += 1;
        let id = *id;
        let now = self.date();
        let mut object = object(json!({
            "id": id, "created": now, "modified": now, "createdByUser": { "id": ME },
        }));
        object.extend(members);
        self.objects.entry(path).or_default().push(object);
        id
    }

    /// Adds an object of the seed, whose id and dates are in it.
    pub(super) fn put(&mut self, pattern: &'static str, ids: &[&str], members: Value) {
        let members = object(members);
        let last = self.last_ids.entry(pattern).or_insert(0);
        *last = (*last).max(id_of(&members));
        self.objects
            .entry(fill(pattern, ids))
            .or_default()
            .push(members);
    }

    /// Removes an object with everything below it.
    pub(super) fn remove(&mut self, path: &str, id: u64) -> Option<Object> {
        let objects = self.objects.get_mut(path)?;
        let place = objects.iter().position(|object| id_of(object) == id)?;
        let removed = objects.remove(place);
        let below = format!("{path}/{id}/");
        self.objects.retain(|path, _| !path.starts_with(&below));
        Some(removed)
    }

    /// An object without what is the stand-in's own; a job with how far it is.
    pub(super) fn bare(&self, object: &Object) -> Object {
        let own = object.iter().filter(|(name, _)| !name.starts_with('~'));
        let mut shown: Object = own
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        jobs::tell(self, object, &mut shown);
        shown
    }

    pub(super) fn all(&self) -> Value {
        let mut all = json!({ "deliveries": self.deliveries });
        for (path, objects) in &self.objects {
            all[path] = objects
                .iter()
                .map(|object| Value::Object(self.bare(object)))
                .collect();
        }
        all
    }
}

pub(super) fn id_of(object: &Object) -> u64 {
    object.get("id").and_then(Value::as_u64).unwrap_or_default()
}

/// The id in a reference, which may be a text.
pub(super) fn id_in(reference: Option<&Value>) -> Option<u64> {
    match reference?.get("id")? {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

pub(super) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        other => unreachable!("{other} was written as an object"),
    }
}

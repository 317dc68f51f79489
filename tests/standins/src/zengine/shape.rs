//! How an object is shown: with what it is related to, and with no more than was asked for.
//!
//! What is embedded embeds nothing itself.

use serde_json::Value;

use super::Object;
use super::querying::{Querying, Related};
use super::schema::{Collection, Relation, fill};
use super::store::{Store, id_in, id_of};

/// What one asked to see of an object at a path.
pub(super) fn show(
    store: &Store,
    collection: &Collection,
    ids: &[&str],
    querying: &Querying,
    object: &Object,
) -> Value {
    let mut shown = store.bare(object);
    match &querying.related {
        Related::Default => {}
        Related::Nothing => {
            for relation in collection.relations {
                if let Relation::One(name, _) = relation {
                    shown.remove(*name);
                }
            }
        }
        Related::These(names) => {
            for relation in collection.relations {
                if names.iter().any(|name| name == name_of(relation)) {
                    embed(store, relation, ids, &mut shown);
                }
            }
        }
    }
    match &querying.attributes {
        None => shown.into(),
        Some(attributes) => mask(&shown, attributes).into(),
    }
}

fn name_of(relation: &Relation) -> &'static str {
    match relation {
        Relation::One(name, _) | Relation::Below(name, _) | Relation::Naming(name, _, _) => name,
    }
}

fn embed(store: &Store, relation: &Relation, ids: &[&str], shown: &mut Object) {
    let own = id_of(shown).to_string();
    match relation {
        Relation::One(name, path) => {
            let Some(id) = id_in(shown.get(*name)) else {
                return;
            };
            let found = if path.is_empty() {
                store.find_record(id)
            } else {
                store.find(&fill(path, ids), &id.to_string())
            };
            if let Some(found) = found {
                shown.insert((*name).to_owned(), store.bare(found).into());
            }
        }
        Relation::Below(name, path) => {
            let ids: Vec<&str> = ids.iter().copied().chain([own.as_str()]).collect();
            let path = fill(path, &ids);
            let all = store.all_of(&path);
            let all: Vec<Value> = all.map(|object| store.bare(object).into()).collect();
            shown.insert((*name).to_owned(), all.into());
        }
        Relation::Naming(name, path, member) => {
            let id = id_of(shown);
            let all = store.all_of(path);
            let all = all.filter(|object| id_in(object.get(*member)) == Some(id));
            let all: Vec<Value> = all.map(|object| store.bare(object).into()).collect();
            shown.insert((*name).to_owned(), all.into());
        }
    }
}

/// The attributes that were named, and the id.
fn mask(object: &Object, attributes: &[String]) -> Object {
    let mut masked = Object::new();
    for attribute in std::iter::once("id").chain(attributes.iter().map(String::as_str)) {
        copy(object, attribute, &mut masked);
    }
    masked
}

fn copy(from: &Object, path: &str, to: &mut Object) {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let Some(value) = from.get(name) else {
        return;
    };
    match value.as_object().filter(|_| !rest.is_empty()) {
        None => {
            to.insert(name.to_owned(), value.clone());
        }
        Some(inner) => {
            let place = to.entry(name).or_insert_with(|| Object::new().into());
            if let Some(place) = place.as_object_mut() {
                copy(inner, rest, place);
            }
        }
    }
}

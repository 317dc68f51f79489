//! Reads the attributes of a body, and puts them where they belong.
//!
//! Attributes come nested or dotted. What nobody knows and what is read only is ignored. An array
//! is written whole or not at all, which is not documented; chosen here.

use serde_json::{Value, json};

use super::Object;
use super::envelope::Refusal;
use super::records;
use super::schema::{Collection, Kind, RECORDS, Rule, fill};
use super::store::{Store, id_in, id_of};
use super::{special, webhooks};
use crate::calendar::{parse_day, parse_loose, parse_naive};

/// What is wrong, by attribute.
#[derive(Debug, Default)]
pub(super) struct Complaints(Object);

impl Complaints {
    pub(super) fn add(&mut self, attribute: &str, complaint: &str) {
        let list = self.0.entry(attribute).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(complaint.into());
        }
    }

    /// Those of one item of a list.
    fn of_item(self, place: usize) -> Self {
        let named = self.0.into_iter();
        Self(
            named
                .map(|(name, list)| (format!("{place}.{name}"), list))
                .collect(),
        )
    }

    fn settle(self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Invalid(self.0))
        }
    }
}

/// What a write is to: a collection, its ids, and the object when there is one.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) collection: &'static Collection,
    pub(super) ids: &'a [&'a str],
}

impl Target<'_> {
    pub(super) fn path(&self) -> String {
        fill(self.collection.path, self.ids)
    }

    pub(super) fn is_of_records(&self) -> bool {
        self.collection.path == RECORDS
    }
}

/// Creates what is in the bodies, and changes those records that have an id already. Gives the
/// ids, and what is shown only now.
pub(super) fn create(
    store: &mut Store,
    target: Target<'_>,
    bodies: Vec<Object>,
    in_list: bool,
) -> Result<Vec<(u64, Object)>, Refusal> {
    let mut complaints = Complaints::default();
    let mut read = Vec::new();
    for (place, body) in bodies.into_iter().enumerate() {
        let body = expand(body);
        let known = if target.is_of_records() {
            body.get("id").and_then(Value::as_u64)
        } else {
            None
        };
        let mut own = Complaints::default();
        if known.is_some_and(|id| store.find(&target.path(), &id.to_string()).is_none()) {
            own.add("id", "No data was found");
        }
        let written = read_body(store, target, known, known.is_some(), &body, &mut own);
        read.push((known, written));
        complaints
            .0
            .extend(if in_list { own.of_item(place).0 } else { own.0 });
    }
    complaints.settle()?;
    let mut ids = Vec::new();
    for (known, written) in read {
        ids.push(match known {
            Some(id) => {
                change_one(store, target, id, written);
                (id, Object::new())
            }
            None => add_one(store, target, written),
        });
    }
    Ok(ids)
}

/// Changes all of these objects in the same way.
pub(super) fn change(
    store: &mut Store,
    target: Target<'_>,
    ids: &[u64],
    body: Object,
) -> Result<(), Refusal> {
    let body = expand(body);
    let mut complaints = Complaints::default();
    let only = if let [id] = ids { Some(*id) } else { None };
    let written = read_body(store, target, only, true, &body, &mut complaints);
    complaints.settle()?;
    for &id in ids {
        change_one(store, target, id, written.clone());
    }
    Ok(())
}

pub(super) fn remove(store: &mut Store, target: Target<'_>, ids: &[u64]) {
    for &id in ids {
        let removed = store.remove(&target.path(), id);
        if let Some(record) = removed.filter(|_| target.is_of_records()) {
            webhooks::notify(store, &record, "delete");
        }
    }
}

fn add_one(store: &mut Store, target: Target<'_>, mut written: Object) -> (u64, Object) {
    for field in target.collection.fields {
        if field.rule == Rule::Nullable {
            written.entry(field.name).or_insert(Value::Null);
        }
    }
    let shown_once = special::complete(store, target, &mut written);
    let id = store.add(target.collection, target.ids, written);
    if target.is_of_records() {
        notify(store, target, id, "create");
    }
    (id, shown_once)
}

fn change_one(store: &mut Store, target: Target<'_>, id: u64, written: Object) {
    let now = store.date();
    let Some(object) = store.find_mut(&target.path(), id) else {
        return;
    };
    for (name, value) in written {
        let kind = target
            .collection
            .fields
            .iter()
            .find(|field| field.name == name);
        match (kind.map(|field| field.kind), object.get_mut(&name)) {
            (Some(Kind::Structure), Some(old)) => merge(old, value),
            _ => {
                object.insert(name, value);
            }
        }
    }
    object.insert("modified".to_owned(), now.into());
    if let Some(version) = object.get("objectVersion").and_then(Value::as_str) {
        let next = version.parse::<u64>().unwrap_or(0) + 1;
        object.insert("objectVersion".to_owned(), next.to_string().into());
    }
    if target.is_of_records() {
        notify(store, target, id, "update");
    }
}

fn notify(store: &mut Store, target: Target<'_>, id: u64, action: &str) {
    if let Some(record) = store.find(&target.path(), &id.to_string()).cloned() {
        webhooks::notify(store, &record, action);
    }
}

fn read_body(
    store: &Store,
    target: Target<'_>,
    known: Option<u64>,
    change: bool,
    body: &Object,
    complaints: &mut Complaints,
) -> Object {
    let mut written = Object::new();
    for field in target.collection.fields {
        match body.get(field.name) {
            None if change || field.rule == Rule::Nullable => {}
            None => complaints.add(field.name, "This attribute is required"),
            Some(Value::Null) if field.rule == Rule::Nullable => {
                written.insert(field.name.to_owned(), Value::Null);
            }
            Some(Value::Null) => complaints.add(field.name, "This attribute is required"),
            Some(Value::String(text)) if field.rule == Rule::Required && text.is_empty() => {
                complaints.add(field.name, "This attribute is required");
            }
            Some(value) => match check(store, target, field.kind, value) {
                Ok(value) => {
                    written.insert(field.name.to_owned(), value);
                }
                Err(complaint) => complaints.add(field.name, complaint),
            },
        }
    }
    if target.is_of_records() {
        records::read(
            store,
            target,
            known,
            change,
            body,
            (&mut written, complaints),
        );
    }
    written
}

/// A form's values are all texts, and those of JSON may be too.
fn check(
    store: &Store,
    target: Target<'_>,
    kind: Kind,
    value: &Value,
) -> Result<Value, &'static str> {
    let text = value.as_str();
    let kept = |fits: bool, complaint| {
        if fits {
            Ok(value.clone())
        } else {
            Err(complaint)
        }
    };
    match kind {
        Kind::Text => kept(text.is_some(), "Must be a string"),
        Kind::Integer => {
            let number = text.map_or(value.as_i64(), |text| text.parse().ok());
            number.map(Value::from).ok_or("Must be an integer")
        }
        Kind::Flag => match (value, text) {
            (Value::Bool(_), _) => Ok(value.clone()),
            (_, Some("true" | "1")) => Ok(true.into()),
            (_, Some("false" | "0")) => Ok(false.into()),
            _ => Err("Must be a boolean"),
        },
        Kind::Instant => kept(
            text.and_then(parse_loose).is_some(),
            "Must be a date and time",
        ),
        Kind::Naive => kept(
            text.and_then(parse_naive).is_some(),
            "Must be a date and time",
        ),
        Kind::Day => kept(text.and_then(parse_day).is_some(), "Must be a date"),
        Kind::Structure => kept(value.is_object(), "Must be an object"),
        Kind::List => kept(value.is_array(), "Must be an array"),
        Kind::OneOf(words) => kept(
            text.is_some_and(|text| words.contains(&text)),
            "Is not one of the choices",
        ),
        Kind::Reference(path) => {
            let id = id_in(Some(value)).ok_or("Must be a reference by id")?;
            let known = path.is_empty()
                || store
                    .find(&fill(path, target.ids), &id.to_string())
                    .is_some();
            if known {
                Ok(json!({ "id": id }))
            } else {
                Err("No data was found")
            }
        }
    }
}

/// Nested attributes for dotted ones.
pub(super) fn expand(body: Object) -> Object {
    let mut expanded = Value::Object(Object::new());
    for (name, value) in body {
        let value = match value {
            Value::Object(inner) => Value::Object(expand(inner)),
            other => other,
        };
        let mut parts = name.rsplit('.');
        let last = parts.next().unwrap_or_default();
        let innermost = Value::Object([(last.to_owned(), value)].into_iter().collect());
        let nested = parts.fold(innermost, |inner, part| {
            Value::Object([(part.to_owned(), inner)].into_iter().collect())
        });
        merge(&mut expanded, nested);
    }
    match expanded {
        Value::Object(object) => object,
        other => unreachable!("{other} began as an object and was merged with objects"),
    }
}

/// Objects are merged into each other, everything else takes the place of what was there.
fn merge(old: &mut Value, new: Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in new {
                merge(old.entry(name).or_insert(Value::Null), value);
            }
        }
        (old, new) => *old = new,
    }
}

/// The ids of objects.
pub(super) fn ids(objects: &[&Object]) -> Vec<u64> {
    objects.iter().map(|object| id_of(object)).collect()
}

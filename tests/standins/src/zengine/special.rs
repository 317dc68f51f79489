//! What single resources have of their own: secrets that are shown once, members by invitation,
//! permissions, and calculations.

use serde_json::{Value, json};

use super::Object;
use super::envelope::{Refusal, single, success};
use super::filter::at;
use super::jobs;
use super::querying::Querying;
use super::schema::{CLIENTS, INVITEES, MEMBERS, RECORDS, fill, resolve};
use super::store::{ME, Store, id_in, id_of, object};
use super::write::Target;
use crate::calendar::{parse_naive, without_colon};

/// Adds what the server says about a new object. What it gives back is shown in this answer only.
pub(super) fn complete(store: &mut Store, target: Target<'_>, new: &mut Object) -> Object {
    let mut shown_once = Object::new();
    let mut once = |name: &str, secret: String, new: &mut Object| {
        new.insert(format!("~{name}"), secret.clone().into());
        shown_once.insert(name.to_owned(), secret.into());
    };
    let mut fill_in = Object::new();
    match target.collection.path {
        "webhooks" => {
            once("secretKey", store.make_secret("whsec"), new);
            default(new, "includeRelated", false.into());
            default(new, "isActive", true.into());
        }
        INVITEES => {
            once("inviteCode", store.make_secret("invite"), new);
            let workspace = target.ids.first().and_then(|id| id.parse::<u64>().ok());
            fill_in = object(json!({
                "workspace": { "id": workspace }, "claimedByUser": nobody(),
            }));
        }
        CLIENTS => {
            let key = store.make_secret("apikey");
            store.grants.client_keys.push(key.clone());
            once("apiKey", key, new);
        }
        RECORDS => fill_in = of_record(store, target, new),
        "forms" => {
            default(new, "isPublic", false.into());
            default(new, "linkedForms", json!([]));
            fill_in = object(json!({ "objectVersion": "1", "canCreateRecords": true }));
        }
        "tasks" => default(new, "status", "open".into()),
        "scheduled_webhooks" => fill_in = of_schedule(new),
        path if jobs::are_at(path) => jobs::begin(store, new),
        _ => {}
    }
    new.extend(fill_in);
    shown_once
}

fn default(new: &mut Object, name: &str, value: Value) {
    let place = new.entry(name).or_insert(Value::Null);
    if place.is_null() {
        *place = value;
    }
}

/// A user of whom nothing is known yet: every leaf is null, the id too.
pub(super) fn nobody() -> Value {
    json!({
        "id": Value::Null, "username": Value::Null, "email": Value::Null,
        "displayName": Value::Null, "created": Value::Null, "modified": Value::Null,
        "settings": { "avatarUrl": Value::Null, "timezone": Value::Null },
    })
}

fn of_record(store: &Store, target: Target<'_>, new: &mut Object) -> Object {
    let form = target.ids.first().copied().unwrap_or_default();
    let folders = fill("forms/{}/folders", target.ids);
    let first = store
        .all_of(&folders)
        .next()
        .map(|folder| json!({ "id": id_of(folder) }));
    default(new, "folder", first.unwrap_or(Value::Null));
    let workspace = store
        .find("forms", form)
        .and_then(|form| id_in(form.get("workspace")));
    object(json!({
        "form": { "id": form.parse::<u64>().unwrap_or_default() },
        "workspace": { "id": workspace },
        "objectVersion": "1", "isComplete": true, "isValid": true, "canUpdate": true,
        "canDelete": true, "createdByClient": { "id": 1, "appName": "Web" },
        "metadata": { "ipAddress": Value::Null },
    }))
}

fn of_schedule(new: &Object) -> Object {
    let start = new
        .get("start")
        .and_then(Value::as_str)
        .and_then(parse_naive);
    let next = start.map(|start| without_colon(start + 86_400_000));
    object(json!({ "scheduled": start.map(without_colon), "nextScheduled": next }))
}

/// Makes oneself a member by an invitation, which is answered without any data.
pub(super) fn join(store: &mut Store, ids: &[&str], body: &Object) -> Result<Value, Refusal> {
    let code = body.get("inviteCode").and_then(Value::as_str);
    let code = code.ok_or(Refusal::invalid("inviteCode", "This attribute is required"))?;
    let invitees = fill(INVITEES, ids);
    let invitee = store.all_of(&invitees).find(|invitee| {
        invitee.get("~inviteCode").and_then(Value::as_str) == Some(code)
            && at(invitee, "claimedByUser.id") == Some(&Value::Null)
    });
    let invitee = invitee.ok_or(Refusal::invalid("inviteCode", "No data was found"))?;
    let (invitee, role) = (id_of(invitee), invitee.get("role").cloned());
    let user = store
        .find("users", &ME.to_string())
        .map(|user| store.bare(user));
    if let Some(invitee) = store.find_mut(&invitees, invitee) {
        invitee.insert("claimedByUser".to_owned(), user.clone().into());
    }
    let named = |name: &str| user.as_ref().and_then(|user| user.get(name)).cloned();
    let member = object(json!({
        "role": role,
        "user": {
            "id": ME, "username": named("username"), "email": named("email"),
            "displayName": named("displayName"),
        },
    }));
    let path = fill(MEMBERS, ids);
    let parts: Vec<&str> = path.split('/').collect();
    let (members, _, _) = resolve(&parts).expect("it is one of the collections");
    store.add(members, ids, member);
    Ok(success())
}

/// What the token's user may do, which is everything.
pub(super) fn permissions() -> Value {
    single(&json!({ "create": true, "read": true, "update": true, "delete": true }))
}

/// The sum, least, largest or number of an attribute of records. Neither the parameters nor the
/// answer are documented; chosen here.
pub(super) fn calculate(store: &Store, raw: Option<&str>) -> Result<Value, Refusal> {
    let pairs = crate::query::pairs(raw).unwrap_or_default();
    let given = |name: &str| {
        let found = pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    let form = given("form.id").ok_or(Refusal::invalid("form.id", "This attribute is required"))?;
    let attribute = given("attribute").unwrap_or("id");
    let own = ["form.id", "attribute", "operation"];
    let rest = raw.unwrap_or_default().split('&');
    let rest = rest.filter(|pair| !own.contains(&pair.split('=').next().unwrap_or_default()));
    let querying = Querying::read(Some(&rest.collect::<Vec<_>>().join("&")), true)?;
    store.find("forms", form).ok_or(Refusal::NotFound)?;
    let found = querying.select(store, &fill(RECORDS, &[form]));
    let numbers = found
        .iter()
        .filter_map(|record| match at(record, attribute)? {
            Value::String(text) => text.parse().ok(),
            other => other.as_f64(),
        });
    let numbers: Vec<f64> = numbers.collect();
    let result = match given("operation").unwrap_or("count") {
        "count" => json!(found.len()),
        "sum" => json!(numbers.iter().sum::<f64>()),
        "min" => json!(numbers.iter().copied().reduce(f64::min)),
        "max" => json!(numbers.iter().copied().reduce(f64::max)),
        _ => return Err(Refusal::invalid("operation", "Is not one of the choices")),
    };
    Ok(single(&json!({ "result": result })))
}

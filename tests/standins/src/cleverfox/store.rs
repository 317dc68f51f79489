//! The records of a CleverFox stand-in, by collection, in the order of their ids.
//!
//! Each is kept with its own members only; what is embedded is put in when it is shown. A
//! credential that was written is forgotten at once, but for the fact that there is one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Config;
use super::answer::Refusal;
use super::fields::Object;
use super::resources::{LOG_ITEMS, LOGS, Resource, named};
use super::seed;
use crate::calendar::{millis, naive, parse_naive};
use crate::clock::Now;

pub(super) const MINUTE: i64 = 60_000;
/// How long a `Token` is remembered.
const TOKEN_LIVES: i64 = 60 * MINUTE;
/// How long the agent of a new device takes to be built, at most.
const AGENT_TAKES: i64 = MINUTE;

pub(super) struct Store {
    pub(super) config: Config,
    /// The origin of the files.
    pub(super) files: String,
    wall: Now,
    pub(super) began: i64,
    collections: BTreeMap<&'static str, Vec<Object>>,
    /// When each token was first received.
    tokens: BTreeMap<String, i64>,
    /// The hidden fields that each job item has.
    hidden: BTreeSet<(i64, &'static str)>,
    invitations: u64,
}

impl Store {
    pub(super) fn seeded(config: Config, wall: Now, files: String) -> Self {
        let began = millis(wall());
        let mut store = Self {
            collections: seed::collections(config.companies),
            config,
            files,
            wall,
            began,
            tokens: BTreeMap::new(),
            hidden: BTreeSet::new(),
            invitations: 0,
        };
        let items: Vec<i64> = store
            .all_of("jobitems")
            .map(|item| id_of(item, "JobItemId"))
            .collect();
        store
            .hidden
            .extend(items.into_iter().map(|id| (id, "Password")));
        store
    }

    pub(super) fn now(&self) -> i64 {
        millis((self.wall)())
    }

    pub(super) fn count(&self, collection: &str) -> usize {
        self.collections.get(collection).map_or(0, Vec::len)
    }

    pub(super) fn all_of(&self, collection: &str) -> impl DoubleEndedIterator<Item = &Object> {
        self.collections.get(collection).into_iter().flatten()
    }

    pub(super) fn find(&self, collection: &str, key: &str, id: i64) -> Option<&Object> {
        self.all_of(collection)
            .find(|record| id_of(record, key) == id)
    }

    /// The record with what it embeds, whose own embedded ones are null.
    pub(super) fn show(&self, resource: &Resource, record: &Object) -> Value {
        let mut shown = self.show_bare(resource, record);
        for (member, collection, key) in resource.embeds {
            let embedded = record.get(*key).and_then(Value::as_i64);
            let embedded = embedded.and_then(|id| self.embed(collection, key, id));
            shown.insert((*member).to_owned(), embedded.unwrap_or(Value::Null));
        }
        if resource.path == "jobs" {
            let items = self.all_of("jobitems");
            let items = items.filter(|item| item.get("JobId") == record.get("JobId"));
            let items: Vec<Value> = items
                .filter_map(|item| self.embed("jobitems", "JobItemId", id_of(item, "JobItemId")))
                .collect();
            shown.insert("JobItems".to_owned(), items.into());
        }
        shown.into()
    }

    /// A record as it stands inside another one.
    pub(super) fn embed(&self, collection: &str, key: &str, id: i64) -> Option<Value> {
        let record = self.find(collection, key, id)?;
        Some(match named(collection) {
            Some(resource) => self.show_bare(resource, record).into(),
            None => record.clone().into(),
        })
    }

    fn show_bare(&self, resource: &Resource, record: &Object) -> Object {
        let mut shown = record.clone();
        for (member, _, _) in resource.embeds {
            shown.insert((*member).to_owned(), Value::Null);
        }
        if resource.path == "jobs" {
            shown.insert("JobItems".to_owned(), Value::Null);
        }
        if resource.path == "devices" && !self.has_agent(record) {
            shown.insert("AgentDownloadUrl".to_owned(), Value::Null);
            shown.insert("LastAgentDownloadCreated".to_owned(), Value::Null);
        }
        shown
    }

    fn has_agent(&self, device: &Object) -> bool {
        let added = device.get("AddedOn").and_then(Value::as_str);
        let added = added
            .and_then(parse_naive)
            .expect("every device has its date");
        self.now() - added >= AGENT_TAKES
    }

    /// Whether a token was received within the hour.
    pub(super) fn knows_token(&mut self, token: &str) -> bool {
        let oldest = self.now() - TOKEN_LIVES;
        self.tokens.retain(|_, received| *received > oldest);
        self.tokens.contains_key(token)
    }

    pub(super) fn remember_token(&mut self, token: String) {
        let now = self.now();
        self.tokens.insert(token, now);
    }

    /// Adds a record and gives its id.
    pub(super) fn add(&mut self, resource: &'static Resource, written: Object) -> i64 {
        let last = self.all_of(resource.path).next_back();
        let id = last.map_or(1, |record| id_of(record, resource.key) + 1);
        let now = naive(self.now());
        let mut record = seed::server_side(resource, id, &now);
        let written = self.forget_hidden(resource, id, written);
        record.extend(written);
        self.collections
            .entry(resource.path)
            .or_default()
            .push(record);
        if resource.path == "companyusers" {
            self.invitations += 1;
        }
        self.note_event(resource, id, "Added", -1);
        id
    }

    pub(super) fn change(&mut self, resource: &'static Resource, id: i64, written: Object) {
        let now = naive(self.now());
        let written = self.forget_hidden(resource, id, written);
        let records = self.collections.entry(resource.path).or_default();
        if let Some(record) = records.iter_mut().find(|r| id_of(r, resource.key) == id) {
            record.extend(written);
            record.insert("UpdatedOn".to_owned(), now.into());
        }
        self.note_event(resource, id, "Modified", 0);
    }

    pub(super) fn remove(&mut self, resource: &'static Resource, id: i64) -> Result<(), Refusal> {
        let records = self.collections.entry(resource.path).or_default();
        let place = records.iter().position(|r| id_of(r, resource.key) == id);
        records.remove(place.ok_or(Refusal::NotFound)?);
        self.note_event(resource, id, "Deleted", 1);
        Ok(())
    }

    /// A change says the whole, so a hidden field that it leaves out is gone too.
    fn forget_hidden(&mut self, resource: &Resource, id: i64, mut written: Object) -> Object {
        for field in resource
            .fields
            .iter()
            .filter(|field| field.rule == super::fields::Rule::Hidden)
        {
            if written
                .remove(field.name)
                .is_some_and(|value| !value.is_null())
            {
                self.hidden.insert((id, field.name));
            } else {
                self.hidden.remove(&(id, field.name));
            }
        }
        written
    }

    fn note_event(&mut self, resource: &Resource, id: i64, what: &str, offset: i64) {
        let last = self.all_of("events").next_back();
        let number = last.map_or(1, |event| id_of(event, "EventId") + 1);
        let kind = resource.key.trim_end_matches("Id");
        let kind = format!("{} {what}", spaced(kind));
        let event = seed::event(
            number,
            (resource.event + offset, &kind),
            (resource.key, id),
            &naive(self.now()),
        );
        self.collections.entry("events").or_default().push(event);
    }

    /// The number of logs by now.
    pub(super) fn log_count(&self) -> u64 {
        let passed = u64::try_from(self.now() - self.began).unwrap_or(0);
        let every = self.config.log_every.map(|every| every.as_millis());
        let every = every
            .and_then(|every| u64::try_from(every).ok())
            .filter(|every| *every > 0);
        self.config.logs + every.map_or(0, |every| passed / every)
    }

    pub(super) fn all(&self) -> Value {
        let mut all = json!({
            "invitations": self.invitations,
            "tokens": self.tokens.len(),
            LOGS: self.log_count(),
            LOG_ITEMS: self.log_count() * super::logs::ITEMS,
        });
        for (collection, records) in &self.collections {
            let mut records: Vec<Object> = records.clone();
            if *collection == "jobitems" {
                for record in &mut records {
                    let id = id_of(record, "JobItemId");
                    for (_, field) in self.hidden.range((id, "")..(id + 1, "")) {
                        record.insert((*field).to_owned(), "set".into());
                    }
                }
            }
            all[*collection] = records.into_iter().map(Value::Object).collect();
        }
        all
    }
}

pub(super) fn id_of(record: &Object, key: &str) -> i64 {
    record.get(key).and_then(Value::as_i64).unwrap_or_default()
}

/// `Job Item` for `JobItem`.
fn spaced(name: &str) -> String {
    let mut spaced = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push(letter);
    }
    spaced
}

//! What the parameters of a query ask for: which objects, in which order, and how much of them.
//!
//! A `limit` that is no number is the default; one above the largest is cut down by whoever
//! reads it. An attribute that nothing has is null wherever it stands.

use std::cmp::Ordering;

use serde_json::Value;

use super::Object;
use super::envelope::Refusal;
use super::filter::{Filter, Prefix, at, compare, texts};
use super::store::{Store, id_of};
use crate::query;

const LIMIT: usize = 20;
/// Parameters that are no filters.
const OTHERS: [&str; 7] = [
    "access_token",
    "client_id",
    "timezone",
    "pretty",
    "callback",
    "_method",
    "fields",
];

/// Which relations are shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Related {
    /// The references as they are.
    Default,
    /// Not even these.
    Nothing,
    These(Vec<String>),
}

#[derive(Debug)]
pub(super) struct Querying {
    pub(super) limit: usize,
    page: usize,
    sorts: Vec<String>,
    directions: Vec<String>,
    pub(super) attributes: Option<Vec<String>>,
    pub(super) related: Related,
    clauses: Vec<(Prefix, String, String)>,
    filter: Option<Filter>,
    pub(super) pretty: bool,
    pub(super) callback: Option<String>,
}

impl Querying {
    pub(super) fn read(raw: Option<&str>, of_records: bool) -> Result<Self, Refusal> {
        let mut querying = Self {
            limit: LIMIT,
            page: 1,
            sorts: Vec::new(),
            directions: Vec::new(),
            attributes: None,
            related: Related::Default,
            clauses: Vec::new(),
            filter: None,
            pretty: false,
            callback: None,
        };
        let pairs = query::pairs(raw).ok_or(Refusal::Bad("The query cannot be read"))?;
        for (name, value) in pairs {
            querying.take(&name, value, of_records)?;
        }
        Ok(querying)
    }

    fn take(&mut self, name: &str, value: String, of_records: bool) -> Result<(), Refusal> {
        let list = |value: &str| {
            value
                .split(',')
                .map(|part| part.trim().to_owned())
                .collect()
        };
        // PHP's lists may have a number between their brackets.
        let plain = name.split('[').next().unwrap_or_default();
        match plain {
            "limit" => {
                let limit = value.parse().ok().filter(|limit| *limit > 0);
                self.limit = limit.unwrap_or(LIMIT);
            }
            // The first page is either 1 or 0.
            "page" => self.page = value.parse().unwrap_or(1).max(1),
            "sort" => self.sorts.extend::<Vec<String>>(list(&value)),
            "direction" => self.directions.extend::<Vec<String>>(list(&value)),
            "attributes" => self.attributes = Some(list(&value)),
            "related" if value == "null" => self.related = Related::Nothing,
            "related" => self.related = Related::These(list(&value)),
            "pretty" => self.pretty = value == "1",
            "callback" => self.callback = Some(value),
            "filter" if of_records => {
                let json: Value = serde_json::from_str(&value)
                    .map_err(|_| Refusal::Bad("The data filter is not JSON"))?;
                self.filter = Some(Filter::parse(&json)?);
            }
            "filter" => return Err(Refusal::Bad("Only records have data filters")),
            other if OTHERS.contains(&other) => {}
            _ => {
                let (prefix, attribute) = Prefix::split(name);
                self.clauses.push((prefix, attribute.to_owned(), value));
            }
        }
        Ok(())
    }

    pub(super) fn offset(&self) -> usize {
        (self.page - 1).saturating_mul(self.limit)
    }

    pub(super) fn admits(&self, store: &Store, object: &Object) -> bool {
        let clause = |(prefix, attribute, value): &(Prefix, String, String)| {
            prefix.admits(at(object, attribute), value)
        };
        self.clauses.iter().all(clause)
            && self
                .filter
                .as_ref()
                .is_none_or(|filter| filter.admits(store, object))
    }

    /// By the sorts that are asked for, then by ascending id.
    pub(super) fn order(&self, one: &Object, other: &Object) -> Ordering {
        for (place, attribute) in self.sorts.iter().enumerate() {
            let text = |object| texts(at(object, attribute)).swap_remove(0);
            let order = compare(&text(one), &text(other));
            let down = self
                .directions
                .get(place)
                .is_some_and(|direction| direction == "desc");
            let order = if down { order.reverse() } else { order };
            if order.is_ne() {
                return order;
            }
        }
        id_of(one).cmp(&id_of(other))
    }

    /// The objects that are asked for, over all pages.
    pub(super) fn select<'a>(&self, store: &'a Store, path: &str) -> Vec<&'a Object> {
        let all = store
            .all_of(path)
            .filter(|object| self.admits(store, object));
        let mut found: Vec<&Object> = all.collect();
        found.sort_by(|one, other| self.order(one, other));
        found
    }
}

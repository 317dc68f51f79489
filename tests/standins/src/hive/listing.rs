//! Lists: which records a query asks for, in which order, and which page of them.
//!
//! Lists run by descending time of creation, then by descending id. A filter that is not Hive's
//! is ignored; a value that cannot be read is a bad request.

use http::StatusCode;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::state::{Record, State};
use super::{Answer, answer};
use crate::calendar::parse_instant;
use crate::query;

const ITEMS_PER_PAGE: usize = 20;

#[derive(Clone, Copy)]
enum Comparison {
    Below,
    AtMost,
    Above,
    AtLeast,
}

pub(super) struct Query {
    page: usize,
    created: Vec<(Comparison, i64)>,
    /// `name[]=value`, without the brackets.
    lists: Vec<(String, String)>,
    pub(super) with_batches: bool,
}

impl Query {
    pub(super) fn read(raw: Option<&str>) -> Result<Self, Refusal> {
        let mut query = Self {
            page: 1,
            created: Vec::new(),
            lists: Vec::new(),
            with_batches: false,
        };
        for (name, value) in query::pairs(raw).ok_or(Refusal::BadRequest)? {
            query.take(&name, value).ok_or(Refusal::BadRequest)?;
        }
        Ok(query)
    }

    fn take(&mut self, name: &str, value: String) -> Option<()> {
        if name == "page" {
            let plain = value.bytes().all(|byte| byte.is_ascii_digit());
            self.page = value.parse().ok().filter(|&page| plain && page >= 1)?;
        } else if name == "include" {
            self.with_batches = value.split(',').any(|part| part == "batches");
        } else if let Some(operator) = name.strip_prefix("created_at[") {
            let comparison = match operator {
                "lt]" => Comparison::Below,
                "lte]" => Comparison::AtMost,
                "gt]" => Comparison::Above,
                "gte]" => Comparison::AtLeast,
                _ => return None,
            };
            self.created.push((comparison, parse_instant(&value)?));
        } else if let Some(list) = name.strip_suffix("[]") {
            self.lists.push((list.to_owned(), value));
        }
        Some(())
    }

    /// Whether the record was created when the query says. All comparisons must hold.
    pub(super) fn admits_created(&self, record: &Record) -> bool {
        self.created
            .iter()
            .all(|&(comparison, bound)| match comparison {
                Comparison::Below => record.created < bound,
                Comparison::AtMost => record.created <= bound,
                Comparison::Above => record.created > bound,
                Comparison::AtLeast => record.created >= bound,
            })
    }

    /// Whether a member of the record is in the list of this name, if the query has one.
    pub(super) fn admits(&self, list: &str, record: &Record, member: &str) -> bool {
        let mut wanted = self
            .lists
            .iter()
            .filter(|(name, _)| name == list)
            .peekable();
        if wanted.peek().is_none() {
            return true;
        }
        let held = match record.json.get(member) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => return false,
        };
        wanted.any(|(_, value)| *value == held)
    }
}

/// One page of the records that are asked for, each as `show` shows it.
pub(super) fn page(
    state: &State,
    query: &Query,
    records: &[Record],
    wanted: impl Fn(&Record) -> bool,
    show: impl Fn(&Record) -> Value,
) -> Answer {
    let mut found: Vec<&Record> = records.iter().filter(|record| wanted(record)).collect();
    found.sort_by_key(|record| std::cmp::Reverse((record.created, record.id)));
    let page_count = match found.len() {
        0 => state.page_count_when_empty,
        count => count.div_ceil(ITEMS_PER_PAGE),
    };
    let before = (query.page - 1).saturating_mul(ITEMS_PER_PAGE);
    let shown = found.iter().skip(before).take(ITEMS_PER_PAGE);
    let shown: Vec<Value> = shown.map(|record| show(record)).collect();
    let body = json!({
        "data": shown,
        "pagination": {
            "current_page": query.page,
            "item_count": found.len(),
            "page_count": page_count,
            "items_per_page": ITEMS_PER_PAGE,
        },
    });
    answer(StatusCode::OK, &body)
}

/// The record, with the batches of its items only if they are asked for.
pub(super) fn show_items(record: &Record, with_batches: bool) -> Value {
    let mut value = record.value();
    if !with_batches && let Some(items) = value["items"].as_array_mut() {
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            item.remove("batches");
        }
    }
    value
}

//! Lists of version 2: the newest first, page by page behind a cursor, by the address of the next.
//!
//! A cursor says behind which record the page begins, so that new records shift nothing. How large
//! a page is without a `limit`, and at most, is not documented, nor is the cursor's parameter;
//! chosen here.

use std::cmp::Reverse;

use http::StatusCode;
use serde_json::{Value, json};

use super::super::refusal::Refusal;
use super::super::state::{Object, Record};
use super::super::{Answer, answer};
use super::translate::show;
use crate::calendar::parse_instant;
use crate::query;

const LIMIT: usize = 20;
const LARGEST_LIMIT: usize = 100;

pub(super) struct Listing {
    limit: usize,
    /// When the last record before this page was created, and its id.
    cursor: Option<(i64, i64)>,
    with_batches: bool,
    conditions: Vec<Condition>,
    /// The parameters as they came, but for the cursor.
    kept: Vec<String>,
}

enum Condition {
    /// The member is one of these.
    In(String, Vec<String>),
    /// How the member compares.
    Instant(String, fn(&i64, &i64) -> bool, i64),
}

impl Listing {
    pub(super) fn read(raw: Option<&str>) -> Result<Self, Refusal> {
        let mut listing = Self {
            limit: LIMIT,
            cursor: None,
            with_batches: false,
            conditions: Vec::new(),
            kept: Vec::new(),
        };
        for pair in raw
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
        {
            let decoded = query::pairs(Some(pair)).ok_or(Refusal::BadRequest)?;
            for (name, value) in decoded {
                listing.take(&name, &value).ok_or(Refusal::BadRequest)?;
                if name != "cursor" {
                    listing.kept.push(pair.to_owned());
                }
            }
        }
        Ok(listing)
    }

    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name.trim_end_matches("[]").split_once('[') {
            None if name == "limit" => {
                let limit = value.parse().ok();
                self.limit = limit.filter(|limit| (1..=LARGEST_LIMIT).contains(limit))?;
            }
            None if name == "cursor" => {
                let (created, id) = value.strip_prefix('k')?.split_once('_')?;
                let read = |text| i64::from_str_radix(text, 36).ok();
                self.cursor = Some((read(created)?, read(id)?));
            }
            None if name == "include" => {
                self.with_batches = value.split(',').any(|part| part == "batches");
            }
            None => {}
            Some((member, "in]")) => {
                let values = value.split(',').map(str::to_owned);
                let known = self
                    .conditions
                    .iter_mut()
                    .find_map(|condition| match condition {
                        Condition::In(known, values) if known == member => Some(values),
                        Condition::In(..) | Condition::Instant(..) => None,
                    });
                match known {
                    Some(known) => known.extend(values),
                    None => {
                        let condition = Condition::In(member.to_owned(), values.collect());
                        self.conditions.push(condition);
                    }
                }
            }
            Some((member, operator)) => {
                let compares: fn(&i64, &i64) -> bool = match operator {
                    "lt]" => i64::lt,
                    "lte]" => i64::le,
                    "gt]" => i64::gt,
                    "gte]" => i64::ge,
                    _ => return None,
                };
                let bound = parse_instant(value)?;
                let condition = Condition::Instant(member.to_owned(), compares, bound);
                self.conditions.push(condition);
            }
        }
        Some(())
    }

    fn admits(&self, shown: &Object) -> bool {
        self.conditions.iter().all(|condition| match condition {
            Condition::In(member, values) => {
                // An order's own id is `id` in the order and `order_id` in what belongs to it.
                let held = shown.get(member).or_else(|| match member.as_str() {
                    "order_id" | "sku_id" => shown.get("id"),
                    _ => None,
                });
                let held = match held {
                    Some(Value::String(text)) => text.clone(),
                    Some(other) => other.to_string(),
                    None => return false,
                };
                values.contains(&held)
            }
            Condition::Instant(member, compares, bound) => {
                let held = shown
                    .get(member)
                    .and_then(Value::as_str)
                    .and_then(parse_instant);
                held.is_some_and(|held| compares(&held, bound))
            }
        })
    }

    /// The record, with the batches of its items only if they are asked for.
    pub(super) fn show(&self, record: &Record) -> Value {
        show_with(record, self.with_batches)
    }

    /// The page that is asked for, `url` being the address of the list.
    pub(super) fn page(&self, records: &[Record], url: &str) -> Answer {
        let shown = records
            .iter()
            .map(|record| (Reverse((record.created, record.id)), self.show(record)));
        let wanted = |shown: &Value| shown.as_object().is_some_and(|shown| self.admits(shown));
        let mut found: Vec<_> = shown.filter(|(_, shown)| wanted(shown)).collect();
        found.sort_by_key(|(place, _)| *place);
        let behind = |place: &Reverse<(i64, i64)>| self.cursor.is_none_or(|last| place.0 < last);
        let mut rest = found
            .into_iter()
            .filter(|(place, _)| behind(place))
            .peekable();
        let page: Vec<_> = rest.by_ref().take(self.limit).collect();
        let last = page.last().map(|(place, _)| place.0);
        let next = rest.peek().and(last).map(|(created, id)| {
            let cursor = format!("cursor=k{}_{}", base36(created), base36(id));
            let parameters = self.kept.iter().cloned().chain([cursor]);
            format!("{url}?{}", parameters.collect::<Vec<_>>().join("&"))
        });
        let data: Vec<Value> = page.into_iter().map(|(_, shown)| shown).collect();
        let pagination = json!({ "next_page_url": next, "limit": self.limit });
        answer(
            StatusCode::OK,
            &json!({ "data": data, "pagination": pagination }),
        )
    }
}

/// A record as version 2 shows it alone.
pub(super) fn show_with(record: &Record, with_batches: bool) -> Value {
    match super::super::listing::show_items(record, with_batches) {
        Value::Object(object) => show(object),
        other => other,
    }
}

fn base36(number: i64) -> String {
    let mut digits = Vec::new();
    let mut rest = number.unsigned_abs();
    loop {
        let digit = u32::try_from(rest % 36).expect("below 36");
        digits.push(char::from_digit(digit, 36).expect("a digit of this base"));
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        digits.push('-');
    }
    digits.iter().rev().collect()
}

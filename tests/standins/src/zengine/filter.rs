//! Conditions on objects: by prefixed parameters, and by the JSON of a data filter.
//!
//! A value may be several, with bars between them: any of them has to fit, and none of them may
//! where the prefix begins with `not`.

use serde_json::Value;

use super::Object;
use super::envelope::Refusal;
use super::store::{Store, id_in};
use crate::calendar::{parse_day, parse_loose, parse_naive};

/// How deep a data filter may be nested.
const DEEPEST: usize = 5;
const DAY: i64 = 86_400_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    Is,
    Not,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    Min,
    Max,
    NotValidates,
}

const PREFIXES: [(&str, Prefix); 8] = [
    ("not-contains", Prefix::NotContains),
    ("not-validates", Prefix::NotValidates),
    ("not", Prefix::Not),
    ("contains", Prefix::Contains),
    ("starts-with", Prefix::StartsWith),
    ("ends-with", Prefix::EndsWith),
    ("min", Prefix::Min),
    ("max", Prefix::Max),
];

impl Prefix {
    /// Splits the name of a parameter into its prefix and the attribute.
    pub(super) fn split(name: &str) -> (Self, &str) {
        let found = PREFIXES.iter().find_map(|(word, prefix)| {
            let rest = name.strip_prefix(word)?.strip_prefix('-')?;
            Some((*prefix, rest))
        });
        found.unwrap_or((Self::Is, name))
    }

    fn named(name: &str) -> Option<Self> {
        if name.is_empty() {
            return Some(Self::Is);
        }
        let found = PREFIXES.iter().find(|(word, _)| *word == name);
        found.map(|(_, prefix)| *prefix)
    }

    pub(super) fn admits(self, held: Option<&Value>, wanted: &str) -> bool {
        let held = texts(held);
        let any = |fits: &dyn Fn(&str, &str) -> bool| {
            wanted
                .split('|')
                .any(|wanted| held.iter().any(|held| fits(held, wanted)))
        };
        match self {
            Self::Is => any(&equal),
            Self::Not => !any(&equal),
            Self::Contains => any(&|held, wanted| held.contains(wanted)),
            Self::NotContains => !any(&|held, wanted| held.contains(wanted)),
            Self::StartsWith => any(&|held, wanted| held.starts_with(wanted)),
            Self::EndsWith => any(&|held, wanted| held.ends_with(wanted)),
            Self::Min => any(&|held, wanted| !held.is_empty() && compare(held, wanted).is_ge()),
            Self::Max => any(&|held, wanted| !held.is_empty() && compare(held, wanted).is_le()),
            Self::NotValidates => any(&|held, rule| match rule {
                "required" => held.is_empty(),
                "numeric" => held.parse::<f64>().is_err(),
                _ => false,
            }),
        }
    }
}

fn equal(held: &str, wanted: &str) -> bool {
    held == wanted || !held.is_empty() && !wanted.is_empty() && compare(held, wanted).is_eq()
}

/// As numbers, as dates, or as texts: whatever both are.
pub(super) fn compare(one: &str, other: &str) -> std::cmp::Ordering {
    if let (Ok(one), Ok(other)) = (one.parse::<f64>(), other.parse::<f64>()) {
        return one.total_cmp(&other);
    }
    match (instant(one), instant(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => one.cmp(other),
    }
}

fn instant(text: &str) -> Option<i64> {
    let day = || parse_day(text).map(|days| days * DAY);
    parse_loose(text).or_else(|| parse_naive(text)).or_else(day)
}

/// What a value can be called: an object by its id and by its name, a list by what is in it.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        None | Some(Value::Null) => vec![String::new()],
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Bool(flag)) => vec![flag.to_string(), u8::from(*flag).to_string()],
        Some(Value::Number(number)) => vec![number.to_string()],
        Some(Value::Array(list)) => list.iter().flat_map(|value| texts(Some(value))).collect(),
        Some(Value::Object(object)) => {
            let names = ["id", "name"]
                .iter()
                .filter(|name| object.contains_key(**name));
            names.flat_map(|name| texts(object.get(*name))).collect()
        }
    }
}

/// What a dotted path names in an object.
pub(super) fn at<'a>(object: &'a Object, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let mut value = object.get(parts.next()?)?;
    for part in parts {
        value = value.get(part)?;
    }
    Some(value)
}

/// A data filter.
#[derive(Debug)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Value(Prefix, String, String),
    /// What holds for the record that an attribute links to.
    Linked(String, Box<Filter>),
}

impl Filter {
    pub(super) fn parse(json: &Value) -> Result<Self, Refusal> {
        parse(json, 1)
    }

    pub(super) fn admits(&self, store: &Store, object: &Object) -> bool {
        match self {
            Self::And(all) => all.iter().all(|one| one.admits(store, object)),
            Self::Or(any) => any.iter().any(|one| one.admits(store, object)),
            Self::Value(prefix, attribute, value) => prefix.admits(at(object, attribute), value),
            Self::Linked(attribute, filter) => {
                let linked = id_in(at(object, attribute));
                let linked = linked.and_then(|id| store.find_record(id));
                linked.is_some_and(|record| filter.admits(store, record))
            }
        }
    }
}

fn parse(json: &Value, depth: usize) -> Result<Filter, Refusal> {
    let wrong = || Refusal::Bad("The data filter cannot be read");
    if depth > DEEPEST {
        return Err(Refusal::Bad("The data filter is nested too deeply"));
    }
    let object = json.as_object().ok_or_else(wrong)?;
    let group = |name: &str| -> Result<Vec<Filter>, Refusal> {
        let list = object
            .get(name)
            .and_then(Value::as_array)
            .ok_or_else(wrong)?;
        // A condition is no level of its own, a group inside this one is.
        let deeper = |inner: &Value| {
            let grouped = inner.get("and").is_some() || inner.get("or").is_some();
            parse(inner, depth + usize::from(grouped))
        };
        list.iter().map(deeper).collect()
    };
    match (
        object.contains_key("and"),
        object.contains_key("or"),
        object.len(),
    ) {
        (true, false, 1) => return Ok(Filter::And(group("and")?)),
        (false, true, 1) => return Ok(Filter::Or(group("or")?)),
        (false, false, _) => {}
        _ => return Err(wrong()),
    }
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let attribute = text("attribute").ok_or_else(wrong)?.to_owned();
    let prefix = Prefix::named(text("prefix").unwrap_or_default()).ok_or_else(wrong)?;
    match (object.get("value"), object.get("filter")) {
        (Some(Value::Object(_) | Value::Array(_)), _) => Err(wrong()),
        (Some(value), None) => {
            let value = texts(Some(value)).swap_remove(0);
            Ok(Filter::Value(prefix, attribute, value))
        }
        (None, Some(filter)) => {
            let filter = Box::new(parse(filter, depth + 1)?);
            Ok(Filter::Linked(attribute, filter))
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(Refusal::Bad("A condition has either a value or a filter"))
        }
    }
}

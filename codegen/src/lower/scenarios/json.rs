//! JSON of a scenario: read from what is written, made from samples, printed.
//! Numbers keep the text that they were written with. Must not know types.

use crate::diagnostics::Diagnostics;
use crate::document::{Literal, Numeral, Spanned};

use super::super::literals::quote;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    /// A number, `true`, `false` or `null`.
    Raw(String),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn number(number: u64) -> Json {
        Json::Raw(number.to_string())
    }

    pub(super) fn print(&self) -> String {
        match self {
            Json::Raw(raw) => raw.clone(),
            Json::Text(text) => quote(text),
            Json::List(items) => {
                let items: Vec<String> = items.iter().map(Json::print).collect();
                format!("[{}]", items.join(", "))
            }
            Json::Map(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{}: {}", quote(name), value.print()))
                    .collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }

    /// Puts a value below the members that a pointer names, which are made where they are missing. Whether there
    /// was room for it.
    pub(super) fn put(&mut self, pointer: &str, value: Json) -> bool {
        let Some(rest) = pointer.strip_prefix('/') else {
            *self = value;
            return true;
        };
        let (first, rest) = match rest.split_once('/') {
            Some((first, rest)) => (first, format!("/{rest}")),
            None => (rest, String::new()),
        };
        let Json::Map(members) = self else {
            return false;
        };
        let name = first.replace("~1", "/").replace("~0", "~");
        if let Some((_, member)) = members.iter_mut().find(|(known, _)| *known == name) {
            return member.put(&rest, value);
        }
        let mut made = Json::Map(Vec::new());
        let fits = made.put(&rest, value);
        members.push((name, made));
        fits
    }

    /// The member of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Map(members) => members
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value),
            Json::Raw(_) | Json::Text(_) | Json::List(_) => None,
        }
    }

    /// As it stands in a query or a path; nothing if it is no scalar.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Json::Raw(text) | Json::Text(text) => Some(text.clone()),
            Json::List(_) | Json::Map(_) => None,
        }
    }
}

/// Is shown each text with the pointer to it, and may put something else there.
pub(super) type See<'s> = dyn FnMut(&str, &Spanned<String>, &mut Diagnostics) -> Option<Json> + 's;

/// What is written, as JSON; an unquoted number or word is what it looks like.
pub(super) fn read(
    literal: &Spanned<Literal>,
    at: &str,
    see: &mut See<'_>,
    diagnostics: &mut Diagnostics,
) -> Json {
    match &literal.value {
        Literal::Scalar(_) => scalar(literal, at, see, diagnostics),
        Literal::List(items) => {
            let items = items.iter().enumerate();
            Json::List(
                items
                    .map(|(index, item)| read(item, &format!("{at}/{index}"), see, diagnostics))
                    .collect(),
            )
        }
        Literal::Map(members) => {
            let mut all = Vec::with_capacity(members.len());
            for (name, value) in members {
                let segment = name.value.replace('~', "~0").replace('/', "~1");
                let value = read(value, &format!("{at}/{segment}"), see, diagnostics);
                all.push((name.value.clone(), value));
            }
            Json::Map(all)
        }
    }
}

fn scalar(
    literal: &Spanned<Literal>,
    at: &str,
    see: &mut See<'_>,
    diagnostics: &mut Diagnostics,
) -> Json {
    if literal.is_null() {
        return Json::Raw("null".to_owned());
    }
    if let Ok(word) = literal.read_as::<bool>() {
        return Json::Raw(word.value.to_string());
    }
    if let Ok(number) = literal.read_as::<Numeral>() {
        return Json::Raw(number.value.0);
    }
    match literal.read_as::<String>() {
        Ok(text) => see(at, &text, diagnostics).unwrap_or(Json::Text(text.value)),
        Err(found) => {
            diagnostics.push(*found);
            Json::Raw("null".to_owned())
        }
    }
}

/// The same where no text means anything else.
pub(super) fn plain(literal: &Spanned<Literal>, diagnostics: &mut Diagnostics) -> Json {
    read(literal, "", &mut |_, _, _| None, diagnostics)
}

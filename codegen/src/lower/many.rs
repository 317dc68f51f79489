//! Writes over many rows and polls: which other method of the resource guards them or is asked, and where
//! its keys stand. Assumes that all methods of the resource are lowered. Must not judge whether the two
//! fit: the checks do, which see all of both.

use crate::diagnostics::Diagnostics;
use crate::document::{self, KeySource, OrNone, Spanned};
use crate::model::{Answer, Method, Poll};

use super::catalogue::Catalogue;
use super::inherit::Levels;
use super::methods::{Lowered, Site};
use super::naming::unknown;
use super::{paths, words, writes};

/// The operation that counts what a write over many rows touches.
pub(super) fn bulk(
    site: &Site<'_, '_>,
    levels: &Levels<'_>,
    methods: &[Lowered],
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let said = levels.of_method(|method| method.bulk.as_ref())?;
    let OrNone::Some(written) = &said.value else {
        return None;
    };
    find(site, "E115", &written.guard, methods, diagnostics);
    // One that is not there was reported; that nothing guards the write is not worth a second finding.
    Some(format!("{}.{}", site.path, written.guard.value))
}

/// Whether a method is a write over many rows.
pub(super) fn is_bulk(levels: &Levels<'_>) -> bool {
    let said = levels.of_method(|method| method.bulk.as_ref());
    matches!(said.map(|said| &said.value), Some(OrNone::Some(_)))
}

/// Whether a method can be polled.
pub(super) fn is_polled(levels: &Levels<'_>) -> bool {
    let said = levels.of_method(|method| method.poll.as_ref());
    matches!(said.map(|said| &said.value), Some(OrNone::Some(_)))
}

/// What is asked until it is done.
pub(super) fn poll(
    types: &Catalogue,
    site: &Site<'_, '_>,
    levels: &Levels<'_>,
    own: &Method,
    methods: &[Lowered],
    diagnostics: &mut Diagnostics,
) -> Option<Poll> {
    let said = levels.of_method(|method| method.poll.as_ref())?;
    let OrNone::Some(written) = &said.value else {
        return None;
    };
    let read = match &written.call {
        Some(call) => Some(find(site, "E117", call, methods, diagnostics)?),
        None => None,
    };
    let keys = read.map_or_else(Vec::new, |read| keys(types, site, own, read, diagnostics));
    let texts = |words: &[Spanned<String>]| words.iter().map(|word| word.value.clone()).collect();
    Some(Poll {
        call: read.map(|read| read.operation.clone()),
        keys,
        at: written.until.at.value.0.clone(),
        until: texts(&written.until.r#in.value),
        fail: written
            .fail
            .as_ref()
            .map_or_else(Vec::new, |fail| texts(&fail.value)),
        every: words::number(&written.every, words::millis),
        max: words::number(&written.max, words::millis),
    })
}

/// Where the keys of a read stand in the answer of the call that made what is read.
fn keys(
    types: &Catalogue,
    site: &Site<'_, '_>,
    own: &Method,
    read: &Method,
    diagnostics: &mut Diagnostics,
) -> Vec<(String, String)> {
    let known = paths::placeholders(&own.path);
    let from = match &own.answer {
        Answer::Value { from, .. } => from.as_str(),
        _ => "",
    };
    let parts: &[document::KeyPart] = match &site.resource.key {
        Some(key) => &key.parts,
        None => &[],
    };
    let mut keys = Vec::new();
    for placeholder in paths::placeholders(&read.path) {
        if known.contains(&placeholder) {
            continue;
        }
        let part = parts
            .iter()
            .find(|part| part.placeholder.value == placeholder);
        let Some(KeySource::Field(field)) = part.map(|part| &part.from) else {
            continue;
        };
        if let Some(wire) = writes::wire_name(types, site, field, diagnostics) {
            let segment = wire.replace('~', "~0").replace('/', "~1");
            keys.push((placeholder.to_owned(), format!("{from}/{segment}")));
        }
    }
    keys
}

fn find<'m>(
    site: &Site<'_, '_>,
    code: &'static str,
    name: &Spanned<String>,
    methods: &'m [Lowered],
    diagnostics: &mut Diagnostics,
) -> Option<&'m Method> {
    let found = methods
        .iter()
        .find(|lowered| lowered.method.name.wire == name.value);
    if found.is_none() {
        let known = methods
            .iter()
            .map(|lowered| lowered.method.name.wire.as_str());
        let missing = unknown(code, "a method", name, known);
        diagnostics.push(missing.also(&site.name.place, "the resource"));
    }
    found.map(|lowered| &lowered.method)
}

//! Words and places of a description, as the model keeps them.
//!
//! Texts are data from outside: line ends become LF, control characters and code fences go, and an
//! indentation that Markdown would take for code is reduced. Emitters escape what is left.

use std::sync::Arc;

use crate::diagnostics::Place;
use crate::document::{About, Deprecated, Judged, Spanned, Trust};
use crate::model;

/// What Markdown still takes for text: four blanks would be code (CommonMark, section 4.4).
const DEEPEST_INDENT: usize = 3;

/// The place of an entry.
pub(super) fn origin(place: &Place) -> model::Origin {
    model::Origin {
        path: Arc::clone(&place.path),
        line: to_usize(place.line),
        column: to_usize(place.column),
        width: to_usize(place.width),
        yaml_path: place.yaml_path.to_string(),
        source_line: Arc::clone(&place.source_line),
    }
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// What something says about itself.
pub(super) fn about(about: &About) -> model::Doc {
    model::Doc {
        text: about
            .doc
            .as_ref()
            .map(|text| screen(text))
            .unwrap_or_default(),
        trust: about.trust.as_ref().map(trust).unwrap_or_default(),
        source: about.source.as_ref().map(|source| screen(source)),
        deprecated: about.deprecated.as_ref().map(deprecation),
    }
}

/// Words and nothing else.
pub(super) fn text(text: Option<&Spanned<String>>) -> model::Doc {
    model::Doc {
        text: text.map(|text| screen(text)).unwrap_or_default(),
        ..model::Doc::default()
    }
}

/// A text with how sure it is.
pub(super) fn judged(
    words: Option<&Spanned<String>>,
    sure: Option<&Spanned<Trust>>,
    source: Option<&Spanned<String>>,
) -> model::Doc {
    model::Doc {
        trust: sure.map(trust).unwrap_or_default(),
        source: source.map(|source| screen(source)),
        ..text(words)
    }
}

/// A number of a policy with how sure it is.
pub(super) fn number<T>(judged: &Judged<T>, value: impl Fn(&T) -> u64) -> model::Number {
    let doc = self::judged(None, judged.trust.as_ref(), judged.source.as_ref());
    model::Number {
        value: value(&judged.value.value),
        config: None,
        doc,
    }
}

/// A number that nobody wrote down.
pub(super) fn assumed(value: u64) -> model::Number {
    let doc = model::Doc {
        trust: model::Trust::Assumed,
        ..model::Doc::default()
    };
    model::Number {
        value,
        config: None,
        doc,
    }
}

/// A duration in milliseconds; a description's durations are far below the limit.
pub(super) fn millis(duration: &std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A number in thousandths: none below zero, above 100 or with more than three digits behind the point.
pub(super) fn thousandths(numeral: &str) -> Option<u64> {
    let (whole, fraction) = numeral.split_once('.').unwrap_or((numeral, ""));
    let number = format!("{whole}{fraction:0<3}").parse().ok()?;
    (fraction.len() <= 3 && number <= 100_000).then_some(number)
}

fn trust(word: &Spanned<Trust>) -> model::Trust {
    match word.value {
        Trust::Documented => model::Trust::Documented,
        Trust::Observed => model::Trust::Observed,
        Trust::Assumed => model::Trust::Assumed,
        Trust::Unknown => model::Trust::Unknown,
    }
}

fn deprecation(said: &Spanned<Deprecated>) -> String {
    said.note
        .as_deref()
        .map_or_else(|| "no longer to be used".to_owned(), screen)
}

/// The text as it may stand in a document of ours.
pub(super) fn screen(text: &str) -> String {
    let text = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\t', "    ");
    let lines = text.lines().filter(|line| {
        !line.trim_start().starts_with("```") && !line.trim_start().starts_with("~~~")
    });
    let mut out = String::new();
    for line in lines {
        let body = line.trim_start();
        let indent = (line.len() - body.len()).min(DEEPEST_INDENT);
        out.push_str(&" ".repeat(indent));
        out.extend(body.trim_end().chars().filter(|char| !char.is_control()));
        out.push('\n');
    }
    out.trim().to_owned()
}

/// The first sentence and the rest.
pub(super) fn split_sentence(text: &str) -> (&str, &str) {
    let end = text
        .match_indices(['.', '!', '?', '\n'])
        .find_map(|(at, sign)| {
            let rest = &text[at + sign.len()..];
            match sign {
                "\n" => rest.starts_with('\n').then_some(at),
                _ => (rest.is_empty() || rest.starts_with(char::is_whitespace))
                    .then_some(at + sign.len()),
            }
        });
    let (first, rest) = text.split_at(end.unwrap_or(text.len()));
    (first, rest.trim())
}

/// A name as words: `restocking_shipments` is `restocking shipments`.
pub(super) fn spaced(name: &str) -> String {
    crate::names::value_name(name)
        .trim_matches('_')
        .replace('_', " ")
}

/// Adds a sentence of ours to words of the description, which may have no full stop.
pub(super) fn add_sentence(text: &mut String, sentence: &str) {
    if !text.is_empty() {
        if !text.ends_with(['.', '!', '?', ':']) {
            text.push('.');
        }
        text.push(' ');
    }
    text.push_str(sentence);
}

//! Documentation: words of a description as rustdoc lines that are text and nothing else.
//!
//! A description is untrusted. In Rust a doc comment is executable (a fenced or merely indented
//! block becomes a doc test), so every line is trimmed, runs of blanks are folded, and whatever
//! rustdoc would read as a fence, a heading, a link or HTML is escaped.

use crate::model::{Doc, Trust};
use proc_macro2::TokenStream;
use quote::quote;

/// The longest line of a comment, its marks apart.
const WIDTH: usize = 100;

/// `///` lines; an empty one between paragraphs.
pub(super) fn lines(lines: &[String]) -> TokenStream {
    let lines = lines.iter().flat_map(|line| wrap(line)).collect::<Vec<_>>();
    let lines = lines.iter().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        }
    });
    quote! { #(#[doc = #lines])* }
}

/// One line.
pub(super) fn line(text: &str) -> TokenStream {
    lines(&[text.to_owned()])
}

/// Breaks a long line between words; what follows in a list entry is indented under it.
pub(super) fn wrap(line: &str) -> Vec<String> {
    let line = line.replace(|c: char| c.is_control(), " ");
    let indent = if line.starts_with("* ") { "  " } else { "" };
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let last = lines.last_mut().expect("there is a line from the start");
        if last.is_empty() {
            last.push_str(word);
        } else if last.chars().count() + 1 + word.chars().count() <= WIDTH {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(format!("{indent}{}", keep_text(word)));
        }
    }
    lines
}

/// A word that begins a line anew must not begin a list or a heading there.
fn keep_text(word: &str) -> String {
    let digits = word.trim_end_matches(['.', ')']);
    let numbered = digits.len() < word.len() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if word.starts_with(['-', '+', '#', '=']) || numbered {
        format!("\\{word}")
    } else {
        word.to_owned()
    }
}

/// A `Doc` as rustdoc lines, or this sentence where it says nothing; its trust at the end.
pub(super) fn of(doc: &Doc, otherwise: &str) -> TokenStream {
    lines(&paragraphs(doc, otherwise))
}

/// The same as text lines, to which more can be added.
pub(super) fn paragraphs(doc: &Doc, otherwise: &str) -> Vec<String> {
    let mut all = escape(if doc.text.trim().is_empty() {
        otherwise
    } else {
        &doc.text
    });
    if let Some(mark) = trust(doc.trust) {
        match all.as_mut_slice() {
            [only] => *only = format!("{} ({mark})", sentence(only)),
            _ => all.extend([String::new(), format!("({mark})")]),
        }
    }
    if let Some(source) = &doc.source {
        all.push(String::new());
        all.push(format!("Source: {}", escape(source).join(" ")));
    }
    all
}

/// A wire text as inline code; an empty one is named, what has no place in a code span is left out.
pub(super) fn code(wire: &str) -> String {
    if wire.is_empty() {
        return "the empty string".to_owned();
    }
    let shown = wire.replace(|c: char| c == '`' || c.is_control(), "");
    format!("`{shown}`")
}

/// How sure a fact is, where that needs saying.
pub(super) fn trust(trust: Trust) -> Option<&'static str> {
    match trust {
        Trust::Documented => None,
        Trust::Observed => Some("observed"),
        Trust::Assumed => Some("assumed"),
        Trust::Unknown => Some("unknown"),
    }
}

/// `#[deprecated]` where a reason is given.
pub(super) fn deprecation(doc: &Doc) -> TokenStream {
    match &doc.deprecated {
        Some(reason) => {
            let note = escape(reason).join(" ");
            quote! { #[deprecated(note = #note)] }
        }
        None => TokenStream::new(),
    }
}

/// Words as rustdoc text, one string a line.
pub(super) fn escape(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim().lines() {
        let folded = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if folded.is_empty() && lines.last().is_none_or(String::is_empty) {
            continue;
        }
        lines.push(escape_line(&folded));
    }
    lines
}

/// One line. Code spans are kept as they are, if their backticks come in pairs.
fn escape_line(line: &str) -> String {
    let spans = line.matches('`').count().is_multiple_of(2) && !line.contains("``");
    let mut out = String::with_capacity(line.len() + 8);
    let mut in_code = false;
    for (at, c) in line.char_indices() {
        match c {
            '`' if spans => {
                in_code = !in_code;
                out.push(c);
            }
            _ if in_code => out.push(c),
            '`' | '<' | '>' | '[' | ']' | '\\' | '*' | '_' | '~' | '|' | '&' => {
                out.extend(['\\', c]);
            }
            '#' | '+' | '-' | '=' if at == 0 => out.extend(['\\', c]),
            '.' | ')' if at > 0 && line[..at].bytes().all(|b| b.is_ascii_digit()) => {
                out.extend(['\\', c]);
            }
            _ => out.push(c),
        }
    }
    link_urls(&out)
}

/// Bare URLs become autolinks, which rustdoc asks for.
fn link_urls(line: &str) -> String {
    if !line.contains("://") {
        return line.to_owned();
    }
    let words = line.split(' ').map(|word| {
        let start = word.find("https://").or_else(|| word.find("http://"));
        let Some(start) = start else {
            return word.to_owned();
        };
        let end = word
            .trim_end_matches(['.', ',', ';', ':', ')', '!', '?', '\'', '"'])
            .len();
        let url = word.get(start..end).unwrap_or_default().replace('\\', "");
        let safe = url
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&b));
        if !safe || end <= start {
            return word.replace("://", ":\\//");
        }
        format!("{}<{url}>{}", &word[..start], &word[end..])
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Ends with a full stop.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?', ':']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// `8 s`, `2 min`, `200 ms` for people.
pub(super) fn duration(ms: u64) -> String {
    match ms {
        0 => "0 s".to_owned(),
        _ if ms.is_multiple_of(86_400_000) => format!("{} d", ms / 86_400_000),
        _ if ms.is_multiple_of(3_600_000) => format!("{} h", ms / 3_600_000),
        _ if ms.is_multiple_of(60_000) => format!("{} min", ms / 60_000),
        _ if ms.is_multiple_of(1000) => format!("{} s", ms / 1000),
        _ => format!("{ms} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::escape;

    /// Row I14: neither a fence nor an indent survives.
    #[test]
    fn code_blocks_become_text() {
        assert_eq!(escape("a\n\n    fn main() {}\n"), ["a", "", "fn main() {}"]);
        assert_eq!(
            escape("```rust\nx\n```"),
            ["\\`\\`\\`rust", "x", "\\`\\`\\`"]
        );
        assert_eq!(escape("-      code"), ["\\- code"]);
        assert_eq!(escape("~~~\nx"), ["\\~\\~\\~", "x"]);
    }

    /// Row I17: no HTML, no links of the description's own.
    #[test]
    fn markup_is_escaped_outside_of_code() {
        assert_eq!(
            escape("<script> [x]: `Vec<T>`"),
            ["\\<script\\> \\[x\\]: `Vec<T>`"]
        );
        assert_eq!(
            escape("see https://x.example/a."),
            ["see <https://x.example/a>."]
        );
    }
}

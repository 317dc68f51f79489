//! Variants for the values of enums, which may be any text at all.
//!
//! The rules, so that people can predict a name: words are capitalised and joined, what separates
//! them is dropped; symbols at either end are spelled (`-created_at` is `MinusCreatedAt`, `C++` is
//! `CPlusPlus`); a leading digit gets an `N`; characters outside of ASCII become `U` and their
//! number; the empty text is `Empty`.

use heck::ToSnakeCase;

use super::{escape_keyword, lead_with_letter, push_word};

/// The variant for a value on the wire.
pub(crate) fn variant_name(wire: &str) -> String {
    if wire.is_empty() {
        return "Empty".to_owned();
    }
    let inner = wire.trim_matches(|char: char| !char.is_alphanumeric());
    let start = wire.find(inner).unwrap_or_default();
    let (before, after) = match inner {
        "" => (wire, ""),
        _ => (&wire[..start], &wire[start + inner.len()..]),
    };
    let mut name = String::new();
    let separators_are_all = inner.is_empty() && before.chars().all(is_separator);
    spell(&mut name, before, separators_are_all);
    for word in spelled_words(inner)
        .to_snake_case()
        .split('_')
        .filter(|word| !word.is_empty())
    {
        push_word(&mut name, word);
    }
    spell(&mut name, after, false);
    escape_keyword(lead_with_letter(name, 'N'))
}

/// Blanks and `_` around a word say nothing; they are spelled only where there is nothing else.
fn spell(name: &mut String, symbols: &str, with_separators: bool) {
    for symbol in symbols
        .chars()
        .filter(|symbol| with_separators || !is_separator(*symbol))
    {
        push_word(name, &symbol_name(symbol));
    }
}

fn is_separator(symbol: char) -> bool {
    matches!(symbol, ' ' | '_')
}

/// The text with everything outside of ASCII spelled as a word of its own.
fn spelled_words(inner: &str) -> String {
    let mut words = String::new();
    for char in inner.chars() {
        if char.is_ascii_alphanumeric() {
            words.push(char);
        } else if char.is_ascii() {
            words.push('_');
        } else {
            words.push_str(&format!("_{}_", symbol_name(char).to_ascii_lowercase()));
        }
    }
    words
}

fn symbol_name(symbol: char) -> String {
    let name = match symbol {
        ' ' => "Space",
        '\t' => "Tab",
        '\n' => "Newline",
        '\r' => "Return",
        '!' => "Not",
        '"' => "DoubleQuote",
        '#' => "Hash",
        '$' => "Dollar",
        '%' => "Percent",
        '&' => "And",
        '\'' => "Quote",
        '(' => "OpenParen",
        ')' => "CloseParen",
        '*' => "Star",
        '+' => "Plus",
        ',' => "Comma",
        '-' => "Minus",
        '.' => "Dot",
        '/' => "Slash",
        ':' => "Colon",
        ';' => "Semicolon",
        '<' => "Less",
        '=' => "Equal",
        '>' => "Greater",
        '?' => "Question",
        '@' => "At",
        '[' => "OpenBracket",
        '\\' => "Backslash",
        ']' => "CloseBracket",
        '^' => "Caret",
        '_' => "Underscore",
        '`' => "Backtick",
        '{' => "OpenBrace",
        '|' => "Pipe",
        '}' => "CloseBrace",
        '~' => "Tilde",
        other => return format!("U{:04x}", u32::from(other)),
    };
    name.to_owned()
}

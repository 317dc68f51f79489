//! The screening of a file's bytes before any parser sees them.
//!
//! YAML parsers disagree about some characters (a NEL or LS ends a comment for one of them and not
//! for the other, which hides a key), and some make a text look like another to its reader. None
//! of them has a use in a description, so all of them are refused wherever they stand.

use crate::diagnostics::{Diagnostic, Diagnostics, Place, YamlPath};
use crate::source::{Source, is_control, is_hidden};

use super::lines::Lines;

/// 4 MiB a file.
pub(crate) const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The text of a file, without a byte order mark, if it can be read at all. What is forbidden in
/// it is pushed, so the text may only be used if nothing was.
pub(super) fn screen<'s>(source: &'s Source, diagnostics: &mut Diagnostics) -> Option<&'s str> {
    let bytes = source.text.as_slice();
    if bytes.len() > MOST_BYTES {
        let message = format!(
            "the file has {} bytes, and {MOST_BYTES} are allowed",
            bytes.len()
        );
        let help = "split the description into a folder of files";
        diagnostics.push(Diagnostic::new("E006", &Place::file(&source.path), message).help(help));
        return None;
    }
    if let Some(encoding) = wide_encoding(bytes) {
        let message = format!("the file is written in {encoding}");
        let found = Diagnostic::new("E002", &Place::file(&source.path), message);
        diagnostics.push(found.help("save it as UTF-8"));
        return None;
    }
    match str::from_utf8(bytes) {
        Ok(text) => {
            let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
            screen_text(&source.path, text, diagnostics);
            Some(text)
        }
        Err(error) => {
            let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let line = good.matches('\n').count() + 1;
            let column = good
                .rsplit('\n')
                .next()
                .map_or(0, |last| last.chars().count())
                + 1;
            let shown = Lines::new(&source.path, &String::from_utf8_lossy(bytes));
            let place = shown.place(line, column, 1, &YamlPath::root());
            let message = format!(
                "the byte 0x{:02x} is not UTF-8 here",
                bytes[error.valid_up_to()]
            );
            diagnostics
                .push(Diagnostic::new("E001", &place, message).help("save the file as UTF-8"));
            None
        }
    }
}

/// UTF-16 and UTF-32 by their marks, or by the zeros that every ASCII character has in them.
fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    let zeros = bytes
        .first_chunk::<4>()
        .map(|first| first.map(|byte| byte == 0));
    match (bytes, zeros) {
        ([0, 0, 0xFE, 0xFF, ..] | [0xFF, 0xFE, 0, 0, ..], _) => Some("UTF-32"),
        (_, Some([true, true, true, false] | [false, true, true, true])) => Some("UTF-32"),
        ([0xFE, 0xFF, ..] | [0xFF, 0xFE, ..], _) => Some("UTF-16"),
        (_, Some([true, false, true, false] | [false, true, false, true])) => Some("UTF-16"),
        _ => None,
    }
}

fn screen_text(path: &str, text: &str, diagnostics: &mut Diagnostics) {
    let mut found = Vec::new();
    for (line, content) in text.split('\n').enumerate() {
        let content = content.strip_suffix('\r').unwrap_or(content);
        if content.starts_with('%') {
            found.push((line + 1, 1, '%'));
        }
        if content
            .bytes()
            .all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
        {
            continue;
        }
        for (column, char) in content.chars().enumerate() {
            if char != '\t' && is_hidden(char) {
                found.push((line + 1, column + 1, char));
            }
        }
        if found.len() > 1_000 {
            break;
        }
    }
    if found.is_empty() {
        return;
    }
    let lines = Lines::new(path, text);
    for (line, column, char) in found {
        let place = lines.place(line, column, 1, &YamlPath::root());
        diagnostics.push(describe(char, &place));
    }
}

fn describe(char: char, place: &Place) -> Diagnostic {
    let number = u32::from(char);
    if char == '%' {
        let message = "a line begins with `%`, which is a YAML directive";
        return Diagnostic::new("E005", place, message)
            .help("remove the line, or indent it if it belongs to a text");
    }
    if is_control(char) {
        let message = format!("forbidden control character U+{number:04X}");
        let help = match char {
            '\r' => "end lines with LF or CRLF",
            _ => "remove it; inside `\"…\"` it can be written as an escape",
        };
        return Diagnostic::new("E003", place, message).help(help);
    }
    let message = format!("forbidden invisible character U+{number:04X}");
    Diagnostic::new("E004", place, message)
        .help("remove it; inside `\"…\"` it can be written as an escape")
}

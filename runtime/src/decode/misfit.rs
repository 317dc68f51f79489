//! What is wrong with an answer, in words that repeat no value.
//!
//! serde_json quotes what it found; that may be a secret, so only kinds are kept. The path is found by scanning the text
//! up to the place of the error, so that nothing is recorded while decoding goes well.

use std::fmt;

use serde_json::error::Category;

use super::Pointer;

/// The longest piece of a body or message that an error shows, in bytes before escaping.
pub(crate) const SNIPPET: usize = 500;

/// Where an answer does not fit its description, and how.
#[derive(Clone, Debug)]
pub(crate) struct Misfit {
    path: Option<String>,
    text: String,
}

impl Misfit {
    pub(crate) fn whole(text: impl Into<String>) -> Misfit {
        Misfit {
            path: None,
            text: text.into(),
        }
    }

    pub(super) fn not_utf8(at: usize) -> Misfit {
        Misfit::whole(format!("not UTF-8 at byte {at}"))
    }

    pub(crate) fn missing(at: Pointer<'_>) -> Misfit {
        Misfit {
            path: Some(joined(at)),
            text: "it is missing".to_owned(),
        }
    }

    pub(super) fn twice(at: Pointer<'_>) -> Misfit {
        Misfit {
            path: Some(joined(at)),
            text: "it stands there twice".to_owned(),
        }
    }

    pub(super) fn not_json(text: &str) -> Misfit {
        if text.starts_with('\u{feff}') {
            return Misfit::whole("it begins with a byte order mark (RFC 8259 §8.1)");
        }
        Misfit::whole(format!("not JSON: {}", snippet(text)))
    }

    /// What follows a whole value is shown, unless it may be data.
    pub(super) fn trailing(rest: &str) -> Misfit {
        if rest.starts_with(['{', '[', '"']) {
            return Misfit::whole("more than one value");
        }
        Misfit::whole(format!("more than one value: {}", snippet(rest)))
    }

    pub(super) fn syntax(text: &str, at: usize, wanted: &str) -> Misfit {
        let text_of = if at == text.len() {
            "EOF while parsing".to_owned()
        } else {
            format!("expected {wanted}")
        };
        Misfit {
            path: Some(path(text, at)),
            text: text_of,
        }
    }

    /// An error of serde in a value that stands at a pointer; `text` begins with the value.
    pub(crate) fn in_value(error: &serde_json::Error, text: &str, at: Pointer<'_>) -> Misfit {
        let mut place = joined(at);
        let inside = path(text, offset(error, text));
        if place == "/" {
            place = inside;
        } else if inside != "/" {
            place.push_str(&inside);
        }
        Misfit {
            path: Some(place),
            text: describe(error),
        }
    }

    /// An error of serde in an element of the list at a pointer; `text` begins with the element.
    pub(crate) fn in_element(
        error: &serde_json::Error,
        text: &str,
        list: Pointer<'_>,
        index: usize,
    ) -> Misfit {
        let mut place = if list.is_empty() {
            String::new()
        } else {
            joined(list)
        };
        place.push_str(&format!("/{index}"));
        let inside = path(text, offset(error, text));
        if inside != "/" {
            place.push_str(&inside);
        }
        Misfit {
            path: Some(place),
            text: describe(error),
        }
    }

    /// An error of serde in a value that begins at `from` of the whole text.
    pub(crate) fn in_text(error: &serde_json::Error, text: &str, from: usize) -> Misfit {
        Misfit {
            path: Some(path(text, from + offset(error, &text[from..]))),
            text: describe(error),
        }
    }

    pub(crate) fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "at {}: ", path.escape_debug())?;
        }
        f.write_str(&self.text)
    }
}

/// At most 500 bytes of a text, quoted, with control characters escaped.
pub(crate) fn snippet(text: &str) -> String {
    format!("{:?}", clip(text, SNIPPET))
}

/// At most so many bytes of a text; whole characters.
pub(crate) fn clip(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let end = (0..=bytes)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    &text[..end]
}

fn joined(at: Pointer<'_>) -> String {
    if at.is_empty() {
        "/".to_owned()
    } else {
        at.iter().fold(String::new(), |path, key| path + "/" + key)
    }
}

/// serde_json counts bytes in a column and ends at the last byte that it took.
fn offset(error: &serde_json::Error, text: &str) -> usize {
    let lines = error.line().saturating_sub(1);
    let start = if lines == 0 {
        0
    } else {
        text.bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .nth(lines - 1)
            .map_or(0, |(at, _)| at + 1)
    };
    (start + error.column()).min(text.len())
}

fn describe(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    let text = whole
        .rfind(" at line ")
        .map_or(whole.as_str(), |end| &whole[..end]);
    if error.classify() != Category::Data {
        return text.to_owned();
    }
    if let Some(rest) = text
        .strip_prefix("invalid type: ")
        .or_else(|| text.strip_prefix("invalid value: "))
    {
        let (found, expected) = rest
            .rsplit_once(", expected ")
            .unwrap_or((rest, "something else"));
        let kind = found
            .split(['"', '`'])
            .next()
            .unwrap_or_default()
            .trim_end();
        return format!("expected {expected}, found {kind}");
    }
    for known in ["missing field `", "duplicate field `", "invalid length "] {
        if text.starts_with(known) {
            return text.to_owned();
        }
    }
    // Anything else is somebody's own words; with a quotation in them, they may repeat what was found.
    if text.contains(['"', '`', '\'']) {
        "the value is not one that is known".to_owned()
    } else {
        text.to_owned()
    }
}

enum Inside<'a> {
    Object { key: Option<&'a str>, named: bool },
    Array(usize),
}

/// The JSON pointer of the place where a text has been read up to `end`.
fn path(text: &str, end: usize) -> String {
    let bytes = text.as_bytes();
    let end = end.min(bytes.len());
    let mut stack = Vec::new();
    let mut at = 0;
    while at < end {
        match bytes[at] {
            b'{' => stack.push(Inside::Object {
                key: None,
                named: false,
            }),
            b'[' => stack.push(Inside::Array(0)),
            b'}' | b']' => drop(stack.pop()),
            b',' => match stack.last_mut() {
                Some(Inside::Array(index)) => *index += 1,
                Some(Inside::Object { key, named }) => (*key, *named) = (None, false),
                None => {}
            },
            b'"' => {
                let from = at + 1;
                at = from;
                while at < end && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if let Some(Inside::Object {
                    key,
                    named: named @ false,
                }) = stack.last_mut()
                {
                    (*key, *named) = (text.get(from..at.min(end)), true);
                }
            }
            _ => {}
        }
        at += 1;
    }
    let mut path = String::new();
    for inside in stack.iter().take(32) {
        match inside {
            Inside::Array(index) => path.push_str(&format!("/{index}")),
            Inside::Object { key: Some(key), .. } => {
                path.push('/');
                path.push_str(clip(key, 64));
            }
            Inside::Object { key: None, .. } => {}
        }
    }
    if path.is_empty() {
        "/".to_owned()
    } else {
        path
    }
}

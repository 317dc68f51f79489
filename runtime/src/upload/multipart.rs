//! Forms with files: `multipart/form-data` (RFC 7578).
//!
//! Names are data: nothing in them can end a quoted text, a line or a part. A boundary is drawn at random for each
//! request and stands in nothing that is in memory; a file that holds it by accident is beyond all odds.

use std::fmt;

use bytes::Bytes;
use http::header::HeaderValue;

use super::{Outgoing, Source, Upload};
use crate::encode::{self, Param};
use crate::record::{Out, Write};

/// A form in the making. What cannot be sent is kept, and makes the call fail before anything is sent.
#[derive(Clone, Default)]
pub struct Multipart {
    parts: Vec<Part>,
    texts: Vec<(String, String)>,
    bad: Option<String>,
}

#[derive(Clone)]
struct Part {
    /// The header lines, each with its end.
    head: String,
    source: Source,
}

impl Multipart {
    /// A form without fields.
    #[must_use]
    pub fn new() -> Multipart {
        Multipart::default()
    }

    /// Adds a field that is a text.
    pub fn text(&mut self, name: &str, value: &dyn Param) {
        match encode::shown(value) {
            Ok(text) => {
                self.texts.push((name.to_owned(), text.clone()));
                self.add(name, "", Source::Bytes(text.into()));
            }
            Err(bad) => self.fail(name, &bad.to_string()),
        }
    }

    /// Adds a field that is a JSON text.
    pub fn json(&mut self, name: &str, value: &dyn Write) {
        let mut out = Out::new();
        value.write(&mut out);
        match out.finish() {
            Ok(json) => {
                let shown = String::from_utf8_lossy(&json).into_owned();
                self.texts.push((name.to_owned(), shown));
                let head = "Content-Type: application/json\r\n";
                self.add(name, head, Source::Bytes(json.into()));
            }
            Err(bad) => self.fail(name, &bad.to_string()),
        }
    }

    /// Adds a file.
    pub fn file(&mut self, name: &str, upload: &Upload) {
        let Some(file) = file_name(&upload.name) else {
            return self.fail(name, "its file has no name that can be sent");
        };
        let kind = match media_type(upload.content_type()) {
            Ok(_) => upload.content_type(),
            Err(bad) => return self.fail(name, bad),
        };
        let head = format!("Content-Type: {kind}\r\n");
        let Some(field) = quoted(name) else {
            return self.fail(name, "a name has no control characters");
        };
        self.parts.push(Part {
            head: format!(
                "Content-Disposition: form-data; name=\"{field}\"; filename=\"{file}\"\r\n{head}"
            ),
            source: upload.source.clone(),
        });
    }

    fn add(&mut self, name: &str, more: &str, source: Source) {
        let Some(field) = quoted(name) else {
            return self.fail(name, "a name has no control characters");
        };
        let head = format!("Content-Disposition: form-data; name=\"{field}\"\r\n{more}");
        self.parts.push(Part { head, source });
    }

    /// Makes the call fail, whatever else is added.
    pub(crate) fn refuse(&mut self, why: &str) {
        self.bad.get_or_insert_with(|| why.to_owned());
    }

    fn fail(&mut self, name: &str, why: &str) {
        let text = || format!("`{}`: {why}", name.escape_debug());
        self.bad.get_or_insert_with(text);
    }

    /// The form with a boundary that these bits make; other bits are asked for when it stands in a part.
    ///
    /// # Errors
    ///
    /// A field cannot be sent.
    pub(crate) fn finish(self, mut bits: impl FnMut() -> u128) -> Result<Outgoing, String> {
        if let Some(bad) = self.bad {
            return Err(bad);
        }
        let stands_in = |boundary: &str, part: &Part| match &part.source {
            Source::Bytes(bytes) => contains(bytes, boundary.as_bytes()),
            #[cfg(feature = "files")]
            Source::File(_) => false,
            Source::Stream(_) => false,
        };
        let boundary = loop {
            let boundary = format!("etiquette-{:032x}", bits());
            if !self.parts.iter().any(|part| stands_in(&boundary, part)) {
                break boundary;
            }
        };
        let mut pieces = Vec::with_capacity(2 * self.parts.len() + 1);
        let mut before = "";
        for part in self.parts {
            let head = format!("{before}--{boundary}\r\n{}\r\n", part.head);
            pieces.push(Source::Bytes(head.into()));
            pieces.push(part.source);
            before = "\r\n";
        }
        pieces.push(Source::Bytes(format!("{before}--{boundary}--\r\n").into()));
        let content_type = format!("multipart/form-data; boundary={boundary}");
        Ok(Outgoing {
            content_type: HeaderValue::try_from(content_type).expect("hex digits and a word"),
            pieces,
            texts: self.texts,
        })
    }
}

/// Says how many fields there are, and nothing of what they hold.
impl fmt::Debug for Multipart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Multipart")
            .field("fields", &self.parts.len())
            .finish_non_exhaustive()
    }
}

/// Escaped as browsers do it, and the backslash too, because some servers read `\"` as a quote (RFC 7578 §4.2). `None`:
/// it has control characters.
fn quoted(name: &str) -> Option<String> {
    let is_bad = name.is_empty() || name.contains(char::is_control);
    (!is_bad).then(|| name.replace('"', "%22").replace('\\', "%5C"))
}

/// The last part of a path, quoted: folders are nobody's business, and a server that believed them would write
/// elsewhere (RFC 7578 §4.2).
fn file_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // A name that is refused for what stands in its folders would be a riddle, but a line end in them is an attack.
    let is_bad = matches!(last, "" | "." | "..") || name.contains(char::is_control);
    if is_bad { None } else { quoted(last) }
}

/// A media type that cannot end its line.
pub(super) fn media_type(text: &str) -> Result<HeaderValue, &'static str> {
    let is_good = text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && text.contains('/')
        && text.trim() == text;
    let value = HeaderValue::from_str(text).ok().filter(|_| is_good);
    value.ok_or("its content type is none")
}

/// Horspool's search: in bytes that have little in common with the word, it looks at few of them.
fn contains(bytes: &Bytes, word: &[u8]) -> bool {
    let last = word.len() - 1;
    let mut skip = [word.len(); 256];
    for (at, byte) in word[..last].iter().enumerate() {
        skip[usize::from(*byte)] = last - at;
    }
    let mut at = 0;
    while let Some(window) = bytes.get(at..at + word.len()) {
        if window == word {
            return true;
        }
        at += skip[usize::from(window[last])];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row F12: quotes and backslashes cannot end a quoted text, folders are not sent, control characters are refused.
    #[test]
    fn names_stay_within_their_quotes() {
        for (name, wanted) in [
            ("a.png", Some("a.png")),
            ("a\"; filename=\"b.sh", Some("a%22; filename=%22b.sh")),
            ("/etc/passwd", Some("passwd")),
            ("..\\..\\boot.ini", Some("boot.ini")),
            ("c:\\a/b\\c d.txt", Some("c d.txt")),
            ("übung.txt", Some("übung.txt")),
            ("a\r\nX: y", None),
            ("a\nb", None),
            ("a\0b", None),
            ("x\r\n/a", None),
            ("a/", None),
            ("..", None),
            ("a/..", None),
            ("", None),
        ] {
            assert_eq!(file_name(name).as_deref(), wanted, "{name:?}");
        }
        assert_eq!(quoted("a\\\"b").as_deref(), Some("a%5C%22b"));
        assert_eq!(quoted("a\r"), None);
    }

    #[test]
    fn a_word_is_found_wherever_it_stands() {
        let found = |text: &str, word: &str| {
            contains(&Bytes::copy_from_slice(text.as_bytes()), word.as_bytes())
        };
        for (text, word) in [
            ("abc", "abc"),
            ("xxabc", "abc"),
            ("aabab", "abab"),
            ("a", "a"),
        ] {
            assert!(found(text, word), "{text} {word}");
        }
        for (text, word) in [("", "a"), ("ab", "abc"), ("abacab", "abab"), ("b", "a")] {
            assert!(!found(text, word), "{text} {word}");
        }
    }

    #[test]
    fn a_boundary_that_stands_in_a_part_is_not_taken() {
        let mut form = Multipart::new();
        form.text("a", &format!("--etiquette-{:032x}", 7));
        let mut bits = [7, 7, 8].into_iter();
        let body = form.finish(|| bits.next().unwrap()).unwrap();
        let kind = body.content_type.to_str().unwrap();
        assert!(kind.ends_with(&format!("{:032x}", 8)), "{kind}");
        assert_eq!(bits.next(), None);
    }
}

//! `Link` headers (RFC 8288 §3): the target of one relation.
//!
//! A server writes them, so they are bounded and read in one pass: no byte is looked at more than three times, whatever
//! stands there. A part that is no link is skipped, and the others count. Must not resolve what it finds.

use std::borrow::Cow;

use http::header::{HeaderMap, HeaderValue, LINK};

/// The longest header, all lines together, in bytes.
const LONGEST: usize = 16 * 1024;
/// The most links in it.
const MOST: usize = 64;

/// Why it is not known whether there is a link: the header is too long, has too many, or is broken where it may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// The target of the first link with this relation; not resolved and not checked.
///
/// # Errors
///
/// When there is none in what could be read, and there may be one in what could not.
pub(crate) fn link<'h>(
    headers: &'h HeaderMap,
    relation: &str,
) -> Result<Option<&'h str>, Unreadable> {
    let lines = || headers.get_all(LINK).iter();
    if lines().map(HeaderValue::len).sum::<usize>() > LONGEST {
        return Err(Unreadable);
    }
    let (mut seen, mut is_unsure) = (0, false);
    for line in lines() {
        let mut reader = Reader {
            text: line.as_bytes(),
            at: 0,
        };
        while let Some(part) = reader.part() {
            seen += 1;
            if seen > MOST {
                return Err(Unreadable);
            }
            match part {
                Part::Link { target, relations } if is_among(relation, &relations) => {
                    return Ok(Some(target));
                }
                Part::Link { .. } => {}
                Part::Broken(text) => is_unsure |= may_name(relation, text),
            }
        }
    }
    if is_unsure { Err(Unreadable) } else { Ok(None) }
}

/// Relations are compared without regard to case (RFC 8288 §2.1.1), and stand between blanks.
fn is_among(relation: &str, relations: &[u8]) -> bool {
    relations
        .split(u8::is_ascii_whitespace)
        .any(|known| known.eq_ignore_ascii_case(relation.as_bytes()))
}

fn may_name(relation: &str, text: &[u8]) -> bool {
    text.windows(relation.len().max(1))
        .any(|part| part.eq_ignore_ascii_case(relation.as_bytes()))
}

enum Part<'h> {
    Link {
        target: &'h str,
        relations: Cow<'h, [u8]>,
    },
    Broken(&'h [u8]),
}

struct Reader<'h> {
    text: &'h [u8],
    at: usize,
}

impl<'h> Reader<'h> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn takes(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'h [u8] {
        let from = self.at;
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
        &self.text[from..self.at]
    }

    fn blanks(&mut self) {
        self.take_while(|byte| matches!(byte, b' ' | b'\t'));
    }

    /// The next element of the list; empty ones do not count (RFC 9110 §5.6.1).
    fn part(&mut self) -> Option<Part<'h>> {
        self.take_while(|byte| matches!(byte, b' ' | b'\t' | b','));
        self.peek()?;
        let from = self.at;
        Some(self.link().unwrap_or_else(|| {
            // What was read so far stays read: a broken part ends at the next comma behind it.
            self.take_while(|byte| byte != b',');
            Part::Broken(&self.text[from..self.at])
        }))
    }

    fn link(&mut self) -> Option<Part<'h>> {
        if !self.takes(b'<') {
            return None;
        }
        let target =
            self.take_while(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"'));
        if target.is_empty() || !self.takes(b'>') {
            // An open target may have run over commas. No other `<` stands in it, so that it is not read a third time.
            let comma = target.iter().position(|byte| *byte == b',');
            self.at -= target.len() - comma.unwrap_or(target.len());
            return None;
        }
        let mut relations = None;
        let mut is_of_this = true;
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b',') => break,
                Some(b';') => self.at += 1,
                Some(_) => return None,
            }
            self.blanks();
            let name = self.take_while(|byte| {
                byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
            });
            self.blanks();
            let value = if self.takes(b'=') {
                self.blanks();
                self.value()?
            } else {
                Cow::Borrowed(&b""[..])
            };
            // Only the first counts (RFC 8288 §3.3).
            if name.eq_ignore_ascii_case(b"rel") {
                relations.get_or_insert(value);
            } else if name.eq_ignore_ascii_case(b"anchor") {
                // A link of something else than the answer (RFC 8288 §3.2).
                is_of_this &= value.is_empty();
            }
        }
        let relations = relations.filter(|_| is_of_this).unwrap_or_default();
        let target = std::str::from_utf8(target).ok()?;
        Some(Part::Link { target, relations })
    }

    /// A token, or a text in quotes (RFC 9110 §5.6.4). A quote that is not closed is looked for only once, because
    /// there is none behind it.
    fn value(&mut self) -> Option<Cow<'h, [u8]>> {
        if self.peek() != Some(b'"') {
            return Some(Cow::Borrowed(self.take_while(|byte| {
                !matches!(byte, b' ' | b'\t' | b',' | b';' | b'"')
            })));
        }
        let from = self.at + 1;
        let mut end = from;
        let mut is_escaped = false;
        while *self.text.get(end)? != b'"' {
            is_escaped |= self.text[end] == b'\\';
            end += if self.text[end] == b'\\' { 2 } else { 1 };
        }
        self.at = end + 1;
        let inside = &self.text[from..end];
        if !is_escaped {
            return Some(Cow::Borrowed(inside));
        }
        let mut plain = Vec::with_capacity(inside.len());
        let mut bytes = inside.iter();
        while let Some(byte) = bytes.next() {
            plain.extend(if *byte == b'\\' {
                bytes.next()
            } else {
                Some(byte)
            });
        }
        Some(Cow::Owned(plain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        let line = |line: &&[u8]| (LINK, HeaderValue::from_bytes(line).unwrap());
        lines.iter().map(line).collect()
    }

    fn next(lines: &[&str]) -> Result<Option<String>, Unreadable> {
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        link(&headers(&lines), "next").map(|target| target.map(str::to_owned))
    }

    fn is_b(lines: &[&str]) {
        assert_eq!(next(lines), Ok(Some("/b".to_owned())), "{lines:?}");
    }

    /// Row H7: quoting, several relations, several lines, parameters in any order.
    #[test]
    fn links_are_found_as_the_rfc_writes_them() {
        for line in [
            r#"</b>; rel="next""#,
            "</b>;rel=next",
            r#"</b>; rel="prev next""#,
            r#"</b> ; REL = "NEXT" ; title="a, b; <c>""#,
            r#"</b>; title="; rel=\"prev\", <x>"; rel="next""#,
            r#"</b>; rel="n\ext""#,
            r#"</b>;;rel=next;"#,
            r#"</b>; rel=next; rel=prev"#,
            r#"</b>; anchor=""; rel=next; crossorigin"#,
            r#"</a>; rel=prev, </b>; rel=next, </c>; rel=next"#,
            r#"</a,x;y>; rel="prev" , , </b>; rel="next""#,
            r#"</a>; rel=prev; rel=next, </b>; rel=next"#,
            r#"</a>; rel=next; anchor="/other", </b>; rel=next"#,
            "</b>;rel=next;title*=UTF-8'de'n%c3%a4chstes",
        ] {
            is_b(&[line]);
        }
        is_b(&[r#"</a>; rel="first""#, "", r#"</b>; rel="next""#]);
        for none in [
            "",
            ",",
            "</a>",
            "</a>; rel=prev",
            "</a>; rel",
            r#"</a>; title="rel=next""#,
            "</a>; rev=next",
        ] {
            assert_eq!(next(&[none]), Ok(None), "{none}");
        }
        assert_eq!(link(&HeaderMap::new(), "next"), Ok(None));
    }

    /// Row H8: a broken part beside a good one costs only itself.
    #[test]
    fn a_broken_part_is_skipped() {
        for broken in [
            "<https://x/a; rel=\"next\"",
            "</a rel=next",
            "/a>; rel=next",
            "<>; rel=next",
            "</a> rel=next",
            "</a>; rel=next\"",
            "</a\u{e9}>; rel=next",
            "</a>; rel=\"next",
            "garbage",
            "<<<<",
            ">;;;",
        ] {
            if !broken.ends_with("\"next") {
                is_b(&[&format!("{broken}, </b>; rel=\"next\"")]);
            }
            is_b(&[&format!("</b>; rel=\"next\", {broken}")]);
            is_b(&[broken, "</b>; rel=next"]);
            // Alone, it must not look like the end of the list.
            let wanted = if broken.contains("next") {
                Err(Unreadable)
            } else {
                Ok(None)
            };
            assert_eq!(next(&[broken]), wanted, "{broken}");
        }
    }

    /// Row H7: 1 MB, and thousands of links, are not read.
    #[test]
    fn it_is_bounded() {
        let long = format!("</b>; rel=next, {}", "<".repeat(1024 * 1024));
        assert_eq!(next(&[&long]), Err(Unreadable));
        let lines = vec!["</a>;rel=prev"; 2000];
        assert_eq!(next(&lines), Err(Unreadable));
        let many = format!("{}</b>; rel=next", "</a>;rel=x,".repeat(MOST));
        assert_eq!(next(&[&many]), Err(Unreadable));
        let fits = format!("{}</b>; rel=next", "</a>;rel=x,".repeat(MOST - 1));
        is_b(&[&fits]);
    }

    /// Row H7: linear by construction. Within a line the reader only goes on, and what it skips it never sees again.
    #[test]
    fn the_reader_never_goes_back() {
        for unit in [
            "<",
            "<a",
            "<a>;",
            "<a>;x=\"",
            "\"",
            "<a>;rel=\"\\",
            ",<\"",
            "<a>;;",
        ] {
            let text = unit.repeat(LONGEST / unit.len());
            let mut reader = Reader {
                text: text.as_bytes(),
                at: 0,
            };
            let (mut before, mut parts) = (0, 0);
            while let Some(part) = reader.part() {
                assert!(reader.at > before, "{unit}");
                if let Part::Broken(broken) = part {
                    assert!(broken.len() <= reader.at - before, "{unit}");
                }
                (before, parts) = (reader.at, parts + 1);
            }
            assert!(reader.at == text.len() && parts <= text.len(), "{unit}");
        }
    }

    proptest! {
        /// Row H7: whatever stands there, what is found is a target that stands there.
        #[test]
        fn anything_is_survived(lines in prop::collection::vec("[<>;,=\"\\\\ a/rel]{0,40}|(</a>; ?rel=\"?next\"?,? ?){0,4}", 0..4)) {
            if let Ok(Some(target)) = next(&lines.iter().map(String::as_str).collect::<Vec<_>>()) {
                let quoted = format!("<{target}>");
                prop_assert!(lines.iter().any(|line| line.contains(&quoted)));
            }
        }

        /// Row H8: behind any closed part without quotes, a good one is found.
        #[test]
        fn a_good_part_is_found_behind_any(broken in "[<>;=\\\\ axyz/]{0,40}") {
            prop_assert_eq!(next(&[&format!("{broken}, </b>; rel=next")]), Ok(Some("/b".to_owned())));
        }
    }
}

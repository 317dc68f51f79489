//! A walk through a JSON text along pointers, without building anything.
//!
//! It reads objects and arrays only as far as a pointer leads into them; everything else is skipped by serde_json, so
//! that what is not JSON is found out whether it is wanted or not.

use std::borrow::Cow;

use super::{Misfit, Skip, read};

/// A JSON pointer with its segments unescaped.
pub(crate) type Pointer<'a> = &'a [&'a str];

/// Calls `visit` with the number of the pointer and the place of its value, for each pointer that the text has. `visit`
/// gives the length of the value.
pub(crate) fn walk(
    text: &str,
    pointers: &[Pointer<'_>],
    visit: &mut dyn FnMut(usize, usize) -> Result<usize, Misfit>,
) -> Result<(), Misfit> {
    debug_assert!(
        (1..=32).contains(&pointers.len()),
        "a set of pointers is a u32"
    );
    let mut cursor = Cursor { text, at: 0 };
    cursor.space();
    if cursor.at == text.len() {
        return Err(Misfit::whole("it is empty"));
    }
    if matches!(cursor.peek(), Some(b'<') | None) || text.starts_with('\u{feff}') {
        return Err(Misfit::not_json(text));
    }
    let mut walk = Walk {
        cursor,
        pointers,
        seen: 0,
        visit,
    };
    walk.value(u32::MAX >> (32 - pointers.len()), 0)?;
    let mut cursor = walk.cursor;
    cursor.space();
    if cursor.at < text.len() {
        Err(Misfit::trailing(&text[cursor.at..]))
    } else {
        Ok(())
    }
}

/// Calls `each` with the place of each element of the array that begins at `at`; `each` gives the element's length.
pub(crate) fn elements(
    text: &str,
    at: usize,
    each: &mut dyn FnMut(usize, usize) -> Result<usize, Misfit>,
) -> Result<usize, Misfit> {
    let mut cursor = Cursor { text, at };
    cursor.expect(b'[', "a sequence")?;
    let mut index = 0;
    while cursor.more(b']', index == 0)? {
        cursor.at += each(index, cursor.at)?;
        index += 1;
    }
    Ok(cursor.at - at)
}

struct Walk<'a, 'v> {
    cursor: Cursor<'a>,
    pointers: &'a [Pointer<'a>],
    seen: u32,
    visit: &'v mut dyn FnMut(usize, usize) -> Result<usize, Misfit>,
}

impl Walk<'_, '_> {
    /// Reads one value; `active` are the pointers that lead here or below, `depth` of their segments are used up.
    fn value(&mut self, active: u32, depth: usize) -> Result<(), Misfit> {
        let from = self.cursor.at;
        let mut length = None;
        for (number, pointer) in self.pointers.iter().enumerate() {
            if active & 1 << number != 0 && pointer.len() == depth {
                if self.seen & 1 << number != 0 {
                    return Err(Misfit::twice(pointer));
                }
                self.seen |= 1 << number;
                length = Some((self.visit)(number, from)?);
            }
        }
        match (length, self.cursor.peek()) {
            (Some(length), _) => {
                self.cursor.at += length;
                Ok(())
            }
            (None, Some(b'{')) if active != 0 => self.object(active, depth),
            (None, Some(b'[')) if active != 0 => self.array(active, depth),
            (None, _) => self.cursor.skip(),
        }
    }

    fn object(&mut self, active: u32, depth: usize) -> Result<(), Misfit> {
        self.cursor.at += 1;
        let mut first = true;
        while self.cursor.more(b'}', first)? {
            first = false;
            let key = self.cursor.key()?;
            let below = self.below(active, depth, &key);
            self.value(below, depth + 1)?;
        }
        Ok(())
    }

    fn array(&mut self, active: u32, depth: usize) -> Result<(), Misfit> {
        self.cursor.at += 1;
        let mut index = 0_usize;
        while self.cursor.more(b']', index == 0)? {
            let below = self.below(active, depth, &index.to_string());
            self.value(below, depth + 1)?;
            index += 1;
        }
        Ok(())
    }

    fn below(&self, active: u32, depth: usize, key: &str) -> u32 {
        let mut below = 0;
        for (number, pointer) in self.pointers.iter().enumerate() {
            if active & 1 << number != 0 && pointer.get(depth) == Some(&key) {
                below |= 1 << number;
            }
        }
        below
    }
}

#[derive(Clone, Copy)]
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Misfit> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(Misfit::syntax(self.text, self.at, what))
    }

    /// Goes to the next element or member, or behind the bracket that closes them.
    fn more(&mut self, close: u8, first: bool) -> Result<bool, Misfit> {
        self.space();
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(false);
        }
        if !first {
            self.expect(b',', "`,` or the end of the list")?;
            self.space();
        }
        Ok(true)
    }

    fn key(&mut self) -> Result<Cow<'a, str>, Misfit> {
        let from = self.at;
        self.expect(b'"', "the name of a member")?;
        let rest = &self.text[self.at..];
        let plain = rest
            .bytes()
            .position(|byte| byte == b'"' || byte == b'\\' || byte < b' ');
        let key = match plain {
            Some(length) if rest.as_bytes()[length] == b'"' => {
                self.at += length + 1;
                Cow::Borrowed(&rest[..length])
            }
            _ => {
                let (key, length) = read::<String>(&self.text[from..]);
                self.at = from + length;
                Cow::Owned(key.map_err(|error| Misfit::in_text(&error, self.text, from))?)
            }
        };
        self.space();
        self.expect(b':', "`:`")?;
        self.space();
        Ok(key)
    }

    fn skip(&mut self) -> Result<(), Misfit> {
        let (skipped, length) = read::<Skip>(&self.text[self.at..]);
        skipped.map_err(|error| Misfit::in_text(&error, self.text, self.at))?;
        self.at += length;
        Ok(())
    }
}

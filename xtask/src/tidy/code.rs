//! Rust source with its comments and its literals blanked out, line by line as it was, and the
//! tokens of what remains. Assumes source that compiles; anything else gives findings, no panic.
//! Knows just enough of the lexical grammar to tell code from text. Must not judge.

/// A source, told apart.
#[derive(Debug)]
pub(super) struct Code {
    /// Without comments, and with a lone quote for each literal.
    pub(super) bare: String,
    /// Without comments only.
    pub(super) uncommented: String,
}

/// A token of bare code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// An identifier, a keyword or a number.
    Word(&'a str),
    /// `::`
    Into,
    /// Any other character.
    Sign(char),
}

/// Blanks out. Every byte that goes becomes a space, so that offsets and lines stay.
pub(super) fn blank(source: &str) -> Code {
    let bytes = source.as_bytes();
    let mut bare = bytes.to_vec();
    let mut uncommented = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        if rest.starts_with("//") {
            let end = at + rest.find('\n').unwrap_or(rest.len());
            erase(&mut bare[at..end]);
            erase(&mut uncommented[at..end]);
            at = end;
        } else if rest.starts_with("/*") {
            let end = at + comment_length(rest);
            erase(&mut bare[at..end]);
            erase(&mut uncommented[at..end]);
            at = end;
        } else if let Some(length) = literal_length(rest) {
            erase(&mut bare[at..at + length]);
            bare[at] = b'"';
            at += length;
        } else {
            at += step(rest);
        }
    }
    let text = |bytes| String::from_utf8(bytes).expect("only whole characters were erased");
    Code {
        bare: text(bare),
        uncommented: text(uncommented),
    }
}

/// The tokens of bare code, each with its one-based line.
pub(super) fn tokens(bare: &str) -> Vec<(Token<'_>, usize)> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut rest = bare;
    while let Some(letter) = rest.chars().next() {
        let length = if is_in_word(letter) {
            let length = rest.find(|next| !is_in_word(next)).unwrap_or(rest.len());
            tokens.push((Token::Word(&rest[..length]), line));
            length
        } else if rest.starts_with("::") {
            tokens.push((Token::Into, line));
            2
        } else {
            if letter == '\n' {
                line += 1;
            }
            if !letter.is_whitespace() {
                tokens.push((Token::Sign(letter), line));
            }
            letter.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

fn is_in_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn erase(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

/// A whole word, so that its end is not taken for a literal's prefix, or one character.
fn step(rest: &str) -> usize {
    let word = rest.find(|letter| !is_in_word(letter));
    match word.unwrap_or(rest.len()) {
        0 => rest.chars().next().map_or(1, char::len_utf8),
        length => length,
    }
}

/// Block comments nest.
fn comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The length of the string or character that starts here, prefix and quotes included.
fn literal_length(rest: &str) -> Option<usize> {
    let unprefixed = rest.trim_start_matches(['b', 'c', 'r']);
    let prefix = &rest[..rest.len() - unprefixed.len()];
    if !matches!(prefix, "" | "b" | "c" | "r" | "br" | "cr") {
        return None;
    }
    if prefix.ends_with('r') {
        let hashes = unprefixed.len() - unprefixed.trim_start_matches('#').len();
        let body = unprefixed[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = body.find(&end).map_or(body.len(), |at| at + end.len());
        return Some(prefix.len() + hashes + 1 + length);
    }
    if let Some(body) = unprefixed.strip_prefix('"') {
        return Some(prefix.len() + 1 + quoted_length(body, b'"'));
    }
    let body = unprefixed.strip_prefix('\'')?;
    let mut letters = body.chars();
    let is_character = match letters.next() {
        Some('\\') => true,
        Some(_) => letters.next() == Some('\''),
        None => false,
    };
    // Otherwise it is a lifetime or a label.
    is_character.then(|| prefix.len() + 1 + quoted_length(body, b'\''))
}

/// Up to and with the closing quote.
fn quoted_length(body: &str, quote: u8) -> usize {
    let mut escaped = false;
    for (at, byte) in body.bytes().enumerate() {
        if escaped {
            escaped = false;
        } else if byte == b'\\' {
            escaped = true;
        } else if byte == quote {
            return at + 1;
        }
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use super::{Token, blank, tokens};

    fn words(source: &str) -> Vec<String> {
        let code = blank(source);
        assert_eq!(code.bare.len(), source.len());
        assert_eq!(code.bare.lines().count(), source.lines().count());
        tokens(&code.bare)
            .into_iter()
            .filter_map(|(token, _)| match token {
                Token::Word(word) => Some(word.to_owned()),
                Token::Into | Token::Sign(_) => None,
            })
            .collect()
    }

    #[test]
    fn comments_and_literals_are_no_code() {
        assert_eq!(words("a // b\nc /* d /* e */ f */ g"), ["a", "c", "g"]);
        assert_eq!(words(r#"a "b \" c" d"#), ["a", "d"]);
        assert_eq!(words("a r#\"b \" c\"# d"), ["a", "d"]);
        assert_eq!(words("a br##\"b \"# c\"## d"), ["a", "d"]);
        assert_eq!(
            words(r"x '\'' y 'z' w '\u{41}' v b'u' t"),
            ["x", "y", "w", "v", "t"]
        );
        assert_eq!(
            words("fn f<'a>(x: &'a str) 'ö' b"),
            ["fn", "f", "a", "x", "a", "str", "b"]
        );
        assert_eq!(words("r#type \"x\" barb\"y\""), ["r", "type", "barb"]);
        assert_eq!(words("a \"// b\" c // \"d\ne"), ["a", "c", "e"]);
    }

    #[test]
    fn text_that_ends_early_is_no_panic() {
        for source in [
            "\"", "'", "/*", "r#\"", "b'", "'\\", "r#", "\"\\", "ö'ö", "//",
        ] {
            blank(source);
        }
    }

    #[test]
    fn tokens_know_their_line() {
        let found = tokens("use a::\n  b;");
        assert_eq!(
            found,
            [
                (Token::Word("use"), 1),
                (Token::Word("a"), 1),
                (Token::Into, 1),
                (Token::Word("b"), 2),
                (Token::Sign(';'), 2),
            ]
        );
    }

    #[test]
    fn a_line_of_text_in_a_string_counts_as_code() {
        let code = blank("let x = \"\ntext\n\";\n// no\n");
        assert!(code.uncommented.contains("text") && !code.uncommented.contains("no"));
    }
}

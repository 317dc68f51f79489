//! One text of a description, as it was read.
//!
//! The library never opens a file: whoever calls it hands in the bytes together with the path they
//! came from. Nothing is assumed about the bytes; `parse` screens them.

/// A file of a description: where it lies and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Relative to the project's root and separated by `/`, such as `schema/hive/orders.yaml`.
    pub path: String,
    /// The bytes as they lie in the file.
    pub text: Vec<u8>,
}

/// Whether a character steers a terminal or cannot be seen.
pub(crate) fn is_hidden(char: char) -> bool {
    is_control(char) || is_invisible(char)
}

/// C0, DEL, C1 and what Unicode says is no character.
pub(crate) fn is_control(char: char) -> bool {
    char.is_control()
        || u32::from(char) & 0xFFFE == 0xFFFE
        || ('\u{FDD0}'..='\u{FDEF}').contains(&char)
}

/// Marks of direction and isolation, separators of lines, things without width, tags.
fn is_invisible(char: char) -> bool {
    matches!(
        char,
        '\u{061C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

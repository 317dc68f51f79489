//! Everything that is printed goes through here: colours where a terminal wants them, none in a
//! pipe, a file or under `NO_COLOR`. Assumes that texts may hold whatever a file name or a file
//! holds. Must not fail: a reader that went away is no reason to.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use crate::Exit;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const NEW: Style = AnsiColor::Green.on_default();
pub(crate) const CHANGED: Style = AnsiColor::Yellow.on_default();
pub(crate) const GONE: Style = AnsiColor::Red.on_default();

/// `text` in a style; the style falls away where colours are not wanted.
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// `text` with control characters made visible, except for line ends.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() && letter != '\n' {
            clean.extend(letter.escape_default());
        } else {
            clean.push(letter);
        }
    }
    clean
}

/// Prints what was asked for.
pub(crate) fn out(text: &str) {
    print(anstream::stdout(), text);
}

/// Prints what went wrong or is worth knowing on the way.
pub(crate) fn err(text: &str) {
    print(anstream::stderr(), text);
}

/// Prints why a command ends, if there is more to say.
pub(crate) fn error(exit: Exit, message: &str) {
    let word = match exit {
        Exit::Problem | Exit::Usage => "error:",
        Exit::Internal => "internal error:",
    };
    if !message.is_empty() {
        err(&format!("{} {message}", paint(BAD, word)));
    }
}

fn print(mut stream: impl Write, text: &str) {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    // There is nowhere left to complain.
    let _ = write!(stream, "{text}{end}").and_then(|()| stream.flush());
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(
            clean("a\u{1b}[31mb\r\nc\u{9b}"),
            "a\\u{1b}[31mb\\r\nc\\u{9b}"
        );
        assert_eq!(clean("größe"), "größe");
    }
}

//! Diagnostics as text, in the manner of rustc.
//!
//! The text of a description is untrusted: characters that a terminal would obey are escaped, and
//! a line that is longer than a screen is cut around its marker.

use super::{Diagnostic, Diagnostics, Place, Severity};

/// How many characters of a source line are shown.
const SHOWN: usize = 120;
/// How many of them stand before the marker when the line is cut.
const BEFORE: usize = 40;

const BOLD: anstyle::Style = anstyle::Style::new().bold();
const RED: anstyle::Style = anstyle::AnsiColor::BrightRed.on_default().bold();
const YELLOW: anstyle::Style = anstyle::AnsiColor::Yellow.on_default().bold();
const BLUE: anstyle::Style = anstyle::AnsiColor::BrightBlue.on_default().bold();

pub(super) fn render(diagnostics: &Diagnostics, color: bool) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics.sorted() {
        render_one(diagnostic, Paint { color }, &mut out);
        out.push('\n');
    }
    if diagnostics.dropped() > 0 {
        out.push_str(&format!("… and {} more\n", diagnostics.dropped()));
    }
    out
}

#[derive(Clone, Copy)]
struct Paint {
    color: bool,
}

impl Paint {
    fn on(self, style: anstyle::Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

fn render_one(diagnostic: &Diagnostic, paint: Paint, out: &mut String) {
    let style = match diagnostic.severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
    };
    let head = format!(": {}", escape(&diagnostic.message));
    out.push_str(&paint.on(style, diagnostic.code));
    out.push_str(&paint.on(BOLD, &head));
    out.push('\n');
    let lines =
        std::iter::once(&diagnostic.place).chain(diagnostic.also.iter().map(|(place, _)| place));
    let gutter = lines
        .map(|place| place.line.to_string().len())
        .max()
        .unwrap_or(1);
    render_place(&diagnostic.place, "", '^', style, gutter, paint, out);
    for (place, word) in &diagnostic.also {
        render_place(place, word, '-', BLUE, gutter, paint, out);
    }
    if let Some(help) = &diagnostic.help {
        let bar = paint.on(BLUE, "=");
        out.push_str(&format!(
            "{:gutter$} {bar} {}: {}\n",
            "",
            paint.on(BOLD, "help"),
            escape(help)
        ));
    }
}

fn render_place(
    place: &Place,
    word: &str,
    mark: char,
    style: anstyle::Style,
    gutter: usize,
    paint: Paint,
    out: &mut String,
) {
    let arrow = paint.on(BLUE, "-->");
    out.push_str(&format!(
        "{:gutter$}{arrow} {}:{}:{}",
        "",
        escape(&place.path),
        place.line,
        place.column
    ));
    if !place.yaml_path.is_root() {
        out.push_str(&format!(" ({})", escape(&place.yaml_path.to_string())));
    }
    out.push('\n');
    let bar = paint.on(BLUE, "|");
    if place.source_line.is_empty() {
        // A place for a whole file has no line to show, but its word must not be lost.
        if !word.is_empty() {
            out.push_str(&format!("{:gutter$} {bar} {}\n", "", escape(word)));
        }
        return;
    }
    let (line, before, width) = cut(place);
    let number = paint.on(BLUE, &format!("{:>gutter$}", place.line));
    let mut marks: String = std::iter::repeat_n(mark, width).collect();
    if !word.is_empty() {
        marks.push(' ');
        marks.push_str(&escape(word));
    }
    out.push_str(&format!("{:gutter$} {bar}\n", ""));
    out.push_str(&format!("{number} {bar} {line}\n"));
    out.push_str(&format!(
        "{:gutter$} {bar} {:before$}{}\n",
        "",
        "",
        paint.on(style, &marks)
    ));
}

/// The shown part of the line, the columns before the marker and the marker's width.
fn cut(place: &Place) -> (String, usize, usize) {
    let column = place.column as usize - 1;
    let chars = place.source_line.chars().count();
    let start = if chars <= SHOWN || column <= BEFORE {
        0
    } else {
        column - BEFORE
    };
    let shown: Vec<char> = place.source_line.chars().skip(start).take(SHOWN).collect();
    let mut line = String::new();
    let mut before = 0;
    let mut width = 0;
    if start > 0 {
        line.push_str("… ");
        before += 2;
    }
    for (at, &char) in shown.iter().enumerate() {
        let cell = escape_char(char);
        let cells = cell.chars().count();
        if start + at < column {
            before += cells;
        } else if start + at < column + place.width as usize {
            width += cells;
        }
        line.push_str(&cell);
    }
    // A marker behind the end of the line, such as for a missing quote.
    before += column.saturating_sub(start + shown.len());
    if start + shown.len() < chars {
        line.push_str(" …");
    }
    (line.trim_end().to_owned(), before, width.max(1))
}

fn escape(text: &str) -> String {
    text.chars().map(escape_char).collect()
}

/// A character as a terminal may be given it: a tab as one blank, anything that steers the
/// terminal or cannot be seen as its number.
fn escape_char(char: char) -> String {
    match char {
        '\t' => " ".to_owned(),
        _ if crate::source::is_hidden(char) => format!("\\u{{{:04x}}}", u32::from(char)),
        _ => char.to_string(),
    }
}

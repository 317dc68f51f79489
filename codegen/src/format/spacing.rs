//! Spacing: blank lines between the members of an `impl` block and between documented fields' groups.
//!
//! Works on printed text, which has no string literal of several lines.

/// A blank line before each function of an `impl` block but the first.
pub(super) fn separate(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut ended = false;
    for line in text.lines() {
        let starts = line.starts_with("    ") && !line.starts_with("     ") && line.trim() != "}";
        if ended && starts {
            out.push('\n');
        }
        ended = line == "    }";
        out.push_str(line);
        out.push('\n');
    }
    out
}

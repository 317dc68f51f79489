//! The lines of a file, from which places are made.
//!
//! Every place on a line shares that line's text. Positions that a parser reports beyond the text
//! are brought back to its end.

use std::sync::Arc;

use crate::diagnostics::{Place, YamlPath, to_u32};

pub(crate) struct Lines {
    path: Arc<str>,
    lines: Vec<Arc<str>>,
}

impl Lines {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let line = |line: &str| Arc::from(line.strip_suffix('\r').unwrap_or(line));
        Self {
            path: path.into(),
            lines: text.split('\n').map(line).collect(),
        }
    }

    /// A stretch of a line; `line` and `column` from 1, `column` and `width` in characters.
    pub(crate) fn place(
        &self,
        line: usize,
        column: usize,
        width: usize,
        yaml_path: &YamlPath,
    ) -> Place {
        // Splitting yields at least one line.
        let line = line.clamp(1, self.lines.len());
        let source_line = Arc::clone(&self.lines[line - 1]);
        Place {
            path: Arc::clone(&self.path),
            line: to_u32(line),
            column: to_u32(column.max(1)),
            width: to_u32(width.max(1)),
            yaml_path: yaml_path.clone(),
            source_line,
        }
    }

    /// How many characters a line has from a column on.
    pub(crate) fn rest(&self, line: usize, column: usize) -> usize {
        let text = self.lines.get(line.saturating_sub(1));
        text.map_or(0, |text| {
            text.trim_end()
                .chars()
                .skip(column.saturating_sub(1))
                .count()
        })
    }
}

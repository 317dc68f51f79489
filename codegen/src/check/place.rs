//! From the model's origins back to the places of diagnostics.
//!
//! An origin is the place of a whole entry. Where the offending word stands on the entry's own line
//! once, the marker is moved under it.

use std::sync::Arc;

use crate::diagnostics::{Place, YamlPath};
use crate::model::Origin;

/// From this many bytes on a line is no longer searched.
const LONG_LINE: usize = 10_000;

/// The place of an entry.
pub(super) fn of(origin: &Origin) -> Place {
    Place {
        path: Arc::clone(&origin.path),
        line: to_u32(origin.line),
        column: to_u32(origin.column),
        width: to_u32(origin.width).max(1),
        yaml_path: read_path(&origin.yaml_path),
        source_line: Arc::clone(&origin.source_line),
    }
}

/// The place of a word inside an entry; the entry's if the word is not on its line exactly once.
pub(super) fn of_word(origin: &Origin, word: &str) -> Place {
    let whole = of(origin);
    // Each word of a very long line would mean a walk over all of it.
    if origin.source_line.len() > LONG_LINE {
        return whole;
    }
    let before = origin.column.saturating_sub(1);
    let rest: String = origin.source_line.chars().skip(before).collect();
    let mut found = rest
        .match_indices(word)
        .filter(|(at, _)| stands_alone(&rest, *at, word.len()));
    match (found.next(), found.next()) {
        (Some((at, _)), None) if !word.is_empty() => Place {
            column: whole
                .column
                .saturating_add(to_u32(rest[..at].chars().count())),
            width: to_u32(word.chars().count()).max(1),
            ..whole
        },
        _ => whole,
    }
}

/// Whether no letter, digit or `_` touches the word, so that `get` is not found in `target`.
fn stands_alone(text: &str, at: usize, length: usize) -> bool {
    let touches =
        |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || char == '_');
    !touches(text[..at].chars().next_back()) && !touches(text[at + length..].chars().next())
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Reads a path as it was shown: `resources.users.methods[0]`.
fn read_path(shown: &str) -> YamlPath {
    let mut path = YamlPath::root();
    for part in shown.split('.').filter(|part| !part.is_empty()) {
        let (name, items) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !name.is_empty() {
            path = path.key(name);
        }
        for item in items.split(['[', ']']).filter_map(|item| item.parse().ok()) {
            path = path.item(item);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::{of, of_word};
    use crate::model::Origin;

    fn origin(line: &str, column: usize) -> Origin {
        Origin {
            path: "schema/a.yaml".into(),
            line: 3,
            column,
            width: 2,
            yaml_path: "resources.users.notes[1].text".to_owned(),
            source_line: line.into(),
        }
    }

    #[test]
    fn a_path_survives_the_way_back() {
        assert_eq!(
            of(&origin("", 1)).yaml_path.to_string(),
            "resources.users.notes[1].text"
        );
    }

    #[test]
    fn a_word_is_marked_where_it_stands_once() {
        let place = of_word(&origin("  ät: {url: http://x, target: 1}", 3), "http://x");
        assert_eq!((place.column, place.width), (13, 8));
        let twice = of_word(&origin("  a: {x: 1, x: 1}", 3), "x");
        assert_eq!((twice.column, twice.width), (3, 2));
        let inside = of_word(&origin("  a: {target: 1}", 3), "get");
        assert_eq!((inside.column, inside.width), (3, 2));
    }
}

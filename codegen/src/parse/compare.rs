//! The same text through a second YAML parser, held against the tree node by node.
//!
//! Where the two disagree, what a reviewer sees may not be what is generated; then nothing is. The
//! tree is within all limits, so that recursion over it is safe.

use serde_yaml::{Number, Value};

use crate::diagnostics::{Diagnostic, Diagnostics, Place, YamlPath};

use super::lines::Lines;
use super::tree::{Kind, Node, Scalar};

/// Whether both parsers read the same; if not, why is pushed.
pub(super) fn compare(
    text: &str,
    node: &Node,
    lines: &Lines,
    diagnostics: &mut Diagnostics,
) -> bool {
    let value: Value = match serde_yaml::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let (line, column) = error
                .location()
                .map_or((1, 1), |at| (at.line(), at.column()));
            let place = lines.place(line, column, 1, &YamlPath::root());
            diagnostics.push(disagreement(
                &place,
                &format!("only one of two YAML parsers accepts this: {error}"),
            ));
            return false;
        }
    };
    match find_difference(node, &value) {
        None => true,
        Some(place) => {
            diagnostics.push(disagreement(
                place,
                "two YAML parsers read this differently",
            ));
            false
        }
    }
}

fn disagreement(place: &Place, message: &str) -> Diagnostic {
    Diagnostic::new("E016", place, message)
        .help("write it in a simpler way: quote texts, one entry on a line")
}

/// Where the first difference is.
fn find_difference<'n>(node: &'n Node, value: &Value) -> Option<&'n Place> {
    match (&node.kind, value) {
        (Kind::Scalar(scalar), value) => (!is_same(scalar, value)).then_some(&node.place),
        (Kind::Sequence(items), Value::Sequence(values)) if items.len() == values.len() => items
            .iter()
            .zip(values)
            .find_map(|(item, value)| find_difference(item, value)),
        (Kind::Mapping(entries), Value::Mapping(values)) if entries.len() == values.len() => {
            entries
                .iter()
                .zip(values)
                .find_map(|((key, node), (name, value))| {
                    if is_same(&key.value, name) {
                        find_difference(node, value)
                    } else {
                        Some(&key.place)
                    }
                })
        }
        (Kind::Sequence(_) | Kind::Mapping(_), _) => Some(&node.place),
    }
}

/// Whether the value is what YAML makes of the scalar's text.
fn is_same(scalar: &Scalar, value: &Value) -> bool {
    let Scalar { text, plain } = scalar;
    match value {
        Value::String(other) => text == other,
        Value::Null => *plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"),
        Value::Bool(true) => *plain && matches!(text.as_str(), "true" | "True" | "TRUE"),
        Value::Bool(false) => *plain && matches!(text.as_str(), "false" | "False" | "FALSE"),
        Value::Number(number) => {
            *plain && text.parse::<Number>().is_ok_and(|other| other == *number)
        }
        Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => false,
    }
}

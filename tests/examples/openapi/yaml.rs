//! JSON values as YAML, in the two ways in which people write it. Every text that YAML could read as
//! something else stands in quotes. Must not know what the values mean.

use serde_json::Value;

/// How a value is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Each key and element on a line of its own, as OpenAPI documents are written.
    Block,
    /// What fits into a line of 100 columns stands in one, as our descriptions are written.
    Dense,
}

/// No line of a dense text is longer, unless a single scalar is.
const WIDTH: usize = 100;

/// The text of a document.
pub(crate) fn write(value: &Value, style: Style) -> String {
    let mut text = String::new();
    write_inside(&mut text, value, 0, style);
    text
}

/// The entries of a collection, each on lines of its own.
fn write_inside(out: &mut String, value: &Value, depth: usize, style: Style) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                out.push_str(&format!("{indent}{}:", scalar_text(key)));
                write_behind(out, value, depth, style);
            }
        }
        Value::Array(items) => {
            for item in items {
                out.push_str(&format!("{indent}-"));
                write_behind(out, item, depth, style);
            }
        }
        scalar => out.push_str(&format!("{indent}{}\n", flow(scalar))),
    }
}

/// What follows a key or a dash.
fn write_behind(out: &mut String, value: &Value, depth: usize, style: Style) {
    let line = flow(value);
    let before = out.len() - out.rfind('\n').map_or(0, |at| at + 1);
    let fits = style == Style::Dense && before + 1 + line.len() <= WIDTH;
    if fits || !is_collection(value) {
        out.push_str(&format!(" {line}\n"));
        return;
    }
    // A mapping begins on the line of its dash.
    if out.ends_with('-') && value.is_object() {
        let mut inner = String::new();
        write_inside(&mut inner, value, depth + 1, style);
        out.push(' ');
        out.push_str(inner.trim_start());
        return;
    }
    out.push('\n');
    write_inside(out, value, depth + 1, style);
}

fn is_collection(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

/// In one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar_text(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar_text(key), flow(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// Plain where no reader can take it for anything else, otherwise as in JSON, which is YAML.
fn scalar_text(text: &str) -> String {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let first = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$');
    let plain = first
        && !text.ends_with(' ')
        && text
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "_./- $".contains(char))
        && !words.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        text.to_owned()
    } else {
        Value::String(text.to_owned()).to_string()
    }
}

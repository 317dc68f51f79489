//! JSON as it is written into the schema of descriptions: members in their given order, what fits
//! into a line in one line. Must not know what a schema is.

use std::fmt::Write;

/// No line is longer unless a single value is.
const WIDTH: usize = 100;

/// A JSON value without fractions and nulls, which a schema of ours never has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Bool(bool),
    Integer(i128),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(crate) fn map<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Map(members.map(|(key, value)| (key.to_owned(), value)).into())
    }

    /// The text of a file.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0, 0);
        text.push('\n');
        text
    }

    /// Writes itself behind `before` columns of a line that is indented by `depth` steps.
    fn write(&self, out: &mut String, depth: usize, before: usize) {
        let line = self.in_line();
        if depth > 0 && before + line.len() < WIDTH {
            out.push_str(&line);
            return;
        }
        let inner = "  ".repeat(depth + 1);
        let (open, close) = match self {
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "[\n" } else { ",\n" });
                    out.push_str(&inner);
                    item.write(out, depth + 1, inner.len());
                }
                ("[", "]")
            }
            Self::Map(members) => {
                for (at, (key, value)) in members.iter().enumerate() {
                    out.push_str(if at == 0 { "{\n" } else { ",\n" });
                    out.push_str(&inner);
                    let key = quote(key);
                    write!(out, "{key}: ").expect("writing to a string never fails");
                    value.write(out, depth + 1, inner.len() + key.len() + 2);
                }
                ("{", "}")
            }
            Self::Bool(_) | Self::Integer(_) | Self::Text(_) => {
                out.push_str(&line);
                return;
            }
        };
        let empty = matches!(self, Self::List(items) if items.is_empty())
            || matches!(self, Self::Map(members) if members.is_empty());
        if empty {
            out.push_str(open);
        } else {
            write!(out, "\n{}", "  ".repeat(depth)).expect("writing to a string never fails");
        }
        out.push_str(close);
    }

    fn in_line(&self) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Text(text) => quote(text),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::in_line).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(members) => {
                let member =
                    |(key, value): &(String, Self)| format!("{}: {}", quote(key), value.in_line());
                let members: Vec<String> = members.iter().map(member).collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }
}

/// A JSON string (RFC 8259, section 7).
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control < ' ' => {
                write!(quoted, "\\u{:04x}", u32::from(control))
                    .expect("writing to a string never fails");
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn short_values_stand_in_one_line_and_others_are_broken() {
        let long = Json::List(vec![Json::Text("x".repeat(60)), Json::Text("y".repeat(60))]);
        let value = Json::map([
            (
                "short",
                Json::List(vec![Json::Bool(true), Json::Integer(-1)]),
            ),
            ("none", Json::List(Vec::new())),
            ("long", long),
            ("text", Json::text("a \"quoted\" \\ \n")),
        ]);
        let expected = format!(
            "{{\n  \"short\": [true, -1],\n  \"none\": [],\n  \"long\": [\n    \"{}\",\n    \
             \"{}\"\n  ],\n  \"text\": \"a \\\"quoted\\\" \\\\ \\u000a\"\n}}\n",
            "x".repeat(60),
            "y".repeat(60)
        );
        assert_eq!(value.render(), expected);
    }
}

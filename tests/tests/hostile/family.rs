//! What a family of hostile descriptions is made of, and the thread that it is read on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use etiquette_codegen::Source;

/// Descriptions that are hostile in the same way.
pub(crate) struct Family {
    /// What they have in common.
    pub(crate) name: &'static str,
    /// The rows of the table of faults that they cover.
    pub(crate) rows: &'static [&'static str],
    pub(crate) inputs: Vec<Input>,
}

/// One description.
pub(crate) struct Input {
    pub(crate) label: String,
    pub(crate) sources: Vec<Source>,
    pub(crate) expect: Expect,
}

/// What has to become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Refused with this code, among others.
    Code(&'static str),
    /// Harmless.
    Loads,
}

/// A family from pairs of label and sources with one expectation.
pub(crate) fn family<L: Into<String>>(
    name: &'static str,
    rows: &'static [&'static str],
    expect: Expect,
    inputs: impl IntoIterator<Item = (L, Vec<Source>)>,
) -> Family {
    let input = |(label, sources): (L, Vec<Source>)| Input {
        label: label.into(),
        sources,
        expect,
    };
    Family {
        name,
        rows,
        inputs: inputs.into_iter().map(input).collect(),
    }
}

impl Family {
    /// Adds inputs with another expectation.
    pub(crate) fn and<L: Into<String>>(
        mut self,
        expect: Expect,
        inputs: impl IntoIterator<Item = (L, Vec<Source>)>,
    ) -> Self {
        self.inputs
            .extend(family(self.name, self.rows, expect, inputs).inputs);
        self
    }
}

/// One file under its path.
pub(crate) fn file(path: &str, text: impl Into<Vec<u8>>) -> Source {
    Source {
        path: path.to_owned(),
        text: text.into(),
    }
}

/// One file with these bytes.
pub(crate) fn raw(text: impl Into<Vec<u8>>) -> Vec<Source> {
    vec![file("schema/example.yaml", text)]
}

pub(crate) const HEAD: &str = "etiquette: 1\napi: example\n";
pub(crate) const ENVIRONMENTS: &str =
    "environments: {production: {url: \"https://api.example.com/v1\"}}\n";
pub(crate) const RESOURCES: &str = "resources:
  users:
    path: /users
    fields: {id: string, name: string}
    key: id
    methods: [list, get, create]
";

/// An API with these further top-level keys; resources are added if there are none.
pub(crate) fn api(keys: &str) -> Vec<Source> {
    let environments = if keys.starts_with("environments:") || keys.contains("\nenvironments:") {
        ""
    } else {
        ENVIRONMENTS
    };
    let resources = if keys.starts_with("resources:") || keys.contains("\nresources:") {
        ""
    } else {
        RESOURCES
    };
    raw(format!("{HEAD}{environments}{keys}{resources}"))
}

/// An API whose one resource has these methods.
pub(crate) fn methods(methods: &str) -> Vec<Source> {
    api(&format!(
        "resources:\n  users:\n    path: /users\n    fields: {{id: string, name: string}}\n    key: id\n    methods:\n{methods}"
    ))
}

/// An API whose one resource has this field beside its key.
pub(crate) fn field(field: &str) -> Vec<Source> {
    api(&format!(
        "resources:\n  users:\n    path: /users\n    key: id\n    methods: [list, create]\n    fields:\n      id: string\n      {field}\n"
    ))
}

/// Any text as a YAML scalar that means just that text.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0' => quoted.push_str("\\0"),
            ' '..='~' => quoted.push(char),
            _ if u32::from(char) > 0xffff => {
                quoted.push_str(&format!("\\U{:08x}", u32::from(char)));
            }
            _ => quoted.push_str(&format!("\\u{:04x}", u32::from(char))),
        }
    }
    quoted + "\""
}

/// Runs on a thread with a small stack, so that recursion over the input shows.
pub(crate) fn on_small_stack<T: Send + 'static>(
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let size = 256 << 10;
    let thread = thread::Builder::new()
        .stack_size(size)
        .spawn(move || catch_unwind(AssertUnwindSafe(run)));
    let outcome = thread
        .expect("a thread can be started")
        .join()
        .expect("panics are caught inside");
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "no message".to_owned())
    })
}

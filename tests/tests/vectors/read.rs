//! Vectors and their siblings, read from the files.
//! A file that is not in the format ends the test: nothing is skipped.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::core_schema;

/// The keys of a vector.
const KEYS: &[&str] = &[
    "name", "call", "client", "request", "requests", "reply", "value", "error", "fails",
];

/// A vector or a sibling: a call, and what has to come of it.
#[derive(Clone)]
pub(crate) struct Variant {
    pub(crate) name: String,
    /// All of it but the siblings.
    pub(crate) whole: Value,
}

pub(crate) struct Vector {
    /// `users/errors.yaml`
    pub(crate) file: String,
    pub(crate) whole: Variant,
    pub(crate) siblings: Vec<Sibling>,
}

/// The same with one field that is different or gone.
pub(crate) struct Sibling {
    /// `set /reply/json/id`
    pub(crate) change: String,
    pub(crate) variant: Variant,
    pub(crate) because: Map<String, Value>,
}

impl Variant {
    /// `users.get`
    pub(crate) fn operation(&self) -> &str {
        let call = self.whole["call"].as_object();
        let first = call.and_then(|call| call.keys().next());
        first.map_or("", String::as_str)
    }

    /// What tells calls apart.
    pub(crate) fn called(&self) -> String {
        format!("{} {}", self.whole["call"], self.whole["client"])
    }
}

pub(crate) fn folder(api: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(api)
}

/// The vectors of an API.
pub(crate) fn all(api: &str) -> Vec<Vector> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder(api))
        .unwrap_or_else(|error| panic!("{api}: {error}"))
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .collect();
    files.sort();
    let mut vectors: Vec<Vector> = Vec::new();
    for path in files {
        let name = path.file_name().expect("a file has a name");
        let file = format!("{api}/{}", name.to_string_lossy());
        let text = fs::read_to_string(&path).expect("the file can be read");
        let list = core_schema::read(&text);
        let Some(Value::Array(list)) = list else {
            panic!("{file} is no list of vectors");
        };
        for one in list {
            let vector = vector(&file, one);
            let mut before = vectors.iter();
            let name = &vector.whole.name;
            let taken = before.any(|other| other.file == file && other.whole.name == *name);
            assert!(!taken, "{file}: two vectors are called `{name}`");
            vectors.push(vector);
        }
    }
    vectors
}

fn vector(file: &str, mut whole: Value) -> Vector {
    let name = whole["name"].as_str().unwrap_or_default().to_owned();
    assert!(!name.is_empty(), "{file}: a vector without a name");
    let object = whole.as_object_mut();
    let object = object.unwrap_or_else(|| panic!("{file}: {name} is no mapping"));
    for key in object.keys() {
        let known = KEYS.contains(&key.as_str());
        assert!(known, "{file}: {name}: nothing is called `{key}`");
    }
    let ends = object.contains_key("value") != object.contains_key("error");
    assert!(ends, "{file}: {name} ends with a value or an error");
    let fails = object.remove("fails");
    let Some(Value::Array(fails)) = fails else {
        panic!("{file}: {name} has no siblings");
    };
    assert!(!fails.is_empty(), "{file}: {name} has no siblings");
    let whole = Variant { name, whole };
    let siblings = fails.into_iter().map(|one| sibling(file, &whole, &one));
    Vector {
        file: file.to_owned(),
        siblings: siblings.collect(),
        whole,
    }
}

fn sibling(file: &str, vector: &Variant, fails: &Value) -> Sibling {
    let wrong = |what: &str| -> ! { panic!("{file}: {}: {what}: {fails}", vector.name) };
    let mut variant = vector.clone();
    let change = match (fails["set"].as_object(), fails["unset"].as_str()) {
        (Some(set), None) if set.len() == 1 => {
            let (at, value) = set.iter().next().expect("there is one");
            if !put(&mut variant.whole, at, Some(value)) {
                wrong("there is no place for it");
            }
            format!("set {at}")
        }
        (None, Some(at)) => {
            if !put(&mut variant.whole, at, None) {
                wrong("there is nothing to remove");
            }
            format!("unset {at}")
        }
        _ => wrong("a sibling sets or unsets one field"),
    };
    if variant.whole == vector.whole {
        wrong("a sibling differs from its vector");
    }
    let because = fails["because"].as_object().cloned();
    Sibling {
        change,
        variant,
        because: because.unwrap_or_else(|| wrong("a sibling says why it fails")),
    }
}

/// Puts a value at a pointer, or takes away what stands there. Whether that could be done.
fn put(whole: &mut Value, at: &str, value: Option<&Value>) -> bool {
    let Some((parent, last)) = at.rsplit_once('/') else {
        return false;
    };
    let last = last.replace("~1", "/").replace("~0", "~");
    match (whole.pointer_mut(parent), value) {
        (Some(Value::Object(members)), Some(value)) => {
            members.insert(last, value.clone());
            true
        }
        (Some(Value::Object(members)), None) => members.remove(&last).is_some(),
        (Some(Value::Array(items)), value) => {
            let Some(at) = last.parse().ok().filter(|at| *at < items.len()) else {
                return false;
            };
            match value {
                Some(value) => items[at] = value.clone(),
                None => {
                    items.remove(at);
                }
            }
            true
        }
        _ => false,
    }
}

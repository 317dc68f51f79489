//! From files to APIs: which files belong together, and how they are joined.
//!
//! An API is `schema/<api>.yaml`, or a folder `schema/<api>/` with `api.yaml` and further files
//! that add types and resources. Files are joined as trees, before anything is read from them.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::parse::{Kind, Node, Scalar, Totals, parse_counting};
use crate::source::Source;

use super::read::Read;
use super::{Api, Spanned};

/// The edition of the language that is understood.
const EDITION: &str = "1";
/// The only top-level keys of a further file.
const JOINED: [&str; 2] = ["types", "resources"];

/// Which files belong together, by the APIs' names.
pub(crate) fn group<'s>(sources: &'s [Source], diagnostics: &mut Diagnostics) -> Vec<Group<'s>> {
    let mut groups: BTreeMap<&str, Files<'_>> = BTreeMap::new();
    for source in sources {
        if let Some((name, part)) = belongs_to(source, diagnostics) {
            let files = groups.entry(name).or_default();
            match part {
                Part::Whole => files.whole = Some(source),
                Part::Main => files.main = Some(source),
                Part::Further => files.further.push(source),
            }
        }
    }
    let group = |(name, files)| Group { name, files };
    groups.into_iter().map(group).collect()
}

/// All APIs, one after the other.
#[cfg(test)]
pub(crate) fn read(sources: &[Source], diagnostics: &mut Diagnostics) -> Vec<Api> {
    let groups = group(sources, diagnostics);
    let read = groups.iter().filter_map(|group| group.read(diagnostics));
    read.collect()
}

/// An API that is described.
pub(crate) struct Group<'s> {
    name: &'s str,
    files: Files<'s>,
}

impl Group<'_> {
    /// The API, if it could be read without an error, so that later passes see only whole descriptions.
    pub(crate) fn read(&self, diagnostics: &mut Diagnostics) -> Option<Api> {
        read_api(self.name, &self.files, diagnostics)
    }
}

/// The files of one API.
#[derive(Default)]
struct Files<'s> {
    /// `schema/<api>.yaml`
    whole: Option<&'s Source>,
    /// `schema/<api>/api.yaml`
    main: Option<&'s Source>,
    /// `schema/<api>/*.yaml`
    further: Vec<&'s Source>,
}

enum Part {
    Whole,
    Main,
    Further,
}

/// To which API a file belongs, by its path; nothing if to none.
fn belongs_to<'s>(source: &'s Source, diagnostics: &mut Diagnostics) -> Option<(&'s str, Part)> {
    let path = source.path.strip_prefix("schema/").unwrap_or(&source.path);
    if path == "waivers.yaml" {
        return None;
    }
    let mut refuse = |message: &str, help: &str| {
        diagnostics.push(Diagnostic::new("E029", &Place::file(&source.path), message).help(help));
        None
    };
    let Some(stem) = path.strip_suffix(".yaml") else {
        return refuse(
            "the file is no `.yaml` file",
            "rename it, or move it out of `schema/`",
        );
    };
    let (name, part) = match stem.split_once('/') {
        None => (stem, Part::Whole),
        Some((name, "api")) => (name, Part::Main),
        Some((name, file)) if !file.contains('/') => (name, Part::Further),
        Some(_) => {
            return refuse(
                "the files of an API lie in one folder",
                "move the file to `schema/<api>/`",
            );
        }
    };
    if !is_api_name(name) {
        let message = format!("`{name}` is no name for an API");
        let help = "write small letters, digits and `_`, beginning with a letter, and no word that is taken";
        return refuse(&message, help);
    }
    Some((name, part))
}

/// A file of the diff, features of the generated crate, and its modules of values, events and scenarios.
const TAKEN: [&str; 11] = [
    "waivers",
    "default",
    "oauth2",
    "serialize",
    "testing",
    "values",
    "scenarios",
    "events",
    "export",
    "files",
    "webhooks",
];

fn is_api_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !TAKEN.contains(&name)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(fits)
}

fn read_api(name: &str, files: &Files<'_>, diagnostics: &mut Diagnostics) -> Option<Api> {
    let errors = diagnostics.error_count();
    let (whole, main) = (files.whole, files.main);
    let mut further = files.further.clone();
    further.sort_by(|a, b| a.path.cmp(&b.path));
    let first = match (whole, main) {
        (Some(whole), Some(main)) => {
            let message = format!("the API `{name}` is described twice");
            let found = Diagnostic::new("E030", &Place::file(&main.path), message);
            diagnostics.push(
                found
                    .also(&Place::file(&whole.path), "and here")
                    .help("remove the file or the folder"),
            );
            return None;
        }
        (Some(whole), None) if further.is_empty() => whole,
        (None, Some(main)) => main,
        (_, None) => {
            let path = further.first().map_or(name, |source| source.path.as_str());
            let message = format!("the folder of `{name}` has no `api.yaml`");
            let help = format!("write `schema/{name}/api.yaml`");
            diagnostics.push(Diagnostic::new("E032", &Place::file(path), message).help(help));
            return None;
        }
    };
    let mut totals = Totals::default();
    let root = parse_counting(first, &mut totals, diagnostics);
    let others: Vec<Node> = further
        .iter()
        .filter_map(|source| parse_counting(source, &mut totals, diagnostics))
        .collect();
    let mut root = root?;
    check_edition(&root, diagnostics)?;
    join(&mut root, others, diagnostics);
    let api = Api::read(&root, diagnostics)?;
    debug_assert_eq!(
        api.etiquette.to_string(),
        EDITION,
        "other editions end before they are read"
    );
    check_name(&api, name, diagnostics);
    (diagnostics.error_count() == errors).then_some(api)
}

/// Another edition has other keys, so that nothing else would be worth saying about the file.
fn check_edition(root: &Node, diagnostics: &mut Diagnostics) -> Option<()> {
    match root.get("etiquette") {
        Some(Node {
            kind: Kind::Scalar(Scalar { text, .. }),
            place,
        }) if text != EDITION => {
            let message = format!("edition `{text}` of the language is not known");
            diagnostics.push(
                Diagnostic::new("E033", place, message)
                    .help(format!("write `etiquette: {EDITION}`")),
            );
            None
        }
        _ => Some(()),
    }
}

fn check_name(api: &Api, expected: &str, diagnostics: &mut Diagnostics) {
    if api.api.value != expected {
        let message = format!(
            "the API is called `{}`, and its file or folder `{expected}`",
            api.api.value
        );
        let help = format!("write `api: {expected}`, or rename the file");
        diagnostics.push(Diagnostic::new("E029", &api.api.place, message).help(help));
    }
}

/// Adds the types and resources of further files to the first.
fn join(root: &mut Node, others: Vec<Node>, diagnostics: &mut Diagnostics) {
    for other in others {
        let Kind::Mapping(entries) = other.kind else {
            super::read::wrong_kind::<()>(
                &other,
                "a mapping of `types` and `resources`",
                diagnostics,
            );
            continue;
        };
        for (key, node) in entries {
            if !JOINED.contains(&key.value.text.as_str()) {
                let message = format!("key `{}` does not belong into this file", key.value.text);
                let help = "move it to `api.yaml`; further files have `types` and `resources` only";
                diagnostics.push(Diagnostic::new("E031", &key.place, message).help(help));
                continue;
            }
            join_key(root, key, node, diagnostics);
        }
    }
}

fn join_key(root: &mut Node, key: Spanned<Scalar>, node: Node, diagnostics: &mut Diagnostics) {
    // A root or value of another kind is refused when it is read.
    let Kind::Mapping(tops) = &mut root.kind else {
        return;
    };
    let Some((_, target)) = tops
        .iter_mut()
        .find(|(top, _)| top.value.text == key.value.text)
    else {
        tops.push((key, node));
        return;
    };
    let Kind::Mapping(added) = node.kind else {
        super::read::wrong_kind::<()>(&node, "a mapping", diagnostics);
        return;
    };
    let Kind::Mapping(known) = &mut target.kind else {
        return;
    };
    let mut places: BTreeMap<String, Place> = known
        .iter()
        .map(|(name, _)| (name.value.text.clone(), name.place.clone()))
        .collect();
    for (name, node) in added {
        if let Some(first) = places.get(&name.value.text) {
            let message = format!("`{}` is defined twice", name.value.text);
            let found =
                Diagnostic::new("E030", &name.place, message).help("remove or rename one of them");
            diagnostics.push(found.also(first, "first defined here"));
            continue;
        }
        places.insert(name.value.text.clone(), name.place.clone());
        known.push((name, node));
    }
}

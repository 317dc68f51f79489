//! Which module of the generator may use which, read from `use` lines and paths.
//! The generator is pure and its vocabularies never mix; both are kept by arrows between the
//! modules of its root. Assumes code that compiles. Test code is free. Must not resolve names
//! beyond the first module of a path.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{Token, blank, tokens};
use super::{Finding, Text};

const FOLDER: &str = "codegen/src/";

/// What each module of the root may use besides itself; the root may use everything.
const ARROWS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("diagnostics", &["source"]),
    ("parse", &["document", "diagnostics", "source"]),
    // The reading of a document walks the nodes that parsing yields, which carry its positions.
    ("document", &["parse", "diagnostics", "source"]),
    (
        "lower",
        &["document", "model", "names", "diagnostics", "source"],
    ),
    ("model", &[]),
    ("names", &["diagnostics", "source"]),
    ("check", &["model", "diagnostics", "source"]),
    ("emit", &["model", "format", "files"]),
    ("format", &["model"]),
    ("files", &[]),
    ("pieces", &[]),
    ("diff", &["model", "diagnostics", "source"]),
];

/// Crates that one module keeps to itself.
const KEPT: &[(&str, &str)] = &[("heck", "names"), ("serde_yaml", "parse")];

/// What a pure library has no use for: parts of `std`.
const IMPURE: &[&str] = &["env", "fs", "os", "process", "thread"];

/// What a pure library has no use for: types.
const IMPURE_TYPES: &[(&str, &str)] = &[
    ("HashMap", "its order differs from run to run"),
    ("HashSet", "its order differs from run to run"),
    ("Instant", "it reads no clock"),
    ("SystemTime", "it reads no clock"),
    ("TcpListener", "it knows no network"),
    ("TcpStream", "it knows no network"),
    ("UdpSocket", "it knows no network"),
];

pub(super) fn check(texts: &[Text]) -> Vec<Finding> {
    let ours = |text: &&Text| text.path.starts_with(FOLDER) && text.path.ends_with(".rs");
    let library = texts.iter().find(|text| text.path == "codegen/src/lib.rs");
    let exported = library.map(|text| read_exports(&text.content));
    let exported = exported.unwrap_or_default();
    let mut findings = Vec::new();
    for text in texts.iter().filter(ours) {
        check_file(text, &exported, &mut findings);
    }
    findings
}

/// Names that the root re-exports, with the module that they come from.
fn read_exports(library: &str) -> BTreeMap<String, String> {
    let code = blank(library);
    let tokens: Vec<Token<'_>> = tokens(&code.bare)
        .into_iter()
        .map(|(token, _)| token)
        .collect();
    let mut exports = BTreeMap::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        let [Token::Word("use"), Token::Word(module)] = pair else {
            continue;
        };
        for token in tokens[at + 2..]
            .iter()
            .take_while(|token| **token != Token::Sign(';'))
        {
            if let Token::Word(name) = token {
                exports.insert((*name).to_owned(), (*module).to_owned());
            }
        }
    }
    exports
}

fn check_file(text: &Text, exported: &BTreeMap<String, String>, findings: &mut Vec<Finding>) {
    let inside = &text.path[FOLDER.len()..text.path.len() - ".rs".len()];
    let module: Vec<&str> = inside.split('/').filter(|part| *part != "mod").collect();
    if module.contains(&"tests") || module.first() == Some(&"bin") {
        return;
    }
    let Some(home) = module.first().copied() else {
        return;
    };
    let is_root = module == ["lib"];
    let code = blank(&text.content);
    let allowed = ARROWS.iter().find(|(name, _)| *name == home);
    if allowed.is_none() && !is_root {
        findings.push(text.finding_on_all(format!(
            "the module `{home}` is not in the list of arrows between the generator's modules"
        )));
    }
    let mut seen = BTreeSet::new();
    for used in read_uses(&code.bare, &module) {
        if !seen.insert(used.clone()) {
            continue;
        }
        let Use { line, target } = used;
        let message = match target {
            Target::Own(name) if !is_root => {
                let name = exported.get(&name).unwrap_or(&name);
                let known = ARROWS.iter().any(|(module, _)| module == name);
                let fine =
                    name == home || allowed.is_none_or(|(_, list)| list.contains(&name.as_str()));
                if !known || fine {
                    continue;
                }
                format!("`{home}` must not use `{name}`: the architecture has no such arrow")
            }
            Target::Std(name) if IMPURE.contains(&name.as_str()) => {
                format!("the generator must not use `std::{name}`: it is texts in, texts out")
            }
            Target::Foreign(name) => match KEPT.iter().find(|(kept, _)| *kept == name) {
                Some((_, keeper)) if *keeper != home => {
                    format!("`{name}` must stay in `{keeper}`: everything else goes through it")
                }
                Some(_) | None => continue,
            },
            Target::Word(name) => match IMPURE_TYPES.iter().find(|(kind, _)| *kind == name) {
                Some((_, why)) => format!("the generator must not use `{name}`: {why}"),
                None => continue,
            },
            Target::Own(_) | Target::Std(_) => continue,
        };
        findings.push(text.finding(line, message));
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    line: usize,
    target: Target,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    /// A module or an item of the crate's root.
    Own(String),
    /// A module of `std` or `core`.
    Std(String),
    /// A crate that is kept.
    Foreign(String),
    /// A bare word.
    Word(String),
}

/// What the code of a module uses, without what its test modules use.
fn read_uses(bare: &str, module: &[&str]) -> Vec<Use> {
    let tokens = tokens(bare);
    let token = |at: usize| tokens.get(at).map(|(token, _)| *token);
    let mut uses = Vec::new();
    let mut depth = 0_usize;
    // Modules inside the file: where they opened, and whether they are tests.
    let mut inner: Vec<(usize, bool)> = Vec::new();
    for (at, (here, line)) in tokens.iter().enumerate() {
        match here {
            Token::Sign('{') => {
                if let (Some(Token::Word(name)), Some(Token::Word("mod"))) = (
                    at.checked_sub(1).and_then(token),
                    at.checked_sub(2).and_then(token),
                ) {
                    inner.push((depth, name == "tests"));
                }
                depth += 1;
            }
            Token::Sign('}') => {
                depth = depth.saturating_sub(1);
                inner.pop_if(|(opened, _)| *opened == depth);
            }
            Token::Word(word) if !inner.iter().any(|(_, tests)| *tests) => {
                let mut push = |target| {
                    uses.push(Use {
                        line: *line,
                        target,
                    });
                };
                push(Target::Word((*word).to_owned()));
                let starts = at.checked_sub(1).and_then(token) != Some(Token::Into);
                if starts && KEPT.iter().any(|(kept, _)| kept == word) {
                    push(Target::Foreign((*word).to_owned()));
                }
                if !starts || token(at + 1) != Some(Token::Into) {
                    continue;
                }
                let (next, target): (usize, fn(String) -> Target) = match *word {
                    "crate" => (at + 2, Target::Own),
                    "std" | "core" => (at + 2, Target::Std),
                    "super" => {
                        let (next, count) = skip_supers(&tokens, at);
                        if count < module.len() + inner.len() {
                            continue;
                        }
                        (next, Target::Own)
                    }
                    _ => continue,
                };
                for name in first_names(&tokens, next) {
                    push(target(name.to_owned()));
                }
            }
            Token::Word(_) | Token::Into | Token::Sign(_) => {}
        }
    }
    uses
}

/// Behind `super::super::`, and how many there were.
fn skip_supers(tokens: &[(Token<'_>, usize)], mut at: usize) -> (usize, usize) {
    let mut count = 0;
    while let [(Token::Word("super"), _), (Token::Into, _), ..] = &tokens[at..] {
        count += 1;
        at += 2;
    }
    (at, count)
}

/// `a` in `a::b`, and `a`, `b` in `{a::{c, d}, b}`.
fn first_names<'a>(tokens: &[(Token<'a>, usize)], at: usize) -> Vec<&'a str> {
    let mut names = Vec::new();
    match tokens.get(at) {
        Some((Token::Word(name), _)) => names.push(*name),
        Some((Token::Sign('{'), _)) => {
            let mut depth = 0_usize;
            let mut before = Token::Sign('{');
            for (token, _) in &tokens[at..] {
                match token {
                    Token::Sign('{') => depth += 1,
                    Token::Sign('}') => depth -= 1,
                    Token::Word(name) if depth == 1 && matches!(before, Token::Sign('{' | ',')) => {
                        names.push(*name);
                    }
                    Token::Word(_) | Token::Into | Token::Sign(_) => {}
                }
                if depth == 0 {
                    break;
                }
                before = *token;
            }
        }
        Some((Token::Into | Token::Sign(_), _)) | None => {}
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{Text, check};

    fn findings(path: &str, content: &str) -> Vec<String> {
        let text = |path: &str, content: &str| Text {
            path: path.to_owned(),
            content: content.to_owned(),
        };
        let library = "pub use document::Field;\npub use model::{Api, Method};\n";
        let texts = [text("codegen/src/lib.rs", library), text(path, content)];
        let place = |line: Option<usize>| line.map_or(String::new(), |line| line.to_string());
        check(&texts)
            .into_iter()
            .map(|finding| format!("{} {}", place(finding.line), finding.message))
            .collect()
    }

    #[test]
    fn emit_may_not_see_the_document_in_any_spelling() {
        for content in [
            "use crate::document;",
            "use crate::document::Field;",
            "use crate::{model::Api, document::{Field, Kind}};",
            "use super::document;",
            "fn f(x: &crate::document::Field) {}",
            "use crate::Field;",
            "mod inner { use super::super::document::Field; }",
        ] {
            let found = findings("codegen/src/emit.rs", content);
            assert_eq!(found.len(), 1, "{content}: {found:?}");
            assert!(
                found[0].starts_with("1 `emit` must not use `document`"),
                "{found:?}"
            );
        }
        let deep = findings(
            "codegen/src/emit/models.rs",
            "\nuse super::super::document::Field;",
        );
        assert!(deep[0].starts_with("2 `emit`"), "{deep:?}");
    }

    #[test]
    fn what_is_allowed_is_not_reported() {
        let allowed = [
            (
                "emit/models.rs",
                "use crate::{model, format};\nuse super::document;",
            ),
            (
                "emit.rs",
                "// use crate::document;\nconst X: &str = \"crate::document::X\";",
            ),
            (
                "emit.rs",
                "use crate::Api;\nuse super::model::Method;\nuse crate::emit::x;",
            ),
            (
                "emit.rs",
                "#[cfg(test)]\nmod tests { use super::*; use crate::document::X; }",
            ),
            ("emit/tests.rs", "use crate::document::X;"),
            ("lower/types.rs", "use crate::{document, model, names};"),
            ("names.rs", "use heck::ToSnakeCase;"),
            ("parse/scalars.rs", "use serde_yaml::Value;"),
            (
                "model/api.rs",
                "use super::types::Type;\nuse crate::model::name::Name;",
            ),
            (
                "model.rs",
                "mod inner { fn f() { super::x() } }\nuse std::time::Duration;",
            ),
        ];
        for (path, content) in allowed {
            let found = findings(&format!("codegen/src/{path}"), content);
            assert!(found.is_empty(), "{path} {content}: {found:?}");
        }
    }

    #[test]
    fn what_is_forbidden_is_reported_once_with_its_line() {
        let forbidden = [
            (
                "diff/wire.rs",
                "use crate::emit::models;",
                "`diff` must not use `emit`",
            ),
            (
                "model/api.rs",
                "use crate::names::Name;",
                "`model` must not use `names`",
            ),
            (
                "check.rs",
                "use crate::parse;",
                "`check` must not use `parse`",
            ),
            (
                "emit.rs",
                "use heck::ToSnakeCase;",
                "`heck` must stay in `names`",
            ),
            (
                "lower.rs",
                "fn f(v: serde_yaml::Value) {}",
                "`serde_yaml` must stay in `parse`",
            ),
            ("emit.rs", "use std::{fmt, fs};", "`std::fs`"),
            ("lower.rs", "use std::collections::HashMap;", "`HashMap`"),
            ("lib.rs", "fn f() { std::env::var(\"X\"); }", "`std::env`"),
            ("surprise.rs", "", "`surprise` is not in the list"),
        ];
        for (path, content, wanted) in forbidden {
            let found = findings(&format!("codegen/src/{path}"), content);
            assert_eq!(found.len(), 1, "{path} {content}: {found:?}");
            assert!(found[0].contains(wanted), "{found:?}");
        }
    }
}

//! Whatever the texts of a description hold, they come out as text: in comments, in string literals and in
//! escaped Markdown, never as code. Rows I11, I14 to I19 and J8.
//!
//! The generator itself refuses to write what its allow-list does not name, so that each run here is also a
//! run of that list; the crate of cases compiles a selection.

use etiquette_codegen::{Source, generate, load};

/// A description with a mark wherever free text may stand.
const TEMPLATE: &str = r#"etiquette: 1
api: target
title: "@0@"
version: "@1@"
doc: "@2@"
environments: {production: {url: "https://api.example.com", doc: "@3@"}}
client: {plugin: {type: string, at: {header: X-Plugin}, doc: "@4@"}}
auth:
  key: {kind: bearer, env: TARGET_KEY, doc: "@5@"}
  app: {kind: oauth2_refresh, token_url: "https://auth.example.com/token", scopes: ["@30@"], prefix: "@31@"}
security: [[key], [app]]
errors:
  shapes: [{message: /message, code: /code}]
  cases: {Gone: {status: 410, code: "@6@", doc: "@7@"}}
  reference: {after: "@32@"}
limits:
  buckets: {key: {scope: [credential], window: {max: 5, per: 1s}, learn: {rate_limit: "@33@"}, doc: "@8@"}}
  refused: {when: {status: [429], code: "@34@", header: {X-Kind: "@35@"}}, hold: {value: client, source: "@36@"}, wait: [{fixed: 1s}]}
defaults: {limit: [key], cases: [Gone]}
types:
  Word:
    doc: "@9@"
    source: "@10@"
    fields:
      a: {type: string, wire: "@11@", doc: "@12@"}
      b: {type: string, default: "@13@", example: "@14@"}
      c: {type: Kind, deprecated: "@15@"}
  Kind:
    doc: "@16@"
    values: [{wire: "@17@", rust: First, doc: "@18@"}, {wire: second, deprecated: "@19@"}]
resources:
  words:
    path: /words
    key: a
    type: Word
    doc: "@20@"
    methods:
      list:
        out: list<Word>
        doc: "@21@"
        query: {q?: {type: string, wire: "@22@", doc: "@23@", default: "@24@"}, view: {type: string, const: "@25@"}}
      get: {source: "@26@"}
    notes: [{text: "@27@", trust: unknown, source: "@28@"}]
notes: [{text: "@29@"}]
"#;

const POSITIONS: usize = 37;

/// What an attacker would try. `canary` must never stand outside of a comment or a literal.
const PAYLOADS: &[&str] = &[
    "canary",
    "*/ fn canary() {} /*",
    "\"; fn canary() {} //",
    "\"#; fn canary() {} //",
    "\"###; canary!()",
    "\\\"); canary(); //",
    "\n} mod canary { ",
    "\r\nfn canary() {}",
    "```\nstd::fs::write(\"canary\", \"\").unwrap();\n```",
    "```rust\npanic!(\"canary\")\n```",
    "~~~\ncanary()\n~~~",
    "    let canary = 1;",
    "\tlet canary = 1;",
    "-      let canary = 1;",
    "1.      let canary = 1;",
    "> ```\n> canary()\n> ```",
    "# canary",
    "<script>canary()</script>",
    "<pre><code>canary()</code></pre>",
    "[canary](javascript:canary())",
    "[canary]: https://canary.example",
    "![canary](https://canary.example/x.png)",
    "{canary} {} {0:?} {{}}",
    "${canary} {{ canary }} {% canary %}",
    "#[canary] #![canary]",
    "canary = { path = \"/\" }",
    "'c' b'c' r\"canary\"",
    "\\u{202e}canary",
    "canary\\",
    "| canary | `canary` | ``canary",
    "é ß 漢 🦀 canary",
    "https://canary.example/<canary>",
    "&lt;canary&gt; &#x60;&#x60;&#x60;",
    "]]> --> canary",
    "/// canary",
    "//! canary\n#![feature(canary)]",
    "unsafe { canary() }",
    "include_str!(\"/canary\")",
    "::canary::evil!{}",
    "$crate::canary",
];

/// A text as a YAML string in double quotes.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => out.push(c),
        }
    }
    out
}

fn description(position: usize, payload: &str) -> String {
    let mut text = TEMPLATE.to_owned();
    for at in 0..POSITIONS {
        let value = if at == position {
            quoted(payload)
        } else {
            format!("plain{at}")
        };
        text = text.replace(&format!("\"@{at}@\""), &format!("\"{value}\""));
    }
    text
}

/// The code of a file: without comments, and with empty string literals.
fn code(text: &str) -> String {
    let (mut out, mut chars) = (String::new(), text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => {
                for c in chars.by_ref() {
                    if c == '\n' {
                        break;
                    }
                }
                out.push('\n');
            }
            '"' => {
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
                out.push_str("\"\"");
            }
            _ => out.push(c),
        }
    }
    out
}

#[test]
fn texts_stay_texts_in_every_position() {
    let (mut generated, mut refused) = (0, 0);
    for position in 0..POSITIONS {
        for payload in PAYLOADS {
            let text = description(position, payload).into_bytes();
            let sources = [Source {
                path: "schema/target.yaml".to_owned(),
                text,
            }];
            let loaded = match load(&sources) {
                Ok(loaded) => loaded,
                Err(found) => {
                    assert!(
                        found.sorted().iter().all(|one| one.place.line > 0),
                        "located"
                    );
                    refused += 1;
                    continue;
                }
            };
            generated += 1;
            for (path, text) in &generate(&loaded.apis) {
                assert!(
                    !text.contains('\r'),
                    "{path} with {payload:?} at {position}"
                );
                if path.ends_with(".rs") || path.ends_with(".toml") {
                    let code = code(text).to_lowercase();
                    assert!(
                        !code.contains("canary"),
                        "{path} with {payload:?} at {position}:\n{text}"
                    );
                }
                if path.ends_with(".md") {
                    check_markdown(path, text, payload);
                }
            }
        }
    }
    assert_eq!(generated + refused, POSITIONS * PAYLOADS.len());
    assert!(
        generated > refused,
        "{generated} generated, {refused} refused"
    );
    println!("{generated} generated, {refused} refused");
}

/// Row I14: the fences are ours, in pairs, and nothing between them comes from a description.
fn check_markdown(path: &str, text: &str, payload: &str) {
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            let ours = ["```", "```rust,no_run", "```toml"].contains(&line);
            assert!(ours, "{path} with {payload:?}: {line}");
            inside = !inside;
        } else if inside {
            assert!(!line.contains("canary"), "{path} with {payload:?}: {line}");
        } else {
            assert!(
                !line.starts_with("    ") && !line.starts_with('\t'),
                "{path} with {payload:?}: {line:?}"
            );
            // Between backticks, which come in pairs, markup is text (CommonMark, section 6.1).
            let outside: Vec<&str> = line.split('`').step_by(2).collect();
            assert!(
                !outside.iter().any(|part| part.contains("<script")) || line.contains("\\<script"),
                "{path} with {payload:?}: {line}"
            );
        }
    }
    assert!(
        !inside,
        "{path} with {payload:?} has a fence without an end"
    );
}

//! The example on the page of every code that this layer emits yields that very code.

use crate::diagnostics::{Diagnostics, codes};
use crate::document::{Api, Type, parse_type, read};
use crate::source::Source;

/// The codes of later passes begin here.
const FIRST_OF_LATER: &str = "E040";

#[test]
fn the_example_of_every_page_yields_its_code_alone() {
    let mut seen = 0;
    for entry in codes().iter().filter(|entry| entry.code < FIRST_OF_LATER) {
        let mut diagnostics = Diagnostics::new();
        let apis = read(&read_example(entry.page), &mut diagnostics);
        assert_eq!(
            apis.is_empty(),
            entry.code != "E028",
            "{}: nothing is read",
            entry.code
        );
        read_expressions(&apis, &mut diagnostics);
        let sorted = diagnostics.sorted();
        let only = !sorted.is_empty() && sorted.iter().all(|found| found.code == entry.code);
        assert!(only, "{} yields\n{}", entry.code, diagnostics.render(false));
        assert!(
            sorted.iter().all(|found| found.help.is_some()),
            "{} helps",
            entry.code
        );
        for found in sorted {
            let message = &found.message;
            assert!(
                !message.starts_with(char::is_uppercase) || message.contains("YAML"),
                "{message}"
            );
            assert!(
                !message.ends_with('.') && !message.contains('\n'),
                "{message}"
            );
        }
        seen += 1;
    }
    assert!(seen >= 34);
}

/// Type expressions are read when they are needed, which is after everything else is.
fn read_expressions(apis: &[Api], diagnostics: &mut Diagnostics) {
    for (_, described) in apis.iter().flat_map(|api| &api.types) {
        if let Type::Object(object) = &described.value {
            for (_, field) in &object.fields {
                if let Err(found) = parse_type(&field.r#type) {
                    diagnostics.push(*found);
                }
            }
        }
    }
}

/// The files of a page's example: one, or several that begin with `# file: …`.
fn read_example(page: &str) -> Vec<Source> {
    let (_, rest) = page
        .split_once("## Example\n")
        .expect("a page has an example");
    let (_, rest) = rest.split_once("```yaml").expect("an example is YAML");
    let (info, rest) = rest.split_once('\n').expect("a fence ends its line");
    let (text, _) = rest.split_once("```").expect("a fence is closed");
    if let Some(files) = text.strip_prefix("# file: ") {
        let file = |file: &str| {
            let (path, text) = file.split_once('\n').expect("a file begins with its path");
            Source {
                path: path.to_owned(),
                text: text.as_bytes().to_vec(),
            }
        };
        return files.split("# file: ").map(file).collect();
    }
    let text = match info.trim() {
        "" => text.as_bytes().to_vec(),
        "escaped" => expand_escapes(text),
        "repeated" => expand_repetitions(text).into_bytes(),
        other => panic!("unknown kind of example `{other}`"),
    };
    vec![Source {
        path: "schema/example.yaml".to_owned(),
        text,
    }]
}

/// `\xNN` is a byte, `\u{…}` a character.
fn expand_escapes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut parts = text.split('\\');
    bytes.extend(parts.next().expect("splitting yields a part").bytes());
    for part in parts {
        if let Some(rest) = part.strip_prefix("u{") {
            let (number, rest) = rest.split_once('}').expect("a character is closed");
            let number = u32::from_str_radix(number, 16).expect("a character has a number");
            let char = char::from_u32(number).expect("the number is that of a character");
            bytes.extend(char.to_string().bytes().chain(rest.bytes()));
        } else {
            let (number, rest) = part
                .strip_prefix('x')
                .expect("an escape is `x` or `u`")
                .split_at(2);
            bytes.push(u8::from_str_radix(number, 16).expect("a byte has two digits"));
            bytes.extend(rest.bytes());
        }
    }
    bytes
}

/// `«n × text»` is the text n times.
fn expand_repetitions(text: &str) -> String {
    let mut parts = text.split('«');
    let mut expanded = parts.next().expect("splitting yields a part").to_owned();
    for part in parts {
        let (repeated, rest) = part.split_once('»').expect("a repetition is closed");
        let (count, what) = repeated
            .split_once(" × ")
            .expect("a repetition has a count");
        expanded.push_str(&what.repeat(count.parse().expect("the count is a number")));
        expanded.push_str(rest);
    }
    expanded
}

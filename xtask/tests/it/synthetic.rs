//! Synthetic descriptions: they load without a finding, and what they become grows as they do.
//! Times are measured by `cargo xtask bench-generate`; here only what does not depend on the machine.

use etiquette_codegen::{Source, generate, load};
use etiquette_xtask::synthetic::{Size, descriptions};

fn size(apis: usize, files: usize, resources: usize) -> Size {
    Size {
        apis,
        files,
        resources,
    }
}

/// Operations, and bytes of all that is written.
fn produce(size: Size) -> (usize, usize) {
    let loaded =
        load(&descriptions(size)).unwrap_or_else(|found| panic!("{}", found.render(false)));
    let warnings = loaded.warnings.render(false);
    assert!(warnings.is_empty(), "{warnings}");
    let resources = loaded.apis.iter().flat_map(|api| &api.resources);
    let operations = resources.map(|one| one.methods.len()).sum();
    let files = generate(&loaded.apis);
    (operations, files.iter().map(|(_, text)| text.len()).sum())
}

/// Row I27, a slice: twice the input is twice the output and not more, in APIs as in the size of one.
#[test]
fn row_i27_output_grows_as_the_input_does() {
    for (once, twice) in [
        (size(3, 1, 4), size(6, 1, 4)),
        (size(1, 2, 10), size(1, 4, 10)),
    ] {
        let (operations, bytes) = produce(once);
        assert_eq!(operations, once.operations());
        let (doubled, more) = produce(twice);
        assert_eq!(doubled, twice.operations());
        let ratio = more as f64 / bytes as f64;
        assert!((1.7..2.05).contains(&ratio), "{bytes} and {more} bytes");
    }
}

/// A resource becomes two types: one that is read, and one that is sent.
fn warnings_for(resources: usize) -> Vec<&'static str> {
    let mut text = "etiquette: 1\napi: example\nresources:\n".to_owned();
    for number in 0..resources {
        text.push_str(&format!(
            "  r{number}: {{path: /r{number}, fields: {{id: {{type: int, access: read_only}}, name: string}}, \
             key: id, methods: [get, create]}}\n"
        ));
    }
    text.push_str("environments: {production: {url: \"https://api.example.com\"}}\n");
    let source = Source {
        path: "schema/example.yaml".to_owned(),
        text: text.into_bytes(),
    };
    let loaded = load(&[source]).unwrap_or_else(|found| panic!("{}", found.render(false)));
    let warnings = loaded.warnings.sorted();
    warnings.iter().map(|found| found.code).collect()
}

/// Row J14: an API that becomes more than 2 000 types is worth a warning, and one of just as many is not.
#[test]
fn row_j14_more_than_two_thousand_types_are_warned_about() {
    assert_eq!(warnings_for(1_000), [""; 0]);
    assert_eq!(warnings_for(1_001), ["W018"]);
}

#[test]
fn the_same_size_is_the_same_text() {
    let texts = || descriptions(size(2, 2, 2));
    let paths: Vec<String> = texts().iter().map(|one| one.path.clone()).collect();
    assert_eq!(paths.len(), 6);
    assert_eq!(paths[0], "schema/synthetic_0/api.yaml");
    assert!(
        texts()
            .iter()
            .zip(texts())
            .all(|(one, other)| one.text == other.text)
    );
}

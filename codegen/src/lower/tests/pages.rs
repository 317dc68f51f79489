//! The pages of this pass's codes: the example yields the code, the cure yields nothing.

use crate::diagnostics::{Diagnostics, codes};
use crate::source::Source;

/// The codes of the checks begin here.
const FIRST_OF_CHECKS: &str = "E070";

#[test]
fn the_example_of_every_page_yields_its_code_alone_and_the_cure_heals_it() {
    let mut seen = 0;
    for entry in codes()
        .iter()
        .filter(|entry| ("E040"..FIRST_OF_CHECKS).contains(&entry.code))
    {
        let (example, cure) = entry.page.split_once("\n## Cure\n").unwrap();
        let found = lower(block(example).unwrap());
        let sorted = found.sorted();
        assert!(!sorted.is_empty(), "{}: the example is wrong", entry.code);
        for diagnostic in &sorted {
            assert_eq!(diagnostic.code, entry.code, "{}", found.render(false));
            assert!(
                diagnostic.help.is_some(),
                "{}: {}",
                entry.code,
                diagnostic.message
            );
            assert!(
                !diagnostic.message.starts_with(char::is_uppercase),
                "{}",
                diagnostic.message
            );
            assert!(!diagnostic.message.ends_with('.'), "{}", diagnostic.message);
        }
        let healed = lower(block(cure).unwrap());
        assert!(
            healed.is_empty(),
            "{}: the cure heals:\n{}",
            entry.code,
            healed.render(false)
        );
        seen += 1;
    }
    assert_eq!(seen, 25);
}

fn lower(text: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    let sources = [Source {
        path: "schema/example.yaml".to_owned(),
        text: text.as_bytes().to_vec(),
    }];
    let documents = crate::document::read(&sources, &mut diagnostics);
    assert_eq!(documents.len(), 1, "{}", diagnostics.render(false));
    super::super::lower(&documents[0], &mut diagnostics);
    diagnostics
}

fn block(page: &str) -> Option<&str> {
    page.split_once("```yaml\n")?
        .1
        .split_once("```")
        .map(|(text, _)| text)
}

//! Seeded mutations of whole descriptions: no bytes make the front end panic.
//!
//! The same property is what a fuzz target would hold on to; here it is cheap and repeatable.

use super::run;
use crate::source::is_hidden;

/// Never a panic, never both or neither of a tree and an error (which `run` asserts).
#[test]
fn mutated_texts_never_panic() {
    let corpus = [
        include_str!("../corpus/users.yaml"),
        "a: {b: [c, \"d\", 'e'], ? f : g}\nh: |\n  text\n  more\ni: >-\n  x\n\n  y\n",
        "- a\n- - b\n  - c: d\n    e: {}\n-\n  f\n",
        "---\n# comment\n\"k\": &a !!str v # c\n*a : <<\n...\n",
    ];
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        ",",
        "?",
        "? ",
        "-",
        "- ",
        "|",
        ">",
        "'",
        "\"",
        "#",
        " #",
        "&a",
        "*a",
        "!",
        "!!str ",
        "%",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "  ",
        "---\n",
        "...\n",
        "<<",
        "\u{feff}",
        "\u{85}",
        "\u{2028}",
        "é",
        "\u{1f600}",
        "\0",
        "\\",
        "\\x41",
        "~",
        "0x1",
        "@",
        "`",
        "|2-\n",
        ">+\n",
    ];
    let mut random = fastrand::Rng::with_seed(42);
    let mut trees = 0;
    for _ in 0..6_000 {
        let mut bytes = corpus[random.usize(..corpus.len())].as_bytes().to_vec();
        bytes.truncate(random.usize(1..=bytes.len()));
        for _ in 0..random.usize(0..6) {
            let at = random.usize(..=bytes.len());
            match random.u8(..4) {
                0 => drop(bytes.splice(at..at, pieces[random.usize(..pieces.len())].bytes())),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 if at < bytes.len() => bytes[at] = random.u8(..),
                _ => {
                    let end = random.usize(at..=bytes.len()).min(at + 40);
                    let copy = bytes[at..end].to_vec();
                    let to = random.usize(..=bytes.len());
                    drop(bytes.splice(to..to, copy));
                }
            }
        }
        let (node, diagnostics) = run(&bytes);
        trees += usize::from(node.is_some());
        let text = diagnostics.render(false);
        assert!(
            !text.chars().any(|char| char != '\n' && is_hidden(char)),
            "{text:?}"
        );
    }
    assert!(trees > 300, "the mutations leave some texts whole: {trees}");
}

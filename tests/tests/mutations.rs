//! Descriptions that were damaged at random: whatever comes out is read without a panic, and what
//! is refused says where.
//!
//! The seeds are fixed, so that a failure can be repeated; its message holds the seed.

#[path = "hostile/family.rs"]
#[allow(dead_code, reason = "the families use all of it")]
mod family;

use std::collections::BTreeSet;

use etiquette_codegen::{Source, load};
use fastrand::Rng;

/// One description that uses most of the language.
const WHOLE: &str = include_str!("mutations/whole.yaml");
const MUTATIONS: u64 = 3_000;

fn source(text: Vec<u8>) -> Source {
    Source {
        path: "schema/whole.yaml".to_owned(),
        text,
    }
}

/// Damages a text in one to four ways.
fn mutate(rng: &mut Rng) -> Vec<u8> {
    let mut text = WHOLE.as_bytes().to_vec();
    for _ in 0..rng.usize(1..=4) {
        match rng.u8(0..8) {
            0 => flip_byte(&mut text, rng),
            1 => insert_word(&mut text, rng),
            2 => delete_stretch(&mut text, rng),
            3 => duplicate_stretch(&mut text, rng),
            4 => swap_lines(&mut text, rng),
            5 => delete_line(&mut text, rng),
            6 => duplicate_line(&mut text, rng),
            _ => swap_words(&mut text, rng),
        }
    }
    text
}

fn flip_byte(text: &mut [u8], rng: &mut Rng) {
    if !text.is_empty() {
        let at = rng.usize(..text.len());
        text[at] ^= 1 << rng.u8(0..8);
    }
}

/// Something that means something: a sign of YAML, a number at an end, a word of the language.
fn insert_word(text: &mut Vec<u8>, rng: &mut Rng) {
    const WORDS: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        ": ",
        "- ",
        "\"",
        "'",
        "#",
        " #",
        "&a ",
        "*a",
        "!x ",
        "|",
        ">",
        "%",
        "?",
        "\n",
        "\n\n",
        "\t",
        "  ",
        "0",
        "-1",
        "18446744073709551615",
        "1e999",
        "null",
        "true",
        "none",
        "unknown",
        "\u{feff}",
        "\u{202e}",
        "\u{85}",
        "\0",
        "é",
        "<",
        ">>",
        "list<",
        " | null",
        "new<User>",
        "{id}",
        "/../",
        "//",
        "types",
        "User",
        "---\n",
        "...\n",
        "~1",
        "/",
    ];
    let word = WORDS[rng.usize(..WORDS.len())];
    let at = rng.usize(..=text.len());
    text.splice(at..at, word.bytes());
}

fn stretch(text: &[u8], rng: &mut Rng) -> std::ops::Range<usize> {
    let start = rng.usize(..=text.len());
    let length = 1 << rng.u8(0..9);
    start..(start + length).min(text.len())
}

fn delete_stretch(text: &mut Vec<u8>, rng: &mut Rng) {
    let range = stretch(text, rng);
    text.drain(range);
}

fn duplicate_stretch(text: &mut Vec<u8>, rng: &mut Rng) {
    let copy = text[stretch(text, rng)].to_vec();
    let at = rng.usize(..=text.len());
    text.splice(at..at, copy);
}

fn on_lines(
    text: &mut Vec<u8>,
    rng: &mut Rng,
    change: impl FnOnce(&mut Vec<Vec<u8>>, usize, usize),
) {
    let mut lines: Vec<Vec<u8>> = text
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let (a, b) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
    change(&mut lines, a, b);
    *text = lines.join(&b'\n');
}

fn swap_lines(text: &mut Vec<u8>, rng: &mut Rng) {
    on_lines(text, rng, |lines, a, b| lines.swap(a, b));
}

fn delete_line(text: &mut Vec<u8>, rng: &mut Rng) {
    on_lines(text, rng, |lines, a, _| drop(lines.remove(a)));
}

fn duplicate_line(text: &mut Vec<u8>, rng: &mut Rng) {
    on_lines(text, rng, |lines, a, b| lines.insert(b, lines[a].clone()));
}

/// Puts a word of the description where another one stood: well-formed nonsense goes deepest.
fn swap_words(text: &mut Vec<u8>, rng: &mut Rng) {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_./<>".contains(&byte);
    let mut words: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, &byte) in text.iter().enumerate() {
        match words.last_mut() {
            Some(word) if is_word(byte) && word.end == at => word.end += 1,
            _ if is_word(byte) => words.push(at..at + 1),
            _ => {}
        }
    }
    if !words.is_empty() {
        let copy = text[words[rng.usize(..words.len())].clone()].to_vec();
        text.splice(words[rng.usize(..words.len())].clone(), copy);
    }
}

/// What became of a damaged description.
enum Outcome {
    Loaded,
    Refused(Vec<&'static str>),
    /// What should never happen.
    Wrong(String),
}

fn judge(seed: u64) -> Outcome {
    let text = mutate(&mut Rng::with_seed(seed));
    let lines = text.split(|&byte| byte == b'\n').count();
    let given = [source(text)];
    let diagnostics = match family::on_small_stack(move || load(&given)) {
        Err(panic) => return Outcome::Wrong(format!("seed {seed}: panicked: {panic}")),
        Ok(Ok(_)) => return Outcome::Loaded,
        Ok(Err(diagnostics)) => diagnostics,
    };
    let found = diagnostics.sorted();
    let located = found.iter().all(|found| {
        let place = &found.place;
        (1..=lines).contains(&(place.line as usize))
            && place.column >= 1
            && &*place.path == "schema/whole.yaml"
    });
    // Rendering shows untrusted text and must not fail on it either.
    let shown = diagnostics.render(false);
    let colored = diagnostics.render(true);
    let harmless = !shown.contains(|char: char| char.is_control() && char != '\n');
    if located && harmless && diagnostics.has_errors() && colored.len() > shown.len() {
        Outcome::Refused(found.iter().map(|found| found.code).collect())
    } else {
        Outcome::Wrong(format!("seed {seed}: {shown:?}"))
    }
}

#[test]
fn the_undamaged_description_loads_without_a_finding() {
    match load(&[source(WHOLE.as_bytes().to_vec())]) {
        Ok(loaded) => assert!(
            loaded.warnings.is_empty(),
            "{}",
            loaded.warnings.render(false)
        ),
        Err(diagnostics) => panic!("{}", diagnostics.render(false)),
    }
}

#[test]
fn damaged_descriptions_load_or_say_where_they_are_damaged() {
    let mut loaded = 0;
    let (mut codes, mut wrong) = (BTreeSet::new(), Vec::new());
    for seed in 0..MUTATIONS {
        match judge(seed) {
            Outcome::Loaded => loaded += 1,
            Outcome::Refused(found) => codes.extend(found),
            Outcome::Wrong(what) => wrong.push(what),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {MUTATIONS}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    // All this would hold if nearly everything broke at the first byte.
    assert!(loaded > MUTATIONS / 50, "only {loaded} of {MUTATIONS} load");
    let of = |from: &str, to: &str| {
        codes
            .iter()
            .filter(|code| (from..=to).contains(*code))
            .count()
    };
    assert!(of("E001", "E019") >= 10, "{codes:?}");
    assert!(of("E020", "E039") >= 8, "{codes:?}");
    assert!(of("E040", "E069") >= 8, "{codes:?}");
    assert!(of("E070", "E099") >= 8, "{codes:?}");
}

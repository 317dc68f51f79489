//! The bodies of the fuzz targets over their corpora, and over seeded mutations of them, on stable Rust.
//!
//! A failure prints the seed that repeats it. `ETIQUETTE_MUTATIONS` makes the run longer; the fuzzer itself is started
//! from `tests/fuzz`.

use std::fs;
use std::path::Path;

use fastrand::Rng;
use runtime::testing::fuzz::TARGETS;

/// What parsers of headers and URLs have stumbled over elsewhere.
const WORDS: &[&[u8]] = &[
    b"0",
    b"-1",
    b"+5",
    b"1e3",
    b"9223372037",
    b"18446744073709551615",
    b"1e400",
    b".",
    b"..",
    b"%2e",
    b"%2F",
    b"//",
    b"\\",
    b"@",
    b":",
    b":443",
    b"#",
    b"?",
    b"<",
    b">",
    b";",
    b",",
    b"=",
    b"\"",
    b"\\\"",
    b"rel=next",
    b"rel=\"next\"",
    b"\n",
    b"\r",
    b"\t",
    b"\0",
    b"\xff",
    b"\xe2\x80\xa8",
    b"https://",
    b"http://",
    b"api.example",
    b"api.example:8443",
    b"[",
    b"{",
    b"}",
    b"]",
    b"GMT",
    b"Sun, 06 Nov 1994 08:49:37 GMT",
    b"Sunday, 06-Nov-94 08:49:37 GMT",
    b"default",
    b";q=",
    b";w=",
    b";r=",
    b";t=",
    b"?1",
    b"null",
    b"true",
    b"\\u0000",
    b"\x1b[31m",
];

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut entries: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|cause| panic!("{}: {cause}", folder.display()))
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    entries.sort();
    entries
        .iter()
        .map(|path| fs::read(path).expect("a file of the corpus"))
        .collect()
}

fn mutate(text: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..rng.usize(1..=5) {
        let at = rng.usize(..=text.len());
        match rng.u8(0..6) {
            0 => {
                let word = WORDS[rng.usize(..WORDS.len())];
                text.splice(at..at, word.iter().copied());
            }
            1 if at < text.len() => text[at] ^= 1 << rng.u8(0..8),
            2 => text.truncate(at),
            3 => {
                let to = rng.usize(at..=text.len());
                text.drain(at..to);
            }
            4 => {
                let to = rng.usize(at..=text.len());
                let stretch = text[at..to].to_vec();
                let times = if rng.u8(0..20) == 0 { 100 } else { 1 };
                for _ in 0..times {
                    text.splice(at..at, stretch.iter().copied());
                }
            }
            _ => text.insert(at, rng.u8(..)),
        }
    }
}

/// Rows B6, B7, B10, B13, E3, F12, G8, G9, G11, H7, H8: nothing that a server sends, and no name of a caller's, makes a
/// parser panic or say what cannot be.
#[test]
fn every_parser_stands_its_corpus_and_mutations_of_it() {
    let mutations = std::env::var("ETIQUETTE_MUTATIONS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_000_u64);
    for (name, body) in TARGETS {
        let corpus = corpus(name);
        assert!(!corpus.is_empty(), "`{name}` has no corpus");
        corpus.iter().for_each(|text| body(text));
        for seed in 0..mutations {
            let mut rng = Rng::with_seed(seed);
            let mut text = corpus[rng.usize(..corpus.len())].clone();
            mutate(&mut text, &mut rng);
            let run = std::panic::catch_unwind(|| body(&text));
            assert!(
                run.is_ok(),
                "`{name}`, seed {seed}: {:?}",
                String::from_utf8_lossy(&text)
            );
        }
        println!(
            "{name}: {} of the corpus, {mutations} mutations",
            corpus.len()
        );
    }
}

//! Conformance vectors: calls in wire form, the request that each has to make, and what has to become of the reply.
//! They are data below `tests/vectors`, one folder for each API, and go through the generated operation tables and
//! decoders in virtual time.
//!
//! Each vector has siblings that differ from it in one field and must not pass, for the reason that they name.

#[path = "vectors/because.rs"]
mod because;
#[path = "vectors/calls.rs"]
mod calls;
#[path = "vectors/compare.rs"]
mod compare;
#[path = "language/core_schema.rs"]
mod core_schema;
#[path = "vectors/read.rs"]
mod read;
#[path = "vectors/tables.rs"]
mod tables;

use std::collections::BTreeSet;

use calls::Calls;
use read::Vector;
use tables::Table;

/// So many there are at least.
const LEAST: usize = 400;

/// What went otherwise, with the file and the name of the vector.
fn play(table: &Table, calls: &Calls, vector: &Vector) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |which: &str, what: &str| {
        found.push(format!(
            "{}: {}{which}: {what}",
            vector.file, vector.whole.name
        ));
    };
    match table.run(calls, &vector.whole) {
        Ok(ran) => {
            for difference in compare::differences(&vector.whole, &ran) {
                say("", &difference.to_string());
            }
        }
        Err(wrong) => say("", &wrong),
    }
    for sibling in &vector.siblings {
        let which = format!(" ({})", sibling.change);
        let ran = match table.run(calls, &sibling.variant) {
            Ok(ran) => ran,
            Err(wrong) => {
                say(&which, &wrong);
                continue;
            }
        };
        let differences = compare::differences(&sibling.variant, &ran);
        if let Err(wrong) = because::check(&sibling.because, &differences, &ran) {
            say(&which, &wrong);
        }
    }
    found
}

#[test]
fn the_clients_do_as_the_vectors_say() {
    let (mut failures, mut all) = (Vec::new(), 0);
    for table in tables::all() {
        let vectors = read::all(table.api);
        let calls = match Calls::of(table.api, &vectors) {
            Ok(calls) => calls,
            Err(wrong) => {
                failures.push(format!("{}: {wrong}", table.api));
                continue;
            }
        };
        let siblings: usize = vectors.iter().map(|one| one.siblings.len()).sum();
        println!(
            "{}: {} vectors, {siblings} siblings that must fail",
            table.api,
            vectors.len()
        );
        all += vectors.len();
        for vector in &vectors {
            failures.extend(play(&table, &calls, vector));
        }
    }
    assert!(
        failures.is_empty(),
        "{} differences:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(all >= LEAST, "{all} vectors are fewer than {LEAST}");
}

/// Only what sends or receives files and streams cannot be written down.
#[test]
fn each_method_has_a_vector() {
    let mut missing = Vec::new();
    for table in tables::all() {
        let vectors = read::all(table.api);
        let called: BTreeSet<&str> = vectors.iter().map(|one| one.whole.operation()).collect();
        let methods = calls::callable(table.api);
        assert!(!methods.is_empty(), "{} has no methods", table.api);
        missing.extend(
            methods
                .into_iter()
                .filter(|one| !called.contains(one.as_str()))
                .map(|one| format!("{}: {one}", table.api)),
        );
    }
    assert!(
        missing.is_empty(),
        "without a vector:\n{}",
        missing.join("\n")
    );
}

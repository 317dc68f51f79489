//! Hostile descriptions, family by family: each is refused with the code that is meant for it and a
//! place, or is harmless and loads. None may panic, overflow a small stack or take long.
//!
//! The families follow the table of faults: a family is named after its row. What an input means
//! stands in the table, so that a refusal for another reason is a failure too.

#[path = "hostile/characters.rs"]
mod characters;
#[path = "hostile/documents.rs"]
mod documents;
#[path = "hostile/family.rs"]
mod family;
#[path = "hostile/names.rs"]
mod names;
#[path = "hostile/policies.rs"]
mod policies;
#[path = "hostile/requests.rs"]
mod requests;
#[path = "hostile/texts.rs"]
mod texts;
#[path = "hostile/values.rs"]
mod values;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use etiquette_codegen::{Severity, load};
use family::{Expect, Family, Input, on_small_stack};

fn families() -> Vec<Family> {
    let mut all = texts::families();
    all.extend(characters::families());
    all.extend(documents::families());
    all.extend(names::families());
    all.extend(values::families());
    all.extend(requests::families());
    all.extend(policies::families());
    all
}

/// What is wrong with how an input was treated, if anything.
fn judge(family: &str, input: Input) -> Option<String> {
    let Input {
        label,
        sources,
        expect,
    } = input;
    let label = format!("{family} / {label}");
    let given = sources.clone();
    let began = Instant::now();
    let outcome = match on_small_stack(move || load(&given)) {
        Ok(outcome) => outcome,
        Err(panic) => return Some(format!("{label}: panicked: {panic}")),
    };
    // Generous, because tests run unoptimised and beside others; only a runaway is that slow.
    if began.elapsed() > Duration::from_secs(60) {
        return Some(format!("{label}: took {:?}", began.elapsed()));
    }
    match (expect, outcome) {
        (Expect::Loads, Ok(_)) => None,
        (Expect::Loads, Err(diagnostics)) => Some(format!(
            "{label}: is harmless, and was refused:\n{}",
            diagnostics.render(false)
        )),
        (Expect::Code(code), Ok(_)) => {
            Some(format!("{label}: should be refused with {code}, and loads"))
        }
        (Expect::Code(code), Err(diagnostics)) => {
            let found = diagnostics.sorted();
            let errors: Vec<_> = found
                .iter()
                .filter(|found| found.severity == Severity::Error)
                .collect();
            let Some(meant) = errors.iter().find(|found| found.code == code) else {
                return Some(format!(
                    "{label}: should be refused with {code}, and was with:\n{}",
                    diagnostics.render(false)
                ));
            };
            let source = sources
                .iter()
                .find(|source| *source.path == *meant.place.path);
            let lines = source.map_or(0, |source| source.text.split(|&byte| byte == b'\n').count());
            let located =
                (1..=lines).contains(&(meant.place.line as usize)) && meant.place.column >= 1;
            (!located).then(|| format!("{label}: {code} has no place in a file: {:?}", meant.place))
        }
    }
}

#[test]
fn every_hostile_description_is_refused_as_declared_or_loads_as_declared() {
    let families = families();
    let wrong: Vec<String> = families
        .into_iter()
        .flat_map(|family| {
            family
                .inputs
                .into_iter()
                .filter_map(move |input| judge(family.name, input))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} inputs:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_corpus_is_as_large_and_as_wide_as_promised() {
    let families = families();
    let inputs: usize = families.iter().map(|family| family.inputs.len()).sum();
    assert!(families.len() >= 40, "{} families", families.len());
    assert!(inputs >= 400, "{inputs} inputs");
    let rows: BTreeSet<&str> = families
        .iter()
        .flat_map(|family| family.rows.iter().copied())
        .collect();
    let promised = (1..=28)
        .filter(|row| ![21, 25, 27].contains(row))
        .map(|row| format!("I{row}"));
    let missing: Vec<String> = promised
        .filter(|row| !rows.contains(row.as_str()))
        .collect();
    assert!(missing.is_empty(), "no family covers {missing:?}");
}

/// A family without a harmless sibling could be refused for a reason that has nothing to do with it.
#[test]
fn the_description_that_families_vary_loads() {
    assert!(load(&family::api("")).is_ok());
    for family in families() {
        let labels: BTreeSet<&str> = family
            .inputs
            .iter()
            .map(|input| input.label.as_str())
            .collect();
        assert_eq!(
            labels.len(),
            family.inputs.len(),
            "{}: labels repeat",
            family.name
        );
    }
}

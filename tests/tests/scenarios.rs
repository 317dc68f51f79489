//! Every scenario of every API, the described ones and those that follow from the policies, in virtual time and
//! through the pipeline that every request takes. The cases of the generator have scenarios too.
//!
//! That a scenario can fail is shown in the runtime's own tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use etiquette_codegen::model::{Answer, Api, Body, Effect, Learn, Method, Plain, Resource, Window};
use etiquette_codegen::{Loaded, Source, load};
use etiquette_xtask::snapshots;
use runtime::testing::scenario::Scenario;

/// Runs all, and says at the end what differs.
fn run(all: &[(&str, &'static [Scenario])]) {
    let mut failures = Vec::new();
    let mut count = 0;
    for (api, scenarios) in all {
        for scenario in *scenarios {
            count += 1;
            match scenario.run() {
                Ok(()) => println!("{api}: {}", scenario.name),
                Err(failure) => failures.push(failure.to_string()),
            }
        }
    }
    assert!(count > 0, "there are no scenarios");
    assert!(
        failures.is_empty(),
        "{} of {count} scenarios fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn every_api_behaves_as_its_scenarios_say() {
    run(etiquette_apis::scenarios::ALL);
}

#[test]
fn every_case_behaves_as_its_scenarios_say() {
    run(etiquette_cases::scenarios::ALL);
}

fn cases() -> Loaded {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources: Vec<Source> = snapshots::case_sources(tests).expect("the cases can be read");
    load(&sources).unwrap_or_else(|found| panic!("{}", found.render(false)))
}

/// Every bucket, refusal, page policy and effect has a scenario. Those that nobody wrote begin with these words; in an
/// API with written ones any of them may be the one, which the tests of lowering look at.
#[test]
fn nothing_is_without_a_scenario() {
    let loaded = cases();
    let mut missing = Vec::new();
    for api in &loaded.apis {
        let names: Vec<&str> = api.scenarios.iter().map(|one| one.name.as_str()).collect();
        if api.scenarios.iter().any(|one| one.origin.is_some()) {
            continue;
        }
        let methods: Vec<&Method> = api.resources.iter().flat_map(methods_of).collect();
        let unshown = needed(api, &methods)
            .into_iter()
            .filter(|begins| !names.iter().any(|name| name.starts_with(begins.as_str())));
        missing.extend(unshown.map(|begins| format!("{}: {begins}", api.name)));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

fn methods_of(resource: &Resource) -> Vec<&Method> {
    let own = resource.methods.iter();
    own.chain(resource.children.iter().flat_map(methods_of))
        .collect()
}

/// How the names of the scenarios begin that an API has to have.
fn needed(api: &Api, methods: &[&Method]) -> Vec<String> {
    // Of files and streams no scenario can be written.
    let callable = methods.iter().filter(|method| {
        !matches!(method.body, Body::Multipart { .. } | Body::File { .. })
            && method.answer != Answer::Plain(Plain::Stream)
    });
    let callable: Vec<&&Method> = callable.collect();
    let mut needed = Vec::new();
    for (at, bucket) in api.buckets.iter().enumerate() {
        let is_drawn = callable
            .iter()
            .any(|method| method.charges.iter().any(|charge| charge.bucket == at));
        let tells = |learn: &Learn| learn.reset.is_some() || learn.rate_limit.is_some();
        let is_shown = bucket.window != Window::Unknown || bucket.learn.as_ref().is_some_and(tells);
        if is_drawn && is_shown {
            needed.push(format!("the bucket `{}`", bucket.name.wire));
        }
    }
    if !callable.is_empty() && api.refusal.as_ref().is_some_and(|one| !one.wait.is_empty()) {
        needed.push("a refusal".to_owned());
    }
    for (at, page) in api.pages.iter().enumerate() {
        if callable.iter().any(|method| method.page == Some(at)) {
            needed.push(format!("pages of `{}`", page.name.wire));
        }
    }
    needed.extend(callable.iter().map(|method| {
        let words = match method.effect {
            Effect::Read => "a read",
            Effect::Idempotent => "an idempotent write",
            Effect::Once => "a write that counts once",
            Effect::Keyed(_) => "a write with a key",
        };
        words.to_owned()
    }));
    needed
}

/// The kinds of errors that a scenario may name are those that the runtime has.
#[test]
fn every_kind_of_error_can_be_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("the source is there");
    let between = |text: &str, from: &str| {
        let (_, rest) = text.split_once(from).expect("the enum is there");
        rest.split_once("\n}")
            .map_or(rest, |(body, _)| body)
            .to_owned()
    };
    let runtime = between(&read("runtime/src/error.rs"), "pub enum Kind {");
    let kinds: BTreeSet<String> = runtime
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(char::is_uppercase))
        .map(|line| line.trim_end_matches([',', '{', ' ']).to_owned())
        .collect();
    let (_, words) = read("codegen/src/document/words.rs")
        .split_once("enum ErrorKind {")
        .map(|(before, after)| (before.to_owned(), after.to_owned()))
        .expect("the words are there");
    let (words, _) = words.split_once('}').expect("the words end");
    let words: BTreeSet<String> = words
        .split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert!(kinds.len() > 10, "only {kinds:?} were found");
    assert_eq!(kinds, words);
}

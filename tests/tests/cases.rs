//! Each small description under `cases/schema` becomes the model and the code that are committed
//! beside it; the code is a crate of the workspace, so every snapshot also compiles.
//!
//! `cargo xtask bless` writes what comes out now.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use etiquette_codegen::{Source, generate, load};
use etiquette_xtask::snapshots;

fn tests() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    snapshots::case_sources(tests()).expect("the cases can be read")
}

/// What comes out: models and code by path below `cases/`.
fn output() -> BTreeMap<String, String> {
    snapshots::case_output(&sources()).unwrap_or_else(|found| panic!("{found}"))
}

#[test]
fn descriptions_become_the_committed_models_and_code() {
    let now = output();
    let before = snapshots::case_committed(tests()).expect("the snapshots can be read");
    let names = |all: &BTreeMap<String, String>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before), names(&now), "run `cargo xtask bless`");
    for (path, text) in &now {
        if before[path] != *text {
            let line = before[path]
                .lines()
                .zip(text.lines())
                .position(|(old, new)| old != new);
            let at = line.unwrap_or_else(|| before[path].lines().count().min(text.lines().count()));
            let (old, new) = (before[path].lines().nth(at), text.lines().nth(at));
            panic!(
                "{path}:{}: was {old:?}, is {new:?}; run `cargo xtask bless`",
                at + 1
            );
        }
    }
}

/// Row J7: the order of the input does not matter, nor does the run.
#[test]
fn output_does_not_depend_on_the_order_of_the_input() {
    let first = output();
    for seed in 0..3 {
        let mut shuffled = sources();
        fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
        let loaded = load(&shuffled).unwrap_or_else(|found| panic!("{}", found.render(false)));
        for (path, text) in &generate(&loaded.apis) {
            if let Some(expected) = first.get(path) {
                assert_eq!(expected, text, "{path} with seed {seed}");
            }
        }
    }
}

/// Every case is a feature of the crate of cases, so that none is left uncompiled.
#[test]
fn every_case_is_compiled() {
    let manifest =
        fs::read_to_string(tests().join("cases/Cargo.toml")).expect("the manifest is there");
    for source in sources() {
        let name = source
            .path
            .trim_start_matches("schema/")
            .trim_end_matches(".yaml")
            .to_owned();
        assert!(
            manifest.contains(&format!("    \"{name}\",\n")),
            "{name} is not a default feature"
        );
    }
}

/// Row J8: the items that come out are those that the model has, no more and no fewer.
#[test]
fn items_are_those_of_the_model() {
    let loaded = load(&sources()).unwrap_or_else(|found| panic!("{}", found.render(false)));
    let files = generate(&loaded.apis);
    for api in &loaded.apis {
        let own = |path: &str| {
            path == format!("src/{}.rs", api.name)
                || path.starts_with(&format!("src/{}/", api.name))
        };
        let texts: Vec<&String> = files
            .iter()
            .filter(|(path, _)| own(path))
            .map(|(_, text)| text)
            .collect();
        let count = |start: &str| -> usize {
            texts
                .iter()
                .flat_map(|text| text.lines())
                .filter(|line| line.starts_with(start))
                .count()
        };
        let expected = Expected::of(api);
        assert_eq!(
            count("pub struct "),
            expected.structs,
            "structs of {}",
            api.name
        );
        assert_eq!(count("pub enum "), expected.enums, "enums of {}", api.name);
        assert_eq!(
            count("    pub fn "),
            expected.functions,
            "functions of {}",
            api.name
        );
        let operations = texts
            .iter()
            .map(|text| text.matches(": Operation = Operation {").count());
        assert_eq!(
            operations.sum::<usize>(),
            expected.operations + 1,
            "operations of {}",
            api.name
        );
    }
}

/// How many items an API has.
#[derive(Default)]
struct Expected {
    structs: usize,
    enums: usize,
    functions: usize,
    operations: usize,
}

impl Expected {
    fn of(api: &etiquette_codegen::model::Api) -> Expected {
        use etiquette_codegen::model::{Content, CredentialKind, TypeKind};
        // The client, its builder; `from_env`, `builder`, `limits`.
        let mut all = Expected {
            structs: 2,
            functions: 3,
            ..Expected::default()
        };
        all.enums += usize::from(!api.cases.is_empty());
        // A verifier each, and an enum of events; a login for each page where people log in.
        let is_told = |content: &Content| matches!(content, Content::Events { .. });
        let events = api.webhooks.iter().filter(|one| is_told(&one.content));
        all.enums += events.count();
        let logs_in = |kind: &CredentialKind| matches!(kind, CredentialKind::OAuth2(oauth2) if oauth2.authorize.is_some());
        let logins = api.credentials.iter().filter(|one| logs_in(&one.kind));
        all.structs += api.webhooks.len() + logins.count();
        all.functions += usize::from(api.credentials.len() == 1);
        all.functions +=
            api.credentials.len() + api.environments.len() + api.client.len() + api.resources.len();
        let vars = api
            .environments
            .iter()
            .flat_map(|one| &one.vars)
            .map(|var| &var.name.wire);
        all.functions += vars.collect::<std::collections::BTreeSet<_>>().len();
        all.functions += settings(api);
        for ty in &api.types {
            match &ty.kind {
                TypeKind::Object(object) => {
                    all.structs += object.structs.len();
                    all.functions += object
                        .structs
                        .iter()
                        .filter(|one| one.to_put.is_some())
                        .count();
                }
                TypeKind::Enum(_) => all.enums += 1,
                TypeKind::Union(union) => {
                    all.enums += 1;
                    all.functions += makers(api, union);
                }
                TypeKind::Alias(_) => all.structs += 1,
            }
        }
        api.resources.iter().for_each(|resource| all.add(resource));
        all
    }

    fn add(&mut self, resource: &etiquette_codegen::model::Resource) {
        use etiquette_codegen::model::{Answer, ArgumentKind};
        self.structs += 1;
        self.functions += resource.methods.len() + resource.children.len();
        self.operations += resource.methods.len();
        for method in &resource.methods {
            self.structs += usize::from(method.call_type.is_some());
            self.structs += usize::from(method.mask.is_some());
            self.enums += usize::from(matches!(method.answer, Answer::Outcomes { .. }));
            self.functions += method
                .arguments
                .iter()
                .filter(|one| one.kind == ArgumentKind::Setter)
                .count();
            self.functions += method
                .filters
                .iter()
                .map(|one| one.ops.len() + usize::from(one.range.is_some()))
                .sum::<usize>();
        }
        resource.children.iter().for_each(|child| self.add(child));
    }
}

/// The functions of a union that is sent: one for each object that takes some members to be made.
fn makers(
    api: &etiquette_codegen::model::Api,
    union: &etiquette_codegen::model::UnionType,
) -> usize {
    use etiquette_codegen::model::{Constructor, How, Struct, Ty, TypeKind};
    let structs = |name: &str| -> Option<&Struct> {
        api.types.iter().find_map(|one| match &one.kind {
            TypeKind::Object(object) => object.structs.iter().find(|item| item.rust == name),
            _ => None,
        })
    };
    let made = union.variants.iter().filter(|variant| match &variant.ty {
        Ty::Item(item) | Ty::Boxed(item) => structs(&item.rust).is_some_and(|item| {
            let given = |member: &&_| {
                let member: &etiquette_codegen::model::Member = member;
                member.how == How::Required && member.constant.is_none()
            };
            item.constructor == Constructor::New && item.members.iter().any(|one| given(&one))
        }),
        _ => false,
    });
    if union.written { made.count() } else { 0 }
}

/// The numbers of limits that a builder may replace.
fn settings(api: &etiquette_codegen::model::Api) -> usize {
    use etiquette_codegen::model::Window;
    let windows = api
        .buckets
        .iter()
        .filter_map(|bucket| match &bucket.window {
            Window::Of { max, per } => Some([max, per]),
            Window::Unknown => None,
        });
    windows
        .flatten()
        .filter_map(|number| number.config.as_ref())
        .collect::<std::collections::BTreeSet<_>>()
        .len()
}

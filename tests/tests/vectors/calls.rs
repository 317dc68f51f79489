//! What the calls of vectors are on the way to the wire: the generator reads them as scenarios of the API's own
//! description, so that their arguments and bodies are held against its types and find their places.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use etiquette_codegen::model::{Answer, Api, Body, Method, Plain, Resource, Scenario};
use etiquette_codegen::{Source, load};
use runtime::testing::exchange::Given;

use super::read::{Variant, Vector};

/// What each call of an API's vectors gives, and whether it asks for members.
pub(crate) struct Calls {
    given: BTreeMap<String, (Given, bool)>,
}

impl Calls {
    /// An error is what the generator says of calls that do not fit their methods.
    pub(crate) fn of(name: &str, vectors: &[Vector]) -> Result<Calls, String> {
        let mut variants: Vec<(&str, &Variant)> = Vec::new();
        for vector in vectors {
            let siblings = vector.siblings.iter().map(|one| &one.variant);
            for variant in std::iter::once(&vector.whole).chain(siblings) {
                let mut before = variants.iter();
                if before.all(|(_, other)| other.called() != variant.called()) {
                    variants.push((&vector.file, variant));
                }
            }
        }
        let api = described(name, &variants)?;
        let given = variants
            .iter()
            .zip(&api.scenarios)
            .map(|((_, one), scenario)| {
                let masked = is_masked(&api, one);
                (one.called(), (given(scenario), masked))
            });
        Ok(Calls {
            given: given.collect(),
        })
    }

    pub(crate) fn get(&self, variant: &Variant) -> &(Given, bool) {
        let given = self.given.get(&variant.called());
        given.expect("each call was read")
    }
}

fn sources(api: &str) -> Vec<Source> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema");
    let single = schema.join(format!("{api}.yaml"));
    let mut paths = vec![single.clone()];
    if !single.exists() {
        let folder = fs::read_dir(schema.join(api)).expect("the API is described");
        paths = folder
            .map(|entry| entry.expect("the folder can be read").path())
            .collect();
        paths.sort();
    }
    let read = |path: PathBuf| {
        let below = path.strip_prefix(&schema).expect("it lies there");
        Source {
            path: format!("schema/{}", below.display()),
            text: fs::read(&path).expect("the description can be read"),
        }
    };
    paths.into_iter().map(read).collect()
}

/// The API with these calls as its scenarios.
fn described(name: &str, variants: &[(&str, &Variant)]) -> Result<Api, String> {
    let mut sources = sources(name);
    let is_main = |source: &&mut Source| {
        let path = &source.path;
        *path == format!("schema/{name}.yaml") || path.ends_with("/api.yaml")
    };
    let main = sources.iter_mut().find(is_main);
    let main = main.expect("the API has a main file");
    let text = String::from_utf8_lossy(&main.text).into_owned();
    let mut text = match text.split_once("\nscenarios:\n") {
        Some((before, scenarios)) => {
            let is_last = scenarios.lines().all(|line| line.starts_with([' ', '#']));
            assert!(is_last, "{}: scenarios are not the last key", main.path);
            before.to_owned()
        }
        None => text,
    };
    if !variants.is_empty() {
        text.push_str("\nscenarios:\n");
    }
    for (at, (file, variant)) in variants.iter().enumerate() {
        let name = serde_json::json!(format!("{at}: {file}: {}", variant.name));
        let call = &variant.whole["call"];
        let client = match &variant.whole["client"] {
            serde_json::Value::Null => String::new(),
            client => format!("\"client\": {client}, "),
        };
        writeln!(
            text,
            "  - {{\"name\": {name}, {client}\"call\": {call}, \"replies\": [{{\"status\": 200}}], \"then\": {{\"ok\": true}}}}"
        )
        .expect("a text takes everything");
    }
    main.text = text.into_bytes();
    let loaded = load(&sources).map_err(|found| found.render(false))?;
    let mut apis = loaded.apis.into_iter();
    Ok(apis.next().expect("one API was described"))
}

fn given(scenario: &Scenario) -> Given {
    let call = &scenario.call;
    let body = call.body.as_ref();
    Given {
        client: scenario.client.clone(),
        keys: call.keys.clone(),
        query: call.query.clone(),
        flags: call.flags.clone(),
        headers: call.headers.clone(),
        start: call.start,
        cursor: call.cursor.clone(),
        size: call.size,
        version: call.version.clone(),
        body: body.map(|body| serde_json::from_str(body).expect("a body is JSON")),
    }
}

fn methods(resources: &[Resource]) -> Vec<&Method> {
    let mut all = Vec::new();
    for resource in resources {
        all.extend(&resource.methods);
        all.extend(methods(&resource.children));
    }
    all
}

/// Whether it gives the parameter that selects members.
fn is_masked(api: &Api, variant: &Variant) -> bool {
    let operation = variant.operation();
    let all = methods(&api.resources);
    let mut all = all.into_iter();
    let method = all.find(|method| method.operation == operation);
    let Some((method, mask)) = method.and_then(|method| Some((method, method.mask.as_ref()?)))
    else {
        return false;
    };
    let mut by = method
        .arguments
        .iter()
        .filter(|one| one.name.rust == mask.by);
    by.any(|one| {
        variant.whole["call"][operation]
            .get(&one.name.wire)
            .is_some()
    })
}

/// The operations of an API that values in wire form are enough for.
pub(crate) fn callable(name: &str) -> Vec<String> {
    let api = described(name, &[]).unwrap_or_else(|found| panic!("{found}"));
    let all = methods(&api.resources).into_iter();
    let written = all.filter(|method| {
        !matches!(method.body, Body::Multipart { .. } | Body::File { .. })
            && method.answer != Answer::Plain(Plain::Stream)
    });
    written.map(|method| method.operation.clone()).collect()
}

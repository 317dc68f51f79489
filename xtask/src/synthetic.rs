//! Descriptions of any size, for measurements and tests of how work grows: each API has resources with
//! pages, filters, enums, nested objects and the standard methods. The same sizes give the same text.
//! Must stay a description that loads without a finding.

use std::fmt::Write;

use etiquette_codegen::Source;

/// Operations of one resource.
pub const OPERATIONS: usize = 6;

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// APIs, each in a folder of its own.
    pub apis: usize,
    /// Files of resources in each API, beside its `api.yaml`.
    pub files: usize,
    /// Resources in each of those files.
    pub resources: usize,
}

impl Size {
    /// Operations altogether.
    #[must_use]
    pub fn operations(self) -> usize {
        self.apis * self.files * self.resources * OPERATIONS
    }
}

/// The descriptions, by the paths that they would have in a project.
#[must_use]
pub fn descriptions(size: Size) -> Vec<Source> {
    let mut sources = Vec::with_capacity(size.apis * (size.files + 1));
    for api in 0..size.apis {
        let mut add = |file: &str, text: String| {
            sources.push(Source {
                path: format!("schema/synthetic_{api}/{file}.yaml"),
                text: text.into_bytes(),
            });
        };
        add("api", head(api));
        for file in 0..size.files {
            let mut text = "resources:\n".to_owned();
            for resource in 0..size.resources {
                add_resource(&mut text, &format!("{file}_{resource}"));
            }
            add(&format!("part_{file}"), text);
        }
    }
    sources
}

fn head(api: usize) -> String {
    format!(
        "etiquette: 1
api: synthetic_{api}
title: Synthetic API {api}
environments: {{production: {{url: \"https://synthetic-{api}.example.com/v1\"}}}}
auth: {{key: {{kind: bearer, env: SYNTHETIC_{api}_KEY}}}}
security: [[key]]
envelope: {{list: /items}}
filters: {{brackets: {{form: \"{{field}}[{{op}}]\", ops: {{ge: gte, lt: lt}}}}}}
retry: {{gentle: {{attempts: 4, when: [network, 502, 503, 504]}}}}
page: {{offset: {{kind: offset, send: {{offset: offset, size: limit}}, read: {{total: /total}}}}}}
limits:
  buckets: {{key: {{scope: [credential], window: {{max: 250, per: 5m}}}}}}
  refused: {{when: {{status: [429]}}, processed: false, wait: [{{from: {{header: Retry-After}}}}]}}
errors:
  shapes: [{{message: /error}}, {{text: true}}]
  cases: {{NotFound: {{status: 404}}}}
defaults:
  limit: [key]
  retry: gentle
  cases: [NotFound]
  methods: {{list: {{page: offset}}}}
types:
  State:
    doc: How far an item is.
    values: [draft, open, {{wire: done, doc: Nothing is left to do.}}]
  Address: {{fields: {{street: string, town: string, country: string | null}}}}
"
    )
}

fn add_resource(text: &mut String, name: &str) {
    write!(
        text,
        "  items_{name}:
    path: /items-{name}
    doc: Items of the kind {name}.
    type: Item_{name}
    key: id
    filters: {{use: brackets, fields: {{state: [eq], created_at: [ge, lt]}}}}
    fields:
      id: {{type: int, access: read_only, doc: Given by the server.}}
      title: {{type: string, doc: What it is called.}}
      state: State
      address: Address | null
      tags: list<string>
      price: {{type: decimal, default: 0}}
      note?: {{type: string | null, sensitive: true}}
      created_at: {{type: datetime, access: read_only}}
    methods:
      list: {{}}
      get: {{}}
      create: {{doc: Makes an item.}}
      update: {{}}
      delete: {{}}
      close: {{http: POST */close, effect: idempotent, out: Item_{name}}}
"
    )
    .expect("writing to a string never fails");
}

//! Methods: standard ones and others, paths and keys, parameters, filters, bodies and answers.

use super::{codes, good, method, rendered};
use crate::model::{
    Answer, Api, ArgumentKind, Body, Effect, Filter, ListStyle, ParamPlace, Ty, Verb,
};

fn request(api: &Api, operation: &str) -> (Verb, String) {
    let method = method(api, operation);
    (method.verb, method.path.clone())
}

fn rust_name(ty: &Ty) -> &str {
    match ty {
        Ty::Item(item) => &item.rust,
        Ty::List(inner) => rust_name(inner),
        other => panic!("{other:?} is no item"),
    }
}

pub(super) fn body(api: &Api, operation: &str) -> (String, String) {
    match &method(api, operation).body {
        Body::Json { rust, ty, .. } => (rust.clone(), rust_name(ty).to_owned()),
        other => panic!("`{operation}` sends no JSON: {other:?}"),
    }
}

/// Rust names of arguments, those of the path in braces, setters with a dot.
pub(super) fn arguments(api: &Api, operation: &str) -> Vec<String> {
    let show = |argument: &crate::model::Argument| match (argument.place, argument.kind) {
        (ParamPlace::Path, _) => format!("{{{}}}", argument.name.rust),
        (_, ArgumentKind::Positional) => argument.name.rust.clone(),
        (_, ArgumentKind::Setter) => format!(".{}", argument.name.rust),
    };
    method(api, operation).arguments.iter().map(show).collect()
}

const STANDARD: &str = "
envelope: {list: /data, one: /item, count: /total}
resources:
  orders:
    path: /orders
    type: Order
    key: id
    fields: {id: {type: int, access: read_only}, name: string}
    methods:
      list: {}
      get: {}
      create: {status: 201}
      update: {}
      replace: {}
      delete: {}
      count: {http: GET ./count}
";

#[test]
fn standard_methods_have_their_requests_bodies_and_effects() {
    let api = good(STANDARD);
    let table = [
        ("list", Verb::Get, "/orders", Effect::Read),
        ("get", Verb::Get, "/orders/{id}", Effect::Read),
        ("create", Verb::Post, "/orders", Effect::Once),
        ("update", Verb::Patch, "/orders/{id}", Effect::Once),
        ("replace", Verb::Put, "/orders/{id}", Effect::Idempotent),
        ("delete", Verb::Delete, "/orders/{id}", Effect::Idempotent),
        ("count", Verb::Get, "/orders/count", Effect::Read),
    ];
    for (name, verb, path, effect) in table {
        let operation = format!("orders.{name}");
        assert_eq!(request(&api, &operation), (verb, path.to_owned()), "{name}");
        assert_eq!(method(&api, &operation).effect, effect, "{name}");
        assert_eq!(method(&api, &operation).constant, name.to_ascii_uppercase());
    }
    assert_eq!(
        body(&api, "orders.create"),
        ("order".to_owned(), "NewOrder".to_owned())
    );
    assert_eq!(
        body(&api, "orders.update"),
        ("patch".to_owned(), "OrderPatch".to_owned())
    );
    assert_eq!(
        body(&api, "orders.replace"),
        ("order".to_owned(), "OrderReplacement".to_owned())
    );
    assert_eq!(method(&api, "orders.create").success, [201]);
    assert_eq!(method(&api, "orders.delete").answer, Answer::None);
    assert_eq!(
        method(&api, "orders.count").answer,
        Answer::Value {
            ty: Ty::Uint,
            from: "/total".to_owned()
        }
    );
    let Answer::List { item, from } = &method(&api, "orders.list").answer else {
        panic!("a list")
    };
    assert_eq!((rust_name(item), from.as_str()), ("Order", "/data"));
    let Answer::Value { ty, from } = &method(&api, "orders.get").answer else {
        panic!("a value")
    };
    assert_eq!((rust_name(ty), from.as_str()), ("Order", "/item"));
    assert_eq!(
        method(&api, "orders.get").call_type,
        None,
        "a call without options is a plain one"
    );
}

#[test]
fn other_methods_write_their_request() {
    let api = good(
        "
resources:
  orders:
    path: /orders
    key: id
    fields: {id: int}
    methods:
      cancel: {http: POST */cancel}
      bulk: {http: PUT ./bulk}
      slash: {http: POST ./}
      health: {http: GET /health, out: string}
      purge: {http: DELETE}
      page: {http: \"GET /orders/{id}/pages/{page}\", params: {page: int}}
",
    );
    assert_eq!(
        request(&api, "orders.cancel"),
        (Verb::Post, "/orders/{id}/cancel".to_owned())
    );
    assert_eq!(
        request(&api, "orders.bulk"),
        (Verb::Put, "/orders/bulk".to_owned())
    );
    assert_eq!(
        request(&api, "orders.slash"),
        (Verb::Post, "/orders/".to_owned())
    );
    assert_eq!(
        request(&api, "orders.health"),
        (Verb::Get, "/health".to_owned())
    );
    assert_eq!(
        request(&api, "orders.purge"),
        (Verb::Delete, "/orders".to_owned())
    );
    assert_eq!(arguments(&api, "orders.page"), ["{id}", "{page}"]);
    assert_eq!(method(&api, "orders.cancel").effect, Effect::Once);
    assert_eq!(method(&api, "orders.bulk").effect, Effect::Idempotent);
    assert_eq!(method(&api, "orders.health").effect, Effect::Read);
    assert_eq!(method(&api, "orders.cancel").answer, Answer::None);
}

/// Row I23: what cannot be a request is refused where it is written.
#[test]
fn bad_requests_are_refused() {
    let with = |http: &str| {
        codes(&format!(
            "resources: {{a: {{path: /a, methods: {{x: {{http: \"{http}\"}}}}}}}}"
        ))
    };
    assert_eq!(with("post ./x"), ["E052"]);
    assert_eq!(with("FETCH ./x"), ["E052"]);
    assert_eq!(with("POST x"), ["E052"]);
    assert_eq!(with("POST https://evil.example/x"), ["E052"]);
    assert_eq!(with("POST */x"), ["E053"]);
    assert_eq!(
        codes("resources: {a: {path: /a, methods: [upsert]}}"),
        ["E052"]
    );
    assert_eq!(
        codes("resources: {a: {methods: {x: {http: GET}, y1: {http: GET ./y}}}}"),
        ["E053"],
        "a namespace"
    );
    assert_eq!(
        codes("resources: {a: {path: /a, methods: [get]}}"),
        ["E053", "E053"],
        "no key and no type"
    );
}

const TREE: &str = "
resources:
  workspaces:
    path: /workspaces
    key: {workspace_id: id}
    fields: {id: string}
    methods: [get]
    children:
      members:
        path: /members
        key: [user, role]
        fields: {user: string, role: int}
        methods: [list, get]
        children:
          notes: {path: /notes, fields: {text: string}, methods: [list]}
      templates: {path: /templates, at: collection, fields: {name: string}, methods: [list]}
  admin:
    children:
      jobs:
        path: /jobs
        key: {job: {type: int}}
        type: Job
        methods: [get]
types: {Job: {fields: {name: string}}}
";

#[test]
fn children_are_below_the_item_or_the_collection() {
    let api = good(TREE);
    assert_eq!(
        request(&api, "workspaces.members.list").1,
        "/workspaces/{workspace_id}/members"
    );
    assert_eq!(
        request(&api, "workspaces.members.get").1,
        "/workspaces/{workspace_id}/members/{user}/{role}"
    );
    let notes = "/workspaces/{workspace_id}/members/{user}/{role}/notes";
    assert_eq!(request(&api, "workspaces.members.notes.list").1, notes);
    assert_eq!(
        request(&api, "workspaces.templates.list").1,
        "/workspaces/templates"
    );
    assert_eq!(request(&api, "admin.jobs.get").1, "/jobs/{job}");
    assert_eq!(
        arguments(&api, "workspaces.members.get"),
        ["{user}", "{role}"]
    );
    assert_eq!(method(&api, "admin.jobs.get").arguments[0].ty, Ty::Int);
    let [members, templates] = api.resources[0].children.as_slice() else {
        panic!("two children")
    };
    let keys = |resource: &crate::model::Resource| {
        resource
            .parent_keys
            .iter()
            .map(|key| key.name.rust.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(members), ["workspace_id"]);
    assert!(keys(templates).is_empty());
    assert_eq!(keys(&members.children[0]), ["workspace_id", "user", "role"]);
}

#[test]
fn keys_have_the_types_of_their_fields() {
    let api = good(
        "
types:
  UserId: {alias: string}
resources:
  users:
    path: /users
    key: id
    alt_keys: {name: {path: \"/name/{name}\", fields: [name]}}
    fields: {id: UserId, name: {type: string, sensitive: true}}
    methods: {get: {cases: none, query: {full?: bool}}}
",
    );
    let get = method(&api, "users.get");
    assert_eq!(rust_name(&get.arguments[0].ty), "UserId");
    let by_name = method(&api, "users.get_by_name");
    assert_eq!(
        (by_name.path.as_str(), by_name.name.rust.as_str()),
        ("/users/name/{name}", "get_by_name")
    );
    assert_eq!(arguments(&api, "users.get_by_name"), ["{name}", ".full"]);
    assert!(
        by_name.arguments[0].sensitive,
        "a key is hidden as its field is"
    );
    assert_eq!(get.call_type.as_deref(), Some("GetUsers"));
    assert_eq!(by_name.call_type.as_deref(), Some("GetByNameUsers"));
}

const PARAMETERS: &str = "
wire: {case: camel, bools: digits}
types:
  Sort: [name, -name]
resources:
  orders:
    path: /orders
    key: id
    type: Order
    fields: {id: int}
    methods:
      list:
        query:
          shop_id: int
          sort_by?: Sort
          ids?: {type: list<int>, arrays: comma}
          with_all?: bool
          items: {type: string, default: all}
          maybe: string | null
          raw?: {type: map<string>, encode: json}
          fixed: {type: bool, const: true}
        headers:
          trace?: {type: string, wire: X-Trace}
      get: {query: {id?: string}}
";

#[test]
fn parameters_are_arguments_setters_or_constants() {
    let api = good(PARAMETERS);
    let list = method(&api, "orders.list");
    let setters = [
        ".sort_by",
        ".ids",
        ".with_all_",
        ".items_",
        ".maybe",
        ".raw",
        ".trace",
    ];
    assert_eq!(
        arguments(&api, "orders.list"),
        [
            &["shop_id".to_owned()],
            setters.map(str::to_owned).as_slice()
        ]
        .concat()
    );
    let wires: Vec<&str> = list
        .arguments
        .iter()
        .map(|argument| argument.name.wire.as_str())
        .collect();
    assert_eq!(
        wires,
        [
            "shopId", "sortBy", "ids", "withAll", "items", "maybe", "raw", "x-trace"
        ]
    );
    assert_eq!(list.arguments[2].list, Some(ListStyle::Comma));
    assert_eq!(list.arguments[2].ty, Ty::Int);
    assert_eq!(list.arguments[4].doc.text, "all if absent.");
    assert!(list.arguments[6].as_json);
    assert_eq!(list.query, [("fixed".to_owned(), "1".to_owned())]);
    assert_eq!(list.call_type.as_deref(), Some("ListOrders"));
    assert_eq!(
        arguments(&api, "orders.get"),
        ["{id}", ".id"],
        "a key and a setter may share a name"
    );
}

fn filter<'a>(filters: &'a [Filter], wire: &str) -> &'a Filter {
    filters
        .iter()
        .find(|filter| filter.field.wire == wire)
        .unwrap()
}

#[test]
fn filters_become_setters_and_ranges() {
    let api = good(
        "
filters: {brackets: {form: \"{field}[{op}]\", ops: {ge: gte, gt: gt, le: lte, lt: lt, not_contains: nlike}, lists: brackets}}
resources:
  orders:
    path: /orders
    fields: {id: int, status: string, created_at: datetime, note: string | null, tags: list<string>}
    filters:
      fields:
        status: [eq, in]
        created_at: [lt, le, gt, ge, eq]
        note: [not_contains]
        tags: [eq]
        width: {wire: dims.w, type: int, ops: all}
    methods: [list, create]
",
    );
    assert!(method(&api, "orders.create").filters.is_empty());
    let filters = &method(&api, "orders.list").filters;
    let ops = |wire: &str| {
        let ops = filter(filters, wire).ops.iter();
        ops.map(|op| format!("{} {}", op.rust, op.param))
            .collect::<Vec<_>>()
    };
    assert_eq!(ops("status"), ["status status", "status_in status[]"]);
    assert_eq!(ops("created_at"), ["created_at_eq created_at"]);
    let range = [
        "created_at[lt]",
        "created_at[lte]",
        "created_at[gt]",
        "created_at[gte]",
    ]
    .map(str::to_owned);
    assert_eq!(filter(filters, "created_at").range, Some(range));
    assert_eq!(ops("note"), ["note_not_contains note[nlike]"]);
    assert_eq!(filter(filters, "tags").ty, Ty::String);
    assert_eq!(
        ops("dims.w"),
        ["width_eq dims.w", "width_not_contains dims.w[nlike]"]
    );
    assert_eq!(filter(filters, "dims.w").ty, Ty::Int);
}

#[test]
fn contradictions_name_both_places() {
    let text = "
page: {pages: {kind: page, send: {page: page}}}
resources:
  orders: {path: /orders, fields: {id: int}, methods: {list: {page: pages, query: {page?: int, page_?: {type: int, wire: p}}}}}
";
    // The setter of the policy and a parameter of another wire name do not collide: `page_`.
    assert_eq!(codes(text), ["E043", "E055"]);
    let shown = rendered(
        "resources: {a: {path: /a, fields: {id: int}, methods: {getAll: {http: GET ./x}, get_all: {http: GET ./y}}}}",
    );
    assert!(
        shown.contains("`get_all` in Rust") && shown.contains("the other one"),
        "{shown}"
    );
}

//! What a method inherits: the nearest value whole, headers, query and cases joined by name.

use super::{codes, good, method};
use crate::model::{Api, Effect};

const POLICIES: &str = "
auth: {key: {kind: bearer}, admin: {kind: header, header: X-Admin}}
security: [[key]]
retry:
  gentle: {attempts: 4, when: [network, 503]}
  eager: {attempts: 9, when: [network]}
limits:
  buckets:
    token: {scope: [credential], window: {max: 250, per: 5m}}
    heavy: {scope: [credential], window: {max: 5, per: 1m}}
errors:
  shapes: [{text: true}]
  cases:
    Unauthorized: {status: 401}
    NotFound: {status: 404}
    Conflict: {status: 409}
defaults:
  retry: gentle
  limit: [token]
  timeout: 10s
  cases: [Unauthorized]
  headers: {x_one: {type: string, const: file}, x_two: {type: string, const: file}}
  methods:
    get: {cases: [NotFound], timeout: 5s}
";

fn case_names<'a>(api: &'a Api, operation: &str) -> Vec<&'a str> {
    method(api, operation)
        .cases
        .iter()
        .map(|case| api.cases[*case].name.rust.as_str())
        .collect()
}

#[test]
fn the_nearest_value_replaces_the_farther_ones_whole() {
    let api = good(&format!(
        "{POLICIES}
resources:
  users:
    path: /users
    fields: {{id: int}}
    key: id
    defaults:
      retry: eager
      methods: {{get: {{retry: none}}, list: {{limit: [heavy, {{bucket: token, cost: 5}}]}}}}
    methods:
      list: {{}}
      get: {{}}
      delete: {{timeout: 1m, limit: none, security: none}}
    children:
      notes:
        path: /notes
        fields: {{text: string}}
        methods: {{list: {{security: [[key, admin], [admin]]}}}}
"
    ));
    let list = method(&api, "users.list");
    assert_eq!(list.retry, Some(1), "the resource's");
    assert_eq!(
        list.charges
            .iter()
            .map(|charge| (charge.bucket, charge.cost))
            .collect::<Vec<_>>(),
        [(1, 1), (0, 5)]
    );
    assert_eq!(list.timeout_ms, 10_000);
    assert_eq!(list.security, [[0]]);
    let get = method(&api, "users.get");
    assert_eq!(get.retry, None, "`defaults.methods` of the resource");
    assert_eq!(get.timeout_ms, 5_000, "`defaults.methods` of the file");
    let delete = method(&api, "users.delete");
    assert_eq!(
        (
            delete.timeout_ms,
            delete.charges.len(),
            delete.security.len()
        ),
        (60_000, 0, 0)
    );
    let notes = method(&api, "users.notes.list");
    assert_eq!(notes.retry, Some(1), "the parent's");
    assert_eq!(notes.charges.len(), 2, "the parent's `defaults.methods`");
    assert_eq!(notes.security, [vec![0, 1], vec![1]]);
}

#[test]
fn what_nobody_says_has_a_default() {
    let api = good("resources: {users: {path: /users, fields: {id: int}, methods: [list]}}");
    let list = method(&api, "users.list");
    assert_eq!(list.timeout_ms, 30_000);
    assert_eq!(
        (
            list.retry,
            list.page,
            list.charges.len(),
            list.security.len()
        ),
        (None, None, 0, 0)
    );
    assert_eq!(list.effect, Effect::Read);
    assert!(list.success.is_empty());
}

#[test]
fn cases_are_joined_and_none_empties_them() {
    let api = good(&format!(
        "{POLICIES}
resources:
  users:
    path: /users
    fields: {{id: int}}
    key: id
    methods:
      list: {{}}
      get: {{cases: [Conflict, NotFound]}}
      create: {{cases: none}}
    children:
      notes:
        path: /notes
        fields: {{text: string}}
        defaults: {{cases: none}}
        methods: {{create: {{cases: [Conflict]}}}}
"
    ));
    assert_eq!(case_names(&api, "users.list"), ["Unauthorized"]);
    assert_eq!(
        case_names(&api, "users.get"),
        ["Unauthorized", "NotFound", "Conflict"]
    );
    assert!(case_names(&api, "users.create").is_empty());
    assert_eq!(case_names(&api, "users.notes.create"), ["Conflict"]);
}

#[test]
fn headers_are_joined_by_name_and_none_removes_one() {
    let api = good(&format!(
        "{POLICIES}
resources:
  users:
    path: /users
    fields: {{id: int}}
    methods:
      list: {{headers: {{x_two: none, x_three: {{type: int, const: 3, wire: X-Three}}}}}}
      create: {{headers: {{x_one: {{type: string, const: method}}}}}}
"
    ));
    let pairs = |operation: &str| {
        let headers = method(&api, operation).headers.iter();
        headers
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(pairs("users.list"), ["x-three=3", "x_one=file"]);
    assert_eq!(pairs("users.create"), ["x_one=method", "x_two=file"]);
}

#[test]
fn unknown_names_are_reported_once_and_leave_nothing_behind() {
    let text = "
defaults: {retry: gentel, limit: [tokn], cases: [NotFond], security: [[kye]]}
resources:
  users: {path: /users, fields: {id: int}, methods: [list, create]}
";
    assert_eq!(codes(text), ["E041"; 4]);
}

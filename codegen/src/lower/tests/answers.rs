//! What calls answer and send: pages, outcomes, bodies that are described in place.

use super::methods::{arguments, body};
use super::{good, method};
use crate::model::{Answer, Body, Stop};

#[test]
fn pages_have_setters_and_complete_stops() {
    let api = good(
        "
envelope: {list: /data}
page:
  offset: {kind: offset, send: {offset: skip, size: \"page[size]\"}, read: {total: /total}, size: {default: 10, max: 100}}
  numbers: {kind: page, send: {page: page}, from: /items, unique_by: id}
defaults: {methods: {list: {page: offset}}}
resources:
  orders: {path: /orders, fields: {id: int}, methods: {list: {}, all: {http: GET ./all, out: list<Orders>, page: numbers}}}
",
    );
    let list = method(&api, "orders.list");
    assert_eq!(arguments(&api, "orders.list"), [".skip", ".page_size"]);
    assert_eq!(
        list.arguments[1].doc.text,
        "How many items a page has; 10 if absent, at most 100."
    );
    assert_eq!(list.page, Some(0));
    assert_eq!(list.call_type.as_deref(), Some("ListOrders"));
    let stops = |index: usize| api.pages[index].stop.clone();
    assert_eq!(stops(0), [Stop::TotalReached, Stop::EmptyPage]);
    assert_eq!(stops(1), [Stop::ShortPage, Stop::EmptyPage]);
    let from = |operation: &str| match &method(&api, operation).answer {
        Answer::Page { from, .. } => from.clone(),
        other => panic!("{other:?} is no page"),
    };
    assert_eq!(
        (from("orders.list"), from("orders.all")),
        ("/data".to_owned(), "/items".to_owned())
    );
    assert_eq!((api.pages[0].first, api.pages[1].first), (0, 1));
}

#[test]
fn outcomes_are_variants_with_answers_of_their_own() {
    let api = good(
        "
resources:
  orders:
    path: /orders
    type: Order
    fields: {id: int}
    methods:
      create: {outcomes: {201: created, 202: {name: accepted, out: none}}}
",
    );
    let create = method(&api, "orders.create");
    assert_eq!(create.success, [201, 202]);
    let Answer::Outcomes { rust, outcomes } = &create.answer else {
        panic!("several outcomes")
    };
    assert_eq!(rust, "CreateOrderOutcome");
    assert_eq!(
        outcomes
            .iter()
            .map(|outcome| outcome.name.rust.as_str())
            .collect::<Vec<_>>(),
        ["Created", "Accepted"]
    );
    assert!(matches!(outcomes[0].answer, Answer::Value { .. }));
    assert_eq!(outcomes[1].answer, Answer::None);
}

#[test]
fn a_body_that_is_described_in_place_is_a_type() {
    let api = good(
        "
resources:
  orders:
    path: /orders
    key: body
    type: Order
    fields: {body: int, name: string}
    methods:
      cancel: {http: POST */cancel, body: {fields: {reason: string, silent?: bool}}}
      bulk: {http: POST ./bulk, body: \"list<Order>\"}
      tag: {http: POST ./tag, body: {type: \"map<string>\", at: /tags}}
",
    );
    assert_eq!(
        body(&api, "orders.cancel"),
        ("body_".to_owned(), "CancelOrdersBody".to_owned())
    );
    assert_eq!(
        body(&api, "orders.bulk"),
        ("orders".to_owned(), "Order".to_owned())
    );
    let Body::Json { at, rust, .. } = &method(&api, "orders.tag").body else {
        panic!("a body")
    };
    assert_eq!((at.as_str(), rust.as_str()), ("/tags", "body"));
}

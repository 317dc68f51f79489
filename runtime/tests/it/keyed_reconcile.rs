//! Creates that are in doubt or in conflict, and the list that tells what became of them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use etiquette_runtime::codegen::{
    Call, Effect, IdempotencyKey, Operation, Reconcile, Reconciled, Replay, ReplayMeans, Request,
    SendAt,
};
use etiquette_runtime::testing::{RecordedRequest, ScriptReply};
use etiquette_runtime::value::Json;
use etiquette_runtime::{Error, Kind};
use serde_json::json;

use crate::api::{Bench, CREATE, LIST_OFFSET, LIST_PAGES};

static LIST: Operation = Operation {
    path: "/shops/{shop}/orders",
    ..LIST_PAGES
};
const MADE: Operation = Operation {
    path: "/shops/{shop}/orders",
    ..CREATE
};
static BY_QUERY: Operation = Operation {
    reconcile: Some(&Reconcile {
        list: &LIST,
        by: &[("email", Some("filter[email]"))],
    }),
    ..MADE
};
static BY_WALK: Operation = Operation {
    reconcile: Some(&Reconcile {
        list: &LIST,
        by: &[("email", None), ("kind", None)],
    }),
    ..MADE
};
static ELSEWHERE: Operation = Operation {
    reconcile: Some(&Reconcile {
        list: &LIST_OFFSET,
        by: &[("email", Some("email"))],
    }),
    ..MADE
};
static ONCE_SEEN: IdempotencyKey = IdempotencyKey {
    at: SendAt::Header("idempotency-key"),
    within: None,
    replay: Some(Replay {
        status: 409,
        means: ReplayMeans::Done,
    }),
};
static KEYED: Operation = Operation {
    effect: Effect::Keyed(&ONCE_SEEN),
    ..BY_QUERY
};

/// Orders by shop, with a unique `email`; lists have pages of two.
#[derive(Clone, Default)]
struct Orders(Arc<Mutex<Vec<Json>>>);

impl Orders {
    fn of(emails: &[&str]) -> Orders {
        let orders = Orders::default();
        for email in emails {
            orders.make(&json!({"email": email, "kind": "k"})).unwrap();
        }
        orders
    }

    fn make(&self, order: &Json) -> Result<Json, ()> {
        let mut all = self.0.lock().unwrap();
        if all.iter().any(|known| known["email"] == order["email"]) {
            return Err(());
        }
        let mut order = order.clone();
        order["id"] = json!(all.len() + 1);
        all.push(order.clone());
        Ok(order)
    }

    fn answer(&self, request: &RecordedRequest) -> ScriptReply {
        if request.method == "POST" {
            let body: Json = serde_json::from_slice(&request.body).unwrap();
            return match self.make(&body["order"]) {
                Ok(order) => ScriptReply::json(201, json!({"data": order}).to_string()),
                Err(()) => ScriptReply::text(409, "email is taken"),
            };
        }
        let wanted = request.query("filter%5Bemail%5D");
        let all = self.0.lock().unwrap();
        let found: Vec<&Json> = all
            .iter()
            .filter(|order| wanted.is_none_or(|it| order["email"] == it.replace("%40", "@")))
            .collect();
        let page: usize = request
            .query("page")
            .map_or(1, |page| page.parse().unwrap());
        let pages = found.chunks(2).count();
        let data = found.chunks(2).nth(page - 1).unwrap_or_default();
        let pagination = json!({"current_page": page, "page_count": pages});
        ScriptReply::json(
            200,
            json!({"data": data, "pagination": pagination}).to_string(),
        )
    }

    fn serve(&self, bench: &Bench) {
        let orders = self.clone();
        bench
            .script
            .respond_with(move |request| orders.answer(request));
    }

    /// Carries out the next create, and its answer is lost.
    fn lose_one(&self, bench: &Bench) {
        let (orders, mut is_lost) = (self.clone(), false);
        bench.script.respond_with(move |request| {
            let answer = orders.answer(request);
            if std::mem::replace(&mut is_lost, true) {
                answer
            } else {
                ScriptReply::lost()
            }
        });
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

fn call(bench: &Bench, operation: &'static Operation, email: &str) -> Call<Json> {
    let body = json!({"email": email, "kind": "k"});
    Request::new(&bench.core, operation)
        .key(&"s/1")
        .json_at(&["order"], &body)
        .call_at(&["data"])
}

fn reconcile(bench: &Bench, call: Call<Json>) -> Result<Reconciled<Json>, Error> {
    bench.run(call.reconcile())
}

fn paths(bench: &Bench) -> Vec<String> {
    let sent = bench.script.requests();
    sent.iter()
        .map(|request| {
            format!(
                "{} {}",
                request.method,
                request.uri.path_and_query().unwrap()
            )
        })
        .collect()
}

#[test]
fn a_create_that_is_answered_is_created() {
    let (bench, orders) = (Bench::new(), Orders::default());
    orders.serve(&bench);
    let made = reconcile(&bench, call(&bench, &BY_QUERY, "a@x")).unwrap();
    assert_eq!(
        made,
        Reconciled::Created(json!({"email": "a@x", "kind": "k", "id": 1}))
    );
    assert_eq!(bench.script.count(), 1);
}

/// Row A11: the answer is lost; the list has it, and nothing is made twice.
#[test]
fn what_was_made_and_not_told_is_found() {
    for (operation, requests) in [(&BY_QUERY, 2), (&BY_WALK, 4)] {
        let (bench, orders) = (Bench::new(), Orders::of(&["1", "2", "3", "4"]));
        orders.lose_one(&bench);
        let made = reconcile(&bench, call(&bench, operation, "a@x")).unwrap();
        let value = json!({"email": "a@x", "kind": "k", "id": 5});
        assert_eq!(made, Reconciled::Existing(value));
        assert_eq!((orders.count(), bench.script.count()), (5, requests));
    }
    let (bench, orders) = (Bench::new(), Orders::default());
    orders.lose_one(&bench);
    reconcile(&bench, call(&bench, &BY_QUERY, "a@x")).unwrap();
    assert_eq!(
        paths(&bench),
        [
            "POST /v1/shops/s%2F1/orders",
            "GET /v1/shops/s%2F1/orders?filter%5Bemail%5D=a%40x"
        ]
    );
}

/// Row A11: a conflict with what is there already.
#[test]
fn a_conflict_is_something_that_exists() {
    let (bench, orders) = (Bench::new(), Orders::of(&["a@x"]));
    orders.serve(&bench);
    let made = reconcile(&bench, call(&bench, &BY_QUERY, "a@x")).unwrap();
    assert_eq!(made.into_inner()["id"], 1);
    assert_eq!((orders.count(), bench.script.count()), (1, 2));

    // A conflict with something else is what it says, as is any other error.
    for status in [409, 422, 400] {
        let (bench, orders) = (Bench::new(), Orders::of(&["b@x"]));
        orders.serve(&bench);
        bench.script.reply(ScriptReply::text(status, "no"));
        let error = reconcile(&bench, call(&bench, &BY_QUERY, "a@x")).unwrap_err();
        assert_eq!((error.kind(), error.status()), (Kind::Api, Some(status)));
        assert_eq!(bench.script.count(), if status == 400 { 1 } else { 2 });
    }
}

/// Row A11: when it is not there, or nobody can say, the doubt remains.
#[test]
fn doubt_remains_doubt() {
    // Not there.
    let (bench, orders) = (Bench::new(), Orders::of(&["b@x"]));
    orders.serve(&bench);
    bench.script.reply(ScriptReply::reset());
    let error = reconcile(&bench, call(&bench, &BY_WALK, "a@x")).unwrap_err();
    assert_eq!(error.kind(), Kind::Ambiguous);
    assert!(error.may_have_happened() && bench.script.count() == 2);
    // The list fails.
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::lost())
        .reply(ScriptReply::text(403, "no list for you"));
    let error = reconcile(&bench, call(&bench, &BY_WALK, "a@x")).unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Ambiguous, None));
    // The body does not say what to look for, and the call has no list.
    let unnamed = |bench: &Bench| {
        let request = Request::new(&bench.core, &BY_QUERY).key(&"1");
        request.json(&json!({"name": "x"})).call::<Json>()
    };
    for is_unnamed in [true, false] {
        let bench = Bench::new();
        bench.script.reply(ScriptReply::lost());
        let call = match is_unnamed {
            true => unnamed(&bench),
            false => call(&bench, &WITHOUT_LIST, "a@x"),
        };
        let error = reconcile(&bench, call).unwrap_err();
        assert_eq!((error.kind(), bench.script.count()), (Kind::Ambiguous, 1));
    }
}

static WITHOUT_LIST: Operation = MADE;

/// Row A20: the caller's deadline bounds create and search together.
#[test]
fn a_deadline_bounds_the_search_too() {
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::lost().after(Duration::from_secs(4)))
        .reply(ScriptReply::stalls());
    let call = call(&bench, &BY_QUERY, "a@x").with_deadline(Duration::from_secs(10));
    let error = reconcile(&bench, call).unwrap_err();
    assert_eq!((error.kind(), bench.seconds()), (Kind::Ambiguous, 10.0));
}

/// A list in another place, with members that differ.
#[test]
fn only_what_has_all_members_is_it() {
    let bench = Bench::new();
    let item = |id: u64, email: &str| format!(r#"{{"id":{id},"email":"{email}","big":1e2}}"#);
    let page = |items: &str, total| {
        ScriptReply::json(
            200,
            format!(r#"{{"data":[{items}],"total":{total},"limit":2}}"#),
        )
    };
    let two = format!("{},{}", item(1, "A@X"), item(2, "a@x.y"));
    bench
        .script
        .reply(ScriptReply::lost())
        .reply(page(&two, 3))
        .reply(page(&item(3, "a@x"), 3));
    let found = reconcile(&bench, call(&bench, &ELSEWHERE, "a@x")).unwrap();
    assert_eq!(found.into_inner()["id"], 3);
    let sent = paths(&bench);
    assert_eq!(sent[1], "GET /v1/users?email=a%40x");
    assert_eq!(sent.len(), 3);
}

/// Row A9: the API says that the first request was carried out; what it made is looked up, and the call has succeeded.
#[test]
fn what_is_done_is_read() {
    let serve = |is_there: bool| {
        let (bench, orders) = (Bench::new(), Orders::default());
        let (model, mut seen) = (orders.clone(), 0);
        bench.script.respond_with(move |request| {
            seen += 1;
            match seen {
                1 if is_there => {
                    let _ = model.answer(request);
                    ScriptReply::lost()
                }
                1 => ScriptReply::lost(),
                2 => ScriptReply::text(409, "seen before"),
                _ => model.answer(request),
            }
        });
        bench
    };
    let bench = serve(true);
    let reply = bench.run(call(&bench, &KEYED, "a@x").send_raw()).unwrap();
    assert_eq!((reply.value["id"].as_u64(), reply.attempts), (Some(1), 2));
    assert!(reply.idempotency_key.is_some());
    let bench = serve(true);
    let made = reconcile(&bench, call(&bench, &KEYED, "a@x")).unwrap();
    assert!(matches!(made, Reconciled::Created(_)), "{made:?}");
    let sent = bench.script.requests();
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[2].header("idempotency-key"), None, "a read needs none");

    let bench = serve(false);
    let error = bench.run(call(&bench, &KEYED, "a@x")).unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (Kind::AlreadyProcessed, Some(409))
    );
    assert!(error.may_have_happened());
}

/// Headers of the caller's own go along with the search, but for those that are about the create alone.
#[test]
fn the_search_is_made_by_the_same_caller() {
    let (bench, orders) = (Bench::new(), Orders::default());
    orders.lose_one(&bench);
    let call = call(&bench, &KEYED_ONCE, "a@x")
        .with_header("X-Tenant", "t1")
        .with_header("Content-Language", "sv")
        .with_header("Idempotency-Key", "own");
    reconcile(&bench, call.with_attempts(1)).unwrap();
    let sent = bench.script.requests();
    assert_eq!(sent[1].header("x-tenant"), Some("t1"));
    assert_eq!(sent[1].header("idempotency-key"), None);
    assert_eq!(sent[1].header("content-language"), None);
}

static KEYED_ONCE: Operation = KEYED_COPY;
const KEYED_COPY: Operation = Operation {
    effect: Effect::Keyed(&ONCE_SEEN),
    reconcile: Some(&Reconcile {
        list: &LIST,
        by: &[("email", Some("filter[email]"))],
    }),
    ..MADE
};

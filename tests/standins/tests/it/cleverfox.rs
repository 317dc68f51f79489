//! The CleverFox stand-in: who gets in, lists without a total, what is embedded, and its logs.

use std::time::{Duration, UNIX_EPOCH};

use etiquette_standins::cleverfox::{Config, start};
use etiquette_standins::{Credential, HandClock, Standin};
use serde_json::{Value, json};

use crate::client::{Reply, send};

/// `cleverfox-key:whatever`
pub(crate) const BASIC: &str = "Basic Y2xldmVyZm94LWtleTp3aGF0ZXZlcg==";

/// 2015-03-01T00:00:00Z.
pub(crate) async fn begin(config: Config) -> (Standin, HandClock) {
    let clock = HandClock::new(UNIX_EPOCH + Duration::from_secs(1_425_168_000));
    (start(config, clock.now()).await.unwrap(), clock)
}

pub(crate) async fn fox() -> Standin {
    begin(Config::default()).await.0
}

pub(crate) async fn get(fox: &Standin, path: &str) -> Reply {
    let headers = [("authorization", BASIC)];
    send(fox, "GET", path, &headers, "").await.unwrap()
}

pub(crate) async fn write(fox: &Standin, method: &str, path: &str, body: &Value) -> Reply {
    let headers = [
        ("authorization", BASIC),
        ("content-type", "application/json"),
    ];
    let body = body.to_string();
    send(fox, method, path, &headers, &body).await.unwrap()
}

fn ids(page: &Value, key: &str) -> Vec<i64> {
    let data = page["data"].as_array().unwrap();
    data.iter().map(|one| one[key].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn the_user_is_the_key_and_the_password_does_not_matter() {
    let fox = fox().await;
    for (sent, status) in [
        (BASIC, 200),
        // cleverfox-key: without a password
        ("basic Y2xldmVyZm94LWtleTo=", 200),
        // other:cleverfox-key
        ("Basic b3RoZXI6Y2xldmVyZm94LWtleQ==", 401),
        // no colon
        ("Basic Y2xldmVyZm94LWtleQ==", 401),
        ("Bearer cleverfox-key", 401),
        ("Basic *", 401),
    ] {
        let headers = [("authorization", sent)];
        let reply = send(&fox, "GET", "/plans", &headers, "").await.unwrap();
        assert_eq!(reply.status, status, "{sent}");
    }
    let none = send(&fox, "GET", "/plans", &[], "").await.unwrap();
    assert_eq!(none.status, 401);
    assert_eq!(
        none.header("www-authenticate"),
        Some("Basic realm=\"cleverfox\"")
    );
    let arrivals = fox.arrivals();
    let credentials = arrivals.iter().map(|arrival| arrival.credential);
    assert_eq!(
        credentials.filter(|one| *one == Credential::Right).count(),
        2
    );
    assert_eq!(arrivals[0].header("authorization"), Some("right"));
    assert_eq!(arrivals[0].secrets, ["header authorization"]);
    assert!(arrivals[6].secrets.is_empty());
}

#[tokio::test]
async fn a_page_says_nothing_of_a_total_and_the_newest_come_first() {
    let fox = fox().await;
    let first = get(&fox, "/companies?PageSize=5").await.json();
    assert_eq!(ids(&first, "CompanyId"), [12, 11, 10, 9, 8]);
    let members: Vec<&String> = first.as_object().unwrap().keys().collect();
    assert_eq!(members, ["data", "page_no", "page_size"]);
    assert_eq!(
        (&first["page_no"], &first["page_size"]),
        (&json!(1), &json!(5))
    );
    let last = get(&fox, "/companies?PageSize=5&PageNo=3").await.json();
    assert_eq!(ids(&last, "CompanyId"), [2, 1]);
    let behind = get(&fox, "/companies?PageSize=5&PageNo=4").await.json();
    assert_eq!(behind["data"], json!([]));
    // Without parameters there are 25, and with too much a hundred.
    let devices = get(&fox, "/logs").await.json();
    assert_eq!(
        (ids(&devices, "LogId").len(), &devices["page_size"]),
        (25, &json!(25))
    );
    let many = get(&fox, "/logs?PageSize=5000").await.json();
    assert_eq!(
        (ids(&many, "LogId").len(), &many["page_size"]),
        (100, &json!(100))
    );
    for wrong in ["PageNo=0", "PageNo=x", "PageSize=-1", "PageSize="] {
        assert_eq!(
            get(&fox, &format!("/logs?{wrong}")).await.status,
            400,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn what_is_embedded_has_null_where_it_would_embed() {
    let fox = fox().await;
    let device = get(&fox, "/devices/3").await.json()["data"].clone();
    assert_eq!(device["Company"]["CompanyId"], 2);
    assert_eq!(device["Company"].get("Partner"), Some(&Value::Null));
    assert_eq!(device["Subscription"].get("Plan"), Some(&Value::Null));
    let company = get(&fox, "/companies/2").await.json()["data"].clone();
    assert_eq!(company["Partner"]["Name"], "Fox Partner");
    assert_eq!(company["PlanType"]["PlanTypeId"], company["PlanTypeId"]);
    assert_eq!(
        company["StateProvidence"], "IL",
        "as misspelt as the reference has it"
    );
    // A flag that nobody has set is null, which is the same as false.
    let flags: Vec<Value> = get(&fox, "/companies").await.json()["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|company| company["IsInactive"].clone())
        .collect();
    assert!(flags.contains(&Value::Null) && flags.contains(&json!(false)));
    let frequencies: Vec<Value> = get(&fox, "/jobs").await.json()["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job["Frequency"].clone())
        .collect();
    assert!(frequencies.contains(&json!("Monthy")) && frequencies.contains(&json!("Monthly")));
    let job = get(&fox, "/jobs/3").await.json()["data"].clone();
    assert_eq!(job["JobItems"][0]["JobItemId"], 5);
    assert_eq!(job["Device"].get("Company"), Some(&Value::Null));
}

#[tokio::test]
async fn times_have_no_offset_and_two_meanings() {
    let fox = fox().await;
    let device = get(&fox, "/devices/2").await.json()["data"].clone();
    assert_eq!(device["TimeZoneId"], "(UTC-06:00) Central Time");
    assert_eq!(device["AddedOn"], "2015-01-02T00:00:00.000");
    assert_eq!(device["LastApiCheckAt"], "2015-01-02T18:00:00.000");
    // Tokyo is nine hours ahead.
    let log = get(&fox, "/logs/4").await.json()["data"].clone();
    assert_eq!(log["TimeZoneId"], "Asia/Tokyo");
    assert_eq!(log["AddedOn"], "2015-01-01T04:00:00.000");
    assert_eq!(log["JobStartedOn"], "2015-01-01T13:00:00.000");
    let device = get(&fox, &format!("/devices/{}", log["DeviceId"]))
        .await
        .json();
    assert_eq!(log["TimeZoneId"], device["data"]["TimeZoneId"]);
}

#[tokio::test]
async fn a_hundred_thousand_logs_are_there_and_nowhere_kept() {
    let config = Config {
        log_every: Some(Duration::from_secs(60)),
        ..Config::default()
    };
    let (fox, clock) = begin(config).await;
    let newest = get(&fox, "/logs?PageSize=3").await.json();
    assert_eq!(ids(&newest, "LogId"), [100_000, 99_999, 99_998]);
    let oldest = get(&fox, "/logs?PageSize=100&PageNo=1000").await.json();
    let oldest = ids(&oldest, "LogId");
    assert_eq!((oldest[0], oldest[99], oldest.len()), (100, 1, 100));
    assert_eq!(get(&fox, "/logs/100001").await.status, 404);
    assert_eq!(get(&fox, "/logs/0").await.status, 404);
    let log = get(&fox, "/logs/77").await.json()["data"].clone();
    assert_eq!(get(&fox, "/logs/77").await.json()["data"], log);
    assert_eq!(log["LogItems"][1]["LogItemId"], 154);
    assert_eq!(log["Company"]["CompanyId"], log["CompanyId"]);
    let item = get(&fox, "/logitems/154").await.json()["data"].clone();
    assert_eq!(item, log["LogItems"][1]);
    assert_eq!(item.get("Url"), None, "only the calls for a file show one");
    assert_eq!(fox.state()["logs"], 100_000);
    // A minute later there is one more, and every page begins one earlier.
    clock.advance(Duration::from_secs(60));
    let second = get(&fox, "/logs?PageSize=3&PageNo=2").await.json();
    assert_eq!(ids(&second, "LogId"), [99_998, 99_997, 99_996]);
    assert_eq!(write(&fox, "POST", "/logs", &json!({})).await.status, 405);
}

/// Without a socket it is the same: the key, the faults and the books.
#[tokio::test]
async fn a_request_can_come_in_without_a_socket() {
    let fox = fox().await;
    let ask = async |key: &str| {
        let request = http::Request::get("/api/plans").header("authorization", key);
        let request = request.body(bytes::Bytes::new()).unwrap();
        fox.answer("main", request).await
    };
    assert_eq!(ask(BASIC).await.unwrap().status(), 200);
    assert_eq!(ask("Basic *").await.unwrap().status(), 401);
    fox.next(etiquette_standins::Fault::ResetAfter);
    assert!(ask(BASIC).await.is_none());
    let applied: Vec<bool> = fox
        .arrivals()
        .iter()
        .map(|arrival| arrival.applied)
        .collect();
    assert_eq!(applied, [true, false, true]);
}

/// A key that strays into a path, a query, another header or a body is found there.
#[tokio::test]
async fn a_key_is_noticed_wherever_it_stands() {
    let fox = fox().await;
    let key = fox.key().to_owned();
    let headers = [("authorization", BASIC), ("referer", key.as_str())];
    let path = format!("/plans/{key}?q={key}");
    send(&fox, "POST", &path, &headers, &key).await.unwrap();
    let expected = [
        "header authorization",
        "header referer",
        "path",
        "query",
        "body",
    ];
    assert_eq!(fox.arrivals()[0].secrets, expected);
}

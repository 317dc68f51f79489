//! The CleverFox stand-in: writes and their tokens, the queue, and the files.

use std::time::Duration;

use etiquette_standins::cleverfox::{Config, DOWNLOADS, Queue, backup_file};
use etiquette_standins::{Fault, Pause, Standin};
use serde_json::{Value, json};

use crate::cleverfox::{BASIC, begin, fox, get, write};
use crate::client::{exchange, send};

fn company(name: &str) -> Value {
    json!({ "PartnerId": 1, "PlanTypeId": 2, "Name": name, "StateProvidence": "NV" })
}

#[tokio::test]
async fn a_write_has_to_say_that_it_is_json() {
    let fox = fox().await;
    for (kind, body) in [
        (
            "application/x-www-form-urlencoded",
            "PartnerId=1&PlanTypeId=1&Name=A",
        ),
        ("text/json", "{}"),
    ] {
        let headers = [("authorization", BASIC), ("content-type", kind)];
        let refused = send(&fox, "POST", "/companies", &headers, body)
            .await
            .unwrap();
        assert_eq!(refused.status, 400);
        assert_eq!(
            refused.json()["message"],
            "Content-Type must be application/json."
        );
    }
    let bare = [("authorization", BASIC)];
    let refused = send(&fox, "POST", "/companies?Name=A", &bare, "")
        .await
        .unwrap();
    assert_eq!(refused.status, 400);
    let made = write(&fox, "POST", "/companies", &company("New")).await;
    assert_eq!(made.status, 201);
    let made = made.json()["data"].clone();
    assert_eq!(
        (&made["CompanyId"], &made["AddedOn"]),
        (&json!(13), &json!("2015-03-01T00:00:00.000"))
    );
    assert_eq!(
        (&made["UpdatedOn"], &made["IsInactive"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        fox.arrivals()
            .iter()
            .filter(|arrival| arrival.applied)
            .count(),
        1
    );
}

#[tokio::test]
async fn a_token_is_good_once_an_hour() {
    let (fox, clock) = begin(Config::default()).await;
    let mut body = company("Once");
    body["Token"] = "0f9d2c4e".into();
    assert_eq!(write(&fox, "POST", "/companies", &body).await.status, 201);
    clock.advance(Duration::from_secs(3599));
    let again = write(&fox, "POST", "/companies", &body).await;
    assert_eq!(again.status, 409);
    assert_eq!(
        again.json()["message"],
        "A request with this Token has already been received."
    );
    // It is the account's, whatever it was sent to first.
    let put = json!({ "Name": "Renamed", "Token": "0f9d2c4e" });
    assert_eq!(write(&fox, "PUT", "/companies/1", &put).await.status, 409);
    assert_eq!(
        fox.state()["companies"].as_array().unwrap().len(),
        13,
        "processed once"
    );
    clock.advance(Duration::from_secs(1));
    assert_eq!(write(&fox, "POST", "/companies", &body).await.status, 201);
    // What was refused does not use its token up.
    let refused = json!({ "Token": "another" });
    assert_eq!(
        write(&fox, "POST", "/companies", &refused).await.status,
        400
    );
    let mut body = company("Twice");
    body["Token"] = "another".into();
    assert_eq!(write(&fox, "POST", "/companies", &body).await.status, 201);
    body["Token"] = "x".repeat(51).into();
    let long = write(&fox, "POST", "/companies", &body).await.json();
    assert_eq!(
        long["errors"]["Token"][0],
        "Must be a string of at most 50 characters"
    );
}

/// The answer is lost, so the client has to send the same again to learn that it was carried out.
#[tokio::test]
async fn a_lost_answer_is_told_by_a_conflict() {
    let fox = fox().await;
    let mut body = company("Lost");
    body["Token"] = "lost-1".into();
    fox.next(Fault::CloseAfter);
    let headers = [
        ("authorization", BASIC),
        ("content-type", "application/json"),
    ];
    let lost = send(&fox, "POST", "/companies", &headers, &body.to_string()).await;
    assert!(lost.is_err());
    assert_eq!(write(&fox, "POST", "/companies", &body).await.status, 409);
    let arrivals = fox.writes();
    assert_eq!(
        arrivals
            .iter()
            .map(|arrival| arrival.applied)
            .collect::<Vec<_>>(),
        [true, false]
    );
}

#[tokio::test]
async fn a_change_says_the_whole_and_nothing_of_what_is_fixed() {
    let fox = fox().await;
    for fixed in ["PartnerId", "PlanTypeId"] {
        let body = json!({ "Name": "A", (fixed): 1 });
        let refused = write(&fox, "PUT", "/companies/1", &body).await;
        assert_eq!(refused.status, 400);
        assert_eq!(
            refused.json()["errors"][fixed],
            json!(["Cannot be changed"])
        );
    }
    let changed = write(&fox, "PUT", "/companies/1", &json!({ "Name": "A" })).await;
    let changed = changed.json()["data"].clone();
    assert_eq!(
        (&changed["Name"], &changed["StateProvidence"]),
        (&json!("A"), &Value::Null)
    );
    assert_eq!(
        (&changed["PartnerId"], &changed["AddedOn"]),
        (&json!(1), &json!("2015-01-02T00:00:00.000"))
    );
    let missing = write(&fox, "PUT", "/companies/1", &json!({})).await.json();
    assert_eq!(
        missing,
        json!({
            "message": "The request is invalid.", "errors": { "Name": ["Required"] },
        })
    );
    assert_eq!(
        write(&fox, "POST", "/partners", &company("A")).await.status,
        405
    );
    assert_eq!(
        write(&fox, "PUT", "/partners/1", &json!({ "Name": "P" }))
            .await
            .status,
        200
    );
    assert_eq!(
        write(&fox, "PUT", "/plans/1", &json!({ "Name": "P" }))
            .await
            .status,
        405
    );
    let gone = write(&fox, "DELETE", "/companies/1", &json!({})).await;
    assert_eq!((gone.status, &*gone.body), (204, ""));
    assert_eq!(get(&fox, "/companies/1").await.status, 404);
    let events = get(&fox, "/events?PageSize=2").await.json();
    assert_eq!(events["data"][0]["EventType"], "Company Deleted");
    assert_eq!(events["data"][0]["CompanyId"], 1);
    assert_eq!(events["data"][1]["EventType"], "Partner Modified");
}

#[tokio::test]
async fn credentials_are_written_and_never_read() {
    let fox = fox().await;
    let item = json!({
        "JobId": 1, "BackupTypeId": 3, "ServerName": "S", "DatabaseName": "D",
        "Username": "sa", "Password": "hunter22",
    });
    let made = write(&fox, "POST", "/jobitems", &item).await;
    assert_eq!(made.status, 201);
    let path = format!("/jobitems/{}", made.json()["data"]["JobItemId"]);
    let shown = get(&fox, &path).await;
    for text in [&made.body, &shown.body, &fox.state().to_string()] {
        assert!(!text.contains("hunter22"));
    }
    assert_eq!(shown.json()["data"].get("Password"), None);
    let kept = |fox: &Standin| {
        fox.state()["jobitems"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone()
    };
    assert_eq!(
        (&kept(&fox)["Username"], &kept(&fox)["Password"]),
        (&json!("set"), &json!("set"))
    );
    assert!(
        fox.writes()[0]
            .secrets
            .contains(&"body Password".to_owned())
    );
    // A change says the whole, so what it leaves out is gone.
    let item = json!({
        "BackupTypeId": 3, "ServerName": "S", "DatabaseName": "D", "Username": "sa",
    });
    assert_eq!(write(&fox, "PUT", &path, &item).await.status, 200);
    assert_eq!(
        (&kept(&fox)["Username"], kept(&fox).get("Password")),
        (&json!("set"), None)
    );
}

#[tokio::test]
async fn what_several_fields_have_to_say_is_checked() {
    let fox = fox().await;
    let job = |frequency: &str| {
        json!({
            "DeviceId": 1, "Name": "J", "Frequency": frequency, "NextRunOn": "2015-01-01T00:00:00.000",
            "LateAfter": 1440, "Every": 0, "CloudKeepLast": 1, "LocalKeepLast": 1,
        })
    };
    let refused = write(&fox, "POST", "/jobs", &job("Monthy")).await.json();
    assert_eq!(
        refused["errors"],
        json!({
            "LateAfter": ["Must be between 0 and 1439"], "Every": ["Must be between 1 and 999"],
            "DayOfMonth": ["Required"],
        })
    );
    let refused = write(&fox, "POST", "/jobs", &job("Sometimes")).await.json();
    let words = "Must be one of Hourly, Daily, Weekly, Monthy, Monthly, One Time";
    assert_eq!(refused["errors"]["Frequency"][0], words);
    let mut zoned = job("Daily");
    zoned["NextRunOn"] = "2015-01-01T00:00:00Z".into();
    let refused = write(&fox, "POST", "/jobs", &zoned).await.json();
    assert_eq!(
        refused["errors"]["NextRunOn"][0],
        "Must be a date and time without an offset"
    );
    let device = json!({
        "CompanyId": 1, "SubscriptionId": 99, "Name": "D", "TimeZoneId": "UTC",
        "SendNotificationOnJobMissed": true,
    });
    let refused = write(&fox, "POST", "/devices", &device).await.json();
    assert_eq!(
        refused["errors"],
        json!({
            "SendNotificationTo": ["Required"], "SubscriptionId": ["Not found"],
        })
    );
    let user = json!({
        "CompanyId": 1, "FirstName": "A", "LastName": "B", "Email": "a@b.c",
    });
    assert_eq!(
        write(&fox, "POST", "/companyusers", &user).await.status,
        201
    );
    assert_eq!(fox.state()["invitations"], 1);
}

#[tokio::test]
async fn the_agent_of_a_new_device_takes_a_minute() {
    let (fox, clock) = begin(Config::default()).await;
    let device = json!({ "CompanyId": 1, "SubscriptionId": 1, "Name": "D", "TimeZoneId": "UTC" });
    let made = write(&fox, "POST", "/devices", &device).await.json()["data"].clone();
    assert_eq!(made["AgentDownloadUrl"], Value::Null);
    assert!(made["ApiKey"].is_string());
    let path = format!("/devices/{}", made["DeviceId"]);
    clock.advance(Duration::from_secs(59));
    assert_eq!(
        get(&fox, &path).await.json()["data"]["AgentDownloadUrl"],
        Value::Null
    );
    clock.advance(Duration::from_secs(1));
    assert!(get(&fox, &path).await.json()["data"]["AgentDownloadUrl"].is_string());
}

/// Nobody waits on a real clock: the pause ends when the hand is moved.
#[tokio::test]
async fn what_comes_at_once_is_slow_and_then_refused() {
    let mut config = Config {
        queue: Queue {
            most_waiting: 3,
            ..Queue::default()
        },
        ..Config::default()
    };
    let clock =
        etiquette_standins::HandClock::new(std::time::UNIX_EPOCH + Duration::from_secs(9000));
    config.settings.pause = clock.pause();
    let fox = etiquette_standins::cleverfox::start(config, clock.now())
        .await
        .unwrap();
    let gate = etiquette_standins::Gate::new();
    fox.next(Fault::Hold(gate.clone()));
    let get = |fox: &Standin| {
        let address = fox.address();
        async move {
            let request = format!(
                "GET /api/plans HTTP/1.1\r\nhost: a\r\nauthorization: {BASIC}\r\nconnection: close\r\n\r\n"
            );
            String::from_utf8(exchange(address, request.as_bytes()).await.unwrap()).unwrap()
        }
    };
    let mut waiting = Vec::new();
    for number in 1..=3 {
        waiting.push(tokio::spawn(get(&fox)));
        fox.arrived(number).await;
    }
    let refused = get(&fox).await;
    assert!(refused.starts_with("HTTP/1.1 429"));
    assert!(refused.contains("content-type: text/plain"));
    assert!(refused.ends_with(
        "Your request was denied due to a usage violation. You can track this request with \
         support by referencing CF-8F3A21"
    ));
    assert!(!refused.contains("retry-after"));
    gate.open();
    assert!(waiting.remove(0).await.unwrap().starts_with("HTTP/1.1 200"));
    assert!(waiting.iter().all(|request| !request.is_finished()));
    clock.advance(Duration::from_millis(800));
    for request in waiting {
        assert!(request.await.unwrap().starts_with("HTTP/1.1 200"));
    }
    let slowed: Vec<u128> = fox
        .arrivals()
        .iter()
        .map(|arrival| arrival.slowed.as_millis())
        .collect();
    assert_eq!(slowed, [0, 400, 800, 0]);
    // Alone, but within the rest.
    assert!(get(&fox).await.starts_with("HTTP/1.1 429"));
    clock.advance(Duration::from_secs(120));
    assert!(get(&fox).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_refusal_can_be_json_and_a_pause_only_noted() {
    let mut config = Config {
        refuses_in_json: true,
        queue: Queue {
            most_waiting: 1,
            ..Queue::default()
        },
        ..Config::default()
    };
    config.settings.pause = Pause::none();
    let (fox, _) = begin(config).await;
    let gate = etiquette_standins::Gate::new();
    fox.next(Fault::Hold(gate.clone()));
    let (_, refused) = tokio::join!(get(&fox, "/plans"), async {
        fox.arrived(1).await;
        let refused = get(&fox, "/plans").await;
        gate.open();
        refused
    });
    assert_eq!(refused.status, 429);
    let message = refused.json()["message"].as_str().unwrap().to_owned();
    assert!(message.ends_with("CF-8F3A21"), "{message}");
}

/// Asks the files' origin for an address as it was given.
async fn download(fox: &Standin, url: &str, more: &str) -> Vec<u8> {
    let origin = fox.url_of(DOWNLOADS).unwrap();
    let path = url.strip_prefix(&origin).unwrap();
    let host = origin.strip_prefix("http://").unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{more}connection: close\r\n\r\n");
    exchange(host.parse().unwrap(), request.as_bytes())
        .await
        .unwrap()
}

fn body(answer: &[u8]) -> &[u8] {
    let end = answer
        .windows(4)
        .position(|part| part == b"\r\n\r\n")
        .unwrap();
    &answer[end + 4..]
}

#[tokio::test]
async fn files_are_elsewhere_for_a_while_and_want_no_credential() {
    let (fox, clock) = begin(Config::default()).await;
    let item = get(&fox, "/logitems/7/backupfile").await.json()["data"].clone();
    assert_eq!(item["Expires"], "2015-03-01T00:15:00.000");
    let url = item["Url"].as_str().unwrap();
    assert!(!url.contains(&fox.address().to_string()), "another origin");
    let size = usize::try_from(item["BackupFileSize"].as_u64().unwrap()).unwrap();
    let answer = download(&fox, url, "").await;
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert_eq!(body(&answer), backup_file(7, size));
    let refused = download(&fox, url, &format!("authorization: {BASIC}\r\n")).await;
    assert!(refused.starts_with(b"HTTP/1.1 400"));
    assert_eq!(body(&refused), b"Only one auth mechanism allowed");
    let forged = url.replace("/7/", "/9/");
    assert!(
        download(&fox, &forged, "")
            .await
            .starts_with(b"HTTP/1.1 403")
    );
    let list = get(&fox, "/logitems/7/backuplist").await.json()["data"]["Url"].clone();
    let list = download(&fox, list.as_str().unwrap(), "").await;
    assert_eq!(body(&list), b"C:\\Data\\7-0.doc\r\n");
    clock.advance(Duration::from_secs(900));
    let late = download(&fox, url, "").await;
    assert!(late.starts_with(b"HTTP/1.1 403"));
    assert_eq!(body(&late), b"Request has expired");
    let seen: Vec<(usize, Option<u16>)> = fox
        .arrivals()
        .iter()
        .filter(|arrival| arrival.door == DOWNLOADS)
        .map(|arrival| (arrival.secrets.len(), arrival.status))
        .collect();
    assert_eq!(
        seen,
        [
            (0, Some(200)),
            (1, Some(400)),
            (0, Some(403)),
            (0, Some(200)),
            (0, Some(403))
        ]
    );
}

#[tokio::test]
async fn a_seed_misbehaves_the_same_way_each_time() {
    let mut runs = Vec::new();
    for seed in [5, 5, 6] {
        let fox = fox().await;
        fox.misbehave(seed, 500);
        let headers = [("authorization", BASIC)];
        let mut seen = Vec::new();
        for _ in 0..30 {
            let reply = send(&fox, "GET", "/plans", &headers, "").await;
            seen.push(reply.map_or(0, |reply| reply.status));
        }
        runs.push(seen);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    assert!(runs[0].contains(&0) && runs[0].contains(&200));
}

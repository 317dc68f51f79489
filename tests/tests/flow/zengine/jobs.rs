//! Jobs of Zengine that are asked for until they end, and files that are sent in parts, over TCP.

use std::time::Duration;

use bytes::Bytes;
use etiquette_apis::zengine::{
    Client, CreateRecordImportFilesBody, CreateScreenshotsBody, CreateUploadsBody, DataCondition,
    DataFilter, JobStatus, NewRecordExportJob, Ref, SetLogoWorkspacesBody,
};
use etiquette_apis::{Kind, Upload};
use etiquette_standins::zengine::Config;
use http::Method;
use serde_json::{Value, json};

use crate::flow::world::{Live, live_zengine, live_zengine_with};

const EVERY: Duration = Duration::from_secs(2);

fn job() -> NewRecordExportJob {
    let condition = DataCondition::value_condition("", "field123", "new");
    let filter = DataFilter::new().and([condition]);
    NewRecordExportJob::new().form(Ref::new(51)).filter(filter)
}

/// How often the job was looked at; each time as long after the last as is described.
fn looks(live: &Live<Client>, path: &str) -> usize {
    let arrivals = live.server.arrivals();
    assert_eq!(arrivals[0].method, Method::POST);
    let looks = arrivals[1..].iter();
    assert!(
        looks
            .clone()
            .all(|one| one.method == Method::GET && one.path == path)
    );
    let gaps = arrivals.windows(2);
    let gaps = gaps.map(|two| two[1].at.duration_since(two[0].at).unwrap());
    assert!(
        gaps.clone().all(|gap| gap >= EVERY),
        "{:?}",
        gaps.collect::<Vec<_>>()
    );
    looks.len()
}

#[tokio::test]
async fn a_job_is_looked_at_until_it_is_done() {
    let live = live_zengine().await;
    let jobs = live.api.record_export_jobs();
    let done = jobs.create(&job()).poll().await.unwrap();
    assert_eq!(done.status, Some(JobStatus::Completed));
    assert!(done.file.is_some());
    let path = format!("/v1/record_export_jobs/{}", done.id);
    // It takes thirty seconds.
    assert_eq!(looks(&live, &path), 15);
    let sent: Value = serde_json::from_slice(&live.server.writes()[0].body).unwrap();
    assert_eq!(
        sent,
        json!({"form": {"id": 51}, "filter": {"and": [
            {"prefix": "", "attribute": "field123", "value": "new"},
        ]}})
    );
}

#[tokio::test]
async fn a_job_that_fails_says_why() {
    let live = live_zengine().await;
    let mut new = job();
    new.extra.insert("attributes".to_owned(), json!("field999"));
    let jobs = live.api.record_export_jobs();
    let error = jobs.create(&new).poll().await.unwrap_err();
    assert_eq!(error.kind(), Kind::JobFailed);
    let last: Value = error.body_as().unwrap();
    assert_eq!(last["data"]["status"], "failed");
    assert_eq!(
        last["data"]["errorMessage"],
        "Attribute field999 does not exist"
    );
    assert_eq!(looks(&live, "/v1/record_export_jobs/1"), 15);
}

/// What takes too long goes on; the error says so and keeps how far it was.
#[tokio::test]
async fn a_job_that_takes_too_long_goes_on() {
    let config = Config {
        job_takes: Duration::from_secs(3_600),
        ..Config::default()
    };
    let live = live_zengine_with(config, |builder| builder).await;
    let jobs = live.api.record_export_jobs();
    let error = jobs.create(&job()).poll().await.unwrap_err();
    assert_eq!(error.kind(), Kind::StillRunning);
    let last: Value = error.body_as().unwrap();
    assert!(["queued", "in-progress"].contains(&last["data"]["status"].as_str().unwrap()));
    let looks = looks(&live, "/v1/record_export_jobs/1");
    assert!((295..=300).contains(&looks), "{looks}");
    // What was made without asking further is asked for later.
    live.clock.advance(Duration::from_secs(3_600));
    let job = jobs.get(1).await.unwrap();
    assert_eq!(job.status, Some(JobStatus::Completed));
}

/// FNV-1a, which the server tells of what it was sent.
fn sum(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// What has line ends, dashes and all bytes there are arrives as it was.
#[tokio::test]
async fn a_file_is_sent_in_parts() {
    let live = live_zengine().await;
    let mut content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    content.extend(b"\r\n--\r\n\r\n--boundary--\r\n");
    let upload = Upload::from_bytes("Gr\u{f6}\u{df}e \"2\".csv", Bytes::from(content.clone()));
    let body = CreateUploadsBody::new(upload.with_content_type("text/csv"));
    let file = live.api.forms().uploads(51).create(&body).await.unwrap();
    assert_eq!(file.name.as_deref(), Some("Gr\u{f6}\u{df}e \"2\".csv"));
    for (member, expected) in [
        ("size", json!(content.len())),
        ("sum", json!(sum(&content))),
        ("type", json!("text/csv")),
        ("part", json!("file")),
        ("for", json!("forms/51/uploads")),
    ] {
        assert_eq!(file.extra[member], expected, "{member}");
    }
    assert_eq!(live.server.arrivals()[0].path, "/v1/forms/51/uploads");
    let read = live.api.files().get(file.id).await.unwrap();
    assert_eq!((read.id, read.name), (file.id, file.name));
}

#[tokio::test]
async fn files_of_all_sorts_find_their_places() {
    let live = live_zengine().await;
    let file = |name: &str| Upload::from_bytes(name, &b"content"[..]);
    let logo = SetLogoWorkspacesBody::new(file("logo.png"));
    live.api.workspaces().set_logo(10_001, &logo).await.unwrap();
    let workspace = live.api.workspaces().get(10_001).await.unwrap();
    assert_eq!(workspace.logo_path.as_deref(), Some("/logos/logo.png"));
    let picture = CreateScreenshotsBody::new(file("picture.png"));
    let plugins = live.api.plugins();
    plugins.screenshots(81).create(&picture).await.unwrap();
    let rows = CreateRecordImportFilesBody::new(file("rows.csv"));
    let rows = live.api.record_import_files().create(&rows).await.unwrap();
    assert_eq!(rows.extra["name"], "rows.csv");
    let paths: Vec<String> = live
        .server
        .writes()
        .into_iter()
        .map(|one| one.path)
        .collect();
    assert_eq!(
        paths,
        [
            "/v1/workspaces/10001/logo",
            "/v1/plugins/81/screenshots",
            "/v1/record_import_files",
        ]
    );
}

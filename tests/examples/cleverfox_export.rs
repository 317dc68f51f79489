//! Exports the logs of a backup service, one page after the other, and fetches one backup file, against a stand-in of
//! the CleverFox partner API on loopback. The export is broken off in the middle and goes on where it was.
//!
//! `cargo run --package etiquette-tests --example cleverfox_export`

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

use etiquette_apis::cleverfox;
use etiquette_standins::{Now, cleverfox as standin};
use futures::StreamExt;
use futures::channel::mpsc;
use futures::future::select;
use runtime::testing::VirtualClock;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    run().await?;
    Ok(())
}

/// Gives the logs in the file, how many requests the server answered at once, and the bytes of the backup file.
pub(crate) async fn run() -> Result<(u64, usize, u64), Box<dyn std::error::Error>> {
    let clock = VirtualClock::over_sockets();
    let reading = clock.clone();
    let now: Now = Arc::new(move || reading.now_system());
    let config = standin::Config {
        logs: 300,
        ..standin::Config::default()
    };
    let server = standin::start(config, now).await?;
    let api = cleverfox::Client::builder()
        .key(server.key())
        .with_base_url(server.url())
        .with_clock(clock.clone())
        .build()?;

    let folder = std::env::temp_dir().join(format!("cleverfox-export-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let logs = export_logs(&api, &folder.join("logs.jsonl")).await;
    let bytes = fetch_backup(&api, &folder.join("600.zip")).await;
    std::fs::remove_dir_all(&folder)?;
    let at_once = server.most_at_once();
    println!("the server answered {at_once} request at once, at most");
    server.stop().await;
    Ok((logs?, at_once, bytes?))
}

/// Writes all logs into a file, one JSON text a line. The first run is dropped after three pages, as
/// if the process had ended; the same call goes on.
async fn export_logs(
    api: &cleverfox::Client,
    file: &Path,
) -> Result<u64, Box<dyn std::error::Error>> {
    let estimate = api
        .logs()
        .list()
        .page_size(50)
        .export(file)
        .estimate()
        .await?;
    println!(
        "about {} logs in {} requests",
        estimate.items.unwrap_or(0),
        estimate.requests.unwrap_or(0)
    );
    let (told, mut pages) = mpsc::unbounded();
    let first = api.logs().list().page_size(50).export(file);
    let first = first
        .without_estimate()
        .on_progress(move |so_far| drop(told.unbounded_send(so_far.pages)));
    let third = async { while pages.next().await.is_some_and(|pages| pages < 3) {} };
    select(first, pin!(third)).await;

    let second = api.logs().list().page_size(50).export(file);
    let report = second
        .without_estimate()
        .on_progress(|so_far| println!("{:>4} logs, {} bytes", so_far.items, so_far.bytes))
        .await?;
    println!(
        "{} logs in {} pages, {} requests",
        report.items, report.pages, report.requests
    );
    Ok(report.items)
}

/// The API tells an address that is good for a while; the key does not go there.
async fn fetch_backup(
    api: &cleverfox::Client,
    file: &Path,
) -> Result<u64, Box<dyn std::error::Error>> {
    let download = api.log_items().backup_file(600).download().await?;
    let bytes = download.save_to(file).await?;
    println!("a backup file of {bytes} bytes");
    Ok(bytes)
}

//! Backup files of CleverFox, over TCP: the API tells an address, and the file comes from another origin, to which no
//! credential goes along.

use std::path::PathBuf;
use std::time::Duration;

use etiquette_apis::cleverfox::{self, Fault};
use etiquette_apis::{Error, Kind};
use etiquette_standins::cleverfox::{Config, DOWNLOADS, backup_file};
use etiquette_standins::{Arrival, Credential, Fault as Play};
use http::Method;
use serde_json::json;

use crate::flow::world::{KEY, Live, live_cleverfox_with};

const SIZE: usize = 3 << 20;
const ITEM: i64 = 7;
const FILE: &str = "/files/7/backupfile";

async fn fox() -> Live<cleverfox::Client> {
    live_cleverfox_with(Config {
        file_size: SIZE,
        ..Config::default()
    })
    .await
}

fn expected() -> bytes::Bytes {
    backup_file(7, SIZE + 7)
}

/// What reached the origin of the files.
fn fetched(live: &Live<cleverfox::Client>) -> Vec<Arrival> {
    let arrivals = live.server.arrivals().into_iter();
    arrivals.filter(|one| one.door == DOWNLOADS).collect()
}

fn is_silent(error: &Error) {
    let text = format!("{error} {error:?}");
    assert!(!text.contains("signature") && !text.contains(KEY), "{text}");
}

#[tokio::test]
async fn a_backup_file_comes_in_pieces_and_whole() {
    let live = fox().await;
    let items = live.api.log_items();
    let item = items.backup_file(ITEM).await.unwrap();
    assert!(item.url.is_some() && item.expires.is_some());
    assert_eq!(
        item.backup_file_size,
        Some(i64::try_from(SIZE + 7).unwrap())
    );
    assert!(
        !format!("{item:?}").contains("signature"),
        "who has the address has the file"
    );
    assert!(fetched(&live).is_empty());

    let mut download = items.backup_file(ITEM).download().await.unwrap();
    assert_eq!(download.length(), Some((SIZE + 7) as u64));
    let (mut all, mut pieces) = (Vec::new(), 0);
    while let Some(piece) = download.chunk().await.unwrap() {
        assert!(piece.len() < SIZE, "it is streamed");
        all.extend_from_slice(&piece);
        pieces += 1;
    }
    assert!(pieces > 3 && all == expected(), "{pieces} pieces");

    let arrivals = fetched(&live);
    assert_eq!(arrivals.len(), 1);
    assert_eq!(arrivals[0].path, FILE);
    assert_eq!(arrivals[0].credential, Credential::Missing);
    assert!(arrivals[0].header("authorization").is_none() && arrivals[0].secrets.is_empty());
    let asked = live.server.arrivals();
    assert_eq!(asked[1].path, "/api/logitems/7/backupfile");
    assert_eq!(asked[1].secrets, ["header authorization"]);
}

#[tokio::test]
async fn a_list_of_files_is_fetched_too() {
    let live = fox().await;
    let list = live.api.log_items().backup_list(ITEM).download().await;
    let list = list.unwrap().bytes(10_000).await.unwrap();
    assert_eq!(&list[..], b"C:\\Data\\7-0.doc\r\n");
    let error = live.api.log_items().backup_file(900_000).download().await;
    let error = error.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::NotFound));
    assert_eq!(fetched(&live).len(), 1);
}

/// An address that has ended is not even tried; where the answer hides that, the origin says it, and its words name no
/// address.
#[tokio::test]
async fn an_address_that_has_ended_is_refused() {
    let live = live_cleverfox_with(Config {
        download_lives: Duration::ZERO,
        ..Config::default()
    })
    .await;
    let file = live.api.log_items().backup_file(ITEM);
    let error = file.clone().download().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Expired);
    is_silent(&error);
    assert!(fetched(&live).is_empty());

    live.server.next(Play::set("/data/Expires", json!(null)));
    let error = file.download().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Api, Some(403)));
    is_silent(&error);
    assert_eq!(fetched(&live).len(), 1);
}

/// An answer that leads elsewhere is not followed.
#[tokio::test]
async fn an_address_elsewhere_is_not_fetched() {
    let live = fox().await;
    for url in [
        "https://files.example.com/7?signature=1",
        "https://cleverfoxbackup.com.example.com/7?signature=1",
        "http://cleverfoxbackup.com/7?signature=1",
        "https://user@cleverfoxbackup.com/7?signature=1",
        "ftp://cleverfoxbackup.com/7?signature=1",
        "/files/7/backupfile?signature=1",
    ] {
        live.server.next(Play::set("/data/Url", json!(url)));
        let error = live.api.log_items().backup_file(ITEM).download().await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), Kind::CrossOriginLink, "{url}");
        is_silent(&error);
    }
    assert!(fetched(&live).is_empty());
}

/// A folder of this test's own, which goes with it.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A file that breaks off is an error and never a short file; the next download is whole.
#[tokio::test]
async fn a_file_that_breaks_off_is_an_error() {
    let live = fox().await;
    let name = format!("etiquette-fox-{}", std::process::id());
    let folder = Folder(std::env::temp_dir().join(name));
    std::fs::create_dir_all(&folder.0).unwrap();
    let path = folder.0.join("7.zip");
    for keep in [0, 1, SIZE / 2, SIZE + 6] {
        live.server
            .next_for(Method::GET, FILE, Play::Truncate { keep });
        let download = live.api.log_items().backup_file(ITEM).download();
        let error = download.await.unwrap().save_to(&path).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Truncated, "{keep}");
        is_silent(&error);
        assert_eq!(
            std::fs::read_dir(&folder.0).unwrap().count(),
            0,
            "nothing is left"
        );
    }
    let download = live.api.log_items().backup_file(ITEM).download();
    let length = download.await.unwrap().save_to(&path).await.unwrap();
    assert_eq!(length, (SIZE + 7) as u64);
    assert!(std::fs::read(&path).unwrap() == expected());
    assert_eq!(
        fetched(&live).len(),
        5,
        "nothing was fetched twice by itself"
    );
}

/// Before the head of the file's answer it may be asked for again.
#[tokio::test]
async fn an_origin_that_falters_is_asked_again() {
    let live = fox().await;
    live.server.next_for(Method::GET, FILE, Play::status(503));
    live.server.next_for(Method::GET, FILE, Play::ResetBefore);
    let download = live.api.log_items().backup_file(ITEM).download();
    let file = download.await.unwrap().bytes(SIZE + 7).await.unwrap();
    assert!(file == expected());
    let arrivals = fetched(&live);
    assert_eq!(arrivals.len(), 3);
    assert!(arrivals.iter().all(|one| one.secrets.is_empty()));
    let asked = live.server.arrivals().len() - 3;
    assert_eq!(asked, 1, "the address was asked for once");
}

//! The examples do what they say, and the README's first lines are Rust that compiles.
//!
//! The examples run here as they run for a reader: against a server on loopback, in virtual time.

#[allow(dead_code, reason = "the example has a `main` of its own")]
#[path = "../examples/cleverfox_export.rs"]
mod cleverfox_export;
#[allow(dead_code, reason = "the example has a `main` of its own")]
#[path = "../examples/hive_sync.rs"]
mod hive_sync;
#[allow(dead_code, reason = "the example has a `main` of its own")]
#[path = "../examples/metrics.rs"]
mod metrics;
#[allow(dead_code, reason = "the example has a `main` of its own")]
#[path = "../examples/quickstart.rs"]
mod quickstart;

use etiquette_apis::users;

const README: &str = include_str!("../../README.md");
const THIS: &str = include_str!("examples.rs");

/// A create, a get and 201 pages, at most sixty a minute.
#[tokio::test]
async fn the_quickstart_stays_inside_of_the_limit() {
    let windows = quickstart::run().await.unwrap();
    assert_eq!(windows.iter().sum::<u32>(), 203);
    assert!(windows.iter().all(|count| *count <= 60), "{windows:?}");
}

/// Three pages of orders, one of SKUs, a patch and a bulk write.
#[tokio::test]
async fn the_sync_reads_and_writes() {
    assert_eq!(hive_sync::run().await.unwrap(), (6, 2));
}

/// Three hundred logs one page after the other, broken off once; and a file that no credential went to fetch.
#[tokio::test]
async fn the_export_is_polite_and_whole() {
    let (logs, at_once, bytes) = cleverfox_export::run().await.unwrap();
    assert_eq!((logs, at_once), (300, 1));
    assert_eq!(bytes, 4096 + 600);
}

/// Row K5: thirty calls make a handful of rows, each named by a route's template, and none is missing.
#[tokio::test]
async fn the_metrics_have_few_labels() {
    let metrics = metrics::run().await.unwrap();
    assert_eq!(metrics.len(), 15, "{metrics:#?}");
    let count = |start: &str, end: &str| -> u64 {
        let rows = metrics.iter();
        rows.filter(|(name, _)| name.starts_with(start) && name.contains(end))
            .map(|(_, row)| row.count)
            .sum()
    };
    assert_eq!(count("etiquette.client.call", ""), 30);
    assert_eq!(count("etiquette.client.call", "failed"), 1);
    assert_eq!(count("http.client.request.duration", ""), 32);
    assert_eq!(count("http.client.request.duration", "status_code=200"), 28);
    assert_eq!(count("etiquette.client.refusals", ""), 1);
    assert_eq!(count("etiquette.client.wait", "reason=gate"), 2);
    assert!(
        metrics
            .values()
            .all(|row| row.buckets.iter().sum::<u64>() == row.count)
    );
}

/// What the README shows first, as it stands there but for its comments.
async fn as_the_readme_says() -> etiquette_apis::Result<()> {
    let api = users::Client::from_env()?;
    let mut all = api.users().list().limit(50).items();
    while let Some(user) = all.try_next().await? {
        println!("{}", user.name);
    }
    Ok(())
}

/// The code without blanks and comments, so that the formatter changes nothing.
fn bare(code: &str) -> String {
    let lines = code
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.flat_map(str::split_whitespace).collect()
}

#[test]
fn the_readmes_first_lines_compile() {
    let block = README
        .split("```rust,ignore\n")
        .nth(1)
        .expect("the README shows some Rust");
    let block = block.split("```").next().unwrap();
    assert_eq!(block.lines().count(), 3, "{block}");
    let here = THIS.split("async fn as_the_readme_says").nth(1).unwrap();
    assert!(bare(here).contains(&bare(block)), "{block}");
}

/// Without a key in the environment the call fails, and names what it wants.
#[tokio::test]
async fn the_readmes_first_lines_run() {
    if std::env::var_os("USERS_API_KEY").is_none() {
        let error = as_the_readme_says().await.unwrap_err();
        assert!(error.to_string().contains("USERS_API_KEY"), "{error}");
    }
}

/// Row I14: descriptions are no tests. The crate that they become has none, and says so.
#[test]
fn the_generated_crate_has_no_doc_tests() {
    for manifest in [
        include_str!("../../generated/Cargo.toml"),
        include_str!("../cases/Cargo.toml"),
    ] {
        let library = manifest.split("[lib]").nth(1).unwrap();
        let library = library.split("\n[").next().unwrap();
        assert!(
            library.lines().any(|line| line == "doctest = false"),
            "{library}"
        );
    }
}

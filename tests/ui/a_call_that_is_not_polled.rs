//! Only what takes its time is asked for again and again.

use etiquette_cases::bulk::Client;

async fn count(api: &Client) {
    let _ = api.teams().tasks(7).count().poll().await;
}

fn main() {}

//! Row H9: all items in memory need a bound.

use etiquette_apis::users::Client;

async fn all(api: &Client) {
    let _ = api.users().list().items().collect_at_most().await;
}

fn main() {}

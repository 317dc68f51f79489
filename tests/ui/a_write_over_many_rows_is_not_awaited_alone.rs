//! How many rows are expected has to be said.

use etiquette_cases::bulk::Client;

async fn delete(api: &Client) {
    let _ = api.teams().tasks(7).delete_many().id_in([1, 2]).await;
}

fn main() {}

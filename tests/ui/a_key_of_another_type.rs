//! A key has its field's type.

use etiquette_apis::hive::Client;

fn get(api: &Client) {
    let _ = api.orders().get("1");
}

fn main() {}

//! A filter takes its field's type.

use etiquette_apis::hive::Client;

fn since(api: &Client) {
    let _ = api.orders().list().created_at(1..);
}

fn main() {}

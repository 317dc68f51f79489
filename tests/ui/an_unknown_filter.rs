//! A filter that the description does not name does not exist.

use etiquette_apis::hive::Client;

fn by_status(api: &Client) {
    let _ = api.orders().list().status("fulfilled");
}

fn main() {}

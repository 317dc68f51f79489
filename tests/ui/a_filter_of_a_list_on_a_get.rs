//! A filter belongs to the list.

use etiquette_apis::hive::Client;
use etiquette_apis::values::Timestamp;

fn since(api: &Client) {
    let _ = api.orders().get(1).created_at(Timestamp::UNIX_EPOCH..);
}

fn main() {}

//! There is no call that the description does not name.

use etiquette_apis::users::Client;

fn delete(api: &Client) {
    let _ = api.users().delete("user_1");
}

fn main() {}

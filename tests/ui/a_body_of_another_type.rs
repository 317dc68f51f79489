//! A call takes its own body.

use etiquette_apis::hive::{Client, SkuPatch};

fn update(api: &Client, patch: &SkuPatch) {
    let _ = api.orders().update(1, patch);
}

fn main() {}

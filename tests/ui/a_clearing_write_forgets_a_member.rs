//! A write that clears what it leaves out asks for all of it.

use etiquette_apis::hive::SkuBulkUpsert;

fn main() {
    let _ = SkuBulkUpsert { merchant_sku_id: String::new(), name: String::new() };
}

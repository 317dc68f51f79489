//! A member without null cannot be cleared.

use etiquette_apis::Patch;
use etiquette_apis::hive::OrderPatch;

fn main() {
    let mut patch = OrderPatch::new();
    patch.customer_order_number = Patch::Null;
    patch.currency = Patch::Null;
}

//! What the server sets cannot be patched.

use etiquette_apis::hive::{OrderPatch, OrderStatus};

fn main() {
    let _ = OrderPatch::new().status(OrderStatus::Fulfilled);
}

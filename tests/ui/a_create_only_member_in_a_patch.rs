//! What is set once cannot be patched.

use etiquette_apis::hive::OrderPatch;
use etiquette_apis::values::Timestamp;

fn main() {
    let _ = OrderPatch::new().created_at(Timestamp::UNIX_EPOCH);
}

//! A member without null cannot be cleared.

use etiquette_apis::Patch;
use etiquette_apis::hive::OrderPatch;

fn main() {
    let _ = OrderPatch::new().currency(Patch::Null);
}

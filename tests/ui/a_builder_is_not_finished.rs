//! A builder that is not finished is not the body.

use etiquette_apis::hive::Address;

fn main() {
    let _: Address = Address::builder().full_name("Charlie Brown");
}

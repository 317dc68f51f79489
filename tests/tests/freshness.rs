//! The committed crate is what the descriptions become now, and nothing else.

use std::path::Path;

/// Rows J5, J6: as `cargo xtask generate --check`, which prints what differs and the cure.
#[test]
fn generated_code_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace is above");
    let report = etiquette_xtask::check(root);
    assert!(report.is_ok(), "{}", report.unwrap_err());
}

//! What must not compile, with the message that a caller sees. `TRYBUILD=overwrite` writes it anew.

#[test]
fn mistakes_do_not_compile() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}

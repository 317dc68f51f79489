//! The binary behind `cargo xtask`. Everything is in the library, so that another repository's
//! own task runner is these two lines too.
fn main() -> std::process::ExitCode {
    etiquette_xtask::main()
}

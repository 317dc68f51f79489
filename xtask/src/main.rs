//! The binary behind `cargo xtask`. Everything is in the library, so that another repository's
//! own task runner is these lines too.

/// A generator makes and drops some millions of tokens; a fifth of its time goes with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    etiquette_xtask::main()
}

//! The Zengine stand-in as a program.

use std::process::ExitCode;

use etiquette_standins::{clock, program, zengine};

fn main() -> ExitCode {
    program::run("standin-zengine", |adjust| {
        let mut config = zengine::Config::default();
        adjust(&mut config.settings);
        zengine::start(config, clock::system())
    })
}

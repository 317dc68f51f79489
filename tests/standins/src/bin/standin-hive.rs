//! The Hive stand-in as a program.

use std::process::ExitCode;

use etiquette_standins::{clock, hive, program};

fn main() -> ExitCode {
    program::run("standin-hive", |adjust| {
        let mut config = hive::Config::default();
        adjust(&mut config.settings);
        hive::start(config, clock::system())
    })
}

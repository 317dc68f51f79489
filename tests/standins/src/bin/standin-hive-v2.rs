//! The stand-in of Hive's second version as a program.

use std::process::ExitCode;

use etiquette_standins::hive::v2;
use etiquette_standins::{clock, program};

fn main() -> ExitCode {
    program::run("standin-hive-v2", |adjust| {
        let mut config = v2::Config::default();
        adjust(&mut config.settings);
        v2::start(config, clock::system())
    })
}

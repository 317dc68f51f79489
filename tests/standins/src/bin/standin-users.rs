//! The users stand-in as a program.

use std::process::ExitCode;

use etiquette_standins::{clock, program, users};

fn main() -> ExitCode {
    program::run("standin-users", |adjust| {
        let mut config = users::Config::default();
        adjust(&mut config.settings);
        users::start(config, clock::system())
    })
}

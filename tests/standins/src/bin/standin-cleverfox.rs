//! The CleverFox stand-in as a program.

use std::process::ExitCode;

use etiquette_standins::{cleverfox, clock, program};

fn main() -> ExitCode {
    program::run("standin-cleverfox", |adjust| {
        let mut config = cleverfox::Config::default();
        adjust(&mut config.settings);
        cleverfox::start(config, clock::system())
    })
}

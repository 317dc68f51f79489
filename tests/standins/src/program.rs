//! A stand-in as a program: reads its arguments, starts it on the system's clock, says where.
//!
//! It runs until it is killed.

use std::future::pending;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::clock::Pause;
use crate::ledger::MAIN;
use crate::server::{Settings, Standin};

/// How often a program misbehaves that was given a seed.
const FAULTS_OF_A_THOUSAND: u16 = 100;

/// What the arguments ask for.
struct Wishes {
    port: u16,
    max: Option<u32>,
    /// The seed of its misbehaviour.
    faults: Option<u64>,
}

/// Runs a program; `start` starts its stand-in after `adjust` has changed the settings.
pub fn run<F, S>(name: &str, start: F) -> ExitCode
where
    F: FnOnce(&dyn Fn(&mut Settings)) -> S,
    S: Future<Output = io::Result<Standin>>,
{
    let wishes = match read(std::env::args().skip(1)) {
        Ok(wishes) => wishes,
        Err(complaint) => {
            eprintln!(
                "{name}: {complaint}\nusage: {name} [--port <port>] [--limit <requests per window>] [--faults <seed>]"
            );
            return ExitCode::from(2);
        }
    };
    let adjust = |settings: &mut Settings| {
        settings.port = wishes.port;
        settings.pause = Pause::with_tokio();
        if let (Some(max), Some(limit)) = (wishes.max, &mut settings.limit) {
            limit.max = max;
        }
    };
    match serve(start, &adjust, wishes.faults) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve<F, S>(start: F, adjust: &dyn Fn(&mut Settings), faults: Option<u64>) -> io::Result<()>
where
    F: FnOnce(&dyn Fn(&mut Settings)) -> S,
    S: Future<Output = io::Result<Standin>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let standin = start(adjust).await?;
        if let Some(seed) = faults {
            standin.misbehave(seed, FAULTS_OF_A_THOUSAND);
        }
        // Whoever started it reads these lines from a pipe, so they must not wait in a buffer.
        let mut out = io::stdout().lock();
        writeln!(out, "url {}\nkey {}", standin.url(), standin.key())?;
        for door in standin.doors().filter(|door| *door != MAIN) {
            if let Some(url) = standin.url_of(door) {
                writeln!(out, "door {door} {url}")?;
            }
        }
        out.flush()?;
        drop(out);
        pending::<()>().await;
        Ok(())
    })
}

fn read(mut arguments: impl Iterator<Item = String>) -> Result<Wishes, String> {
    let mut wishes = Wishes {
        port: 0,
        max: None,
        faults: None,
    };
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or(format!("`{argument}` needs a number"))
        };
        let wrong = |value: &str| format!("`{argument}` cannot be `{value}`");
        match argument.as_str() {
            "--port" => {
                let value = value()?;
                wishes.port = value.parse().map_err(|_| wrong(&value))?;
            }
            "--limit" => {
                let value = value()?;
                wishes.max = Some(value.parse().map_err(|_| wrong(&value))?);
            }
            "--faults" => {
                let value = value()?;
                wishes.faults = Some(value.parse().map_err(|_| wrong(&value))?);
            }
            _ => return Err(format!("unknown argument `{argument}`")),
        }
    }
    Ok(wishes)
}

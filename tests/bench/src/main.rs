//! CPU and allocations for each request over loopback TCP: our client beside a bare hyper connection,
//! reqwest, a client that progenitor generated and ureq, interleaved in one run.
//!
//! `cargo run --release --manifest-path tests/bench/Cargo.toml`.
//! The server is a process of its own, so that this one's CPU time (user and system, all threads) is the
//! client's. Rounds are short and many; each measures every candidate once, in an order that moves on by
//! one. Times are medians; ratios compare with bare hyper in the same round: median and quartiles.

mod client;
mod others;
mod ours;
mod server;

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use client::Client;

const ROUNDS: usize = 41;

/// One kind of request.
#[derive(Clone, Copy)]
pub(crate) enum Load {
    Object,
    Page,
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return server::serve();
    }
    let program = std::env::current_exe().expect("this program has a path");
    let mut child = Command::new(program)
        .arg("serve")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let address = server::address_of(&mut child);
    println!(
        "| load | concurrency | client | CPU µs | × hyper | quartiles | allocations | bytes | connections |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for load in [Load::Object, Load::Page] {
        for concurrency in [1, 32] {
            measure(load, concurrency, address);
        }
    }
    child.kill().expect("the server was running");
    child.wait().expect("the server ends");
}

fn measure(load: Load, concurrency: usize, address: SocketAddr) {
    let (name, requests) = match (load, concurrency) {
        (Load::Object, 1) => ("200-byte object", 640),
        (Load::Object, _) => ("200-byte object", 1_280),
        (Load::Page, _) => ("17 KB page", 320),
    };
    let mut clients = Client::all(address, concurrency);
    let mut times = vec![Vec::new(); clients.len()];
    let mut connections = vec![0; clients.len()];
    for (client, opened) in clients.iter_mut().zip(&mut connections) {
        let before = server::connections(address);
        client.run(load, requests);
        *opened = server::connections(address) - before - 1;
    }
    for round in 0..ROUNDS {
        for turn in 0..clients.len() {
            let which = (round + turn) % clients.len();
            let before = cpu_ns();
            clients[which].run(load, requests);
            times[which].push((cpu_ns() - before) as f64 / requests as f64);
        }
    }
    let bare = times[0].clone();
    for ((client, times), opened) in clients.iter_mut().zip(&times).zip(connections) {
        let counted = 320;
        let (count, bytes) = client.allocations(load, counted);
        let mut ratios: Vec<f64> = times.iter().zip(&bare).map(|(a, b)| a / b).collect();
        ratios.sort_by(f64::total_cmp);
        println!(
            "| {name} | {concurrency} | {} | {:.2} | {:.2} | {:.2}–{:.2} | {:.1} | {} | {opened} |",
            client.name(),
            median(times) / 1000.0,
            ratios[ROUNDS / 2],
            ratios[ROUNDS / 4],
            ratios[ROUNDS - 1 - ROUNDS / 4],
            count as f64 / counted as f64,
            bytes / counted as u64,
        );
    }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Nanoseconds that the threads of this process were on a processor.
fn cpu_ns() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

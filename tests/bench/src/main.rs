//! CPU and allocations for each request over loopback TCP: the generated client with all its policies
//! beside a bare hyper connection, interleaved in one run.
//!
//! `cargo run --release --manifest-path tests/bench/Cargo.toml`
//!
//! The server is a process of its own. CPU time is that of the one thread that runs the client
//! (`/proc/thread-self/schedstat`), so this needs Linux. Figures are medians of rounds; ratios are
//! medians of the rounds' own ratios.

mod client;
mod server;

use std::process::{Command, Stdio};

use client::{Bare, Ours};

const ROUNDS: usize = 9;

/// One kind of request.
#[derive(Clone, Copy)]
pub(crate) enum Load {
    Object,
    Page,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("serve") {
        return server::serve();
    }
    let program = std::env::current_exe().expect("this program has a path");
    let mut child = Command::new(program)
        .arg("serve")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let address = server::address_of(&mut child);
    println!("| load | concurrency | client | CPU µs | × hyper | allocations | bytes |");
    println!("|---|---|---|---|---|---|---|");
    for load in [Load::Object, Load::Page] {
        for concurrency in [1, 32] {
            measure(load, concurrency, address);
        }
    }
    child.kill().expect("the server was running");
    child.wait().expect("the server ends");
}

fn measure(load: Load, concurrency: usize, address: std::net::SocketAddr) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let requests = match (load, concurrency) {
        (Load::Object, 1) => 4_800,
        (Load::Object, _) => 9_600,
        (Load::Page, _) => 1_600,
    };
    let mut bare = runtime.block_on(Bare::connect(address, concurrency));
    let ours = Ours::new(address);
    runtime.block_on(bare.run(load, concurrency));
    runtime.block_on(ours.run(load, concurrency, concurrency));
    let (mut bare_ns, mut ours_ns, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let mut one = [0.0; 2];
        for turn in 0..2 {
            let which = (round + turn) % 2;
            let before = cpu_ns();
            match which {
                0 => runtime.block_on(bare.run(load, requests)),
                _ => runtime.block_on(ours.run(load, concurrency, requests)),
            }
            one[which] = (cpu_ns() - before) as f64 / requests as f64;
        }
        bare_ns.push(one[0]);
        ours_ns.push(one[1]);
        ratios.push(one[1] / one[0]);
    }
    let counted = 320;
    let bare_allocations =
        allocation_counter::measure(|| runtime.block_on(bare.run(load, counted)));
    let ours_allocations =
        allocation_counter::measure(|| runtime.block_on(ours.run(load, concurrency, counted)));
    let name = match load {
        Load::Object => "200-byte object",
        Load::Page => "17 KB page",
    };
    for (client, ns, ratio, info) in [
        ("bare hyper", median(&mut bare_ns), 1.0, bare_allocations),
        (
            "ours",
            median(&mut ours_ns),
            median(&mut ratios),
            ours_allocations,
        ),
    ] {
        println!(
            "| {name} | {concurrency} | {client} | {:.2} | {ratio:.2} | {:.1} | {} |",
            ns / 1000.0,
            info.count_total as f64 / counted as f64,
            info.bytes_total / counted as u64,
        );
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Nanoseconds that this thread was on a processor.
fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")
        .expect("Linux tells the time of a thread");
    text.split(' ')
        .next()
        .and_then(|first| first.parse().ok())
        .expect("the first number is the time")
}

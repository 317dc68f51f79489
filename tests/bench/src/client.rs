//! The candidates behind one face, and the first of them: a bare hyper connection for each concurrent
//! caller. All but our generated client decode with serde's derive.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, HOST};
use hyper_util::rt::TokioIo;
use tokio::runtime::Runtime;

use crate::Load;
use crate::others::{Progenitor, Reqwest, Ureq};
use crate::ours::{Generated, Table};

#[derive(serde::Deserialize)]
#[allow(dead_code, reason = "decoded as an application would")]
pub(crate) struct User {
    id: String,
    name: String,
    email: String,
    #[serde(rename = "createdAt")]
    created_at: String,
    #[serde(rename = "updatedAt")]
    updated_at: Option<String>,
}

#[derive(serde::Deserialize)]
#[allow(dead_code, reason = "decoded as an application would")]
pub(crate) struct Page {
    data: Vec<User>,
    total: u64,
    limit: u64,
    offset: u64,
}

/// A candidate with the thread's runtime that it runs on.
pub(crate) struct Client {
    runtime: Runtime,
    concurrency: usize,
    kind: Kind,
}

enum Kind {
    Bare(Bare),
    Generated(Arc<Generated>),
    Table(Arc<Table>),
    Reqwest(Arc<Reqwest>),
    Progenitor(Arc<Progenitor>),
    Ureq(Ureq),
}

impl Client {
    /// All of them; the first is what the others are compared with.
    pub(crate) fn all(address: SocketAddr, concurrency: usize) -> Vec<Client> {
        let makers: [fn(SocketAddr, usize) -> Kind; 6] = [
            |address, concurrency| Kind::Bare(Bare::new(address, concurrency)),
            |address, _| Kind::Generated(Arc::new(Generated::new(address))),
            |address, _| Kind::Table(Arc::new(Table::new(address))),
            |address, _| Kind::Reqwest(Arc::new(Reqwest::new(address))),
            |address, _| Kind::Progenitor(Arc::new(Progenitor::new(address))),
            |address, concurrency| Kind::Ureq(Ureq::new(address, concurrency)),
        ];
        let client = |make: fn(SocketAddr, usize) -> Kind| Client {
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
            concurrency,
            kind: make(address, concurrency),
        };
        makers.into_iter().map(client).collect()
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Bare(_) => "bare hyper",
            Kind::Generated(_) => "ours, generated",
            Kind::Table(_) => "ours, every policy on",
            Kind::Reqwest(_) => "reqwest",
            Kind::Progenitor(_) => "progenitor",
            Kind::Ureq(_) => "ureq",
        }
    }

    pub(crate) fn run(&mut self, load: Load, requests: usize) {
        let (runtime, lanes) = (&self.runtime, self.concurrency);
        macro_rules! drive {
            ($client:ident) => {
                runtime.block_on(drive(lanes, requests, $client, move |client| async move {
                    client.one(load).await;
                }))
            };
        }
        match &mut self.kind {
            Kind::Bare(bare) => runtime.block_on(bare.run(load, requests)),
            Kind::Generated(ours) => drive!(ours),
            Kind::Table(ours) => drive!(ours),
            Kind::Reqwest(reqwest) => drive!(reqwest),
            Kind::Progenitor(progenitor) => drive!(progenitor),
            Kind::Ureq(ureq) => drop(ureq.run(load, lanes, requests)),
        }
    }

    /// Number and bytes of the allocations of so many requests.
    pub(crate) fn allocations(&mut self, load: Load, requests: usize) -> (u64, u64) {
        if let Kind::Ureq(ureq) = &self.kind {
            return ureq.run(load, self.concurrency, requests);
        }
        let info = allocation_counter::measure(|| self.run(load, requests));
        (info.count_total, info.bytes_total)
    }
}

/// So many callers, each a task that sends one request after the other.
async fn drive<C: Send + Sync + 'static, F: Future<Output = ()> + Send>(
    lanes: usize,
    requests: usize,
    client: &Arc<C>,
    one: impl Fn(Arc<C>) -> F + Copy + Send + Sync + 'static,
) {
    let tasks: Vec<_> = (0..lanes)
        .map(|_| {
            let client = Arc::clone(client);
            tokio::spawn(async move {
                for _ in 0..requests.div_ceil(lanes) {
                    one(Arc::clone(&client)).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("every request is answered");
    }
}

/// Connections of hyper's own, one for each concurrent caller.
struct Bare {
    address: SocketAddr,
    lanes: usize,
    connections: Vec<SendRequest<Empty<Bytes>>>,
    host: String,
}

impl Bare {
    fn new(address: SocketAddr, lanes: usize) -> Bare {
        Bare {
            address,
            lanes,
            connections: Vec::new(),
            host: address.to_string(),
        }
    }

    async fn run(&mut self, load: Load, requests: usize) {
        while self.connections.len() < self.lanes {
            let stream = tokio::net::TcpStream::connect(self.address)
                .await
                .expect("the server listens");
            stream.set_nodelay(true).expect("a TCP stream");
            let (sender, connection) = http1::handshake(TokioIo::new(stream))
                .await
                .expect("HTTP/1.1");
            tokio::spawn(connection);
            self.connections.push(sender);
        }
        let share = requests.div_ceil(self.lanes);
        let tasks: Vec<_> = self
            .connections
            .drain(..)
            .map(|mut connection| {
                let host = self.host.clone();
                tokio::spawn(async move {
                    for _ in 0..share {
                        bare(&mut connection, &host, load).await;
                    }
                    connection
                })
            })
            .collect();
        for task in tasks {
            self.connections
                .push(task.await.expect("every request is answered"));
        }
    }
}

async fn bare(connection: &mut SendRequest<Empty<Bytes>>, host: &str, load: Load) {
    let path = match load {
        Load::Object => "/v1/users/user_000001",
        Load::Page => "/v1/users?limit=100",
    };
    let request = hyper::Request::get(path)
        .header(HOST, host)
        .header(AUTHORIZATION, "Bearer not-a-real-key")
        .body(Empty::new())
        .expect("a fixed request");
    connection.ready().await.expect("the connection lives");
    let answer = connection.send_request(request).await.expect("an answer");
    let body = answer
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    match load {
        Load::Object => drop(serde_json::from_slice::<User>(&body).expect("a user")),
        Load::Page => drop(serde_json::from_slice::<Page>(&body).expect("a page")),
    }
}

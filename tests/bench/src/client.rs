//! The two clients: a bare hyper connection for each concurrent caller with serde's derive, and ours.

use std::net::SocketAddr;

use bytes::Bytes;
use etiquette_apis::users;
use futures::stream::{FuturesUnordered, StreamExt};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, HOST};
use hyper_util::rt::TokioIo;

use crate::Load;

#[derive(serde::Deserialize)]
#[allow(dead_code, reason = "decoded as an application would")]
struct User {
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
struct Page {
    data: Vec<User>,
    total: u64,
    limit: u64,
    offset: u64,
}

/// Connections of hyper's own, one for each concurrent caller.
pub(crate) struct Bare {
    connections: Vec<SendRequest<Empty<Bytes>>>,
    host: String,
}

impl Bare {
    pub(crate) async fn connect(address: SocketAddr, concurrency: usize) -> Bare {
        let mut connections = Vec::new();
        for _ in 0..concurrency {
            let stream = tokio::net::TcpStream::connect(address)
                .await
                .expect("the server listens");
            stream.set_nodelay(true).expect("a TCP stream");
            let (sender, connection) = http1::handshake(TokioIo::new(stream))
                .await
                .expect("HTTP/1.1");
            tokio::spawn(connection);
            connections.push(sender);
        }
        Bare {
            connections,
            host: address.to_string(),
        }
    }

    pub(crate) async fn run(&mut self, load: Load, requests: usize) {
        let share = requests.div_ceil(self.connections.len());
        let host = self.host.as_str();
        let all = self.connections.iter_mut().map(|connection| async move {
            for _ in 0..share {
                bare(connection, host, load).await;
            }
        });
        all.collect::<FuturesUnordered<_>>()
            .collect::<Vec<()>>()
            .await;
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

/// The generated client, all policies on.
pub(crate) struct Ours {
    api: users::Client,
}

impl Ours {
    pub(crate) fn new(address: SocketAddr) -> Ours {
        let builder = users::Client::builder()
            .key("not-a-real-key")
            .with_base_url(format!("http://{address}/v1"));
        Ours {
            api: builder.build().expect("a client"),
        }
    }

    pub(crate) async fn run(&self, load: Load, concurrency: usize, requests: usize) {
        let share = requests.div_ceil(concurrency);
        let all = (0..concurrency).map(|_| async move {
            for _ in 0..share {
                match load {
                    Load::Object => {
                        drop(self.api.users().get("user_000001").await.expect("a user"))
                    }
                    Load::Page => drop(self.api.users().list().limit(100).await.expect("a page")),
                }
            }
        });
        all.collect::<FuturesUnordered<_>>()
            .collect::<Vec<()>>()
            .await;
    }
}

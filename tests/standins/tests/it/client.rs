//! An HTTP/1.1 client of a few lines: one connection a request, read until the server closes it.
//!
//! It shares nothing with the servers, so what it reads is what they wrote.

use std::io;
use std::net::SocketAddr;

use etiquette_standins::Standin;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The body must be as long as its length says.
    pub(crate) fn parse(bytes: &[u8]) -> io::Result<Self> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text
            .split_once("\r\n\r\n")
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| line.split_once(':').unwrap());
        let reply = Self {
            status: status.parse().unwrap(),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
            body: body.to_owned(),
        };
        match reply.header("content-length") {
            Some(length) if length != body.len().to_string() => {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            _ => Ok(reply),
        }
    }
}

/// Sends these bytes and reads all that comes back.
pub(crate) async fn exchange(to: SocketAddr, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(to).await?;
    stream.write_all(bytes).await?;
    let mut back = Vec::new();
    stream.read_to_end(&mut back).await?;
    Ok(back)
}

/// A request to a stand-in, `path` being what follows its base URL.
pub(crate) async fn send(
    standin: &Standin,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Reply> {
    let url = standin.url();
    let host = standin.address().to_string();
    let prefix = url.split_once(&host).unwrap().1;
    let mut request = format!("{method} {prefix}{path} HTTP/1.1\r\nhost: {host}\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!(
        "connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    Reply::parse(&exchange(standin.address(), request.as_bytes()).await?)
}

/// With the right key.
pub(crate) async fn get(standin: &Standin, path: &str) -> Reply {
    let key = format!("Bearer {}", standin.key());
    let headers = [("authorization", key.as_str())];
    send(standin, "GET", path, &headers, "").await.unwrap()
}

/// With the right key and a body of JSON.
pub(crate) async fn write(standin: &Standin, method: &str, path: &str, body: &str) -> Reply {
    try_write(standin, method, path, body).await.unwrap()
}

/// The same, where the connection may break.
pub(crate) async fn try_write(
    standin: &Standin,
    method: &str,
    path: &str,
    body: &str,
) -> io::Result<Reply> {
    let key = format!("Bearer {}", standin.key());
    let headers = [
        ("authorization", key.as_str()),
        ("content-type", "application/json"),
    ];
    send(standin, method, path, &headers, body).await
}

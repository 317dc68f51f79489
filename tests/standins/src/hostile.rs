//! A raw TCP server that plays one script per connection and keeps what it was sent.
//!
//! It knows just enough of HTTP/1.1 to tell where a request ends. Time passes in it only by
//! tokio's clock, which a test may pause.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::connection::drain;
use crate::fault::Gate;

/// What one connection does, in order. When it runs out, the connection closes in order.
#[derive(Clone, Debug, Default)]
pub struct Script {
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    ReadRequest,
    Send(Bytes),
    Drip(Bytes, Duration),
    Repeat(Bytes, u64),
    Wait(Gate),
    Reset,
    Stall,
}

impl Script {
    /// A script that does nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one whole request, then answers with these bytes as they stand.
    pub fn answer(bytes: impl Into<Bytes>) -> Self {
        Self::new().read_request().send(bytes)
    }

    /// Reads one whole request: its head, and a body of the length that it states or in chunks.
    #[must_use]
    pub fn read_request(self) -> Self {
        self.with(Step::ReadRequest)
    }

    /// Sends bytes.
    #[must_use]
    pub fn send(self, bytes: impl Into<Bytes>) -> Self {
        self.with(Step::Send(bytes.into()))
    }

    /// Sends bytes one by one, with a pause after each.
    #[must_use]
    pub fn drip(self, bytes: impl Into<Bytes>, pause: Duration) -> Self {
        self.with(Step::Drip(bytes.into(), pause))
    }

    /// Sends the same bytes many times over.
    #[must_use]
    pub fn repeat(self, bytes: impl Into<Bytes>, times: u64) -> Self {
        self.with(Step::Repeat(bytes.into(), times))
    }

    /// Goes on when the gate is open.
    #[must_use]
    pub fn wait(self, gate: &Gate) -> Self {
        self.with(Step::Wait(gate.clone()))
    }

    /// Ends with a reset.
    #[must_use]
    pub fn reset(self) -> Self {
        self.with(Step::Reset)
    }

    /// Ends by saying nothing more until the client goes away or the server stops.
    #[must_use]
    pub fn stall(self) -> Self {
        self.with(Step::Stall)
    }

    fn with(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

/// A request as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRequest {
    /// The connection's number, from 0 in the order of acceptance.
    pub connection: usize,
    /// All its bytes; fewer than a whole request when the client broke off.
    pub bytes: Bytes,
}

/// The server; it ends when this is dropped.
#[derive(Debug)]
pub struct Hostile {
    address: SocketAddr,
    record: Arc<Record>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Record {
    requests: Mutex<Vec<RawRequest>>,
    connections: watch::Sender<usize>,
    /// Bytes that the sockets took, over all connections.
    sent: watch::Sender<u64>,
}

impl Hostile {
    /// Plays the scripts on the first connections, in order; later connections are reset.
    pub async fn start(scripts: Vec<Script>) -> io::Result<Self> {
        Self::serve(move |number| scripts.get(number).cloned()).await
    }

    /// Plays the same script on every connection.
    pub async fn always(script: Script) -> io::Result<Self> {
        Self::serve(move |_| Some(script.clone())).await
    }

    async fn serve(script: impl Fn(usize) -> Option<Script> + Send + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let record = Arc::new(Record {
            requests: Mutex::new(Vec::new()),
            connections: watch::Sender::new(0),
            sent: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&record), script));
        Ok(Self {
            address,
            record,
            accepting,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://` and the address, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that it has read, in the order in which they were complete.
    pub fn requests(&self) -> Vec<RawRequest> {
        self.record.requests().clone()
    }

    /// The number of connections that it has accepted.
    pub fn connections(&self) -> usize {
        *self.record.connections.borrow()
    }

    /// Resolves once it has accepted this many connections.
    pub async fn connected(&self, count: usize) {
        let mut connections = self.record.connections.subscribe();
        connections
            .wait_for(|so_far| *so_far >= count)
            .await
            .expect("the record holds the sender");
    }

    /// The number of bytes that its sockets have taken.
    pub fn sent(&self) -> u64 {
        *self.record.sent.borrow()
    }

    /// Ends it with all its connections; the port is closed when this resolves.
    pub async fn stop(mut self) {
        self.accepting.abort();
        // The only outcome is that it was aborted.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Record {
    fn requests(&self) -> std::sync::MutexGuard<'_, Vec<RawRequest>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(
    listener: TcpListener,
    record: Arc<Record>,
    script: impl Fn(usize) -> Option<Script>,
) {
    let mut playing = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let number = *record.connections.borrow();
                record.connections.send_replace(number + 1);
                let script = script(number).unwrap_or_else(|| Script::new().reset());
                let connection = Connection {
                    number,
                    stream,
                    unread: Vec::new(),
                    record: Arc::clone(&record),
                };
                playing.spawn(connection.play(script));
            }
            Some(_) = playing.join_next() => {}
        }
    }
}

struct Connection {
    number: usize,
    stream: TcpStream,
    /// Bytes of a next request that came with the last one.
    unread: Vec<u8>,
    record: Arc<Record>,
}

impl Connection {
    /// An error means that the client is gone, which ends the script.
    async fn play(mut self, script: Script) {
        let _ = self.stream.set_nodelay(true);
        for step in script.steps {
            let done = match step {
                Step::ReadRequest => self.read_request().await,
                Step::Send(bytes) => self.send(&bytes).await,
                Step::Drip(bytes, pause) => self.drip(&bytes, pause).await,
                Step::Repeat(bytes, times) => self.repeat(&bytes, times).await,
                Step::Wait(gate) => {
                    gate.passed().await;
                    Ok(())
                }
                Step::Reset => {
                    // A socket that refuses the option closes in order, and the test sees that.
                    let _ = self.stream.set_zero_linger();
                    return;
                }
                Step::Stall => return drain(&mut self.stream).await,
            };
            if done.is_err() {
                return;
            }
        }
        if self.stream.shutdown().await.is_ok() {
            drain(&mut self.stream).await;
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.record.sent.send_modify(|sent| *sent += count);
        Ok(())
    }

    async fn drip(&mut self, bytes: &[u8], pause: Duration) -> io::Result<()> {
        for byte in bytes.chunks(1) {
            self.send(byte).await?;
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    async fn repeat(&mut self, bytes: &[u8], times: u64) -> io::Result<()> {
        for _ in 0..times {
            self.send(bytes).await?;
        }
        Ok(())
    }

    async fn read_request(&mut self) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.unread);
        let end = loop {
            if let Some(end) = request_end(&bytes) {
                break end;
            }
            let mut chunk = [0; 8192];
            match self.stream.read(&mut chunk).await? {
                0 if bytes.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
                0 => break bytes.len(),
                count => bytes.extend_from_slice(&chunk[..count]),
            }
        };
        self.unread = bytes.split_off(end);
        self.record.requests().push(RawRequest {
            connection: self.number,
            bytes: bytes.into(),
        });
        Ok(())
    }
}

/// Where the first request in these bytes ends, if all of it is there (RFC 9112, section 6.3).
fn request_end(bytes: &[u8]) -> Option<usize> {
    let head = find(bytes, b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let header = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.trim().to_owned())
    };
    if header("transfer-encoding").is_some_and(|coding| coding.ends_with("chunked")) {
        return Some(head + chunked_end(&bytes[head..])?);
    }
    let length = header("content-length").and_then(|text| text.parse().ok());
    let end = head + length.unwrap_or(0usize);
    (bytes.len() >= end).then_some(end)
}

/// Where a chunked body ends, its trailers included (RFC 9112, section 7.1).
fn chunked_end(body: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = find(&body[at..], b"\r\n")?;
        let size = str::from_utf8(&body[at..at + line]).ok()?;
        let size = size.split(';').next().unwrap_or_default().trim();
        at += line + 2;
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            break;
        }
        at = at.checked_add(size)?.checked_add(2)?;
        if at > body.len() {
            return None;
        }
    }
    loop {
        let line = find(&body[at..], b"\r\n")?;
        at += line + 2;
        if line == 0 {
            return Some(at);
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|part| part == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_request_is_found() {
        let get = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
        assert_eq!(request_end(get), Some(get.len()));
        assert_eq!(request_end(&get[..get.len() - 1]), None);
        let post = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(request_end(post), Some(post.len()));
        assert_eq!(request_end(&post[..post.len() - 1]), None);
        let two = [&get[..], &post[..]].concat();
        assert_eq!(request_end(&two), Some(get.len()));
        let chunked = b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
            7;x=y\r\n\r\n0\r\n\r\n\r\n0\r\nTrailer: a\r\n\r\n";
        for end in 0..chunked.len() {
            assert_eq!(request_end(&chunked[..end]), None, "{end}");
        }
        let two = [&chunked[..], &get[..]].concat();
        assert_eq!(request_end(&two), Some(chunked.len()));
    }
}

//! Raw servers that count connections and misbehave byte by byte, for the tests of the default transport.
//!
//! No server outlives its test, and none waits longer than `PATIENCE`, which only a failing test ever does.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use etiquette_runtime::transport::hyper::HyperTransport;
use etiquette_runtime::transport::{Body, Payload, Transport, TransportError};
use http::{Method, Request, Response};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// One connection as the server sees it.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    /// Counted from 0: the connection, the request on it.
    pub(crate) connection: usize,
    pub(crate) request: usize,
    /// The head of the request.
    pub(crate) head: String,
}

impl Peer {
    /// Writes; a client that has gone away is no fault of the server's.
    pub(crate) fn say(&mut self, text: &str) {
        let _ = self.stream.write_all(text.as_bytes());
    }

    pub(crate) fn close(&self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Waits until the client has closed.
    pub(crate) fn wait_for_end(&mut self) {
        while self.stream.read(&mut [0; 4096]).is_ok_and(|n| n > 0) {}
    }
}

/// A server that hands each request to a closure.
pub(crate) struct Hostile {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    pub(crate) heads: Arc<Mutex<Vec<String>>>,
    /// A word for each connection that has ended.
    ended: Mutex<mpsc::Receiver<usize>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Hostile {
    pub(crate) fn new(handle: impl Fn(&mut Peer) + Send + Sync + 'static) -> Hostile {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, ended) = mpsc::channel();
        let (connections, requests) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let is_over = Arc::<AtomicBool>::default();
        let (opened, count, seen, over) = (
            Arc::clone(&connections),
            Arc::clone(&requests),
            Arc::clone(&heads),
            Arc::clone(&is_over),
        );
        let handle = Arc::new(handle);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let stream = stream.unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream.set_write_timeout(Some(PATIENCE)).unwrap();
                let connection = opened.fetch_add(1, Ordering::SeqCst);
                let (count, seen, handle, tell) = (
                    Arc::clone(&count),
                    Arc::clone(&seen),
                    Arc::clone(&handle),
                    tell.clone(),
                );
                std::thread::spawn(move || {
                    let mut peer = Peer {
                        stream,
                        connection,
                        request: 0,
                        head: String::new(),
                    };
                    while let Some(head) = read_head(&mut peer.stream) {
                        count.fetch_add(1, Ordering::SeqCst);
                        seen.lock().unwrap().push(head.clone());
                        peer.head = head;
                        handle(&mut peer);
                        peer.request += 1;
                    }
                    drop(peer);
                    let _ = tell.send(connection);
                });
            }
        });
        Hostile {
            address,
            connections,
            requests,
            heads,
            ended: Mutex::new(ended),
            is_over,
            thread: Some(thread),
        }
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// The number of a connection that has ended.
    pub(crate) fn ended(&self) -> usize {
        let ended = self.ended.lock().unwrap().recv_timeout(PATIENCE);
        ended.expect("the connection is closed")
    }

    /// The same for a runtime that has to go on meanwhile.
    pub(crate) async fn has_ended(&self) {
        while self.ended.lock().unwrap().try_recv().is_err() {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn request(&self, method: Method) -> Request<Payload> {
        Request::builder()
            .method(method)
            .uri(format!("http://{}/a?b=c", self.address))
            .header("host", self.address.to_string())
            .body(Payload::empty())
            .unwrap()
    }

    pub(crate) async fn get(&self, transport: &HyperTransport) -> Result<String, TransportError> {
        let answer = transport.send(self.request(Method::GET)).await?;
        text(answer).await
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let thread = self.thread.take().map(JoinHandle::join);
        assert!(thread.is_some_and(|ended| ended.is_ok()));
    }
}

/// The head of a request without its body; `None` at the end of the connection.
fn read_head(stream: &mut TcpStream) -> Option<String> {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        text.push(byte[0]);
    }
    String::from_utf8(text).ok()
}

pub(crate) async fn text(answer: Response<Body>) -> Result<String, TransportError> {
    let mut body = answer.into_body();
    let mut all = Vec::new();
    while let Some(chunk) = std::future::poll_fn(|cx| body.poll_chunk(cx)).await {
        all.extend_from_slice(&chunk?);
    }
    Ok(String::from_utf8(all).unwrap())
}

pub(crate) fn run<T>(call: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(async { tokio::time::timeout(PATIENCE, call).await })
        .expect("it ends")
}

pub(crate) fn good(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

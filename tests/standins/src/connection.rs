//! Serves one connection over hyper and, when a fault asks for it, takes the socket back.
//!
//! hyper cannot break off in the middle of an answer. So the service hands an `Ending` past it
//! and stays silent; the connection is then taken apart and the ending is played on the socket.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::stage::{Reply, Stage};

/// What becomes of one request.
pub(crate) enum Outcome {
    Reply(Reply),
    End(Ending),
}

/// How a connection ends.
pub(crate) enum Ending {
    /// In order; what the client still sends is read and dropped.
    Close,
    /// With a reset, which drops what is still on its way.
    Reset,
    /// Not at all, until the client goes away.
    Stall,
    /// These bytes, then the rest.
    Send(Bytes, Box<Ending>),
}

impl Ending {
    /// The head of an answer that promises its whole body, a part of it, then an ending.
    pub(crate) fn cut(reply: &Reply, keep: usize, then: Self) -> Self {
        let mut bytes = format!("HTTP/1.1 {}\r\n", reply.status()).into_bytes();
        for (name, value) in reply.headers() {
            if name != http::header::CONTENT_LENGTH {
                bytes.extend_from_slice(name.as_str().as_bytes());
                bytes.extend_from_slice(b": ");
                bytes.extend_from_slice(value.as_bytes());
                bytes.extend_from_slice(b"\r\n");
            }
        }
        let body = reply.body();
        let length = format!("content-length: {}\r\n\r\n", body.len());
        bytes.extend_from_slice(length.as_bytes());
        bytes.extend_from_slice(&body[..keep.min(body.len())]);
        Self::Send(bytes.into(), Box::new(then))
    }

    /// The client may be gone at any point, which ends the ending.
    pub(crate) async fn play(self, mut stream: TcpStream) {
        let mut ending = self;
        loop {
            match ending {
                Self::Close => {
                    if stream.shutdown().await.is_ok() {
                        drain(&mut stream).await;
                    }
                    return;
                }
                Self::Reset => {
                    // A socket that refuses the option closes in order, and the test sees that.
                    let _ = stream.set_zero_linger();
                    return;
                }
                Self::Stall => return drain(&mut stream).await,
                Self::Send(bytes, then) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                    ending = *then;
                }
            }
        }
    }
}

/// Reads and drops until the client has closed. Closing with unread bytes would be a reset.
pub(crate) async fn drain(stream: &mut TcpStream) {
    let mut scrap = [0; 4096];
    while matches!(stream.read(&mut scrap).await, Ok(1..)) {}
}

/// Accepts connections until the task is aborted, which ends all of them too.
pub(crate) async fn accept(listener: TcpListener, door: &'static str, stage: Arc<Stage>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A client that gave up in the queue is no concern of the others.
                if let Ok((stream, _)) = accepted {
                    let _ = stream.set_nodelay(true);
                    connections.spawn(serve(stream, door, Arc::clone(&stage)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, door: &'static str, stage: Arc<Stage>) {
    let (send_ending, mut endings) = mpsc::channel(1);
    let service = service_fn(move |request: Request<Incoming>| {
        let stage = Arc::clone(&stage);
        let send_ending = send_ending.clone();
        async move {
            match stage.answer(door, request.map(Body::new)).await {
                Outcome::Reply(reply) => return Ok::<_, Infallible>(reply.map(Body::from)),
                Outcome::End(ending) => {
                    let _ = send_ending.send(ending).await;
                }
            }
            pending().await
        }
    });
    let mut connection = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    let ending = tokio::select! {
        // How the client ended it is the client's affair.
        _ = &mut connection => return,
        Some(ending) = endings.recv() => ending,
    };
    let stream = connection.into_parts().io.into_inner();
    ending.play(stream).await;
}

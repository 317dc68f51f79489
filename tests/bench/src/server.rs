//! The server: two fixed answers with the rate-limit headers of the users API, and a third that tells how
//! many connections were opened.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Child;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

fn user(number: usize, updated: bool) -> String {
    let updated = if updated {
        ",\"updatedAt\":\"2023-01-15T10:30:00Z\""
    } else {
        ""
    };
    format!(
        "{{\"id\":\"user_{number:06}\",\"name\":\"Charlie Brown the {number:06}th of that name\",\"email\":\
         \"charlie.brown.{number:06}@mail.example.com\",\"createdAt\":\"2023-01-15T10:30:00Z\"{updated}}}"
    )
}

/// Serves until it is ended; tells its address first.
pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        std::io::stdout().flush().expect("somebody reads");
        let object = Bytes::from(user(1, true));
        let rows = (0..100)
            .map(|number| user(number, false))
            .collect::<Vec<_>>()
            .join(",");
        let page = Bytes::from(format!(
            "{{\"data\":[{rows}],\"total\":100000,\"limit\":100,\"offset\":0}}"
        ));
        let mut opened = 0;
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                continue;
            };
            opened += 1;
            let count = Bytes::from(format!("{opened}"));
            let _ = stream.set_nodelay(true);
            let (object, page) = (object.clone(), page.clone());
            tokio::spawn(async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    let body = match request.uri().path() {
                        "/v1/users" => page.clone(),
                        "/connections" => count.clone(),
                        _ => object.clone(),
                    };
                    async move { Ok::<_, Infallible>(answer(body)) }
                });
                let _ = http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
}

fn answer(body: Bytes) -> Response<Full<Bytes>> {
    Response::builder()
        .header("content-type", "application/json")
        .header("x-ratelimit-limit", "1000000000")
        .header("x-ratelimit-remaining", "900000000")
        .header("x-ratelimit-reset", "4102444800")
        .body(Full::new(body))
        .expect("a fixed answer")
}

/// The address that the server tells.
pub(crate) fn address_of(child: &mut Child) -> SocketAddr {
    let mut line = String::new();
    let stdout = child.stdout.take().expect("its output is piped");
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("it tells its address");
    line.trim().parse().expect("an address")
}

/// How many connections were opened to the server, this question's included.
pub(crate) fn connections(address: SocketAddr) -> usize {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream
        .write_all(b"GET /connections HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")
        .expect("the server reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("the server answers");
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    body.parse().expect("a number")
}

//! How a connection is made: name, address, TCP, TLS.
//!
//! It assumes that the caller checked where the origin may be. It must not read the environment for proxies, and what
//! it offers in TLS is HTTP/1.1 alone: an HTTP/2 connection, with its `GOAWAY` and its resets of streams, cannot occur.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::uri::{Authority, Scheme};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{BoxFuture, Failure, TransportError};

/// How long an address is tried alone before the next one is tried beside it (RFC 8305 §5).
const HEAD_START: Duration = Duration::from_millis(250);

/// Where a connection leads to.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Place {
    is_secure: bool,
    authority: Authority,
}

impl Place {
    pub(super) fn new(scheme: Option<&Scheme>, authority: Option<Authority>) -> Option<Place> {
        let is_secure = match scheme?.as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        Some(Place {
            is_secure,
            authority: authority?,
        })
    }

    /// The host, an IPv6 address without its brackets.
    fn host(&self) -> &str {
        self.authority.host().trim_matches(['[', ']'])
    }

    fn port(&self) -> u16 {
        let default = if self.is_secure { 443 } else { 80 };
        self.authority.port_u16().unwrap_or(default)
    }
}

/// Makes connections.
pub(super) struct Connector {
    tls: TlsConnector,
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(roots: RootCertStore, timeout: Duration) -> Connector {
        Connector {
            tls: TlsConnector::from(Arc::new(tls(roots))),
            timeout,
        }
    }

    /// A connection to this place, with its handshake done. Whatever fails here, no request was sent.
    pub(super) async fn dial(&self, place: &Place) -> Result<Stream, TransportError> {
        timeout(self.timeout, self.reach(place))
            .await
            .unwrap_or_else(|_| {
                Err(TransportError::not_sent(
                    Failure::Timeout,
                    "there was no connection in time",
                ))
            })
    }

    async fn reach(&self, place: &Place) -> Result<Stream, TransportError> {
        let failed =
            |error: io::Error| TransportError::not_sent(Failure::Connect, &error.to_string());
        let addresses = tokio::net::lookup_host((place.host(), place.port()))
            .await
            .map_err(failed)?;
        let tcp = first_of(by_turns(addresses.collect()))
            .await
            .map_err(failed)?;
        tcp.set_nodelay(true).map_err(failed)?;
        if !place.is_secure {
            return Ok(Stream::Plain(tcp));
        }
        let not_tls = |text: &str| TransportError::not_sent(Failure::Tls, text);
        let name = ServerName::try_from(place.host().to_owned())
            .map_err(|_| not_tls("the host is no name for a certificate"))?;
        match self.tls.connect(name, tcp).await {
            Ok(tls) => Ok(Stream::Secure(Box::new(tls))),
            Err(error) => Err(not_tls(&error.to_string())),
        }
    }
}

/// The provider is named, because rustls panics where an application's features bring two.
fn tls(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring knows TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// The addresses with the two families in turns, the resolver's first one first (RFC 8305 §4).
fn by_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let starts_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut first, mut second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == starts_v6);
    let longest = first.len().max(second.len());
    first.reverse();
    second.reverse();
    (0..longest)
        .flat_map(|_| [first.pop(), second.pop()])
        .flatten()
        .collect()
}

/// The first address that answers. Each is tried when the one before it failed, or had its head start.
async fn first_of(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut waiting = addresses.into_iter();
    let mut tried: Vec<BoxFuture<'static, io::Result<TcpStream>>> = Vec::new();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    let mut head_start = std::pin::pin!(sleep(Duration::ZERO));
    std::future::poll_fn(|cx| {
        loop {
            let before = tried.len();
            let mut at = 0;
            while let Some(attempt) = tried.get_mut(at) {
                match attempt.as_mut().poll(cx) {
                    Poll::Ready(Ok(stream)) => return Poll::Ready(Ok(stream)),
                    Poll::Ready(Err(error)) => {
                        last = error;
                        drop(tried.swap_remove(at));
                    }
                    Poll::Pending => at += 1,
                }
            }
            let has_room = tried.is_empty() || tried.len() < before;
            if (has_room || head_start.as_mut().poll(cx).is_ready())
                && let Some(address) = waiting.next()
            {
                tried.push(Box::pin(TcpStream::connect(address)));
                head_start.as_mut().reset(Instant::now() + HEAD_START);
                continue;
            }
            if tried.is_empty() {
                let last = std::mem::replace(&mut last, io::ErrorKind::NotFound.into());
                return Poll::Ready(Err(last));
            }
            return Poll::Pending;
        }
    })
    .await
}

/// The bytes of a connection.
pub(super) enum Stream {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

macro_rules! either {
    ($stream:expr, $it:ident => $do:expr) => {
        match $stream {
            Stream::Plain($it) => $do,
            Stream::Secure($it) => $do,
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        either!(self.get_mut(), it => Pin::new(it).poll_read(cx, into))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), it => Pin::new(it).poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), it => Pin::new(it).poll_write_vectored(cx, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        either!(self, it => it.is_write_vectored())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), it => Pin::new(it).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), it => Pin::new(it).poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row D18: the families take turns, the resolver's favourite first.
    #[test]
    fn the_families_take_turns() {
        let all = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"];
        let all = all.map(|text| text.parse::<SocketAddr>().unwrap()).to_vec();
        let turns: Vec<_> = by_turns(all).iter().map(SocketAddr::to_string).collect();
        assert_eq!(
            turns,
            ["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]
        );
    }

    /// Row D18: an address that swallows everything costs the head start, and one that refuses costs nothing.
    #[test]
    fn a_dead_address_does_not_hold_up_a_good_one() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            // Nobody accepts here, and with its queue full the kernel drops what comes.
            let hole = tokio::net::TcpSocket::new_v4().unwrap();
            hole.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let hole = hole.listen(1).unwrap();
            let swallows = hole.local_addr().unwrap();
            let mut fill = Vec::new();
            for _ in 0..4 {
                let one =
                    std::net::TcpStream::connect_timeout(&swallows, Duration::from_millis(50));
                fill.push(one);
            }
            assert!(fill.iter().any(Result::is_err), "the hole is full");
            let ended = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let refuses = ended.local_addr().unwrap();
            drop(ended);
            let good = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = good.local_addr().unwrap();
            let stream = first_of(vec![swallows, refuses, address]).await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), address);
            assert!(first_of(vec![refuses]).await.is_err());
            assert!(first_of(Vec::new()).await.is_err());
        });
    }

    /// Row A23: HTTP/1.1 is all that is offered, so that no HTTP/2 answer can come.
    #[test]
    fn only_http_1_is_offered() {
        let config = tls(RootCertStore::empty());
        assert_eq!(config.alpn_protocols, [b"http/1.1".to_vec()]);
    }
}

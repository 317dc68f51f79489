//! TLS against real servers with authorities made here: what is not proved is not spoken to.
//!
//! A server of rustls speaks TLS 1.2 and 1.3 alone; for the older versions a few bytes are written by hand.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use etiquette_runtime::Phase;
use etiquette_runtime::transport::hyper::{HyperTransport, RootCertStore};
use etiquette_runtime::transport::{Failure, Payload, Transport, TransportError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use crate::tcp::{PATIENCE, good, run, text};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn trusting(authority: &Authority) -> HyperTransport {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    HyperTransport::builder().with_roots(roots).build()
}

/// What a server shows.
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// A certificate for this name, valid from the one year to the other; signed by itself where nobody else does.
fn shown(name: &str, from: i32, to: i32, by: Option<&Authority>) -> Shown {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = match by {
        Some(authority) => params.signed_by(&key, authority).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    Shown {
        chain: vec![certificate.der().clone()],
        key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
    }
}

/// What came of a connection at the server: the protocol that was chosen and the first bytes of the request.
type Seen = mpsc::Receiver<(Option<Vec<u8>>, String)>;

type Tls = StreamOwned<ServerConnection, TcpStream>;

/// Serves one connection.
fn server(shown: Shown, versions: &[&'static SupportedProtocolVersion]) -> (SocketAddr, Seen) {
    server_that(shown, versions, |tls| {
        let _ = tls.write_all(good("hello").as_bytes());
        let _ = tls.flush();
        while tls.read(&mut [0; 1024]).is_ok_and(|n| n > 0) {}
    })
}

/// Serves one connection in its own way, and drops it without a word.
fn server_that(
    shown: Shown,
    versions: &[&'static SupportedProtocolVersion],
    serve: fn(&mut Tls),
) -> (SocketAddr, Seen) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(shown.chain, shown.key)
        .unwrap();
    // It likes HTTP/2 best.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, seen) = mpsc::channel();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let session = ServerConnection::new(Arc::new(config)).unwrap();
        let mut tls = StreamOwned::new(session, stream);
        let mut request = Vec::new();
        let mut buffer = [0; 1024];
        while !request.ends_with(b"\r\n\r\n") {
            match tls.read(&mut buffer) {
                Ok(n) if n > 0 => request.extend_from_slice(&buffer[..n]),
                _ => break,
            }
        }
        let chosen = tls.conn.alpn_protocol().map(<[u8]>::to_vec);
        let _ = tell.send((chosen, String::from_utf8_lossy(&request).into_owned()));
        serve(&mut tls);
    });
    (address, seen)
}

fn get(transport: &HyperTransport, host: &str, port: u16) -> Result<String, TransportError> {
    let request = http::Request::builder()
        .uri(format!("https://{host}:{port}/secret-path"))
        .header("host", host)
        .header("authorization", "Bearer secret")
        .body(Payload::empty())
        .unwrap();
    run(async { text(transport.send(request).await?).await })
}

/// Rows D14, A23: the good ones, by name and by address, with TLS 1.3 and 1.2; HTTP/1.1 is what comes of it.
#[test]
fn what_is_proved_is_spoken_to() {
    let authority = authority();
    for (name, version) in [
        ("localhost", &rustls::version::TLS13),
        ("127.0.0.1", &rustls::version::TLS13),
        ("localhost", &rustls::version::TLS12),
    ] {
        let (address, seen) = server(shown(name, 2020, 2200, Some(&authority)), &[version]);
        let body = get(&trusting(&authority), name, address.port()).unwrap();
        assert_eq!(body, "hello");
        let (chosen, request) = seen.recv_timeout(PATIENCE).unwrap();
        assert_eq!(chosen.as_deref(), Some(&b"http/1.1"[..]));
        assert!(
            request.starts_with("GET /secret-path HTTP/1.1\r\n"),
            "{request}"
        );
    }
}

/// Row A14: without a length the end of TLS is the end of the body, and the end of TCP alone is none (RFC 8446 §6.1).
#[test]
fn an_end_that_nobody_vouches_for_is_none() {
    let authority = authority();
    let now = [&rustls::version::TLS13];
    let half = |tls: &mut Tls| {
        let _ = tls.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello");
        let _ = tls.flush();
    };
    let whole = |tls: &mut Tls| {
        let _ = tls.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello");
        tls.conn.send_close_notify();
        let _ = tls.flush();
    };
    let shown = || shown("localhost", 2020, 2200, Some(&authority));
    let (address, _) = server_that(shown(), &now, half);
    let error = get(&trusting(&authority), "localhost", address.port()).unwrap_err();
    assert_eq!(error.kind(), Failure::Truncated);
    let (address, _) = server_that(shown(), &now, whole);
    let body = get(&trusting(&authority), "localhost", address.port()).unwrap();
    assert_eq!(body, "hello");
}

/// Row D14: whatever is wrong with the certificate, nothing is said to that server, and nothing was sent.
#[test]
fn what_is_not_proved_is_not_spoken_to() {
    let (known, unknown) = (authority(), authority());
    let now = [&rustls::version::TLS13, &rustls::version::TLS12];
    for (what, shown) in [
        ("expired", shown("localhost", 2020, 2021, Some(&known))),
        (
            "not yet valid",
            shown("localhost", 2199, 2200, Some(&known)),
        ),
        (
            "another host",
            shown("other.example", 2020, 2200, Some(&known)),
        ),
        (
            "a parent's name",
            shown("*.localhost", 2020, 2200, Some(&known)),
        ),
        ("signed by itself", shown("localhost", 2020, 2200, None)),
        (
            "an unknown authority",
            shown("localhost", 2020, 2200, Some(&unknown)),
        ),
    ] {
        let (address, seen) = server(shown, &now);
        let error = get(&trusting(&known), "localhost", address.port()).unwrap_err();
        assert_eq!(
            (error.phase(), error.kind()),
            (Phase::NotSent, Failure::Tls),
            "{what}: {error}"
        );
        let (_, request) = seen.recv_timeout(PATIENCE).unwrap();
        assert_eq!(request, "", "{what}");
    }
    // The default roots know none of this.
    let (address, _) = server(shown("localhost", 2020, 2200, Some(&known)), &now);
    let error = get(&HyperTransport::new(), "localhost", address.port()).unwrap_err();
    assert_eq!(error.kind(), Failure::Tls);
}

/// Row D14: a server that chooses TLS 1.0 or 1.1, or speaks no TLS at all.
#[test]
fn old_versions_are_refused() {
    let hello = |minor: u8| {
        // A record with a ServerHello (RFC 4346 §7.4.1.3): version, random, no session, a suite, no compression.
        let mut hello = vec![22, 3, minor, 0, 42, 2, 0, 0, 38, 3, minor];
        hello.extend([7; 32]);
        hello.extend([0, 0, 0x2f, 0]);
        hello
    };
    for (what, said) in [
        ("TLS 1.0", hello(1)),
        ("TLS 1.1", hello(2)),
        // Fatal, protocol_version (RFC 4346 §7.2).
        ("an alert", vec![21, 3, 2, 0, 2, 2, 70]),
        ("HTTP", good("{}").into_bytes()),
        ("nothing", Vec::new()),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hearing = Arc::clone(&heard);
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut buffer = [0; 4096];
            let n = stream.read(&mut buffer).unwrap();
            stream.write_all(&said).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest);
            hearing
                .lock()
                .unwrap()
                .extend([&buffer[..n], &rest].concat());
        });
        let error = get(&HyperTransport::new(), "localhost", port).unwrap_err();
        assert_eq!(
            (error.phase(), error.kind()),
            (Phase::NotSent, Failure::Tls),
            "{what}: {error}"
        );
        thread.join().unwrap();
        let heard = heard.lock().unwrap();
        assert!(!heard.windows(6).any(|some| some == b"secret"), "{what}");
    }
}

/// Row D14: there is no way to switch the checks off.
#[test]
fn there_is_no_dangerous_switch() {
    let mut folders = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/src").into()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        let folder: std::path::PathBuf = folder;
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            for word in [
                "danger",
                "ServerCertVerifier",
                "accept_invalid",
                "SSLKEYLOGFILE",
            ] {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
    assert!(files > 20);
}

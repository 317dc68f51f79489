//! Two processes, one file, one refresh token that each use replaces; and what the environment says.
//!
//! The children are this test binary, run again for this one test with a variable of their own.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use etiquette_runtime::codegen::{Builder, Core};
use etiquette_runtime::{FileTokenStore, OAuthClient};

use crate::auth_bench::{LOGIN, Login, READ, REFRESH, SECRET, THINGS, call, form};
use crate::auth_store::Folder;

const CHILD: &str = "ETIQUETTE_TEST_CHILD";
const CALLS: usize = 40;

/// Starts this test in another process.
fn child(test: &str, with: &[(&str, &str)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .envs(with.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// What the server knows: the token that is good, the refresh token that is, and what went wrong.
struct Tokens {
    access: u32,
    refresh: String,
    served: u32,
    refused_grants: u32,
}

/// Answers one request: `/token` renews, anything else wants the token, which ends after five uses.
fn answer(tokens: &Mutex<Tokens>, head: &str, body: &str) -> (u16, String) {
    let mut tokens = tokens.lock().unwrap();
    if head.starts_with("POST /token ") {
        if !body.contains(&format!("refresh_token={}", form(&tokens.refresh))) {
            tokens.refused_grants += 1;
            return (400, r#"{"error":"invalid_grant"}"#.to_owned());
        }
        tokens.access += 1;
        tokens.served = 0;
        tokens.refresh = format!("refresh-{}", tokens.access);
        let (access, refresh) = (tokens.access, &tokens.refresh);
        let text = format!(r#"{{"access_token":"access-{access}","refresh_token":"{refresh}"}}"#);
        return (200, text);
    }
    let is_good = head.contains(&format!(
        "authorization: Bearer access-{}\r\n",
        tokens.access
    ));
    if !is_good || tokens.served == 5 {
        return (401, String::new());
    }
    tokens.served += 1;
    (200, "{}".to_owned())
}

fn serve(mut stream: TcpStream, tokens: &Mutex<Tokens>) {
    let (mut all, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&all).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = format!("{}\r\n", head.replace("Authorization", "authorization"));
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse::<usize>()
                    .ok()
            });
            if body.len() >= length.unwrap_or(0) {
                let (status, body) = answer(tokens, &head, body);
                let length = body.len();
                let text = format!(
                    "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
                     connection: close\r\n\r\n{body}"
                );
                let _ = stream.write_all(text.as_bytes());
                return;
            }
        }
        match stream.read(&mut chunk) {
            Ok(length) if length > 0 => all.extend_from_slice(&chunk[..length]),
            _ => return,
        }
    }
}

/// Makes a client for each call; a token that ended is renewed by whoever comes first.
fn be_a_child(port: &str) {
    let folder = std::env::var("ETIQUETTE_TEST_FOLDER").unwrap();
    let client = || -> Core {
        let mut builder = Builder::new(&THINGS);
        builder.base_url(&format!("http://127.0.0.1:{port}"));
        builder.credential(
            &LOGIN,
            OAuthClient::new("my app", SECRET)
                .with_refresh_token(REFRESH)
                .with_token_url(format!("http://127.0.0.1:{port}/token"))
                .with_store(FileTokenStore::new(format!("{folder}/token"))),
        );
        builder.build().unwrap()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut good = 0;
        for _ in 0..CALLS {
            // The other may use a new token up before it serves us: that is a second 401, and no loss.
            good += usize::from(call(&client(), &READ).await.is_ok());
        }
        assert!(good > CALLS / 4, "only {good} of {CALLS} calls were good");
    });
}

/// Row E9: two processes renew by turns, and neither uses a refresh token that the other has used up.
#[test]
fn two_processes_share_a_login() {
    if let Ok(port) = std::env::var(CHILD) {
        return be_a_child(&port);
    }
    let folder = Folder::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let tokens = Arc::new(Mutex::new(Tokens {
        access: 0,
        refresh: REFRESH.to_owned(),
        served: 0,
        refused_grants: 0,
    }));
    let over = Arc::new(AtomicBool::new(false));
    let server = {
        let (tokens, over) = (Arc::clone(&tokens), Arc::clone(&over));
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let tokens = Arc::clone(&tokens);
                thread::spawn(move || serve(stream, &tokens));
            }
        })
    };
    let place = folder.0.to_str().unwrap();
    let with = [(CHILD, port.as_str()), ("ETIQUETTE_TEST_FOLDER", place)];
    let children = [(); 2].map(|()| child("auth_processes::two_processes_share_a_login", &with));
    let ended = children.map(|mut child| child.wait().unwrap().success());
    over.store(true, Ordering::SeqCst);
    drop(TcpStream::connect(format!("127.0.0.1:{port}")));
    server.join().unwrap();
    assert_eq!(ended, [true, true]);
    let tokens = tokens.lock().unwrap();
    assert_eq!(tokens.refused_grants, 0, "no refresh token was used twice");
    assert!(
        tokens.access >= 5,
        "the control: {} renewals",
        tokens.access
    );
}

/// An OAuth 2 client has variables of its own, all or none of which are set.
#[test]
fn the_environment_gives_a_whole_client() {
    let parts = ["CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"];
    let names = parts.map(|part| format!("ETIQUETTE_TEST_LOGIN_{part}"));
    if let Ok(wanted) = std::env::var(CHILD) {
        let mut builder = Builder::new(&THINGS);
        let bench = Login::new();
        builder.transport(bench.script.clone());
        builder.clock(bench.clock.clone());
        builder.spawn(bench.clock.clone());
        let result = builder
            .build()
            .and_then(|core| bench.run(call(&core, &READ)));
        let found = match &result {
            Ok(()) => "good",
            Err(error) if error.to_string().contains("some are set and some are not") => "half",
            Err(error) if error.to_string().contains("ETIQUETTE_TEST_LOGIN_CLIENT_ID") => "none",
            Err(_) => "other",
        };
        assert_eq!(found, wanted, "{result:?}");
        return;
    }
    for (values, wanted) in [
        (["my app", SECRET, REFRESH], "good"),
        (["", "", ""], "none"),
        (["my app", SECRET, ""], "half"),
        (["my app", "", REFRESH], "half"),
        (["", "", REFRESH], "half"),
    ] {
        let mut with = vec![(CHILD, wanted)];
        with.extend(names.iter().map(String::as_str).zip(values));
        let mut child = child(
            "auth_processes::the_environment_gives_a_whole_client",
            &with,
        );
        assert!(child.wait().unwrap().success(), "{wanted}");
    }
}

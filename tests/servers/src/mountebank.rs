//! mountebank: an imposter that answers as it was told, one answer after the other, and records what arrives.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::program::{Program, free_port, place};

/// A running mountebank with one imposter.
pub struct Mountebank {
    _program: Program,
    control: u16,
    /// Where the imposter listens.
    pub port: u16,
}

/// A request that has arrived.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// `GET`.
    pub method: String,
    /// When, in milliseconds since 1970.
    pub at: i128,
}

impl Mountebank {
    /// Starts it with these responses, in mountebank's own words, given one after the other.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn start(responses: Value) -> Mountebank {
        let (control, port) = (free_port(), free_port());
        let mut program = Program::start(
            "mountebank",
            Command::new("node")
                .arg(place().join("node_modules/mountebank/bin/mb"))
                .args([
                    "start",
                    "--nologfile",
                    "--localOnly",
                    "--loglevel",
                    "error",
                    "--host",
                    "127.0.0.1",
                ])
                .args([
                    "--pidfile",
                    &place()
                        .join(format!("mountebank-{control}.pid"))
                        .to_string_lossy(),
                ])
                .args(["--port", &control.to_string()])
                .stdout(Stdio::null()),
        );
        program.wait_for(control);
        let server = Mountebank {
            _program: program,
            control,
            port,
        };
        let imposter = json!({
            "protocol": "http", "port": port, "host": "127.0.0.1", "recordRequests": true,
            "stubs": [{ "responses": responses }],
        });
        let created = server
            .ask("POST", "/imposters", &imposter.to_string())
            .await;
        assert!(created.get("errors").is_none(), "{created}");
        server
    }

    /// The imposter's base URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All that has arrived, in order.
    ///
    /// # Panics
    ///
    /// When mountebank's answer is not as its documentation says.
    pub async fn record(&self) -> Vec<Arrival> {
        let imposter = self
            .ask("GET", &format!("/imposters/{}", self.port), "")
            .await;
        let requests = imposter["requests"]
            .as_array()
            .expect("requests are recorded");
        requests
            .iter()
            .map(|request| Arrival {
                method: request["method"].as_str().expect("a method").to_owned(),
                at: millis(request["timestamp"].as_str().expect("a time")),
            })
            .collect()
    }

    /// One request to the control port, by hand: the client under test takes no part in it.
    async fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.control))
            .await
            .expect("mountebank listens");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.control,
            body.len()
        );
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("it answers");
        let text = String::from_utf8(answer).expect("it answers in UTF-8");
        let (from, to) = (
            text.find("\r\n\r\n").expect("a head"),
            text.rfind('}').expect("a JSON object"),
        );
        let from = from + text[from..].find('{').expect("a JSON object");
        serde_json::from_str(&text[from..=to]).expect("a JSON object")
    }
}

/// `2026-01-02T03:04:05.678Z` in milliseconds since 1970.
fn millis(text: &str) -> i128 {
    let (date, rest) = text.split_once('T').expect("a date and a time");
    let number = |text: &str| text.parse::<i128>().expect("a number");
    let date: Vec<i128> = date.split('-').map(number).collect();
    let (time, fraction) = rest
        .trim_end_matches('Z')
        .split_once('.')
        .expect("with milliseconds");
    let time: Vec<i128> = time.split(':').map(number).collect();
    // Days from civil dates: the year begins in March, so that the leap day is its last.
    let (year, month) = if date[1] > 2 {
        (date[0], date[1] - 3)
    } else {
        (date[0] - 1, date[1] + 9)
    };
    let days =
        365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + date[2] - 719_469;
    ((days * 24 + time[0]) * 60 + time[1]) * 60_000 + time[2] * 1_000 + number(fraction)
}

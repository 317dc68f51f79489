//! nginx as the limiter of an API, and its log as the record of what arrived when.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::program::{Program, free_port, place};

/// A running nginx with a configuration of its own.
pub struct Nginx {
    program: Option<Program>,
    folder: PathBuf,
    /// Where it listens.
    pub port: u16,
}

/// A request as nginx has logged it, when it was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When it was answered, in seconds.
    pub ended: f64,
    /// How long it took from its first byte.
    pub took: f64,
    /// The answer's status.
    pub status: u16,
    /// `PASSED`, `DELAYED`, `REJECTED` or `-`, by `limit_req`.
    pub rate: String,
    /// The same by `limit_conn`.
    pub connections: String,
    /// The plugin that the caller named.
    pub plugin: String,
}

impl Entry {
    /// When its first byte arrived.
    pub fn arrived(&self) -> f64 {
        self.ended - self.took
    }
}

impl Nginx {
    /// Starts nginx with these lines in its `http` and in its `location /` block.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start(name: &str, http: &str, location: &str) -> Nginx {
        let folder = place().join("nginx").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("files")).expect("a folder below target");
        fs::write(folder.join("files/thing"), vec![b'x'; 30_000]).expect("a file below target");
        let port = free_port();
        let shown = folder.display();
        let config = format!(
            "daemon off; master_process off; worker_processes 1; pid {shown}/pid; error_log {shown}/error.log;\n\
             events {{ worker_connections 4096; }}\n\
             http {{\n\
               log_format record '$msec $request_time $status $limit_req_status $limit_conn_status $http_x_plugin';\n\
               access_log {shown}/access.log record;\n\
               client_body_temp_path {shown}/body; proxy_temp_path {shown}/proxy; fastcgi_temp_path {shown}/fastcgi;\n\
               uwsgi_temp_path {shown}/uwsgi; scgi_temp_path {shown}/scgi;\n\
               limit_req_status 429; limit_conn_status 429; keepalive_requests 100000;\n\
               {http}\n\
               server {{ listen 127.0.0.1:{port}; root {shown}/files; location / {{ {location} }} }}\n\
             }}\n"
        );
        let path = folder.join("nginx.conf");
        fs::write(&path, config).expect("a file below target");
        let mut program = Program::start(
            "nginx",
            Command::new("nginx")
                .arg("-e")
                .arg(folder.join("error.log"))
                .arg("-p")
                .arg(&folder)
                .arg("-c")
                .arg(&path),
        );
        program.wait_for(port);
        Nginx {
            program: Some(program),
            folder,
            port,
        }
    }

    /// The base URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All requests that were answered, in the order in which they arrived.
    ///
    /// # Panics
    ///
    /// When a line of the log is not as configured.
    pub fn record(&self) -> Vec<Entry> {
        let log = fs::read_to_string(self.folder.join("access.log")).expect("nginx writes its log");
        let mut entries: Vec<Entry> = log
            .lines()
            .map(|line| {
                let mut words = line.split(' ').map(str::to_owned);
                let mut word = || words.next().expect("six words in each line");
                let mut number = || word().parse::<f64>().expect("a number of seconds");
                let (ended, took) = (number(), number());
                let status = word().parse().expect("a status");
                Entry {
                    ended,
                    took,
                    status,
                    rate: word(),
                    connections: word(),
                    plugin: word(),
                }
            })
            .collect();
        entries.sort_by(|one, other| one.arrived().total_cmp(&other.arrived()));
        entries
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // First the program, then its files, unless a failure is to be looked at.
        drop(self.program.take());
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

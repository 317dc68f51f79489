//! An API behind OAuth 2, in virtual time: a model of its token endpoint and of what it lets in.
//! It counts at the server, and its tokens are good until it says otherwise.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use etiquette_runtime::OAuthClient;
use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::{RecordedRequest, Script, ScriptReply, VirtualClock};

pub(crate) const TOKEN_URL: &str = "https://login.example/oauth/token";
pub(crate) const SECRET: &str = "s3cret canary+/\"q";
pub(crate) const REFRESH: &str = "refresh-0 canary+/";

pub(crate) static OAUTH: OAuth2 = OAuth2 {
    token_url: TOKEN_URL,
    method: Verb::Post,
    form: true,
    basic: true,
    scopes: &["things:read", "things:write"],
    sign: TokenPlace::Header {
        header: "authorization",
        prefix: "Bearer ",
    },
};
/// A refresh token, which the server may replace.
pub(crate) static LOGIN: Credential = Credential {
    name: "login",
    kind: CredentialKind::RefreshToken(&OAUTH),
    env: Some("ETIQUETTE_TEST_LOGIN"),
};
pub(crate) static APP: Credential = Credential {
    name: "app",
    kind: CredentialKind::ClientCredentials(&OAUTH),
    env: None,
};
/// A token that a provider gives.
pub(crate) static GIVEN: Credential = Credential {
    name: "given",
    kind: CredentialKind::Bearer { prefix: "Bearer " },
    env: None,
};
pub(crate) static ONE_A_MINUTE: Bucket = Bucket {
    name: "minute",
    scope: &[Scope::Credential],
    window: Some(Window {
        max: 1,
        max_config: None,
        per: Duration::from_secs(60),
        per_config: None,
    }),
    learn: None,
};
pub(crate) static THINGS: Api = Api {
    name: "things",
    base: "https://things.example/v1",
    credentials: &[&LOGIN, &APP, &GIVEN],
    buckets: &[&ONE_A_MINUTE],
    errors: &[ErrorShape::Text],
    ..Api::NEW
};
pub(crate) const GET: Operation = Operation {
    api: &THINGS,
    name: "things.get",
    path: "/thing",
    security: &[&[&LOGIN], &[&APP], &[&GIVEN]],
    ..Operation::NEW
};
pub(crate) static READ: Operation = GET;
pub(crate) static CREATE: Operation = Operation {
    name: "things.create",
    verb: Verb::Post,
    effect: Effect::Once,
    ..GET
};
pub(crate) static SLOWLY: Operation = Operation {
    name: "things.slowly",
    limit: &[Charge {
        bucket: &ONE_A_MINUTE,
        cost: 1,
    }],
    ..GET
};

/// What the token endpoint does next instead of its work, or after it.
pub(crate) enum Fault {
    Instead(ScriptReply),
    /// The work is done and its answer lost.
    Lost,
}

/// The server: its tokens and what it has seen.
pub(crate) struct Server {
    pub(crate) access: Option<String>,
    pub(crate) refresh: String,
    pub(crate) rotates: bool,
    pub(crate) lifetime: Option<u64>,
    /// Requests to the token endpoint, and tokens issued.
    pub(crate) asked: u32,
    pub(crate) issued: u32,
    pub(crate) rejections: u32,
    pub(crate) faults: VecDeque<Fault>,
    pub(crate) random: fastrand::Rng,
    /// At most so long takes an answer of the API, and of the token endpoint.
    pub(crate) latency: (u64, u64),
}

impl Server {
    fn answer(&mut self, request: &RecordedRequest) -> ScriptReply {
        let is_token = request.path() == "/oauth/token";
        let longest = if is_token {
            self.latency.1
        } else {
            self.latency.0
        };
        let latency = Duration::from_millis(self.random.u64(longest / 2..=longest));
        let reply = if is_token {
            self.issue(request)
        } else {
            self.serve(request)
        };
        reply.after(latency)
    }

    fn issue(&mut self, request: &RecordedRequest) -> ScriptReply {
        self.asked += 1;
        let lost = match self.faults.pop_front() {
            Some(Fault::Instead(reply)) => return reply,
            Some(Fault::Lost) => true,
            None => false,
        };
        let body = String::from_utf8(request.body.to_vec()).unwrap();
        let given = body
            .split('&')
            .find_map(|pair| pair.strip_prefix("refresh_token="));
        if given.is_some_and(|given| given != form(&self.refresh)) {
            let text = r#"{"error":"invalid_grant","error_description":"it was used up"}"#;
            return ScriptReply::json(400, text);
        }
        self.issued += 1;
        let access = format!("access-{} canary+/", self.issued);
        let mut more = String::new();
        if self.rotates && given.is_some() {
            self.refresh = format!("refresh-{} canary+/", self.issued);
            more = format!(r#","refresh_token":"{}""#, self.refresh);
        }
        if let Some(lifetime) = self.lifetime {
            more.push_str(&format!(r#","expires_in":{lifetime}"#));
        }
        let text = format!(r#"{{"access_token":"{access}","token_type":"Bearer"{more}}}"#);
        self.access = Some(access);
        if lost {
            return ScriptReply::lost();
        }
        ScriptReply::json(200, text)
    }

    fn serve(&mut self, request: &RecordedRequest) -> ScriptReply {
        let wanted = self.access.as_ref().map(|token| format!("Bearer {token}"));
        if wanted.is_some() && request.header("authorization") == wanted.as_deref() {
            return ScriptReply::json(200, "{}");
        }
        self.rejections += 1;
        ScriptReply::text(401, "who are you?").header(
            "www-authenticate",
            r#"Bearer realm="https://evil.example/token""#,
        )
    }
}

/// `application/x-www-form-urlencoded`.
pub(crate) fn form(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b' ' => "+".to_owned(),
            _ if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// A server, and clients of it.
pub(crate) struct Login {
    pub(crate) clock: VirtualClock,
    pub(crate) script: Script,
    pub(crate) server: Arc<Mutex<Server>>,
}

impl Login {
    pub(crate) fn new() -> Login {
        let clock = VirtualClock::new();
        let script = Script::new(clock.clone());
        let server = Arc::new(Mutex::new(Server {
            access: None,
            refresh: REFRESH.to_owned(),
            rotates: true,
            lifetime: Some(3600),
            asked: 0,
            issued: 0,
            rejections: 0,
            faults: VecDeque::new(),
            random: fastrand::Rng::with_seed(7),
            latency: (0, 0),
        }));
        let answering = Arc::clone(&server);
        script.respond_with(move |request| answering.lock().unwrap().answer(request));
        Login {
            clock,
            script,
            server,
        }
    }

    pub(crate) fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap()
    }

    pub(crate) fn issued_and_asked(&self) -> (u32, u32) {
        let server = self.server();
        (server.issued, server.asked)
    }

    pub(crate) fn issued_and_rejections(&self) -> (u32, u32) {
        let server = self.server();
        (server.issued, server.rejections)
    }

    pub(crate) fn client(
        &self,
        credential: &'static Credential,
        source: impl Into<CredentialSource>,
    ) -> Core {
        let mut builder = Builder::new(&THINGS);
        builder.credential(credential, source);
        builder.transport(self.script.clone());
        builder.clock(self.clock.clone());
        builder.spawn(self.clock.clone());
        builder.seed(7);
        builder.build().unwrap()
    }

    /// A client with the first refresh token.
    pub(crate) fn logged_in(&self) -> Core {
        self.client(&LOGIN, login())
    }

    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.clock.run(future)
    }

    pub(crate) fn clock_millis(&self) -> u64 {
        self.clock.now().nanos() / 1_000_000
    }

    pub(crate) fn sleep(&self, millis: u64) -> impl Future<Output = ()> + use<> {
        self.clock
            .sleep(self.clock.now() + Duration::from_millis(millis))
    }

    /// Where requests arrived: `token` or the API's path, and when, in milliseconds.
    pub(crate) fn arrivals(&self) -> Vec<(String, u64)> {
        let requests = self.script.requests();
        let arrival = |request: &RecordedRequest| {
            let name = match request.path() {
                "/oauth/token" => "token",
                path => path,
            };
            (name.to_owned(), request.arrived.nanos() / 1_000_000)
        };
        requests.iter().map(arrival).collect()
    }
}

pub(crate) fn login() -> OAuthClient {
    OAuthClient::new("my app", SECRET).with_refresh_token(REFRESH)
}

pub(crate) fn call(core: &Core, operation: &'static Operation) -> Call<()> {
    let mut request = Request::new(core, operation);
    if operation.verb == Verb::Post {
        request = request.json(&"body");
    }
    request.call_empty()
}

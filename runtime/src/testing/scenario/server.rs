//! The server of a scenario: answers in the order of the table, and gives out tokens beside it.
//!
//! Must not judge: what arrived and when is looked at when all is over.

use std::time::{Duration, SystemTime};

use super::{Scenario, ScenarioReply};
use crate::operation::{Api, CredentialKind, Place, Unit};
use crate::testing::{RecordedRequest, ScriptReply, VirtualClock};
use crate::value::Json;

/// How long a token lives: longer than any scenario.
const TOKEN: &str = r#"{"access_token": "scenario-token", "refresh_token": "scenario-refresh", "token_type": "bearer", "expires_in": 31536000}"#;

pub(super) struct Server {
    scenario: &'static Scenario,
    clock: VirtualClock,
    /// Requests that were answered, without those for tokens.
    answered: usize,
}

impl Server {
    pub(super) fn new(scenario: &'static Scenario, clock: VirtualClock) -> Server {
        Server {
            scenario,
            clock,
            answered: 0,
        }
    }

    pub(super) fn answer(&mut self, request: &RecordedRequest) -> ScriptReply {
        if is_for_a_token(self.scenario.operation.api, request) {
            return token();
        }
        self.answered += 1;
        match reply_to(self.scenario, self.answered) {
            Some((_, reply)) => make(reply, self.clock.now_system()),
            // It ends the call; that it was sent at all is found by the judge.
            None => ScriptReply::text(400, "the scenario has no reply to this request"),
        }
    }
}

/// The reply to a request, both counted from 1.
pub(super) fn reply_to(
    scenario: &'static Scenario,
    request: usize,
) -> Option<(usize, &'static ScenarioReply)> {
    let mut before = 0;
    let mut replies = scenario.replies.iter().enumerate();
    let (at, reply) = replies.find(|(_, reply)| {
        before += reply.times;
        request <= before
    })?;
    Some((at + 1, reply))
}

/// The answer of a token endpoint.
pub(crate) fn token() -> ScriptReply {
    ScriptReply::json(200, TOKEN)
}

/// Whether the request goes to a token endpoint of the API.
pub(crate) fn is_for_a_token(api: &Api, request: &RecordedRequest) -> bool {
    let uri = request.uri.to_string();
    api.credentials
        .iter()
        .any(|credential| match credential.kind {
            CredentialKind::ClientCredentials(oauth) | CredentialKind::RefreshToken(oauth) => {
                uri.split('?').next() == Some(oauth.token_url)
            }
            _ => false,
        })
}

fn make(reply: &ScenarioReply, now: SystemTime) -> ScriptReply {
    if reply.stall {
        return ScriptReply::stalls();
    }
    if reply.reset {
        return ScriptReply::lost();
    }
    let mut headers = Vec::from_iter(reply.headers.iter().map(|(n, v)| (*n, (*v).to_owned())));
    let mut json = reply.json.map(|text| {
        serde_json::from_str::<Json>(text).expect("a table holds the JSON that was checked")
    });
    for (place, after, unit) in reply.later {
        let time = show(*unit, *after, now);
        match (place, &mut json) {
            (Place::Header(name), _) => headers.push((name, time)),
            (Place::Body(at), Some(json)) => put(json, at, &time),
            (Place::Body(_) | Place::Link(_), _) => {}
        }
    }
    let answer = match (json, reply.text) {
        (Some(json), _) => ScriptReply::json(reply.status, json.to_string()),
        (None, Some(text)) => ScriptReply::text(reply.status, text),
        (None, None) => ScriptReply::empty(reply.status),
    };
    headers
        .into_iter()
        .fold(answer, |answer, (name, value)| answer.header(name, &value))
}

/// A time from now on, rounded up where the unit is coarse.
fn show(unit: Unit, after: Duration, now: SystemTime) -> String {
    let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH);
    let then = since_1970.unwrap_or_default() + after;
    let seconds = |time: Duration| time.as_millis().div_ceil(1000).to_string();
    match unit {
        // RFC 9110, section 10.2.3: a number of seconds.
        Unit::RetryAfter | Unit::Seconds => seconds(after),
        Unit::Millis => after.as_millis().to_string(),
        Unit::EpochSeconds => seconds(then),
        Unit::EpochMillis => then.as_millis().to_string(),
    }
}

/// Puts a number where the pointer leads, if it leads to something.
fn put(json: &mut Json, at: &[&str], number: &str) {
    let found = at.iter().try_fold(json, |json, key| match json {
        Json::Object(members) => members.get_mut(*key),
        Json::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
        _ => None,
    });
    if let Some(found) = found {
        *found = number.parse::<u64>().map_or(Json::Null, Json::from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_each_unit() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_000_500);
        let after = Duration::from_millis(1_500);
        let told = [
            (Unit::RetryAfter, "2"),
            (Unit::Seconds, "2"),
            (Unit::Millis, "1500"),
            (Unit::EpochSeconds, "1002"),
            (Unit::EpochMillis, "1002000"),
        ];
        for (unit, text) in told {
            assert_eq!(show(unit, after, now), text, "{unit:?}");
        }
    }

    #[test]
    fn a_number_is_put_where_a_pointer_leads() {
        let mut json = serde_json::json!({"a": [{"b": "now+1s"}]});
        put(&mut json, &["a", "0", "b"], "5");
        put(&mut json, &["a", "1", "b"], "6");
        assert_eq!(json, serde_json::json!({"a": [{"b": 5}]}));
    }
}

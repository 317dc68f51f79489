//! Buckets: what fits into one goes at once, and the next call waits.
//! Assumes that all requests leave at the same moment and are answered at once, so that a window is spent at its
//! beginning. Must not count on more than the least that a window takes.

use crate::model::{
    Bucket, Learn, Method, Place, RateLimitPolicy, Scenario, ScenarioExpect, ScenarioReply, Scope,
    Window,
};

use super::super::index::Index;
use super::super::json::Json;
use super::{Draft, client, drafts, is_shown};

/// A larger bucket counts as used up but for so many slots.
const MOST: u64 = 100;
/// How long a server that counts by itself makes the next call wait.
const RESET_MS: u64 = 30_000;

pub(super) fn make(index: &Index<'_>) -> Vec<Scenario> {
    let drafts = drafts(index);
    let buckets = index.api.buckets.iter().enumerate();
    let unseen = buckets.filter(|(at, bucket)| {
        !is_shown(index, |scenario, method| {
            shows(scenario, method, *at, bucket)
        })
    });
    unseen
        .filter_map(|(at, bucket)| {
            let drawing = drafts.iter().filter(|draft| charges(draft.method, at));
            // A call of one answer is easier to read than a page.
            let (pages, others): (Vec<_>, Vec<_>) =
                drawing.partition(|draft| draft.method.page.is_some());
            let mut all = others.into_iter().chain(pages);
            all.find_map(|draft| match (&bucket.window, &bucket.learn) {
                (Window::Of { .. }, _) => counted(index, at, bucket, draft),
                (Window::Unknown, Some(learn)) => learned(index, bucket, learn, draft),
                (Window::Unknown, None) => None,
            })
        })
        .collect()
}

fn charges(method: &Method, bucket: usize) -> bool {
    method.charges.iter().any(|charge| charge.bucket == bucket)
}

/// Whether a written scenario makes a call wait for this bucket.
fn shows(scenario: &Scenario, method: &Method, at: usize, bucket: &Bucket) -> bool {
    let mut replies = scenario.replies.iter();
    let waits = replies.any(|reply| reply.expect.not_before_ms.is_some());
    let learns = bucket.learn.as_ref().is_some_and(|learn| {
        let mut told = scenario.replies.iter().flat_map(|reply| &reply.later);
        told.any(|(place, ..)| {
            learn
                .reset
                .as_ref()
                .is_some_and(|reset| reset.from == *place)
        })
    });
    charges(method, at) && waits && (scenario.times > 1 || learns)
}

/// How many calls fit into a window, how long that is, and what a call costs.
struct Room {
    calls: u64,
    per_ms: u64,
}

fn room(bucket: &Bucket, cost: u64) -> Option<Room> {
    match &bucket.window {
        Window::Of { max, per } => Some(Room {
            calls: max.value.checked_div(cost)?,
            per_ms: per.value,
        }),
        Window::Unknown => None,
    }
}

/// The client parameters that a bucket is counted by.
fn params(bucket: &Bucket) -> impl Iterator<Item = usize> {
    bucket.scope.iter().filter_map(|scope| match scope {
        Scope::Client(at) => Some(*at),
        Scope::Credential => None,
    })
}

fn counted(index: &Index<'_>, at: usize, bucket: &Bucket, draft: &Draft<'_>) -> Option<Scenario> {
    let given: Vec<usize> = params(bucket).collect();
    // A bucket of a parameter that is not given does not apply.
    let applies = |bucket: &Bucket| params(bucket).all(|param| given.contains(&param));
    let mut rooms = Vec::new();
    let mut used = Vec::new();
    let mut own = None;
    for charge in &draft.method.charges {
        let other = index.api.buckets.get(charge.bucket)?;
        if !applies(other) {
            continue;
        }
        let cost = u64::from(charge.cost);
        let Some(mut room) = room(other, cost) else {
            continue;
        };
        if charge.bucket == at {
            if room.calls > MOST {
                used.push((bucket.name.wire.clone(), (room.calls - MOST) * cost));
                room.calls = MOST;
            }
            own = Some(room.calls);
        }
        rooms.push(room);
    }
    let calls = own?;
    if rooms.iter().any(|room| room.calls == 0 || room.per_ms == 0) {
        return None;
    }
    let times = least_times(&rooms, calls + 1);
    let last = times.last().copied()?;
    let at_once = times.iter().take_while(|time| **time == 0).count();
    let at_once = u64::try_from(at_once).ok()?;
    let mut replies = vec![ScenarioReply {
        times: at_once,
        ..draft.success(ScenarioExpect {
            not_after_ms: Some(0),
            ..ScenarioExpect::default()
        })
    }];
    if calls > at_once {
        replies.push(ScenarioReply {
            times: calls - at_once,
            ..draft.success(ScenarioExpect::default())
        });
    }
    replies.push(draft.success(ScenarioExpect {
        not_before_ms: Some(last),
        ..ScenarioExpect::default()
    }));
    let wire = &bucket.name.wire;
    let name =
        format!("the bucket `{wire}` lets {calls} calls go, and the next one a window later");
    Some(Scenario {
        times: calls + 1,
        client: client(index, &given)?,
        used,
        ..draft.scenario(name, replies)
    })
}

/// The earliest moments of so many calls, when each window counts from the moment of its first call.
fn least_times(rooms: &[Room], calls: u64) -> Vec<u64> {
    let mut times: Vec<u64> = Vec::new();
    for call in 0..calls {
        let after = |room: &Room| {
            let first = usize::try_from(call.checked_sub(room.calls)?).ok()?;
            Some(times.get(first)?.saturating_add(room.per_ms))
        };
        let time = rooms.iter().filter_map(after).max().unwrap_or(0);
        times.push(time);
    }
    times
}

/// The first answer says that nothing is left until a moment.
fn learned(
    index: &Index<'_>,
    bucket: &Bucket,
    learn: &Learn,
    draft: &Draft<'_>,
) -> Option<Scenario> {
    let says_all_used = learn.remaining.is_some()
        || learn.used.is_some() && learn.limit.is_some()
        || learn.rate_limit.is_some();
    if !says_all_used {
        return None;
    }
    let mut told = draft.success(ScenarioExpect::default());
    let mut body = draft.body.clone();
    let numbers = [(&learn.limit, 1), (&learn.used, 1), (&learn.remaining, 0)];
    for (place, number) in numbers {
        match place {
            Some(Place::Header(name)) => told.headers.push((name.clone(), number.to_string())),
            Some(Place::Body(at)) if body.as_mut()?.put(at, Json::number(number)) => {}
            Some(Place::Body(_) | Place::Link(_)) => return None,
            None => {}
        }
    }
    match (&learn.reset, &learn.rate_limit) {
        (Some(reset), _) => {
            if let Place::Body(at) = &reset.from
                && !body.as_mut()?.put(at, Json::number(0))
            {
                return None;
            }
            told.later.push((reset.from.clone(), RESET_MS, reset.unit));
        }
        (None, Some(policy)) => {
            let name = match policy {
                RateLimitPolicy::Any => "scenario",
                RateLimitPolicy::Named(name) => name,
            };
            // draft-ietf-httpapi-ratelimit-headers-10: what is left, and in how many seconds there is more.
            let seconds = RESET_MS / 1000;
            let quota = format!("\"{name}\";q=1;w={seconds}");
            let left = format!("\"{name}\";r=0;t={seconds}");
            told.headers.push(("ratelimit-policy".to_owned(), quota));
            told.headers.push(("ratelimit".to_owned(), left));
        }
        (None, None) => return None,
    }
    told.json = body.map(|body| body.print());
    let next = draft.success(ScenarioExpect {
        not_before_ms: Some(RESET_MS),
        ..ScenarioExpect::default()
    });
    let given: Vec<usize> = params(bucket).collect();
    let wire = &bucket.name.wire;
    let name = format!("the bucket `{wire}` waits when an answer says that nothing is left");
    Some(Scenario {
        times: 2,
        client: client(index, &given)?,
        ..draft.scenario(name, vec![told, next])
    })
}

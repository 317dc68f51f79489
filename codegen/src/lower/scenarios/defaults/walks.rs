//! Walks: three pages of each page policy, for each end that it declares.
//! Only the end that is shown is told by the answers: a total, a number of pages or a missing next position would end
//! the walk as well. Must not make a page that equals another one.

use crate::model::{
    Answer, Paging, PagingKind, Place, Scenario, ScenarioExpect, ScenarioReply, SendAt, Stop,
};

use super::super::index::Index;
use super::super::json::Json;
use super::super::samples;
use super::{Draft, drafts, is_shown, items_at};

/// Items of a full page, where the policy leaves it open.
const FULL: u64 = 2;
/// The query of the next page, where the server makes URLs.
const NEXT: &str = "scenario";

pub(super) fn make(index: &Index<'_>) -> Vec<Scenario> {
    let drafts = drafts(index);
    let mut made = Vec::new();
    for (at, policy) in index.api.pages.iter().enumerate() {
        let of = |page: Option<usize>| page == Some(at);
        if is_shown(index, |scenario, method| scenario.walk && of(method.page)) {
            continue;
        }
        let Some(draft) = drafts.iter().find(|draft| of(draft.method.page)) else {
            continue;
        };
        for stop in &policy.stop {
            made.extend(Walk::new(index, policy, *stop, draft).and_then(Walk::scenario));
        }
    }
    made
}

struct Walk<'i, 'a> {
    index: &'i Index<'a>,
    policy: &'i Paging,
    /// The end that is shown.
    stop: Stop,
    draft: &'i Draft<'a>,
    /// Items of a full page.
    full: u64,
    /// The answer to each request: how many items.
    counts: [u64; 3],
}

impl<'i, 'a> Walk<'i, 'a> {
    fn new(
        index: &'i Index<'a>,
        policy: &'i Paging,
        stop: Stop,
        draft: &'i Draft<'a>,
    ) -> Option<Walk<'i, 'a>> {
        let least = policy.min_size.as_ref().map_or(1, |size| size.value);
        let most = policy.max_size.as_ref().map_or(u64::MAX, |size| size.value);
        let default = policy.default_size.as_ref().map(|size| size.value);
        // A size that is neither asked for nor told is the one that the description knows.
        let full = if policy.size.is_some() || policy.size_read.is_some() {
            FULL.max(least).min(most)
        } else {
            default.unwrap_or(FULL)
        };
        let is_known = policy.size.is_some() || policy.size_read.is_some() || default.is_some();
        if stop == Stop::ShortPage && !is_known {
            return None;
        }
        let last = match stop {
            Stop::EmptyPage => 0,
            Stop::ShortPage => full.checked_sub(1)?,
            Stop::TotalReached | Stop::NoNext | Stop::LastPage => 1,
        };
        Some(Walk {
            index,
            policy,
            stop,
            draft,
            full,
            counts: [full, full, last],
        })
    }

    fn scenario(self) -> Option<Scenario> {
        let mut replies = Vec::new();
        let mut expect = ScenarioExpect::default();
        for page in 0..self.counts.len() {
            let (reply, next) = self.page(page, expect)?;
            replies.push(reply);
            expect = next;
        }
        let ended = match self.stop {
            Stop::TotalReached => "the total is reached",
            Stop::NoNext => "there is no next page",
            Stop::ShortPage => "a page is short",
            Stop::EmptyPage => "a page is empty",
            Stop::LastPage => "the last page is there",
        };
        let name = format!(
            "pages of `{}` are walked until {ended}",
            self.policy.name.wire
        );
        let mut scenario = self.draft.scenario(name, replies);
        scenario.walk = true;
        scenario.items = Some(self.counts.iter().sum());
        scenario.call.size = self.policy.size.as_ref().map(|_| self.full);
        Some(scenario)
    }

    /// The answer to a request, and what is expected of the request after it.
    fn page(&self, page: usize, expect: ScenarioExpect) -> Option<(ScenarioReply, ScenarioExpect)> {
        let before: u64 = self.counts[..page].iter().sum();
        let number = u64::try_from(page).ok()?;
        let Answer::Page { item, .. } = &self.draft.method.answer else {
            return None;
        };
        let items: Option<Vec<Json>> = (1..=self.counts[page])
            .map(|at| samples::answered(self.index, item, before + at))
            .collect();
        let items = items?;
        let last = items.last().cloned();
        let mut told = Told {
            reply: self.draft.success(expect),
            body: Json::Map(Vec::new()),
        };
        told.body
            .put(&items_at(self.index, self.draft.method), Json::List(items));
        let policy = self.policy;
        let shows = |stop: Stop| self.stop == stop;
        told.tell(&policy.size_read, Json::number(self.full))?;
        told.tell(&policy.page, Json::number(policy.first + number))?;
        if shows(Stop::TotalReached) {
            told.tell(&policy.total, Json::number(self.counts.iter().sum()))?;
        }
        if shows(Stop::LastPage) {
            told.tell(&policy.pages, Json::number(3))?;
        }
        let position = self.position(number + 1, before + self.counts[page], last.as_ref());
        if page < 2 || !shows(Stop::NoNext) {
            let next = match (&policy.kind, &position) {
                (PagingKind::NextUrl { from_request }, _) => {
                    Some(Json::Text(self.url(*from_request, number + 1)))
                }
                (PagingKind::Cursor, Some(text)) => Some(Json::Text(text.clone())),
                (_, position) => position.clone().map(Json::Raw),
            };
            if let Some(next) = next {
                told.tell(&policy.next, next)?;
            }
        }
        Some((told.finish(), self.expected(number + 1, position)))
    }

    /// The position of a page: what asks for it.
    fn position(&self, page: u64, items: u64, last: Option<&Json>) -> Option<String> {
        match &self.policy.kind {
            PagingKind::Offset => Some((self.policy.first + items).to_string()),
            PagingKind::Page => Some((self.policy.first + page).to_string()),
            PagingKind::Cursor => Some(format!("c{page}")),
            PagingKind::NextUrl { .. } => None,
            PagingKind::Keyset { by } => last?.get(by)?.text(),
        }
    }

    fn expected(&self, page: u64, position: Option<String>) -> ScenarioExpect {
        let mut expect = ScenarioExpect::default();
        match (&self.policy.kind, &self.policy.start, position) {
            (PagingKind::NextUrl { .. }, ..) => {
                expect.query.push((NEXT.to_owned(), page.to_string()));
            }
            (_, Some(SendAt::Query(name)), Some(text)) => expect.query.push((name.clone(), text)),
            (_, Some(SendAt::Header(name)), Some(text)) => {
                expect.headers.push((name.clone(), text));
            }
            (..) => {}
        }
        expect
    }

    /// Where the next page is: relative to the request (RFC 3986, section 5.4), or below the base URL.
    fn url(&self, from_request: bool, page: u64) -> String {
        if from_request {
            return format!("?{NEXT}={page}");
        }
        let mut path = String::new();
        let mut keys = self.draft.call.keys.iter();
        let mut rest = self.draft.method.path.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            path.push_str(before);
            path.extend(keys.next().map(String::as_str));
            rest = after.split_once('}').map_or("", |(_, rest)| rest);
        }
        format!("{path}{rest}?{NEXT}={page}")
    }
}

/// An answer in the making.
struct Told {
    reply: ScenarioReply,
    body: Json,
}

impl Told {
    /// Tells this at a place, if the policy has one; nothing if there is no room for it.
    fn tell(&mut self, place: &Option<Place>, value: Json) -> Option<()> {
        match place {
            None => {}
            Some(Place::Header(name)) => self.reply.headers.push((name.clone(), value.text()?)),
            Some(Place::Link(relation)) => {
                // RFC 8288, section 3.
                let link = format!("<{}>; rel=\"{relation}\"", value.text()?);
                self.reply.headers.push(("link".to_owned(), link));
            }
            Some(Place::Body(at)) => self.body.put(at, value).then_some(())?,
        }
        Some(())
    }

    fn finish(self) -> ScenarioReply {
        ScenarioReply {
            json: Some(self.body.print()),
            ..self.reply
        }
    }
}

//! `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), as far as they speak of requests.
//!
//! They are Lists of Items with Parameters (RFC 9651 §3.1, §3.3), read here in one pass and within bounds. A field that
//! is malformed, too long or too rich counts as absent, as RFC 9651 §4.2 asks; an item without its required number is
//! passed over. Nothing here panics, whatever a server sends.

use std::borrow::Cow;
use std::time::Duration;

use http::HeaderMap;

use crate::operation::RateLimitFields;

const MOST_ITEMS: usize = 16;
const MOST_BYTES: usize = 8 * 1024;
/// The longest window that is believed.
const CAP: u64 = 24 * 60 * 60;

/// What the fields of one answer tell of a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) limit: Option<u32>,
    pub(super) remaining: Option<u32>,
    /// How long until the window ends, at most.
    pub(super) reset: Option<Duration>,
    pub(super) invalid: u32,
}

/// Reads the policy that is meant, or the strictest one: that with the least left, or else with the lowest rate.
pub(super) fn read(fields: &RateLimitFields, headers: &HeaderMap) -> Told {
    let mut told = Told::default();
    let mut items = |name: &str| match list(headers, name) {
        Ok(items) => items,
        Err(Malformed) => {
            told.invalid += 1;
            Vec::new()
        }
    };
    let (limits, policies) = (items("ratelimit"), items("ratelimit-policy"));
    let is_meant = |item: &Item<'_>| {
        fields
            .policy
            .is_none_or(|name| name.as_bytes() == &*item.name)
    };
    let quota = |item: &Item<'_>| policies.iter().find(|policy| policy.governs(item));
    let mut found = Vec::new();
    for item in limits.iter().filter(|item| is_meant(item)) {
        let policy = quota(item);
        match item.r.filter(|_| item.is_well_typed) {
            Some(left) if policy.is_none_or(Item::counts_requests) => {
                found.push((
                    left,
                    policy.and_then(|policy| policy.q),
                    item.t.or(policy.and_then(|policy| policy.w)),
                ));
            }
            Some(_) => {}
            None => told.invalid += 1,
        }
    }
    // Of those with as little left, the one that lasts longest.
    if let Some((left, limit, reset)) = found
        .into_iter()
        .min_by_key(|(left, _, reset)| (*left, u64::MAX - reset.unwrap_or(0)))
    {
        told.remaining = Some(clip(left));
        told.limit = limit.map(clip);
        told.set_reset(reset);
        return told;
    }
    let sane = |item: &&Item<'_>| item.is_well_typed && item.q.is_some() && item.counts_requests();
    let rate = |item: &&Item<'_>| item.q.unwrap_or(0) as f64 / item.w.unwrap_or(1).max(1) as f64;
    let strictest = policies
        .iter()
        .filter(|item| is_meant(item))
        .filter(sane)
        .min_by(|a, b| rate(a).total_cmp(&rate(b)));
    if let Some(policy) = strictest {
        told.limit = policy.q.map(clip);
        told.set_reset(policy.w);
    }
    told
}

impl Told {
    fn set_reset(&mut self, seconds: Option<u64>) {
        self.reset = seconds
            .filter(|seconds| *seconds <= CAP)
            .map(Duration::from_secs);
        self.invalid += u32::from(seconds.is_some() && self.reset.is_none());
    }
}

fn clip(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A policy or what is left of it.
#[derive(Debug, Default)]
struct Item<'h> {
    name: Cow<'h, [u8]>,
    q: Option<u64>,
    w: Option<u64>,
    r: Option<u64>,
    t: Option<u64>,
    unit: Option<Cow<'h, [u8]>>,
    partition: Option<&'h [u8]>,
    /// No parameter that means something has a value that it cannot have.
    is_well_typed: bool,
}

impl<'h> Item<'h> {
    /// An earlier draft had the unit in the singular.
    fn counts_requests(&self) -> bool {
        self.unit
            .as_ref()
            .is_none_or(|unit| matches!(&**unit, b"requests" | b"request"))
    }

    /// Whether this policy is that of `limit`: the same name, and the same partition where both name one.
    fn governs(&self, limit: &Item<'_>) -> bool {
        let same_partition = self
            .partition
            .is_none_or(|own| limit.partition.is_none_or(|other| own == other));
        self.is_well_typed && self.name == limit.name && same_partition
    }

    /// Sets a parameter; false when it has a value that it cannot have. Unknown ones are comments.
    fn set(&mut self, key: &[u8], value: Value<'h>) -> bool {
        let number = match key {
            b"q" => &mut self.q,
            b"w" => &mut self.w,
            b"r" => &mut self.r,
            b"t" => &mut self.t,
            b"qu" => {
                let Value::Text(unit) = value else {
                    return false;
                };
                self.unit = Some(unit);
                return true;
            }
            b"pk" => {
                let Value::Bytes(partition) = value else {
                    return false;
                };
                self.partition = Some(partition);
                return true;
            }
            _ => return true,
        };
        let Value::Integer(count) = value else {
            return false;
        };
        *number = Some(count);
        true
    }
}

/// The field is no list, or no small one.
#[derive(Debug)]
struct Malformed;

/// A bare item (RFC 9651 §3.3).
enum Value<'h> {
    Text(Cow<'h, [u8]>),
    Integer(u64),
    Bytes(&'h [u8]),
    /// A type that no parameter here has, or a number below zero.
    Other,
}

/// All lines of a field are one list.
fn list<'h>(headers: &'h HeaderMap, name: &str) -> Result<Vec<Item<'h>>, Malformed> {
    let (mut items, mut bytes) = (Vec::new(), 0);
    for line in headers.get_all(name) {
        bytes += line.len();
        if bytes > MOST_BYTES {
            return Err(Malformed);
        }
        let mut text = Text(line.as_bytes());
        text.skip(b" ");
        while !text.0.is_empty() {
            if items.len() == MOST_ITEMS {
                return Err(Malformed);
            }
            items.push(text.item()?);
            text.skip(b" \t");
            if text.0.is_empty() {
                break;
            }
            text.expect(b',')?;
            text.skip(b" \t");
            // No comma stands at the end.
            text.peek().ok_or(Malformed)?;
        }
    }
    Ok(items)
}

/// What is left to read.
struct Text<'h>(&'h [u8]);

impl<'h> Text<'h> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn skip(&mut self, any: &[u8]) {
        self.take(|byte| any.contains(&byte));
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        self.0 = self.0.strip_prefix(&[byte]).ok_or(Malformed)?;
        Ok(())
    }

    /// The longest beginning of such bytes.
    fn take(&mut self, is_meant: impl Fn(u8) -> bool) -> &'h [u8] {
        let end = self.0.iter().position(|byte| !is_meant(*byte));
        let (taken, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A name and its parameters (RFC 9651 §4.2.3). Of parameters with the same key the last one counts.
    fn item(&mut self) -> Result<Item<'h>, Malformed> {
        let mut item = Item {
            is_well_typed: true,
            ..Item::default()
        };
        match self.value()? {
            Value::Text(name) => item.name = name,
            Value::Integer(_) | Value::Bytes(_) | Value::Other => item.is_well_typed = false,
        }
        while self.peek() == Some(b';') {
            self.expect(b';')?;
            self.skip(b" ");
            if !self
                .peek()
                .is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'*')
            {
                return Err(Malformed);
            }
            let key = self.take(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(&byte)
            });
            let value = if self.peek() == Some(b'=') {
                self.expect(b'=')?;
                self.value()?
            } else {
                Value::Other
            };
            item.is_well_typed &= item.set(key, value);
        }
        Ok(item)
    }

    fn value(&mut self) -> Result<Value<'h>, Malformed> {
        match self.peek().ok_or(Malformed)? {
            b'"' => self.string().map(Value::Text),
            b'-' | b'0'..=b'9' => self.number(),
            b':' => self.bytes().map(Value::Bytes),
            b'?' => {
                self.expect(b'?')?;
                match self.peek() {
                    Some(bit @ (b'0' | b'1')) => self.expect(bit).map(|()| Value::Other),
                    Some(_) | None => Err(Malformed),
                }
            }
            b'*' | b'a'..=b'z' | b'A'..=b'Z' => Ok(Value::Text(Cow::Borrowed(self.take(|byte| {
                byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&byte)
            })))),
            // Inner lists, dates and display strings have no place here.
            _ => Err(Malformed),
        }
    }

    /// RFC 9651 §4.2.5.
    fn string(&mut self) -> Result<Cow<'h, [u8]>, Malformed> {
        self.expect(b'"')?;
        let mut text = Cow::Borrowed(&b""[..]);
        loop {
            let plain = self.take(|byte| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte));
            if text.is_empty() {
                text = Cow::Borrowed(plain);
            } else {
                text.to_mut().extend_from_slice(plain);
            }
            if self.peek() != Some(b'\\') {
                break;
            }
            self.expect(b'\\')?;
            let escaped = self
                .peek()
                .filter(|byte| b"\"\\".contains(byte))
                .ok_or(Malformed)?;
            self.expect(escaped)?;
            text.to_mut().push(escaped);
        }
        self.expect(b'"')?;
        Ok(text)
    }

    /// RFC 9651 §4.2.4: at most 15 digits, or 12 and a fraction of at most 3.
    fn number(&mut self) -> Result<Value<'h>, Malformed> {
        let is_negative = self.expect(b'-').is_ok();
        let whole = self.take(|byte| byte.is_ascii_digit());
        let is_decimal = self.expect(b'.').is_ok();
        let fraction = self.take(|byte| is_decimal && byte.is_ascii_digit());
        let most = if is_decimal { 12 } else { 15 };
        if whole.is_empty()
            || whole.len() > most
            || is_decimal && !(1..=3).contains(&fraction.len())
        {
            return Err(Malformed);
        }
        let number = whole
            .iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        let is_count = !is_decimal && (!is_negative || number == 0);
        Ok(if is_count {
            Value::Integer(number)
        } else {
            Value::Other
        })
    }

    /// RFC 9651 §4.2.7. It is compared and never decoded, so its padding does not matter.
    fn bytes(&mut self) -> Result<&'h [u8], Malformed> {
        self.expect(b':')?;
        let text = self.take(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        self.expect(b':')?;
        Ok(text)
    }
}

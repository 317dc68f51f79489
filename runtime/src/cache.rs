//! Answers that are kept so that the server can say "not modified" (RFC 9111, a private cache that asks each time).
//!
//! It keeps no more than its bytes, in memory only, and shows nothing but counts. It decides nothing about requests:
//! what may be kept and what is asked stands in `client::conditional`.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::header::HeaderMap;

/// What an entry costs besides its texts.
const OVERHEAD: usize = 256;

/// A place for answers to reads: one whose `ETag` or `Last-Modified` still holds comes without its body and is given
/// from here.
///
/// Each read is sent all the same and costs its slot; what is saved is the body. The least recently used answers go
/// when there is no room. An answer is given only to the client and the credentials that got it. Clones are handles to
/// the same place.
///
/// A date counts only where the answer's own `Date` is later: within a second, it cannot tell two versions apart.
#[derive(Clone)]
pub struct Cache(Arc<Shared>);

struct Shared {
    room: usize,
    hasher: RandomState,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: BTreeMap<Arc<Key>, Entry>,
    /// By their last use, the oldest first.
    uses: BTreeMap<u64, Arc<Key>>,
    next: u64,
    bytes: usize,
}

/// What an answer is the answer to. Ordered by path first, so that a write finds all answers for its path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) client: u64,
    pub(crate) path: Box<str>,
    pub(crate) query: Box<str>,
    /// Of credentials and headers.
    pub(crate) print: u64,
}

struct Entry {
    kept: Arc<Kept>,
    used: u64,
    size: usize,
}

/// An answer with status 200.
pub(crate) struct Kept {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Cache {
    /// A cache of at most so many bytes, headers and bookkeeping included.
    #[must_use]
    pub fn new(bytes: usize) -> Cache {
        Cache(Arc::new(Shared {
            room: bytes,
            hasher: RandomState::new(),
            state: Mutex::default(),
        }))
    }

    pub(crate) fn print(&self, of: impl Hash) -> u64 {
        self.0.hasher.hash_one(of)
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Kept>> {
        let mut state = self.lock();
        let (key, mut entry) = state.entries.remove_entry(key)?;
        let kept = Arc::clone(&entry.kept);
        state.uses.remove(&entry.used);
        entry.used = state.used_now(&key);
        state.entries.insert(key, entry);
        Some(kept)
    }

    /// Keeps an answer instead of the one before. One that leaves no room for others is not kept.
    pub(crate) fn put(&self, key: &Key, kept: Kept) {
        let size = OVERHEAD + key.path.len() + key.query.len() + kept.size();
        let mut state = self.lock();
        state.remove(key);
        if size > self.0.room {
            return;
        }
        while state.bytes + size > self.0.room {
            let Some((_, oldest)) = state.uses.pop_first() else {
                break;
            };
            state.remove(&oldest);
        }
        let key = Arc::new(key.clone());
        let used = state.used_now(&key);
        state.bytes += size;
        let kept = Arc::new(kept);
        state.entries.insert(key, Entry { kept, used, size });
    }

    pub(crate) fn forget(&self, key: &Key) {
        self.lock().remove(key);
    }

    /// Forgets all answers for a path, whatever the query and whoever asked.
    pub(crate) fn forget_path(&self, client: u64, path: &str) {
        let from = Key {
            client,
            path: path.into(),
            query: "".into(),
            print: 0,
        };
        let mut state = self.lock();
        let keys: Vec<Arc<Key>> = state
            .entries
            .range(from..)
            .map(|(key, _)| Arc::clone(key))
            .take_while(|key| key.client == client && *key.path == *path)
            .collect();
        keys.iter().for_each(|key| state.remove(key));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn used_now(&mut self, key: &Arc<Key>) -> u64 {
        self.next += 1;
        self.uses.insert(self.next, Arc::clone(key));
        self.next
    }

    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.uses.remove(&entry.used);
            self.bytes -= entry.size;
        }
    }
}

impl Kept {
    fn size(&self) -> usize {
        let headers = self.headers.iter();
        let headers: usize = headers
            .map(|(name, value)| name.as_str().len() + value.len() + 64)
            .sum();
        headers + self.body.len()
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Cache")
            .field("answers", &state.entries.len())
            .field("bytes", &state.bytes)
            .field("room", &self.0.room)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str, query: &str) -> Key {
        Key {
            client: 1,
            path: path.into(),
            query: query.into(),
            print: 7,
        }
    }

    fn kept(body: &str) -> Kept {
        Kept {
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    fn body(cache: &Cache, key: &Key) -> Option<String> {
        let kept = cache.get(key)?;
        Some(String::from_utf8(kept.body.to_vec()).unwrap())
    }

    #[test]
    fn the_least_recently_used_goes() {
        let size = OVERHEAD + "/a".len() + 10;
        let cache = Cache::new(3 * size);
        let text = "0123456789";
        for path in ["/a", "/b", "/c"] {
            cache.put(&key(path, ""), kept(text));
        }
        assert_eq!(body(&cache, &key("/a", "")).as_deref(), Some(text));
        cache.put(&key("/d", ""), kept(text));
        assert_eq!(body(&cache, &key("/b", "")), None, "used least recently");
        for path in ["/a", "/c", "/d"] {
            assert!(body(&cache, &key(path, "")).is_some(), "{path}");
        }
        // One more byte makes room for two.
        cache.put(&key("/e", ""), kept("0123456789+"));
        assert_eq!(cache.lock().entries.len(), 2);
        assert!(cache.lock().bytes <= 3 * size);
        cache.put(&key("/e", ""), kept(&"x".repeat(3 * size)));
        assert_eq!(
            body(&cache, &key("/e", "")),
            None,
            "too large, and the old one is stale"
        );
    }

    #[test]
    fn the_books_balance() {
        let mut random = fastrand::Rng::with_seed(3);
        let cache = Cache::new(2_000);
        for _ in 0..5_000 {
            let key = key(
                ["/a", "/b", "/c"][random.usize(..3)],
                ["", "x", "y"][random.usize(..3)],
            );
            match random.u8(..10) {
                0 => cache.forget(&key),
                1 => cache.forget_path(1, &key.path),
                2..5 => drop(cache.get(&key)),
                _ => cache.put(&key, kept(&"x".repeat(random.usize(..900)))),
            }
            let state = cache.lock();
            let sum: usize = state.entries.values().map(|entry| entry.size).sum();
            assert_eq!((state.bytes, state.uses.len()), (sum, state.entries.len()));
            assert!(state.bytes <= 2_000);
            let used = |(at, key): (&u64, &Arc<Key>)| state.entries[key].used == *at;
            assert!(state.uses.iter().all(used));
        }
    }

    #[test]
    fn a_path_is_forgotten_whole() {
        let cache = Cache::new(100_000);
        let other = Key {
            client: 2,
            ..key("/a", "")
        };
        let keys = [
            key("/a", ""),
            key("/a", "x=1"),
            key("/a/b", ""),
            key("/ab", ""),
            other,
        ];
        keys.iter().for_each(|key| cache.put(key, kept("canary")));
        cache.forget_path(1, "/a");
        let left = keys.map(|key| cache.get(&key).is_some());
        assert_eq!(left, [false, false, true, true, true]);
        let shown = format!("{cache:?}");
        assert!(
            shown.contains("answers: 3") && !shown.contains("canary"),
            "{shown}"
        );
    }
}

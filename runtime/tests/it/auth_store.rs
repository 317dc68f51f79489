//! Tokens that outlive a client: one file for several of them, and stores of a caller's own.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use etiquette_runtime::clock::BoxFuture;
use etiquette_runtime::codegen::Core;
use etiquette_runtime::{
    FileTokenStore, Kind, OAuthClient, StoreError, StoreLock, StoredToken, TokenStore,
};
use futures::future::join_all;

use crate::auth_bench::{APP, LOGIN, Login, READ, SECRET, call, login};

/// A folder of this test's own, which goes with it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "etiquette-auth-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::SeqCst)
        );
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("token")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn stored(bench: &Login, store: impl TokenStore) -> Core {
    bench.client(&LOGIN, login().with_store(store))
}

/// Row E9: clients that share a file and a refresh token which the server replaces each time: whoever comes first
/// renews, the others take over, and no token is lost.
#[test]
fn clients_that_share_a_file_lose_no_token() {
    for seed in 0..60 {
        let (bench, folder) = (Login::new(), Folder::new());
        let mut random = fastrand::Rng::with_seed(seed);
        bench.server().latency = (random.u64(0..100), random.u64(0..400));
        let clients = [(); 3].map(|()| stored(&bench, FileTokenStore::new(folder.file())));
        for round in 1..=4 {
            bench.server().access = None;
            let calls = (0..9).map(|number| {
                let (core, start) = (&clients[number % 3], bench.sleep(random.u64(0..150)));
                async move {
                    start.await;
                    call(core, &READ).await
                }
            });
            let results = bench.run(join_all(calls));
            assert!(
                results.iter().all(Result::is_ok),
                "seed {seed}: {results:?}"
            );
            assert_eq!(bench.issued_and_asked(), (round, round), "seed {seed}");
        }
    }
}

/// A client that begins anew takes over what the file has, and asks nobody.
#[test]
fn a_new_client_takes_over_what_is_stored() {
    let (bench, folder) = (Login::new(), Folder::new());
    let store = || FileTokenStore::new(folder.file());
    bench.run(call(&stored(&bench, store()), &READ)).unwrap();
    bench.run(call(&stored(&bench, store()), &READ)).unwrap();
    assert_eq!(bench.issued_and_asked(), (1, 1));
    // Without a refresh token of its own, it lives on the file's.
    let bare = || OAuthClient::new("my app", SECRET).with_store(store());
    let core = bench.client(&LOGIN, bare());
    bench.server().access = None;
    bench.run(call(&core, &READ)).unwrap();
    assert_eq!(bench.issued_and_asked(), (2, 2));
    // The file still knows how that login began.
    bench.run(call(&stored(&bench, store()), &READ)).unwrap();
    assert_eq!(bench.issued_and_asked(), (2, 2));
    // What is about to end is not taken over.
    bench.run(bench.sleep(3_599_000));
    bench.run(call(&stored(&bench, store()), &READ)).unwrap();
    assert_eq!(bench.issued_and_asked(), (3, 3));
}

/// A login that begins anew has nothing to do with the token of another.
#[test]
fn a_new_login_counts_more_than_what_is_stored() {
    let (bench, folder) = (Login::new(), Folder::new());
    bench
        .run(call(
            &stored(&bench, FileTokenStore::new(folder.file())),
            &READ,
        ))
        .unwrap();
    bench.server().refresh = "of a new login".to_owned();
    let again = OAuthClient::new("my app", SECRET)
        .with_refresh_token("of a new login")
        .with_store(FileTokenStore::new(folder.file()));
    bench
        .run(call(&bench.client(&LOGIN, again), &READ))
        .unwrap();
    let other =
        OAuthClient::new("another app", SECRET).with_store(FileTokenStore::new(folder.file()));
    bench.run(call(&bench.client(&APP, other), &READ)).unwrap();
    assert_eq!(bench.issued_and_asked(), (3, 3));
}

/// Row K6: the file is its owner's alone, from the start and whatever was there; and nothing else bears a secret.
#[cfg(unix)]
#[test]
fn the_file_is_private_and_whole() {
    use std::os::unix::fs::PermissionsExt as _;
    let (bench, folder) = (Login::new(), Folder::new());
    let new = folder.0.join("token.new");
    fs::write(&new, "left by a process that died").unwrap();
    fs::set_permissions(&new, fs::Permissions::from_mode(0o666)).unwrap();
    bench
        .run(call(
            &stored(&bench, FileTokenStore::new(folder.file())),
            &READ,
        ))
        .unwrap();
    let mut files: Vec<_> = fs::read_dir(&folder.0)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    files.sort_by_key(fs::DirEntry::file_name);
    let names: Vec<_> = files.iter().map(fs::DirEntry::file_name).collect();
    assert_eq!(names, ["token", "token.lock"]);
    for file in &files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::read_to_string(files[1].path()).unwrap(), "");
    let text = fs::read_to_string(folder.file()).unwrap();
    assert!(StoredToken::from_json(&text).is_ok(), "the control");
}

/// A file that is something else is an error that repeats nothing of it, and is left as it is.
#[test]
fn a_foreign_file_is_left_alone() {
    let long = format!("{{\"canary\":\"{}\"}}", "x".repeat(100_000));
    for text in ["canary", "{\"access_token\":\"canary\"}", "", &long] {
        let (bench, folder) = (Login::new(), Folder::new());
        fs::write(folder.file(), text).unwrap();
        let core = stored(&bench, FileTokenStore::new(folder.file()));
        let error = bench.run(call(&core, &READ)).unwrap_err();
        assert_eq!((error.kind(), bench.script.count()), (Kind::Auth, 0));
        assert!(!format!("{error}{error:?}").contains("canary"), "{error}");
        assert!(
            error.to_string().contains("its token store failed"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), text);
    }
}

/// A store in memory that misbehaves as it is told.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    token: Option<StoredToken>,
    locked: u32,
    saves: u32,
    fails: bool,
    /// Somebody else's token, which comes into the store after so many more looks at it.
    comes: Option<(u32, StoredToken)>,
}

impl TokenStore for Shelf {
    fn try_lock(&self) -> BoxFuture<'static, Result<Option<StoreLock>, StoreError>> {
        let mut kept = self.0.lock().unwrap();
        kept.locked = kept.locked.saturating_sub(1);
        let lock = (kept.locked == 0).then(|| StoreLock::new(()));
        Box::pin(async { Ok(lock) })
    }

    fn load(&self) -> BoxFuture<'static, Result<Option<StoredToken>, StoreError>> {
        let mut kept = self.0.lock().unwrap();
        match kept.comes.take() {
            Some((0, token)) => kept.token = Some(token),
            Some((looks, token)) => kept.comes = Some((looks - 1, token)),
            None => {}
        }
        let token = kept.token.clone();
        Box::pin(async { Ok(token) })
    }

    fn save(&self, token: StoredToken) -> BoxFuture<'static, Result<(), StoreError>> {
        let mut kept = self.0.lock().unwrap();
        kept.saves += 1;
        let result = if kept.fails {
            Err("the disk is full".into())
        } else {
            Ok(())
        };
        if !kept.fails {
            kept.token = Some(token);
        }
        Box::pin(async { result })
    }
}

/// A store that cannot write stops nobody: this process goes on with the refresh token that it has.
#[test]
fn a_store_that_cannot_write_stops_nobody() {
    let (bench, shelf) = (Login::new(), Shelf::default());
    let core = stored(&bench, shelf.clone());
    for (fails, round) in [(false, 1), (true, 2), (true, 3), (false, 4)] {
        shelf.0.lock().unwrap().fails = fails;
        bench.server().access = None;
        bench.run(call(&core, &READ)).unwrap();
        assert_eq!(bench.issued_and_asked(), (round, round));
    }
    assert_eq!(shelf.0.lock().unwrap().saves, 6);
    // What was written last is of use to the next.
    bench.run(call(&stored(&bench, shelf), &READ)).unwrap();
    assert_eq!(bench.issued_and_asked(), (4, 4));
}

/// Row E9: somebody who does not know the lock has used the refresh token up, and has written what came of it.
#[test]
fn a_used_up_token_is_looked_up_again() {
    let (bench, shelf) = (Login::new(), Shelf::default());
    let ours = stored(&bench, shelf.clone());
    bench.run(call(&ours, &READ)).unwrap();
    let old = shelf.0.lock().unwrap().token.clone();
    // The other renews, with a store of its own.
    let other = Shelf::default();
    other.0.lock().unwrap().token = old;
    bench.server().access = None;
    bench
        .run(call(&stored(&bench, other.clone()), &READ))
        .unwrap();
    assert_eq!(bench.issued_and_asked(), (2, 2));
    let newer = other.0.lock().unwrap().token.clone().unwrap();
    shelf.0.lock().unwrap().comes = Some((1, newer));
    bench.run(call(&ours, &READ)).unwrap();
    assert_eq!(
        bench.issued_and_asked(),
        (2, 3),
        "one was refused, and none was lost"
    );
}

/// A lock that somebody else has is waited for, and not for ever.
#[test]
fn a_lock_is_waited_for() {
    let (bench, shelf) = (Login::new(), Shelf::default());
    let core = stored(&bench, shelf.clone());
    shelf.0.lock().unwrap().locked = 50;
    bench.run(call(&core, &READ)).unwrap();
    assert_eq!(bench.clock_millis(), 4_900);
    shelf.0.lock().unwrap().locked = u32::MAX;
    bench.server().access = None;
    let error = bench.run(call(&core, &READ)).unwrap_err();
    assert!(error.to_string().contains("stays locked"), "{error}");
    assert_eq!(bench.clock_millis(), 304_900);
}

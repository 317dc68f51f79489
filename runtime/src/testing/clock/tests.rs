//! Time that moves by itself, time that is driven, and time that stands still.

use std::future::poll_fn;
use std::sync::Mutex;

use futures::future::{join, join_all, select};

use super::*;

fn at(seconds: u64) -> Moment {
    Moment::START + Duration::from_secs(seconds)
}

#[test]
fn run_moves_from_wait_to_wait() {
    let clock = VirtualClock::new();
    let seen = Mutex::new(Vec::new());
    let sleeper = |seconds: u64| {
        let (clock, seen) = (clock.clone(), &seen);
        async move {
            clock.sleep(at(seconds)).await;
            seen.lock().unwrap().push((seconds, clock.now()));
        }
    };
    clock.run(join_all([
        sleeper(30),
        sleeper(10),
        sleeper(20),
        sleeper(10),
        sleeper(0),
    ]));
    let expected = [
        (0, at(0)),
        (10, at(10)),
        (10, at(10)),
        (20, at(20)),
        (30, at(30)),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[test]
fn the_wall_clock_goes_along() {
    let clock = VirtualClock::new();
    assert_eq!(
        httpdate::fmt_http_date(clock.wall()),
        "Sun, 15 Jan 2023 10:00:00 GMT"
    );
    clock.advance(Duration::from_secs(61));
    assert_eq!(
        httpdate::fmt_http_date(clock.now_system()),
        "Sun, 15 Jan 2023 10:01:01 GMT"
    );
    let other = VirtualClock::starting(SystemTime::UNIX_EPOCH);
    assert_eq!(other.wall(), SystemTime::UNIX_EPOCH);
}

#[test]
fn a_wait_that_is_dropped_is_forgotten() {
    let clock = VirtualClock::new();
    clock.run(async {
        select(clock.sleep(at(5)), clock.sleep(at(500))).await;
        clock.sleep(at(7)).await;
    });
    assert_eq!(clock.now(), at(7));
    assert!(clock.shared.lock().sleepers.is_empty());
}

#[test]
fn advance_wakes_those_who_are_due() {
    let clock = VirtualClock::new();
    let mut sleep = clock.sleep(at(5));
    let mut poll = || sleep.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    clock.shared.lock().attempts = 1;
    assert!(poll().is_pending());
    clock.advance(Duration::from_secs(4));
    assert!(poll().is_pending());
    clock.advance(Duration::from_secs(1));
    assert!(poll().is_ready());
}

#[test]
#[should_panic(expected = "no wait of its clock brings")]
fn a_future_that_never_ends_is_reported() {
    VirtualClock::new().run(std::future::pending::<()>());
}

#[test]
fn runs_are_the_same_each_time() {
    let trace = || {
        let clock = VirtualClock::new();
        let seen = Mutex::new(Vec::new());
        let task = |number: u64| {
            let (clock, seen) = (clock.clone(), &seen);
            let mut rng = fastrand::Rng::with_seed(number);
            async move {
                for _ in 0..100 {
                    clock
                        .sleep(clock.now() + Duration::from_millis(rng.u64(0..50)))
                        .await;
                    seen.lock().unwrap().push((number, clock.now()));
                }
            }
        };
        clock.run(join_all((0..20).map(task)));
        seen.into_inner().unwrap()
    };
    assert_eq!(trace(), trace());
}

/// Under an executor of its own the time moves by itself, but only once every other task has come to rest.
#[test]
fn it_moves_by_itself_after_everyone_else() {
    let clock = VirtualClock::new();
    let busy_until = Mutex::new(None);
    let busy = async {
        let mut left = 40;
        poll_fn(|cx| {
            left -= 1;
            cx.waker().wake_by_ref();
            if left == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        *busy_until.lock().unwrap() = Some(clock.now());
        clock.sleep(at(3)).await;
        assert_eq!(clock.now(), at(3));
    };
    futures::executor::block_on(join(clock.sleep(at(60)), busy));
    assert_eq!(*busy_until.lock().unwrap(), Some(at(0)));
    assert_eq!(clock.now(), at(60));
}

#[test]
fn it_moves_by_itself_under_tokio() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let clock = VirtualClock::new();
    let order = Arc::new(Mutex::new(Vec::new()));
    runtime.block_on(async {
        let tasks = [5_u64, 3, 9, 3].map(|seconds| {
            let (clock, order) = (clock.clone(), Arc::clone(&order));
            tokio::spawn(async move {
                for step in 1..=10 {
                    clock.sleep(at(seconds * step)).await;
                    assert_eq!(clock.now(), at(seconds * step));
                }
                order.lock().unwrap().push(seconds);
            })
        });
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(*order.lock().unwrap(), [3, 3, 5, 9]);
}

/// While an attempt is on a real wire, nobody's wait ends.
#[test]
fn it_stands_still_during_an_attempt() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let clock = VirtualClock::over_sockets();
    runtime.block_on(async {
        let guard = clock.attempt();
        let (own, handle) = (clock.clone(), clock.clone());
        let sleeper = tokio::spawn(async move { own.sleep(at(1)).await });
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(handle.now(), at(0));
        assert!(!sleeper.is_finished());
        drop(guard);
        sleeper.await.unwrap();
        assert_eq!(handle.now(), at(1));
    });
}

/// Without sockets an attempt's timeout is a wait like any other; over sockets it is real.
#[test]
fn timers() {
    let clock = VirtualClock::new();
    let guard = clock.attempt();
    clock.run(clock.timer(at(30)));
    assert_eq!(clock.now(), at(30));
    drop(guard);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let clock = VirtualClock::over_sockets();
    runtime.block_on(clock.timer(Moment::START));
    assert_eq!(clock.now(), at(0));
    assert!(clock.shared.lock().sleepers.is_empty());
}

/// The thread that drives a future is woken by others while an attempt is on the wire.
#[test]
fn run_waits_for_the_wire() {
    let clock = VirtualClock::over_sockets();
    let (send, receive) = futures::channel::oneshot::channel();
    let guard = clock.attempt();
    let thread = std::thread::spawn(move || send.send(7).unwrap());
    let (answer, ()) = clock.run(async {
        let answer = async {
            let answer = receive.await.unwrap();
            drop(guard);
            answer
        };
        join(answer, clock.sleep(at(9))).await
    });
    thread.join().unwrap();
    assert_eq!((answer, clock.now()), (7, at(9)));
}

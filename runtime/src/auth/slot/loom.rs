//! Single flight under every interleaving of a few threads: one renewal at a time, and everyone is woken.
//! Compiled with `--cfg etiquette_loom` alone.

use ::loom::future::block_on;
use ::loom::sync::Arc;
use ::loom::sync::atomic::{AtomicU32, Ordering};
use ::loom::thread;

use super::*;

/// A slot whose renewals give 1, 2, 3 and so on.
struct Model {
    slot: Slot<u32>,
    renewals: AtomicU32,
    under_way: AtomicU32,
}

impl Model {
    fn holding(value: u32) -> (Arc<Model>, u64) {
        let model = Model {
            slot: Slot::new(),
            renewals: AtomicU32::new(value),
            under_way: AtomicU32::new(0),
        };
        let Entry::Begins(..) = model.slot.enter(Moment::START) else {
            panic!("a new slot has nothing")
        };
        model.slot.land(Ok(fresh(value)), Moment::START);
        let (_, generation) = model.slot.good(Moment::START).expect("it has landed");
        (Arc::new(model), generation)
    }

    /// The task of a renewal.
    fn renew(&self, fails: bool) {
        assert_eq!(
            self.under_way.fetch_add(1, Ordering::SeqCst),
            0,
            "one at a time"
        );
        let value = self.renewals.fetch_add(1, Ordering::SeqCst) + 1;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        let result = if fails {
            Err(Fault::new("no"))
        } else {
            Ok(fresh(value))
        };
        self.slot.land(result, Moment::START);
    }
}

/// A caller up to the moment at which it can sign.
fn ready(model: &Arc<Model>, fails: bool) -> Result<(), Fault> {
    let flight = match model.slot.enter(Moment::START) {
        Entry::Good => return Ok(()),
        Entry::Failed(fault) => return Err(fault),
        Entry::Waits(flight) => flight,
        Entry::Begins(flight, _) => {
            let model = Arc::clone(model);
            thread::spawn(move || model.renew(fails));
            flight
        }
    };
    let mut place = None;
    block_on(std::future::poll_fn(|cx| {
        model.slot.poll_landed(flight, &mut place, cx)
    }))
}

fn fresh(value: u32) -> Fresh<u32> {
    Fresh {
        value,
        from: Moment::START,
        lifetime: None,
    }
}

fn check(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = ::loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(2));
    builder.check(model);
}

/// Row E8: three answers of 401 to one value make one renewal, and all go on with what it brings.
#[test]
fn rejections_at_once_make_one_renewal() {
    check(|| {
        let (model, generation) = Model::holding(0);
        let caller = |model: Arc<Model>| {
            move || {
                model.slot.reject(generation, Moment::START);
                ready(&model, false).expect("the renewal succeeds");
                let (value, newer) = model.slot.good(Moment::START).expect("it is ready");
                assert!(*value == 1 && newer > generation);
            }
        };
        let others = [
            thread::spawn(caller(Arc::clone(&model))),
            thread::spawn(caller(Arc::clone(&model))),
        ];
        caller(Arc::clone(&model))();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(model.renewals.load(Ordering::SeqCst), 1);
        assert_eq!(model.slot.waiting(), 0);
    });
}

/// Row E8: a rejection that comes late leaves the newer value alone.
#[test]
fn a_late_rejection_changes_nothing() {
    check(|| {
        let (model, generation) = Model::holding(0);
        let late = Arc::clone(&model);
        let other = thread::spawn(move || {
            late.slot.reject(generation, Moment::START);
            ready(&late, false).expect("the renewal succeeds");
        });
        model.slot.reject(generation, Moment::START);
        ready(&model, false).expect("the renewal succeeds");
        model.slot.reject(generation, Moment::START);
        ready(&model, false).expect("it is ready");
        other.join().unwrap();
        assert_eq!(model.renewals.load(Ordering::SeqCst), 1);
    });
}

/// Row E10: a renewal that fails is told to those who wait, and none of them begins another.
#[test]
fn a_failure_begins_no_other_renewal() {
    check(|| {
        let (model, generation) = Model::holding(0);
        let caller = |model: Arc<Model>| {
            move || {
                model.slot.reject(generation, Moment::START);
                ready(&model, true).is_err()
            }
        };
        let other = thread::spawn(caller(Arc::clone(&model)));
        let (ours, theirs) = (caller(Arc::clone(&model))(), other.join().unwrap());
        // One that comes between rejection and failure finds the old value, which gets another chance.
        assert!(ours || theirs);
        assert_eq!(model.renewals.load(Ordering::SeqCst), 1);
    });
}

/// A caller who gives up takes nobody's waking with it.
#[test]
fn a_caller_who_leaves_leaves_no_trace() {
    check(|| {
        let (model, generation) = Model::holding(0);
        model.slot.reject(generation, Moment::START);
        let leaving = Arc::clone(&model);
        let other = thread::spawn(move || {
            match leaving.slot.enter(Moment::START) {
                Entry::Good => {}
                Entry::Waits(flight) => {
                    let mut place = None;
                    let cx = &mut Context::from_waker(Waker::noop());
                    let _ = leaving.slot.poll_landed(flight, &mut place, cx);
                    if let Some(place) = place {
                        leaving.slot.leave(place);
                    }
                }
                // Whoever begins a renewal has to land it.
                Entry::Begins(..) => leaving.renew(false),
                Entry::Failed(fault) => panic!("{}", fault.text),
            }
        });
        if let Err(fault) = ready(&model, false) {
            panic!("{}", fault.text);
        }
        other.join().unwrap();
        assert_eq!(model.slot.waiting(), 0);
    });
}

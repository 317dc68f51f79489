//! Random lists, kinds, sizes and misbehaviour together: whatever a server does, a walk gives rows in their order and each
//! once, and ends with the last one or with an error that says why.

use etiquette_runtime::codegen::{Operation, PagingKind};
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::{Checkpoint, Kind};
use serde_json::json;

use crate::api::Bench;
use crate::paging_api::*;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    /// Nothing odd.
    Honest,
    /// Some requests fail and are answered when they are sent again.
    Fails,
    /// Now and then a page is not JSON.
    Garbles,
    /// Pages are shorter than was asked for.
    Shortens,
    /// A page is empty though there is more.
    Empties,
    /// From some page on, the next place is one that was there already.
    Circles,
    /// From some page on, that page comes again and again.
    Repeats,
    /// A page leads to another origin.
    Lures,
}

const DEEDS: [Deed; 8] = [
    Deed::Honest,
    Deed::Fails,
    Deed::Garbles,
    Deed::Shortens,
    Deed::Empties,
    Deed::Circles,
    Deed::Repeats,
    Deed::Lures,
];

/// One walk: what it is over, what goes wrong, and how the caller walks.
struct Scene {
    seed: u64,
    operation: &'static Operation,
    deed: Deed,
    rows: Vec<u64>,
    size: Option<u64>,
    /// The page at which it goes wrong.
    at: u64,
    prefetch: usize,
    /// How often the program dies.
    crashes: u32,
}

impl Scene {
    fn new(seed: u64) -> (Scene, fastrand::Rng) {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut row = 0;
        let count = random.u64(..60);
        let scene = Scene {
            seed,
            operation: LISTS[random.usize(..LISTS.len())],
            deed: DEEDS[random.usize(..DEEDS.len())],
            rows: std::iter::repeat_with(|| {
                row += random.u64(1..50);
                row
            })
            .take(usize::try_from(count).unwrap())
            .collect(),
            size: random.bool().then(|| random.u64(1..25)),
            at: random.u64(..6),
            prefetch: random.usize(..2),
            crashes: random.u32(..3),
        };
        (scene, random)
    }

    /// What this kind can do: a deed that it has no words for is honesty.
    fn deed(&self) -> Deed {
        let paging = self.operation.page.unwrap();
        let has_places = matches!(paging.kind, PagingKind::Cursor | PagingKind::NextUrl { .. });
        match self.deed {
            Deed::Lures if !matches!(paging.kind, PagingKind::NextUrl { .. }) => Deed::Honest,
            Deed::Circles | Deed::Empties if !has_places => Deed::Honest,
            // A short page is the last one, or numbers are by size.
            Deed::Shortens
                if matches!(paging.kind, PagingKind::Page | PagingKind::Keyset { .. }) =>
            {
                Deed::Honest
            }
            deed => deed,
        }
    }

    /// A walk that goes on after a crash remembers no pages, so that repetition looks like news to it.
    fn crashes(&self) -> u32 {
        match self.deed() {
            Deed::Circles | Deed::Repeats => 0,
            _ => self.crashes,
        }
    }

    fn serve(&self, bench: &Bench, mut random: fastrand::Rng) {
        let (deed, at, rows) = (self.deed(), self.at, self.rows.clone());
        let paging = self.operation.page.unwrap();
        let (mut pages, mut failed, mut frozen, mut places) = (0, false, None, Vec::new());
        bench.script.respond_with(move |request| {
            let is_odd = pages >= at;
            if matches!(deed, Deed::Fails | Deed::Garbles)
                && is_odd
                && !std::mem::replace(&mut failed, true)
            {
                return match deed {
                    Deed::Fails => ScriptReply::json(418, "{}"),
                    _ => ScriptReply::json(200, "[{"),
                };
            }
            failed = false;
            let mut said = say(paging, &rows, request);
            pages += 1;
            let next = said.next.clone();
            match deed {
                Deed::Shortens if said.rows.len() > 1 => {
                    said.rows.truncate(random.usize(1..=said.rows.len()));
                    let to = rows.partition_point(|row| *row <= *said.rows.last().unwrap());
                    said.next = (to < rows.len()).then(|| match paging.kind {
                        PagingKind::Cursor => json!(format!("c-{to}")),
                        PagingKind::NextUrl { .. } => {
                            json!(format!("things?at={to}&limit={}", said.size))
                        }
                        _ => json!(to),
                    });
                }
                Deed::Empties if is_odd && pages == at + 1 && next.is_some() => {
                    let from = rows.partition_point(|row| *row < said.rows[0]);
                    said.rows.clear();
                    said.next = Some(match paging.kind {
                        PagingKind::Cursor => json!(format!("c-0{from}")),
                        _ => json!(format!("things?at={from}&limit={}&x", said.size)),
                    });
                }
                Deed::Circles if is_odd && next.is_some() && !places.is_empty() => {
                    said.next = places.get(random.usize(..places.len())).cloned();
                }
                Deed::Lures if is_odd && next.is_some() => {
                    said.next = Some(json!(format!(
                        "https://evil.example/{}",
                        next.unwrap().as_str().unwrap()
                    )));
                    return answer(paging, &said);
                }
                Deed::Repeats if is_odd => {
                    said.rows
                        .clone_from(frozen.get_or_insert_with(|| said.rows.clone()));
                }
                _ => {}
            }
            places.extend(said.next.clone());
            answer(paging, &said)
        });
    }

    fn run(&self, random: fastrand::Rng) {
        let bench = bench();
        let mut crash = random.clone();
        self.serve(&bench, random);
        let list = |from: Option<&Checkpoint>| {
            let mut list = call(&bench, self.operation).with_prefetch(self.prefetch);
            if let Some(size) = self.size {
                list.request_mut().size(size);
            }
            match from {
                Some(checkpoint) => list.resume(checkpoint),
                None => list,
            }
        };
        let (mut items, mut all, mut errors, mut crashes) =
            (list(None).items(), Vec::new(), Vec::new(), self.crashes());
        loop {
            match bench.run(items.try_next()) {
                Ok(None) => break,
                Ok(Some(item)) => all.push(id(&item)),
                Err(error) => errors.push(error.kind()),
            }
            assert!(
                all.len() + errors.len() < 500,
                "seed {}: it does not end",
                self.seed
            );
            if crashes > 0 && crash.u32(..8) == 0 {
                crashes -= 1;
                let text = serde_json::to_string(&items.checkpoint()).unwrap();
                items = list(Some(&serde_json::from_str(&text).unwrap())).items();
            }
        }
        self.judge(&bench, &all, &errors);
    }

    fn judge(&self, bench: &Bench, all: &[u64], errors: &[Kind]) {
        let what = format!(
            "seed {}: {:?} over {}: {all:?} {errors:?}",
            self.seed,
            self.deed(),
            self.operation.name
        );
        let prefix = &self.rows[..all.len().min(self.rows.len())];
        let is_whole = all == self.rows;
        match self.deed() {
            Deed::Honest | Deed::Shortens | Deed::Empties => {
                assert!(is_whole && errors.is_empty(), "{what}");
            }
            Deed::Fails => assert!(
                is_whole && errors.iter().all(|kind| *kind == Kind::Api),
                "{what}"
            ),
            Deed::Garbles => assert!(
                is_whole && errors.iter().all(|kind| *kind == Kind::Decode),
                "{what}"
            ),
            Deed::Lures => {
                assert!(
                    all == prefix && (is_whole || errors.contains(&Kind::CrossOriginLink)),
                    "{what}"
                );
                assert!(
                    errors.iter().all(|kind| *kind == Kind::CrossOriginLink),
                    "{what}"
                );
            }
            Deed::Circles | Deed::Repeats => {
                assert!(
                    all == prefix && (is_whole || errors == [Kind::PagingStalled]),
                    "{what}"
                );
            }
        }
        for request in bench.script.requests() {
            assert_eq!(request.uri.host(), Some("shop.example"), "{what}");
        }
        // One more for each crash and error, and one that was fetched ahead of each crash.
        let most = self.rows.len() + errors.len() + 3 * self.crashes as usize + 20;
        assert!(
            bench.script.count() <= most,
            "{what}: {} requests",
            bench.script.count()
        );
    }
}

/// Rows H1 to H6, H10 together: 3000 walks of random servers; a failure names its seed.
#[test]
fn any_server_is_walked_to_its_end_or_to_an_error() {
    for seed in 0..3000 {
        let (scene, random) = Scene::new(seed);
        scene.run(random);
    }
}

//! Calls that are answered already, as a fake that is written by hand gives them.

use etiquette_cases::testing::{MockError, Sample};
use etiquette_cases::{Call, Kind, Result, bodies, bulk, mocks, outcomes, polls};
use futures::TryStreamExt;
use futures::executor::block_on;

/// What an application asks for; the generated client is one of those who have it.
trait People {
    fn find(&self, id: &str) -> Call<mocks::Person>;
    fn all(&self) -> mocks::ListPeople;
}

impl People for mocks::Client {
    fn find(&self, id: &str) -> Call<mocks::Person> {
        self.people().get(id)
    }

    fn all(&self) -> mocks::ListPeople {
        self.people().list()
    }
}

struct Fake(Vec<mocks::Person>);

impl People for Fake {
    fn find(&self, id: &str) -> Call<mocks::Person> {
        let found = self.0.iter().find(|person| person.id.as_str() == id);
        let missing = || MockError::from(mocks::Fault::NotFound).into();
        Call::ready(found.cloned().ok_or_else(missing))
    }

    fn all(&self) -> mocks::ListPeople {
        mocks::ListPeople::ready(Ok(self.0.clone()))
    }
}

async fn names(people: &impl People) -> Result<Vec<String>> {
    let all = people
        .all()
        .mood(mocks::Mood::Calm)
        .with_prefetch(1)
        .items();
    all.map_ok(|person| person.name).try_collect().await
}

#[test]
fn a_fake_is_a_handful_of_lines() {
    let ada = mocks::Person::sample();
    let bob = mocks::Person::sample_with(|person| person.name = "Bob".to_owned());
    let fake = Fake(vec![ada.clone(), bob]);
    assert_eq!(block_on(names(&fake)).unwrap(), ["Ada", "Bob"]);
    assert_eq!(block_on(fake.find("person_7")).unwrap(), ada);
    let page = block_on(async { fake.all().await }).unwrap();
    assert_eq!((page.items.len(), page.total), (2, Some(2)));
    let error = block_on(fake.find("nobody")).unwrap_err();
    assert_eq!(mocks::Fault::of(&error), Some(mocks::Fault::NotFound));
    assert_eq!((error.kind(), error.status()), (Kind::Api, Some(404)));
}

#[test]
fn clones_and_replies_have_the_same_answer() {
    let call = Call::ready(Ok(7)).with_attempts(2);
    let reply = block_on(call.clone().send_raw()).unwrap();
    assert_eq!((reply.value, reply.status, reply.attempts), (7, 200, 0));
    assert_eq!(block_on(call).unwrap(), 7);
    let call: Call<i64> = Call::ready(Err(MockError::lost().into()));
    for call in [call.clone(), call] {
        let error = block_on(call).unwrap_err();
        assert_eq!(
            (error.kind(), error.may_have_happened()),
            (Kind::Truncated, true)
        );
    }
}

#[test]
fn every_kind_of_call_can_be_ready() {
    let export = polls::Exports::sample();
    let call = polls::CreateExports::ready(Ok(export.clone()));
    assert_eq!(block_on(call.clone().poll()).unwrap(), export);
    assert_eq!(block_on(call).unwrap(), export);
    let write = bulk::CloseManyTasks::ready(3, Ok(3)).status(bulk::TaskStatus::Open);
    let plan = block_on(write.clone().plan()).unwrap();
    assert_eq!(plan.count, 3);
    assert_eq!(block_on(plan.apply()).unwrap(), 3);
    let error = block_on(write.expect(4)).unwrap_err();
    assert!(matches!(
        error.kind(),
        Kind::CountChanged {
            expected: 4,
            counted: 3
        }
    ));
    let part = bodies::PartBackups::ready(Ok("bytes".into())).from(1);
    let bytes = block_on(async { part.await?.bytes(100).await }).unwrap();
    assert_eq!(bytes, "bytes");
    let outcome = Call::ready(Ok(outcomes::CreateItemOutcome::NoneMade));
    assert_eq!(
        block_on(outcome).unwrap(),
        outcomes::CreateItemOutcome::NoneMade
    );
    let fresh = bodies::FreshBackups::ready(Ok(bodies::Link::sample())).full(true);
    assert_eq!(
        block_on(fresh.clone()).unwrap().url,
        bodies::Link::sample().url
    );
    assert_eq!(block_on(fresh.download()).unwrap_err().kind(), Kind::Decode);
}

//! A small application against a mock: the client is real, and only its server is written by the test.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use etiquette_apis::hive;
use etiquette_cases::mocks::mock::Mock;
use etiquette_cases::mocks::{Client, Fault, Mood, NewPerson, Person, PersonId};
use etiquette_cases::testing::{Answer, Asked, MockError, Sample};
use etiquette_cases::values::Json;
use etiquette_cases::{Kind, Result};
use futures::TryStreamExt;
use futures::executor::block_on;

/// The application: invites those who are not there yet, and says how many of all are merry then.
async fn invite(api: &Client, emails: &[&str]) -> Result<(Vec<String>, usize)> {
    let mut known = Vec::new();
    for email in emails {
        let person = NewPerson::sample_with(|person| person.email = (*email).to_owned());
        match api.people().create(&person).await {
            Ok(_) => {}
            Err(error) if Fault::of(&error) == Some(Fault::Taken) => {
                known.push((*email).to_owned());
            }
            Err(error) => return Err(error),
        }
    }
    let people: Vec<Person> = api.people().list().items().try_collect().await?;
    let merry = people.iter().filter(|person| person.mood == Mood::Merry);
    Ok((known, merry.count()))
}

/// Keeps people as the API would.
#[derive(Clone, Default)]
struct Town {
    people: Arc<Mutex<Vec<Person>>>,
    pages: Arc<AtomicUsize>,
}

impl Mock for Town {
    fn people_create(&self, asked: &Asked<'_>) -> Answer<Person> {
        let email = asked.json::<Json>()?["email"].as_str().unwrap().to_owned();
        let mut people = self.people.lock().unwrap();
        if people.iter().any(|person| person.email == email) {
            return Err(Fault::Taken.into());
        }
        let id = PersonId::from(format!("person_{}", people.len()).as_str());
        let person = Person::sample_with(|person| (person.id, person.email) = (id, email));
        people.push(person.clone());
        Ok(person)
    }

    fn people_list(&self, asked: &Asked<'_>) -> Answer<Vec<Person>> {
        assert_eq!(asked.operation(), "people.list");
        self.pages.fetch_max(asked.before() + 1, Ordering::SeqCst);
        Ok(self.people.lock().unwrap().clone())
    }
}

#[test]
fn an_application_runs_against_a_mock() {
    let town = Town::default();
    let api = Client::mock(town.clone());
    let emails = [
        "a@x.example",
        "b@x.example",
        "c@x.example",
        "a@x.example",
        "d@x.example",
        "e@x.example",
    ];
    let (known, merry) = block_on(invite(&api, &emails)).unwrap();
    assert_eq!(known, ["a@x.example"]);
    assert_eq!(merry, 5);
    // Two on a page, as the description says.
    assert_eq!(town.pages.load(Ordering::SeqCst), 3);
}

#[test]
fn what_was_not_written_is_named() {
    let api = Client::mock(Town::default());
    let error = block_on(async { api.people().get("x").await }).unwrap_err();
    assert_eq!(error.status(), Some(501));
    let text = error.to_string();
    assert!(
        text.contains("`people.get` (GET /people/{id}) is not mocked"),
        "{text}"
    );
}

/// Answers with an error first, and then with a value.
struct First(fn() -> MockError);

impl Mock for First {
    fn people_get(&self, asked: &Asked<'_>) -> Answer<Person> {
        assert_eq!(asked.key("id"), "a/b c");
        assert!(asked.header("authorization").is_some());
        assert!(!format!("{asked:?}").contains("authorization"));
        if asked.before() == 0 {
            return Err((self.0)());
        }
        Ok(Person::sample())
    }

    fn people_create(&self, _: &Asked<'_>) -> Answer<Person> {
        Err((self.0)())
    }
}

#[test]
fn the_policies_of_the_client_take_part() {
    for error in [
        || MockError::status(503),
        MockError::no_connection,
        MockError::lost,
        MockError::silent,
    ] {
        let api = Client::mock(First(error));
        let reply = block_on(api.people().get("a/b c").send_raw()).unwrap();
        assert_eq!(reply.attempts, 2);
        assert_eq!(reply.value, Person::sample());
    }
    // What may have happened is not sent again, and no connection is no risk.
    let api = Client::mock(First(MockError::lost));
    let error = block_on(api.people().create(&NewPerson::sample())).unwrap_err();
    assert_eq!(
        (error.kind(), error.may_have_happened(), error.attempts()),
        (Kind::Ambiguous, true, 1)
    );
    let api = Client::mock(First(MockError::no_connection));
    let error = block_on(api.people().create(&NewPerson::sample())).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Connect, 3));
}

#[test]
fn errors_have_the_shape_of_the_api() {
    let refused = || {
        MockError::status(409)
            .with_code("email_taken")
            .with_message("it is taken")
    };
    let api = Client::mock(First(refused));
    let error = block_on(api.people().create(&NewPerson::sample())).unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::Taken));
    assert_eq!(error.messages()[0].text, "it is taken");
    assert_eq!(
        error.body_as::<Json>(),
        serde_json::from_str(r#"{"error":{"text":"it is taken","code":"email_taken"}}"#).ok()
    );
    let api = Client::mock(First(|| MockError::status(404)));
    let error = block_on(async { api.people().get("a/b c").await }).unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::NotFound));
}

#[test]
fn samples_follow_types_examples_and_bounds() {
    let person = Person::sample();
    assert_eq!(person.id.as_str(), "person_7");
    assert_eq!(
        (person.name.as_str(), person.email.as_str()),
        ("Ada", "email")
    );
    assert_eq!((person.age, person.code.as_str()), (Some(18), "co"));
    assert_eq!(person.mood, Mood::Merry);
    assert_eq!(person.friends.len(), 1);
    assert_eq!(person.friends[0].name, "Ada");
    let mut text = person.clone();
    let mut levels = 0;
    while let Some(best) = text.best.take() {
        (text, levels) = (*best, levels + 1);
    }
    assert!((1..8).contains(&levels), "{levels}");
    assert_eq!(Mood::sample(), Mood::Calm);
    // What is written is read again as it was, at its moment and to its last digit.
    struct One(Person);
    impl Mock for One {
        fn people_get(&self, _: &Asked<'_>) -> Answer<Person> {
            Ok(self.0.clone())
        }
    }
    let api = Client::mock(One(person.clone()));
    assert_eq!(
        block_on(async { api.people().get("x").await }).unwrap(),
        person
    );
}

/// A described API as large as they come: what its samples hold is what its answers hold.
#[test]
fn samples_of_a_large_api_are_answers() {
    struct Shop;
    impl hive::mock::Mock for Shop {
        fn orders_get(&self, asked: &Asked<'_>) -> Answer<hive::Order> {
            assert_eq!(asked.key("id"), "7");
            Ok(Sample::sample())
        }
    }
    let api = hive::Client::mock(Shop);
    let order = block_on(async { api.orders().get(7).await }).unwrap();
    let sample: hive::Order = Sample::sample();
    assert_eq!(order, sample);
    assert!(!order.items.is_empty());
}

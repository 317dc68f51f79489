//! The users that the stand-in keeps, in the order in which it lists them.
//!
//! It keeps instants, not texts; each view writes the fields that the reference shows for it.

use serde_json::{Value, json};

use super::Remembered;
use crate::calendar::{millis, utc_seconds};
use crate::clock::Now;

/// 2023-01-15T10:30:00Z, when the first user of the reference's example was created.
const FIRST_CREATED: i64 = 1_673_778_600_000;
/// 2023-02-20T14:00:00Z, when the second was.
const SECOND_CREATED: i64 = 1_676_901_600_000;
const HOUR: i64 = 3_600_000;

const GIVEN: [&str; 8] = [
    "Carol", "David", "Erin", "Frank", "Grace", "Heidi", "Ivan", "Judy",
];
const FAMILY: [&str; 7] = [
    "Brown", "García", "Khan", "Müller", "Nowak", "Okafor", "Tanaka",
];

#[derive(Clone, Debug)]
pub(super) struct User {
    number: u64,
    name: String,
    email: String,
    created: i64,
    updated: i64,
}

impl User {
    fn id(&self) -> String {
        format!("user_{}", self.number)
    }

    /// As in a list, and as the answer to its creation: without `updatedAt`.
    pub(super) fn summary(&self) -> Value {
        json!({
            "id": self.id(),
            "name": self.name,
            "email": self.email,
            "createdAt": utc_seconds(self.created),
        })
    }

    /// As fetched alone.
    pub(super) fn whole(&self) -> Value {
        let mut user = self.summary();
        user["updatedAt"] = utc_seconds(self.updated).into();
        user
    }
}

pub(super) struct Records {
    users: Vec<User>,
    next: u64,
    wall: Now,
    pub(super) remembered: Remembered,
}

impl Records {
    pub(super) fn seeded(count: usize, wall: Now) -> Self {
        let numbers = [123, 456].into_iter().chain(1000..);
        let users: Vec<User> = numbers.take(count).zip(0..).map(seed).collect();
        let next = users.last().map_or(1, |last| last.number + 1).max(789);
        Self {
            users,
            next,
            wall,
            remembered: Remembered::new(),
        }
    }

    pub(super) fn all(&self) -> Vec<Value> {
        self.users.iter().map(User::whole).collect()
    }

    pub(super) fn count(&self) -> usize {
        self.users.len()
    }

    /// A stretch of the list, by creation, then by id.
    pub(super) fn stretch(&self, offset: usize, limit: usize) -> Vec<Value> {
        let mut ordered: Vec<&User> = self.users.iter().collect();
        ordered.sort_by_key(|user| (user.created, user.number));
        let stretch = ordered.into_iter().skip(offset).take(limit);
        stretch.map(User::summary).collect()
    }

    pub(super) fn find(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id() == id)
    }

    pub(super) fn has_email(&self, email: &str) -> bool {
        self.users.iter().any(|user| user.email == email)
    }

    pub(super) fn add(&mut self, name: &str, email: &str) -> &User {
        // The API writes whole seconds, so it keeps no more.
        let created = millis((self.wall)()).div_euclid(1000) * 1000;
        self.users.push(User {
            number: self.next,
            name: name.to_owned(),
            email: email.to_owned(),
            created,
            updated: created,
        });
        self.next += 1;
        self.users.last().expect("one was just added")
    }
}

fn seed((number, place): (u64, usize)) -> User {
    let user = |name: &str, email: String, created| User {
        number,
        name: name.to_owned(),
        email,
        created,
        updated: created,
    };
    match place {
        0 => user("Alice Smith", "alice@example.com".to_owned(), FIRST_CREATED),
        1 => user("Bob Johnson", "bob@example.com".to_owned(), SECOND_CREATED),
        _ => {
            let given = GIVEN[place % GIVEN.len()];
            let family = FAMILY[place % FAMILY.len()];
            let email = format!("{}.{number}@example.com", given.to_lowercase());
            let hours = i64::try_from(place).expect("far fewer users than that") * HOUR;
            let mut user = user(&format!("{given} {family}"), email, SECOND_CREATED + hours);
            // Every third one has been changed since.
            user.updated += if place.is_multiple_of(3) { HOUR / 2 } else { 0 };
            user
        }
    }
}

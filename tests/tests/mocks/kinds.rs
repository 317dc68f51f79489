//! Mocks of each kind of page, answer and body: what the runtime writes is what the generated client reads.

use bytes::Bytes;
use etiquette_cases::testing::{Answer, Asked, Sample};
use etiquette_cases::values::Json;
use etiquette_cases::{
    Error, bodies, bulk, cursors, keyset, links, oauth, outcomes, paging, polls,
};
use futures::TryStreamExt;
use futures::executor::block_on;
use runtime::codegen::Items;

fn collect<T>(items: Items<T>) -> Vec<T> {
    block_on(items.try_collect::<Vec<T>>()).unwrap()
}

/// Events 0 to 44: two full pages of 20 and a short one.
fn events() -> Vec<cursors::Event> {
    let event = |id| cursors::Event::sample_with(|event| event.id = id);
    (0..45).map(event).collect()
}

struct Events;

impl cursors::mock::Mock for Events {
    fn events_list(&self, asked: &Asked<'_>) -> Answer<Vec<cursors::Event>> {
        assert_eq!(asked.query("kind"), Some("a&b"));
        Ok(events())
    }

    fn events_marked(&self, _: &Asked<'_>) -> Answer<Vec<cursors::Event>> {
        Ok(events())
    }

    fn events_search(&self, asked: &Asked<'_>) -> Answer<Vec<cursors::Event>> {
        assert_eq!(asked.json::<Json>()?["text"], "x");
        Ok(events())
    }
}

#[test]
fn pages_by_cursor_end() {
    let api = cursors::Client::mock(Events);
    let walked = collect(api.events().list().kind("a&b").limit(10).items());
    assert_eq!(walked, events());
    assert_eq!(collect(api.events().marked().items()), events());
    let body = cursors::SearchEventsBody::new("x");
    assert_eq!(
        collect(api.events().search(&body).size(7).items()),
        events()
    );
    let page = block_on(async { api.events().list().kind("a&b").await }).unwrap();
    assert_eq!((page.items.len(), page.total), (20, Some(45)));
}

fn rows() -> Vec<links::Row> {
    let row = |id: i64| links::Row::sample_with(|row| row.id = id.to_string());
    (0..65).map(row).collect()
}

struct Rows;

impl links::mock::Mock for Rows {
    fn commits_list(&self, asked: &Asked<'_>) -> Answer<Vec<links::Row>> {
        assert!(asked.before() < 3, "three pages of 30");
        Ok(rows())
    }

    fn branches_list(&self, _: &Asked<'_>) -> Answer<Vec<links::Row>> {
        Ok(rows())
    }
}

#[test]
fn pages_by_link_end() {
    let api = links::Client::mock(Rows);
    assert_eq!(collect(api.commits().list().items()), rows());
    assert_eq!(collect(api.branches().list().merged(true).items()), rows());
}

struct Payments;

fn payments() -> Vec<keyset::Payment> {
    let payment =
        |id: i64| keyset::Payment::sample_with(|one| one.id = format!("pay_{id}").as_str().into());
    (0..30).map(payment).collect()
}

impl keyset::mock::Mock for Payments {
    fn payments_list(&self, _: &Asked<'_>) -> Answer<Vec<keyset::Payment>> {
        Ok(payments())
    }
}

#[test]
fn pages_behind_a_key_end() {
    let api = keyset::Client::mock(Payments);
    assert_eq!(collect(api.payments().list().items()), payments());
}

struct Numbers;

fn numbers() -> Vec<paging::Row> {
    let row = |id: i64| paging::Row::sample_with(|row| row.id = id);
    (0..23).map(row).collect()
}

impl paging::mock::Mock for Numbers {
    fn offsets_list(&self, _: &Asked<'_>) -> Answer<Vec<paging::Row>> {
        Ok(numbers())
    }

    fn pages_list(&self, _: &Asked<'_>) -> Answer<Vec<paging::Row>> {
        Ok(numbers())
    }

    fn nexts_list(&self, _: &Asked<'_>) -> Answer<Vec<paging::Row>> {
        Ok(numbers())
    }
}

#[test]
fn an_empty_list_is_one_page() {
    struct Nobody;
    impl cursors::mock::Mock for Nobody {
        fn events_marked(&self, asked: &Asked<'_>) -> Answer<Vec<cursors::Event>> {
            assert_eq!(asked.before(), 0);
            Ok(Vec::new())
        }
    }
    let api = cursors::Client::mock(Nobody);
    assert_eq!(collect(api.events().marked().items()), []);
}

struct Files;

impl bodies::mock::Mock for Files {
    fn covers_create(&self, asked: &Asked<'_>) -> Answer<bodies::Cover> {
        let body = &asked.request().body;
        let text = String::from_utf8_lossy(body);
        assert!(text.contains("filename=\"file.txt\""), "{text}");
        assert!(asked.json::<Json>().is_err());
        Ok(bodies::Cover::sample())
    }

    fn covers_note(&self, asked: &Asked<'_>) -> Answer<String> {
        Ok(format!("note of {}", asked.key("id")))
    }

    fn covers_thumbnail(&self, asked: &Asked<'_>) -> Answer<Bytes> {
        Ok(asked.query("width").unwrap_or_default().to_owned().into())
    }

    fn covers_publish(&self, _: &Asked<'_>) -> Answer<()> {
        Ok(())
    }

    fn backups_raw(&self, asked: &Asked<'_>) -> Answer<Bytes> {
        Ok(Bytes::from(asked.key("name").repeat(3)))
    }

    fn backups_link(&self, _: &Asked<'_>) -> Answer<bodies::Link> {
        let at = "https://files.example.com/a?token=t".parse().unwrap();
        Ok(bodies::Link::sample_with(|link| {
            link.url = at;
            link.expires_at = "2023-02-01T00:00:00Z".parse().unwrap();
        }))
    }

    fn followed(&self, asked: &Asked<'_>) -> Answer<Bytes> {
        assert_eq!(asked.header("authorization"), None);
        assert_eq!(asked.request().path(), "/a");
        Ok("behind the link".into())
    }
}

#[test]
fn bodies_of_all_kinds_are_answered() {
    let api = bodies::Client::mock(Files);
    let (covers, backups) = (api.covers(), api.backups());
    let work = async {
        assert_eq!(
            covers.create(&bodies::NewCover::sample()).await?,
            bodies::Cover::sample()
        );
        assert_eq!(covers.note(7).await?, "note of 7");
        assert_eq!(covers.thumbnail(7).width(9).await?, "9");
        covers.publish(&bodies::PublishCoversBody::sample()).await?;
        assert_eq!(backups.raw("ab").await?.bytes(100).await?, "ababab");
        let download = backups.link("x").download().await?;
        assert_eq!(download.bytes(100).await?, "behind the link");
        Ok::<(), Error>(())
    };
    block_on(work).unwrap();
}

struct Stock;

impl outcomes::mock::Mock for Stock {
    fn items_create(&self, asked: &Asked<'_>) -> Answer<outcomes::CreateItemOutcome> {
        // Without the envelope.
        let name = asked.json::<Json>()?["name"].clone();
        Ok(match name.as_str() {
            Some("none") => outcomes::CreateItemOutcome::NoneMade,
            Some("later") => outcomes::CreateItemOutcome::Accepted(outcomes::Receipt::sample()),
            _ => outcomes::CreateItemOutcome::Existing(outcomes::Item::sample()),
        })
    }

    fn items_search(&self, _: &Asked<'_>) -> Answer<Vec<outcomes::Item>> {
        Ok(vec![outcomes::Item::sample()])
    }
}

#[test]
fn outcomes_have_their_status() {
    use outcomes::CreateItemOutcome::{Accepted, Existing, NoneMade};
    let api = outcomes::Client::mock(Stock);
    let create = |name: &str| {
        let reply = api
            .items_()
            .create(&outcomes::NewItem::new(name))
            .send_raw();
        let reply = block_on(reply).unwrap();
        (reply.status, reply.value)
    };
    assert_eq!(create("none"), (204, NoneMade));
    assert_eq!(
        create("later"),
        (202, Accepted(outcomes::Receipt::sample()))
    );
    assert_eq!(create("x"), (200, Existing(outcomes::Item::sample())));
    let body = outcomes::SearchItemsBody::sample();
    let found = block_on(async { api.items_().search(&body).await }).unwrap();
    assert_eq!(found, [outcomes::Item::sample()]);
}

struct Jobs;

impl polls::mock::Mock for Jobs {
    fn exports_create(&self, asked: &Asked<'_>) -> Answer<polls::Exports> {
        assert_eq!(asked.key("workspace"), "3");
        Ok(polls::Exports::sample_with(|export| {
            export.status = polls::ExportStatus::Queued;
        }))
    }

    fn exports_get(&self, asked: &Asked<'_>) -> Answer<polls::Exports> {
        let status = match asked.before() {
            0 | 1 => polls::ExportStatus::Running,
            _ => polls::ExportStatus::Done,
        };
        Ok(polls::Exports::sample_with(|export| export.status = status))
    }
}

#[test]
fn a_job_is_polled_in_virtual_time() {
    let exports = polls::Client::mock(Jobs).workspaces().exports(3);
    let done = block_on(exports.create(&polls::NewExports::sample()).poll()).unwrap();
    assert_eq!(done.status, polls::ExportStatus::Done);
}

struct Tasks;

impl bulk::mock::Mock for Tasks {
    fn tasks_count(&self, asked: &Asked<'_>) -> Answer<i64> {
        assert_eq!(asked.query("id"), Some("3|5"));
        Ok(2)
    }

    fn tasks_close_many(&self, asked: &Asked<'_>) -> Answer<i64> {
        assert_eq!(asked.json::<Json>()?["status"], "closed");
        Ok(2)
    }
}

#[test]
fn a_write_over_many_rows_is_counted_and_written() {
    let tasks = bulk::Client::mock(Tasks).teams().tasks(7);
    let patch = bulk::TasksPatch::default().status(bulk::TaskStatus::Closed);
    let written = block_on(tasks.close_many(&patch).id_in([3, 5]).expect(2)).unwrap();
    assert_eq!(written, 2);
}

struct Things;

impl oauth::mock::Mock for Things {
    fn things_mine(&self, asked: &Asked<'_>) -> Answer<oauth::Thing> {
        assert!(asked.header("authorization").is_some() || asked.query("access_token").is_some());
        Ok(oauth::Thing::sample())
    }
}

/// Numbers of pages, and the numbers of next pages.
#[test]
fn pages_by_number_end() {
    let api = paging::Client::mock(Numbers);
    let ahead = api.offsets().list().take(4).with_prefetch(1);
    assert_eq!(collect(ahead.items()), numbers());
    assert_eq!(collect(api.pages_().list().per_page(10).items()).len(), 23);
    assert_eq!(collect(api.nexts().list("x").items()).len(), 23);
}

#[test]
fn tokens_are_given_by_the_mock() {
    let thing = block_on(async { oauth::Client::mock(Things).things().mine().await }).unwrap();
    assert_eq!(thing, oauth::Thing::sample());
}

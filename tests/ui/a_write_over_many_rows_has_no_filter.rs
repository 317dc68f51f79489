//! Without a filter it would touch every row.

use etiquette_cases::bulk::{Client, TasksPatch};

fn close(api: &Client) {
    let patch = TasksPatch::default();
    let _ = api.teams().tasks(7).close_many(&patch).expect(12);
}

fn main() {}

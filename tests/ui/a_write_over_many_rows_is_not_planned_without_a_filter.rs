//! Nor is there a plan of all rows; an option is no filter.

use etiquette_cases::bulk::{Client, TasksPatch};

fn close(api: &Client) {
    let patch = TasksPatch::default();
    let _ = api.teams().tasks(7).close_many(&patch).notify(true).plan();
}

fn main() {}

//! The generated tables: how each operation of each API is called, its described errors, and the partial types that a
//! selection of members gives.

use etiquette_apis::{cleverfox, hive, hive_v2, users, zengine};
use runtime::Error;
use runtime::testing::ScriptReply;
use runtime::testing::exchange::{Exchange, Exchanged, Exchanging};

use super::calls::Calls;
use super::read::Variant;

/// An API.
pub(crate) struct Table {
    pub(crate) api: &'static str,
    operations: &'static [Exchange],
    fault: fn(&Error) -> Option<String>,
}

/// What came of a call.
pub(crate) struct Ran {
    pub(crate) came: Exchanged,
    /// The described error that it is.
    pub(crate) fault: Option<String>,
}

macro_rules! tables {
    ($($api:ident),*) => {
        /// All APIs that have vectors.
        pub(crate) fn all() -> Vec<Table> {
            vec![$(Table {
                api: stringify!($api),
                operations: $api::mock::OPERATIONS,
                fault: |error| $api::Fault::of(error).map(|fault| format!("{fault:?}")),
            }),*]
        }
    };
}

tables!(cleverfox, hive, hive_v2, users, zengine);

macro_rules! masked {
    ($($operation:literal: $item:ty),* $(,)?) => {
        /// How a list of partial objects is decoded; the table of operations has the whole ones.
        fn masked(operation: &str) -> Option<Exchange> {
            let mut all = zengine::mock::OPERATIONS.iter();
            let mut exchange = *all.find(|one| one.operation.name == operation)?;
            match operation {
                $($operation => {
                    exchange.send = |request| Exchanging::page(request.list::<$item>());
                })*
                _ => return None,
            }
            Some(exchange)
        }
    };
}

masked! {
    "tasks.list": zengine::tasks::PartialTask,
    "users.list": zengine::users::PartialUser,
    "workspaces.list": zengine::workspaces::PartialWorkspace,
    "forms.list": zengine::types::PartialForm,
    "forms.records.list": zengine::records::PartialRecord,
}

impl Table {
    /// Makes the call, each request getting the variant's reply.
    pub(crate) fn run(&self, calls: &Calls, variant: &Variant) -> Result<Ran, String> {
        let operation = variant.operation();
        let (given, is_masked) = calls.get(variant);
        let mut all = self.operations.iter();
        let found = if *is_masked {
            masked(operation)
        } else {
            all.find(|one| one.operation.name == operation).copied()
        };
        let exchange = found.ok_or_else(|| format!("no table has `{operation}`"))?;
        let came = exchange.run(given, &reply(variant)?);
        let came = came.map_err(|error| format!("there is no client: {error}"))?;
        let fault = came.result.as_ref().err().and_then(self.fault);
        Ok(Ran { came, fault })
    }
}

fn reply(variant: &Variant) -> Result<ScriptReply, String> {
    let reply = &variant.whole["reply"];
    let status = reply
        .get("status")
        .map_or(Some(200), serde_json::Value::as_u64);
    let status = status.and_then(|status| u16::try_from(status).ok());
    let status = status.ok_or("a status is a number")?;
    let mut made = match (reply.get("json"), reply.get("text")) {
        (Some(json), None) => ScriptReply::json(status, json.to_string()),
        (None, Some(text)) => ScriptReply::text(status, text.as_str().unwrap_or_default()),
        (None, None) => ScriptReply::empty(status),
        (Some(_), Some(_)) => return Err("a reply has one body".to_owned()),
    };
    for (name, value) in reply["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().ok_or("a header is a text")?;
        made = made.header(name, value);
    }
    Ok(made)
}

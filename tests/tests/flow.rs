//! Whole flows: the generated clients of the users API and of Hive, against a scripted server in
//! virtual time and against the stand-in servers over TCP.
//!
//! Every count is taken at the server's side. No test sleeps on the real clock, and no row of the
//! table of faults is named here that a test does not show end to end.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod flow {
    pub(crate) mod world;

    mod cases {
        mod bodies;
        mod deliveries;
        mod logins;
        mod many;
        mod pace;
        mod parts;
        mod selects;
        mod times;
        mod tokens;
        mod versions;
    }

    mod cleverfox {
        mod exports;
        mod files;
        mod inside;
        mod polite;
        mod reads;
        mod writes;
    }

    mod users {
        mod calls;
        mod decoding;
        mod limits;
        mod odd_pages;
        mod parameters;
        mod refusals;
        mod retries;
        mod secrets;
        mod walks;
        mod writes;
    }

    mod hive {
        mod answers;
        mod limits;
        mod orders;
        mod pages;
        mod plugins;
        mod refusals;
        mod skus;
        mod stock;
    }

    mod hive_v2 {
        mod deliveries;
        mod merchants;
        mod pages;
        mod writes;
    }

    mod zengine {
        mod deliveries;
        mod everything;
        mod jobs;
        mod limits;
        mod lists;
        mod logins;
        mod many;
        mod records;
        mod secrets;
        mod versions;
    }
}

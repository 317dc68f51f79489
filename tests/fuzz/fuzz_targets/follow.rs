//! One fuzz target; its body stands in the runtime.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| etiquette_runtime::testing::fuzz::follow(data));

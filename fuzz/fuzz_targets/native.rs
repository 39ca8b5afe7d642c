//! Does anything that is sent as the body of docent's own calls do harm to who reads it?

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| docent::http::fuzzed::native(body));

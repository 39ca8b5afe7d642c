//! Does anything that stands in the head of a request do harm to who decides whether it comes in?

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|head: &[u8]| docent::http::fuzzed::guard(head));

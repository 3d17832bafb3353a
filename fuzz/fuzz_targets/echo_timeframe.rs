//! The laws of timeframes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dxos_fuzz::messages::timeframe(bytes));

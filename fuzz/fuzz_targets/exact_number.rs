//! Any text is read as an exact number or refused; what is read makes a layer or a typed error.
#![no_main]

use isomoment::layer_law::certified::{ExactLayer, Rational};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, u64)| {
    let (slope, s, width) = input;
    let (Some(slope), Some(s)) = (Rational::parse(slope), Rational::parse(s)) else {
        return;
    };
    if let Ok(layer) = ExactLayer::new(slope, Rational::integer(1), true, width) {
        let _ = layer.scale(&s, 5);
    }
});

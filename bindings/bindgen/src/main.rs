//! Writes the Kotlin and Swift sources from the built library: `bindings/generate.sh` calls it.
//!
//! The generator is a binary of its own, so that nothing of it is ever in the library that phones load.

fn main() {
    uniffi::uniffi_bindgen_main();
}

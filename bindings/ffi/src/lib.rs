//! The uniffi door: the public API for Kotlin and Swift. No rule lives here.

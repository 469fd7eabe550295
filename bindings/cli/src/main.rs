//! The terminal shell of Homeline.

fn main() {}

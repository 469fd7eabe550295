//! Benchmarks that run Homeline, its peer and the limit in the same run.

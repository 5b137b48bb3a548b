//! Suites that cross the crates of ksz.

//! Canonical XML and XML signatures

//! The simulated remote services

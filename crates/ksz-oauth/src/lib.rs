//! OAuth 2.0 client credentials with a signed assertion

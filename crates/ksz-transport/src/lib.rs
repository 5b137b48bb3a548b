//! Mutual TLS, HTTP and the endpoint catalogue

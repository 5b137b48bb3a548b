//! WS-Security headers: the X.509 and SAML holder-of-key profiles

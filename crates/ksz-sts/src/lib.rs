//! WS-Trust exchanges and SAML 1.1 assertions

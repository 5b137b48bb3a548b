//! Calls to the Crossroads Bank for Social Security, the eHealth platform and social security's OAuth server.

pub use ksz_error as error;
pub use ksz_oauth as oauth;
pub use ksz_pki as pki;
pub use ksz_soap as soap;
pub use ksz_sts as sts;
pub use ksz_transport as transport;
pub use ksz_wss as wss;
pub use ksz_xml as xml;
pub use ksz_xmldsig as xmldsig;

pub use ksz_transport::{Channel, Environment};

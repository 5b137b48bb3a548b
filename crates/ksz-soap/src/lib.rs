//! SOAP envelopes and faults of KSZ and the eHealth platform.
//!
//! An envelope is built around a body given as text, whose octets are not touched, and read by its fixed path:
//! Envelope, Header, Body. Faults come out as types with the codes that the services use, and everything else
//! they say is kept.
//!
//! ```
//! use ksz_soap::{Envelope, SendTestMessageRequest, write_envelope};
//! use ksz_xml::{Document, Limits};
//!
//! let request = SendTestMessageRequest { echo: "hello cbss service".into() };
//! let message = write_envelope(&request.to_xml());
//! let document = Document::parse(message.as_bytes(), &Limits::default())?;
//! let payload = Envelope::find(&document)?.payload()?;
//! assert_eq!(payload.local_name(), "sendTestMessageRequest");
//! # Ok::<(), ksz_soap::Error>(())
//! ```
//!
//! # What it refuses
//!
//! Envelopes of another version than SOAP 1.1, with another shape than Header and Body, and answers that hold
//! anything but one element. Unknown fault codes are kept, never an error.

mod date_time;
mod envelope;
mod error;
mod fault;
pub mod names;
mod operation;
mod platform_integration;
mod soa;
mod test_connection;

pub use date_time::{format_date_time, parse_date_time};
pub use envelope::{Envelope, payload_of, write_envelope};
pub use error::Error;
pub use fault::{Fault, FaultCode, Message, SoaError, SoaErrorKind};
pub use operation::Operation;
pub use platform_integration::{IntegrationTest, IntegrationTestRequest, IntegrationTestResponse};
pub use soa::{Advice, SoaCode};
pub use test_connection::{InformationCbss, SendTestMessageRequest, SendTestMessageResponse};

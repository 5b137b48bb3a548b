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
//! Envelopes of SOAP 1.2 where its caller does not allow them, envelopes of another shape than Header and Body, and answers
//! that hold anything but one element. Values that the schemas of KSZ do not allow are neither written nor read. Unknown
//! fault codes are kept, never an error, and whatever a fault says prints with the numbers of persons masked.

mod advice;
mod cbss_fault;
mod date_time;
mod envelope;
mod error;
mod fault;
mod fragment;
mod information_cbss;
mod information_customer;
mod legal_context;
pub mod mtom;
pub mod names;
mod operation;
mod peer_text;
mod platform_integration;
mod soa_code;
mod soa_error;
mod ssdn;
mod status;
mod status_code;
mod test_connection;
mod value;
mod version;
mod writer;
mod ws_trust_code;

pub use advice::Advice;
pub use cbss_fault::{CbssFault, CbssMessage, Severity};
pub use date_time::{format_date_time, parse_date_time};
pub use envelope::{Envelope, payload_of, write_envelope, write_envelope_as};
pub use error::Error;
pub use fault::{Fault, FaultCode};
pub use fragment::Fragment;
pub use information_cbss::InformationCbss;
pub use information_customer::{InformationCustomer, OrganizationIdentification};
pub use legal_context::LegalContext;
pub use operation::Operation;
pub use peer_text::PeerText;
pub use platform_integration::{IntegrationTest, IntegrationTestRequest, IntegrationTestResponse};
pub use soa_code::{SoaClass, SoaCode};
pub use soa_error::{Message, SoaError, SoaErrorKind};
pub use ssdn::{
    AuthorizedUser, ResultDetail, ResultInformation, ResultSummary, ResultSummaryStatus, ServiceReply,
    ServiceRequest, SsdnFault, SsdnReply, SsdnRequest,
};
pub use status::{Information, Status, StatusValue};
pub use status_code::StatusCode;
pub use test_connection::{SendTestMessageRequest, SendTestMessageResponse};
pub use version::SoapVersion;
pub use ws_trust_code::WsTrustCode;

//! The only library of the house with sockets: mutual TLS, HTTP and the catalogue of endpoints.
//!
//! It takes a finished [`http::Request`] and gives an [`http::Response`]; it knows nothing of signatures or
//! tokens. Where to send is looked up, not typed:
//!
//! ```no_run
//! use ksz_transport::{Channel, Environment, HttpClient, Service, SoapRequest, SoapResponse, endpoint};
//!
//! # async fn call(identity: ksz_pki::Identity, envelope: String) -> Result<(), ksz_transport::Error> {
//! let service = endpoint(Service::KszTestConnection, Environment::Test, Channel::Extranet)?;
//! let action = "http://kszbcss.fgov.be/TestConnectionServiceService/sendTestMessage";
//! let client = HttpClient::builder().identity(identity).build()?;
//!
//! let url = service.url().expect("a SOAP service has one");
//! let request = SoapRequest::new(url, action, envelope).into_http()?;
//! let answer = SoapResponse::from_http(client.send(request).await?)?;
//! println!("{}", String::from_utf8_lossy(answer.envelope()));
//! # Ok(())
//! # }
//! ```
//!
//! # What it refuses
//!
//! - A host that no document gives: [`endpoint`] never guesses and never takes another environment's.
//!   [`require_environment`] refuses a known host in the wrong environment before anything is connected.
//! - Anything but `https`, TLS 1.2 and TLS 1.3, and servers whose certificate does not lead to a trusted root.
//!   No switch turns the checks off.
//! - To follow a redirect, to repeat a request, or to read more than the limit.
//!
//! The private key of a client certificate stays in `ksz-pki`, or in the token behind it: the handshake is
//! signed through [`ksz_pki::SigningKey`].
//!
//! Every failure has a name, and [`Error::outcome_unknown`] says whether the server may have acted. What goes
//! to `tracing` is the method, the host, the status, the size and the time; never a path, header or body.

mod catalogue;
mod channel;
mod client;
mod endpoint;
mod environment;
mod error;
mod failure;
mod resolver;
mod second_look;
mod service;
mod soap;
mod spool;
mod tls;

pub use catalogue::catalogue;
pub use channel::Channel;
pub use client::{HttpClient, HttpClientBuilder};
pub use endpoint::{Certainty, Endpoint, Source, endpoint, recognise, require_environment};
pub use environment::Environment;
pub use error::Error;
pub use service::Service;
pub use soap::{SoapRequest, SoapResponse, TracingHeaders};
pub use spool::{FileSource, Spool, SpooledPart};
pub use tls::ServerTrust;

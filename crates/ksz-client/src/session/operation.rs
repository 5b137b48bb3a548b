use crate::Error;
use crate::call::read_answer;
use crate::client::Client;
use ksz_soap::{Envelope, IntegrationTest, Operation};
use ksz_transport::{Service, require_environment};
use ksz_xml::{Document, Element, Limits};
use std::fmt;
use url::Url;

/// An operation of a service of the eHealth platform, and where the service is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RemoteOperation {
    place: Place,
    action: String,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Place {
    Catalogue(Service),
    Address(Url),
}

impl RemoteOperation {
    /// The operation that the service's WSDL gives this action, at an address.
    #[must_use]
    pub fn new(address: Url, action: &str) -> Self {
        Self { place: Place::Address(address), action: action.to_owned() }
    }

    /// An operation of a service that the catalogue, or the configuration, knows the address of.
    #[must_use]
    pub fn of(service: Service, operation: Operation) -> Self {
        Self { place: Place::Catalogue(service), action: operation.action.to_owned() }
    }

    pub(crate) fn action(&self) -> &str {
        &self.action
    }

    /// Where it is; never in another environment than the client's.
    pub(crate) fn address(&self, client: &Client) -> Result<Url, Error> {
        match &self.place {
            Place::Catalogue(service) => client.endpoint(*service),
            Place::Address(address) => {
                require_environment(address, client.environment())?;
                Ok(address.clone())
            }
        }
    }
}

impl From<IntegrationTest> for RemoteOperation {
    fn from(test: IntegrationTest) -> Self {
        Self::of(Service::EhealthConsumerTest, test.operation())
    }
}

/// What a service answered: an envelope without a fault. It may hold what concerns persons, and does not print.
#[derive(Clone, Eq, PartialEq)]
pub struct Answer {
    envelope: Vec<u8>,
}

impl Answer {
    /// Takes an envelope, unless it holds a fault.
    pub(crate) fn new(envelope: Vec<u8>) -> Result<Self, Error> {
        {
            let document = Document::parse(&envelope, &Limits::default())?;
            if let Err(fault @ ksz_soap::Error::Fault { .. }) = Envelope::find(&document)?.payload() {
                return Err(fault.into());
            }
        }
        Ok(Self { envelope })
    }

    /// The octets of the envelope.
    #[must_use]
    pub fn envelope(&self) -> &[u8] {
        &self.envelope
    }

    /// Reads the payload of its Body.
    ///
    /// # Errors
    ///
    /// What `read` finds wrong with it; [`Error::Soap`] if the Body does not hold one element.
    pub fn read<T>(&self, read: impl FnOnce(Element<'_>) -> Result<T, ksz_soap::Error>) -> Result<T, Error> {
        read_answer(&self.envelope, read)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({} octets)", self.envelope.len())
    }
}

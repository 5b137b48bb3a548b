use crate::Error;
use crate::client::Client;
use ksz_pki::TrustStore;
use ksz_soap::{Envelope, Operation, payload_of};
use ksz_transport::{HttpClient, Service, SoapRequest, SoapResponse};
use ksz_wss::{Policy, Replay, verify_x509};
use ksz_xml::{Document, Element, Limits};
use url::Url;

impl Client {
    /// Sends an envelope to a service and gives the envelope that comes back, whatever it holds.
    pub(crate) async fn exchange(
        &self,
        service: Service,
        operation: Operation,
        envelope: String,
    ) -> Result<Vec<u8>, Error> {
        let url = self.endpoint(service)?;
        send_envelope(&self.settings().http, url, operation, envelope).await
    }
}

/// Sends an envelope once. A SOAP message is never repeated by itself: nobody knows whether the service acted.
pub(crate) async fn send_envelope(
    http: &HttpClient,
    url: Url,
    operation: Operation,
    envelope: String,
) -> Result<Vec<u8>, Error> {
    let request = SoapRequest::new(url, operation.action, envelope).into_http()?;
    Ok(SoapResponse::from_http(http.send(request).await?)?.into_envelope())
}

/// Reads the payload of an answer that is not signed.
pub(crate) fn read_answer<T>(
    answer: &[u8],
    read: impl FnOnce(Element<'_>) -> Result<T, ksz_soap::Error>,
) -> Result<T, Error> {
    let document = Document::parse(answer, &Limits::default())?;
    Ok(read(Envelope::find(&document)?.payload()?)?)
}

/// Reads the payload of an answer that must be signed: from the octets that were verified, and only from those.
///
/// A fault counts as a refusal even though nobody signs it. An answer that confirms a signature must confirm that of the
/// request.
pub(crate) fn read_signed_answer<T>(
    client: &Client,
    request: &[u8],
    answer: &[u8],
    trust: &TrustStore,
    read: impl FnOnce(Element<'_>) -> Result<T, ksz_soap::Error>,
) -> Result<T, Error> {
    let policy = Policy::of_answers();
    let document = Document::parse(answer, &policy.limits)?;
    if let Err(fault @ ksz_soap::Error::Fault { .. }) =
        Envelope::find_as(&document, policy.soap_versions)?.payload()
    {
        return Err(fault.into());
    }
    let verified = verify_x509(answer, trust, &policy, Replay::NotChecked, client.now())?;
    if verified.has_confirmation() {
        verified.require_confirmation(request, &policy)?;
    }
    let body = verified.body().document()?;
    Ok(read(payload_of(body.root())?)?)
}

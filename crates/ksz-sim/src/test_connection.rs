//! KSZ `TestConnectionService`: the echo with which a line to KSZ is tried, unsigned or signed.

use crate::fresh;
use crate::journal::Service;
use crate::soap::{Call, Refusal, SoapService, Wsdl, verified_payload};
use ksz_pki::{Identity, TrustStore};
use ksz_soap::{
    InformationCbss, Operation, SendTestMessageRequest, SendTestMessageResponse, names, write_envelope,
};
use ksz_wss::{Ids, MemoryReplayGuard, Policy, Replay, SigningOptions, sign_x509, verify_x509};
use ksz_xml::Element;

/// A service that answers a signed message with a signed message.
pub(crate) struct TestConnection {
    pub(crate) trust: TrustStore,
    pub(crate) guard: MemoryReplayGuard,
    pub(crate) identity: Identity,
}

impl SoapService for TestConnection {
    const SERVICE: Service = Service::KszSoap;
    const WSDL: Wsdl = Wsdl::Public;

    fn operation(&self, payload: Element<'_>) -> Option<Operation> {
        payload.is(names::TEST_CONNECTION, "sendTestMessageRequest").then_some(Operation::SEND_TEST_MESSAGE)
    }

    fn answer(&self, call: &Call<'_>) -> Result<String, Refusal> {
        if !is_secured(call) {
            let request = SendTestMessageRequest::read(call.payload);
            return response(call, &request.map_err(|error| Refusal::not_schema(&error))?);
        }
        let replay = Replay::Guarded(&self.guard);
        let verified = verify_x509(call.message, &self.trust, &Policy::default(), replay, call.received_at)
            .map_err(|error| Refusal::not_authenticated(&error))?;
        let answer =
            response(call, &verified_payload(&verified, SendTestMessageRequest::read, Refusal::not_schema)?)?;
        self.sign(&answer, call)
    }
}

impl TestConnection {
    fn sign(&self, answer: &str, call: &Call<'_>) -> Result<String, Refusal> {
        let unique = fresh::uuid().map_err(|error| Refusal::failed(&error))?;
        Ids::new(&unique)
            .and_then(|ids| {
                let options = SigningOptions::default();
                sign_x509(answer.as_bytes(), &self.identity, &ids, call.received_at, &options)
            })
            .map_err(|error| Refusal::failed(&error))
    }
}

fn is_secured(call: &Call<'_>) -> bool {
    let mut blocks = call.envelope.header().into_iter().flat_map(Element::children);
    blocks.any(|block| block.is(ksz_wss::names::WSSE, "Security"))
}

fn response(call: &Call<'_>, request: &SendTestMessageRequest) -> Result<String, Refusal> {
    let ticket = fresh::uuid().map_err(|error| Refusal::failed(&error))?;
    let information = InformationCbss::new(&ticket, call.received_at, call.received_at);
    let answer = SendTestMessageResponse {
        information_cbss: Some(information.map_err(|error| Refusal::failed(&error))?),
        echo: request.echo.clone(),
        ssl_certificate: call.peer.subject().to_owned(),
    };
    let payload = answer.to_xml().map_err(|error| Refusal::failed(&error))?;
    Ok(write_envelope(&payload))
}

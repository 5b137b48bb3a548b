//! eHealth `PlatformIntegrationConsumerTest`: how far a caller gets by TLS, by certificate, by assertion.

use crate::faults::Soa;
use crate::journal::{Reason, Service};
use crate::soap::{Call, Refusal, SoapService, Wsdl, verified_payload};
use crate::token_keys::TokenKeys;
use ksz_pki::TrustStore;
use ksz_soap::{
    IntegrationTest, IntegrationTestRequest, IntegrationTestResponse, Operation, names, write_envelope,
};
use ksz_sts::verify_brokered;
use ksz_wss::{MemoryReplayGuard, Policy, Replay, verify_x509};
use ksz_xml::Element;
use std::sync::Arc;

/// The three operations. The WSDL is not public: their answers are those of the social security's twin service.
///
/// `checkConnection` asks for nothing but TLS; a security header in it is passed over.
pub(crate) struct ConsumerTest {
    pub(crate) trust: TrustStore,
    pub(crate) token_keys: Arc<TokenKeys>,
    pub(crate) guard: MemoryReplayGuard,
}

impl SoapService for ConsumerTest {
    const SERVICE: Service = Service::Ehealth;
    const WSDL: Wsdl = Wsdl::NotPublic;

    fn operation(&self, payload: Element<'_>) -> Option<Operation> {
        asked_for(payload).map(IntegrationTest::operation)
    }

    fn answer(&self, call: &Call<'_>) -> Result<String, Refusal> {
        match asked_for(call.payload) {
            Some(IntegrationTest::AccessControl) => self.access_control(call),
            Some(IntegrationTest::BrokeredAccessControl) => self.brokered_access_control(call),
            _ => {
                let request = IntegrationTestRequest::read(call.payload);
                response(&request.map_err(|error| Refusal::not_schema(&error))?, None)
            }
        }
    }
}

impl ConsumerTest {
    fn access_control(&self, call: &Call<'_>) -> Result<String, Refusal> {
        let replay = Replay::Guarded(&self.guard);
        let verified = verify_x509(call.message, &self.trust, &Policy::default(), replay, call.received_at)
            .map_err(|error| Refusal::not_authenticated(&error))?;
        let request = verified_payload(&verified, IntegrationTestRequest::read, Refusal::not_schema)?;
        response(&request, Some(verified.signer().certificate().subject()))
    }

    fn brokered_access_control(&self, call: &Call<'_>) -> Result<String, Refusal> {
        let replay = Replay::Guarded(&self.guard);
        let (policy, trust) = (Policy::default(), self.token_keys.trust());
        let verified = verify_brokered(call.message, &trust, &policy, replay, call.received_at)
            .map_err(|error| Refusal::new(Soa::NotAuthenticated, Reason::new(Some(error.class()), &error)))?;
        let request = verified_payload(&verified, IntegrationTestRequest::read, Refusal::not_schema)?;
        response(&request, Some(verified.signer().subject_name()))
    }
}

fn asked_for(payload: Element<'_>) -> Option<IntegrationTest> {
    IntegrationTest::ALL.into_iter().find(|test| payload.is(names::INTEGRATION_TEST, test.request_name()))
}

fn response(request: &IntegrationTestRequest, consumer: Option<&str>) -> Result<String, Refusal> {
    let answer = IntegrationTestResponse {
        message: request.message.clone(),
        timestamp: request.timestamp,
        authenticated_consumer: consumer.map(str::to_owned),
    };
    let payload = answer.to_xml(request.test).map_err(|error| Refusal::failed(&error))?;
    Ok(write_envelope(&payload))
}

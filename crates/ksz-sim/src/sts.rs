//! The token service: a signed request, a challenge, its signed answer, an assertion.

use crate::faults::WsTrust;
use crate::fresh;
use crate::holder::attributes;
use crate::journal::{Reason, Service};
use crate::options::Challenges;
use crate::soap::{Call, Refusal, SoapService, Wsdl, verified_payload};
use ksz_error::Class;
use ksz_pki::{Certificate, Identity, TrustStore};
use ksz_soap::{Operation, write_envelope};
use ksz_sts::names::{EHEALTH_ISSUER, WST};
use ksz_sts::{
    Attribute, Lifetime, NewAssertion, Purpose, RequestSecurityToken, SignChallenge, SignChallengeResponse,
    write_token_response,
};
use ksz_wss::{MemoryReplayGuard, Policy, Replay, verify_x509};
use ksz_xml::Element;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// How far back an assertion begins, and how far ahead a request may.
const LEEWAY: Duration = Duration::from_secs(5 * 60);
/// How long an assertion lives if the request does not say.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// How long it lives at most: what the platform's connector asks for.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a challenge may be answered.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// The token service.
pub(crate) struct TokenService {
    pub(crate) trust: TrustStore,
    pub(crate) guard: MemoryReplayGuard,
    pub(crate) identity: Identity,
    pub(crate) challenges: Challenges,
    pub(crate) pending: Mutex<PendingChallenges>,
}

/// Why the service refuses a request that was authenticated.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the request is for something else than a token for the holder of a key")]
    PurposeUnknown,
    #[error("the challenge was not given out, or was answered, or is too old")]
    ChallengeUnknown,
    #[error("the challenge was given out for another context")]
    ContextMismatch,
    #[error("the answer is not signed with the key that the request names")]
    HolderMismatch,
    #[error("the answer comes from another TLS client than the request")]
    PeerMismatch,
    #[error("the requested lifetime is over, begins in the future or is too long")]
    TimeRange,
    #[error("{capacity} challenges are not answered yet")]
    ChallengesFull { capacity: usize },
}

impl Refused {
    fn told(self, fault: WsTrust, message: &str) -> Refusal {
        Refusal::with_fault(fault.fault(&[message]), Reason::new(Some(Class::Structure), &self))
    }
}

impl SoapService for TokenService {
    const SERVICE: Service = Service::Ehealth;
    const WSDL: Wsdl = Wsdl::Public;

    fn operation(&self, payload: Element<'_>) -> Option<Operation> {
        match (payload.namespace(), payload.local_name()) {
            (WST, "RequestSecurityToken") => Some(Operation::REQUEST_SECURITY_TOKEN),
            (WST, "RequestSecurityTokenResponse") => Some(Operation::CHALLENGE),
            _ => None,
        }
    }

    fn answer(&self, call: &Call<'_>) -> Result<String, Refusal> {
        let now = call.received_at;
        let replay = Replay::Guarded(&self.guard);
        let verified = verify_x509(call.message, &self.trust, &Policy::default(), replay, now)
            .map_err(|error| Refusal::not_authenticated(&error))?;
        let signer = verified.signer().certificate();
        let payload = if call.payload.local_name() == "RequestSecurityToken" {
            let request = verified_payload(&verified, RequestSecurityToken::read, refused_request)?;
            self.request(&request, signer, call.peer, now)
        } else {
            let answer = verified_payload(&verified, SignChallengeResponse::read, refused_request)?;
            self.challenge_answered(&answer, signer, call.peer, now)
        };
        Ok(write_envelope(&payload?))
    }
}

impl TokenService {
    /// The answer to a request: a challenge, or the token if nothing is left to prove.
    fn request(
        &self,
        request: &RequestSecurityToken,
        requester: &Certificate,
        peer: &Certificate,
        now: SystemTime,
    ) -> Result<String, Refusal> {
        let Purpose::Issue { claims, use_key } = request.purpose() else {
            return Err(Refused::PurposeUnknown.told(WsTrust::InvalidRequest, "Message not properly encoded"));
        };
        let holder = use_key.as_ref().unwrap_or(requester);
        let attributes = attributes(claims, &[requester, holder]).map_err(|unproven| {
            let message = format!("Attribute {} does not match the certificate.", unproven.uri());
            let fault = WsTrust::InvalidRequest.fault(&[&message]);
            Refusal::with_fault(fault, Reason::new(Some(Class::Structure), &unproven))
        })?;
        let order = Order {
            context: request.context().to_owned(),
            holder: holder.clone(),
            peer: peer.clone(),
            attributes,
            expires: expiry(request.lifetime(), now)?,
        };
        if self.challenges == Challenges::UnlessProven && holder == requester {
            return self.issue(order, now);
        }
        let octets: [u8; 32] = fresh::octets().map_err(|error| Refusal::failed(&error))?;
        let text: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        let challenge = SignChallenge::new(&order.context, &text);
        self.pending().insert(text, order, now)?;
        Ok(challenge.to_xml())
    }

    /// The token for an answered challenge. A challenge is gone with the first answer, whatever that is worth.
    fn challenge_answered(
        &self,
        answer: &SignChallengeResponse,
        signer: &Certificate,
        peer: &Certificate,
        now: SystemTime,
    ) -> Result<String, Refusal> {
        let failed =
            |refused: Refused| refused.told(WsTrust::FailedAuthentication, "The challenge was not answered.");
        let order =
            self.pending().take(answer.challenge(), now).ok_or_else(|| failed(Refused::ChallengeUnknown))?;
        if order.context != answer.context() {
            return Err(Refused::ContextMismatch.told(WsTrust::InvalidRequest, "Context of another request."));
        }
        if order.holder != *signer {
            return Err(failed(Refused::HolderMismatch));
        }
        if order.peer != *peer {
            return Err(failed(Refused::PeerMismatch));
        }
        self.issue(order, now)
    }

    fn issue(&self, order: Order, now: SystemTime) -> Result<String, Refusal> {
        let id = fresh::uuid().map_err(|error| Refusal::failed(&error))?;
        let assertion = NewAssertion {
            id: format!("_{}", id.replace('-', "")),
            issuer: EHEALTH_ISSUER.into(),
            issue_instant: now,
            validity: Lifetime { created: now - LEEWAY, expires: order.expires.unwrap_or(now + LIFETIME) },
            holder: order.holder,
            attributes: order.attributes,
        };
        let assertion = assertion.sign(&self.identity).map_err(|error| Refusal::failed(&error))?;
        Ok(write_token_response(&order.context, &assertion))
    }

    fn pending(&self) -> MutexGuard<'_, PendingChallenges> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When an assertion ends, if the request says, within bounds.
fn expiry(requested: Option<Lifetime>, now: SystemTime) -> Result<Option<SystemTime>, Refusal> {
    let Some(requested) = requested else { return Ok(None) };
    let possible = requested.created <= now + LEEWAY
        && requested.expires > now
        && requested.expires <= now + LONGEST_LIFETIME + LEEWAY;
    if possible {
        Ok(Some(requested.expires))
    } else {
        Err(Refused::TimeRange.told(WsTrust::InvalidTimeRange, "Ask for at most 24 hours, from now on."))
    }
}

/// What the platform says since release R2024.1 of a claim that is named twice, and of any other bad request.
fn refused_request(error: &ksz_sts::Error) -> Refusal {
    let fault = match error {
        ksz_sts::Error::RepeatedClaim { uri } => WsTrust::InvalidRequest
            .fault(&["Message not properly encoded", &format!("Attribute {uri}\nmultiple times found.")]),
        _ => WsTrust::InvalidRequest.fault(&["Message not properly encoded"]),
    };
    Refusal::with_fault(fault, Reason::new(Some(error.class()), error))
}

/// What will be issued once the holder has proven to have the key.
struct Order {
    context: String,
    holder: Certificate,
    peer: Certificate,
    attributes: Vec<Attribute>,
    expires: Option<SystemTime>,
}

/// The challenges that were given out and not answered: a bounded number, each for a bounded time.
pub(crate) struct PendingChallenges {
    capacity: usize,
    orders: HashMap<String, (Order, SystemTime)>,
}

impl PendingChallenges {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, orders: HashMap::new() }
    }

    fn insert(&mut self, challenge: String, order: Order, now: SystemTime) -> Result<(), Refusal> {
        if self.orders.len() >= self.capacity {
            self.orders.retain(|_, (_, until)| *until > now);
        }
        if self.orders.len() >= self.capacity {
            let full = Refused::ChallengesFull { capacity: self.capacity };
            return Err(full.told(WsTrust::RequestFailed, "Too many challenges are not answered."));
        }
        self.orders.insert(challenge, (order, now + PATIENCE));
        Ok(())
    }

    fn take(&mut self, challenge: &str, now: SystemTime) -> Option<Order> {
        self.orders.remove(challenge).filter(|(_, until)| *until > now).map(|(order, _)| order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    #[test]
    fn challenges_end_and_make_room() {
        let mut pending = PendingChallenges::new(1);

        assert!(pending.insert("a".into(), order(), at(0)).is_ok());
        let full = pending.insert("b".into(), order(), at(299)).unwrap_err();
        assert!(full.fault().is_ws_trust("RequestFailed"));
        assert!(pending.insert("b".into(), order(), at(300)).is_ok());

        assert!(pending.take("a", at(300)).is_none());
        assert!(pending.take("b", at(600)).is_none());
    }

    #[test]
    fn a_lifetime_begins_now_and_ends_within_a_day() {
        let ends = |created: u64, expires: u64| {
            let requested = Lifetime { created: at(created), expires: at(expires) };
            expiry(Some(requested), at(1_000)).map_err(|refusal| refusal.fault().code.name.clone())
        };
        let refused = Err("InvalidTimeRange".into());

        assert_eq!(ends(1_000, 4_600), Ok(Some(at(4_600))));
        assert_eq!(ends(0, 1_000), refused);
        assert_eq!(ends(1_301, 4_600), refused);
        assert_eq!(ends(1_000, 1_000 + 86_400 + 301), refused);
        assert!(matches!(expiry(None, at(1_000)), Ok(None)));
    }

    fn order() -> Order {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
        let holder = Certificate::from_der(certificate.der()).unwrap();
        Order { context: "RC-1".into(), peer: holder.clone(), holder, attributes: Vec::new(), expires: None }
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }
}

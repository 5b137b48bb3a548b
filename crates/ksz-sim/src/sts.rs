//! The token service: a signed request, a challenge, its signed answer, an assertion. It issues and renews.

use crate::faults::WsTrust;
use crate::fresh;
use crate::holder::{Unproven, attributes};
use crate::journal::{Reason, Service};
use crate::options::Challenges;
use crate::soap::{Call, Refusal, SoapService, Wsdl, verified_payload};
use crate::token_keys::TokenKeys;
use ksz_error::Class;
use ksz_pki::{Certificate, TrustStore};
use ksz_soap::{Operation, write_envelope};
use ksz_sts::names::{EHEALTH_ISSUER, WST};
use ksz_sts::{
    Attribute, Lifetime, NameIdentifier, NewAssertion, Purpose, RequestSecurityToken, SignChallenge,
    SignChallengeResponse, TokenProfile, VerifiedAssertion, write_token_response,
};
use ksz_wss::{MemoryReplayGuard, Policy, Replay, verify_x509};
use ksz_xml::Element;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// How far back an assertion begins, and how far ahead a request may.
const LEEWAY: Duration = Duration::from_secs(5 * 60);
/// How long an assertion lives if the request does not say.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// How long it lives at most.
const LONGEST_LIFETIME: Duration = TokenProfile::EHEALTH.longest_lifetime();
/// How long a challenge may be answered.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// The token service.
pub(crate) struct TokenService {
    pub(crate) trust: TrustStore,
    pub(crate) guard: MemoryReplayGuard,
    pub(crate) keys: Arc<TokenKeys>,
    pub(crate) issued: Arc<AtomicU64>,
    pub(crate) challenges: Challenges,
    pub(crate) pending: Mutex<PendingChallenges>,
}

/// Why the service refuses a request that was authenticated.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the request is for something that is not known")]
    PurposeUnknown,
    #[error("the token to be renewed expired {ago} s ago")]
    RenewalTooLate { ago: u64 },
    #[error("the token to be renewed is refused: {0}")]
    Unrenewable(ksz_sts::Error),
    #[error("what is vouched for is over, or begins in the future")]
    VouchedTimeRange,
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
            self.requested(&request, call, signer)
        } else {
            let answer = verified_payload(&verified, SignChallengeResponse::read, refused_request)?;
            self.challenge_answered(&answer, signer, call.peer, now)
        };
        Ok(write_envelope(&payload?))
    }
}

impl TokenService {
    /// The answer to a request: a challenge, or the token if nothing is left to prove.
    fn requested(
        &self,
        request: &RequestSecurityToken,
        call: &Call<'_>,
        requester: &Certificate,
    ) -> Result<String, Refusal> {
        let now = call.received_at;
        let about = self.about(request, call, requester)?;
        let proven = match self.challenges {
            Challenges::Always => false,
            Challenges::UnlessProven => about.holder == *requester,
            Challenges::Never => true,
        };
        let order = Order {
            context: request.context().to_owned(),
            about,
            peer: call.peer.clone(),
            expires: expiry(request.lifetime(), now)?,
        };
        if proven {
            return self.issue(order, now);
        }
        let octets: [u8; 32] = fresh::octets().map_err(|error| Refusal::failed(&error))?;
        let text: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        let challenge = SignChallenge::new(&order.context, &text);
        self.pending().insert(text, order, now)?;
        Ok(challenge.to_xml())
    }

    /// What a token for this request would say, of whom, and for which key.
    fn about(
        &self,
        request: &RequestSecurityToken,
        call: &Call<'_>,
        requester: &Certificate,
    ) -> Result<About, Refusal> {
        match request.purpose() {
            Purpose::Issue { claims, use_key } => {
                let holder = use_key.as_ref().unwrap_or(requester);
                let attributes = attributes(claims, &[requester.subject(), holder.subject()]);
                let attributes = attributes.map_err(|error| unproven(&error))?;
                Ok(About { holder: holder.clone(), subject: None, attributes })
            }
            Purpose::OnBehalfOf { claims, subject } => {
                let Lifetime { created, expires } = subject.validity;
                if created > call.received_at + LEEWAY || expires <= call.received_at {
                    return Err(Refused::VouchedTimeRange.told(WsTrust::ExpiredData, "The subject is over."));
                }
                let attributes = attributes(claims, &[requester.subject(), &subject.name.value]);
                let attributes = attributes.map_err(|error| unproven(&error))?;
                Ok(About { holder: requester.clone(), subject: Some(subject.name.clone()), attributes })
            }
            Purpose::Renew { .. } => self.renewed(call),
            _ => Err(Refused::PurposeUnknown.told(WsTrust::InvalidRequest, "Message not properly encoded")),
        }
    }

    /// What the token says that is to be renewed: one of our own, by the present key or one before it.
    ///
    /// It is read from the message as it came, at the place that the requester's signature covers. In the octets that
    /// were signed it is in canonical form, in which its own signature may not survive.
    fn renewed(&self, call: &Call<'_>) -> Result<About, Refusal> {
        let request = RequestSecurityToken::read(call.payload).map_err(|error| refused_request(&error))?;
        let Purpose::Renew { target } = request.purpose() else {
            return Err(Refused::PurposeUnknown.told(WsTrust::InvalidRequest, "Message not properly encoded"));
        };
        let (trust, policy) = (self.keys.trust(), Policy::default());
        let token = VerifiedAssertion::verify_text(target.as_xml(), &trust, &policy, call.received_at);
        let token = token.map_err(|error| match error {
            ksz_sts::Error::AssertionExpired { ago } => {
                Refused::RenewalTooLate { ago }.told(WsTrust::RenewNeeded, "Ask for a token anew.")
            }
            error => {
                let message = "The token was not issued here, or has changed.";
                Refused::Unrenewable(error).told(WsTrust::UnableToRenew, message)
            }
        })?;
        Ok(About {
            holder: token.holder().clone(),
            subject: Some(token.subject().clone()),
            attributes: token.attributes().to_vec(),
        })
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
        if order.about.holder != *signer {
            return Err(failed(Refused::HolderMismatch));
        }
        if order.peer != *peer {
            return Err(failed(Refused::PeerMismatch));
        }
        self.issue(order, now)
    }

    fn issue(&self, order: Order, now: SystemTime) -> Result<String, Refusal> {
        let id = fresh::uuid().map_err(|error| Refusal::failed(&error))?;
        let About { holder, subject, attributes } = order.about;
        let assertion = NewAssertion {
            id: format!("_{}", id.replace('-', "")),
            issuer: EHEALTH_ISSUER.into(),
            issue_instant: now,
            validity: Lifetime { created: now - LEEWAY, expires: order.expires.unwrap_or(now + LIFETIME) },
            holder,
            attributes,
        };
        let key = self.keys.signing();
        let signed = match subject {
            Some(subject) => assertion.sign_about(&subject, &key),
            None => assertion.sign(&key),
        };
        let signed = signed.map_err(|error| Refusal::failed(&error))?;
        self.issued.fetch_add(1, Ordering::Relaxed);
        Ok(write_token_response(&order.context, &signed))
    }

    fn pending(&self) -> MutexGuard<'_, PendingChallenges> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the platform says of a claim that is not what the certificates hold.
fn unproven(unproven: &Unproven) -> Refusal {
    let message = format!("Attribute {} does not match the certificate.", unproven.uri());
    let fault = WsTrust::InvalidRequest.fault(&[&message]);
    Refusal::with_fault(fault, Reason::new(Some(Class::Structure), unproven))
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
    about: About,
    peer: Certificate,
    expires: Option<SystemTime>,
}

/// Of whom a token is, and what it says.
struct About {
    /// The certificate whose key it confirms.
    holder: Certificate,
    /// Whom it names; absent means whom the certificate names.
    subject: Option<NameIdentifier>,
    attributes: Vec<Attribute>,
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
        let about = About { holder: holder.clone(), subject: None, attributes: Vec::new() };
        Order { context: "RC-1".into(), about, peer: holder, expires: None }
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }
}

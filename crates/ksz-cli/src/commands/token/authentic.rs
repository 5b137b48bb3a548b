use ksz::sts::{self, AssertionTrust, VerifiedAssertion};
use ksz::wss::Policy;
use std::time::{Duration, SystemTime};

/// A token that the token service signed, whether it holds at this instant or not.
#[derive(Debug)]
pub(super) struct Authentic {
    /// What the token service said.
    pub(super) assertion: VerifiedAssertion,
    /// Why it does not hold: it is over, or not valid yet.
    pub(super) not_now: Option<sts::Error>,
}

impl Authentic {
    /// Verifies the text of a token against pinned certificates.
    pub(super) fn verify(text: &str, trust: &AssertionTrust, now: SystemTime) -> Result<Self, sts::Error> {
        let verify_at = |at| VerifiedAssertion::verify_text(text, trust, &Policy::default(), at);
        let refusal = match verify_at(now) {
            Ok(assertion) => return Ok(Self { assertion, not_now: None }),
            Err(refusal) => refusal,
        };
        // The limits of time are read from what was signed, so they tell an instant between them. All else must be right
        // at that instant too.
        let between = match refusal {
            sts::Error::AssertionExpired { ago } => now.checked_sub(Duration::from_secs(ago + 1)),
            sts::Error::AssertionNotYetValid { ahead } => now.checked_add(Duration::from_secs(ahead)),
            _ => None,
        };
        match between {
            Some(between) => Ok(Self { assertion: verify_at(between)?, not_now: Some(refusal) }),
            None => Err(refusal),
        }
    }
}

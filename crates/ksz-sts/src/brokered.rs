use crate::Error;
use crate::assertion::VerifiedAssertion;
use crate::trust::AssertionTrust;
use ksz_wss::{Policy, Replay, VerifiedMessage, verify_holder_of_key};
use std::time::SystemTime;

/// Verifies a message that the holder of an assertion signed: the assertion with [`VerifiedAssertion::verify`], the
/// message with the key it confirms.
///
/// # Errors
///
/// Those of [`ksz_wss::verify_holder_of_key`] and [`VerifiedAssertion::verify`].
pub fn verify_brokered(
    message: &[u8],
    trust: &AssertionTrust,
    policy: &Policy,
    replay: Replay<'_>,
    now: SystemTime,
) -> Result<VerifiedMessage<VerifiedAssertion>, Error> {
    verify_holder_of_key(message, policy, replay, now, |document, assertion| {
        let verified = VerifiedAssertion::verify(document, assertion, trust, policy, now)?;
        let key = verified.holder_key().clone();
        Ok::<_, Error>((verified, key))
    })
}

use crate::SigningOptions;
use ksz_soap::SoapVersion;
use ksz_soap::mtom::UnreferencedParts;
use ksz_xml::Limits;
use ksz_xmldsig::SignatureLimits;
use std::time::Duration;

/// What a receiver accepts, apart from whom it trusts.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// Of which versions of SOAP the message may be: SOAP 1.1 alone, unless the caller says otherwise.
    pub soap_versions: &'static [SoapVersion],
    /// Whether the header may hold one signed `wsse11:SignatureConfirmation`: in answers, see [`Self::of_answers`].
    pub signature_confirmation: bool,
    /// Whether the token of the X.509 profile may be signed through the `SecurityTokenReference` in `KeyInfo`, with the
    /// STR-Transform (SOAP Message Security 1.1 section 8.3), as some users of WSS4J do: no, unless the caller says otherwise.
    pub str_transform: bool,
    /// The limits of the message.
    pub limits: Limits,
    /// The limits of its signatures.
    pub signature_limits: SignatureLimits,
    /// The longest span of a Timestamp.
    pub longest_lifetime: Duration,
    /// How far ahead of this clock a message may have been made.
    pub clock_skew: Duration,
    /// What becomes of parts of a package that the envelope does not include, and no signature covers.
    pub unreferenced_parts: UnreferencedParts,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            soap_versions: &SoapVersion::DEFAULT,
            signature_confirmation: false,
            str_transform: false,
            limits: Limits::default(),
            signature_limits: SignatureLimits::default(),
            longest_lifetime: SigningOptions::LONGEST,
            clock_skew: Duration::from_secs(60),
            unreferenced_parts: UnreferencedParts::Refused,
        }
    }
}

impl Policy {
    /// What a caller accepts as an answer: it may confirm the signature of the request (WS-Security: SOAP Message Security
    /// 1.1 section 7). [`VerifiedMessage::require_confirmation`](crate::VerifiedMessage::require_confirmation) says
    /// whether it does.
    #[must_use]
    pub fn of_answers() -> Self {
        Self { signature_confirmation: true, ..Self::default() }
    }
}

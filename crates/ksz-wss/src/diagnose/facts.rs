//! The facts of a cause by their names, for whoever does not match on the type.

use super::cause::Cause;
use super::shown;

impl Cause {
    /// The facts that were found: the names and values of the fields.
    #[must_use]
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Reindented { parts } => vec![("parts", parts.join(", "))],
            Self::CarriageReturns { parts } => vec![("parts", parts.join(", "))],
            Self::PrefixListIgnored { parts } => vec![("parts", parts.join(", "))],
            Self::NamespaceMoved { parts, prefix } => {
                vec![("parts", parts.join(", ")), ("prefix", prefix.to_string())]
            }
            Self::PrefixRenamed { parts, from, to } => {
                vec![("parts", parts.join(", ")), ("from", from.to_string()), ("to", to.to_string())]
            }
            Self::OtherCanonicalization { parts, method } => {
                vec![("parts", parts.join(", ")), ("method", method.to_string())]
            }
            Self::ByteOrderMark { parts } => vec![("parts", parts.join(", "))],
            Self::WhiteSpaceInValue { parts } => vec![("parts", parts.join(", "))],
            Self::EncodingConfused { parts } => vec![("parts", parts.join(", "))],
            Self::CommentsSigned { parts } => vec![("parts", parts.join(", "))],
            Self::IdAddedAfterDigest { parts } => vec![("parts", parts.join(", "))],
            Self::ContentDigested { parts } => vec![("parts", parts.join(", "))],
            Self::XopNotExpanded { part } => vec![("part", part.to_string())],
            Self::TokenReserialised { token, change } => {
                vec![("token", token.to_string()), ("change", change.to_string())]
            }
            Self::MisprintedName { printed, right } => {
                vec![("printed", printed.to_string()), ("right", right.to_string())]
            }
            Self::Unreadable { error } => vec![("error", shown::name(&error.to_string()))],
            Self::NotAnEnvelope { found } => vec![("found", found.to_string())],
            Self::IdRepeated { value } => vec![("value", value.to_string())],
            Self::PartMoved { part } => vec![("part", part.to_string())],
            Self::IdMissing { part } => vec![("part", part.to_string())],
            Self::PartNotSigned { part } => vec![("part", part.to_string())],
            Self::Sha1LeftOn { roles } => vec![("roles", roles.join(", "))],
            Self::AlgorithmNotAccepted { role, uri } => {
                vec![("role", role.to_string()), ("uri", uri.to_string())]
            }
            Self::SignedByAnotherKey { signer } => vec![("signer", signer.to_string())],
            Self::HolderMismatch { holder } => vec![("holder", holder.to_string())],
            Self::SecurityRepeated { found } => vec![("found", found.to_string())],
            Self::SecurityShape { found } => vec![("found", found.to_string())],
            Self::OtherProfile { found } => vec![("found", found.to_string())],
            Self::SignatureMissing { holder } => vec![("holder", holder.to_string())],
            Self::ReferenceBeyond { uri } => vec![("uri", uri.to_string())],
            Self::SignatureMalformed { detail } => vec![("detail", detail.to_string())],
            Self::KeyInfo { detail } => vec![("detail", detail.to_string())],
            Self::TokenMalformed { detail } => vec![("detail", detail.to_string())],
            Self::KeyNotAccepted { detail } => vec![("detail", detail.to_string())],
            Self::PartChanged { part } => vec![("part", part.to_string())],
            Self::CertificateExpired { subject, days } => {
                vec![("subject", subject.to_string()), ("days", days.to_string())]
            }
            Self::CertificateNotYetValid { subject } => vec![("subject", subject.to_string())],
            Self::OtherEnvironment { expected, found } => {
                vec![("expected", expected.to_string()), ("found", found.to_string())]
            }
            Self::ChainIncomplete { missing } => vec![("missing", missing.to_string())],
            Self::CertificateNotAccepted { detail } => vec![("detail", detail.to_string())],
            Self::ClockSkew { ahead } => vec![("ahead", ahead.to_string())],
            Self::TimestampTooLong { seconds, longest } => {
                vec![("seconds", seconds.to_string()), ("longest", longest.to_string())]
            }
            Self::TimestampMalformed { detail } => vec![("detail", detail.to_string())],
            Self::TimestampExpired { ago } => vec![("ago", ago.to_string())],
            Self::AssertionExpired { ago } => vec![("ago", ago.to_string())],
            Self::AssertionNotYetValid { ahead } => vec![("ahead", ahead.to_string())],
            Self::AssertionIssuer { found } => vec![("found", found.to_string())],
            Self::AssertionSigner { found } => vec![("found", found.to_string())],
            Self::AssertionConditions { detail } => vec![("detail", detail.to_string())],
            Self::ConfirmationNotHolderOfKey { detail } => vec![("detail", detail.to_string())],
            Self::TokenResponse { detail } => vec![("detail", detail.to_string())],
            Self::SoapAction { expected, found } => {
                vec![("expected", expected.to_string()), ("found", found.to_string())]
            }
            Self::RepeatedClaim { uri } => vec![("uri", uri.to_string())],
            Self::Refused { class, reason } => {
                vec![("class", class.to_string()), ("reason", reason.to_string())]
            }
            Self::TrailingContent
            | Self::AssertionCovered
            | Self::AlgorithmNotForKey
            | Self::EcdsaInDer
            | Self::KeyAndCertificateNotAPair
            | Self::SignedInfoChanged
            | Self::SecurityMissing
            | Self::TimestampMissing => Vec::new(),
        }
    }
}

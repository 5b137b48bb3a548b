//! Who made a signature value, if not the key that should have.

use super::cause::Cause;
use super::difference::Difference;
use super::examination::Examination;
use super::finding::Certainty::{self, Likely, Possible, Proven};
use super::hypothesis::{Search, Suspect, canonical};
use super::opening::Opening;
use super::signature::{StatedSignature, certificate};
use ksz_pki::{Certificate, Digest, KeyAlgorithm, PublicKey};
use ksz_xml::Element;
use ksz_xmldsig::names as ds;

/// Whose signature it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Whose {
    /// Of the certificate in the header.
    Certificate,
    /// Of the holder whom an assertion confirms.
    Holder,
    /// Of the assertion's issuer.
    Issuer,
}

/// Keys that are tried.
const KEYS: usize = 64;

impl<'d> Examination<'_, 'd, '_> {
    /// Judges the value of a signature that a certificate's key should have made. `intact` says whether all that it refers
    /// to is as it was.
    pub(super) fn value(
        &mut self,
        signature: &StatedSignature<'d>,
        own: &Certificate,
        whose: Whose,
        intact: bool,
    ) {
        let Ok(key) = own.public_key(self.options.backend) else { return };
        self.value_by(signature, &key, &own.display_subject(), whose, intact);
    }

    /// The same with a bare key; `name` is whose it is.
    pub(super) fn value_by(
        &mut self,
        signature: &StatedSignature<'d>,
        key: &PublicKey,
        name: &str,
        whose: Whose,
        intact: bool,
    ) {
        let (Some(signed_info), Some(value)) = (signature.signed_info, signature.value.as_deref()) else {
            return;
        };
        let method = signature.method_uri();
        if ![ds::RSA_SHA256, ds::ECDSA_SHA256].contains(&method) || !signature.canonicalization.is_known {
            return;
        }
        let for_key = match key.algorithm() {
            KeyAlgorithm::Rsa => ds::RSA_SHA256,
            KeyAlgorithm::EcdsaP256 => ds::ECDSA_SHA256,
        };
        let place = self.report.at(signature.value_element.unwrap_or(signature.element));
        if method != for_key {
            let place = self.report.at(signature.method.unwrap_or(signature.element));
            self.report.add(Cause::AlgorithmNotForKey, Proven, place, for_key, method);
        }
        let listed = signature.listed();
        let stated = &signature.canonicalization;
        let suspect = Suspect {
            element: signed_info,
            omitted: None,
            method: &stated.method,
            list: &stated.list,
            listed: &listed,
        };
        let Some(found) = canonical(&suspect, suspect.method) else { return };
        let by = |key: &PublicKey, octets: &[u8], value: &[u8]| {
            key.verify_digest(&Digest::sha256(octets), value).is_ok()
        };
        if by(key, &found, value) {
            return;
        }
        if let Some(plain) = r_and_s(value).filter(|_| key.algorithm() == KeyAlgorithm::EcdsaP256) {
            let certainty = if by(key, &found, &plain) { Proven } else { Likely };
            let told = format!("{} octets of DER", value.len());
            self.report.add(Cause::EcdsaInDer, certainty, place, "64 octets: r and s", told);
            return;
        }
        if let Some(signer) = self.known_signer(key, &found, value) {
            let expected = format!("a value by the key of {name}");
            let told = format!("one by the key of {signer}");
            let cause = match whose {
                Whose::Holder => Cause::HolderMismatch { holder: name.to_owned() },
                Whose::Issuer => Cause::AssertionSigner { found: signer },
                Whose::Certificate => Cause::SignedByAnotherKey { signer },
            };
            self.report.add(cause, Proven, place, expected, told);
            return;
        }
        let is_signed = |octets: &[u8]| by(key, octets, value);
        let (proof, _) = Search::new(&is_signed, &mut self.budget).run(&suspect);
        if let Some(proof) = proof {
            for change in proof.changes {
                let difference = Difference::between(&found, &proof.signed, &suspect, self.report);
                let part = if whose == Whose::Issuer { "Assertion" } else { "SignedInfo" };
                self.changed(change, part, difference);
            }
            return;
        }
        self.unexplained_value(signature, key, name, whose, intact);
    }

    /// A value that no known key and no change explains.
    fn unexplained_value(
        &mut self,
        signature: &StatedSignature<'d>,
        key: &PublicKey,
        name: &str,
        whose: Whose,
        intact: bool,
    ) {
        let value = signature.value.as_deref().unwrap_or_default();
        let opening = Opening::of(key, value);
        let (of_key, of_info): (Certainty, Certainty) = match (&opening, intact) {
            (Opening::BySomeOtherKey, _) => (Proven, Possible),
            (Opening::ByThisKey { .. }, _) => (Possible, Proven),
            (Opening::Unknown, true) => (Likely, Possible),
            (Opening::Unknown, false) => (Possible, Likely),
        };
        let place = self.report.at(signature.value_element.unwrap_or(signature.element));
        let expected = format!("a value by the key of {name}");
        if opening.is_possible_for_another_key() {
            let (cause, told) = match whose {
                Whose::Holder => {
                    (Cause::HolderMismatch { holder: name.to_owned() }, "a value by another key")
                }
                Whose::Issuer => (
                    Cause::TokenReserialised { token: "Assertion", change: "its SignedInfo, or its signer" },
                    "a value that is not by this key over this SignedInfo",
                ),
                Whose::Certificate => (Cause::KeyAndCertificateNotAPair, "a value by another key"),
            };
            self.report.add(cause, of_key, place, expected.clone(), told);
        }
        if opening.is_possible_for_this_key() && whose != Whose::Issuer {
            let told = match opening {
                Opening::ByThisKey { digest } => {
                    format!("the key signed a SignedInfo with the digest {digest}")
                }
                _ => "a value over another SignedInfo".to_owned(),
            };
            let place = signature.signed_info.and_then(|signed_info| self.report.at(signed_info));
            self.report.add(Cause::SignedInfoChanged, of_info, place, expected, told);
        } else if let Opening::ByThisKey { .. } = opening {
            let cause = Cause::TokenReserialised { token: "Assertion", change: "its SignedInfo" };
            let place = signature.signed_info.and_then(|signed_info| self.report.at(signed_info));
            self.report.add(cause, Proven, place, expected, "the key signed another SignedInfo");
        }
    }

    /// Another key that is known and has made the value: of the message, of the trust store, or one of our own.
    fn known_signer(&self, key: &PublicKey, octets: &[u8], value: &[u8]) -> Option<String> {
        let digest = Digest::sha256(octets);
        let names = ["BinarySecurityToken", "X509Certificate"];
        let in_message = self
            .document
            .root()
            .descendants()
            .filter(|element: &Element<'_>| names.contains(&element.local_name()))
            .take(16)
            .filter_map(|element| certificate(element).ok());
        let trust =
            self.options.trust.iter().flat_map(|trust| trust.anchors().iter().chain(trust.intermediates()));
        let issuers = self.options.issuer.iter().flat_map(|issuer| &issuer.certificates);
        let known = self.options.certificates.iter().chain(trust).chain(issuers).cloned().chain(in_message);
        known
            .take(KEYS)
            .filter(|certificate| certificate.spki_der() != key.spki_der())
            .find(|certificate| {
                let other = certificate.public_key(self.options.backend);
                other.is_ok_and(|other| other.verify_digest(&digest, value).is_ok())
            })
            .map(|certificate| certificate.display_subject())
    }
}

/// The r and s of an ECDSA value in DER (RFC 3279 section 2.2.3), 32 octets each.
fn r_and_s(value: &[u8]) -> Option<Vec<u8>> {
    let [0x30, length, contents @ ..] = value else { return None };
    if usize::from(*length) != contents.len() {
        return None;
    }
    let (r, rest) = integer(contents)?;
    let (s, rest) = integer(rest)?;
    rest.is_empty().then(|| [r, s].concat())
}

/// An unsigned INTEGER of at most 32 octets, filled up on the left, and what stands behind it.
fn integer(octets: &[u8]) -> Option<([u8; 32], &[u8])> {
    let [0x02, length, contents @ ..] = octets else { return None };
    let (number, rest) = contents.split_at_checked(usize::from(*length))?;
    let number = number.strip_prefix(&[0]).unwrap_or(number);
    let mut filled = [0; 32];
    filled.get_mut(32_usize.checked_sub(number.len())?..)?.copy_from_slice(number);
    Some((filled, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_der_is_taken_apart() {
        let mut expected = [0; 64];
        (expected[31], expected[63]) = (0x80, 1);
        assert_eq!(r_and_s(&[0x30, 7, 2, 2, 0, 0x80, 2, 1, 1]), Some(expected.to_vec()));
        for other in
            [&[][..], &[0x30], &[0x30, 0], &[0x30, 3, 2, 5, 1], &[0x30, 6, 2, 1, 1, 2, 1, 1, 0], &[1; 64]]
        {
            assert_eq!(r_and_s(other), None, "{other:?}");
        }
    }
}

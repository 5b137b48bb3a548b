//! What the signature covers, and with which algorithms.

use super::cause::Cause;
use super::examination::{Examination, OTHER, Part};
use super::finding::Certainty::{Likely, Proven};
use super::misprint::{RSA_SHA1, SHA1};
use super::options::DiagnosisProfile;
use super::shown;
use super::signature::{StatedMethod, StatedReference, StatedSignature, algorithm, child, id};
use crate::verified::WSU_ID;
use ksz_xml::Element;
use ksz_xmldsig::UnverifiedSignature;
use ksz_xmldsig::names as ds;

impl<'d> Examination<'_, 'd, '_> {
    /// The algorithms that are named, and whether the signature is one.
    pub(super) fn algorithms(&mut self, signature: &StatedSignature<'d>, enveloped: bool) {
        let mut sha1 = Vec::new();
        let mut place = None;
        if signature.method_uri() == RSA_SHA1 {
            sha1.push("SignatureMethod");
            place = signature.method.and_then(|method| self.report.at(method));
        }
        if let Some(reference) = signature.references.iter().find(|reference| reference.is_sha1()) {
            sha1.push("DigestMethod");
            place = place.or_else(|| self.report.at(reference.digest_method.unwrap_or(reference.element)));
        }
        if !sha1.is_empty() {
            let found = format!("SHA-1 as {}", sha1.join(" and "));
            self.report.add(Cause::Sha1LeftOn { roles: sha1 }, Proven, place, "SHA-256", found);
        }
        let method = signature.method_uri();
        if ![ds::RSA_SHA256, ds::ECDSA_SHA256, RSA_SHA1].contains(&method) && signature.method.is_some() {
            self.not_accepted("SignatureMethod", method, signature.method, "RSA-SHA256 or ECDSA-SHA256");
        }
        self.method("CanonicalizationMethod", &signature.canonicalization);
        for reference in &signature.references {
            self.reference(reference, enveloped);
        }
        let read = if self.allows_str_transform() {
            UnverifiedSignature::read_with_str_transform
        } else {
            UnverifiedSignature::read
        };
        if let Err(error) = read(self.document, signature.element, &self.options.policy.signature_limits)
            && !self.report.has(|cause| {
                matches!(
                    cause,
                    Cause::Sha1LeftOn { .. }
                        | Cause::AlgorithmNotAccepted { .. }
                        | Cause::IdRepeated { .. }
                        | Cause::MisprintedName { .. }
                        | Cause::ReferenceBeyond { .. }
                )
            })
        {
            let detail = shown::name(&error.to_string());
            let place = self.report.at(signature.element);
            let expected = "SignedInfo, SignatureValue and KeyInfo, as XML Signature writes them";
            match error {
                ksz_xmldsig::Error::NoKeyInfo => {
                    self.report.add(
                        Cause::KeyInfo { detail: detail.clone() },
                        Proven,
                        place,
                        "one KeyInfo",
                        detail,
                    );
                }
                _ => {
                    let cause = Cause::SignatureMalformed { detail: detail.clone() };
                    self.report.add(cause, Proven, place, expected, detail);
                }
            }
        }
    }

    /// Whether the token may be signed through its reference.
    pub(super) fn allows_str_transform(&self) -> bool {
        self.options.policy.str_transform && self.options.profile == DiagnosisProfile::X509
    }

    fn not_accepted(&mut self, role: &'static str, uri: &str, at: Option<Element<'d>>, expected: &str) {
        let place = at.and_then(|element| self.report.at(element));
        let uri = shown::name(uri);
        let cause = Cause::AlgorithmNotAccepted { role, uri: uri.clone() };
        self.report.add(cause, Proven, place, expected, format!("{uri:?}"));
    }

    fn method(&mut self, role: &'static str, method: &StatedMethod<'d>) {
        let Some(element) = method.element else { return };
        if algorithm(element) != ds::EXCLUSIVE_C14N {
            self.not_accepted(role, algorithm(element), Some(element), "exclusive canonicalization");
        }
    }

    fn reference(&mut self, reference: &StatedReference<'d>, enveloped: bool) {
        let digest = reference.digest_uri();
        if reference.digest_method.is_some() && ![ds::SHA256, SHA1].contains(&digest) {
            self.not_accepted("DigestMethod", digest, reference.digest_method, "SHA-256");
        }
        for transform in reference.transforms.clone() {
            let uri = algorithm(transform);
            if uri != ds::EXCLUSIVE_C14N && !(enveloped && uri == ds::ENVELOPED_SIGNATURE) {
                self.not_accepted("Transform", uri, Some(transform), "exclusive canonicalization");
            }
        }
        let is_fragment = reference.uri.strip_prefix('#').is_some_and(ksz_xml::is_ncname);
        if !is_fragment {
            self.beyond(reference, "a reference by #id into the same message");
        }
    }

    fn beyond(&mut self, reference: &StatedReference<'d>, expected: &str) {
        let uri = shown::name(reference.uri);
        let place = self.report.at(reference.element);
        self.report.add(
            Cause::ReferenceBeyond { uri: uri.clone() },
            Proven,
            place,
            expected,
            format!("{uri:?}"),
        );
    }

    /// Whether every part has its reference, and nothing else has one.
    pub(super) fn coverage(
        &mut self,
        signature: &StatedSignature<'d>,
        parts: &[Part<'d>],
        assertion: Option<&str>,
    ) {
        let mut moved = Vec::new();
        for part in parts {
            let place = self.report.at(part.element);
            let Some(id) = part.id else {
                let found = match part.element.attributes().find(|attribute| attribute.is_id()) {
                    Some(other) => format!("{} in another namespace", shown::name(other.qualified_name())),
                    None => "none".to_owned(),
                };
                self.report.add(
                    Cause::IdMissing { part: part.name },
                    Proven,
                    place.clone(),
                    "a wsu:Id",
                    found,
                );
                self.moved_or_unsigned(signature, part, None, &mut moved);
                continue;
            };
            let leading: Vec<_> = signature.references_to(id).collect();
            match leading.as_slice() {
                [] => self.moved_or_unsigned(signature, part, Some(id), &mut moved),
                [_] => {}
                [_, second, ..] => self.beyond(second, "one reference to each part"),
            }
        }
        for reference in &signature.references {
            let id = reference.uri.strip_prefix('#').unwrap_or_default();
            if parts.iter().any(|part| part.id == Some(id)) || moved.contains(&id) {
                continue;
            }
            if assertion == Some(id) {
                let place = self.report.at(reference.element);
                let found = "a reference to the assertion";
                self.report.add(Cause::AssertionCovered, Proven, place, "Timestamp and Body", found);
                continue;
            }
            let names: Vec<_> = parts.iter().map(|part| part.name).collect();
            self.beyond(reference, &format!("references to {} and nothing else", names.join(", ")));
        }
    }

    /// A part to which no reference leads: another element of its name may have it.
    fn moved_or_unsigned(
        &mut self,
        signature: &StatedSignature<'d>,
        part: &Part<'d>,
        id: Option<&str>,
        moved: &mut Vec<&'d str>,
    ) {
        let document = self.document;
        for reference in &signature.references {
            let Some(target) = reference.uri.strip_prefix('#') else { continue };
            let other = document.root().descendants().find(|element| {
                *element != part.element
                    && element.local_name() == part.element.local_name()
                    && element.attributes().any(|attribute| attribute.is_id() && attribute.value() == target)
            });
            if let Some(other) = other {
                moved.push(target);
                let found = format!("the signed one at {}", super::report::path(other));
                let expected = format!("the signed {} at {}", part.name, super::report::path(part.element));
                let place = self.report.at(part.element);
                self.report.add(Cause::PartMoved { part: part.name }, Proven, place, expected, found);
                return;
            }
        }
        if let Some(id) = id {
            let expected = format!("a reference to \"#{}\"", shown::name(id));
            let uris: Vec<_> =
                signature.references.iter().map(|reference| shown::name(reference.uri)).collect();
            let found = if uris.is_empty() { "no reference at all".to_owned() } else { uris.join(", ") };
            let place = self.report.at(part.element);
            self.report.add(Cause::PartNotSigned { part: part.name }, Proven, place, expected, found);
        }
    }

    /// The elements that references lead to: parts by their place, others by their identifier.
    pub(super) fn target(&self, reference: &StatedReference<'d>, parts: &[Part<'d>]) -> Option<Part<'d>> {
        let id = reference.uri.strip_prefix('#')?;
        if let Some(part) = parts.iter().find(|part| part.id == Some(id)) {
            return Some(*part);
        }
        let found = self.document.root().descendants().find(|element| {
            element.attributes().any(|attribute| attribute.is_id() && attribute.value() == id)
        })?;
        let moved = parts.iter().find(|part| part.element.local_name() == found.local_name());
        let name = moved.map_or(OTHER, |part| part.name);
        Some(Part { name, element: found, id: Some(id) })
    }

    /// `KeyInfo` must lead to the token of the header.
    pub(super) fn key_reference(&mut self, signature: &StatedSignature<'d>, token: Option<Element<'d>>) {
        let (Some(key_info), Some(token)) = (signature.key_info, token) else { return };
        let (read, expected) = if token.local_name() == "Assertion" {
            let id = token.attribute("", "AssertionID").unwrap_or_default();
            let expected = format!("a KeyIdentifier with {:?}", shown::name(id));
            (crate::token_reference::require_assertion_id(key_info, id), expected)
        } else {
            let id = id(token).unwrap_or_default();
            (
                crate::token_reference::require_direct(key_info, id).map(drop),
                format!("a Reference to \"#{}\"", shown::name(id)),
            )
        };
        if let Err(error) = read {
            let detail = match error {
                crate::Error::KeyInfo { detail } => detail.to_owned(),
                other => other.to_string(),
            };
            let certainty = if self.report.has(|cause| matches!(cause, Cause::MisprintedName { .. })) {
                Likely
            } else {
                Proven
            };
            let place = self.report.at(key_info);
            self.report.add(Cause::KeyInfo { detail: detail.clone() }, certainty, place, expected, detail);
        }
    }

    /// The parts of a message that must be signed.
    pub(super) fn parts(header: &super::header::Header<'d>, with_token: bool) -> Vec<Part<'d>> {
        let part = |name, element: Option<Element<'d>>| {
            element.map(|element| Part { name, element, id: element.attribute(WSU_ID.0, WSU_ID.1) })
        };
        let token = header.token.filter(|_| with_token);
        [
            part("Timestamp", header.timestamp),
            part("Body", header.body),
            part("BinarySecurityToken", token),
            part("SignatureConfirmation", header.confirmation),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Leaves out a token that is signed through its reference in `KeyInfo`, with the STR-Transform: verification says what is
/// wrong with it.
pub(super) fn leave_out_token<'d>(signature: &mut StatedSignature<'d>, parts: &mut Vec<Part<'d>>) {
    let token_reference = signature.key_info.and_then(|key_info| child(key_info, "SecurityTokenReference"));
    let Some(id) = token_reference.and_then(id) else { return };
    let leads_to_token = |reference: &StatedReference<'d>| {
        let [transform] = reference.transforms.as_slice() else { return false };
        reference.uri.strip_prefix('#') == Some(id) && algorithm(*transform) == ds::STR_TRANSFORM
    };
    if let Some(index) = signature.references.iter().position(leads_to_token) {
        signature.references.remove(index);
        parts.retain(|part| part.name != "BinarySecurityToken");
    }
}

//! What is wrong with an assertion, in a header or in a token service's answer.

use super::cause::Cause;
use super::examination::{Examination, Part};
use super::finding::Certainty::Proven;
use super::shown;
use super::signature::{StatedSignature, certificate, child};
use super::time::span;
use super::trust::told;
use super::value::Whose;
use ksz_pki::Certificate;
use ksz_soap::parse_date_time;
use ksz_xml::Element;
use std::time::SystemTime;

/// The subject proves that it holds a key (SAML Token Profile 1.1 section 3.5.1).
const HOLDER_OF_KEY: &str = "urn:oasis:names:tc:SAML:1.0:cm:holder-of-key";

impl<'d> Examination<'_, 'd, '_> {
    /// Judges an assertion; the certificate whose key it confirms.
    pub(super) fn assertion(&mut self, token: Option<Element<'d>>) -> Option<Certificate> {
        let assertion = token.filter(|token| token.local_name() == "Assertion")?;
        self.conditions(assertion);
        self.assertion_signature(assertion);
        let confirmation =
            assertion.descendants().find(|element| element.local_name() == "SubjectConfirmation");
        let place = self.report.at(confirmation.unwrap_or(assertion));
        let method = confirmation.and_then(|confirmation| child(confirmation, "ConfirmationMethod"));
        let method = method.map(|method| method.whole_text()).unwrap_or_default();
        let key = confirmation
            .into_iter()
            .flat_map(Element::descendants)
            .find(|element| element.local_name() == "X509Certificate");
        let detail = match (confirmation, method.trim(), key) {
            (None, ..) => Some("there is no confirmation"),
            (_, HOLDER_OF_KEY, Some(_)) => None,
            (_, HOLDER_OF_KEY, None) => Some("there is no certificate in it"),
            _ => Some("the method is another"),
        };
        if let Some(detail) = detail {
            let found = if method.is_empty() { detail.to_owned() } else { shown::name(method.trim()) };
            let expected = "a SubjectConfirmation by holder-of-key with the holder's certificate";
            self.report.add(
                Cause::ConfirmationNotHolderOfKey { detail },
                Proven,
                place.clone(),
                expected,
                found,
            );
        }
        let holder = certificate(key?);
        match holder {
            Ok(holder) => {
                // Without anchors for holders nobody asks more of a holder than its key.
                if self.options.trust.is_some() {
                    self.certificate(&holder, place);
                } else {
                    self.environment_of(&holder, place);
                }
                Some(holder)
            }
            Err(detail) => {
                let cause = Cause::TokenMalformed { detail: shown::name(&detail) };
                self.report.add(
                    cause,
                    Proven,
                    place,
                    "the holder's certificate, DER in base64",
                    shown::name(&detail),
                );
                None
            }
        }
    }

    /// Issuer, time and audience.
    fn conditions(&mut self, assertion: Element<'d>) {
        if let Some(issuer) = &self.options.issuer {
            let found = assertion.attribute("", "Issuer").unwrap_or_default();
            if found != issuer.name {
                let found = shown::name(found);
                let place = self.report.at(assertion);
                let cause = Cause::AssertionIssuer { found: found.clone() };
                self.report.add(cause, Proven, place, format!("{:?}", issuer.name), format!("{found:?}"));
            }
        }
        let Some(conditions) = child(assertion, "Conditions") else {
            let cause = Cause::AssertionConditions { detail: "there are none".to_owned() };
            let place = self.report.at(assertion);
            self.report.add(cause, Proven, place, "Conditions with NotBefore and NotOnOrAfter", "none");
            return;
        };
        let instant = |name| -> Option<SystemTime> {
            parse_date_time(name, conditions.attribute("", name).unwrap_or_default()).ok()
        };
        let place = self.report.at(conditions);
        let (not_before, not_on_or_after) = (instant("NotBefore"), instant("NotOnOrAfter"));
        if not_before.is_none() || not_on_or_after.is_none() {
            let cause =
                Cause::AssertionConditions { detail: "a limit is missing, or not xs:dateTime".to_owned() };
            let expected = "NotBefore and NotOnOrAfter in UTC";
            self.report.add(cause, Proven, place.clone(), expected, "a limit that cannot be read");
        }
        let now = self.options.now;
        if let Some(limit) = not_on_or_after
            && let Ok(ago) = now.duration_since(limit)
        {
            let found = format!("{}, {} ago", told(limit), span(ago));
            let cause = Cause::AssertionExpired { ago: ago.as_secs() };
            self.report.add(
                cause,
                Proven,
                place.clone(),
                format!("a NotOnOrAfter after {}", told(now)),
                found,
            );
        }
        if let Some(limit) = not_before
            && let Ok(ahead) = limit.duration_since(now)
            && ahead > self.options.policy.clock_skew
        {
            let found = format!("{}, {} ahead", told(limit), span(ahead));
            let cause = Cause::AssertionNotYetValid { ahead: ahead.as_secs() };
            self.report.add(cause, Proven, place.clone(), format!("a NotBefore before {}", told(now)), found);
        }
        self.audience(conditions);
    }

    fn audience(&mut self, conditions: Element<'d>) {
        let Some(issuer) = &self.options.issuer else { return };
        let ours = issuer.audience.clone();
        let restrictions =
            conditions.children().filter(|child| child.local_name() == "AudienceRestrictionCondition");
        for restriction in restrictions.take(10) {
            let audiences: Vec<_> =
                restriction.children().take(10).map(|audience| audience.whole_text()).collect();
            if !audiences.iter().any(|audience| Some(audience.trim()) == ours.as_deref()) {
                let found: Vec<_> = audiences.iter().map(|audience| shown::name(audience.trim())).collect();
                let cause = Cause::AssertionConditions { detail: "it is for another audience".to_owned() };
                let place = self.report.at(restriction);
                let expected = ours.as_deref().unwrap_or("no audience, as none is given").to_owned();
                self.report.add(cause, Proven, place, expected, found.join(", "));
            }
        }
    }

    /// The issuer's signature over the assertion.
    fn assertion_signature(&mut self, assertion: Element<'d>) {
        let Some(element) = child(assertion, "Signature") else {
            let cause = Cause::SignatureMissing { holder: "the assertion" };
            let place = self.report.at(assertion);
            self.report.add(cause, Proven, place, "the issuer's ds:Signature in the assertion", "none");
            return;
        };
        let signature = StatedSignature::read(element);
        self.algorithms(&signature, true);
        let listed = signature.listed();
        let id = assertion.attribute("", "AssertionID");
        let part = Part { name: "Assertion", element: assertion, id };
        let mut intact = true;
        match signature.references_to(id.unwrap_or_default()).next() {
            Some(reference) => {
                let omitted = Some(element).filter(|_| reference.is_enveloped);
                intact = self.digest(reference, part, omitted, &listed);
            }
            None => {
                let uris: Vec<_> =
                    signature.references.iter().map(|reference| shown::name(reference.uri)).collect();
                let expected = format!("a reference to \"#{}\"", shown::name(id.unwrap_or_default()));
                let place = self.report.at(element);
                self.report.add(
                    Cause::PartNotSigned { part: "Assertion" },
                    Proven,
                    place,
                    expected,
                    uris.join(", "),
                );
            }
        }
        self.signer(&signature, intact);
    }

    /// Whose key should have signed the assertion.
    fn signer(&mut self, signature: &StatedSignature<'d>, intact: bool) {
        let Some(issuer) = self.options.issuer.clone() else { return };
        let named = signature
            .key_info
            .into_iter()
            .flat_map(Element::descendants)
            .find(|element| element.local_name() == "X509Certificate")
            .and_then(|element| certificate(element).ok());
        let place = self.report.at(signature.key_info.unwrap_or(signature.element));
        match named {
            Some(named) if issuer.certificates.contains(&named) => {
                self.validity(&named, place);
                self.value(signature, &named, Whose::Issuer, intact);
            }
            Some(named) => match issuer.keys.iter().find(|key| key.spki_der() == named.spki_der()) {
                Some(key) => self.value_by(signature, key, &named.display_subject(), Whose::Issuer, intact),
                None => {
                    let found = named.display_subject();
                    let expected = "a certificate that is pinned for the token service";
                    let cause = Cause::AssertionSigner { found: found.clone() };
                    self.report.add(cause, Proven, place, expected, found);
                }
            },
            None => match (issuer.certificates.as_slice(), issuer.keys.as_slice()) {
                ([only], []) => self.value(signature, only, Whose::Issuer, intact),
                ([], [only]) => self.value_by(signature, only, "the token service", Whose::Issuer, intact),
                _ => {}
            },
        }
    }
}

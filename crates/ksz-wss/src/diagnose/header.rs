//! The parts of a message where they should stand, and what stands there instead.

use super::cause::Cause;
use super::examination::Examination;
use super::finding::Certainty::Proven;
use super::options::DiagnosisProfile;
use super::shown;
use super::signature::child;
use crate::verify::holds_another;
use crate::{confirmation, names};
use ksz_soap::Envelope;
use ksz_xml::Element;
use ksz_xmldsig::names::DS;
use std::collections::HashMap;

/// The parts of a message, each by its fixed path.
#[derive(Default)]
pub(super) struct Header<'d> {
    pub(super) signature: Option<Element<'d>>,
    pub(super) timestamp: Option<Element<'d>>,
    pub(super) token: Option<Element<'d>>,
    pub(super) body: Option<Element<'d>>,
    pub(super) confirmation: Option<Element<'d>>,
}

impl<'d> Header<'d> {
    pub(super) fn find(examination: &mut Examination<'_, 'd, '_>) -> Self {
        let root = examination.document.root();
        examination.envelope(root);
        let body = root.children().filter(|child| child.local_name() == "Body").last();
        let Some(security) = examination.security(root) else {
            return Self { body, ..Self::default() };
        };
        examination.namespace(security, names::WSSE);
        let profile = examination.options.profile;
        let header = Self {
            signature: child(security, "Signature"),
            timestamp: child(security, "Timestamp"),
            token: child(security, token_of(profile)),
            body,
            confirmation: security
                .children()
                .find(|child| confirmation::is_allowed(*child, &examination.options.policy)),
        };
        let others = [
            (header.signature, DS),
            (header.timestamp, names::WSU),
            (header.token, if profile == DiagnosisProfile::X509 { names::WSSE } else { names::SAML_11 }),
        ];
        for (element, namespace) in others {
            if let Some(element) = element {
                examination.namespace(element, namespace);
            }
        }
        examination.shape(security, &header);
        header
    }
}

/// The token of a profile.
const fn token_of(profile: DiagnosisProfile) -> &'static str {
    match profile {
        DiagnosisProfile::X509 => "BinarySecurityToken",
        _ => "Assertion",
    }
}

impl Examination<'_, '_, '_> {
    /// An identifier that occurs twice.
    pub(super) fn identifiers(&mut self) {
        let mut seen: HashMap<&str, Element<'_>> = HashMap::new();
        let mut repeated = Vec::new();
        for element in self.document.root().descendants() {
            for attribute in element.attributes().filter(|attribute| attribute.is_id()) {
                if let Some(first) = seen.insert(attribute.value(), element) {
                    repeated.push((attribute.value(), first, element));
                }
            }
        }
        for (value, first, second) in repeated.into_iter().take(4) {
            let cause = Cause::IdRepeated { value: shown::name(value) };
            let other = self.report.at(first).map(|place| place.line).unwrap_or_default();
            let found = format!(
                "{:?} on {} too, line {other}",
                shown::name(value),
                shown::name(first.qualified_name())
            );
            let place = self.report.at(second);
            self.report.add(cause, Proven, place, "each identifier once in the message", found);
        }
    }

    pub(super) fn envelope(&mut self, root: Element<'_>) {
        if let Err(error) = Envelope::find_as(self.document, self.options.policy.soap_versions) {
            let found = shown::name(&error.to_string());
            let cause = Cause::NotAnEnvelope { found: found.clone() };
            let expected = "a SOAP 1.1 Envelope with one Header and one Body";
            let place = self.report.at(root);
            self.report.add(cause, Proven, place, expected, found);
        }
    }

    /// The one security header, by its local name.
    fn security<'d>(&mut self, root: Element<'d>) -> Option<Element<'d>> {
        let header = child(root, "Header");
        let found: Vec<_> = header
            .into_iter()
            .flat_map(Element::children)
            .filter(|child| child.local_name() == "Security")
            .take(100)
            .collect();
        let expected = "one wsse:Security in the Header";
        match found.as_slice() {
            [] => {
                let found = if header.is_some() { "a Header without it" } else { "no Header" };
                let place = self.report.at(header.unwrap_or(root));
                self.report.add(Cause::SecurityMissing, Proven, place, expected, found);
            }
            [_] => {}
            [_, second, ..] => {
                let cause = Cause::SecurityRepeated { found: found.len() };
                let place = self.report.at(*second);
                self.report.add(cause, Proven, place, expected, format!("{} of them", found.len()));
            }
        }
        found.into_iter().find(|security| child(*security, "Signature").is_some()).or_else(|| {
            header.into_iter().flat_map(Element::children).find(|child| child.local_name() == "Security")
        })
    }

    /// An element that has the right name in another namespace.
    fn namespace(&mut self, element: Element<'_>, expected: &'static str) {
        if element.namespace() != expected {
            let printed = shown::name(element.namespace().trim());
            let cause = Cause::MisprintedName { printed: printed.clone(), right: expected };
            let place = self.report.at(element);
            let found = format!("{} in {printed:?}", element.local_name());
            self.report.add(cause, Proven, place, expected, found);
        }
    }

    /// Exactly one signature, one timestamp and one token of the profile.
    fn shape(&mut self, security: Element<'_>, header: &Header<'_>) {
        let place = self.report.at(security);
        if header.signature.is_none() {
            let cause = Cause::SignatureMissing { holder: "wsse:Security" };
            self.report.add(cause, Proven, place.clone(), "one ds:Signature in wsse:Security", "none");
        }
        if header.timestamp.is_none() {
            self.report.add(Cause::TimestampMissing, Proven, place.clone(), "one wsu:Timestamp", "none");
        }
        let token = token_of(self.options.profile);
        let other = ["BinarySecurityToken", "Assertion"].into_iter().find(|name| *name != token);
        let other = other.filter(|name| header.token.is_none() && child(security, name).is_some());
        if let Some(found) = other {
            let cause = Cause::OtherProfile { found };
            self.report.add(cause, Proven, place.clone(), format!("one {token}"), found);
        }
        let is_confirmation = |child: &Element<'_>| Some(*child) == header.confirmation;
        let children: Vec<_> = security.children().filter(|child| !is_confirmation(child)).take(20).collect();
        let names: Vec<_> = children.iter().map(|child| shown::name(child.qualified_name())).collect();
        let wanted = ["Signature", "Timestamp", token];
        let beyond = children.iter().enumerate().find(|(index, child)| {
            let name = child.local_name();
            !(wanted.contains(&name) || Some(name) == other)
                || children[..*index].iter().any(|before| before.local_name() == name)
        });
        let lacks_token = header.token.is_none() && other.is_none();
        let has_text = security.only_children().is_err();
        let is_nested = header.token.is_some_and(holds_another);
        if beyond.is_some() || lacks_token || has_text || is_nested {
            let mut found = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            if has_text {
                found += ", and text or comments between them";
            }
            if is_nested {
                found += &format!(", and one {token} inside another");
            }
            let place = beyond.map_or(place, |(_, element)| self.report.at(*element));
            let expected = format!("one Signature, one Timestamp and one {token}");
            self.report.add(Cause::SecurityShape { found: found.clone() }, Proven, place, expected, found);
        }
    }
}

use super::cause::Cause;
use super::change::Change;
use super::coverage::leave_out_token;
use super::difference::Difference;
use super::finding::Certainty::{Likely, Proven};
use super::header::Header;
use super::hypothesis::{Budget, Search, Suspect, canonical};
use super::options::{DiagnosisOptions, DiagnosisProfile};
use super::report::Report;
use super::signature::{StatedReference, StatedSignature, certificate};
use super::value::Whose;
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_pki::Certificate;
use ksz_xml::{Document, Element};

/// What is signed and is no part of the profile.
pub(super) const OTHER: &str = "another part";

/// One look at a document.
pub(super) struct Examination<'e, 'd, 't> {
    pub(super) document: &'d Document<'d>,
    pub(super) original: Option<&'d Document<'d>>,
    pub(super) options: &'e DiagnosisOptions,
    pub(super) report: &'e mut Report<'t>,
    pub(super) budget: Budget,
    changes: Vec<Changed>,
}

/// A change that was proven, and to which parts it was made.
struct Changed {
    change: Change,
    parts: Vec<&'static str>,
    difference: Difference,
}

/// A part of a message that is signed, or should be.
#[derive(Clone, Copy)]
pub(super) struct Part<'d> {
    pub(super) name: &'static str,
    pub(super) element: Element<'d>,
    pub(super) id: Option<&'d str>,
}

impl<'e, 'd, 't> Examination<'e, 'd, 't> {
    pub(super) fn new(
        document: &'d Document<'d>,
        original: Option<&'d Document<'d>>,
        options: &'e DiagnosisOptions,
        report: &'e mut Report<'t>,
    ) -> Self {
        Self { document, original, options, report, budget: Budget::default(), changes: Vec::new() }
    }

    /// Looks at everything, whatever is wrong already.
    pub(super) fn run(mut self) {
        self.identifiers();
        if self.options.profile.is_message() {
            self.message();
        } else {
            self.token_response();
        }
        self.claims();
        self.action();
        self.tell_changes();
    }

    fn message(&mut self) {
        let header = Header::find(self);
        let is_x509 = self.options.profile == DiagnosisProfile::X509;
        if let Some(timestamp) = header.timestamp {
            self.timestamp(timestamp);
        }
        let own = if is_x509 { self.token(header.token) } else { self.assertion(header.token) };
        let Some(element) = header.signature else { return };
        let mut signature = StatedSignature::read(element);
        let mut parts = Self::parts(&header, is_x509);
        if self.allows_str_transform() {
            leave_out_token(&mut signature, &mut parts);
        }
        self.algorithms(&signature, false);
        let assertion =
            header.token.filter(|_| !is_x509).and_then(|token| token.attribute("", "AssertionID"));
        self.coverage(&signature, &parts, assertion);
        self.key_reference(&signature, header.token);
        let intact = self.digests(&signature, &parts);
        if let Some(own) = own {
            self.value(&signature, &own, if is_x509 { Whose::Certificate } else { Whose::Holder }, intact);
        }
    }

    /// The certificate of the X.509 profile's token.
    fn token(&mut self, token: Option<Element<'d>>) -> Option<Certificate> {
        let token = token.filter(|token| token.local_name() == "BinarySecurityToken")?;
        let strict = crate::binary_token::read(token, self.options.policy.signature_limits.base64)
            .and_then(|der| Ok(Certificate::from_der(&der)?));
        let place = self.report.at(token);
        let certificate = match (strict, certificate(token)) {
            (Ok(certificate), _) => certificate,
            (Err(error), lenient) => {
                let detail = super::shown::name(&error.to_string());
                let cause = Cause::TokenMalformed { detail: detail.clone() };
                self.report.add(cause, Proven, place.clone(), "one X.509 certificate, DER in base64", detail);
                lenient.ok()?
            }
        };
        self.certificate(&certificate, place);
        Some(certificate)
    }

    /// Every digest of the message's signature; whether all match.
    fn digests(&mut self, signature: &StatedSignature<'d>, parts: &[Part<'d>]) -> bool {
        let listed = signature.listed();
        let mut intact = true;
        for reference in &signature.references {
            let Some(part) = self.target(reference, parts) else { continue };
            intact &= self.digest(reference, part, None, &listed);
        }
        intact
    }

    /// One digest; whether it matches.
    pub(super) fn digest(
        &mut self,
        reference: &StatedReference<'d>,
        part: Part<'d>,
        omitted: Option<Element<'d>>,
        listed: &[String],
    ) -> bool {
        let method = &reference.canonicalization;
        if reference.digest.is_none() || !(method.is_known || method.element.is_none()) {
            return true;
        }
        let suspect =
            Suspect { element: part.element, omitted, method: &method.method, list: &method.list, listed };
        let Some(found) = canonical(&suspect, &method.method) else { return true };
        if reference.is_digest_of(&found) {
            return true;
        }
        let is_signed = |octets: &[u8]| reference.is_digest_of(octets);
        let (proof, guesses) = Search::new(&is_signed, &mut self.budget).run(&suspect);
        match proof {
            Some(proof) => {
                for change in proof.changes {
                    let difference = Difference::between(&found, &proof.signed, &suspect, self.report);
                    self.changed(change, part.name, difference);
                }
            }
            None => self.unexplained(reference, part, &suspect, &found, guesses),
        }
        false
    }

    /// Notes a change; those to several parts are told together.
    pub(super) fn changed(&mut self, change: Change, part: &'static str, difference: Difference) {
        let is_alike = |changed: &&mut Changed| {
            changed.change == change && changed.parts.iter().any(|other| is_token(other)) == is_token(part)
        };
        match self.changes.iter_mut().find(is_alike) {
            Some(changed) if changed.parts.contains(&part) => {}
            Some(changed) => changed.parts.push(part),
            None => self.changes.push(Changed { change, parts: vec![part], difference }),
        }
    }

    fn tell_changes(&mut self) {
        for Changed { change, parts, difference } in std::mem::take(&mut self.changes) {
            let cause = match parts.as_slice() {
                [token] if is_token(token) && (*token == "Assertion" || change.is_rewriting()) => {
                    Cause::TokenReserialised { token, change: change.told() }
                }
                _ => change.cause(parts),
            };
            self.report.add(cause, Proven, difference.place, difference.expected, difference.found);
        }
    }

    /// A digest that no guess explains.
    fn unexplained(
        &mut self,
        reference: &StatedReference<'d>,
        part: Part<'d>,
        suspect: &Suspect<'_, 'd>,
        found: &[u8],
        guesses: usize,
    ) {
        // What no profile wants signed is told as such, whatever became of it.
        if part.name == OTHER {
            return;
        }
        let place = self.report.at(part.element);
        if let Some((signed, is_proof)) = self.original_form(reference, part, suspect) {
            let difference = Difference::between(found, &signed, suspect, self.report);
            let certainty = if is_proof { Proven } else { Likely };
            let cause = Cause::PartChanged { part: part.name };
            self.report.add(cause, certainty, difference.place, difference.expected, difference.found);
            return;
        }
        let digest = reference.digest.as_deref().map(|digest| STANDARD.encode(digest)).unwrap_or_default();
        let algorithm = if reference.digest.as_ref().is_some_and(|digest| digest.len() == 20) {
            "SHA-1"
        } else {
            "SHA-2"
        };
        let expected = format!("octets with the {algorithm} digest {digest}");
        let told = format!(
            "{} octets of canonical form with another digest; {guesses} changes were tried, among them white space, line \
             ends, prefixes, declarations, prefix lists, encoding: none alone",
            found.len()
        );
        let has_include =
            part.element.descendants().any(|element| element.is(ksz_soap::names::XOP, "Include"));
        let (cause, certainty) = if has_include {
            (Cause::XopNotExpanded { part: part.name }, Likely)
        } else if part.name == "Assertion" {
            (Cause::TokenReserialised { token: "Assertion", change: "more than one thing" }, Likely)
        } else {
            (Cause::PartChanged { part: part.name }, Proven)
        };
        self.report.add(cause, certainty, place, expected, told);
    }

    /// The part as it was in the original, and whether it has the digest.
    fn original_form(
        &self,
        reference: &StatedReference<'d>,
        part: Part<'d>,
        suspect: &Suspect<'_, 'd>,
    ) -> Option<(Vec<u8>, bool)> {
        let original = self.original?;
        let same = |element: &Element<'_>| element.local_name() == part.element.local_name();
        let id = part.id?;
        let elements = || original.root().descendants().filter(same);
        let has_id = |element: &Element<'_>| element.attributes().any(|a| a.is_id() && a.value() == id);
        let element = elements().find(has_id).or_else(|| elements().next())?;
        let omitted = match suspect.omitted {
            Some(_) => Some(super::signature::child(element, "Signature")?),
            None => None,
        };
        let octets = canonical(&Suspect { element, omitted, ..*suspect }, suspect.method)?;
        let is_proof = reference.is_digest_of(&octets);
        Some((octets, is_proof))
    }
}

fn is_token(part: &str) -> bool {
    matches!(part, "Assertion" | "BinarySecurityToken")
}

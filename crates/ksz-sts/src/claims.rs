use crate::attribute::Attribute;
use crate::profile::Dialect;
use crate::{Error, names};
use ksz_error::NameMask;
use ksz_xml::{Element, escape_attribute, escape_text};
use std::borrow::Cow;
use std::fmt;

/// A claim: an attribute that the assertion is to hold. Its value may be a person's number: it does not print.
#[derive(Clone, Eq, PartialEq)]
pub struct ClaimType {
    uri: String,
    value: Option<String>,
}

impl ClaimType {
    /// An attribute that the caller asserts; the service checks it against the certificate.
    #[must_use]
    pub fn asserted(uri: &str, value: &str) -> Self {
        Self { uri: uri.to_owned(), value: Some(value.to_owned()) }
    }

    /// An attribute that the service is to find and certify.
    #[must_use]
    pub fn certified(uri: &str) -> Self {
        Self { uri: uri.to_owned(), value: None }
    }

    /// The URI by which the attribute is known.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The asserted value.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }
}

impl fmt::Debug for ClaimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClaimType({:?}{})", self.uri, if self.value.is_some() { ", …" } else { "" })
    }
}

/// A set of claims without repetition.
///
/// Two claims are the same if their URIs are, letter for letter; values do not count. A service knows an attribute
/// under one URI in two namespaces, and a request cannot say which: whoever maps both to claims repeats one. See
/// [`KnownClaim`](crate::KnownClaim).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Claims(Vec<ClaimType>);

impl Claims {
    /// Adds a claim.
    ///
    /// # Errors
    ///
    /// - [`Error::RepeatedClaim`] if one with its URI is there.
    /// - [`Error::ClaimUri`] if the URI is none: it has no scheme, or holds white space or control characters. It may be
    ///   a value in the wrong place: of a person's number the error holds the last two digits alone.
    pub fn insert(&mut self, claim: ClaimType) -> Result<(), Error> {
        let absolute = claim.uri.find(':').is_some_and(|colon| colon > 0);
        if !absolute || claim.uri.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Error::ClaimUri { uri: masked(&claim.uri) });
        }
        if self.0.iter().any(|present| present.uri == claim.uri) {
            return Err(Error::RepeatedClaim { uri: claim.uri });
        }
        self.0.push(claim);
        Ok(())
    }

    /// The claims that ask for attributes such as these again: the identifying ones asserted with their values, several
    /// of which are joined as the platform's connector joins them, the others to be certified.
    ///
    /// An attribute that is there in both namespaces is one claim, and an asserted one.
    ///
    /// # Errors
    ///
    /// Those of [`Self::insert`].
    pub fn of_attributes(attributes: &[Attribute]) -> Result<Self, Error> {
        let identifies = |attribute: &&Attribute| attribute.namespace() == names::IDENTIFICATION;
        let mut claims = Self::default();
        for attribute in attributes {
            let same = attributes.iter().filter(|other| other.name() == attribute.name());
            let asserted: Vec<_> = same.filter(identifies).flat_map(|same| same.values()).cloned().collect();
            let claim = if asserted.is_empty() {
                ClaimType::certified(attribute.name())
            } else {
                ClaimType::asserted(attribute.name(), &asserted.join(";"))
            };
            match claims.insert(claim) {
                Ok(()) | Err(Error::RepeatedClaim { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(claims)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The claims, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &ClaimType> {
        self.0.iter()
    }

    pub(crate) fn to_xml(&self, dialect: Dialect) -> String {
        let mut xml =
            format!("<wst:Claims xmlns:auth=\"{}\" Dialect=\"{}\">", dialect.namespace, dialect.uri);
        for claim in &self.0 {
            xml += "<auth:ClaimType Uri=\"";
            escape_attribute(&claim.uri, &mut |piece| xml += piece);
            xml += "\">";
            if let Some(value) = &claim.value {
                xml += "<auth:Value>";
                escape_text(value, &mut |piece| xml += piece);
                xml += "</auth:Value>";
            }
            xml += "</auth:ClaimType>";
        }
        xml + "</wst:Claims>"
    }

    pub(crate) fn read(element: Element<'_>, dialect: Dialect) -> Result<Self, Error> {
        if element.attribute("", "Dialect") != Some(dialect.uri) {
            return Err(Error::RequestNotAccepted { detail: "another dialect of claims" });
        }
        let mut claims = Self::default();
        for claim in element.only_children()? {
            if !claim.is(dialect.namespace, "ClaimType") {
                return Err(Error::RequestNotAccepted { detail: "a claim in another namespace" });
            }
            let value = claim.optional_child(dialect.namespace, "Value")?;
            claims.insert(ClaimType {
                uri: claim.required_attribute("Uri")?.to_owned(),
                value: value.map(Element::only_text).transpose()?.map(Cow::into_owned),
            })?;
        }
        Ok(claims)
    }
}

/// The shortest number of a person: that of a care provider without its qualification.
const SHORTEST_NUMBER: usize = 8;

/// What was given for a URI, less the number of a person that it may be.
fn masked(text: &str) -> String {
    let mut mask = NameMask::of([text]);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() >= SHORTEST_NUMBER {
        mask.add(&digits);
    }
    mask.mask(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_claim_is_refused_whatever_its_value() {
        let mut claims = Claims::default();
        claims.insert(ClaimType::asserted("urn:a", "1")).unwrap();
        claims.insert(ClaimType::certified("urn:a:b")).unwrap();
        for again in [ClaimType::asserted("urn:a", "2"), ClaimType::certified("urn:a")] {
            assert_eq!(claims.insert(again), Err(Error::RepeatedClaim { uri: "urn:a".into() }));
        }
        assert_eq!(claims.insert(ClaimType::certified("urn:A")), Ok(()));
    }

    #[test]
    fn a_value_does_not_print() {
        let mut claims = Claims::default();
        claims.insert(ClaimType::asserted("urn:be:fgov:person:ssin", "79021802145")).unwrap();
        assert_eq!(format!("{claims:?}"), "Claims([ClaimType(\"urn:be:fgov:person:ssin\", …)])");
    }

    #[test]
    fn what_was_attested_in_two_namespaces_is_asked_for_once() {
        let uri = "urn:be:fgov:ehealth:1.0:certificateholder:sortingcenter:nihii-number";
        let recognised = "urn:be:fgov:ehealth:1.0:certificateholder:recognisedorganization:boolean";
        let attribute = |name, namespace, value| Attribute::new(name, namespace, value);
        for order in [[names::IDENTIFICATION, names::CERTIFIED], [names::CERTIFIED, names::IDENTIFICATION]] {
            let [first, second] = order.map(|namespace| attribute(uri, namespace, "81000086"));
            let attributes = [first, attribute(recognised, names::CERTIFIED, "true"), second];

            let claims = Claims::of_attributes(&attributes).unwrap();

            let expected = [ClaimType::asserted(uri, "81000086"), ClaimType::certified(recognised)];
            assert_eq!(claims.iter().cloned().collect::<Vec<_>>(), expected);
        }
        let several = ["1", "2"].map(|value| attribute(uri, names::IDENTIFICATION, value));
        let joined = Claims::of_attributes(&several).unwrap();
        assert_eq!(joined.iter().cloned().collect::<Vec<_>>(), [ClaimType::asserted(uri, "1;2")]);
        assert!(Claims::of_attributes(&[]).unwrap().is_empty());
    }

    #[test]
    fn a_claim_is_named_by_a_uri() {
        for bad in ["", "a", ":a", "urn:a b", "urn:a\n"] {
            assert!(
                matches!(Claims::default().insert(ClaimType::certified(bad)), Err(Error::ClaimUri { .. })),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_number_given_for_a_uri_does_not_print() {
        for (given, shown) in [
            ("79021802145", "*********45"),
            ("79.02.18-021.45", "*********45"),
            (" 79 02 18 021 45", " *********45"),
            ("SSIN79021802145", "SSIN*********45"),
            ("71089914", "******14"),
            ("7-10899-14", "******14"),
            ("NIHII 71089914 730", "NIHII *********30"),
            ("nihii-number1", "nihii-number1"),
            ("urn:a\n", "urn:a\n"),
        ] {
            let refusal = Claims::default().insert(ClaimType::asserted(given, "urn:a")).unwrap_err();

            assert_eq!(refusal, Error::ClaimUri { uri: shown.into() });
            assert_eq!(refusal.to_string(), format!("claim {shown:?} is no absolute URI"));
        }
    }
}

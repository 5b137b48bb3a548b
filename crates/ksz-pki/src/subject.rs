use crate::{Certificate, Identifier, IdentifierKind};
use ksz_error::NameMask;
use std::fmt;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::Tag;
use x509_cert::der::Tagged;
use x509_cert::der::asn1::{Any, BmpString, ObjectIdentifier};
use x509_cert::name::Name;

/// commonName, serialNumber, organizationName, organizationalUnitName (RFC 5280 appendix A.1), and
/// organizationIdentifier (ETSI EN 319 412-1 section 5.1.4).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const ORGANIZATIONAL_UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const ORGANIZATION_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.97");

/// The unit by which the certificates of the eHealth platform are known.
const EHEALTH_UNIT: &str = "eHealth-platform Belgium";
/// With which the unit begins that names the enterprise in certificates for social security.
const CBE_URN: &str = "urn:be:fgov:kbo-bce:organization:cbe-number:";

/// Whom a certificate's subject names, by the conventions of the services.
///
/// - The **eHealth platform** writes units `eHealth-platform Belgium`, the organisation's or person's name,
///   an identifier such as `NIHII-HOSPITAL=71089914`, and an application, with which the common name then
///   ends too.
/// - For **social security** (the subject that Smals asks for), a unit is the URN of the enterprise's number.
/// - The **identity card** has the person's number as `serialNumber`. So have others: only eleven digits are
///   taken for it, bare or behind `PNOBE-` (ETSI EN 319 412-1 section 5.1.3).
/// - **Web authorities** write the enterprise's number as `organizationIdentifier`, behind `NTRBE-` or
///   `VATBE-`.
///
/// Who believes the certificate's issuer may believe this, and nobody else.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct SubjectIdentifiers {
    identifiers: Vec<Identifier>,
    application: Option<String>,
    organisation: Option<String>,
    mask: NameMask,
}

impl SubjectIdentifiers {
    /// The identifiers, in the order of the subject.
    #[must_use]
    pub fn identifiers(&self) -> &[Identifier] {
        &self.identifiers
    }

    /// The application of the organisation for which the certificate is. It may hold a person's number: see
    /// [`display_application`](Self::display_application) for output.
    #[must_use]
    pub fn application(&self) -> Option<&str> {
        self.application.as_deref()
    }

    /// The application for people and logs: of a person's number only the last two digits are left.
    #[must_use]
    pub fn display_application(&self) -> Option<String> {
        self.application().map(|text| self.mask.mask(text))
    }

    /// The name of the organisation or person. It may hold a person's number: see
    /// [`display_organisation`](Self::display_organisation) for output.
    #[must_use]
    pub fn organisation(&self) -> Option<&str> {
        self.organisation.as_deref()
    }

    /// The organisation or person for people and logs, masked like the application.
    #[must_use]
    pub fn display_organisation(&self) -> Option<String> {
        self.organisation().map(|text| self.mask.mask(text))
    }

    /// Another text about the subject, such as an alias, for people and logs.
    pub(crate) fn mask(&self, text: &str) -> String {
        let mut mask = self.mask.clone();
        mask.merge(NameMask::of([text]));
        mask.mask(text)
    }
}

impl fmt::Debug for SubjectIdentifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubjectIdentifiers")
            .field("identifiers", &self.identifiers)
            .field("application", &self.display_application())
            .field("organisation", &self.display_organisation())
            .finish()
    }
}

impl Certificate {
    /// Whom the subject names, by the conventions of the services.
    #[must_use]
    pub fn identifiers(&self) -> SubjectIdentifiers {
        Attributes::of(&self.decoded().tbs_certificate.subject).identifiers()
    }
}

/// The attributes of a name that hold text, in their order.
pub(crate) struct Attributes(Vec<(ObjectIdentifier, String)>);

impl Attributes {
    pub(crate) fn of(name: &Name) -> Self {
        let attributes = name.0.iter().flat_map(|relative| relative.0.iter());
        Self(attributes.filter_map(|attribute| Some((attribute.oid, text(attribute)?))).collect())
    }

    fn all(&self, kind: ObjectIdentifier) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(other, _)| *other == kind).map(|(_, text)| text.as_str())
    }

    pub(crate) fn organisations(&self) -> impl Iterator<Item = &str> {
        self.all(ORGANIZATION)
    }

    pub(crate) fn units(&self) -> impl Iterator<Item = &str> {
        self.all(ORGANIZATIONAL_UNIT)
    }

    pub(crate) fn common_names(&self) -> impl Iterator<Item = &str> {
        self.all(COMMON_NAME)
    }

    pub(crate) fn identifiers(&self) -> SubjectIdentifiers {
        let is_ehealth = self.units().any(|unit| unit == EHEALTH_UNIT);
        let found = if is_ehealth { self.of_ehealth() } else { self.of_others() };
        SubjectIdentifiers { mask: self.mask(), ..found }
    }

    /// The mask over the numbers of persons that any attribute tells to be one.
    fn mask(&self) -> NameMask {
        let texts = || self.0.iter().map(|(_, text)| text.as_str());
        let mut mask = NameMask::of(texts());
        for identifier in texts().filter_map(typed).filter(|identifier| identifier.kind().is_personal()) {
            mask.add(identifier.unmasked());
        }
        mask
    }

    fn of_ehealth(&self) -> SubjectIdentifiers {
        let mut found = SubjectIdentifiers::default();
        for unit in self.units().filter(|unit| *unit != EHEALTH_UNIT) {
            if let Some(identifier) = typed(unit) {
                found.identifiers.push(identifier);
            } else if self.common_names().any(|name| ends_with_application(name, unit)) {
                found.application = Some(unit.to_owned());
            } else {
                found.organisation.get_or_insert_with(|| unit.to_owned());
            }
        }
        found
    }

    fn of_others(&self) -> SubjectIdentifiers {
        let enterprise = |number: &str| Identifier::new(IdentifierKind::Enterprise, number.to_owned());
        let person = |number: &str| {
            let number = number.strip_prefix("PNOBE-").unwrap_or(number);
            let is_number = number.len() == 11 && number.bytes().all(|octet| octet.is_ascii_digit());
            is_number.then(|| Identifier::new(IdentifierKind::Person, number.to_owned()))
        };
        let identifiers = self.0.iter().filter_map(|(kind, text)| match *kind {
            ORGANIZATIONAL_UNIT => text.strip_prefix(CBE_URN).map(enterprise),
            ORGANIZATION_IDENTIFIER => {
                text.strip_prefix("NTRBE-").or_else(|| text.strip_prefix("VATBE-")).map(enterprise)
            }
            SERIAL_NUMBER => person(text),
            _ => None,
        });
        SubjectIdentifiers {
            identifiers: identifiers.collect(),
            organisation: self.organisations().next().map(str::to_owned),
            ..SubjectIdentifiers::default()
        }
    }
}

/// A name for people and logs, in the form of RFC 4514 and made of the text of its attributes, in which numbers of
/// persons are masked. A value that is no text is not shown.
pub(crate) fn masked_name(name: &Name) -> String {
    let mask = Attributes::of(name).mask();
    let relative = name.0.iter().rev().map(|relative| {
        relative.0.iter().map(|attribute| masked_attribute(attribute, &mask)).collect::<Vec<_>>().join("+")
    });
    relative.collect::<Vec<_>>().join(",")
}

fn masked_attribute(attribute: &AttributeTypeAndValue, mask: &NameMask) -> String {
    let shown = text(attribute).map(|text| mask.mask(&text));
    let written = |oid| {
        let value = Any::new(Tag::Utf8String, shown.as_deref().unwrap_or_default().as_bytes()).ok()?;
        let written = AttributeTypeAndValue { oid, value }.to_string();
        written.split_once('=').map(|(kind, value)| (kind.to_owned(), value.to_owned()))
    };
    // An attribute whose type has no name is written as octets: the value is taken from one that has a name.
    let kind = written(attribute.oid).map_or_else(|| attribute.oid.to_string(), |(kind, _)| kind);
    let value = shown.as_ref().and_then(|_| written(COMMON_NAME));
    format!("{kind}={}", value.map_or_else(|| "#…".to_owned(), |(_, value)| value))
}

/// `TYPE=digits`, the form of the eHealth platform's identifiers.
fn typed(unit: &str) -> Option<Identifier> {
    let (name, number) = unit.split_once('=')?;
    let is_name = |octet: u8| octet.is_ascii_uppercase() || octet.is_ascii_digit() || b"-_".contains(&octet);
    let is_typed = !name.is_empty()
        && name.bytes().all(is_name)
        && !number.is_empty()
        && number.bytes().all(|octet| octet.is_ascii_digit());
    is_typed.then(|| Identifier::new(IdentifierKind::from_name(name), number.to_owned()))
}

/// Whether a common name is an identifier, a comma, and this application.
fn ends_with_application(name: &str, application: &str) -> bool {
    let before = name.strip_suffix(application).map(str::trim_end).and_then(|name| name.strip_suffix(','));
    before.is_some_and(|identifier| typed(identifier).is_some())
}

/// The text of an attribute in one of the forms of DirectoryString (RFC 5280 appendix A.1); others have none.
fn text(attribute: &AttributeTypeAndValue) -> Option<String> {
    let value = &attribute.value;
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => {
            std::str::from_utf8(value.value()).ok().map(str::to_owned)
        }
        // What calls itself TeletexString is Latin-1 in practice.
        Tag::TeletexString => Some(value.value().iter().copied().map(char::from).collect()),
        Tag::BmpString => value.decode_as::<BmpString>().ok().map(|text| text.to_string()),
        _ => None,
    }
}

//! Somebody for whom the requester vouches: the sender-vouches form of the platform's connector.

use crate::request::Lifetime;
use crate::{Error, names};
use ksz_pki::Certificate;
use ksz_soap::{format_date_time, parse_date_time};
use ksz_xml::{Element, escape_attribute, escape_text};
use std::fmt;
use std::time::SystemTime;

/// The subject of a request [`on_behalf_of`](crate::RequestSecurityToken::on_behalf_of) somebody: an assertion that
/// nobody signs. The signature of the request vouches for it.
///
/// It names a person: it does not print.
#[derive(Clone, Eq, PartialEq)]
pub struct VouchedSubject {
    /// The `AssertionID`: an NCName that differs between requests.
    pub assertion_id: String,
    /// Who vouches: the name of the requester.
    pub issuer: String,
    /// Since when; also when the subject was authenticated.
    pub issue_instant: SystemTime,
    /// For how long.
    pub validity: Lifetime,
    /// For whom.
    pub name: NameIdentifier,
    /// How the subject was authenticated (SAML 1.1 core section 7.1), if the requester says.
    pub authentication_method: Option<String>,
}

/// The name of a subject (SAML 1.1 core section 2.4.2.2). It may hold a person's number: it does not print.
#[derive(Clone, Eq, PartialEq)]
pub struct NameIdentifier {
    /// What the name is, such as [`names::X509_SUBJECT_NAME`].
    pub format: String,
    /// In which domain it is a name: for the subject of a certificate, the name of its issuer.
    pub qualifier: String,
    /// The name.
    pub value: String,
}

impl VouchedSubject {
    /// The assertion, as the platform's connector writes it.
    pub(crate) fn to_xml(&self) -> Result<String, Error> {
        if !ksz_xml::is_ncname(&self.assertion_id) {
            return Err(Error::AssertionShape { detail: "its AssertionID is no name" });
        }
        let issued = format_date_time(self.issue_instant)?;
        let mut xml = format!("<Assertion xmlns=\"{}\"", names::SAML_11);
        push_attribute("AssertionID", &self.assertion_id, &mut xml);
        push_attribute("IssueInstant", &issued, &mut xml);
        push_attribute("Issuer", &self.issuer, &mut xml);
        xml += " MajorVersion=\"1\" MinorVersion=\"1\"><Conditions";
        push_attribute("NotBefore", &format_date_time(self.validity.created)?, &mut xml);
        push_attribute("NotOnOrAfter", &format_date_time(self.validity.expires)?, &mut xml);
        xml += "></Conditions>";
        let subject = format!("<Subject>{}</Subject>", self.name.to_xml());
        if let Some(method) = &self.authentication_method {
            xml += "<AuthenticationStatement";
            push_attribute("AuthenticationInstant", &issued, &mut xml);
            push_attribute("AuthenticationMethod", method, &mut xml);
            xml += &format!(">{subject}</AuthenticationStatement>");
        }
        Ok(xml + &format!("<AttributeStatement>{subject}</AttributeStatement></Assertion>"))
    }

    /// Reads the assertion: that shape and nothing more, above all no signature that somebody could take for one.
    pub(crate) fn read(assertion: Element<'_>) -> Result<Self, Error> {
        let refuse = |detail| Error::RequestNotAccepted { detail };
        let children = assertion.only_children()?;
        let (conditions, authentication, attributes) = match *children.as_slice() {
            [conditions, attributes] => (conditions, None, attributes),
            [conditions, authentication, attributes] => (conditions, Some(authentication), attributes),
            _ => {
                return Err(refuse(
                    "the vouched assertion holds more or less than conditions and statements",
                ));
            }
        };
        let is = |element: Element<'_>, name| element.is(names::SAML_11, name);
        if !is(conditions, "Conditions")
            || authentication.is_some_and(|statement| !is(statement, "AuthenticationStatement"))
            || !is(attributes, "AttributeStatement")
        {
            return Err(refuse("the vouched assertion holds other than conditions and statements"));
        }
        let version = ["MajorVersion", "MinorVersion"].map(|name| assertion.attribute("", name));
        let id = assertion.required_attribute("AssertionID")?;
        if version != [Some("1"), Some("1")] || !ksz_xml::is_ncname(id) {
            return Err(refuse("the vouched assertion is not SAML 1.1"));
        }
        let name = NameIdentifier::of_statement(attributes)?;
        if let Some(statement) = authentication
            && NameIdentifier::of_statement(statement)? != name
        {
            return Err(refuse("the vouched assertion is about two subjects"));
        }
        let instant = |element: Element<'_>, name: &'static str| -> Result<SystemTime, Error> {
            Ok(parse_date_time(name, element.required_attribute(name)?)?)
        };
        let method = authentication.map(|statement| statement.required_attribute("AuthenticationMethod"));
        Ok(Self {
            assertion_id: id.to_owned(),
            issuer: assertion.required_attribute("Issuer")?.to_owned(),
            issue_instant: instant(assertion, "IssueInstant")?,
            validity: Lifetime {
                created: instant(conditions, "NotBefore")?,
                expires: instant(conditions, "NotOnOrAfter")?,
            },
            name,
            authentication_method: method.transpose()?.map(str::to_owned),
        })
    }
}

impl NameIdentifier {
    /// The name in a certificate of a token's holder.
    pub(crate) fn of_certificate(certificate: &Certificate) -> Self {
        Self {
            format: names::X509_SUBJECT_NAME.into(),
            qualifier: certificate.issuer().into(),
            value: certificate.subject().into(),
        }
    }

    /// Reads the element; what it does not say is empty.
    pub(crate) fn of(element: Element<'_>) -> Self {
        let attribute = |name| element.attribute("", name).unwrap_or_default().to_owned();
        Self {
            format: attribute("Format"),
            qualifier: attribute("NameQualifier"),
            value: element.whole_text(),
        }
    }

    pub(crate) fn to_xml(&self) -> String {
        let mut xml = String::from("<NameIdentifier");
        push_attribute("Format", &self.format, &mut xml);
        push_attribute("NameQualifier", &self.qualifier, &mut xml);
        xml += ">";
        escape_text(&self.value, &mut |piece| xml += piece);
        xml + "</NameIdentifier>"
    }

    fn of_statement(statement: Element<'_>) -> Result<Self, Error> {
        let subject = statement.only_child(names::SAML_11, "Subject")?;
        let name = subject.only_child(names::SAML_11, "NameIdentifier")?;
        Ok(Self {
            format: name.required_attribute("Format")?.to_owned(),
            qualifier: name.required_attribute("NameQualifier")?.to_owned(),
            value: name.only_text()?.into_owned(),
        })
    }
}

impl fmt::Debug for VouchedSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VouchedSubject(…)")
    }
}

impl fmt::Debug for NameIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NameIdentifier({:?}, …)", self.format)
    }
}

/// An attribute with the space before it.
pub(crate) fn push_attribute(name: &str, value: &str, xml: &mut String) {
    *xml += &format!(" {name}=\"");
    escape_attribute(value, &mut |piece| *xml += piece);
    *xml += "\"";
}

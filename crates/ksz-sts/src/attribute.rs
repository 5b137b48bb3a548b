use crate::{Error, names};
use ksz_xml::Element;
use std::fmt;

/// An attribute of an assertion (SAML 1.1 core section 2.4.4.1).
///
/// Values may be numbers of persons: they do not print.
#[derive(Clone, Eq, PartialEq)]
pub struct Attribute {
    name: String,
    namespace: String,
    values: Vec<String>,
}

impl Attribute {
    /// An attribute with one value.
    #[must_use]
    pub fn new(name: &str, namespace: &str, value: &str) -> Self {
        Self { name: name.to_owned(), namespace: namespace.to_owned(), values: vec![value.to_owned()] }
    }

    /// The URI by which it is known; it means nothing without its namespace.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was asserted or certified: [`names::IDENTIFICATION`] or [`names::CERTIFIED`].
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Its values.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.values
    }

    pub(crate) fn read_all(statements: &[Element<'_>]) -> Result<Vec<Self>, Error> {
        let mut attributes = Vec::new();
        for statement in statements.iter().filter(|s| s.is(names::SAML_11, "AttributeStatement")) {
            for attribute in statement.children().filter(|child| child.is(names::SAML_11, "Attribute")) {
                let values = attribute.children().filter(|child| child.is(names::SAML_11, "AttributeValue"));
                attributes.push(Self {
                    name: attribute.required_attribute("AttributeName")?.to_owned(),
                    namespace: attribute.required_attribute("AttributeNamespace")?.to_owned(),
                    values: values.map(Element::whole_text).collect(),
                });
            }
        }
        Ok(attributes)
    }
}

impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attribute({:?}, {:?}, …)", self.name, self.namespace)
    }
}

use super::{Version, base};
use ksz_xml::{Attribute, Element, Error};
use std::collections::HashSet;

/// The namespace of the attributes that every element knows.
pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The most octets of the `xml:base` values that are joined into one; each of them is gone over with every
/// join.
const MOST_OF_BASES: usize = 64 * 1024;

/// The attributes `xml:*` that an element taken out of its document has from its ancestors (Canonical XML 1.0
/// and 1.1 section 2.4).
#[derive(Debug, Default)]
pub(super) struct Inherited<'d> {
    pub(super) attributes: Vec<Attribute<'d>>,
    /// What `xml:base` says, where it is joined from several.
    pub(super) base: Option<String>,
}

impl<'d> Inherited<'d> {
    /// What `apex` has from around it.
    pub(super) fn by(apex: Element<'d>, version: Version) -> Result<Self, Error> {
        let own = apex.attributes().filter(|attribute| attribute.namespace() == XML);
        Self::gathered(own, apex.parent(), version)
    }

    /// What an element without such attributes has from `around`, in which it stands.
    pub(super) fn inside(around: Option<Element<'d>>, version: Version) -> Result<Self, Error> {
        Self::gathered(std::iter::empty(), around, version)
    }

    fn gathered(
        own: impl Iterator<Item = Attribute<'d>>,
        mut ancestor: Option<Element<'d>>,
        version: Version,
    ) -> Result<Self, Error> {
        let mut attributes = Vec::new();
        let mut bases = Vec::new();
        let mut nearer = HashSet::new();
        for attribute in own {
            nearer.insert(attribute.local_name());
            if attribute.local_name() == "base" {
                bases.push(attribute.value());
            }
        }
        let own_bases = bases.len();
        while let Some(element) = ancestor {
            for attribute in element.attributes().filter(|attribute| attribute.namespace() == XML) {
                let name = attribute.local_name();
                let inherited = match version {
                    Version::One => true,
                    Version::OneOne => matches!(name, "lang" | "space" | "base"),
                };
                if name == "base" {
                    bases.push(attribute.value());
                }
                if inherited && nearer.insert(name) {
                    attributes.push(attribute);
                }
            }
            ancestor = element.parent();
        }
        if version == Version::One || bases.len() == own_bases {
            return Ok(Self { attributes, base: None });
        }
        if bases.iter().map(|base| base.len()).sum::<usize>() > MOST_OF_BASES {
            return Err(Error::LimitExceeded { what: "octets of xml:base values", limit: MOST_OF_BASES });
        }
        // Each is joined with the one around it, from the inside out (Canonical XML 1.1 section 2.4).
        let base = bases.into_iter().map(str::to_owned).reduce(|inner, around| base::join(&around, &inner));
        Ok(Self { attributes, base })
    }

    /// Name and value of each attribute as it is written, in canonical order.
    pub(super) fn named(&self) -> Vec<(&str, &str)> {
        let value = |attribute: &Attribute<'d>| match &self.base {
            Some(base) if attribute.local_name() == "base" => base.as_str(),
            _ => attribute.value(),
        };
        let mut named: Vec<_> =
            self.attributes.iter().map(|attribute| (attribute.qualified_name(), value(attribute))).collect();
        named.retain(|(name, value)| *name != "xml:base" || self.base.is_none() || !value.is_empty());
        named.sort_unstable();
        named
    }
}

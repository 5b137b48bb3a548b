use super::{Version, base};
use ksz_xml::{Attribute, Element};

/// The namespace of the attributes that every element knows.
pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The attributes `xml:*` that an element taken out of its document has from its ancestors (Canonical XML 1.0 and 1.1
/// section 2.4).
#[derive(Debug, Default)]
pub(super) struct Inherited<'d> {
    pub(super) attributes: Vec<Attribute<'d>>,
    /// What `xml:base` says, where it is joined from several.
    pub(super) base: Option<String>,
}

impl<'d> Inherited<'d> {
    pub(super) fn by(apex: Element<'d>, version: Version) -> Self {
        let mut attributes: Vec<Attribute<'_>> = Vec::new();
        let mut bases: Vec<&str> = apex.attribute(XML, "base").into_iter().collect();
        let own = bases.len();
        let mut ancestor = apex.parent();
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
                let is_nearer = |nearer: &Attribute<'_>| nearer.local_name() == name;
                if inherited && apex.attribute(XML, name).is_none() && !attributes.iter().any(is_nearer) {
                    attributes.push(attribute);
                }
            }
            ancestor = element.parent();
        }
        let base = (version == Version::OneOne && bases.len() > own).then(|| {
            bases.into_iter().rev().map(str::to_owned).reduce(|base, reference| base::join(&base, &reference))
        });
        Self { attributes, base: base.flatten() }
    }
}

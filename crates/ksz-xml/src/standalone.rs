use crate::element::Element;
use crate::escape::escape_attribute;
use std::collections::HashSet;

impl<'d> Element<'d> {
    /// The element's text with the namespaces that it uses and an ancestor declares, declared on its first tag:
    /// a document of its own, in which every name means what it meant.
    ///
    /// An element that declares all it uses comes out octet for octet. Counted as used are the prefixes of
    /// elements and attributes, of `xsi:type` values, and of a `PrefixList`.
    #[must_use]
    pub fn standalone_source(self) -> String {
        let source = self.source();
        let own: HashSet<_> = self.declared().map(|(prefix, _)| *prefix).collect();
        let used = self.used_prefixes();
        // What is used where the tree does not lead is not known.
        let whole_scope = self.descendants().any(|element| element.require_content().is_err());
        let mut inherited: Vec<_> = self
            .namespaces()
            .filter(|(prefix, uri)| {
                !uri.is_empty() && !own.contains(prefix) && (whole_scope || used.contains(prefix))
            })
            .collect();
        inherited.sort_unstable();
        let at = 1 + self.qualified_name().len();
        let mut output = source[..at].to_owned();
        for (prefix, uri) in inherited {
            output += if prefix.is_empty() { " xmlns" } else { " xmlns:" };
            output += prefix;
            output += "=\"";
            escape_attribute(uri, &mut |piece| output += piece);
            output += "\"";
        }
        output + &source[at..]
    }

    fn used_prefixes(self) -> HashSet<&'d str> {
        let mut used = HashSet::new();
        for element in self.descendants() {
            used.insert(element.prefix());
            for attribute in element.attributes() {
                if !attribute.prefix().is_empty() {
                    used.insert(attribute.prefix());
                }
                match (attribute.namespace(), attribute.local_name()) {
                    ("http://www.w3.org/2001/XMLSchema-instance", "type") => {
                        used.insert(
                            attribute.value().trim().split_once(':').map_or("", |(prefix, _)| prefix),
                        );
                    }
                    ("", "PrefixList") => used.extend(
                        attribute
                            .value()
                            .split_ascii_whitespace()
                            .map(|p| if p == "#default" { "" } else { p }),
                    ),
                    _ => {}
                }
            }
        }
        used
    }
}

#[cfg(test)]
mod tests {
    use crate::{Document, Limits};

    fn parse(input: &str) -> Document<'_> {
        Document::parse(input.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn an_element_taken_out_keeps_what_its_names_mean() {
        let taken = |xml: &str| parse(xml).root().children().next().unwrap().standalone_source();
        assert_eq!(
            taken("<a xmlns='urn:d' xmlns:p='urn:p' xmlns:q='urn:q'><b  p:x='1'>t</b></a>"),
            "<b xmlns=\"urn:d\" xmlns:p=\"urn:p\"  p:x='1'>t</b>"
        );
        for whole in
            ["<b xmlns='urn:d'>&#xD;<![CDATA[<]]><!-- c --></b>", "<p:b xmlns:p = \"urn:p\" c=' xmlns:r='/>"]
        {
            let xml = format!("<p:a xmlns:p='urn:p' xmlns='urn:d' xmlns:q='urn:q'>{whole}</p:a>");
            assert_eq!(taken(&xml), whole);
        }
        let typed = "<p:a xmlns:p='urn:p' xmlns:s='urn:s' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'>\
                     <p:b i:type='s:string'/></p:a>";
        assert!(taken(typed).contains("xmlns:s=\"urn:s\""));
    }
}

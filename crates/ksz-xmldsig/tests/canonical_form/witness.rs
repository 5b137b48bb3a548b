//! Canonical XML as its recommendations say it, over the tree of roxmltree.

use roxmltree::{Node, NodeId, NodeType};
use std::collections::{BTreeMap, BTreeSet};

const XML: &str = "http://www.w3.org/XML/1998/namespace";

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Algorithm {
    /// With the prefixes of an `InclusiveNamespaces` element.
    Exclusive(&'static str),
    Inclusive,
    Inclusive11,
}

/// What the first element has from around it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Around {
    /// The namespaces in scope.
    Namespaces,
    /// The attributes `xml:*` besides, if the algorithm is inclusive.
    Attributes,
}

/// Prefixes with the names of their namespaces: the empty one for the default namespace, an empty name for none.
type Namespaces<'d> = BTreeMap<&'d str, &'d str>;

pub(crate) struct Witness {
    algorithm: Algorithm,
    with_comments: bool,
    omitted: Option<NodeId>,
}

impl Witness {
    pub(crate) const fn new(algorithm: Algorithm, with_comments: bool) -> Self {
        Self { algorithm, with_comments, omitted: None }
    }

    /// The same, which leaves out an element.
    pub(crate) fn without(&self, omitted: Node<'_, '_>) -> Self {
        Self { omitted: Some(omitted.id()), ..*self }
    }

    /// The octets of a document, which is its root node, or of an element in it.
    pub(crate) fn octets<'d>(&self, node: Node<'d, 'd>, around: Around) -> String {
        match node.node_type() {
            NodeType::Root => self.document(node),
            _ => self.node(node, &Namespaces::new(), around),
        }
    }

    /// What stands before and behind the document element has lines of its own (Canonical XML 1.0 section 2.3).
    fn document<'d>(&self, root: Node<'d, 'd>) -> String {
        let mut octets = String::new();
        let mut is_behind = false;
        for child in root.children() {
            let written = self.node(child, &Namespaces::new(), Around::Namespaces);
            match (child.is_element(), is_behind) {
                (true, _) => octets += &written,
                (false, _) if written.is_empty() => {}
                (false, false) => octets += &format!("{written}\n"),
                (false, true) => octets += &format!("\n{written}"),
            }
            is_behind |= child.is_element();
        }
        octets
    }

    /// One node after another, as section 2.3 has them; `declared` is what the elements around it have declared.
    fn node<'d>(&self, node: Node<'d, 'd>, declared: &Namespaces<'d>, around: Around) -> String {
        match node.node_type() {
            NodeType::Element if self.omitted == Some(node.id()) => String::new(),
            NodeType::Element => self.element(node, declared.clone(), around),
            NodeType::Text => escaped(node.text().unwrap(), &['&', '<', '>', '\r']),
            NodeType::Comment if self.with_comments => format!("<!--{}-->", node.text().unwrap()),
            NodeType::PI => {
                let instruction = node.pi().unwrap();
                let value = instruction.value.map(|value| format!(" {value}")).unwrap_or_default();
                format!("<?{}{value}?>", instruction.target)
            }
            NodeType::Comment | NodeType::Root => String::new(),
        }
    }

    fn element<'d>(&self, element: Node<'d, 'd>, mut declared: Namespaces<'d>, around: Around) -> String {
        let name = name(element);
        let mut octets = format!("<{name}");
        for (prefix, uri) in self.namespaces(element) {
            if declared.insert(prefix, uri).unwrap_or_default() != uri {
                let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
                octets += &format!(" {name}=\"{}\"", escaped_value(uri));
            }
        }
        for attribute in self.attributes(element, around) {
            octets += &format!(" {}=\"{}\"", attribute.name, escaped_value(&attribute.value));
        }
        octets += ">";
        for child in element.children() {
            octets += &self.node(child, &declared, Around::Namespaces);
        }
        octets + &format!("</{name}>")
    }

    /// What is to be declared on an element, if it is not declared around it, in the order of prefixes.
    fn namespaces<'d>(&self, element: Node<'d, 'd>) -> Namespaces<'d> {
        let in_scope =
            element.namespaces().map(|namespace| (namespace.name().unwrap_or(""), namespace.uri()));
        let in_scope = in_scope.filter(|(prefix, _)| *prefix != "xml");
        let mut namespaces: Namespaces<'d> = [("", "")].into_iter().chain(in_scope).collect();
        if let Algorithm::Exclusive(listed) = self.algorithm {
            // Exclusive XML Canonicalization 1.0 section 3: what is visibly utilized, and what is listed.
            let attributes = own(element).map(|attribute| prefix(attribute.name));
            let mut wanted: BTreeSet<_> = attributes.filter(|prefix| !prefix.is_empty()).collect();
            wanted.insert(prefix(name(element)));
            wanted.extend(listed.split_whitespace().map(|listed| listed.trim_start_matches("#default")));
            namespaces.retain(|prefix, _| wanted.contains(prefix));
        }
        namespaces
    }

    /// Those of an element, and from around it, in order: what has no namespace first, then by namespace and name.
    fn attributes<'d>(&self, element: Node<'d, 'd>, around: Around) -> Vec<Attribute<'d>> {
        let mut attributes: Vec<_> = own(element).collect();
        if around == Around::Attributes && !matches!(self.algorithm, Algorithm::Exclusive(_)) {
            let ancestors = element.ancestors().skip(1).flat_map(own);
            for outer in ancestors.filter(|outer| outer.namespace == XML) {
                self.inherit(outer, &mut attributes);
            }
        }
        attributes.sort_by_key(|attribute| (attribute.namespace, attribute.local_name));
        attributes
    }

    /// Section 2.4: the nearest of a name counts. In Canonical XML 1.1 these are three names, of which `xml:base` is
    /// joined with those further out.
    fn inherit<'d>(&self, outer: Attribute<'d>, attributes: &mut Vec<Attribute<'d>>) {
        let is_11 = self.algorithm == Algorithm::Inclusive11;
        match attributes.iter_mut().find(|nearer| nearer.name == outer.name) {
            Some(nearer) if is_11 && outer.name == "xml:base" => {
                nearer.value = joined(&outer.value, &nearer.value);
            }
            None if !is_11 || matches!(outer.local_name, "lang" | "space" | "base") => attributes.push(outer),
            _ => {}
        }
    }
}

struct Attribute<'d> {
    name: &'d str,
    namespace: &'d str,
    local_name: &'d str,
    value: String,
}

fn own<'d>(element: Node<'d, 'd>) -> impl Iterator<Item = Attribute<'d>> {
    element.attributes().map(move |attribute| Attribute {
        name: &element.document().input_text()[attribute.range_qname()],
        namespace: attribute.namespace().unwrap_or_default(),
        local_name: attribute.name(),
        value: attribute.value().to_owned(),
    })
}

/// The name as it is written, which the tree has not kept.
fn name<'d>(element: Node<'d, 'd>) -> &'d str {
    let tag = &element.document().input_text()[element.range()][1..];
    &tag[..tag.find([' ', '\t', '\n', '\r', '/', '>']).unwrap()]
}

fn prefix(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

/// One `xml:base` inside another. Those that are generated end with `/` and hold no dots.
fn joined(outer: &str, inner: &str) -> String {
    if inner.contains("://") { inner.to_owned() } else { format!("{outer}{inner}") }
}

fn escaped_value(value: &str) -> String {
    escaped(value, &['&', '<', '"', '\t', '\n', '\r'])
}

fn escaped(text: &str, written_otherwise: &[char]) -> String {
    let escaped = |character: char| match character {
        _ if !written_otherwise.contains(&character) => character.to_string(),
        '&' => "&amp;".into(),
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        '"' => "&quot;".into(),
        white_space => format!("&#x{:X};", u32::from(white_space)),
    };
    text.chars().map(escaped).collect()
}

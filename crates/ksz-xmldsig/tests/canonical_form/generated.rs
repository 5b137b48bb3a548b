//! Documents that are well-formed, and hard to write in canonical form: prefixes with another meaning further in,
//! several for one namespace, declarations that nobody uses, attributes in any order.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const PREFIXES: &[&str] = &["", "p", "pp", "q", "r", "s", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghj"];
const URIS: &[&str] = &["urn:1", "urn:2", "urn:a", "http://example.org/a?b=1&amp;c"];
const LOCAL_NAMES: &[&str] =
    &["a", "b", "aa", "Id", "é", "a-name-longer-than-one-block", "abcdefgh-1", "abcdefgh-2"];
const VALUES: &[&str] = &[
    "",
    "1",
    "&lt;&amp;",
    "&quot;&#39;",
    "&#9;&#10;&#xD;",
    "\t \r\n",
    ">",
    "é",
    // With a name before them, their quote stands on this side of a window's end or on that.
    "0123456789ab",
    "0123456789abcdef01",
    "0123456789abcdef012345678",
    "0123456789abcdef0123456789a",
    "0123456789abcdef0123456789abc",
];
const XML_ATTRIBUTES: &[(&str, &[&str])] = &[
    ("lang", &["nl", "fr"]),
    ("space", &["preserve", "default"]),
    ("id", &["i", "j"]),
    ("base", &["http://example.org/a/", "b/", "c/d/"]),
];
const OTHERS: &[&str] = &[
    "text",
    "0123456789abcdef0123456789abcdef0123",
    "&lt;&#xD;&#233;&amp;",
    "1 > 2 ]] \"'",
    "<![CDATA[<&>]]>",
    "<!-- c -->",
    "<!---->",
    "<?i?>",
    "<?i  j k?>",
    "\r\n\t",
    "é",
];

/// What stands in an element: it is written only where it is known which prefixes are bound.
#[derive(Clone, Debug)]
enum Node {
    Element(Element),
    /// Text, comments, instructions, as they are written.
    Other(&'static str),
}

#[derive(Clone, Debug)]
struct Element {
    prefix: &'static str,
    local_name: &'static str,
    /// Declarations and attributes in the order in which they are written.
    items: Vec<Item>,
    style: Style,
    children: Vec<Node>,
}

#[derive(Clone, Copy, Debug)]
enum Item {
    Declaration { prefix: &'static str, uri: &'static str },
    Attribute { prefix: &'static str, local_name: &'static str, value: &'static str },
}

/// How a tag is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Style {
    /// As in canonical form.
    Canonical,
    /// As a tag that is its own end, if the element is empty.
    Empty,
    /// With other quotation marks and more white space.
    Loose,
}

/// A whole document, with room behind its element: near the end of a document nothing is copied.
pub(crate) fn document() -> impl Strategy<Value = String> {
    let outside =
        || prop::sample::select(vec!["", "<?i j?>", "<!-- outside -->", "<?i?>\n<!-- 1 --><!-- 2 -->"]);
    (outside(), root(), outside(), any::<bool>()).prop_map(|(before, root, behind, has_room)| {
        let room = if has_room { " ".repeat(40) } else { String::new() };
        let mut document = before.to_owned();
        root.write(&BTreeMap::new(), &mut document);
        document + &room + behind
    })
}

/// An element that binds most of the prefixes.
fn root() -> impl Strategy<Value = Element> {
    let bound = prop::sample::subsequence(PREFIXES, 0..=PREFIXES.len());
    (bound, prop::sample::select(URIS), element()).prop_map(|(bound, uri, mut root)| {
        root.items.extend(bound.into_iter().map(|prefix| Item::Declaration { prefix, uri }));
        root
    })
}

fn element() -> impl Strategy<Value = Element> {
    let leaf = prop::sample::select(OTHERS).prop_map(Node::Other);
    let node = leaf.prop_recursive(5, 40, 5, |inner| {
        element_of(prop::collection::vec(inner, 0..5)).prop_map(Node::Element)
    });
    element_of(prop::collection::vec(node, 1..5))
}

fn element_of(children: impl Strategy<Value = Vec<Node>>) -> impl Strategy<Value = Element> {
    let style = prop_oneof![6 => Just(Style::Canonical), 1 => Just(Style::Empty), 1 => Just(Style::Loose)];
    let items = prop_oneof![
        3 => Just(Vec::new()),
        6 => prop::collection::vec(item(), 1..6),
        1 => prop::collection::vec(item(), 6..14),
    ];
    (prop::sample::select(PREFIXES), prop::sample::select(LOCAL_NAMES), items, style, children).prop_map(
        |(prefix, local_name, items, style, children)| Element { prefix, local_name, items, style, children },
    )
}

fn item() -> impl Strategy<Value = Item> {
    let prefix = || prop::sample::select(PREFIXES);
    let local_name = prop::sample::select(LOCAL_NAMES);
    let of_xml = prop::sample::select(XML_ATTRIBUTES).prop_flat_map(|(local_name, values)| {
        prop::sample::select(values).prop_map(move |value| Item::Attribute {
            prefix: "xml",
            local_name,
            value,
        })
    });
    prop_oneof![
        6 => (prefix(), prop::sample::select(URIS))
            .prop_map(|(prefix, uri)| Item::Declaration { prefix, uri }),
        1 => Just(Item::Declaration { prefix: "", uri: "" }),
        1 => Just(Item::Declaration { prefix: "xml", uri: XML }),
        6 => (prefix(), local_name, prop::sample::select(VALUES))
            .prop_map(|(prefix, local_name, value)| Item::Attribute { prefix, local_name, value }),
        2 => of_xml,
    ]
}

impl Element {
    fn write(&self, around: &BTreeMap<&'static str, &'static str>, document: &mut String) {
        let mut scope = around.clone();
        let items = self.consistent_items(&mut scope);
        let name = qualified(self.prefix, self.local_name, &scope);
        let (before, equals, quote) = match self.style {
            Style::Loose => ("\r\n  ", " = ", '\''),
            Style::Canonical | Style::Empty => (" ", "=", '"'),
        };
        *document += &format!("<{name}");
        for item in items {
            let (name, value) = match item {
                Item::Declaration { prefix: "", uri } => ("xmlns".to_owned(), uri),
                Item::Declaration { prefix, uri } => (format!("xmlns:{prefix}"), uri),
                Item::Attribute { prefix, local_name, value } => {
                    (qualified(prefix, local_name, &scope), value)
                }
            };
            *document += &format!("{before}{name}{equals}{quote}{value}{quote}");
        }
        if self.children.is_empty() && self.style == Style::Empty {
            *document += "/>";
            return;
        }
        *document += ">";
        for child in &self.children {
            match child {
                Node::Element(element) => element.write(&scope, document),
                Node::Other(written) => *document += written,
            }
        }
        *document += &format!("</{name}>");
    }

    /// Declarations and attributes less those that would be there twice. What is declared is in scope then.
    fn consistent_items(&self, scope: &mut BTreeMap<&'static str, &'static str>) -> Vec<Item> {
        let mut declared = BTreeSet::new();
        let mut items = self.items.clone();
        items.retain(|item| match item {
            Item::Declaration { prefix, uri } => {
                let is_first = declared.insert(*prefix);
                if is_first {
                    scope.insert(*prefix, *uri);
                }
                is_first
            }
            Item::Attribute { .. } => true,
        });
        let mut named = BTreeSet::new();
        items.retain(|item| match item {
            Item::Declaration { .. } => true,
            Item::Attribute { prefix: "", local_name, .. } => named.insert(("", *local_name)),
            Item::Attribute { prefix: "xml", local_name, .. } => named.insert((XML, *local_name)),
            Item::Attribute { prefix, local_name, .. } => {
                named.insert((scope.get(prefix).copied().unwrap_or_default(), *local_name))
            }
        });
        items
    }
}

/// A name with its prefix, or without it where that is not bound.
fn qualified(prefix: &str, local_name: &str, scope: &BTreeMap<&'static str, &'static str>) -> String {
    match prefix {
        "" => local_name.to_owned(),
        "xml" => format!("xml:{local_name}"),
        bound if scope.contains_key(bound) => format!("{bound}:{local_name}"),
        _ => local_name.to_owned(),
    }
}

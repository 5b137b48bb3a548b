//! Generated documents.

use proptest::prelude::*;

/// A well-formed element, with namespaces declared on it that its names use.
pub(crate) fn element(depth: u32) -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "text",
        "&lt;&#xD;&#233;",
        "<![CDATA[<&]]>",
        "<!-- c -->",
        "\r\n\t",
        "<p:a xmlns:p='urn:other' p:b=''/>",
    ]);
    let declarations = prop::sample::subsequence(
        vec!["xmlns='urn:d'", "xmlns:p='urn:p'", "xmlns:q='urn:q'", "xmlns:r='urn:q'"],
        0..=4,
    );
    leaf.prop_map(str::to_owned)
        .prop_recursive(depth, 32, 4, move |inner| {
            let name = prop::sample::select(vec!["a", "b"]);
            let value = prop::sample::select(vec!["", "1", "&quot;&#9;&#10;", "\t \n"]);
            (name, declarations.clone(), value, prop::collection::vec(inner, 0..4)).prop_map(
                |(name, declarations, value, children)| {
                    let (declarations, children) = (declarations.join(" "), children.concat());
                    format!("<{name} {declarations} z='{value}' y=\"{value}\">{children}</{name}>")
                },
            )
        })
        .prop_map(|inner| {
            format!("<p:root xmlns:p='urn:p' xmlns:q='urn:q' xmlns='urn:d' q:a='1'>{inner}</p:root>")
        })
}

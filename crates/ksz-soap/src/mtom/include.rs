use super::content_id::{ContentId, bounded};
use crate::{Envelope, Error, names};
use ksz_xml::{Limits, Markup, Reader};
use memchr::memmem::Finder;
use std::ops::Range;
use std::sync::LazyLock;

/// An `xop:Include` of an envelope (XOP section 2.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Include {
    content_id: ContentId,
    range: Range<usize>,
    is_in_body: bool,
}

impl Include {
    /// The part that it stands for.
    #[must_use]
    pub const fn content_id(&self) -> &ContentId {
        &self.content_id
    }

    /// Where in the octets of the envelope it stands.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Whether it stands in the Body.
    #[must_use]
    pub const fn is_in_body(&self) -> bool {
        self.is_in_body
    }

    /// Whether the element that a reader has just begun is one.
    #[must_use]
    pub fn is_begun(reader: &Reader<'_>) -> bool {
        let namespace = reader.namespace().map(|binding| reader.bindings()[binding].uri());
        reader.name().local_name() == "Include" && namespace == Some(names::XOP)
    }

    /// The part that the `xop:Include` stands for which a reader has just begun.
    ///
    /// # Errors
    ///
    /// - [`Error::HrefNotContentId`] if it has no `href`, or one that is not `cid:`. Nothing is ever fetched.
    /// - [`Error::IncludeAttribute`] if it has another attribute.
    pub fn target(reader: &Reader<'_>) -> Result<ContentId, Error> {
        let mut target = None;
        for attribute in reader.attributes() {
            if attribute.name().text() != "href" {
                return Err(Error::IncludeAttribute { name: bounded(attribute.name().text()) });
            }
            target = Some(ContentId::from_href(&attribute.value().decode())?);
        }
        target.ok_or_else(|| Error::HrefNotContentId { href: String::new() })
    }
}

/// Every `xop:Include` of an envelope, in document order.
///
/// Each must be the only child of its element (XOP section 3.2), be empty, and name a part by `cid:` (RFC 2392).
///
/// # Errors
///
/// - [`Error::Xml`] if it is no XML within these limits.
/// - [`Error::IncludeNotAlone`], [`Error::IncludeNotEmpty`], and those of [`Include::target`].
pub fn includes(envelope: &[u8], limits: &Limits) -> Result<Vec<Include>, Error> {
    let mut reader = Reader::new(envelope, limits)?;
    let text = reader.document();
    // Ranges count behind a byte order mark.
    let mark = envelope.len() - text.len();
    let mut found = Vec::new();
    let mut body = None;
    let mut before = None;
    while let Some(markup) = reader.next()? {
        if markup == Markup::Start {
            if body.is_none_or(|depth| reader.depth() <= depth) {
                body = Envelope::is_body(&reader).then(|| reader.depth());
            }
            if Include::is_begun(&reader) {
                if before != Some(Markup::Start) {
                    return Err(Error::IncludeNotAlone);
                }
                let content_id = Include::target(&reader)?;
                let start = reader.range().start;
                if reader.next()? != Some(Markup::End) {
                    return Err(Error::IncludeNotEmpty);
                }
                let range = mark + start..mark + reader.range().end;
                found.push(Include { content_id, range, is_in_body: body.is_some() });
                if reader.next()? != Some(Markup::End) {
                    return Err(Error::IncludeNotAlone);
                }
                before = Some(Markup::End);
                continue;
            }
        }
        before = Some(markup);
    }
    Ok(found)
}

/// Whether a document holds an `xop:Include` anywhere.
///
/// It is read only if it mentions the namespace, or may do so with character references, so that most messages without
/// attachments pay next to nothing.
///
/// # Errors
///
/// [`ksz_xml::Error`] if it is no XML within these limits.
pub fn holds_include(xml: &[u8], limits: &Limits) -> Result<bool, ksz_xml::Error> {
    /// What makes a reading necessary. Preparing the search costs more than searching a short message.
    static MENTIONS: LazyLock<[Finder<'_>; 2]> =
        LazyLock::new(|| [names::XOP.as_bytes(), b"&#"].map(Finder::new));
    if MENTIONS.iter().all(|mention| mention.find(xml).is_none()) {
        return Ok(false);
    }
    let mut reader = Reader::new(xml, limits)?;
    while let Some(markup) = reader.next()? {
        if markup == Markup::Start && Include::is_begun(&reader) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(body: &str) -> Result<Vec<Include>, Error> {
        let envelope = format!("\u{feff}{}", crate::write_envelope(body));
        includes(envelope.as_bytes(), &Limits::default()).inspect(|found| {
            for include in found {
                assert!(
                    envelope[include.range()].starts_with('<') && envelope[include.range()].ends_with('>')
                );
            }
        })
    }

    const XOP: &str = "xmlns:x='http://www.w3.org/2004/08/xop/include'";

    #[test]
    fn an_include_is_found_by_its_namespace_wherever_it_stands() {
        let found = find(&format!(
            "<a {XOP}><b><x:Include href='cid:1'/></b><c><Include href='cid:2'></Include></c>\
             <d><Include xmlns='http://www.w3.org/2004/08/xop/include' href='cid:3'></Include></d></a>"
        ));
        let ids: Vec<_> = found.unwrap().iter().map(|include| include.content_id.to_string()).collect();
        assert_eq!(ids, ["1", "3"]);
    }

    #[test]
    fn what_is_in_the_header_is_not_in_the_body() {
        let soap = names::SOAP_11;
        let include = "<x:Include href='cid:1'/>";
        let envelope = format!(
            "<e:Envelope xmlns:e='{soap}' {XOP}><e:Header><e:Body><t>{include}</t></e:Body></e:Header>\
             <e:Body>{include}</e:Body><after>{include}</after></e:Envelope>"
        );
        let found = includes(envelope.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(found.iter().map(Include::is_in_body).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn an_include_is_alone_and_empty() {
        let include = format!("<x:Include {XOP} href='cid:1'/>");
        for beside in [" ", "x", "<!-- -->", "<b/>", "<![CDATA[]]>"] {
            for content in [format!("{beside}{include}"), format!("{include}{beside}")] {
                assert_eq!(find(&format!("<a>{content}</a>")), Err(Error::IncludeNotAlone), "{content}");
            }
            let holding = format!("<a><x:Include {XOP} href='cid:1'>{beside}</x:Include></a>");
            assert_eq!(find(&holding), Err(Error::IncludeNotEmpty), "{holding}");
        }
        let twice = format!("<a>{include}{include}</a>");
        assert_eq!(find(&twice), Err(Error::IncludeNotAlone));
        let root = include.replace("/>", "></x:Include>");
        assert_eq!(includes(root.as_bytes(), &Limits::default()), Err(Error::IncludeNotAlone));
    }

    #[test]
    fn an_include_names_a_part_and_says_nothing_else() {
        let with = |attributes: &str| find(&format!("<a><x:Include {XOP} {attributes}/></a>"));
        for bad in ["", "href=''", "href='http://example.org/1'", "href='file:///etc/passwd'", "href='#a'"] {
            assert!(matches!(with(bad), Err(Error::HrefNotContentId { .. })), "{bad}");
        }
        for (bad, name) in [("href='cid:1' Id='a'", "Id"), ("x:href='cid:1'", "x:href")] {
            assert_eq!(with(bad), Err(Error::IncludeAttribute { name: name.into() }));
        }
        assert_eq!(with("href='&#99;id:1'").unwrap()[0].content_id.as_str(), "1");
    }

    #[test]
    fn a_text_about_includes_is_none() {
        let holds = |xml: &str| holds_include(xml.as_bytes(), &Limits::default()).unwrap();
        assert!(holds(&format!("<a {XOP}><b><x:Include/></b></a>")));
        for none in [
            format!("<a {XOP}>x:Include<x:Other/><Include/></a>"),
            format!("<Include>{}</Include>", names::XOP),
        ] {
            assert!(!holds(&none), "{none}");
        }
    }
}

//! Putting an identifier and a header into an envelope without touching its other octets.

use crate::{Error, names};
use ksz_soap::Envelope;
use ksz_xml::{Document, Element, Limits};

/// An envelope whose Body has an identifier, and where its security header will stand.
#[derive(Debug)]
pub(crate) struct Identified {
    text: String,
    body_id: String,
}

impl Identified {
    /// Gives the Body the identifier `id`, unless it has one.
    pub(crate) fn new(envelope: &[u8], id: String, limits: &Limits) -> Result<Self, Error> {
        let document = Document::parse(envelope, limits)?;
        document.require_unique_ids()?;
        let found = Envelope::find(&document)?;
        let secured = found
            .header()
            .is_some_and(|header| header.children().any(|child| child.is(names::WSSE, "Security")));
        if secured {
            return Err(Error::AlreadySecured);
        }
        let body = found.body();
        if let Some(present) = body.attribute(names::WSU, "Id") {
            if !ksz_xml::is_ncname(present) {
                return Err(Error::IdNotAllowed { value: present.chars().take(100).collect() });
            }
            return Ok(Self { text: document.text().to_owned(), body_id: present.to_owned() });
        }
        let at = body.range().start + 1 + body.qualified_name().len();
        let (declaration, prefix) = utility_prefix(body);
        let mut text = String::with_capacity(document.text().len() + 200);
        text += &document.text()[..at];
        text += &format!("{declaration} {prefix}:Id=\"{id}\"");
        text += &document.text()[at..];
        Ok(Self { text, body_id: id })
    }

    /// The envelope with the identifier.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The Body's identifier.
    pub(crate) fn body_id(&self) -> &str {
        &self.body_id
    }

    /// The envelope with `security` as the last block of its Header, which is made if there is none.
    pub(crate) fn with_header(&self, envelope: Envelope<'_>, security: &str) -> String {
        let (from, to, before, after) = match envelope.header() {
            None => {
                let name = header_name(envelope);
                let at = envelope.body().range().start;
                (at, at, format!("<{name}>"), format!("</{name}>"))
            }
            Some(header) => match header.content_range() {
                Some(content) => (content.end, content.end, String::new(), String::new()),
                None => {
                    let end = header.range().end;
                    (end - 2, end, ">".to_owned(), format!("</{}>", header.qualified_name()))
                }
            },
        };
        [&self.text[..from], &before, security, &after, &self.text[to..]].concat()
    }
}

/// A prefix for the Body's identifier, with the declaration it needs: the one that is bound already, else one
/// that is free.
fn utility_prefix(body: Element<'_>) -> (String, String) {
    let bound = body.namespaces().find(|(prefix, uri)| *uri == names::WSU && !prefix.is_empty());
    if let Some((prefix, _)) = bound {
        return (String::new(), prefix.to_owned());
    }
    let mut prefix = "wsu".to_owned();
    while body.lookup_namespace(&prefix).is_some() {
        prefix += "_";
    }
    (format!(" xmlns:{prefix}=\"{}\"", names::WSU), prefix)
}

fn header_name(envelope: Envelope<'_>) -> String {
    match envelope.root().prefix() {
        "" => "Header".to_owned(),
        prefix => format!("{prefix}:Header"),
    }
}

//! Putting an identifier and a header into an envelope without touching its other octets.

use crate::{Error, names};
use ksz_soap::Envelope;
use ksz_xml::{Document, Element};
use std::borrow::Cow;
use std::ops::Range;

/// The text of an envelope whose Body has an identifier, and where its security header will stand.
#[derive(Debug)]
pub(crate) struct Identified<'d> {
    text: String,
    body: Range<usize>,
    body_id: &'d str,
    /// The prefix of the identifier.
    body_prefix: Cow<'d, str>,
    header: Place,
}

/// Where a block of the Header goes: what it replaces, and what it needs around it.
#[derive(Debug)]
struct Place {
    range: Range<usize>,
    before: String,
    after: String,
}

/// About how long a security header is; its token may be longer.
const HEADER: usize = 8 * 1024;

impl<'d> Identified<'d> {
    /// Gives the Body the identifier `id`, unless it has one.
    pub(crate) fn new(document: &'d Document<'_>, envelope: Envelope<'d>, id: &'d str) -> Result<Self, Error> {
        document.require_unique_ids()?;
        let is_security = |child: Element<'_>| child.is(names::WSSE, "Security");
        if envelope.header().is_some_and(|header| header.children().any(is_security)) {
            return Err(Error::AlreadySecured);
        }
        let body = envelope.body();
        let present = body.attributes().find(|a| a.namespace() == names::WSU && a.local_name() == "Id");
        let (body_id, body_prefix, added) = match present {
            Some(present) if ksz_xml::is_ncname(present.value()) => {
                (present.value(), Cow::Borrowed(present.prefix()), String::new())
            }
            Some(present) => {
                return Err(Error::IdNotAllowed { value: present.value().chars().take(100).collect() });
            }
            None => {
                let (declaration, prefix) = utility_prefix(body);
                let added = format!("{declaration} {prefix}:Id=\"{id}\"");
                (id, Cow::Owned(prefix), added)
            }
        };
        let (source, range) = (document.text(), body.range());
        let at = range.start + 1 + body.qualified_name().len();
        let mut text = String::with_capacity(source.len() + added.len() + HEADER);
        text += &source[..at];
        text += &added;
        text += &source[at..];
        let body = range.start..range.end + added.len();
        Ok(Self { text, body, body_id, body_prefix, header: Place::in_envelope(envelope) })
    }

    /// The Body with its identifier, in the scope that it stands in.
    pub(crate) fn body(&self) -> &str {
        &self.text[self.body.clone()]
    }

    /// The Body's identifier.
    pub(crate) const fn body_id(&self) -> &str {
        self.body_id
    }

    /// The prefix of the attribute that holds it.
    pub(crate) fn body_prefix(&self) -> &str {
        &self.body_prefix
    }

    /// The envelope with `security` as the last block of its Header, which is made if there is none.
    pub(crate) fn with_header(mut self, security: &str) -> String {
        let Place { range, before, after } = self.header;
        self.text.replace_range(range, &[&before, security, &after].concat());
        self.text
    }
}

impl Place {
    fn in_envelope(envelope: Envelope<'_>) -> Self {
        let Some(header) = envelope.header() else {
            let (name, at) = (header_name(envelope), envelope.body().range().start);
            return Self { range: at..at, before: format!("<{name}>"), after: format!("</{name}>") };
        };
        match header.content_range() {
            Some(content) => {
                Self { range: content.end..content.end, before: String::new(), after: String::new() }
            }
            None => {
                let end = header.range().end;
                let after = format!("</{}>", header.qualified_name());
                Self { range: end - "/>".len()..end, before: ">".to_owned(), after }
            }
        }
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

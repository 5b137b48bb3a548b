//! Reading an envelope that is to be signed: once, without a tree, however long its Body is.

use crate::{Error, names};
use ksz_pki::{Digest, DigestAlgorithm, Hasher};
use ksz_soap::{Envelope, SoapVersion};
use ksz_xml::{Document, Limits, Markup, Reader};
use ksz_xmldsig::{CanonicalizationMethod, Expand, PrefixList};
use std::cell::OnceCell;
use std::ops::Range;

/// What a signer must know of an envelope, and where its security header and the Body's identifier go.
#[derive(Debug)]
pub(crate) struct Outline<'e> {
    text: &'e str,
    pub(crate) version: SoapVersion,
    /// The namespaces in scope of the blocks of the Header.
    pub(crate) outer: Vec<(String, String)>,
    header: Place,
    pub(crate) body: Body,
}

/// The Body as it is to be signed.
#[derive(Debug)]
pub(crate) struct Body {
    /// Where in its tag the identifier goes, if it has none.
    at: usize,
    added: String,
    pub(crate) id: String,
    pub(crate) prefixes: Option<PrefixList>,
    pub(crate) digest: Digest,
}

/// Where a block of the Header goes: what it replaces, and what it needs around it.
#[derive(Debug)]
struct Place {
    range: Range<usize>,
    before: String,
    after: String,
}

impl<'e> Outline<'e> {
    /// Reads the envelope, and digests its Body with the identifier `id` unless it has one. The identifiers that will be
    /// `written` into it must be free. The envelope must be of a version that is `allowed`.
    ///
    /// `list` makes a `PrefixList` of the prefixes in scope of the Body that its own tag does not use, if there is to be
    /// one. Elements of the Body may stand for the octets that `expand` gives.
    pub(crate) fn read(
        envelope: &'e [u8],
        allowed: &[SoapVersion],
        mut expand: Option<&mut dyn Expand>,
        id: &str,
        written: &[&str],
        list: impl Fn(String) -> Option<PrefixList>,
    ) -> Result<Self, Error> {
        let id_name = OnceCell::new();
        let reader = Reader::new(envelope, &Limits::widest())?;
        let text = reader.document();
        let mut reader = reader.with_ids();
        while reader.next()?.is_some_and(|markup| markup != Markup::Start) {}
        let version =
            SoapVersion::of_namespace(namespace(&reader)).filter(|version| allowed.contains(version));
        let version = version.filter(|_| reader.depth() == 1 && reader.name().local_name() == "Envelope");
        let version = version.ok_or_else(|| refusal(envelope, allowed))?;
        let name = reader.name();
        let mut outer = namespaces(&reader);
        let (mut header, mut body) = (None, None);
        while let Some(markup) = reader.next()? {
            match markup {
                Markup::Start if body.is_some() => return Err(refusal(envelope, allowed)),
                Markup::Start if is(&reader, version, "Body") => {
                    let at = reader.range().start;
                    header.get_or_insert_with(|| Place::before_body(name.prefix(), at));
                    body = Some(Body::read(&mut reader, expand.take(), id, &id_name, &list)?);
                }
                Markup::Start if is(&reader, version, "Header") && header.is_none() => {
                    outer = namespaces(&reader);
                    header = Some(Place::in_header(&mut reader)?);
                }
                Markup::Text if reader.text().decode().trim_matches([' ', '\t', '\r', '\n']).is_empty() => {}
                Markup::End => {}
                Markup::Comment if reader.depth() == 0 => {}
                _ => return Err(refusal(envelope, allowed)),
            }
        }
        reader.require_unique_ids()?;
        let added = body.iter().filter(|body: &&Body| !body.added.is_empty()).map(|body| body.id.as_str());
        if let Some(value) = written.iter().copied().chain(added).find(|id| reader.has_id(id)) {
            return Err(ksz_xml::Error::RepeatedId { value: value.to_owned() }.into());
        }
        match (header, body) {
            (Some(header), Some(body)) => Ok(Self { text, version, outer, header, body }),
            _ => Err(refusal(envelope, allowed)),
        }
    }

    /// The envelope with `security` as the last block of its Header, which is made if there is none.
    pub(crate) fn with_header(&self, security: &str) -> String {
        let Place { range, before, after } = &self.header;
        let (text, body) = (self.text, &self.body);
        [
            &text[..range.start],
            before,
            security,
            after,
            &text[range.end..body.at],
            &body.added,
            &text[body.at..],
        ]
        .concat()
    }
}

impl Body {
    /// Reads the Body that has just begun, up to its end.
    fn read<'r>(
        reader: &mut Reader<'r>,
        expand: Option<&mut dyn Expand>,
        id: &'r str,
        id_name: &'r OnceCell<String>,
        list: impl Fn(String) -> Option<PrefixList>,
    ) -> Result<Self, Error> {
        let at = reader.range().start + 1 + reader.name().text().len();
        let is_id = |attribute: &&ksz_xml::RawAttribute<'_>| {
            let namespace = attribute.namespace().map(|binding| reader.bindings()[binding].uri());
            namespace == Some(names::WSU) && attribute.name().local_name() == "Id"
        };
        let present = reader.attributes().iter().find(is_id).map(|attribute| attribute.value().decode());
        let (id, added) = match present {
            Some(present) if ksz_xml::is_ncname(&present) => (present.into_owned(), String::new()),
            Some(present) => {
                return Err(Error::IdNotAllowed { value: present.chars().take(100).collect() });
            }
            None => {
                let (is_bound, prefix) = utility_prefix(reader);
                let name = id_name.get_or_init(|| format!("{prefix}:Id"));
                reader.add_attribute(names::WSU, name, id)?;
                let declaration =
                    if is_bound { String::new() } else { format!(" xmlns:{prefix}=\"{}\"", names::WSU) };
                (id.to_owned(), format!("{declaration} {name}=\"{id}\""))
            }
        };
        let prefixes = list(unused_prefixes(reader));
        let method = CanonicalizationMethod::exclusive(prefixes.clone().unwrap_or_default());
        let mut digest = Hasher::new(DigestAlgorithm::Sha256);
        match expand {
            Some(expand) => method.canonicalize_open_expanding(reader, expand, &mut digest)?,
            None => method.canonicalize_open(reader, &mut digest)?,
        }
        Ok(Self { at, added, id, prefixes, digest: digest.finish() })
    }
}

impl Place {
    /// In a Header of its own, before the Body.
    fn before_body(prefix: &str, at: usize) -> Self {
        let name = if prefix.is_empty() { "Header".to_owned() } else { format!("{prefix}:Header") };
        Self { range: at..at, before: format!("<{name}>"), after: format!("</{name}>") }
    }

    /// At the end of the Header that has just begun.
    fn in_header(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let (name, tag) = (reader.name().text(), reader.range());
        while let Some(markup) = reader.next()? {
            match markup {
                Markup::Start => {
                    if reader.name().local_name() == "Security" && namespace(reader) == names::WSSE {
                        return Err(Error::AlreadySecured);
                    }
                    reader.pass_over()?;
                }
                Markup::End => break,
                _ => {}
            }
        }
        let end = reader.range();
        Ok(if end.is_empty() {
            Self { range: tag.end - "/>".len()..tag.end, before: ">".to_owned(), after: format!("</{name}>") }
        } else {
            Self { range: end.start..end.start, before: String::new(), after: String::new() }
        })
    }
}

/// Why an envelope of another shape is none: the reader of envelopes says it.
fn refusal(envelope: &[u8], allowed: &[SoapVersion]) -> Error {
    let document = match Document::parse(envelope, &Limits::widest()) {
        Ok(document) => document,
        Err(error) => return error.into(),
    };
    let found = Envelope::find_as(&document, allowed).map(|_| ());
    found.err().map_or(ksz_soap::Error::EnvelopeShape { found: "nothing".into() }, |error| error).into()
}

fn is(reader: &Reader<'_>, version: SoapVersion, local_name: &str) -> bool {
    reader.name().local_name() == local_name && namespace(reader) == version.namespace()
}

fn namespace<'r>(reader: &'r Reader<'_>) -> &'r str {
    reader.namespace().map_or("", |binding| reader.bindings()[binding].uri())
}

fn namespaces(reader: &Reader<'_>) -> Vec<(String, String)> {
    reader.namespaces().into_iter().map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned())).collect()
}

/// A prefix for the Body's identifier: one that is bound already, else one that is free.
fn utility_prefix(reader: &Reader<'_>) -> (bool, String) {
    let bound =
        reader.namespaces().into_iter().find(|(prefix, uri)| *uri == names::WSU && !prefix.is_empty());
    if let Some((prefix, _)) = bound {
        return (true, prefix.to_owned());
    }
    let mut prefix = "wsu".to_owned();
    while reader.lookup(&prefix).is_some() {
        prefix += "_";
    }
    (false, prefix)
}

/// The prefixes in scope of an element that its own tag does not use.
fn unused_prefixes(reader: &Reader<'_>) -> String {
    let mut used: Vec<_> = reader.attributes().iter().map(|attribute| attribute.name().prefix()).collect();
    used.push(reader.name().prefix());
    joined(reader.namespaces().iter().map(|(prefix, _)| *prefix), &used)
}

/// Prefixes as a `PrefixList`, without some.
pub(crate) fn joined<'p>(prefixes: impl Iterator<Item = &'p str>, without: &[&str]) -> String {
    let mut list = String::new();
    for prefix in prefixes.filter(|prefix| !without.contains(prefix)) {
        if !list.is_empty() {
            list += " ";
        }
        list += if prefix.is_empty() { "#default" } else { prefix };
    }
    list
}

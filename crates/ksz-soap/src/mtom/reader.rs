use super::content_id::ContentId;
use super::content_type::PackageType;
use super::include::{Include, includes};
use super::limits::MtomLimits;
use super::parser::{PackageEvent, PackageParser};
use super::part_headers::PartHeaders;
use super::part_source::{PartReader, PartSource};
use super::store::Store;
use crate::Error;
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_xml::Limits;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io::Read;

/// Receives a package as its octets come: the root into memory, every other part into a [`Store`].
pub struct PackageReader<S: Store> {
    parser: PackageParser,
    collected: Collected<S>,
}

impl<S: Store> fmt::Debug for PackageReader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackageReader({} parts)", self.collected.parts.len())
    }
}

impl<S: Store> PackageReader<S> {
    /// A reader for a message with this Content-Type.
    ///
    /// # Errors
    ///
    /// Those of [`PackageParser::new`].
    pub fn new(content_type: &str, limits: &MtomLimits, store: S) -> Result<Self, Error> {
        let package = PackageType::parse(content_type)?;
        let parser = PackageParser::of(&package, limits);
        let collected = Collected {
            package,
            limits: limits.clone(),
            store,
            seen: HashSet::new(),
            open: None,
            is_first: true,
            root: None,
            parts: Vec::new(),
        };
        Ok(Self { parser, collected })
    }

    /// Takes the next octets of the message.
    ///
    /// # Errors
    ///
    /// Those of [`PackageParser::push`], [`Error::RepeatedContentId`], [`Error::RootType`], and [`Error::PartNotKept`] if
    /// the store cannot keep a part. The reader is of no further use then.
    pub fn push(&mut self, octets: &[u8]) -> Result<(), Error> {
        let Self { parser, collected } = self;
        parser.push(octets, &mut |event| collected.take(event))
    }

    /// The package, when all octets have come.
    ///
    /// # Errors
    ///
    /// [`Error::PackageCutOff`], [`Error::NoRootPart`].
    pub fn finish(self) -> Result<ReceivedPackage<S::Source>, Error> {
        let Self { parser, collected } = self;
        parser.finish()?;
        let Collected { package, limits, root, parts, .. } = collected;
        let root = root.ok_or_else(|| Error::NoRootPart {
            start: package.start.map_or_else(String::new, |start| start.as_str().to_owned()),
        })?;
        Ok(ReceivedPackage { root, parts, outside_body: limits.outside_body })
    }
}

/// What has come so far.
struct Collected<S: Store> {
    package: PackageType,
    limits: MtomLimits,
    store: S,
    seen: HashSet<ContentId>,
    open: Option<Open>,
    is_first: bool,
    root: Option<Root>,
    parts: Vec<ReceivedPart<S::Source>>,
}

/// The part that is being received.
#[derive(Debug)]
enum Open {
    Root(Root),
    Other(PartHeaders),
}

impl<S: Store> Collected<S> {
    fn take(&mut self, event: PackageEvent<'_>) -> Result<(), Error> {
        match event {
            PackageEvent::Begin(headers) => self.begin(headers),
            PackageEvent::Data(octets) => match &mut self.open {
                Some(Open::Root(root)) => {
                    let limit = self.limits.root;
                    if octets.len() > limit - root.octets.len() {
                        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
                        return Err(Error::PackageLimit { what: "octets of the root part", limit });
                    }
                    root.octets.extend_from_slice(octets);
                    Ok(())
                }
                _ => self.store.write(octets).map_err(not_kept),
            },
            PackageEvent::End => {
                match self.open.take() {
                    Some(Open::Root(root)) => self.root = Some(root),
                    Some(Open::Other(headers)) => {
                        let source = self.store.end().map_err(not_kept)?;
                        self.parts.push(ReceivedPart { headers, source });
                    }
                    None => {}
                }
                Ok(())
            }
            PackageEvent::Close => Ok(()),
        }
    }

    fn begin(&mut self, headers: PartHeaders) -> Result<(), Error> {
        if let Some(id) = headers.content_id()
            && !self.seen.insert(id.clone())
        {
            return Err(Error::RepeatedContentId { content_id: id.to_string() });
        }
        let is_root = match &self.package.start {
            Some(start) => headers.content_id() == Some(start),
            None => self.is_first,
        };
        self.is_first = false;
        self.open = Some(if is_root {
            self.package.check_root(headers.content_type())?;
            Open::Root(Root { content_id: headers.content_id().cloned(), octets: Vec::new() })
        } else {
            Open::Other(headers)
        });
        Ok(())
    }
}

fn not_kept(error: std::io::Error) -> Error {
    Error::PartNotKept { why: error.kind() }
}

/// The part with the envelope.
struct Root {
    content_id: Option<ContentId>,
    octets: Vec<u8>,
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root({:?}, {} octets)", self.content_id, self.octets.len())
    }
}

/// A package as it came. Nothing of it is verified.
#[derive(Debug)]
pub struct ReceivedPackage<S> {
    root: Root,
    parts: Vec<ReceivedPart<S>>,
    outside_body: u64,
}

/// A part that is not the root.
#[derive(Clone)]
pub struct ReceivedPart<S> {
    headers: PartHeaders,
    source: S,
}

impl<S> ReceivedPart<S> {
    /// Its headers, which no signature covers.
    #[must_use]
    pub const fn headers(&self) -> &PartHeaders {
        &self.headers
    }

    /// Its octets.
    #[must_use]
    pub const fn source(&self) -> &S {
        &self.source
    }

    /// Its octets alone.
    #[must_use]
    pub fn into_source(self) -> S {
        self.source
    }
}

impl<S> fmt::Debug for ReceivedPart<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceivedPart({:?})", self.headers)
    }
}

/// What becomes of parts that no `xop:Include` names.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum UnreferencedParts {
    /// The package is refused.
    #[default]
    Refused,
    /// They are dropped, and nobody reads them.
    Dropped,
}

/// A package whose parts are known by their places in the envelope.
pub struct Unpacked<S> {
    /// The envelope. In its Body, each `xop:Include` stands for the attachment of the same position; elsewhere, none is
    /// left.
    pub envelope: Vec<u8>,
    /// The parts that the Body includes, in its order.
    pub attachments: Vec<ReceivedPart<S>>,
}

impl<S> fmt::Debug for Unpacked<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unpacked({} octets, {:?})", self.envelope.len(), self.attachments)
    }
}

impl<S: PartSource> ReceivedPackage<S> {
    /// Finds the place of every part: what is included outside of the Body, such as a token, is put there as base64; what
    /// the Body includes stays a part.
    ///
    /// # Errors
    ///
    /// - Those of [`includes`].
    /// - [`Error::PartMissing`], [`Error::RootIncluded`], [`Error::RepeatedInclude`].
    /// - [`Error::PartNotIncluded`] for a part that no `xop:Include` names, unless such parts are dropped.
    /// - [`Error::PackageLimit`] for more than [`MtomLimits::outside_body`]; [`Error::PartUnreadable`].
    pub fn unpack(self, limits: &Limits, unreferenced: UnreferencedParts) -> Result<Unpacked<S>, Error> {
        let Self { root, parts, outside_body } = self;
        let found = includes(&root.octets, limits)?;
        let mut by_id = HashMap::new();
        let mut unnamed = None;
        for part in parts {
            match part.headers.content_id().cloned() {
                Some(id) => drop(by_id.insert(id, part)),
                None => unnamed = Some(part),
            }
        }
        let mut taken = HashSet::new();
        let (mut attachments, mut outside) = (Vec::new(), Vec::new());
        for include in found {
            let id = include.content_id();
            if root.content_id.as_ref() == Some(id) {
                return Err(Error::RootIncluded);
            }
            let Some(part) = by_id.remove(id) else {
                let content_id = id.to_string();
                return Err(if taken.contains(id) {
                    Error::RepeatedInclude { content_id }
                } else {
                    Error::PartMissing { content_id }
                });
            };
            taken.insert(id.clone());
            if include.is_in_body() {
                attachments.push(part);
            } else {
                outside.push((include, part));
            }
        }
        if unreferenced == UnreferencedParts::Refused
            && let Some(part) = unnamed.or_else(|| by_id.into_values().next())
        {
            let id = part.headers.content_id().map_or_else(String::new, |id| id.to_string());
            return Err(Error::PartNotIncluded { content_id: id });
        }
        let envelope = if outside.is_empty() {
            root.octets
        } else {
            in_their_places(&root.octets, &outside, outside_body)?
        };
        Ok(Unpacked { envelope, attachments })
    }
}

/// The envelope with the base64 of parts instead of what includes them.
fn in_their_places<S: PartSource>(
    envelope: &[u8],
    outside: &[(Include, ReceivedPart<S>)],
    limit: u64,
) -> Result<Vec<u8>, Error> {
    let total = outside.iter().fold(0_u64, |total, (_, part)| total.saturating_add(part.source.length()));
    if total > limit {
        return Err(Error::PackageLimit { what: "octets of parts outside of the Body", limit });
    }
    let mut text = Vec::with_capacity(envelope.len());
    let mut done = 0;
    for (include, part) in outside {
        let mut octets = Vec::new();
        let read = PartReader::new(&part.source).read_to_end(&mut octets);
        read.map_err(|error| Error::PartUnreadable { why: error.kind() })?;
        text.extend_from_slice(&envelope[done..include.range().start]);
        text.extend_from_slice(STANDARD.encode(&octets).as_bytes());
        done = include.range().end;
    }
    text.extend_from_slice(&envelope[done..]);
    Ok(text)
}

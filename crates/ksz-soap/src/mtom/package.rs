use super::attachment::{Attachment, part_headers};
use super::content_id::{ContentId, bounded};
use super::content_type::ROOT;
use super::include::includes;
use super::part_source::PartSource;
use crate::{Error, SoapVersion};
use ksz_xml::{Limits, Markup, Reader};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::io::{self, Write};

/// An envelope and its attachments, to be sent: each attachment is included once, and nothing else is.
///
/// Its length is known before it is written, and no more than a piece of it is in memory besides the envelope.
pub struct Package {
    envelope: String,
    attachments: Vec<Attachment>,
    root: ContentId,
    boundary: String,
    version: SoapVersion,
}

/// How many octets a piece has, but for the last.
const PIECE: usize = 64 * 1024;

impl Package {
    /// A package of an envelope, which says of which version of SOAP it is.
    ///
    /// `unique` becomes part of its boundary and must be unpredictable: whoever can guess it can write an attachment that
    /// ends early and goes on as another part.
    ///
    /// # Errors
    ///
    /// - [`Error::BoundaryNotAllowed`] if `unique` is not one to 60 letters, digits, hyphens or points.
    /// - [`Error::NotEnvelope`], and those of [`includes`].
    /// - [`Error::RepeatedContentId`], [`Error::PartMissing`], [`Error::RepeatedInclude`], [`Error::PartNotIncluded`] if
    ///   the envelope does not include each attachment once.
    pub fn new(envelope: String, attachments: Vec<Attachment>, unique: &str) -> Result<Self, Error> {
        let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"-.".contains(&octet);
        if !(1..=60).contains(&unique.len()) || !unique.bytes().all(allowed) {
            return Err(Error::BoundaryNotAllowed { value: bounded(unique) });
        }
        let root = ContentId::new(&format!("root-{unique}@ksz"))?;
        let version = version_of(&envelope)?;
        let package = Self { envelope, attachments, root, boundary: format!("ksz-{unique}"), version };
        package.check()?;
        Ok(package)
    }

    /// The same attachments with another envelope, such as the signed one.
    ///
    /// # Errors
    ///
    /// Those of [`Self::new`].
    pub fn with_envelope(self, envelope: String) -> Result<Self, Error> {
        let package = Self { version: version_of(&envelope)?, envelope, ..self };
        package.check()?;
        Ok(package)
    }

    fn check(&self) -> Result<(), Error> {
        let mut waiting: HashSet<&ContentId> = HashSet::new();
        for id in self.attachments.iter().map(Attachment::content_id) {
            if !waiting.insert(id) || *id == self.root {
                return Err(Error::RepeatedContentId { content_id: id.to_string() });
            }
        }
        for include in includes(self.envelope.as_bytes(), &Limits::widest())? {
            let id = include.content_id();
            if !waiting.remove(id) {
                let is_known = self.attachments.iter().any(|attachment| attachment.content_id() == id);
                let content_id = id.to_string();
                return Err(if is_known {
                    Error::RepeatedInclude { content_id }
                } else {
                    Error::PartMissing { content_id }
                });
            }
        }
        match waiting.into_iter().next() {
            Some(id) => Err(Error::PartNotIncluded { content_id: id.to_string() }),
            None => Ok(()),
        }
    }

    /// The envelope, with `xop:Include` in it.
    #[must_use]
    pub fn envelope(&self) -> &str {
        &self.envelope
    }

    /// The attachments.
    #[must_use]
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }

    /// The value of the header `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> String {
        format!(
            "multipart/related; type=\"{ROOT}\"; boundary=\"{}\"; start=\"<{}>\"; start-info=\"{}\"",
            self.boundary,
            self.root,
            self.version.media_type()
        )
    }

    /// How many octets it has: the value of the header `Content-Length`.
    #[must_use]
    pub fn content_length(&self) -> u64 {
        let mut length = 0_u64;
        for index in 0..self.segments() {
            length = length.saturating_add(self.segment(index).length());
        }
        length
    }

    /// Writes it. Each attachment is read once, from its beginning.
    ///
    /// # Errors
    ///
    /// Those of the writer and of the sources; [`io::ErrorKind::UnexpectedEof`] if a source has fewer octets than it says.
    pub fn write_to(&self, writer: &mut impl Write) -> io::Result<()> {
        let (mut place, mut piece) = (Place::default(), Vec::with_capacity(PIECE));
        while self.read_piece(&mut place, &mut piece)? {
            writer.write_all(&piece)?;
        }
        Ok(())
    }

    /// Its octets in pieces, for a body that is streamed.
    #[must_use]
    pub fn into_chunks(self) -> Chunks {
        Chunks { package: self, place: Place::default(), failed: false }
    }

    /// Fills `piece` with what comes next; whether there was anything.
    fn read_piece(&self, place: &mut Place, piece: &mut Vec<u8>) -> io::Result<bool> {
        piece.clear();
        while piece.len() < PIECE && place.segment < self.segments() {
            let segment = self.segment(place.segment);
            let left = segment.length() - place.offset;
            let from = piece.len();
            let room = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE - from);
            piece.resize(from + room, 0);
            let count = segment.read_at(place.offset, &mut piece[from..])?;
            piece.truncate(from + count);
            place.offset += u64::try_from(count).unwrap_or(u64::MAX);
            if place.offset == segment.length() {
                *place = Place { segment: place.segment + 1, offset: 0 };
            } else if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(!piece.is_empty())
    }

    /// How many segments there are: two for each part, and the end.
    const fn segments(&self) -> usize {
        2 * (1 + self.attachments.len()) + 1
    }

    /// What is written one after the other: headers and octets of each part, the root first, and the end.
    fn segment(&self, index: usize) -> Segment<'_> {
        let boundary = &self.boundary;
        let attachment = index.checked_sub(2).and_then(|behind_root| self.attachments.get(behind_root / 2));
        match (index, attachment) {
            (0, _) => {
                let media_type = format!("{ROOT}; charset=UTF-8; type=\"{}\"", self.version.media_type());
                Segment::text(format!("--{boundary}\r\n{}", part_headers(&media_type, &self.root)))
            }
            (1, _) => Segment::Text(Cow::Borrowed(&self.envelope)),
            (_, None) => Segment::text(format!("\r\n--{boundary}--\r\n")),
            (_, Some(attachment)) if index.is_multiple_of(2) => {
                Segment::text(format!("\r\n--{boundary}\r\n{}", attachment.headers()))
            }
            (_, Some(attachment)) => Segment::Attachment(attachment.source()),
        }
    }
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Package({} octets, {:?})", self.envelope.len(), self.attachments)
    }
}

/// The version of SOAP that an envelope's first tag says.
fn version_of(envelope: &str) -> Result<SoapVersion, Error> {
    let mut reader = Reader::new(envelope.as_bytes(), &Limits::widest())?;
    while reader.next()?.is_some_and(|markup| markup != Markup::Start) {}
    let namespace = reader.namespace().map_or("", |binding| reader.bindings()[binding].uri());
    let name = reader.name().local_name();
    SoapVersion::of_namespace(namespace)
        .filter(|_| name == "Envelope")
        .ok_or_else(|| Error::NotEnvelope { namespace: bounded(namespace), name: bounded(name) })
}

/// A stretch of a package.
enum Segment<'p> {
    Text(Cow<'p, str>),
    Attachment(&'p dyn PartSource),
}

impl Segment<'_> {
    const fn text(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }

    fn length(&self) -> u64 {
        match self {
            Self::Text(text) => text.as_bytes().length(),
            Self::Attachment(source) => source.length(),
        }
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Text(text) => text.as_bytes().read_at(offset, buffer),
            Self::Attachment(source) => source.read_at(offset, buffer),
        }
    }
}

/// How far a package is written.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    segment: usize,
    offset: u64,
}

/// The octets of a [`Package`] in pieces. After an error there are none.
#[derive(Debug)]
pub struct Chunks {
    package: Package,
    place: Place,
    failed: bool,
}

impl Iterator for Chunks {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let mut piece = Vec::new();
        match self.package.read_piece(&mut self.place, &mut piece) {
            Ok(true) => Some(Ok(piece)),
            Ok(false) => None,
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attachment(id: &str, octets: &[u8]) -> Attachment {
        Attachment::new(ContentId::new(id).unwrap(), "application/pdf", octets.to_vec()).unwrap()
    }

    fn envelope(ids: &[&str]) -> String {
        let include = |id: &&str| format!("<b>{}</b>", ContentId::new(id).unwrap().to_include());
        crate::write_envelope(&format!("<a>{}</a>", ids.iter().map(include).collect::<String>()))
    }

    fn written(package: &Package) -> Vec<u8> {
        let mut octets = Vec::new();
        package.write_to(&mut octets).unwrap();
        octets
    }

    #[test]
    fn a_package_is_written_as_the_binding_says() {
        let package = Package::new(envelope(&["1@x"]), vec![attachment("1@x", b"%PDF")], "u.1").unwrap();
        assert_eq!(
            package.content_type(),
            "multipart/related; type=\"application/xop+xml\"; boundary=\"ksz-u.1\"; start=\"<root-u.1@ksz>\"; \
             start-info=\"text/xml\""
        );
        let expected = format!(
            "--ksz-u.1\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"text/xml\"\r\n\
             Content-Transfer-Encoding: binary\r\nContent-ID: <root-u.1@ksz>\r\n\r\n{}\r\n\
             --ksz-u.1\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: binary\r\n\
             Content-ID: <1@x>\r\n\r\n%PDF\r\n--ksz-u.1--\r\n",
            envelope(&["1@x"])
        );
        assert_eq!(String::from_utf8(written(&package)).unwrap(), expected);
    }

    #[test]
    fn a_package_says_of_which_version_its_envelope_is() {
        let new = |envelope: &str| Package::new(envelope.to_owned(), Vec::new(), "1");
        let soap_12 = SoapVersion::Soap12.namespace();
        let package =
            new(&format!("<!-- --><e:Envelope xmlns:e='{soap_12}'><e:Body/></e:Envelope>")).unwrap();
        assert!(package.content_type().ends_with("start-info=\"application/soap+xml\""));
        let root = "Content-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\n";
        assert!(String::from_utf8(written(&package)).unwrap().contains(root));
        for other in ["<Envelope/>".to_owned(), format!("<Body xmlns='{soap_12}'/>")] {
            assert!(matches!(new(&other), Err(Error::NotEnvelope { .. })), "{other}");
        }
    }

    #[test]
    fn its_length_is_known_and_its_chunks_are_the_same_octets() {
        for lengths in [vec![], vec![0], vec![PIECE, 1, 3 * PIECE + 7, 0]] {
            let ids: Vec<_> = (0..lengths.len()).map(|index| format!("part-{index}")).collect();
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            let attachments =
                ids.iter().zip(&lengths).map(|(id, length)| attachment(id, &vec![b'x'; *length])).collect();
            let package = Package::new(envelope(&ids), attachments, "1").unwrap();
            let octets = written(&package);
            assert_eq!(u64::try_from(octets.len()).unwrap(), package.content_length());
            let chunks: Vec<_> = package.into_chunks().map(Result::unwrap).collect();
            assert!(chunks.iter().all(|chunk| (1..=PIECE).contains(&chunk.len())));
            assert_eq!(chunks.concat(), octets);
        }
    }

    #[test]
    fn each_attachment_is_included_once_and_nothing_else_is() {
        let new = |included: &[&str], attached: &[&str]| {
            let attachments = attached.iter().map(|id| attachment(id, b"x")).collect();
            Package::new(envelope(included), attachments, "1").map(|_| ())
        };
        let content_id = || "a".to_owned();
        assert_eq!(new(&["a", "b"], &["b", "a"]), Ok(()));
        assert_eq!(new(&["a"], &[]), Err(Error::PartMissing { content_id: content_id() }));
        assert_eq!(new(&[], &["a"]), Err(Error::PartNotIncluded { content_id: content_id() }));
        assert_eq!(new(&["a", "a"], &["a"]), Err(Error::RepeatedInclude { content_id: content_id() }));
        assert_eq!(new(&["a"], &["a", "a"]), Err(Error::RepeatedContentId { content_id: content_id() }));
        assert!(matches!(new(&["root-1@ksz"], &["root-1@ksz"]), Err(Error::RepeatedContentId { .. })));
    }

    #[test]
    fn nothing_enters_a_header() {
        for bad in ["", "a b", "a\"b", "a\r\nb", "é", &"a".repeat(61)] {
            let refused = Package::new(envelope(&[]), Vec::new(), bad);
            assert!(matches!(refused, Err(Error::BoundaryNotAllowed { .. })), "{bad:?}");
        }
        for bad in ["", "a", "a/b\r\nX: 1", "a/b; c", "a/b; c=\u{1}"] {
            let refused = Attachment::new(ContentId::new("a").unwrap(), bad, Vec::new());
            assert!(matches!(refused, Err(Error::ContentTypeMalformed { .. })), "{bad:?}");
        }
    }

    #[test]
    fn a_source_that_ends_early_is_an_error_and_never_a_shorter_package() {
        struct Short;
        impl PartSource for Short {
            fn length(&self) -> u64 {
                4
            }
            fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
                b"abc".as_slice().read_at(offset, buffer)
            }
        }
        let short = Attachment::new(ContentId::new("a").unwrap(), "a/b", Short).unwrap();
        let package = Package::new(envelope(&["a"]), vec![short], "1").unwrap();
        let error = package.write_to(&mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        let mut chunks = package.into_chunks();
        assert!(chunks.by_ref().any(|chunk| chunk.is_err()));
        assert!(chunks.next().is_none());
    }
}

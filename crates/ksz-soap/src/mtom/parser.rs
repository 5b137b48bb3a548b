use super::content_type::PackageType;
use super::limits::MtomLimits;
use super::part_headers::PartHeaders;
use crate::Error;
use memchr::memmem::{self, Finder};
use std::fmt;

/// What a [`PackageParser`] finds, in the order of the message. The octets do not print.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub enum PackageEvent<'p> {
    /// A part begins.
    Begin(PartHeaders),
    /// The next octets of that part. How they are cut says nothing.
    Data(&'p [u8]),
    /// The part ends.
    End,
    /// The package ends: its closing boundary was read.
    Close,
}

impl fmt::Debug for PackageEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin(headers) => write!(f, "Begin({headers:?})"),
            Self::Data(octets) => write!(f, "Data({} octets)", octets.len()),
            Self::End => f.write_str("End"),
            Self::Close => f.write_str("Close"),
        }
    }
}

/// Reads the parts of a `multipart/related` message as its octets come (RFC 2046 section 5.1), without IO.
///
/// It keeps the headers of one part, or as many octets as a boundary has. What stands before the first and behind the
/// closing boundary is passed over. Lines end with CRLF; the one before a boundary belongs to it.
pub struct PackageParser {
    limits: MtomLimits,
    /// Finds the delimiter: CRLF, two hyphens, the boundary.
    delimiter: Finder<'static>,
    state: State,
    /// What came and cannot be given out yet.
    pending: Vec<u8>,
    total: u64,
    parts: usize,
}

impl fmt::Debug for PackageParser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackageParser({:?}, {} octets)", self.state, self.total)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// Before the first delimiter.
    Preamble,
    /// Behind a delimiter, where its line ends.
    Delimiter,
    /// In the headers of a part, among the first of which there is no empty line.
    Headers { searched: usize },
    /// In a part. `pending` begins with the CRLF that ends the headers if nothing was given out: it may be that of the
    /// next delimiter.
    Data { is_first: bool },
    /// Behind the closing delimiter.
    Epilogue,
}

/// The end of a line.
const CRLF: &[u8] = b"\r\n";
/// The most white space between a boundary and the end of its line.
const PADDING: usize = 100;
/// How many octets are taken up at once: what is pending is moved to the front for each.
const PIECE: usize = 64 * 1024;

impl PackageParser {
    /// A parser for a message with this Content-Type.
    ///
    /// # Errors
    ///
    /// [`Error::NotPackage`], [`Error::ContentTypeMalformed`], [`Error::ContentIdMalformed`] of its `start`.
    pub fn new(content_type: &str, limits: &MtomLimits) -> Result<Self, Error> {
        Ok(Self::of(&PackageType::parse(content_type)?, limits))
    }

    pub(super) fn of(package: &PackageType, limits: &MtomLimits) -> Self {
        let delimiter = format!("\r\n--{}", package.boundary);
        Self {
            limits: limits.clone(),
            delimiter: Finder::new(delimiter.as_bytes()).into_owned(),
            state: State::Preamble,
            // The first delimiter may stand at the very beginning.
            pending: CRLF.to_vec(),
            total: 0,
            parts: 0,
        }
    }

    /// Takes the next octets of the message, and gives what they hold to `take`, whose first error ends the work.
    ///
    /// # Errors
    ///
    /// - [`Error::PackageLimit`] for too many octets, parts or headers.
    /// - [`Error::BoundaryMalformed`], [`Error::PartHeaders`], [`Error::ContentIdMalformed`],
    ///   [`Error::TransferEncodingNotAccepted`].
    /// - Those of `take`. The parser is of no further use then.
    pub fn push<E: From<Error>>(
        &mut self,
        octets: &[u8],
        take: &mut impl FnMut(PackageEvent<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.total = self.total.saturating_add(u64::try_from(octets.len()).unwrap_or(u64::MAX));
        if self.total > self.limits.total {
            return Err(limit("octets of the package", self.limits.total).into());
        }
        for piece in octets.chunks(PIECE) {
            if self.state == State::Epilogue {
                return Ok(());
            }
            let mut pending = std::mem::take(&mut self.pending);
            pending.extend_from_slice(piece);
            let mut used = 0;
            while let Some(count) = self.step(&pending[used..], take)? {
                used += count;
            }
            pending.drain(..used);
            self.pending = pending;
        }
        Ok(())
    }

    /// Ends the message.
    ///
    /// # Errors
    ///
    /// [`Error::PackageCutOff`] if its closing boundary has not come.
    pub fn finish(self) -> Result<(), Error> {
        if self.state == State::Epilogue { Ok(()) } else { Err(Error::PackageCutOff) }
    }

    /// One step ahead: how many of the pending octets are done with, or nothing if more must come.
    fn step<E: From<Error>>(
        &mut self,
        pending: &[u8],
        take: &mut impl FnMut(PackageEvent<'_>) -> Result<(), E>,
    ) -> Result<Option<usize>, E> {
        match self.state {
            State::Preamble => match self.delimiter.find(pending) {
                Some(at) => {
                    self.state = State::Delimiter;
                    Ok(Some(at + self.delimiter.needle().len()))
                }
                None => Ok(self.without_delimiter(pending)),
            },
            State::Delimiter => self.delimiter_line(pending, take),
            State::Headers { searched } => {
                let Some((headers, used)) = self.headers(pending, searched)? else {
                    self.state = State::Headers { searched: pending.len().saturating_sub(3) };
                    return Ok(None);
                };
                self.state = State::Data { is_first: true };
                take(PackageEvent::Begin(headers))?;
                Ok(Some(used))
            }
            State::Data { is_first } => {
                let from = if is_first { CRLF.len() } else { 0 };
                let (end, used) = match self.delimiter.find(pending) {
                    Some(at) => (at, at + self.delimiter.needle().len()),
                    None => match self.without_delimiter(pending).filter(|&count| count > from) {
                        Some(count) => (count, count),
                        None => return Ok(None),
                    },
                };
                if end > from {
                    take(PackageEvent::Data(&pending[from..end]))?;
                }
                if used > end {
                    self.state = State::Delimiter;
                    take(PackageEvent::End)?;
                } else {
                    self.state = State::Data { is_first: false };
                }
                Ok(Some(used))
            }
            State::Epilogue => Ok(Some(pending.len()).filter(|&count| count > 0)),
        }
    }

    /// How many of the octets, among which there is no delimiter, cannot be the beginning of one.
    fn without_delimiter(&self, pending: &[u8]) -> Option<usize> {
        Some(pending.len().saturating_sub(self.delimiter.needle().len() - 1)).filter(|&count| count > 0)
    }

    /// What follows a delimiter: two hyphens behind the last part, else white space and the end of the line.
    ///
    /// Anything else would be a delimiter for some readers and octets of a part for others.
    fn delimiter_line<E: From<Error>>(
        &mut self,
        pending: &[u8],
        take: &mut impl FnMut(PackageEvent<'_>) -> Result<(), E>,
    ) -> Result<Option<usize>, E> {
        if pending.starts_with(b"--") {
            self.state = State::Epilogue;
            take(PackageEvent::Close)?;
            return Ok(Some(2));
        }
        let padding = pending.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
        if padding > PADDING {
            return Err(Error::BoundaryMalformed.into());
        }
        let behind = &pending[padding..];
        if behind.starts_with(CRLF) {
            self.parts += 1;
            if self.parts > self.limits.parts {
                return Err(limit("parts", u64::try_from(self.limits.parts).unwrap_or(u64::MAX)).into());
            }
            self.state = State::Headers { searched: 0 };
            return Ok(Some(padding + CRLF.len()));
        }
        let may_go_on = behind.is_empty() || behind == b"\r" || (behind == b"-" && padding == 0);
        if may_go_on { Ok(None) } else { Err(Error::BoundaryMalformed.into()) }
    }

    /// The headers of a part, if all have come, and how many octets they have without the CRLF of the empty line.
    fn headers(&self, pending: &[u8], searched: usize) -> Result<Option<(PartHeaders, usize)>, Error> {
        let end = if pending.starts_with(CRLF) {
            Some(0)
        } else {
            memmem::find(&pending[searched..], b"\r\n\r\n").map(|at| searched + at + CRLF.len())
        };
        let most = self.limits.part_headers;
        match end {
            Some(end) if end <= most => Ok(Some((PartHeaders::parse(&pending[..end], &self.limits)?, end))),
            None if pending.len() < most + 2 * CRLF.len() => Ok(None),
            _ => Err(limit("octets of the headers of a part", u64::try_from(most).unwrap_or(u64::MAX))),
        }
    }
}

const fn limit(what: &'static str, limit: u64) -> Error {
    Error::PackageLimit { what, limit }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a message: whether headers were read, and the octets.
    type Parts = Vec<(PartHeaders, Vec<u8>)>;

    fn read(message: &[u8], piece: usize, limits: &MtomLimits) -> Result<Parts, Error> {
        let content_type = "multipart/related; type=\"application/xop+xml\"; boundary=b";
        let mut parser = PackageParser::new(content_type, limits)?;
        let (mut parts, mut open, mut closed) = (Parts::new(), None, false);
        let mut take = |event: PackageEvent<'_>| {
            assert!(!closed, "nothing follows the end");
            match event {
                PackageEvent::Begin(headers) => assert!(open.replace((headers, Vec::new())).is_none()),
                PackageEvent::Data(octets) => {
                    assert!(!octets.is_empty());
                    open.as_mut().unwrap().1.extend_from_slice(octets);
                }
                PackageEvent::End => parts.push(open.take().unwrap()),
                PackageEvent::Close => closed = true,
            }
            Ok::<_, Error>(())
        };
        for octets in message.chunks(piece) {
            parser.push(octets, &mut take)?;
        }
        parser.finish().map(|()| parts)
    }

    /// The message is read alike however it is cut.
    fn octets_of(message: &str) -> Result<Vec<String>, Error> {
        let limits = MtomLimits::default();
        let whole = read(message.as_bytes(), usize::MAX, &limits);
        for piece in 1..9 {
            assert_eq!(read(message.as_bytes(), piece, &limits), whole, "{piece}: {message:?}");
        }
        whole.map(|parts| parts.into_iter().map(|(_, octets)| String::from_utf8(octets).unwrap()).collect())
    }

    #[test]
    fn the_line_end_before_a_boundary_belongs_to_it() {
        for (message, octets) in [
            ("--b\r\n\r\na\r\n--b--", &["a"][..]),
            ("--b\r\n\r\na\r\n\r\n--b--\r\nepilogue\r\n--b\r\n", &["a\r\n"]),
            ("x--b\r\n--b \t\r\nX: 1\r\n\r\na\r\n--b--", &["a"]),
            ("--b\r\n\r\n\r\n--b\r\nX: 1\r\n\r\n\r\n--b--", &["", ""]),
            ("--b\r\n\r\n--b--", &[""]),
            ("--b\r\nX: 1\r\n\r\n--b\r\n\r\n--b--", &["", ""]),
            ("--b\r\n\r\n\r\r\n-\r\n--\r\n--\nb\n--b\r\r\n--b--", &["\r\r\n-\r\n--\r\n--\nb\n--b\r"]),
            ("--b\r\n\r\n--a\r\n--b--", &["--a"]),
            ("--b--", &[]),
        ] {
            assert_eq!(octets_of(message).unwrap(), octets, "{message:?}");
        }
    }

    #[test]
    fn a_package_without_its_end_is_refused() {
        for cut in
            ["", "text", "--b", "--b\r\n", "--b\r\n\r\na", "--b\r\n\r\na\r\n--b", "--b\r\n\r\na\r\n--b-"]
        {
            assert_eq!(octets_of(cut), Err(Error::PackageCutOff), "{cut:?}");
        }
    }

    #[test]
    fn what_only_begins_like_a_boundary_is_refused() {
        for bad in [
            "--bc\r\n\r\n",
            "--b\r\n\r\na\r\n--b\n",
            "--b\r\n\r\na\r\n--b -",
            "--b\rx",
            "--b-x",
            "--b\n\na\n--b--",
        ] {
            assert_eq!(octets_of(bad), Err(Error::BoundaryMalformed), "{bad:?}");
        }
    }

    #[test]
    fn each_limit_holds_and_what_is_within_passes() {
        let limits = MtomLimits { total: 60, parts: 2, part_headers: 8, ..MtomLimits::default() };
        let refused = |what, limit| Err(Error::PackageLimit { what, limit });
        for (message, expected) in [
            ("--b\r\nX: 12\r\n\r\na\r\n--b--".to_owned(), Ok(1)),
            ("--b\r\nX: 1234\r\n\r\na\r\n--b--".to_owned(), refused("octets of the headers of a part", 8)),
            ("--b\r\nX: 1234567890".to_owned(), refused("octets of the headers of a part", 8)),
            ("--b\r\n\r\n\r\n".repeat(2) + "--b--", Ok(2)),
            ("--b\r\n\r\n\r\n".repeat(3) + "--b--", refused("parts", 2)),
            ("--b\r\n\r\na\r\n--b--".to_owned() + &" ".repeat(60), refused("octets of the package", 60)),
        ] {
            for piece in [1, 7, 1_000] {
                let found = read(message.as_bytes(), piece, &limits).map(|parts| parts.len());
                assert_eq!(found, expected, "{message:?}");
            }
        }
    }
}

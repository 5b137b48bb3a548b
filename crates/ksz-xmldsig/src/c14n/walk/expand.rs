use super::{Sink, Walk};
use crate::{CanonicalizationMethod, Error};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_xml::{Element, Markup, Reader};
use std::io::{self, Read};

/// Tells which elements stand for octets: instead of them, the base64 of the octets is canonicalized.
///
/// So attachments are signed that a message includes (*XML-binary Optimized Packaging* section 3.2): an `xop:Include` is
/// replaced by the canonical base64 of its part, which has padding and no white space (XML Schema Part 2, section
/// 3.2.16).
pub trait Expand {
    /// The octets for which the element stands that the reader has just begun; nothing for an element that stands for
    /// itself.
    ///
    /// # Errors
    ///
    /// If they cannot be read; nothing is signed or verified then.
    fn octets(&mut self, reader: &Reader<'_>) -> io::Result<Option<Box<dyn Read + '_>>>;
}

/// How many octets become base64 at once: a multiple of three, so that there is padding at the end alone.
const OCTETS: usize = 48 * 1024;
/// How many characters those are.
const CHARACTERS: usize = OCTETS / 3 * 4;

impl CanonicalizationMethod {
    /// Writes an element and everything in it, with the base64 of octets instead of the elements that stand for them. The
    /// octets are read in pieces, and never are whole in memory.
    ///
    /// With an inclusive algorithm, nothing is inherited of the attributes `xml:*` around it.
    ///
    /// # Errors
    ///
    /// [`Error::Xml`] like [`Self::canonicalize`]; [`Error::OctetsUnreadable`].
    pub fn canonicalize_expanding(
        &self,
        element: Element<'_>,
        expand: &mut dyn Expand,
        sink: &mut impl Sink,
    ) -> Result<(), Error> {
        let mut reader = element.reader();
        reader.next()?;
        self.canonicalize_open_expanding(&mut reader, expand, sink)
    }

    /// Writes the element that a reader has just begun, like [`Self::canonicalize_expanding`], and leaves the reader
    /// behind its end.
    ///
    /// # Errors
    ///
    /// Those of [`Self::canonicalize_expanding`].
    pub fn canonicalize_open_expanding(
        &self,
        reader: &mut Reader<'_>,
        expand: &mut dyn Expand,
        sink: &mut impl Sink,
    ) -> Result<(), Error> {
        Walk::new(self, sink).run_open_expanding(reader, expand)
    }
}

impl<'d, S: Sink> Walk<'_, 'd, S> {
    /// [`Walk::run_open`], with the base64 of octets instead of the elements that stand for them.
    fn run_open_expanding(mut self, reader: &mut Reader<'d>, expand: &mut dyn Expand) -> Result<(), Error> {
        self.output.source = reader.document();
        self.apex = reader.depth();
        let (mut markup, inherited) = (Markup::Start, super::Inherited::default());
        loop {
            let octets =
                if markup == Markup::Start { expand.octets(reader).map_err(unreadable)? } else { None };
            match octets {
                Some(octets) => {
                    self.output.flush();
                    write_base64(octets, self.output.sink)?;
                    reader.pass_over()?;
                }
                None => self.meet(markup, reader, &inherited),
            }
            if self.output.is_over() {
                return Ok(());
            }
            if reader.depth() < self.apex {
                break;
            }
            match reader.next()? {
                Some(next) => markup = next,
                None => break,
            }
        }
        self.output.flush();
        Ok(())
    }
}

fn unreadable(error: io::Error) -> Error {
    Error::OctetsUnreadable { why: error.kind() }
}

fn write_base64(mut octets: impl Read, sink: &mut impl Sink) -> Result<(), Error> {
    let (mut piece, mut base64) = (vec![0; OCTETS], vec![0; CHARACTERS]);
    loop {
        let count = read_full(&mut octets, &mut piece).map_err(unreadable)?;
        let written = STANDARD
            .encode_slice(&piece[..count], &mut base64)
            .expect("four characters for three octets have room");
        sink.write(&base64[..written]);
        if count < OCTETS || sink.is_full() {
            return Ok(());
        }
    }
}

/// Reads until the buffer is full or there is no more.
fn read_full(octets: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match octets.read(&mut buffer[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PrefixList;
    use ksz_xml::{Document, Limits};

    /// Every element `o` stands for these octets, which come a few at a time.
    struct Octets(Vec<u8>);

    struct Few<'o>(&'o [u8]);

    impl Read for Few<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let few = buffer.len().min(1_000);
            self.0.read(&mut buffer[..few])
        }
    }

    impl Expand for Octets {
        fn octets(&mut self, reader: &Reader<'_>) -> io::Result<Option<Box<dyn Read + '_>>> {
            Ok((reader.name().text() == "o").then(|| Box::new(Few(&self.0)) as Box<dyn Read>))
        }
    }

    fn canonical(input: &str, expand: &mut dyn Expand) -> Result<String, Error> {
        let document = Document::parse(input.as_bytes(), &Limits::default()).unwrap();
        let mut octets = Vec::new();
        CanonicalizationMethod::exclusive(PrefixList::default())
            .canonicalize_expanding(document.root(), expand, &mut octets)
            .map(|()| String::from_utf8(octets).unwrap())
    }

    #[test]
    fn octets_are_written_as_the_base64_that_others_make_of_them() {
        // RFC 4648 section 10.
        for (octets, base64) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let input = "<a xmlns:p='urn:p'><p:b>1<o><x/>y</o></p:b ><o/><c/></a>";
            assert_eq!(
                canonical(input, &mut Octets(octets.into())).unwrap(),
                format!("<a><p:b xmlns:p=\"urn:p\">1{base64}</p:b>{base64}<c></c></a>")
            );
        }
    }

    #[test]
    fn pieces_leave_no_trace() {
        for length in [OCTETS - 1, OCTETS, OCTETS + 1, 3 * OCTETS + 2] {
            let octets: Vec<u8> = (0..length).map(|index| u8::try_from(index % 251).unwrap()).collect();
            let whole = STANDARD.encode(&octets);
            assert_eq!(canonical("<a><o/></a>", &mut Octets(octets)).unwrap(), format!("<a>{whole}</a>"));
        }
    }

    #[test]
    fn without_such_elements_it_is_what_it_is_without() {
        let input = "<a xmlns='urn:d' b = '1'>x<b xmlns=''/><!-- c -->&#xD;</a>";
        let expected = "<a xmlns=\"urn:d\" b=\"1\">x<b xmlns=\"\"></b>&#xD;</a>";
        assert_eq!(canonical(input, &mut Octets(Vec::new())).unwrap(), expected);
        assert_eq!(canonical("<o/>", &mut Octets(b"foo".to_vec())).unwrap(), "Zm9v");
    }

    #[test]
    fn an_element_inside_others_is_written_with_what_is_in_scope() {
        let input = "<a xmlns='urn:d' xmlns:p='urn:p' xmlns:q='urn:q'><b><p:c x='1'><o/><d/></p:c></b></a>";
        let method = CanonicalizationMethod::exclusive(PrefixList::parse("q #default unbound"));
        let limits = Limits::default();
        let mut reader = Reader::new(input.as_bytes(), &limits).unwrap();
        while reader.depth() < 3 {
            reader.next().unwrap();
        }
        let mut octets = Vec::new();
        method.canonicalize_open_expanding(&mut reader, &mut Octets(b"foo".to_vec()), &mut octets).unwrap();

        let expected = "<p:c xmlns=\"urn:d\" xmlns:p=\"urn:p\" xmlns:q=\"urn:q\" x=\"1\">Zm9v<d></d></p:c>";
        assert_eq!(String::from_utf8(octets).unwrap(), expected);
        assert_eq!(reader.depth(), 2, "the reader stands behind the end");
    }

    #[test]
    fn octets_that_cannot_be_read_are_an_error() {
        struct Broken(bool);
        struct BreaksOff;
        impl Read for BreaksOff {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
        }
        impl Expand for Broken {
            fn octets(&mut self, _: &Reader<'_>) -> io::Result<Option<Box<dyn Read + '_>>> {
                if self.0 { Ok(Some(Box::new(BreaksOff))) } else { Err(io::ErrorKind::NotFound.into()) }
            }
        }
        for (broken, why) in [(true, io::ErrorKind::UnexpectedEof), (false, io::ErrorKind::NotFound)] {
            assert_eq!(canonical("<a/>", &mut Broken(broken)), Err(Error::OctetsUnreadable { why }));
        }
    }
}

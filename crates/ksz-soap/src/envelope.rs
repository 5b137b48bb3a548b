use crate::{Error, Fault, names};
use ksz_xml::{Document, Element, Reader};

/// A SOAP 1.1 envelope that was found by its fixed path (SOAP 1.1 section 4).
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'d> {
    root: Element<'d>,
    header: Option<Element<'d>>,
    body: Element<'d>,
}

impl<'d> Envelope<'d> {
    /// Finds Header and Body: the first and only children of the document element, nowhere else.
    ///
    /// # Errors
    ///
    /// - [`Error::NotEnvelope`] if the document element is another, SOAP 1.2 included.
    /// - [`Error::EnvelopeShape`] if it holds anything besides one Header and one Body, in that order.
    pub fn find(document: &'d Document<'_>) -> Result<Self, Error> {
        let root = document.root();
        if !root.is(names::SOAP_11, "Envelope") {
            let bounded = |text: &str| text.chars().take(100).collect();
            return Err(Error::NotEnvelope {
                namespace: bounded(root.namespace()),
                name: bounded(root.local_name()),
            });
        }
        let children = root.only_children()?;
        let is = |element: Element<'_>, name| element.is(names::SOAP_11, name);
        match children.as_slice() {
            &[body] if is(body, "Body") => Ok(Self { root, header: None, body }),
            &[header, body] if is(header, "Header") && is(body, "Body") => {
                Ok(Self { root, header: Some(header), body })
            }
            others => {
                let found: Vec<_> = others.iter().take(5).map(|child| child.qualified_name()).collect();
                Err(Error::EnvelopeShape {
                    found: if found.is_empty() { "nothing".into() } else { found.join(", ") },
                })
            }
        }
    }

    /// Whether what a reader has just begun is a Body in the place of one: see [`Document::parse_outline`].
    #[must_use]
    pub fn is_body(reader: &Reader<'_>) -> bool {
        let namespace = reader.namespace().map(|binding| reader.bindings()[binding].uri());
        reader.depth() == 2 && reader.name().local_name() == "Body" && namespace == Some(names::SOAP_11)
    }

    /// The Envelope element.
    #[must_use]
    pub const fn root(self) -> Element<'d> {
        self.root
    }

    /// The Header, if there is one.
    #[must_use]
    pub const fn header(self) -> Option<Element<'d>> {
        self.header
    }

    /// The Body.
    #[must_use]
    pub const fn body(self) -> Element<'d> {
        self.body
    }

    /// The one element in the Body.
    ///
    /// # Errors
    ///
    /// - [`Error::Fault`] if it is a fault.
    /// - [`Error::Xml`] if the Body holds anything else besides one element.
    pub fn payload(self) -> Result<Element<'d>, Error> {
        payload_of(self.body)
    }
}

/// The one element in a Body, such as one that was verified apart from its envelope.
///
/// # Errors
///
/// Those of [`Envelope::payload`].
pub fn payload_of(body: Element<'_>) -> Result<Element<'_>, Error> {
    match body.only_children()?.as_slice() {
        &[fault] if fault.is(names::SOAP_11, "Fault") => {
            Err(Error::Fault { fault: Box::new(Fault::read(fault)?) })
        }
        &[payload] => Ok(payload),
        others => Err(ksz_xml::Error::Count {
            parent: body.qualified_name().into(),
            child: "element".into(),
            found: others.len(),
        }
        .into()),
    }
}

/// Writes a SOAP 1.1 envelope with an empty Header around a payload, whose octets are not touched.
#[must_use]
pub fn write_envelope(payload: &str) -> String {
    format!(
        "<soapenv:Envelope xmlns:soapenv=\"{}\"><soapenv:Header></soapenv:Header>\
         <soapenv:Body>{payload}</soapenv:Body></soapenv:Envelope>",
        names::SOAP_11
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::Limits;

    fn find(input: &str) -> Result<(), Error> {
        let document = Document::parse(input.as_bytes(), &Limits::default()).unwrap();
        Envelope::find(&document).map(|_| ())
    }

    fn envelope(content: &str) -> String {
        format!("<e:Envelope xmlns:e='{}'>{content}</e:Envelope>", names::SOAP_11)
    }

    #[test]
    fn header_and_body_are_found_where_they_belong() {
        assert_eq!(find(&envelope("<e:Header/> <e:Body/>")), Ok(()));
        assert_eq!(find(&envelope("<e:Body/>")), Ok(()));
        assert_eq!(
            find("<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'><Body/></Envelope>"),
            Ok(())
        );
    }

    #[test]
    fn every_other_shape_is_refused() {
        for (content, found) in [
            ("", "nothing"),
            ("<e:Header/>", "e:Header"),
            ("<e:Body/><e:Body/>", "e:Body, e:Body"),
            ("<e:Body/><e:Header/>", "e:Body, e:Header"),
            ("<e:Header/><e:Body/><x/>", "e:Header, e:Body, x"),
            ("<Body/>", "Body"),
        ] {
            let expected = Error::EnvelopeShape { found: found.into() };
            assert_eq!(find(&envelope(content)), Err(expected), "{content}");
        }
        let soap_12 = format!("<e:Envelope xmlns:e='{}'><e:Body/></e:Envelope>", names::SOAP_12);
        assert!(matches!(find(&soap_12), Err(Error::NotEnvelope { .. })));
    }

    #[test]
    fn a_body_holds_one_element() {
        for content in ["", "<a/><b/>", "text"] {
            let input = envelope(&format!("<e:Body>{content}</e:Body>"));
            let document = Document::parse(input.as_bytes(), &Limits::default()).unwrap();
            assert!(Envelope::find(&document).unwrap().payload().is_err(), "{content:?}");
        }
    }
}

use crate::{Error, Fault, SoapVersion};
use ksz_xml::{Document, Element, Reader};

/// An envelope that was found by its fixed path (SOAP 1.1 section 4, SOAP 1.2 part 1 section 5).
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'d> {
    version: SoapVersion,
    root: Element<'d>,
    header: Option<Element<'d>>,
    body: Element<'d>,
}

impl<'d> Envelope<'d> {
    /// Finds Header and Body of a SOAP 1.1 envelope: the first and only children of the document element, nowhere else.
    ///
    /// # Errors
    ///
    /// Those of [`Self::find_as`], where SOAP 1.1 alone is allowed.
    pub fn find(document: &'d Document<'_>) -> Result<Self, Error> {
        Self::find_as(document, &SoapVersion::DEFAULT)
    }

    /// The same for an envelope of one of these versions. Header and Body must be of the version of their Envelope.
    ///
    /// # Errors
    ///
    /// - [`Error::NotEnvelope`] if the document element is another.
    /// - [`Error::VersionNotAllowed`] if it is an Envelope of another version.
    /// - [`Error::EnvelopeShape`] if it holds anything besides one Header and one Body, in that order.
    pub fn find_as(document: &'d Document<'_>, allowed: &[SoapVersion]) -> Result<Self, Error> {
        let root = document.root();
        let version = version_of(root)?;
        if !allowed.contains(&version) {
            return Err(Error::VersionNotAllowed { version });
        }
        let children = root.only_children()?;
        let is = |element: Element<'_>, name| element.is(version.namespace(), name);
        match children.as_slice() {
            &[body] if is(body, "Body") => Ok(Self { version, root, header: None, body }),
            &[header, body] if is(header, "Header") && is(body, "Body") => {
                Ok(Self { version, root, header: Some(header), body })
            }
            others => {
                let found: Vec<_> = others.iter().take(5).map(|child| child.qualified_name()).collect();
                Err(Error::EnvelopeShape {
                    found: if found.is_empty() { "nothing".into() } else { found.join(", ") },
                })
            }
        }
    }

    /// Whether what a reader has just begun is a Body of either version in the place of one: see
    /// [`Document::parse_outline`].
    #[must_use]
    pub fn is_body(reader: &Reader<'_>) -> bool {
        let namespace = reader.namespace().map(|binding| reader.bindings()[binding].uri());
        reader.depth() == 2
            && reader.name().local_name() == "Body"
            && namespace.and_then(SoapVersion::of_namespace).is_some()
    }

    /// Its version.
    #[must_use]
    pub const fn version(self) -> SoapVersion {
        self.version
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

/// The version of an Envelope element.
fn version_of(root: Element<'_>) -> Result<SoapVersion, Error> {
    let version = SoapVersion::of_namespace(root.namespace());
    version.filter(|_| root.local_name() == "Envelope").ok_or_else(|| {
        let bounded = |text: &str| text.chars().take(100).collect();
        Error::NotEnvelope { namespace: bounded(root.namespace()), name: bounded(root.local_name()) }
    })
}

/// The one element in a Body, such as one that was verified apart from its envelope.
///
/// A fault of either version is one, whatever the version of the Body is: a refusal must not pass for an answer.
///
/// # Errors
///
/// Those of [`Envelope::payload`].
pub fn payload_of(body: Element<'_>) -> Result<Element<'_>, Error> {
    match body.only_children()?.as_slice() {
        &[fault] if Fault::is(fault) => Err(Error::Fault { fault: Box::new(Fault::read(fault)?) }),
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
    write_envelope_as(SoapVersion::Soap11, payload)
}

/// The same in either version.
#[must_use]
pub fn write_envelope_as(version: SoapVersion, payload: &str) -> String {
    format!(
        "<soapenv:Envelope xmlns:soapenv=\"{}\"><soapenv:Header></soapenv:Header>\
         <soapenv:Body>{payload}</soapenv:Body></soapenv:Envelope>",
        version.namespace()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names;
    use ksz_xml::Limits;

    fn parse(input: &str) -> Document<'_> {
        Document::parse(input.as_bytes(), &Limits::default()).unwrap()
    }

    fn find(input: &str) -> Result<(), Error> {
        Envelope::find(&parse(input)).map(|_| ())
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
            ("<Body xmlns='http://www.w3.org/2003/05/soap-envelope'/>", "Body"),
        ] {
            let expected = Error::EnvelopeShape { found: found.into() };
            assert_eq!(find(&envelope(content)), Err(expected), "{content}");
        }
        assert!(matches!(find("<Envelope><Body/></Envelope>"), Err(Error::NotEnvelope { .. })));
        assert!(matches!(
            find(&envelope("<e:Body/>").replace("Envelope", "Package")),
            Err(Error::NotEnvelope { .. })
        ));
    }

    #[test]
    fn soap_1_2_is_read_where_it_is_allowed_alone() {
        let written = write_envelope_as(SoapVersion::Soap12, "<a/>");
        let document = parse(&written);

        let refused = Error::VersionNotAllowed { version: SoapVersion::Soap12 };
        assert_eq!(Envelope::find(&document).unwrap_err(), refused);
        for allowed in [&[SoapVersion::Soap12][..], &SoapVersion::ALL] {
            let envelope = Envelope::find_as(&document, allowed).unwrap();
            assert_eq!(envelope.version(), SoapVersion::Soap12);
            assert_eq!(envelope.payload().unwrap().source(), "<a/>");
        }
        let refused = Error::VersionNotAllowed { version: SoapVersion::Soap11 };
        let soap_11 = write_envelope("<a/>");
        assert_eq!(Envelope::find_as(&parse(&soap_11), &[SoapVersion::Soap12]).unwrap_err(), refused);
    }

    #[test]
    fn a_payload_is_not_touched() {
        let payload = "\r\n<a  b='1'/>&#xD;<![CDATA[x]]>";
        for version in SoapVersion::ALL {
            assert!(write_envelope_as(version, payload).contains(&format!("Body>{payload}</soapenv:Body>")));
        }
    }

    #[test]
    fn a_body_holds_one_element() {
        for content in ["", "<a/><b/>", "text"] {
            let input = envelope(&format!("<e:Body>{content}</e:Body>"));
            assert!(Envelope::find(&parse(&input)).unwrap().payload().is_err(), "{content:?}");
        }
    }

    #[test]
    fn a_fault_of_the_other_version_is_no_answer() {
        let fault = format!(
            "<f:Fault xmlns:f='{}'><f:Code><f:Value>f:Receiver</f:Value></f:Code><f:Reason/></f:Fault>",
            names::SOAP_12
        );
        let input = envelope(&format!("<e:Body>{fault}</e:Body>"));
        assert!(matches!(Envelope::find(&parse(&input)).unwrap().payload(), Err(Error::Fault { .. })));
    }
}

use super::authorized_user::AuthorizedUser;
use super::{root, time, unwrap, wrap};
use crate::value::{TEXT, is_xml, read_text, require};
use crate::writer::{attribute, element, optional};
use crate::{Error, Fragment, PeerText, names};
use ksz_xml::{Document, Element, Limits};
use std::time::SystemTime;

/// `SSDNRequest`: questions to one or more services, asked by one user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SsdnRequest {
    user: AuthorizedUser,
    reference: Option<PeerText>,
    time_request: Option<SystemTime>,
    services: Vec<ServiceRequest>,
}

/// `ServiceRequest`: a question to one service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServiceRequest {
    service_id: String,
    version: String,
    body: Fragment,
}

impl SsdnRequest {
    /// A request with its first question.
    #[must_use]
    pub fn new(user: AuthorizedUser, service: ServiceRequest) -> Self {
        Self { user, reference: None, time_request: None, services: vec![service] }
    }

    /// With one more question.
    #[must_use]
    pub fn with_service(mut self, service: ServiceRequest) -> Self {
        self.services.push(service);
        self
    }

    /// With a reference of the caller's own.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if it holds a character that XML cannot hold.
    pub fn with_reference(mut self, reference: &str) -> Result<Self, Error> {
        require(is_xml(reference), "Reference", TEXT)?;
        self.reference = Some(reference.into());
        Ok(self)
    }

    /// With the instant at which it is sent, to the second.
    #[must_use]
    pub const fn sent_at(mut self, instant: SystemTime) -> Self {
        self.time_request = Some(instant);
        self
    }

    /// Who asks.
    #[must_use]
    pub const fn user(&self) -> &AuthorizedUser {
        &self.user
    }

    /// The caller's reference.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_ref().map(PeerText::as_str)
    }

    /// When it was sent.
    #[must_use]
    pub const fn time_request(&self) -> Option<SystemTime> {
        self.time_request
    }

    /// The questions.
    #[must_use]
    pub fn services(&self) -> &[ServiceRequest] {
        &self.services
    }

    /// The payload of the Body: the document as a text.
    ///
    /// # Errors
    ///
    /// Those of [`Self::to_document`].
    pub fn to_xml(&self) -> Result<String, Error> {
        Ok(wrap(&self.to_document()?))
    }

    /// The document itself, which the schema is for. It holds the number of the user.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`], [`Error::Value`] if the instant cannot be written.
    pub fn to_document(&self) -> Result<String, Error> {
        // A default namespace would take in bodies that are in none.
        let mut xml = format!("<service:SSDNRequest{}>", attribute("xmlns:service", names::SSDN_SERVICE));
        xml.push_str("<service:RequestContext>");
        self.user.write(&mut xml);
        if self.reference.is_some() || self.time_request.is_some() {
            xml.push_str("<service:Message>");
            optional(&mut xml, "service:Reference", self.reference());
            optional(
                &mut xml,
                "service:TimeRequest",
                self.time_request.map(time::format).transpose()?.as_deref(),
            );
            xml.push_str("</service:Message>");
        }
        xml.push_str("</service:RequestContext>");
        for service in &self.services {
            xml.push_str("<service:ServiceRequest>");
            element(&mut xml, "service:ServiceId", &service.service_id);
            element(&mut xml, "service:Version", &service.version);
            xml.extend([service.body.as_str(), "</service:ServiceRequest>"]);
        }
        Ok(xml + "</service:SSDNRequest>")
    }

    /// Reads the payload of a Body, whose document is held to `limits` of its own.
    ///
    /// # Errors
    ///
    /// [`Error::UnexpectedPayload`], [`Error::Xml`], [`Error::Value`].
    pub fn read(payload: Element<'_>, limits: &Limits) -> Result<Self, Error> {
        let text = unwrap(payload)?;
        let document = Document::parse(text.as_bytes(), limits)?;
        let request = root(document.root(), "SSDNRequest")?;
        let context = request.only_child(names::SSDN_SERVICE, "RequestContext")?;
        let message = context.optional_child(names::SSDN_SERVICE, "Message")?;
        let of_message = |name| {
            let child = message.map(|message| message.optional_child(names::SSDN_SERVICE, name));
            Ok::<_, Error>(child.transpose()?.flatten().map(Element::only_text).transpose()?)
        };
        let services = request.children().filter(|child| child.is(names::SSDN_SERVICE, "ServiceRequest"));
        let services = services.map(ServiceRequest::read).collect::<Result<Vec<_>, _>>()?;
        if services.is_empty() {
            let parent = request.qualified_name().into();
            return Err(ksz_xml::Error::Count { parent, child: "ServiceRequest".into(), found: 0 }.into());
        }
        let instant = of_message("TimeRequest")?;
        Ok(Self {
            user: AuthorizedUser::read(context.only_child(names::SSDN_SERVICE, "AuthorizedUser")?)?,
            reference: of_message("Reference")?.map(|text| text.into_owned().into()),
            time_request: instant.map(|text| time::parse("TimeRequest", &text)).transpose()?,
            services,
        })
    }
}

impl ServiceRequest {
    /// A question: the name of the service, its version of eight characters such as `20050930`, and its body, which is a
    /// document of one element. The element goes into the request octet for octet.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] for a version of another length or a name that XML cannot hold, [`Error::Xml`] if the
    /// body is no document.
    pub fn new(service_id: &str, version: &str, body: &str) -> Result<Self, Error> {
        require(is_xml(service_id), "ServiceId", TEXT)?;
        require(is_version(version), "Version", VERSION)?;
        let document = Document::parse(body.as_bytes(), &Limits::widest())?;
        Ok(Self {
            service_id: service_id.to_owned(),
            version: version.to_owned(),
            body: Fragment::new(document.root().source().to_owned()),
        })
    }

    /// The name of the service.
    #[must_use]
    pub fn service_id(&self) -> &str {
        &self.service_id
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The body, a document of its own.
    #[must_use]
    pub const fn body(&self) -> &Fragment {
        &self.body
    }

    fn read(element: Element<'_>) -> Result<Self, Error> {
        let text = |child: Element<'_>| child.only_text().map(std::borrow::Cow::into_owned);
        match element.only_children()?.as_slice() {
            [id, version, body]
                if id.is(names::SSDN_SERVICE, "ServiceId") && version.is(names::SSDN_SERVICE, "Version") =>
            {
                Ok(Self {
                    service_id: text(*id)?,
                    version: read_text(version.only_text()?, "Version", VERSION, is_version)?,
                    body: Fragment::new(body.standalone_source()),
                })
            }
            _ => Err(Error::Xml(ksz_xml::Error::Unexpected {
                parent: element.qualified_name().into(),
                found: "not exactly ServiceId, Version and one body".into(),
            })),
        }
    }
}

const VERSION: &str = "text of 8 characters";

fn is_version(text: &str) -> bool {
    text.chars().count() == 8 && is_xml(text)
}

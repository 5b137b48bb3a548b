use crate::Error;
use http::header::{CONTENT_TYPE, FROM, HeaderName, HeaderValue, USER_AGENT};
use http::{Request, Response, StatusCode};
use url::Url;

const SOAP_ACTION: HeaderName = HeaderName::from_static("soapaction");

/// One finished envelope on its way to a service: of SOAP 1.1, unless [`Self::in_soap_12`] says otherwise.
#[derive(Clone, Eq, PartialEq)]
pub struct SoapRequest {
    url: Url,
    action: String,
    envelope: Vec<u8>,
    tracing: Option<TracingHeaders>,
    is_soap_12: bool,
}

impl SoapRequest {
    /// A SOAP 1.1 envelope in UTF-8, and the action that the service's WSDL gives to the operation.
    #[must_use]
    pub fn new(url: Url, action: impl Into<String>, envelope: impl Into<Vec<u8>>) -> Self {
        Self { url, action: action.into(), envelope: envelope.into(), tracing: None, is_soap_12: false }
    }

    /// Adds the headers by which the eHealth platform traces calls.
    #[must_use]
    pub fn traced(mut self, headers: TracingHeaders) -> Self {
        self.tracing = Some(headers);
        self
    }

    /// Says that the envelope is one of SOAP 1.2.
    #[must_use]
    pub const fn in_soap_12(mut self) -> Self {
        self.is_soap_12 = true;
        self
    }

    /// The POST that carries it, with `SOAPAction` in quotes (SOAP 1.1 section 6.1.1, WS-I Basic Profile R1109). SOAP 1.2
    /// names the action in the content type instead (RFC 3902).
    ///
    /// # Errors
    ///
    /// - [`Error::BadHeader`] if the action holds anything but visible ASCII, or a quote or backslash.
    /// - [`Error::BadUrl`] if the URL is not one of HTTP.
    pub fn into_http(self) -> Result<Request<Vec<u8>>, Error> {
        let action = self.action;
        if !action.bytes().all(|octet| octet.is_ascii_graphic() && !b"\"\\".contains(&octet)) {
            return Err(Error::BadHeader { name: "SOAPAction", detail: "holds what no action URI holds" });
        }
        let request = Request::post(self.url.as_str());
        let request = if self.is_soap_12 {
            request.header(CONTENT_TYPE, format!("application/soap+xml; charset=utf-8; action=\"{action}\""))
        } else {
            request
                .header(CONTENT_TYPE, "text/xml; charset=utf-8")
                .header(SOAP_ACTION, format!("\"{action}\""))
        };
        let mut request =
            request.body(self.envelope).map_err(|_| Error::BadUrl { detail: "is not one of http" })?;
        if let Some(TracingHeaders { user_agent, from }) = self.tracing {
            request.headers_mut().insert(USER_AGENT, user_agent);
            request.headers_mut().insert(FROM, from);
        }
        Ok(request)
    }
}

impl std::fmt::Debug for SoapRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SoapRequest({:?}, {:?}, …)", self.url.host_str().unwrap_or_default(), self.action)
    }
}

/// The headers by which the eHealth platform finds who sent a call, and whom to ask about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TracingHeaders {
    user_agent: HeaderValue,
    from: HeaderValue,
}

impl TracingHeaders {
    /// The software as `name/version`, several parts with blanks between, and an address for mail.
    ///
    /// The eHealth platform takes parts of the form `[a-zA-Z0-9]*\/[0-9a-zA-Z-_.]*` only.
    ///
    /// # Errors
    ///
    /// [`Error::BadHeader`] if either has another form.
    pub fn new(user_agent: &str, from: &str) -> Result<Self, Error> {
        let agent_refused = Error::BadHeader { name: "User-Agent", detail: "is not made of name/version" };
        let from_refused = Error::BadHeader { name: "From", detail: "is not an address for mail" };
        if user_agent.is_empty() || !user_agent.split(' ').all(is_product) {
            return Err(agent_refused);
        }
        if !is_mail_address(from) {
            return Err(from_refused);
        }
        Ok(Self {
            user_agent: HeaderValue::try_from(user_agent).map_err(|_| agent_refused)?,
            from: HeaderValue::try_from(from).map_err(|_| from_refused)?,
        })
    }
}

fn is_product(part: &str) -> bool {
    part.split_once('/').is_some_and(|(name, version)| {
        name.bytes().all(|octet| octet.is_ascii_alphanumeric())
            && version.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet))
    })
}

/// A dot-atom at a domain with a dot (RFC 5322 section 3.4.1); quoted local parts are not worth their risk here.
fn is_mail_address(text: &str) -> bool {
    let atoms = |text: &str, extra: &[u8]| {
        text.split('.').all(|atom| {
            !atom.is_empty()
                && atom.bytes().all(|octet| octet.is_ascii_alphanumeric() || extra.contains(&octet))
        })
    };
    text.split_once('@').is_some_and(|(local, domain)| {
        atoms(local, b"!#$%&'*+-/=?^_`{|}~") && atoms(domain, b"-") && domain.contains('.')
    })
}

/// An answer that says it is a SOAP message. Its XML is not looked at here.
#[derive(Clone, Eq, PartialEq)]
pub struct SoapResponse {
    status: StatusCode,
    envelope: Vec<u8>,
}

impl SoapResponse {
    /// Takes an answer with status 200, or 500 as SOAP 1.1 section 6.2 wants of a fault, and an XML type. In SOAP 1.2 a
    /// fault of the sender comes with 400 (SOAP 1.2 part 2 section 7.5.2.2).
    ///
    /// # Errors
    ///
    /// [`Error::NotSoap`] for everything else, such as the HTML page of a gateway.
    pub fn from_http(response: Response<Vec<u8>>) -> Result<Self, Error> {
        let (parts, envelope) = response.into_parts();
        let content_type =
            parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let is_soap_12 = media_type.eq_ignore_ascii_case("application/soap+xml");
        let is_xml = is_soap_12 || media_type.eq_ignore_ascii_case("text/xml");
        let is_answer = [StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR].contains(&parts.status)
            || (is_soap_12 && parts.status == StatusCode::BAD_REQUEST);
        if is_xml && is_answer {
            return Ok(Self { status: parts.status, envelope });
        }
        Err(Error::NotSoap {
            status: parts.status.as_u16(),
            content_type: ksz_error::excerpt(content_type),
            excerpt: ksz_error::excerpt_of_octets(&envelope),
        })
    }

    /// The HTTP status: 200, or 500 or 400 for a fault. Some services send faults with 200.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The octets of the envelope.
    #[must_use]
    pub fn envelope(&self) -> &[u8] {
        &self.envelope
    }

    /// The octets of the envelope, without a copy.
    #[must_use]
    pub fn into_envelope(self) -> Vec<u8> {
        self.envelope
    }
}

impl std::fmt::Debug for SoapResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SoapResponse({}, {} bytes)", self.status.as_u16(), self.envelope.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTION: &str = "urn:be:fgov:ehealth:sts:protocol:v1:RequestSecurityToken";

    fn url() -> Url {
        Url::parse("https://services-acpt.ehealth.fgov.be/IAM/SecurityTokenService/v1").unwrap()
    }

    fn answer(status: u16, content_type: &str, body: &str) -> Result<SoapResponse, Error> {
        let response = Response::builder().status(status).header(CONTENT_TYPE, content_type);
        SoapResponse::from_http(response.body(body.into()).unwrap())
    }

    #[test]
    fn the_action_is_sent_in_quotes() {
        let tracing = TracingHeaders::new("ksz/0.1.0 hospital/2-b", "it@hospital.be").unwrap();
        let request = SoapRequest::new(url(), ACTION, "<x/>").traced(tracing).into_http().unwrap();

        assert_eq!((request.method(), request.body().as_slice()), (&http::Method::POST, &b"<x/>"[..]));
        assert_eq!(request.headers()["soapaction"], format!("\"{ACTION}\""));
        assert_eq!(request.headers()[CONTENT_TYPE], "text/xml; charset=utf-8");
        assert_eq!(request.headers()[USER_AGENT], "ksz/0.1.0 hospital/2-b");
        assert_eq!(request.headers()[FROM], "it@hospital.be");
    }

    #[test]
    fn in_soap_1_2_the_action_stands_in_the_content_type() {
        let request = SoapRequest::new(url(), ACTION, "<x/>").in_soap_12().into_http().unwrap();

        let expected = format!("application/soap+xml; charset=utf-8; action=\"{ACTION}\"");
        assert_eq!(request.headers()[CONTENT_TYPE], expected);
        assert!(!request.headers().contains_key("soapaction"));
    }

    #[test]
    fn an_action_that_would_break_the_header_is_refused() {
        for action in ["a\"b", "a\\", "a\r\nb: c", "a b", "é"] {
            let error = SoapRequest::new(url(), action, "").into_http().unwrap_err();
            assert!(matches!(error, Error::BadHeader { name: "SOAPAction", .. }), "{action:?}");
        }
        assert!(SoapRequest::new(url(), "", "").into_http().is_ok());
    }

    #[test]
    fn tracing_headers_of_another_form_are_refused() {
        for user_agent in ["", "ksz", "ksz/1  b/2", "k-z/1", "ksz/1 (linux)", "a/b/c", "a/1\r\n"] {
            assert!(TracingHeaders::new(user_agent, "it@hospital.be").is_err(), "{user_agent:?}");
        }
        for from in
            ["", "it", "it@hospital", "@hospital.be", "a b@hospital.be", "it@h.be\r\nX: y", "a..b@h.be"]
        {
            assert!(TracingHeaders::new("ksz/1", from).is_err(), "{from:?}");
        }
    }

    #[test]
    fn an_answer_and_a_fault_are_soap() {
        for (status, content_type) in [
            (200, "text/xml;charset=UTF-8"),
            (500, "Text/XML"),
            (200, "application/soap+xml; action=x"),
            (400, "application/soap+xml"),
        ] {
            let response = answer(status, content_type, "<e/>").unwrap();
            assert_eq!((response.status().as_u16(), response.envelope()), (status, &b"<e/>"[..]));
        }
    }

    #[test]
    fn anything_else_is_refused_with_an_excerpt() {
        let error = answer(200, "text/html", "<h1>Down</h1>\r\nsince noon").unwrap_err();

        assert_eq!(
            error,
            Error::NotSoap {
                status: 200,
                content_type: "text/html".into(),
                excerpt: "<h1>Down</h1> since noon".into()
            }
        );
        for (status, content_type) in
            [(404, "text/xml"), (400, "text/xml"), (302, "text/xml"), (200, ""), (200, "text/xmlish")]
        {
            assert!(matches!(answer(status, content_type, ""), Err(Error::NotSoap { .. })));
        }
    }
}

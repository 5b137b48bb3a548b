//! The historical SSDN services of KSZ (port 4530): one operation, `sendXML`, whose request and answer are documents
//! inside a text (WSDL `WebServiceConnector`, schemas `SSDNRequest` and `SSDNReply`).

mod authorized_user;
mod reply;
mod request;
mod result_summary;
mod time;

pub use authorized_user::AuthorizedUser;
pub use reply::{ServiceReply, SsdnFault, SsdnReply};
pub use request::{ServiceRequest, SsdnRequest};
pub use result_summary::{ResultDetail, ResultInformation, ResultSummary, ResultSummaryStatus};

use crate::writer::{attribute, element_with};
use crate::{Error, names};
use ksz_xml::Element;
use std::borrow::Cow;

/// The payload of a Body that holds a document as its text.
fn wrap(document: &str) -> String {
    let mut xml = String::new();
    element_with(&mut xml, "con:xmlString", &attribute("xmlns:con", names::SSDN_CONNECTOR), document);
    xml
}

/// The text of a document in the payload of a Body.
fn unwrap(payload: Element<'_>) -> Result<Cow<'_, str>, Error> {
    if !payload.is(names::SSDN_CONNECTOR, "xmlString") {
        let found = payload.qualified_name().chars().take(100).collect();
        return Err(Error::UnexpectedPayload { found, expected: "xmlString" });
    }
    Ok(payload.only_text()?)
}

/// The document element, if it is the one that belongs there.
fn root<'d>(root: Element<'d>, expected: &'static str) -> Result<Element<'d>, Error> {
    if root.is(names::SSDN_SERVICE, expected) {
        return Ok(root);
    }
    let found = root.qualified_name().chars().take(100).collect();
    Err(Error::UnexpectedPayload { found, expected })
}

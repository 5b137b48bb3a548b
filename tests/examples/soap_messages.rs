//! Writes the messages that have a public schema into a folder, one folder for each schema: for `cargo xtask interop`, where
//! the schemas judge them.

use ksz::pki::Identity;
use ksz::soap::{
    AuthorizedUser, CbssFault, CbssMessage, Error, Fault, FaultCode, Information, InformationCbss,
    InformationCustomer, LegalContext, Message, OrganizationIdentification, SendTestMessageRequest,
    SendTestMessageResponse, ServiceRequest, Severity, SoaCode, SoaError, SoaErrorKind, SoapVersion,
    SsdnRequest, Status, StatusCode, StatusValue, names,
};
use ksz::sts::{
    self, Attribute, ClaimType, Claims, KeyType, Lifetime, NameIdentifier, RequestSecurityToken,
    SignChallenge, TokenProfile, VouchedSubject, write_token_response,
};
use ksz::xml::{Document, Limits};
use ksz_tests::keys::Authority;
use ksz_tests::world::{between, new_assertion, read_token};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fs};

const TICKET: &str = "1fa0d9b7-68da-4f12-8345-668bd92743d4";

/// What a text may hold that XML must escape.
const TEXT: &str = "<a> & \"b\" ]]> \r\n\t é \u{10000}";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = env::args_os().nth(1).ok_or("usage: soap_messages FOLDER")?;
    for (schema, messages) in [
        ("test-connection", test_connection()?),
        ("common", common()?),
        ("cbss-fault", cbss_faults()?),
        ("ssdn", ssdn_documents()?),
        ("ssdn-connector", ssdn_payloads()?),
        ("ehealth-errors", ehealth_errors()?),
        ("ws-trust", ws_trust()?),
        ("saml", vec![assertion(&holder())?]),
    ] {
        let folder = Path::new(&folder).join(schema);
        fs::create_dir_all(&folder)?;
        for (number, message) in messages.iter().enumerate() {
            fs::write(folder.join(format!("{number}.xml")), message)?;
        }
    }
    Ok(())
}

/// Years that a schema treats differently would show here.
fn instants() -> [SystemTime; 3] {
    [0, 1_671_175_350_803, 253_370_764_800_999].map(|millis| UNIX_EPOCH + Duration::from_millis(millis))
}

fn information_cbss() -> Result<InformationCbss, Error> {
    let [first, _, last] = instants();
    InformationCbss::new(TICKET, first, last)
}

fn test_connection() -> Result<Vec<String>, Error> {
    let echo = || TEXT.to_owned();
    let mut messages = vec![SendTestMessageRequest { echo: echo() }.to_xml()];
    for information_cbss in [None, Some(information_cbss()?)] {
        let answer = SendTestMessageResponse { information_cbss, echo: echo(), ssl_certificate: echo() };
        messages.push(answer.to_xml()?);
    }
    Ok(messages)
}

fn customers() -> Result<Vec<InformationCustomer>, Error> {
    let enterprise = || OrganizationIdentification::by_cbe_number("0406798006");
    let mut customers = vec![InformationCustomer::new(enterprise()?)];
    for (instant, ticket) in instants().into_iter().zip(["", TICKET, &"&".repeat(36)]) {
        customers.push(InformationCustomer::new(enterprise()?).with_ticket(ticket)?.sent_at(instant));
    }
    for (sector, institution) in [(0, 0), (17, 1), (999, 999)] {
        let identification = OrganizationIdentification::by_institution(sector, institution)?;
        customers.push(InformationCustomer::new(identification));
    }
    Ok(customers)
}

fn information() -> Result<[Information; 2], Error> {
    Ok([Information::new(&"<".repeat(64), Some(&"é".repeat(256)))?, Information::new("newSSIN", None)?])
}

fn common() -> Result<Vec<String>, Error> {
    let mut messages = customers()?.iter().map(InformationCustomer::to_xml).collect::<Result<Vec<_>, _>>()?;
    messages.push(information_cbss()?.to_xml()?);
    messages.extend([LegalContext::new(TEXT)?.to_xml(), LegalContext::new(&"&".repeat(64))?.to_xml()]);
    for row in StatusCode::ALL.into_iter().filter(|row| row.value != "INCOMPLETE_DATA") {
        let mut status = Status::new(StatusValue::from(row.value), row.code)?.with_description(TEXT)?;
        for _ in 0..7 {
            for information in information()? {
                status = status.with_information(information)?;
            }
        }
        messages.push(status.to_xml());
    }
    messages.push(Status::new(StatusValue::NoResult, &"x".repeat(16))?.to_xml());
    Ok(messages)
}

fn cbss_faults() -> Result<Vec<String>, Error> {
    let namespace = "http://kszbcss.fgov.be/intf/RetrieveTIGroupsService/v2";
    let mut messages = Vec::new();
    for (severity, customer) in
        [Severity::Information, Severity::Warning, Severity::Fatal].into_iter().zip(customers()?)
    {
        let mut message = CbssMessage::new(severity, "MSG00006", &"<".repeat(256), &"a".repeat(64))?;
        for information in information()? {
            message = message.with_information(information)?;
        }
        let mut fault =
            CbssFault::new(namespace, "retrieveTIGroupsFault", information_cbss()?, message.clone())?;
        messages.push(fault.clone());
        fault.information_customer = Some(customer);
        fault.messages.push(message);
        messages.push(fault);
    }
    let code = || FaultCode::new(names::SOAP_11, "Server");
    let fault = |fault| Fault::new(SoapVersion::Soap11, code(), TEXT).with_cbss_fault(fault);
    messages.into_iter().map(fault).map(|fault| error_of(&fault)).collect()
}

fn ehealth_errors() -> Result<Vec<String>, Error> {
    let mut messages = Vec::new();
    for row in SoaCode::ALL {
        for (kind, version) in
            [(SoaErrorKind::System, SoapVersion::Soap11), (SoaErrorKind::Business, SoapVersion::Soap12)]
        {
            let error = SoaError {
                kind,
                id: TICKET.into(),
                origin: "Consumer".into(),
                code: row.code.into(),
                messages: vec![
                    Message { language: Some("en".into()), text: row.text.into() },
                    Message { language: None, text: TEXT.into() },
                ],
                retry: (kind == SoaErrorKind::System).then_some(true),
                contact: (kind == SoaErrorKind::Business).then(|| TEXT.into()),
                environment: Some("Acceptation".into()),
            };
            let code = FaultCode::new(version.namespace(), version.sender());
            messages.push(error_of(&Fault::new(version, code, TEXT).with_soa_error(error))?);
        }
    }
    Ok(messages)
}

/// The one element in the detail of a fault, which is what its schema is for.
fn error_of(fault: &Fault) -> Result<String, Error> {
    let xml = fault.to_xml();
    let document = Document::parse(xml.as_bytes(), &Limits::default())?;
    let detail = match fault.version {
        SoapVersion::Soap11 => document.root().only_child("", "detail")?,
        SoapVersion::Soap12 => document.root().only_child(names::SOAP_12, "Detail")?,
    };
    Ok(detail.children().map(|error| error.standalone_source()).collect())
}

fn holder() -> Identity {
    Authority::new("Example Root").ec("one")
}

/// An assertion for the holder, signed by a service of this process.
fn assertion(holder: &Identity) -> Result<String, sts::Error> {
    let service = Authority::new("Example Root").rsa("token service");
    let mut assertion = new_assertion(holder, instants()[1]);
    assertion.attributes.push(Attribute::new("urn:a", "urn:b", TEXT));
    assertion.sign(&service)
}

/// Every request, a challenge, its answer, and the answer with the token.
fn ws_trust() -> Result<Vec<String>, sts::Error> {
    let (holder, [_, created, _]) = (holder(), instants());
    let lifetime = Lifetime { created, expires: created + Duration::from_secs(3_600) };
    let mut claims = Claims::default();
    claims.insert(ClaimType::asserted("urn:be:fgov:person:ssin", TEXT))?;
    claims.insert(ClaimType::certified("urn:be:fgov:person:ssin:doctor:boolean"))?;
    let issue = || RequestSecurityToken::issue("RC-1", claims.clone(), holder.certificate().clone());
    let token = assertion(&holder)?;
    let renew = || RequestSecurityToken::renew("RC-1", &read_token(&token));
    let vouched = |authentication_method| VouchedSubject {
        assertion_id: "_1fa0d9b768da4f128345668bd92743d4".into(),
        issuer: "CN=Example & sons".into(),
        issue_instant: created,
        validity: lifetime,
        name: NameIdentifier {
            format: sts::names::X509_SUBJECT_NAME.into(),
            qualifier: TEXT.into(),
            value: TEXT.into(),
        },
        authentication_method,
    };
    let vouched = |method: Option<&str>| {
        RequestSecurityToken::on_behalf_of("RC-1", claims.clone(), vouched(method.map(str::to_owned)))
    };
    let without_key = issue().to_xml()?;
    let use_key = between(&without_key, "<wst:UseKey>", "</wst:UseKey>");
    let challenge = SignChallenge::new("RC-1", TEXT);
    let mut messages = vec![
        without_key.replace(use_key, ""),
        challenge.to_xml(),
        challenge.response().to_xml(),
        write_token_response("RC-1", &token),
    ];
    for request in [
        issue(),
        issue().with_lifetime(lifetime),
        issue().with_profile(TokenProfile::EHEALTH.with_key_type(KeyType::Standard)),
        issue().with_profile(TokenProfile::NSSO),
        renew(),
        renew().with_lifetime(lifetime),
        vouched(None),
        vouched(Some(sts::names::X509_PKI)).with_lifetime(lifetime),
    ] {
        messages.push(request.to_xml()?);
    }
    Ok(messages)
}

fn ssdn_requests() -> Result<[SsdnRequest; 2], Error> {
    let user = || AuthorizedUser::new("79021802145", "jan@example.be", 17);
    let body = "<q a='1'>&lt;&amp; <r xmlns='urn:r'/></q>";
    let service = || ServiceRequest::new("OCMWCPASIdentifyPerson", "20050930", body);
    let least = SsdnRequest::new(user()?, service()?);
    let most = SsdnRequest::new(user()?.with_org_unit("0406798006")?.with_matrix_sub_id(1), service()?)
        .with_service(service()?)
        .with_reference(TEXT)?
        .sent_at(instants()[1]);
    Ok([least, most])
}

fn ssdn_documents() -> Result<Vec<String>, Error> {
    // What the reader of replies is tested with must be a reply.
    let vectors = [
        include_str!("../../crates/ksz-soap/tests/vectors/ssdn-reply.xml"),
        include_str!("../../crates/ksz-soap/tests/vectors/ssdn-refusal.xml"),
    ];
    let requests = ssdn_requests()?;
    requests.iter().map(SsdnRequest::to_document).chain(vectors.map(|vector| Ok(vector.to_owned()))).collect()
}

fn ssdn_payloads() -> Result<Vec<String>, Error> {
    ssdn_requests()?.iter().map(SsdnRequest::to_xml).collect()
}

//! Requests of the three kinds, written by one side and read by the other.

use crate::fixture::{HOLDER, HOSPITAL, RECOGNISED, SERVICE, TOKEN, assertion, noon, root, swap, trust};
use ksz_sts::names::X509_SUBJECT_NAME;
use ksz_sts::{
    ClaimType, Claims, Error, KeyType, Lifetime, NameIdentifier, Purpose, RequestSecurityToken, TokenProfile,
    VerifiedAssertion, VouchedSubject,
};
use ksz_wss::{Policy, SamlToken};
use ksz_xml::Limits;

const STANDARD: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/PublicKey";
const EHEALTH: &str = "http://docs.oasis-open.org/ws-sx/wstrust/200512/PublicKey";

#[test]
fn each_kind_of_request_is_read_as_it_was_written() {
    for request in requests() {
        let xml = request.to_xml().unwrap();

        assert_eq!(root(&xml, RequestSecurityToken::read), Ok(request));
    }
}

#[test]
fn elements_stand_in_the_order_of_the_platforms_connector() {
    let children = |request: &RequestSecurityToken| {
        root(&request.to_xml().unwrap(), |root| {
            root.children().map(|child| child.local_name().to_owned()).collect::<Vec<_>>().join(" ")
        })
    };
    let [issue, renew, on_behalf_of] = requests();

    assert_eq!(children(&issue), "TokenType RequestType Claims Lifetime KeyType UseKey");
    assert_eq!(children(&renew), "TokenType RequestType RenewTarget");
    assert_eq!(children(&on_behalf_of), "TokenType RequestType Claims Lifetime OnBehalfOf Issuer");
}

#[test]
fn the_kind_of_key_is_written_without_the_hyphen_unless_the_caller_wants_the_standard() {
    let written = |profile: TokenProfile| issue().with_profile(profile).to_xml().unwrap();
    let default = issue().to_xml().unwrap();
    let standard = written(TokenProfile::EHEALTH.with_key_type(KeyType::Standard));

    assert!(default.contains(&format!("<wst:KeyType>{EHEALTH}</wst:KeyType>")), "{default}");
    assert_eq!(swap(&standard, &format!(">{STANDARD}<"), &format!(">{EHEALTH}<")), default);
    for (xml, key_type) in [(default, KeyType::Ehealth), (standard.clone(), KeyType::Standard)] {
        let read = root(&xml, RequestSecurityToken::read).unwrap();
        assert_eq!(read.profile().key_type(), key_type);
    }
    let bearer = swap(&standard, STANDARD, "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer");
    assert_eq!(refusal(&bearer), "KeyType is not PublicKey");
}

#[test]
fn claims_are_written_in_the_dialect_of_the_token_service() {
    let nsso = issue().with_profile(TokenProfile::NSSO);
    let xml = nsso.to_xml().unwrap();

    root(&xml, |root| {
        let claims = root.children().find(|child| child.local_name() == "Claims").unwrap();
        let dialect = "http://schemas.xmlsoap.org/ws/2006/12/authorization/authclaims";
        assert_eq!(claims.attribute("", "Dialect"), Some(dialect));
        let namespace = "http://schemas.xmlsoap.org/ws/2006/12/authorization";
        assert_eq!(claims.children().filter(|claim| claim.is(namespace, "ClaimType")).count(), 2);
    });
    assert_eq!(root(&xml, |root| RequestSecurityToken::read_as(root, TokenProfile::NSSO)), Ok(nsso));
    assert_eq!(refusal(&xml), "another dialect of claims");
    let mixed = issue().to_xml().unwrap().replace("authorization/200706\"", "authorization/200707\"");
    assert_eq!(refusal(&mixed), "a claim in another namespace");
}

#[test]
fn the_context_is_found_where_the_platforms_connector_writes_it() {
    let xml = issue().to_xml().unwrap();
    let of_connector = swap(&xml, " Context=", " wst:Context=");
    let both = swap(&xml, " Context=", " wst:Context=\"RC-2\" Context=");

    assert_eq!(root(&of_connector, RequestSecurityToken::read).unwrap().context(), "RC-1");
    assert_eq!(refusal(&both), "it has two contexts");
    assert!(root(&swap(&xml, " Context=\"RC-1\"", ""), RequestSecurityToken::read).is_err());
}

#[test]
fn a_token_goes_into_its_renewal_octet_for_octet_and_verifies_there() {
    let renewal = RequestSecurityToken::renew("RC-1", &TOKEN).to_xml().unwrap();

    assert!(renewal.contains(TOKEN.as_xml()), "{renewal}");
    let read = root(&renewal, RequestSecurityToken::read).unwrap();
    let Purpose::Renew { target } = read.purpose() else { panic!("{read:?}") };
    let verified =
        VerifiedAssertion::verify_text(target.as_xml(), &trust(), &Policy::default(), noon(60)).unwrap();
    assert_eq!(verified.holder(), HOLDER.certificate());
    assert_eq!(read.holder(), Ok(Some(HOLDER.certificate().clone())));
}

#[test]
fn a_token_whose_signature_would_not_survive_in_a_renewal_is_refused_first() {
    // Its canonicalization lists a prefix that it does not bind and that the request binds around it.
    let signed = assertion().sign(&SERVICE).unwrap();
    let method = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">";
    let list =
        "<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"wst\"/>";
    let open = swap(&signed, &format!("{method}</ds:Transform>"), &format!("{method}{list}</ds:Transform>"));
    let token = SamlToken::from_xml(&open, &Limits::default()).unwrap();

    let refusal = RequestSecurityToken::renew("RC-1", &token).to_xml().unwrap_err();

    assert_eq!(refusal, ksz_wss::Error::PrefixTaken { prefix: "wst".into() }.into());
}

#[test]
fn what_is_embedded_has_an_identifier_of_its_own() {
    let [_, renew, on_behalf_of] = requests();
    for (request, id) in [
        (renew, "token-_4d2f2572befc1c6a70493a35d3618c66"),
        (on_behalf_of, "token-_1fa0d9b768da4f128345668bd92743d4"),
    ] {
        let xml = request.to_xml().unwrap();

        root(&xml, |root| {
            let wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
            let embedded = root.descendants().find(|element| element.local_name() == "Embedded").unwrap();
            assert_eq!(embedded.attribute(wsu, "Id"), Some(id));
        });
        assert_eq!(xml.matches(&format!("\"{id}\"")).count(), 1);
    }
}

#[test]
fn a_request_that_mixes_kinds_is_refused() {
    let [issue, renew, on_behalf_of] = requests().map(|request| request.to_xml().unwrap());
    let end = "</wst:RequestSecurityToken>";
    let with = |xml: &str, more: &str| swap(xml, end, &format!("{more}{end}"));
    let part = |xml: &str, name: &str| {
        let (open, close) = (format!("<wst:{name}>"), format!("</wst:{name}>"));
        let (from, to) = (xml.find(&open).unwrap(), xml.find(&close).unwrap());
        xml[from..to + close.len()].to_owned()
    };
    let key_type = format!("<wst:KeyType>{EHEALTH}</wst:KeyType>");
    let other = "it holds elements of another kind of request";

    for (xml, expected) in [
        (with(&renew, &key_type), other),
        (with(&renew, &part(&issue, "UseKey")), other),
        (with(&on_behalf_of, &key_type), other),
        (with(&on_behalf_of, &part(&renew, "RenewTarget")), other),
        (with(&renew, &part(&on_behalf_of, "OnBehalfOf")), "it renews on behalf of somebody else"),
        (swap(&issue, "200512/Issue", "200512/Cancel"), "RequestType is neither Issue nor Renew"),
        (swap(&issue, "#SAMLV1.1", "#SAMLV2.0"), "TokenType is not a SAML 1.1 assertion"),
    ] {
        assert_eq!(refusal(&xml), expected, "{xml}");
    }
}

#[test]
fn not_exactly_one_assertion_is_renewed() {
    let renewal = RequestSecurityToken::renew("RC-1", &TOKEN).to_xml().unwrap();
    let assertion = TOKEN.as_xml().to_owned();
    let none = "not one SAML 1.1 assertion is embedded";

    assert_eq!(refusal(&swap(&renewal, &assertion, "")), none);
    assert_eq!(refusal(&swap(&renewal, &assertion, &format!("{assertion}{assertion}"))), none);
    assert_eq!(refusal(&swap(&renewal, &assertion, "<Assertion xmlns='urn:x'/>")), none);
    let reference = renewal.replace("wsse:Embedded", "wsse:Reference");
    assert!(root(&reference, RequestSecurityToken::read).is_err());
}

#[test]
fn what_is_vouched_for_has_that_shape_and_no_signature() {
    let xml = on_behalf_of().to_xml().unwrap();
    let statement = "</AttributeStatement>";
    let signature = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>";

    for (xml, expected) in [
        (
            swap(&xml, statement, &format!("{statement}{signature}")),
            "the vouched assertion holds more or less than conditions and statements",
        ),
        (
            swap(&xml, "<AttributeStatement>", &format!("{signature}<AttributeStatement>")),
            "the vouched assertion holds more or less than conditions and statements",
        ),
        (swap(&xml, " MinorVersion=\"1\"", " MinorVersion=\"0\""), "the vouched assertion is not SAML 1.1"),
        (
            xml.replacen("SSIN=79021802145", "SSIN=79021802146", 1),
            "the vouched assertion is about two subjects",
        ),
        (
            swap(&xml, "</wsa:Address>", "x</wsa:Address>"),
            "Issuer is another than the assertion's on whose behalf it is",
        ),
    ] {
        assert_eq!(refusal(&xml), expected, "{xml}");
    }
    let named = VouchedSubject { assertion_id: "1 2".into(), ..vouched() };
    let request = RequestSecurityToken::on_behalf_of("RC-1", Claims::default(), named);
    assert_eq!(request.to_xml(), Err(Error::AssertionShape { detail: "its AssertionID is no name" }));
}

#[test]
fn nobody_that_a_request_names_prints() {
    for request in requests() {
        let printed = format!("{request:?}");

        assert!(!printed.contains("71089914\"") && !printed.contains("79021802145"), "{printed}");
        assert!(!printed.contains("<Assertion"), "{printed}");
    }
}

/// One of each kind.
fn requests() -> [RequestSecurityToken; 3] {
    [issue(), RequestSecurityToken::renew("RC-1", &TOKEN), on_behalf_of()]
}

fn issue() -> RequestSecurityToken {
    RequestSecurityToken::issue("RC-1", claims(), HOLDER.certificate().clone()).with_lifetime(lifetime())
}

fn on_behalf_of() -> RequestSecurityToken {
    RequestSecurityToken::on_behalf_of("RC-1", claims(), vouched()).with_lifetime(lifetime())
}

fn lifetime() -> Lifetime {
    Lifetime { created: noon(0), expires: noon(3_600) }
}

fn claims() -> Claims {
    let mut claims = Claims::default();
    claims.insert(ClaimType::asserted(HOSPITAL, "71089914")).unwrap();
    claims.insert(ClaimType::certified(RECOGNISED)).unwrap();
    claims
}

fn vouched() -> VouchedSubject {
    VouchedSubject {
        assertion_id: "_1fa0d9b768da4f128345668bd92743d4".into(),
        issuer: "CN=\"NIHII-HOSPITAL=71089914\", C=BE & more".into(),
        issue_instant: noon(0),
        validity: lifetime(),
        name: NameIdentifier {
            format: X509_SUBJECT_NAME.into(),
            qualifier: "CN=\"Example <CA>\"".into(),
            value: "CN=\"SSIN=79021802145\", C=BE".into(),
        },
        authentication_method: Some("urn:oasis:names:tc:SAML:1.0:am:password".into()),
    }
}

/// Why a request is not accepted.
#[track_caller]
fn refusal(xml: &str) -> &'static str {
    match root(xml, RequestSecurityToken::read) {
        Err(Error::RequestNotAccepted { detail }) => detail,
        other => panic!("{other:?}\n{xml}"),
    }
}

//! What is missing, repeated, out of place, or misprinted.

use crate::case::Case;
use crate::world::{WORLD, between, resigned, swap};
use ksz::wss::{Certainty, Layout, SigningOptions, sign_x509};

pub(crate) fn cases() -> Vec<Case> {
    let message = WORLD.message();
    let x509 = |cause, what, message: String| Case::x509(cause, what, message);
    let part = |start: &str, end: &str| between(&message, start, end).to_owned();
    let security = part("<wsse:Security", "</wsse:Security>");
    let signature = part("<ds:Signature", "</ds:Signature>");
    let timestamp = part("<wsu:Timestamp", "</wsu:Timestamp>");
    let token = part("<wsse:BinarySecurityToken", "</wsse:BinarySecurityToken>");
    let key_info = part("<ds:KeyInfo", "</ds:KeyInfo>");
    let body = part("<soapenv:Body", "</soapenv:Body>");
    let reference = part("<ds:Reference URI=\"#id-1\"", "</ds:Reference>");
    let without = |what: &str| swap(&message, what, "");
    let wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    let user =
        format!("<wsse:UsernameToken><wsse:Username>u</wsse:Username></wsse:UsernameToken>{timestamp}");
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain(message.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    vec![
        x509("misprinted-name", "a blank behind a namespace", message.replace(wsse, &format!("{wsse} "))),
        x509("misprinted-name", "a hyphen lost", message.replace("xml-exc-c14n#", "xml-excc14n#")),
        x509("misprinted-name", "a host name", message.replace("docs.oasis-open.org", "docs.oasisopen.org")),
        x509(
            "misprinted-name",
            "another specification",
            message.replace("04/xmlenc#sha256", "04/xmldsig#sha256"),
        ),
        x509("misprinted-name", "blanks all over", {
            message.replace("http://www.w3.org/2000/09/xmldsig#", " http : // www.w3.org/2000/09/xmldsig#")
        }),
        x509("trailing-content", "an octet behind the document", format!("{message}\u{b7}")),
        x509(
            "trailing-content",
            "a line before the declaration",
            format!("\n<?xml version=\"1.0\"?>{message}"),
        ),
        x509("unreadable", "a tag that is not closed", swap(&message, "</urn1:Message>", "")),
        x509("unreadable", "a DOCTYPE", format!("<!DOCTYPE a>{message}")),
        x509(
            "unreadable",
            "a processing instruction",
            swap(&message, "<soapenv:Header>", "<?a b?><soapenv:Header>"),
        ),
        Case::x509("unreadable", "UTF-16", utf16),
        Case::x509("unreadable", "nothing", ""),
        x509("not-an-envelope", "SOAP 1.2", {
            message.replace(
                "http://schemas.xmlsoap.org/soap/envelope/",
                "http://www.w3.org/2003/05/soap-envelope",
            )
        }),
        x509(
            "not-an-envelope",
            "two Bodies",
            swap(&message, &body, &format!("<soapenv:Body></soapenv:Body>{body}")),
        ),
        x509("id-repeated", "the Body's once more", {
            swap(&message, "<soapenv:Header>", "<soapenv:Header><x Id=\"id-1\"></x>")
        }),
        x509("id-missing", "of the Body", swap(&message, " wsu:Id=\"id-1\"", "")),
        x509("id-missing", "in no namespace", swap(&message, " wsu:Id=\"TS-1\"", " Id=\"TS-1\"")),
        x509("part-moved", "the Body into a header block", {
            swap(&message, &body, "<soapenv:Body wsu:Id=\"x\" xmlns:wsu=\"urn:x\"></soapenv:Body>")
                .replace("<soapenv:Header>", &format!("<soapenv:Header><w>{body}</w>"))
        }),
        x509("part-not-signed", "the Body", resigned(&without(&reference), &WORLD.rsa)),
        x509("reference-beyond", "a header block", {
            let more = reference.replace("#id-1", "#more");
            let with = swap(&message, &reference, &format!("{reference}{more}"));
            resigned(&swap(&with, "<soapenv:Header>", "<soapenv:Header><x Id=\"more\"></x>"), &WORLD.rsa)
        })
        .being(Certainty::Proven),
        x509("security-missing", "no header", without(&security)),
        x509("security-repeated", "two headers", {
            let second = format!("{}</wsse:Security>", &security[..=security.find('>').unwrap()]);
            swap(&message, &security, &format!("{security}{second}"))
        }),
        x509("security-shape", "a user name", swap(&message, &timestamp, &user)),
        x509("security-shape", "a second timestamp", {
            swap(&message, &timestamp, &format!("{timestamp}{}", timestamp.replace("TS-1", "TS-2")))
        }),
        x509("security-shape", "no token", without(&token)),
        x509("signature-missing", "taken out", without(&signature)),
        x509("timestamp-missing", "taken out", without(&timestamp)),
        x509("signature-malformed", "a second SignedInfo", {
            let signed_info = part("<ds:SignedInfo>", "</ds:SignedInfo>");
            swap(&message, &signed_info, &format!("{signed_info}{signed_info}"))
        }),
        x509("key-info", "none", without(&key_info)),
        x509("key-info", "a key instead of a token", {
            swap(&message, &key_info, "<ds:KeyInfo><ds:KeyName>x</ds:KeyName></ds:KeyInfo>")
        }),
        x509(
            "key-info",
            "another token",
            swap(&message, "URI=\"#X509-1\" ValueType", "URI=\"#X509-2\" ValueType"),
        ),
        Case::x509(
            "other-profile",
            "a holder's message",
            WORLD.brokered(&WORLD.assertion(&WORLD.rsa), &WORLD.rsa),
        ),
        Case::holder("other-profile", "a message with a certificate", message.clone()),
    ]
}

#[test]
fn a_good_message_gives_no_finding() {
    let envelope = crate::world::envelope();
    for identity in [&WORLD.rsa, &WORLD.ec] {
        for prefix_lists in [ksz::wss::PrefixLists::Omitted, ksz::wss::PrefixLists::Written] {
            for layout in [Layout::Ehealth, Layout::Connector] {
                let mut options = SigningOptions::default();
                (options.prefix_lists, options.layout) = (prefix_lists, layout);
                let ids = ksz_tests::keys::ids("1");
                let message = sign_x509(envelope.as_bytes(), identity, &ids, WORLD.now, &options).unwrap();
                let found = ksz::wss::diagnose(message.as_bytes(), &WORLD.x509()).findings;
                assert_eq!(found, [], "{options:?}");
            }
        }
        let message = WORLD.brokered(&WORLD.assertion(identity), identity);
        assert_eq!(ksz::wss::diagnose(message.as_bytes(), &WORLD.holder(message.as_bytes())).findings, []);
    }
}

#[test]
fn what_makes_no_difference_is_no_finding() {
    let message = WORLD.message();
    let reordered = swap(
        &message,
        "<wsse:BinarySecurityToken EncodingType=",
        "<wsse:BinarySecurityToken  wsu:Id=\"X509-1\" EncodingType=",
    );
    let reordered = swap(&reordered, "X509v3\" wsu:Id=\"X509-1\">", "X509v3\">");
    let declared = swap(&message, "<soapenv:Envelope", "<soapenv:Envelope xmlns:unused='urn:unused'");
    for same in [
        reordered,
        declared,
        format!("\u{feff}{message}"),
        message.replace("></urn1:Note>", " ></urn1:Note>"),
    ] {
        assert_eq!(ksz::wss::diagnose(same.as_bytes(), &WORLD.x509()).findings, [], "{same}");
    }
}

//! What is done to a part between signer and receiver, or was done wrongly by the signer.

use crate::case::Case;
use crate::world::{WORLD, between, canonical, envelope_with, exclusive, redigested, resigned, swap};
use ksz::wss::PrefixLists;
use ksz::xmldsig::{CanonicalizationMethod, PrefixList};

const BODY: &str = "id-1";

pub(crate) fn cases() -> Vec<Case> {
    let message = WORLD.message();
    let listed = WORLD.listed();
    let signed = |content: &str| WORLD.signed(&envelope_with(content), PrefixLists::Omitted);
    let resigned_with =
        |message: &str, octets: &str| resigned(&redigested(message, BODY, octets.as_bytes()), &WORLD.rsa);
    let x509 = |cause, what, message: String| Case::x509(cause, what, message);
    let body = canonical(&message, BODY, &exclusive());
    let payload = between(&body, "<urn:", "</urn:CheckAccessControlRequest>").to_owned();
    let accented = signed("<urn1:Message>caf\u{e9}</urn1:Message>");
    let commented = signed("<urn1:Message>a<!-- b -->c</urn1:Message>");
    let printed = signed("\n  <urn1:Message>Hello</urn1:Message>\n  <urn1:Note>x</urn1:Note>\n");
    let twice = signed("<urn1:Message>Hello</urn1:Message>\n<urn1:Note>x</urn1:Note>");
    let urn1 = " xmlns:urn1=\"urn:be:fgov:ehealth:platformintegrationconsumertest:types:v1\"";
    let declared_below = WORLD.signed(
        &envelope_with("<urn1:Message>Hello</urn1:Message>")
            .replace(urn1, "")
            .replace("<urn1:Message>", &format!("<urn1:Message{urn1}>")),
        PrefixLists::Written,
    );
    let lists_urn1 = resigned_with(
        &swap(&listed, "PrefixList=\"urn urn1\"", "PrefixList=\"urn urn1 gone\""),
        &canonical(&listed, BODY, &CanonicalizationMethod::exclusive(PrefixList::parse("urn urn1"))),
    );
    let include =
        "<xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:1\"></xop:Include>";
    let whole = signed("<urn1:Message>SGVsbG8=</urn1:Message>");
    let (attached, expanded) = (whole.replace("SGVsbG8=", include), canonical(&whole, BODY, &exclusive()));
    vec![
        x509("reindented", "the whole message printed prettily", message.replace("><", ">\n  <")),
        x509("reindented", "the Body alone", swap(&message, "<urn1:Message>", "\n    <urn1:Message>")),
        x509("reindented", "the Timestamp alone", swap(&message, "<wsu:Expires>", "\r\n<wsu:Expires>")),
        x509(
            "reindented",
            "SignedInfo alone",
            swap(&message, "<ds:SignatureMethod", "\n<ds:SignatureMethod"),
        ),
        x509(
            "reindented",
            "white space put around a value",
            swap(&message, ">Hello<", ">\n      Hello\n    <"),
        ),
        x509(
            "reindented",
            "a printed Body flattened",
            printed.replace("\n  <", "<").replace("\n</urn:", "</urn:"),
        ),
        x509("reindented", "with tabulators, and with prefix lists", listed.replace("><urn", ">\n\t<urn")),
        x509(
            "carriage-returns",
            "a carriage return became a reference",
            twice.replace(">\n<", ">&#xD;\n<").replace("&#xD;", "&#13;"),
        ),
        x509("carriage-returns", "in a value", swap(&message, "two\nlines", "two&#xD;\nlines")),
        x509("carriage-returns", "signed with, sent without", {
            let with = body.replace("two\nlines", "two&#xD;\nlines");
            resigned_with(&message, &with)
        }),
        x509("prefix-list-ignored", "a list that stands there was not applied", {
            resigned_with(&listed, &canonical(&listed, BODY, &exclusive()))
        }),
        x509("prefix-list-ignored", "a list was applied that does not stand there", {
            let list = between(&listed, "PrefixList=\"urn urn1\"", "</ec:InclusiveNamespaces>").to_owned();
            let start = "<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" ";
            let without = swap(&listed, &format!("{start}{list}"), "");
            resigned(&without, &WORLD.rsa)
        }),
        x509("namespace-moved", "from the Envelope to its use", {
            let declared = |name: &str| (format!("<urn1:{name}>"), format!("<urn1:{name}{urn1}>"));
            let ((message, with_message), (note, with_note)) = (declared("Message"), declared("Note"));
            swap(&listed, urn1, "").replace(&message, &with_message).replace(&note, &with_note)
        }),
        x509("namespace-moved", "from its use to the Envelope", {
            let moved = declared_below.replace(&format!("<urn1:Message{urn1}>"), "<urn1:Message>");
            let moved = moved.replace("PrefixList=\"urn\"", "PrefixList=\"urn urn1\"");
            let listed = CanonicalizationMethod::exclusive(PrefixList::parse("urn urn1"));
            let signed = canonical(
                &declared_below.replace("PrefixList=\"urn\"", "PrefixList=\"urn urn1\""),
                BODY,
                &listed,
            );
            resigned_with(&swap(&moved, "<soapenv:Envelope", &format!("<soapenv:Envelope{urn1}")), &signed)
        }),
        x509("namespace-moved", "taken out of the Envelope, where nothing uses it", {
            let urn = " xmlns:gone=\"urn:be:fgov:ehealth:platformintegrationconsumertest:v1\"";
            let method = CanonicalizationMethod::exclusive(PrefixList::parse("urn urn1 gone"));
            let with = swap(&lists_urn1, "<soapenv:Envelope", &format!("<soapenv:Envelope{urn}"));
            resigned_with(&lists_urn1, &canonical(&with, BODY, &method))
        }),
        x509(
            "prefix-renamed",
            "of the payload",
            message.replace("urn1:", "ns2:").replace("xmlns:urn1=", "xmlns:ns2="),
        ),
        x509(
            "prefix-renamed",
            "of the envelope",
            message.replace("soapenv:", "SOAP-ENV:").replace(":soapenv=", ":SOAP-ENV="),
        ),
        x509("other-canonicalization", "Canonical XML 1.0", {
            resigned_with(&message, &canonical(&message, BODY, &CanonicalizationMethod::inclusive()))
        }),
        x509("other-canonicalization", "no canonicalization at all", {
            let raw = between(&message, "<soapenv:Body", "</soapenv:Body>").to_owned();
            resigned_with(&message, &raw)
        }),
        x509("byte-order-mark", "in front of a value", swap(&message, ">Hello", ">\u{feff}Hello")),
        x509("white-space-in-value", "behind a value", swap(&message, "Hello<", "Hello <")),
        x509("white-space-in-value", "trimmed from a value", {
            swap(&signed("<urn1:Message>Hello </urn1:Message>"), "Hello <", "Hello<")
        }),
        x509("encoding-confused", "UTF-8 read as ISO-8859-1", swap(&accented, "\u{e9}", "\u{c3}\u{a9}")),
        x509("encoding-confused", "digested in ISO-8859-1", {
            let latin1: Vec<u8> = canonical(&accented, BODY, &exclusive())
                .chars()
                .map(|c| u8::try_from(u32::from(c)).unwrap())
                .collect();
            resigned(&redigested(&accented, BODY, &latin1), &WORLD.rsa)
        }),
        x509("comments-signed", "with comments", {
            resigned_with(&commented, &canonical(&commented, BODY, &exclusive().with_comments()))
        }),
        x509("id-added-after-digest", "the identifier came too late", {
            let bare = body.replace(" wsu:Id=\"id-1\"", "");
            let wsu = between(&bare, " xmlns:wsu=\"", "xsd\"").to_owned();
            resigned_with(&message, &bare.replace(&wsu, ""))
        }),
        x509("content-digested", "the payload instead of the Body", resigned_with(&message, &payload)),
        x509("xop-not-expanded", "the content was signed", resigned_with(&attached, &format!("{expanded} "))),
        x509("part-changed", "another letter", swap(&message, "Hello", "Hullo")),
        x509("part-changed", "another instant", {
            let expires = between(&message, "<wsu:Expires>", "Z<").to_owned();
            let digit = expires.trim_end_matches("Z<");
            let other = if digit.ends_with('1') { '2' } else { '1' };
            swap(&message, &expires, &format!("{}{other}Z<", &digit[..digit.len() - 1]))
        }),
        x509("token-reserialised", "base64 of the certificate in lines", {
            let token = between(&message, "Id=\"X509-1\">", "<").to_owned();
            let (head, tail) = token.split_at(60);
            swap(&message, &token, &format!("{head}\n{tail}"))
        }),
    ]
}

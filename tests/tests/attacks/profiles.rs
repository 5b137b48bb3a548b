//! Messages and answers for another receiver, and the forms that every receiver accepts.

use super::world::{Profile, SIGNATURE, Scene, WORLD, hok_scenes, part, resign, scenes, swap};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::{Class, reason};
use ksz::soap::write_envelope;
use ksz::sts::names::WST;
use ksz::sts::{verify_token_response, write_token_response};
use ksz::wss::{Policy, PrefixLists, SigningOptions, names, sign_holder_of_key, sign_x509};
use ksz::xmldsig::names::DS;
use ksz_tests::keys::ids;
use ksz_tests::world::{envelope, text_of};

#[test]
fn p61_a_message_of_the_other_profile_is_refused() {
    for scene in scenes() {
        let other = match scene.profile {
            Profile::X509 => Profile::HolderOfKey,
            Profile::HolderOfKey => Profile::X509,
        };
        let receiver = Scene { profile: other, ..scene.clone() };
        receiver.refuses(&scene.message, Class::Structure, "SecurityShape");
        let theirs = Scene::new(other, scene.signer, WORLD.now);
        let both = swap(
            &scene.message,
            scene.part(scene.token_id()),
            &format!("{}{}", scene.part(scene.token_id()), theirs.part(theirs.token_id())),
        );
        receiver.refuses(&both, Class::Structure, "SecurityShape");
        let exchanged = scene.with(scene.part(scene.token_id()), theirs.part(theirs.token_id()));
        receiver.refuses(&exchanged, Class::Key, "KeyInfo");
        scene.refuses(&exchanged, Class::Structure, "SecurityShape");
    }
}

#[test]
fn p62_a_token_response_to_another_request_is_refused() {
    for scene in hok_scenes() {
        let token = WORLD.token(scene.signer);
        let assertion = token.as_xml();
        let response = write_token_response("RC-1", assertion);
        let verify = |payload: &str, context: &str, holder| {
            let answer = write_envelope(payload);
            let (trust, policy) = (WORLD.assertion_trust(), Policy::default());
            verify_token_response(answer.as_bytes(), Some(context), Some(holder), &trust, &policy, WORLD.now)
                .map(|assertion| assertion.token().as_xml().to_owned())
                .map_err(|error| (error.class(), reason(&error)))
        };
        let holder = scene.signer.certificate();
        let refused = |class, variant: &str| Err((class, variant.to_owned()));
        assert_eq!(verify(&response, "RC-1", holder).as_deref(), Ok(assertion), "kept to the octet");
        let collection = |content: &str| {
            format!(
                "<wst:RequestSecurityTokenResponseCollection xmlns:wst=\"{WST}\">{content}\
                 </wst:RequestSecurityTokenResponseCollection>"
            )
        };
        assert!(verify(&collection(&response), "RC-1", holder).is_ok());

        assert_eq!(verify(&response, "RC-2", holder), refused(Class::Structure, "ContextMismatch"));
        let nameless = swap(&response, " Context=\"RC-1\"", "");
        assert_eq!(verify(&nameless, "RC-1", holder), refused(Class::Structure, "ContextMismatch"));
        for other in [&WORLD.other_rsa, &WORLD.other_ec] {
            let other = other.certificate();
            assert_eq!(verify(&response, "RC-1", other), refused(Class::Hok, "HolderMismatch"));
        }
        let fault = "<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>no</faultstring></soapenv:Fault>";
        for (payload, variant) in [
            (format!("{fault}{response}"), "FaultBesideAnswer"),
            (format!("{response}{fault}"), "FaultBesideAnswer"),
            (response.repeat(2), "SeveralResponses"),
            (collection(&response.repeat(2)), "SeveralResponses"),
            (collection(""), "ResponseShape"),
            (swap(&response, assertion, &assertion.repeat(2)), "ResponseShape"),
            (swap(&response, assertion, ""), "ResponseShape"),
            (swap(&response, assertion, "<x xmlns=\"urn:x\"/>"), "ResponseShape"),
        ] {
            assert_eq!(verify(&payload, "RC-1", holder), refused(Class::Structure, variant), "{payload}");
        }
        assert_eq!(verify(fault, "RC-1", holder), refused(Class::Structure, "Fault"));
    }
}

#[test]
fn p65_every_form_of_a_genuine_message_is_accepted() {
    for scene in scenes() {
        for (prefixes, default) in PREFIX_STYLES {
            let styled = scene.sealed(&styled(scene, prefixes, default));
            let styled_body = scene.accepts(&styled).body_text();
            assert_eq!(styled_body, "Hello", "{styled}");
            scene.refuses(swap(&styled, "Hello", "Hullo"), Class::Digest, "DigestMismatch");
        }

        scene.accepts(format!("\u{feff}{}", scene.message));
        scene.accepts(format!(
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n{}\n",
            scene.message
        ));
        scene.accepts(wrapped_base64(scene));

        let unused = " xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"";
        scene.accepts(scene.with("<soapenv:Envelope", &format!("<soapenv:Envelope{unused}")));
        scene.accepts(scene.with("<soapenv:Header>", &format!("<soapenv:Header{unused}>")));

        let listed = with_prefix_lists(scene);
        assert!(listed.matches(" PrefixList=\"").count() >= 3, "{listed}");
        scene.accepts(&listed);
        let reversed = reversed_lists(&listed);
        assert_ne!(reversed, listed);
        scene.accepts(resign(&reversed, scene.signer.key()));
    }
}

/// Prefixes as peers write them: what each of ours becomes, and what is the default namespace.
const PREFIX_STYLES: [(&[(&str, &str)], &str); 4] = [
    (&[], ""),
    (&[("soapenv", "S"), ("wsse", "o"), ("wsu", "u"), ("ds", "dsig")], ""),
    (&[("wsse", "ns2"), ("wsu", "ns3")], "ds"),
    (&[("ds", "SOAP-ENV"), ("wsu", "a.b-c_1")], "soapenv"),
];

/// The message with other prefixes; the assertion keeps those that it was signed with.
fn styled(scene: &Scene, prefixes: &[(&str, &str)], default: &str) -> String {
    const PLACE: &str = "<assertion-stands-here/>";
    let assertion = match scene.profile {
        Profile::X509 => PLACE,
        Profile::HolderOfKey => scene.part(scene.token_id()),
    };
    let mut text = scene.message.replace(assertion, PLACE);
    let names =
        [("soapenv", ksz::soap::names::SOAP_11), ("ds", DS), ("wsse", names::WSSE), ("wsu", names::WSU)];
    if let Some((prefix, name)) = names.iter().find(|(prefix, _)| *prefix == default) {
        text = text.replace(&format!("<{prefix}:"), "<").replace(&format!("</{prefix}:"), "</");
        let declaration = format!(" xmlns:{prefix}=\"{name}\"");
        text = text.replace(&declaration, &format!(" xmlns=\"{name}\"{declaration}"));
    }
    for (from, to) in prefixes {
        for (before, after) in [("<", ":"), ("</", ":"), (" xmlns:", "="), (" ", ":")] {
            text = text.replace(&format!("{before}{from}{after}"), &format!("{before}{to}{after}"));
        }
    }
    text.replace(PLACE, assertion)
}

/// Base64 in lines, in the values of the signature and in the token.
fn wrapped_base64(scene: &Scene) -> String {
    let in_lines = |text: &str| {
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("\r\n\t{}\n ", lines.join("\n"))
    };
    let mut message = scene.message.clone();
    if scene.profile == Profile::X509 {
        let text = text_of(scene.part(scene.token_id()), "wsse:BinarySecurityToken");
        message = swap(&message, text, &in_lines(text));
    } else {
        let assertion = scene.assertion_with(|assertion| {
            let holder = STANDARD.encode(scene.signer.certificate().der());
            swap(assertion, &holder, &in_lines(&holder))
        });
        message = scene.carrying(&assertion);
    }
    let digest = text_of(part(&message, SIGNATURE), "ds:DigestValue").to_owned();
    message = scene.sealed(&message);
    let signature = part(&message, SIGNATURE);
    let own_digest = text_of(signature, "ds:DigestValue");
    assert_eq!(digest.len(), own_digest.len());
    let wrapped = swap(signature, own_digest, &format!("{}\n{}", &own_digest[..20], &own_digest[20..]));
    let message = resign(&swap(&message, signature, &wrapped), scene.signer.key());
    let value = text_of(part(&message, SIGNATURE), "ds:SignatureValue");
    swap(&message, value, &in_lines(value))
}

/// The message with `InclusiveNamespaces` wherever they may stand.
fn with_prefix_lists(scene: &Scene) -> String {
    let mut options = SigningOptions::default();
    options.prefix_lists = PrefixLists::Written;
    let (envelope, ids) = (envelope(), ids("1"));
    match scene.profile {
        Profile::X509 => sign_x509(envelope.as_bytes(), scene.signer, &ids, WORLD.now, &options),
        Profile::HolderOfKey => {
            let token = WORLD.token(scene.signer);
            sign_holder_of_key(envelope.as_bytes(), &token, scene.signer.key(), &ids, WORLD.now, &options)
        }
    }
    .unwrap()
}

/// The same with each list in the other order; the octets to be digested stay as they are.
fn reversed_lists(message: &str) -> String {
    let pieces: Vec<_> = message.split(" PrefixList=\"").collect();
    let reversed = pieces[1..].iter().map(|piece| {
        let (list, rest) = piece.split_once('"').unwrap();
        let backwards: Vec<_> = list.split(' ').rev().collect();
        format!("{}\"{rest}", backwards.join("  "))
    });
    std::iter::once(pieces[0].to_owned()).chain(reversed).collect::<Vec<_>>().join(" PrefixList=\"")
}

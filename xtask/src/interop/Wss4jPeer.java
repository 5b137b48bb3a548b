import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.apache.ws.security.WSConstants;
import org.apache.ws.security.WSEncryptionPart;
import org.apache.ws.security.components.crypto.Crypto;
import org.apache.ws.security.message.WSSecHeader;
import org.apache.ws.security.message.WSSecSignature;
import org.apache.ws.security.message.WSSecTimestamp;
import org.apache.xml.security.signature.XMLSignature;
import org.apache.xml.security.transforms.Transforms;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Answers for WSS4J. A Java machine starts slowly, so one of them does all the work: each line it reads is a task,
 * its words parted by tabs, and each line it writes is the answer, "OK" or "FAULT" and why.
 *
 *   verify MESSAGE TRUST                              TRUST holds the certificates that are believed
 *   x509 KEY FOLDER ENVELOPE SIGNED                   KEY is rsa or ec: FOLDER/KEY.key and FOLDER/KEY.crt
 *   x509-str KEY FOLDER ENVELOPE SIGNED               the token is signed through the part STRTransform
 *   saml-hok KEY FOLDER ENVELOPE SIGNED ASSERTION     the assertion goes into the header as it is
 *   assertion FILE TRUST                              one assertion that stands alone
 *   issue NAME KEY UNSIGNED SIGNED                    an assertion is signed with NAME.key, certificate NAME.crt
 *
 * Wss4jKit and Wss4jVerify are compiled with it: how a message is signed, and what is required of one.
 */
final class Wss4jPeer {
    private static final int SECONDS = 60;

    public static void main(String[] none) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);
        BufferedReader tasks = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String task = tasks.readLine(); task != null; task = tasks.readLine()) {
            answers.println(answer(task.split("\t")));
        }
    }

    private static String answer(String[] task) {
        try {
            if (task[0].equals("verify")) {
                new Wss4jVerify(Wss4jKit.trust(Path.of(task[2])), SECONDS, 300, null, true)
                        .verify(Files.readAllBytes(Path.of(task[1])));
            } else if (task[0].equals("assertion")) {
                verifyAssertion(Path.of(task[1]), Path.of(task[2]));
            } else if (task[0].equals("issue")) {
                issue(task[1], task[2], Path.of(task[3]), Path.of(task[4]));
            } else {
                sign(task);
            }
            return "OK";
        } catch (Exception fault) {
            StringBuilder why = new StringBuilder("FAULT");
            for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
                why.append(' ').append(cause);
            }
            return why.toString().replaceAll("\\s+", " ");
        }
    }

    private static void sign(String[] task) throws Exception {
        String key = task[1];
        Document message = Wss4jKit.parse(Files.readAllBytes(Path.of(task[3])));
        WSSecHeader header = Wss4jKit.header(message);
        if (task[0].equals("x509-str")) {
            signThroughReference(message, header, Wss4jKit.signer(Path.of(task[2]), key), key);
            Files.write(Path.of(task[4]), Wss4jKit.bytes(message));
            return;
        }
        String assertionId = null;
        if (task[0].equals("saml-hok")) {
            Document assertion = Wss4jKit.parse(Files.readAllBytes(Path.of(task[5])));
            assertionId = assertion.getDocumentElement().getAttribute("AssertionID");
            header.getSecurityHeader().appendChild(message.importNode(assertion.getDocumentElement(), true));
        }
        Wss4jKit.sign(message, header, Wss4jKit.signer(Path.of(task[2]), key), key, SECONDS, assertionId);
        Files.write(Path.of(task[4]), Wss4jKit.bytes(message));
    }

    /** The enveloped signature of an assertion, by a certificate that is believed. */
    private static void verifyAssertion(Path file, Path trust) throws Exception {
        Element assertion = Wss4jKit.parse(Files.readAllBytes(file)).getDocumentElement();
        assertion.setIdAttributeNS(null, "AssertionID", true);
        XMLSignature signature = new XMLSignature((Element) assertion.getLastChild(), "", true);
        X509Certificate issuer = signature.getKeyInfo().getX509Certificate();
        if (issuer == null || !Wss4jKit.certs(trust).contains(issuer)) {
            throw new Exception("assertion issuer is not trusted");
        }
        String covered = "#" + assertion.getAttribute("AssertionID");
        if (signature.getSignedInfo().getLength() != 1
                || !signature.getSignedInfo().item(0).getURI().equals(covered)) {
            throw new Exception("assertion not covered");
        }
        if (!signature.checkSignatureValue(issuer)) {
            throw new Exception("assertion signature");
        }
    }

    private static void issue(String name, String key, Path unsigned, Path signed) throws Exception {
        Document document = Wss4jKit.parse(Files.readAllBytes(unsigned));
        Element assertion = document.getDocumentElement();
        assertion.setIdAttributeNS(null, "AssertionID", true);
        String method = key.equals("ec") ? Wss4jKit.ECDSA_SHA256 : Wss4jKit.RSA_SHA256;
        XMLSignature signature = new XMLSignature(document, "", method, Transforms.TRANSFORM_C14N_EXCL_OMIT_COMMENTS);
        assertion.appendChild(signature.getElement());
        Transforms transforms = new Transforms(document);
        transforms.addTransform(Transforms.TRANSFORM_ENVELOPED_SIGNATURE);
        transforms.addTransform(Transforms.TRANSFORM_C14N_EXCL_OMIT_COMMENTS);
        signature.addDocument("#" + assertion.getAttribute("AssertionID"), transforms, Wss4jKit.SHA256);
        signature.addKeyInfo(Wss4jKit.certs(Path.of(name + ".crt")).get(0));
        signature.sign(Wss4jKit.key(Path.of(name + ".key"), key));
        Files.write(signed, Wss4jKit.bytes(document));
    }

    /** The recipe of Wss4jKit for a certificate, where the token is not signed by its own identifier. */
    private static void signThroughReference(Document message, WSSecHeader header, Crypto crypto, String key)
            throws Exception {
        WSSecTimestamp timestamp = new WSSecTimestamp();
        timestamp.setTimeToLive(SECONDS);
        timestamp.build(message, header);
        WSSecSignature signature = new WSSecSignature();
        signature.setUserInfo("key", "pw");
        signature.setSignatureAlgorithm(key.equals("ec") ? Wss4jKit.ECDSA_SHA256 : Wss4jKit.RSA_SHA256);
        signature.setDigestAlgo(Wss4jKit.SHA256);
        signature.setSigCanonicalization(WSConstants.C14N_EXCL_OMIT_COMMENTS);
        signature.setKeyIdentifierType(WSConstants.BST_DIRECT_REFERENCE);
        signature.prepare(message, crypto, header);
        signature.prependBSTElementToHeader(header);
        WSEncryptionPart token = new WSEncryptionPart("STRTransform", "", "Element");
        token.setId(signature.getSecurityTokenReferenceURI());
        List<WSEncryptionPart> parts = List.of(
                new WSEncryptionPart("Timestamp", WSConstants.WSU_NS, "Element"),
                new WSEncryptionPart("Body", Wss4jKit.SOAP, "Element"),
                token);
        signature.computeSignature(signature.addReferencesToSign(parts, header), false, null);
    }
}

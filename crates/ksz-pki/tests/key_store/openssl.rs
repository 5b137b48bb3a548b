//! Stores that `openssl` and `keytool` write.

use crate::fixture::{Authorities, PASSWORD, assert_is, key, password};
use crate::programs::{Folder, installed};
use ksz_pki::{Backend, Error, Identity, KeyStore, Password};
use rcgen::{KeyUsagePurpose, PKCS_RSA_SHA256};

const EXPORT: &str =
    "pkcs12 -export -inkey @key.pem -in @certificate.pem -certfile @above.pem -out @store.p12";

#[test]
fn every_store_of_openssl_opens() {
    if !installed("openssl", "stores of openssl") {
        return;
    }
    let authorities = Authorities::new();
    let rsa = authorities.issue("RSA", key(&PKCS_RSA_SHA256), vec![KeyUsagePurpose::DigitalSignature]);
    for signer in [rsa, authorities.signer("EC")] {
        let folder = Folder::new();
        folder.write_signer(&signer, &authorities.pem());
        for options in [
            "",
            "-legacy",
            "-legacy -descert",
            "-legacy -keypbe PBE-SHA1-RC2-40 -certpbe PBE-SHA1-RC2-40 -macalg sha1",
            "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES",
            "-keypbe AES-128-CBC -certpbe AES-192-CBC -macalg sha512",
            "-keypbe DES-EDE3-CBC -certpbe DES-EDE3-CBC -macalg sha384",
            "-keypbe NONE -certpbe NONE",
            "-nomac",
            "-iter 1 -noiter",
            "-iter 50000",
        ] {
            folder.run("openssl", &format!("{EXPORT} {options} -passout"), &[&format!("pass:{PASSWORD}")]);

            let opened = Identity::from_pkcs12(&folder.read("store.p12"), &password(), Backend::default());

            let identity = opened.unwrap_or_else(|error| panic!("{options:?}: {error}"));
            assert_is(&identity, &signer);
            let subjects: Vec<_> = identity.chain()[1..].iter().map(|above| above.subject()).collect();
            assert_eq!(subjects, ["CN=Issuing", "CN=Root"], "{options:?}");
        }
    }
}

#[test]
fn a_store_with_the_empty_password_opens() {
    if !installed("openssl", "a store with the empty password") {
        return;
    }
    let (folder, authorities) = (Folder::new(), Authorities::new());
    let signer = authorities.signer("Hospital");
    folder.write_signer(&signer, &authorities.pem());
    for options in ["", "-legacy", "-nomac"] {
        folder.run("openssl", &format!("{EXPORT} {options} -passout pass:"), &[]);

        let opened = Identity::read(&folder.read("store.p12"), None, Backend::default());

        assert_is(&opened.unwrap_or_else(|error| panic!("{options:?}: {error}")), &signer);
    }
}

#[test]
fn a_wrong_password_of_a_store_without_mac_is_refused() {
    if !installed("openssl", "a store without MAC") {
        return;
    }
    let (folder, authorities) = (Folder::new(), Authorities::new());
    folder.write_signer(&authorities.signer("Hospital"), "");
    let line = "pkcs12 -export -nomac -inkey @key.pem -in @certificate.pem -out @store.p12 -passout";
    folder.run("openssl", line, &[&format!("pass:{PASSWORD}")]);
    let store = folder.read("store.p12");

    for number in 0..10 {
        let wrong = Password::new(format!("wrong {number}"));
        let refused = Identity::from_pkcs12(&store, &wrong, Backend::default()).unwrap_err();
        assert!(matches!(refused, Error::WrongPassword { .. }), "{refused}");
    }
    assert_eq!(Identity::read(&store, None, Backend::default()).unwrap_err(), Error::PasswordNeeded);
}

#[test]
fn a_protection_outside_the_list_is_named_with_its_remedy() {
    if !installed("openssl", "stores in RC2-128 and RC4") {
        return;
    }
    let (folder, authorities) = (Folder::new(), Authorities::new());
    let signer = authorities.signer("Hospital");
    folder.write_signer(&signer, &authorities.pem());
    for (options, algorithm) in [
        ("-legacy -certpbe PBE-SHA1-RC2-128", "RC2-128"),
        ("-legacy -keypbe PBE-SHA1-RC2-128", "RC2-128"),
        ("-legacy -keypbe PBE-SHA1-RC4-128", "RC4"),
        ("-legacy -certpbe PBE-SHA1-2DES", "1.2.840.113549.1.12.1.4"),
        ("-keypbe camellia-256-cbc", "1.2.392.200011.61.1.1.1.4"),
        ("-macalg sha3-256", "2.16.840.1.101.3.4.2.8"),
    ] {
        folder.run("openssl", &format!("{EXPORT} {options} -passout"), &[&format!("pass:{PASSWORD}")]);
        let store = folder.read("store.p12");

        let refused = Identity::from_pkcs12(&store, &password(), Backend::default()).unwrap_err();

        assert_eq!(refused, Error::EncryptionNotAccepted { algorithm: algorithm.into() }, "{options}");
    }
    let remedy = "pkcs12 -legacy -in @store.p12 -noenc -out @store.pem -passin";
    folder.run("openssl", remedy, &[&format!("pass:{PASSWORD}")]);
    assert_is(&Identity::from_pem(&folder.read("store.pem"), Backend::default()).unwrap(), &signer);
}

#[test]
fn a_store_of_keytool_opens_under_its_alias() {
    if !installed("keytool", "stores of keytool") || !installed("openssl", "stores of keytool") {
        return;
    }
    let (folder, authorities) = (Folder::new(), Authorities::new());
    let signer = authorities.signer("Hospital");
    folder.write_signer(&signer, &authorities.pem());
    folder.run("openssl", &format!("{EXPORT} -name Authentication -passout pass:changeit"), &[]);
    let import = "-importkeystore -noprompt -srckeystore @store.p12 -srcstorepass changeit -srcstoretype pkcs12 \
                  -destkeystore @java.p12 -deststorepass changeit -deststoretype pkcs12";
    let generate = "-genkeypair -keystore @java.p12 -storepass changeit -storetype pkcs12 -alias other -keyalg EC \
                    -dname CN=Other";
    let legacy = "-J-Dkeystore.pkcs12.legacy";

    for options in [&[][..], &[legacy]] {
        folder.run("keytool", import, options);
        folder.run("keytool", generate, options);

        let store = folder.read("java.p12");
        let store =
            KeyStore::read(&store, Some(&Password::new("changeit".into())), Backend::default()).unwrap();

        let choice = store.choose().unwrap();
        assert_eq!((store.entries().len(), choice.entry.alias()), (2, Some("authentication")));
        assert_is(&choice.entry.identity().unwrap(), &signer);
        assert_eq!(choice.entry.chain().len(), 3);
        assert!(store.entry("other").unwrap().identity().is_ok());
        std::fs::remove_file(folder.path("java.p12")).unwrap();
    }
}

#[test]
fn a_store_in_javas_own_form_is_named_with_its_remedy() {
    if !installed("keytool", "a JKS store") {
        return;
    }
    let folder = Folder::new();
    let generate = "-genkeypair -keystore @java.jks -storepass changeit -keypass changeit -alias a -keyalg EC \
                    -dname CN=A -storetype";
    for (form, convert) in [("jks", "pkcs12"), ("jceks", "pkcs12")] {
        folder.run("keytool", generate, &[form]);

        let refused = Identity::read(&folder.read("java.jks"), None, Backend::default()).unwrap_err();

        assert_eq!(refused, Error::JavaKeyStore);
        let line = "-importkeystore -srckeystore @java.jks -srcstorepass changeit -destkeystore @java.p12 \
                    -deststorepass changeit -deststoretype";
        folder.run("keytool", line, &[convert]);
        let store = folder.read("java.p12");
        let password = Password::new("changeit".into());
        KeyStore::read(&store, Some(&password), Backend::default()).unwrap().choose().unwrap();
        for file in ["java.jks", "java.p12"] {
            std::fs::remove_file(folder.path(file)).unwrap();
        }
    }
}

//! Modules, tokens and PINs.

use crate::fixture::{LABEL, PIN, key, with_token};
use ksz_pkcs11::{Error, KeyName, Module};
use ksz_pki::{Digest, Password};
use rcgen::PKCS_ECDSA_P256_SHA256;
use std::cell::Cell;

#[test]
fn a_module_that_is_none_is_refused() {
    let absent = Module::load("/nonexistent/libpkcs11.so".as_ref()).map(|_| ()).unwrap_err();
    let text =
        Module::load(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").as_ref()).map(|_| ()).unwrap_err();

    assert!(matches!(absent, Error::ModuleNotLoaded { .. }), "{absent}");
    assert!(matches!(text, Error::ModuleNotLoaded { .. }), "{text}");
    assert!(!absent.to_string().contains('\n'));
}

#[test]
fn a_library_without_the_functions_is_no_module() {
    with_token("login::a_library_without_the_functions_is_no_module", |_| {
        let other = Module::load("libc.so.6".as_ref()).map(|_| ()).unwrap_err();

        assert_eq!(other, Error::NotPkcs11);
    });
}

#[test]
fn a_token_is_found_alone_or_by_its_label() {
    with_token("login::a_token_is_found_alone_or_by_its_label", |fixture| {
        let module = Module::load(&fixture.module_path()).unwrap();
        let found = module.token(LABEL).unwrap();

        assert_eq!(module.only_token().unwrap().serial_number(), found.serial_number());
        let error = module.token("another").unwrap_err();
        assert_eq!(error, Error::NoSuchToken { label: "another".into(), labels: vec![LABEL.into()] });
    });
}

#[test]
fn of_two_tokens_none_is_guessed() {
    with_token("login::of_two_tokens_none_is_guessed", |fixture| {
        fixture.util(&["--init-token", "--free", "--label", "second", "--pin", PIN, "--so-pin", "13579"]);
        let module = Module::load(&fixture.module_path()).unwrap();

        let Err(Error::SeveralTokens { mut labels }) = module.only_token() else { panic!("one was guessed") };

        labels.sort();
        assert_eq!(labels, [LABEL, "second"]);
        assert_eq!(module.token("second").unwrap().label(), "second");
    });
}

#[test]
fn a_module_without_a_token_says_so() {
    with_token("login::a_module_without_a_token_says_so", |fixture| {
        fixture.util(&["--delete-token", "--token", LABEL]);
        let module = Module::load(&fixture.module_path()).unwrap();

        assert_eq!(module.only_token().map(|_| ()).unwrap_err(), Error::NoToken);
    });
}

#[test]
fn a_pin_is_asked_once_and_a_wrong_one_tried_once() {
    with_token("login::a_pin_is_asked_once_and_a_wrong_one_tried_once", |fixture| {
        let ec = key(&PKCS_ECDSA_P256_SHA256);
        fixture.import(&ec, "EC", "02");
        let module = Module::load(&fixture.module_path()).unwrap();
        let token = module.token(LABEL).unwrap();
        let asked = Cell::new(0);
        let open = |pin: Option<&str>| {
            token.open(|request| {
                assert_eq!(request.label, LABEL);
                asked.set(asked.get() + 1);
                pin.map(|pin| Password::new(pin.into()))
            })
        };

        assert_eq!(open(None).map(|_| ()).unwrap_err(), Error::PinNotGiven);
        for wrong in ["1111", "", "24680"] {
            let refused = open(Some(wrong)).map(|_| ()).unwrap_err();
            assert!(matches!(refused, Error::WrongPin { .. }), "{refused}");
            assert!(!format!("{refused} {refused:?}").contains("1111"));
        }
        assert_eq!(asked.get(), 4);
        let opened = open(Some(PIN)).unwrap();
        let key = opened.key(&KeyName::Label("EC".into())).unwrap();
        for round in 0..5_u8 {
            key.sign_digest(&Digest::sha256(&[round])).unwrap();
        }
        assert_eq!(asked.get(), 5);
        assert_eq!(format!("{opened:?} {key:?}"), "OpenToken(…) SigningKey(EcdsaP256, …)");
    });
}

//! The suites that sign and verify, once more on the backend of RustCrypto.

#[path = "attacks/main.rs"]
mod attacks;
#[path = "confirmation.rs"]
mod confirmation;
#[path = "documents/main.rs"]
mod documents;
#[path = "messages.rs"]
mod messages;
#[path = "mtom.rs"]
mod mtom;
#[path = "properties.rs"]
mod properties;
#[path = "signature_vectors.rs"]
mod signature_vectors;
#[path = "soap_12.rs"]
mod soap_12;
#[path = "str_transform.rs"]
mod str_transform;
#[path = "vectors.rs"]
mod vectors;
#[path = "wycheproof.rs"]
mod wycheproof;

#[test]
fn this_program_runs_on_the_second_backend() {
    assert_eq!(format!("{:?}", ksz_tests::backend!()), "RustCrypto(…)");
}

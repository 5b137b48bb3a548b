//! The whole verifier with fixed keys: whatever is sent, what it hands out is what was signed.
//!
//! The first octet chooses a genuine message that is then changed, or takes the rest as the message itself.

#![no_main]

use ksz_fuzz::fixture::{BROKERED, Receiver, X509};
use ksz_fuzz::{choice, edit};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// Name and octets of what a message covers.
type Parts = Vec<(String, Vec<u8>)>;

static RECEIVER: LazyLock<Receiver> = LazyLock::new(Receiver::default);
/// What the genuine messages cover.
static SIGNED: LazyLock<Vec<Parts>> = LazyLock::new(|| {
    let x509 = X509.iter().map(|message| RECEIVER.x509(message.as_bytes()));
    let brokered = RECEIVER.brokered(BROKERED.as_bytes());
    x509.chain([brokered]).map(|parts| parts.expect("the genuine messages are accepted")).collect()
});

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = choice(data) else { return };
    let message = match kind % 4 {
        0 => edit::edited(X509[0], rest).into_bytes(),
        1 => edit::edited(X509[1], rest).into_bytes(),
        2 => edit::edited(BROKERED, rest).into_bytes(),
        _ => rest.to_vec(),
    };
    for parts in [RECEIVER.x509(&message), RECEIVER.brokered(&message)].into_iter().flatten() {
        assert!(SIGNED.contains(&parts), "nobody signed this: {parts:?}");
    }
});

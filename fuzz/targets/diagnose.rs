//! The diagnosis of whatever is sent: it ends, and says nothing of what verification accepts and something of what it
//! refuses.
//!
//! The first octet chooses a genuine message that is then changed, or takes the rest as the message itself, and what else
//! is known of it.

#![no_main]

use ksz_fuzz::fixture::{BROKERED, Receiver, X509};
use ksz_fuzz::{choice, edit};
use ksz_wss::Cause;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static RECEIVER: LazyLock<Receiver> = LazyLock::new(Receiver::default);

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = choice(data) else { return };
    let (message, brokered) = match kind % 8 {
        0 | 1 => (edit::edited(X509[0], rest).into_bytes(), false),
        2 => (edit::edited(X509[1], rest).into_bytes(), false),
        3 | 4 => (edit::edited(BROKERED, rest).into_bytes(), true),
        5 => (rest.to_vec(), true),
        _ => (rest.to_vec(), false),
    };
    let mut options = if brokered { RECEIVER.holder_diagnosis(&message) } else { RECEIVER.x509_diagnosis() };
    match kind / 8 % 4 {
        1 => options.original = Some(if brokered { BROKERED } else { X509[0] }.as_bytes().to_vec()),
        2 => options.fault = Some(rest.to_vec()),
        3 => options.soap_action = Some(String::from_utf8_lossy(rest).into_owned()),
        _ => {}
    }
    let accepted =
        if brokered { RECEIVER.brokered(&message).is_some() } else { RECEIVER.x509(&message).is_some() };
    let diagnosis = ksz_wss::diagnose(&message, &options);
    let judged = diagnosis.findings.iter().filter(|finding| finding.cause.is_judged()).count();
    assert_eq!(accepted, judged == 0, "{diagnosis:?}");
    for finding in &diagnosis.findings {
        assert!(Cause::NAMES.contains(&finding.cause.name()));
        let range = finding.place.as_ref().map(|place| place.range.clone());
        assert!(range.is_none_or(|range| range.start <= range.end), "{finding:?}");
    }
});

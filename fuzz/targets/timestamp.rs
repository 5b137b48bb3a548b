//! The content of a genuinely signed Timestamp: whatever stands in it, what is accepted obeys the policy, and says the
//! same to another reader.

#![no_main]

use ksz_fuzz::fixture::{TimestampSigner, signed_at};
use ksz_soap::parse_date_time;
use ksz_wss::{Policy, Replay, names, verify_x509};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

static SIGNER: LazyLock<TimestampSigner> = LazyLock::new(TimestampSigner::default);

fuzz_target!(|data: &[u8]| {
    let Ok(content) = std::str::from_utf8(data) else { return };
    let (policy, now) = (Policy::default(), signed_at());
    let Some(message) = SIGNER.sign(content) else { return };

    let verified = verify_x509(message.as_bytes(), SIGNER.trust(), &policy, Replay::NotChecked, now);
    let Ok(verified) = verified else { return };
    let (created, expires) = (verified.timestamp().created(), verified.timestamp().expires());
    assert!(created < expires && expires > now && created <= now + Duration::from_secs(60), "{content}");
    assert!(expires.duration_since(created).is_ok_and(|span| span <= policy.longest_lifetime), "{content}");
    assert_eq!([instant(&message, "Created"), instant(&message, "Expires")], [Some(created), Some(expires)]);
});

/// The only instant of that name, by a reader that is not ours.
fn instant(message: &str, name: &str) -> Option<SystemTime> {
    let document = roxmltree::Document::parse(message).ok()?;
    let mut found = document.descendants().filter(|node| node.has_tag_name((names::WSU, name)));
    let text: String = found.next()?.children().filter_map(|node| node.text()).collect();
    if found.next().is_some() { None } else { parse_date_time("the fuzzed text", &text).ok() }
}

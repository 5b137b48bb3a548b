//! The backends that every suite runs on.

use ksz_pki::Backend;

/// All that are built in. The keys of the tests are no secrets, so the octets that blind them need not be random.
pub(crate) const BACKENDS: &[Backend] = &[
    #[cfg(feature = "aws-lc")]
    Backend::AwsLc,
    #[cfg(feature = "rustcrypto")]
    Backend::RustCrypto(|octets| {
        octets.fill(7);
        Ok(())
    }),
];

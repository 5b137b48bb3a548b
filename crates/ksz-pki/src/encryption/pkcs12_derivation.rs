//! Deriving keys as PKCS#12 does it (RFC 7292 appendix B.2).

use sha2::Digest;
use sha2::digest::core_api::BlockSizeUser;
use zeroize::{Zeroize, Zeroizing};

/// The purposes of derived octets (RFC 7292 appendix B.3).
pub(crate) const ENCRYPTION_KEY: u8 = 1;
pub(crate) const INITIALIZATION_VECTOR: u8 = 2;
#[cfg(feature = "p12")]
pub(crate) const MAC_KEY: u8 = 3;

/// Fills `output` from a password in the form of a BMPString. The letters are those of the standard.
pub(crate) fn derive<H: Digest + BlockSizeUser>(
    password: &[u8],
    salt: &[u8],
    purpose: u8,
    iterations: u32,
    output: &mut [u8],
) {
    let v = H::block_size();
    let d = vec![purpose; v];
    let mut i = Zeroizing::new(Vec::with_capacity(salt.len() + password.len() + 2 * v));
    for text in [salt, password] {
        i.extend(text.iter().cycle().take(text.len().next_multiple_of(v)));
    }
    let mut chunks = output.chunks_mut(<H as Digest>::output_size()).peekable();
    while let Some(chunk) = chunks.next() {
        let mut a = H::new().chain_update(&d).chain_update(i.as_slice()).finalize();
        for _ in 1..iterations {
            a = H::digest(&a);
        }
        chunk.copy_from_slice(&a[..chunk.len()]);
        if chunks.peek().is_some() {
            let b: Zeroizing<Vec<u8>> = Zeroizing::new(a.iter().copied().cycle().take(v).collect());
            for block in i.chunks_mut(v) {
                add(block, &b);
            }
        }
        a.as_mut_slice().zeroize();
    }
}

/// `number` becomes `number` + `other` + 1, of which what does not fit is dropped.
fn add(number: &mut [u8], other: &[u8]) {
    let mut carry = 1;
    for (digit, other) in number.iter_mut().zip(other).rev() {
        let sum = u16::from(*digit) + u16::from(*other) + u16::from(carry);
        [carry, *digit] = sum.to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Password, encryption::PasswordForms};
    use sha1::Sha1;
    use sha2::{Sha256, Sha512};

    fn derived<H: Digest + BlockSizeUser>(
        password: &str,
        salt: &[u8],
        iterations: u32,
        length: usize,
    ) -> String {
        let mut output = vec![0; length];
        let password = Password::new(password.into());
        derive::<H>(&PasswordForms::of(&password).bmp, salt, ENCRYPTION_KEY, iterations, &mut output);
        output.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Values of OpenSSL 3.0: `openssl kdf -keylen N -kdfopt digest:D -kdfopt hexpass:BMP -kdfopt hexsalt:S
    /// -kdfopt iter:I -kdfopt id:1 PKCS12KDF`. The first is also published with the examples of PKCS#12.
    #[test]
    fn what_openssl_derives_is_derived() {
        let salt = [0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f];

        assert_eq!(derived::<Sha1>("smeg", &salt, 1, 24), "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3");
        assert_eq!(
            derived::<Sha1>("smeg", &salt, 1000, 24),
            "65a0185313e1be626a62223edc56a602e45d07570bd6c447"
        );
        assert_eq!(
            derived::<Sha256>("secreté🔑", &salt, 3, 70),
            "af9db8fa58d7d265b9cc934c3e47e298308f550866884836\
             82a1064774559d0aadf10f3411f6a197c8f802b7565a7e01\
             ac568ed4436b659a924dd8db7536ef59b15634e47c63"
        );
        assert_eq!(
            derived::<Sha512>("", &[1], 2, 66),
            "579b45b795b95f99d81117a68fbd350e11e5d971c2dc9f81\
             4eba8d2e494558e804321a5bab3162a80eb0c281ef7b6502\
             dea3e05dcced95c043bc215e90e6ba89a171"
        );
    }
}

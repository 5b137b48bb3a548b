//! Finds the octets of a secret in a text, however they are written.

use base64::{Engine, prelude::BASE64_STANDARD};
use std::collections::HashSet;

/// How many octets of a secret must stand in a row to be found.
const RUN: usize = 8;

/// Every run of octets of a secret.
pub(crate) struct Canaries(HashSet<Vec<u8>>);

impl Canaries {
    /// The numbers of a private key in PKCS#8, but for those that stand in the public key too.
    pub(crate) fn of_private_key(der: &[u8], public: &[u8]) -> Self {
        let known: HashSet<&[u8]> = public.windows(RUN).collect();
        let mut numbers = Vec::new();
        collect_numbers(der, &mut numbers);
        let secret: HashSet<Vec<u8>> = numbers
            .iter()
            .flat_map(|number| number.windows(RUN))
            .filter(|run| !known.contains(run))
            .map(<[u8]>::to_vec)
            .collect();
        assert!(secret.len() > 20, "a private key is longer than that");
        Self(secret)
    }

    /// The form in which a run stands in the text, if one does.
    pub(crate) fn found_in(&self, text: &str) -> Option<&'static str> {
        let hexadecimal: String = text.replace("0x", "").chars().filter(char::is_ascii_hexdigit).collect();
        let base64: String = text
            .chars()
            .filter_map(|c| match c {
                '-' => Some('+'),
                '_' => Some('/'),
                c => (c.is_ascii_alphanumeric() || "+/".contains(c)).then_some(c),
            })
            .collect();
        let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
        let decimal: Vec<Option<u8>> = numbers.map(|digits| digits.parse().ok()).collect();
        if self.any(text.as_bytes().windows(RUN).map(|run| Some(run.to_vec()))) {
            Some("raw octets")
        } else if self.any(hexadecimal.as_bytes().windows(2 * RUN).map(from_hexadecimal)) {
            Some("hexadecimal")
        } else if self.any(base64.as_bytes().windows(12).map(from_base64)) {
            Some("base64")
        } else if self.any(decimal.windows(RUN).map(|run| run.iter().copied().collect())) {
            Some("a list of numbers")
        } else {
            None
        }
    }

    fn any(&self, mut runs: impl Iterator<Item = Option<Vec<u8>>>) -> bool {
        runs.any(|run| run.is_some_and(|run| self.0.contains(&run)))
    }
}

/// Takes the INTEGERs and OCTET STRINGs out of DER, in whatever they stand.
fn collect_numbers(mut der: &[u8], numbers: &mut Vec<Vec<u8>>) {
    while let &[tag, first, ref rest @ ..] = der {
        let more = if first > 0x80 { usize::from(first & 0x7f) } else { 0 };
        let length = match more {
            0 => usize::from(first),
            more => rest[..more].iter().fold(0, |length, octet| length << 8 | usize::from(*octet)),
        };
        let (contents, behind) = rest[more..].split_at(length);
        match tag {
            0x30 => collect_numbers(contents, numbers),
            0x04 if contents.first() == Some(&0x30) => collect_numbers(contents, numbers),
            0x02 | 0x04 => numbers.push(contents.to_vec()),
            _ => {}
        }
        der = behind;
    }
}

fn from_hexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(digits).ok()?;
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// The first octets of twelve characters, which hold nine.
fn from_base64(characters: &[u8]) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(characters).ok().map(|octets| octets[..RUN].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    #[test]
    fn a_secret_is_found_in_every_form_and_at_every_place() {
        let secret: Vec<u8> = (0..32).map(|at: u8| at.wrapping_mul(37) ^ 0xa5).collect();
        let canaries = Canaries(secret.windows(RUN).map(<[u8]>::to_vec).collect());
        let colons: Vec<String> = secret.iter().map(|octet| format!("{octet:02X}")).collect();
        for shift in 0..3 {
            let shifted = [&vec![0x99; shift][..], &secret].concat();
            let texts = [
                ("hexadecimal", shifted.iter().map(|octet| format!("{octet:02x}")).collect()),
                ("hexadecimal", colons[shift..].join(":")),
                ("hexadecimal", format!("{:#04x?}", &secret[shift..])),
                ("base64", BASE64_STANDARD.encode(&shifted)),
                ("base64", format!("token {}.", BASE64_URL_SAFE_NO_PAD.encode(&shifted))),
                ("base64", BASE64_STANDARD.encode(&shifted).replace('a', "a\n")),
                ("a list of numbers", format!("{:?}", &secret[shift..])),
                ("a list of numbers", format!("{:#?}", &secret[shift..])),
            ];
            for (form, text) in texts {
                assert_eq!(canaries.found_in(&text), Some(form), "{text}");
            }
        }
    }

    #[test]
    fn raw_octets_are_found_and_other_texts_are_not() {
        let canaries = Canaries(HashSet::from([b"a secret".to_vec()]));
        assert_eq!(canaries.found_in("this is a secret!"), Some("raw octets"));
        for text in
            ["", "this is no secret", "ba7816bf8f01cfea414140de5dae2223", "1, 2, 3, 4, 5, 6, 7, 8, 900"]
        {
            assert_eq!(canaries.found_in(text), None);
        }
    }
}

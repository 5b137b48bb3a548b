/// The first octets of a name as a number: two names are compared at once, and numbers stand in the order of names.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Leading(u64);

impl Leading {
    /// How many octets are in it. No name holds a NUL, so names that are shorter have one number only if they are the
    /// same.
    pub(crate) const LENGTH: usize = 8;

    #[inline]
    pub(crate) fn of(name: &[u8]) -> Self {
        let octets = name.iter().take(Self::LENGTH);
        let behind = 8 * (Self::LENGTH - octets.len());
        let number = octets.fold(0, |number: u64, octet| number << 8 | u64::from(*octet));
        Self(if behind < 64 { number << behind } else { 0 })
    }

    /// Of the name that begins at `start` and is so long.
    #[inline(always)]
    pub(crate) fn at(octets: &[u8], start: usize, length: usize) -> Self {
        match octets.get(start..).and_then(<[u8]>::first_chunk) {
            Some(first) if length < Self::LENGTH => {
                Self(u64::from_be_bytes(*first) & !(u64::MAX >> (8 * length)))
            }
            Some(first) => Self(u64::from_be_bytes(*first)),
            None => Self::of(&octets[start..start + length]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_in_the_order_of_names() {
        let names = ["", "a", "aa", "aab", "ab", "abcdefg", "abcdefgh", "b", "xml", "z\u{e9}", "\u{e9}"];
        for (place, one) in names.iter().enumerate() {
            for (other_place, other) in names.iter().enumerate() {
                let order = Leading::of(one.as_bytes()).cmp(&Leading::of(other.as_bytes()));
                assert_eq!(order, place.cmp(&other_place), "{one} and {other}");
            }
            for around in ["", ":", ":local", ":a-local-name-that-is-longer"] {
                let octets = format!("<{one}{around}");
                assert_eq!(
                    Leading::at(octets.as_bytes(), 1, one.len()),
                    Leading::of(one.as_bytes()),
                    "{octets}"
                );
            }
        }
        assert_eq!(Leading::of(b"abcdefgh"), Leading::of(b"abcdefghi"));
    }
}

/// The line and character of an octet, both counted from 1.
pub(crate) fn of(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|&&octet| octet == b'\n').count() + 1;
    let start = before.iter().rposition(|&octet| octet == b'\n').map_or(0, |newline| newline + 1);
    let column = before[start..].iter().filter(|&&octet| octet & 0xc0 != 0x80).count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    #[test]
    fn characters_count_not_octets() {
        assert_eq!(super::of("é\nab", 0), (1, 1));
        assert_eq!(super::of("é\nab", 2), (1, 2));
        assert_eq!(super::of("é\nab", 4), (2, 2));
        assert_eq!(super::of("é\nab", 99), (2, 3));
    }
}

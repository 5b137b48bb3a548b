//! Instants as XML Schema writes them (`xs:dateTime`, XML Schema Part 2 section 3.2.7).

use crate::Error;
use std::time::SystemTime;

/// An instant in UTC to the millisecond: `2022-12-16T07:22:30.803Z`.
///
/// # Errors
///
/// [`Error::Value`] for an instant outside the years -9999 to 9999.
pub fn format_date_time(instant: SystemTime) -> Result<String, Error> {
    let timestamp = jiff::Timestamp::try_from(instant)
        .map_err(|_| Error::Value { element: "the clock".into(), expected: "instant that can be written" })?;
    Ok(timestamp.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// The instant of an `xs:dateTime` with `Z` or an offset. `element` names the place in the error.
///
/// An instant without an offset is refused: it is another one at every place. So is a year before 1970.
///
/// # Errors
///
/// [`Error::Value`].
pub fn parse_date_time(element: &str, text: &str) -> Result<SystemTime, Error> {
    let refuse = || Error::Value { element: element.into(), expected: "xs:dateTime with Z or an offset" };
    if !is_date_time(text.as_bytes()) {
        return Err(refuse());
    }
    text.parse::<jiff::Timestamp>().map(SystemTime::from).map_err(|_| refuse())
}

/// The lexical form, so that the library's wider grammar never widens ours.
fn is_date_time(text: &[u8]) -> bool {
    let digits =
        |range: std::ops::Range<usize>| text.get(range).is_some_and(|d| d.iter().all(u8::is_ascii_digit));
    let fixed =
        digits(0..4) && digits(5..7) && digits(8..10) && digits(11..13) && digits(14..16) && digits(17..19);
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    // Earlier years are no instants of messages, and not every system's clock can hold them.
    if !fixed
        || &text[..4] < b"1970"
        || marks.iter().any(|&(at, mark)| text[at] != mark)
        || &text[17..19] > b"59"
    {
        return false;
    }
    let mut rest = &text[19..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = fraction.iter().take_while(|octet| octet.is_ascii_digit()).count();
        if !(1..=9).contains(&length) {
            return false;
        }
        rest = &fraction[length..];
    }
    match rest {
        b"Z" => true,
        [b'+' | b'-', offset @ ..] => {
            matches!(offset, [a, b, b':', c, d] if [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn an_instant_reads_as_it_is_written() {
        let instant = UNIX_EPOCH + Duration::from_millis(1_671_175_350_803);
        assert_eq!(format_date_time(instant).unwrap(), "2022-12-16T07:22:30.803Z");
        assert_eq!(parse_date_time("Created", "2022-12-16T07:22:30.803Z").unwrap(), instant);
        assert_eq!(parse_date_time("Created", "2022-12-16T08:22:30.803+01:00").unwrap(), instant);
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "",
            "2022-12-16",
            "1969-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "2022-12-16T07:22:30",
            "2022-12-16 07:22:30Z",
            "2022-12-16T07:22:30.Z",
            "2022-12-16T07:22:60Z",
            "2022-13-16T07:22:30Z",
            "2022-02-30T07:22:30Z",
            "2022-12-16T07:22:30z",
            "2022-12-16T07:22:30+0100",
            "2022-12-16T07:22:30Z[Europe/Brussels]",
            " 2022-12-16T07:22:30Z",
            "2022-12-16T07:22:30.803 Z",
        ] {
            assert!(parse_date_time("Created", bad).is_err(), "{bad:?}");
        }
    }
}

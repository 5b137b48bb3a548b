//! The instants of SSDN, `yyyyMMddThhmmss` (CommonDataTypes `t_DateTimeUTC`). By the name of the type they are in UTC; no
//! document says more.

use crate::Error;
use crate::date_time::{format_date_time, parse_date_time};
use std::time::SystemTime;

pub(super) fn format(instant: SystemTime) -> Result<String, Error> {
    let text: String = format_date_time(instant)?.chars().filter(|c| !"-:".contains(*c)).take(15).collect();
    let refused =
        Error::ValueNotAllowed { element: "the time of a message", expected: "time until the year 2999" };
    if is_time(&text) { Ok(text) } else { Err(refused) }
}

pub(super) fn parse(element: &str, text: &str) -> Result<SystemTime, Error> {
    let refused = || Error::Value { element: element.into(), expected: "time of the form yyyyMMddThhmmss" };
    if !is_time(text) {
        return Err(refused());
    }
    let [year, month, day] = [&text[..4], &text[4..6], &text[6..8]];
    let [hour, minute, second] = [&text[9..11], &text[11..13], &text[13..]];
    parse_date_time(element, &format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
        .map_err(|_| refused())
}

fn is_time(text: &str) -> bool {
    text.len() == 15
        && text.bytes().enumerate().all(|(index, octet)| match index {
            0 => matches!(octet, b'1' | b'2'),
            8 => octet == b'T',
            _ => octet.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn a_time_reads_as_it_is_written_to_the_second() {
        let instant = UNIX_EPOCH + Duration::from_millis(1_671_175_350_803);
        assert_eq!(format(instant).unwrap(), "20221216T072230");
        assert_eq!(parse("t", "20221216T072230").unwrap(), UNIX_EPOCH + Duration::from_secs(1_671_175_350));
    }

    #[test]
    fn every_other_form_is_refused() {
        let after = UNIX_EPOCH + Duration::from_secs(32_503_680_000);
        assert!(matches!(format(after), Err(Error::ValueNotAllowed { .. })));
        for bad in [
            "",
            "20221216",
            "20221216T0722",
            "20221316T072230",
            "20221216t072230",
            "2022-12-16T07:22:30",
            "30221216T072230",
            "é221216T072230",
        ] {
            assert!(matches!(parse("t", bad), Err(Error::Value { .. })), "{bad}");
        }
    }
}

//! SOAP messages of any size that look like those of the services: deep enough, many namespaces, some references,
//! letters beyond ASCII. The same size gives the same octets.

use std::fmt::Write;

const HEAD: &str = "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
    xmlns:reg=\"urn:example:register:v1\" xmlns:com=\"urn:example:common:v3\" \
    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n  <soapenv:Header></soapenv:Header>\n  <soapenv:Body>\n    \
    <reg:RegisterRequest>\n      <com:Ticket>4d2f2572-befc-4c6a-9049-3a35d3618c66</com:Ticket>\n      \
    <dos:Dossiers xmlns:dos=\"urn:example:dossier:v2\">";
const TAIL: &str =
    "\n      </dos:Dossiers>\n    </reg:RegisterRequest>\n  </soapenv:Body>\n</soapenv:Envelope>\n";

/// The octets of a size such as `300`, `1k`, `100k`, `10m`.
pub(crate) fn octets(size: &str) -> Option<usize> {
    let (digits, unit) = match size.as_bytes().last()? {
        b'k' => (&size[..size.len() - 1], 1024),
        b'm' => (&size[..size.len() - 1], 1024 * 1024),
        _ => (size, 1),
    };
    digits.parse::<usize>().ok().map(|number| number * unit)
}

/// An envelope with at least that many octets.
pub(crate) fn of(octets: usize) -> String {
    let mut random = SplitMix(7);
    let mut text = String::with_capacity(octets + 2048);
    text += HEAD;
    let mut number = 0;
    while text.len() + TAIL.len() < octets {
        dossier(&mut text, number, &mut random);
        number += 1;
    }
    text + TAIL
}

/// One record: eleven elements, nine attributes, one namespace declaration.
fn dossier(text: &mut String, number: usize, random: &mut SplitMix) {
    let status = random.pick(&["open", "closed"]);
    let language = random.pick(&["nl", "fr", "de"]);
    let given = random.pick(&["Zoë", "Jan", "Éloïse", "Karel"]);
    let family = random.pick(&["Peeters", "Dubois &amp; Fils", "Van den Bossche", "Lefèvre"]);
    let street = random.pick(&["Kerkstraat", "Rue de l'Église", "Grote Markt"]);
    let city = random.pick(&["Brussel", "Liège", "Gent", "Namur"]);
    let note = random.pick(&["in orde", "à vérifier &lt;urgent&gt;", "geen opmerking", "dossier n° 12"]);
    let (id, house) = (random.below(100_000_000_000), random.below(400));
    let (zip, year, company) =
        (1_000 + random.below(8_999), 1990 + random.below(36), random.below(1_000_000_000));
    let _ = write!(
        text,
        "\n        <dos:Dossier dos:nr=\"{number}\" status=\"{status}\" xml:lang=\"{language}\">\n          \
         <dos:Reference>{id:011}</dos:Reference>\n          <dos:Name><dos:Given position=\"1\">{given}</dos:Given>\
         <dos:Family>{family}</dos:Family></dos:Name>\n          <adr:Address xmlns:adr=\"urn:example:address:v1\" \
         type=\"main\"><adr:Street nr=\"{house}\">{street}</adr:Street><adr:City code=\"{zip}\">{city}</adr:City>\
         </adr:Address>\n          <dos:Employment from=\"{year}-01-01\" employer=\"0{company:09}\"><com:Note>{note}\
         </com:Note></dos:Employment>\n        </dos:Dossier>"
    );
}

/// A sequence of numbers that is always the same (SplitMix64).
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn pick<'t>(&mut self, among: &[&'t str]) -> &'t str {
        let count = u64::try_from(among.len()).unwrap_or(1);
        among[usize::try_from(self.below(count)).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::{Document, Limits};

    #[test]
    fn an_envelope_has_its_size_and_can_be_read() {
        for size in ["300", "1k", "100k"] {
            let wanted = octets(size).unwrap();
            let text = of(wanted);

            assert!((wanted..wanted + 1_500).contains(&text.len()), "{size}: {}", text.len());
            Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        }
    }

    #[test]
    fn sizes_are_numbers_with_a_unit() {
        assert_eq!(
            [octets("300"), octets("1k"), octets("10m")],
            [Some(300), Some(1024), Some(10 * 1024 * 1024)]
        );
        for bad in ["", "k", "1g", "-1k"] {
            assert_eq!(octets(bad), None, "{bad}");
        }
    }
}

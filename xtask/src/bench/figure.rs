use serde_json::Value;

use crate::error::Error;

/// What was measured of one operation: one rate per round.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) operation: String,
    pub(super) size: String,
    /// What one run works on: the output of signing and canonicalizing, else the input.
    pub(super) octets: f64,
    pub(super) per_cpu_second: Vec<f64>,
    pub(super) per_second: Vec<f64>,
    pub(super) peak_kilobytes: f64,
}

impl Figure {
    /// One line of the program that measures; within, what it could not measure and why.
    pub(super) fn read(line: &str) -> Result<Result<Self, String>, Error> {
        let unreadable = |detail: &str| Error::Unreadable { what: "ksz-bench".into(), detail: detail.into() };
        let value: Value = serde_json::from_str(line).map_err(|error| unreadable(&error.to_string()))?;
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        if let Some(why) = value["failed"].as_str() {
            return Ok(Err(format!("{}/{}: {why}", text("operation"), text("size"))));
        }
        let rates = |name: &str| -> Vec<f64> {
            value[name].as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
        };
        let figure = Self {
            operation: text("operation"),
            size: text("size"),
            octets: value["octets"].as_f64().unwrap_or_default(),
            per_cpu_second: rates("per_cpu_second"),
            per_second: rates("per_second"),
            peak_kilobytes: value["peak_kb"].as_f64().unwrap_or_default(),
        };
        if figure.per_cpu_second.is_empty() { Err(unreadable(line)) } else { Ok(Ok(figure)) }
    }

    /// How often it can be done in a second of CPU time: the fastest round, which was disturbed least.
    pub(super) fn rate(&self) -> f64 {
        best(&self.per_cpu_second)
    }

    /// The same, the median of the rounds.
    pub(super) fn median_rate(&self) -> f64 {
        median(&self.per_cpu_second)
    }

    /// How many times as fast it is: the fastest rounds, and the median of the ratios round by round.
    pub(super) fn times(&self, other: &Self) -> Ratio {
        let pairs = self.per_cpu_second.iter().zip(&other.per_cpu_second);
        let ratios: Vec<f64> = pairs.map(|(ours, theirs)| ours / theirs).collect();
        Ratio { best: self.rate() / other.rate(), median: median(&ratios) }
    }

    pub(super) fn nanoseconds_per_octet(&self) -> f64 {
        1e9 / self.rate() / self.octets
    }

    pub(super) fn megabytes_per_second(&self) -> f64 {
        self.rate() * self.octets / 1e6
    }
}

/// How two rates compare: where both were disturbed least, and usually.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ratio {
    pub(super) best: f64,
    pub(super) median: f64,
}

/// Everything that was measured of ours.
#[derive(Debug, Default)]
pub(super) struct Figures(Vec<Figure>);

impl Figures {
    pub(super) fn extend(&mut self, figures: Vec<Figure>) {
        self.0.extend(figures);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What was added after the first ones.
    pub(super) fn after(&self, first: usize) -> &[Figure] {
        self.0.get(first..).unwrap_or_default()
    }

    /// The latest figure: bare operations are measured again with the assertion.
    pub(super) fn get(&self, operation: &str, size: &str) -> Option<&Figure> {
        self.0.iter().rev().find(|figure| figure.operation == operation && figure.size == size)
    }
}

/// The largest of some figures, 0 of none.
pub(super) fn best(figures: &[f64]) -> f64 {
    figures.iter().copied().fold(0.0, f64::max)
}

/// The middle of some figures, 0 of none.
pub(super) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_that_of_the_fastest_rounds_and_the_median_within_each_round() {
        let slow_then_fast = figure("[10, 20, 40]");
        let disturbed_once = figure("[5, 2.5, 20]");

        assert_eq!(slow_then_fast.times(&disturbed_once), Ratio { best: 2.0, median: 2.0 });
        assert_eq!(slow_then_fast.times(&figure("[5, 2.5, 10]")), Ratio { best: 4.0, median: 4.0 });
        assert_eq!((slow_then_fast.rate(), slow_then_fast.median_rate()), (40.0, 20.0));
    }

    #[test]
    fn what_could_not_be_measured_says_why() {
        let line = r#"{"operation":"sign-rsa","size":"10m","failed":"too large"}"#;

        assert_eq!(Figure::read(line).unwrap(), Err("sign-rsa/10m: too large".into()));
        assert!(Figure::read("{}").is_err());
        assert!(Figure::read("text").is_err());
    }

    fn figure(rates: &str) -> Figure {
        let line = format!(r#"{{"operation":"a","size":"1k","octets":100,"per_cpu_second":{rates}}}"#);
        Figure::read(&line).unwrap().unwrap()
    }
}

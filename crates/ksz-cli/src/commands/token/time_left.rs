use std::fmt;
use std::time::{Duration, SystemTime};

/// The cells of the bar where there is room for it, and the fewest that are worth drawing.
const CELLS: usize = 20;
const FEWEST: usize = 5;
/// What stands on the line beside the cells: the name of the line, the brackets and the words, two units each.
const BESIDE: usize = 46;
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How much of a validity is left, as a bar of characters that every terminal has, and in words; in words alone where the
/// line is too narrow for both.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TimeLeft {
    left: Duration,
    whole: Duration,
    cells: usize,
}

impl TimeLeft {
    /// What is left at an instant. Before the validity begins, all of it is.
    pub(super) fn new(from: SystemTime, to: SystemTime, now: SystemTime) -> Self {
        let between = |a: SystemTime, b: SystemTime| b.duration_since(a).unwrap_or_default();
        Self { left: between(now.max(from), to), whole: between(from, to), cells: CELLS }
    }

    /// For lines of so many columns.
    pub(super) fn within(self, columns: usize) -> Self {
        Self { cells: columns.saturating_sub(BESIDE).min(CELLS), ..self }
    }

    pub(super) const fn as_secs(self) -> u64 {
        self.left.as_secs()
    }

    /// How many cells are filled: none only where nothing is left, all only where everything is.
    fn filled(self) -> usize {
        if self.left.is_zero() || self.whole.is_zero() {
            return 0;
        }
        if self.left >= self.whole {
            return self.cells;
        }
        let filled = self.left.as_millis() * self.cells as u128 / self.whole.as_millis().max(1);
        usize::try_from(filled).unwrap_or(self.cells).clamp(1, self.cells - 1)
    }
}

impl fmt::Display for TimeLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.cells >= FEWEST {
            let filled = self.filled();
            write!(f, "[{}{}] ", "#".repeat(filled), "-".repeat(self.cells - filled))?;
        }
        // The whole is rounded: services count its milliseconds from two ends.
        let whole = Duration::from_secs_f64(self.whole.as_secs_f64().round());
        write!(f, "{} of {}", in_words(self.left), in_words(whole))
    }
}

/// A length of time in its two largest units, rounded down: what is left is never less than what is told.
pub(super) fn in_words(length: Duration) -> String {
    let seconds = length.as_secs();
    let (large, small, unit, part) = match seconds {
        DAY.. => (seconds / DAY, seconds % DAY / HOUR, "days", "h"),
        HOUR.. => (seconds / HOUR, seconds % HOUR / MINUTE, "h", "min"),
        MINUTE.. => (seconds / MINUTE, seconds % MINUTE, "min", "s"),
        _ => return format!("{seconds} s"),
    };
    if small == 0 { format!("{large} {unit}") } else { format!("{large} {unit} {small} {part}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn left(now: u64) -> TimeLeft {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        TimeLeft::new(at(1_000), at(4_600), at(now))
    }

    fn told(now: u64) -> String {
        left(now).to_string()
    }

    #[test]
    fn a_bar_is_full_or_empty_only_where_that_is_true() {
        assert_eq!(told(0), "[####################] 1 h of 1 h");
        assert_eq!(told(1_000), "[####################] 1 h of 1 h");
        assert_eq!(told(1_001), "[###################-] 59 min 59 s of 1 h");
        assert_eq!(told(2_800), "[##########----------] 30 min of 1 h");
        assert_eq!(told(4_599), "[#-------------------] 1 s of 1 h");
        assert_eq!(told(4_600), "[--------------------] 0 s of 1 h");
        assert_eq!(told(9_000), "[--------------------] 0 s of 1 h");
    }

    #[test]
    fn a_narrow_line_has_a_shorter_bar_or_none() {
        let told = |columns| left(2_800).within(columns).to_string();

        assert_eq!(told(80), "[##########----------] 30 min of 1 h");
        assert_eq!(told(56), "[#####-----] 30 min of 1 h");
        assert_eq!(told(51), "[##---] 30 min of 1 h");
        assert_eq!(told(50), "30 min of 1 h");
        assert_eq!(told(0), "30 min of 1 h");
    }

    #[test]
    fn a_length_of_time_is_told_in_two_units() {
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min 59 s"),
            (86_399, "23 h 59 min"),
            (90_000, "1 days 1 h"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}

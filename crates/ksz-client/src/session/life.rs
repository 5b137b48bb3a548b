use crate::Error;
use crate::clock::Moment;
use ksz_sts::VerifiedAssertion;
use std::time::{Duration, SystemTime};

/// A token is not sent in its last seconds: the message that carries it takes time.
const MARGIN: Duration = Duration::from_secs(10);
/// The first wait after a failed renewal.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// When a token is renewed: a share of the life it has left when it comes, give or take a share of that, so that clients
/// that began together do not renew together.
///
/// ```
/// use ksz_client::RenewalPoint;
///
/// let early = RenewalPoint::new(0.3, 0.2)?;
/// assert!(RenewalPoint::new(1.5, 0.0).is_err());
/// # assert_ne!(early, RenewalPoint::default());
/// # Ok::<(), ksz_client::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RenewalPoint {
    share: f64,
    jitter: f64,
}

impl RenewalPoint {
    /// After `share` of the life, at most `jitter` of that sooner or later.
    ///
    /// # Errors
    ///
    /// [`Error::SettingNotAccepted`] unless the share lies between 0.05 and 0.95 and the jitter between 0 and 0.5.
    pub fn new(share: f64, jitter: f64) -> Result<Self, Error> {
        if !(0.05..=0.95).contains(&share) {
            let detail = "a share of the life lies between 0.05 and 0.95";
            return Err(Error::SettingNotAccepted { setting: "the renewal point", detail });
        }
        if !(0.0..=0.5).contains(&jitter) {
            let detail = "the jitter lies between 0 and 0.5";
            return Err(Error::SettingNotAccepted { setting: "the renewal point", detail });
        }
        Ok(Self { share, jitter })
    }

    /// The share of the life, by a random number between 0 and 1.
    fn drawn(self, random: f64) -> f64 {
        let deviation = (2.0 * random - 1.0) * self.jitter;
        (self.share * (1.0 + deviation)).clamp(0.0, 0.95)
    }
}

impl Default for RenewalPoint {
    /// After half of the life, up to a tenth of that sooner or later.
    fn default() -> Self {
        Self { share: 0.5, jitter: 0.1 }
    }
}

/// How long a token is used here, and from when on another is asked for.
///
/// The end is the earlier of two: `NotOnOrAfter` by the clock on the wall, and the life that was left when the token
/// came by the clock that never goes back. So a wall clock that is set back does not make a token live longer,
/// and a machine that slept does not send an expired one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    last: Moment,
    renewal: Moment,
    ends_at: SystemTime,
}

impl Life {
    /// The life of a token that came at `received`, from the service or out of a store.
    pub(crate) fn new(received: Moment, token: &VerifiedAssertion, point: RenewalPoint, random: f64) -> Self {
        let validity = (token.issue_instant(), token.conditions().not_on_or_after());
        Self::of(received, validity, point, random)
    }

    fn of(
        received: Moment,
        (issued_at, ends_at): (SystemTime, SystemTime),
        point: RenewalPoint,
        random: f64,
    ) -> Self {
        // By a clock that is behind, a token that has just come was issued in the future; it lives no longer for that.
        let left = ends_at.duration_since(received.wall.max(issued_at)).unwrap_or_default();
        let margin = MARGIN.min(ends_at.duration_since(issued_at).unwrap_or_default() / 10);
        Self {
            last: received.after(left.saturating_sub(margin)),
            renewal: received.after(left.mul_f64(point.drawn(random))),
            ends_at,
        }
    }

    /// Whether a message that is sent now arrives before the end.
    pub(crate) fn is_usable(&self, now: Moment) -> bool {
        !now.reached(self.last)
    }

    /// Whether another token should be asked for.
    pub(crate) fn is_due(&self, now: Moment) -> bool {
        now.reached(self.renewal)
    }

    /// `NotOnOrAfter` of the token's conditions.
    pub(crate) const fn ends_at(&self) -> SystemTime {
        self.ends_at
    }

    /// When another is asked for, by the clock on the wall.
    pub(crate) const fn renewal(&self) -> SystemTime {
        self.renewal.wall
    }
}

/// How long no renewal is tried after this many failures in a row: twice as long each time, up to a bound, and between
/// half and all of that, so that clients do not come back together.
pub(crate) fn wait_after(failures: u32, random: f64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << failures.saturating_sub(1).min(16));
    doubled.min(LONGEST_WAIT).mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    const HOUR: u64 = 3_600;

    #[test]
    fn a_token_is_due_at_half_of_its_life_and_used_until_shortly_before_its_end() {
        let life = life(HOUR, RenewalPoint::new(0.5, 0.0).unwrap(), 0.7);

        assert!(!life.is_due(at(1_799, 1_799)) && life.is_due(at(1_800, 1_800)));
        assert!(life.is_usable(at(HOUR - 11, HOUR - 11)) && !life.is_usable(at(HOUR - 10, HOUR - 10)));
    }

    #[test]
    fn the_jitter_moves_the_renewal_to_both_sides_and_no_further() {
        let due = |random| {
            let life = life(HOUR, RenewalPoint::default(), random);
            life.renewal().duration_since(UNIX_EPOCH).unwrap().as_secs()
        };

        assert_eq!((due(0.0), due(0.5), due(1.0)), (1_620, 1_800, 1_980));
    }

    #[test]
    fn the_earlier_of_both_clocks_ends_a_token() {
        let life = life(HOUR, RenewalPoint::default(), 0.5);

        assert!(!life.is_usable(at(HOUR, 60)), "the wall clock was set forward, or the machine slept");
        assert!(!life.is_usable(at(60, HOUR)), "the wall clock was set back");
        assert!(life.is_usable(at(60, 660)), "set back by ten minutes with most of the life left");
        assert!(life.is_usable(at(660, 60)), "set forward by ten minutes with most of the life left");
    }

    #[test]
    fn a_short_life_has_a_short_margin_and_one_that_is_over_is_not_used() {
        let short = life(10, RenewalPoint::default(), 0.5);

        assert!(short.is_usable(at(8, 8)) && !short.is_usable(at(9, 9)));
        assert!(!life(0, RenewalPoint::default(), 0.5).is_usable(at(0, 0)));
    }

    #[test]
    fn failed_renewals_are_spaced_out_within_bounds() {
        let least: Vec<_> = (1..=12).map(|failures| wait_after(failures, 0.0).as_millis()).collect();

        assert_eq!(least[..4], [500, 1_000, 2_000, 4_000]);
        assert_eq!(least[11], 150_000);
        assert_eq!(wait_after(u32::MAX, 1.0), LONGEST_WAIT);
        assert_eq!(wait_after(1, 1.0), FIRST_WAIT);
    }

    #[test]
    fn what_comes_late_out_of_a_store_has_the_margin_of_its_whole_life() {
        let validity = (UNIX_EPOCH, UNIX_EPOCH + Duration::from_secs(HOUR));
        let life = |seconds| Life::of(at(seconds, 7), validity, RenewalPoint::default(), 0.5);

        assert!(life(HOUR - 11).is_usable(at(HOUR - 11, 7)));
        assert!(!life(HOUR - 10).is_usable(at(HOUR - 10, 7)));
    }

    #[test]
    fn a_clock_that_is_behind_makes_no_life_longer() {
        let validity = (UNIX_EPOCH + Duration::from_secs(300), UNIX_EPOCH + Duration::from_secs(300 + HOUR));
        let life = Life::of(at(0, 0), validity, RenewalPoint::default(), 0.5);

        assert!(life.is_usable(at(HOUR - 11, HOUR - 11)) && !life.is_usable(at(HOUR - 10, HOUR - 10)));
    }

    fn life(seconds: u64, point: RenewalPoint, random: f64) -> Life {
        Life::of(at(0, 0), (UNIX_EPOCH, UNIX_EPOCH + Duration::from_secs(seconds)), point, random)
    }

    fn at(wall: u64, monotonic: u64) -> Moment {
        Moment { wall: UNIX_EPOCH + Duration::from_secs(wall), monotonic: Duration::from_secs(monotonic) }
    }
}

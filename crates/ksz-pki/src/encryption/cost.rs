use crate::Error;

/// The most iterations of key derivation that one file may ask for, each block of derived octets counted: a
/// few seconds of work, and room for a store of several keys with 600 000 for each.
const MOST_ITERATIONS: u64 = 6_000_000;
/// The most memory that scrypt may take at once, in octets: eight times what `openssl` takes unasked.
const MOST_MEMORY: u64 = 128 * 1024 * 1024;
/// How many times scrypt may go over that memory in one file.
const MOST_PASSES: u64 = 4;

/// What opening one file may still cost.
///
/// A hostile file could ask for hours of work before its password is known to be wrong.
pub(crate) struct Cost {
    iterations: u64,
    scrypt: u64,
}

impl Cost {
    pub(crate) const fn new() -> Self {
        Self { iterations: MOST_ITERATIONS, scrypt: MOST_MEMORY * MOST_PASSES }
    }

    /// A count that a single derivation may have.
    pub(crate) fn accept_iterations(count: u64) -> Result<u32, Error> {
        let accepted = u32::try_from(count).ok().filter(|_| count <= MOST_ITERATIONS);
        accepted.ok_or(Error::KeyDerivationCost { what: "iterations", asked: count, limit: MOST_ITERATIONS })
    }

    /// Takes the work of a derivation whose output has so many blocks, each made by all iterations.
    pub(crate) fn take_iterations(&mut self, iterations: u32, blocks: usize) -> Result<(), Error> {
        let asked = u64::from(iterations).saturating_mul(u64::try_from(blocks).unwrap_or(u64::MAX));
        let spent = MOST_ITERATIONS - self.iterations;
        match self.iterations.checked_sub(asked) {
            Some(left) => self.iterations = left,
            None => {
                return Err(Error::KeyDerivationCost {
                    what: "iterations",
                    asked: spent.saturating_add(asked),
                    limit: MOST_ITERATIONS,
                });
            }
        }
        Ok(())
    }

    /// Takes the work of scrypt: its memory (RFC 7914 section 6), as often as it is gone over.
    pub(crate) fn take_scrypt(&mut self, parameters: &ScryptParameters) -> Result<scrypt::Params, Error> {
        let refuse = |what, asked, limit| -> Result<scrypt::Params, Error> {
            Err(Error::KeyDerivationCost { what, asked, limit })
        };
        let memory = 128_u64.saturating_mul(parameters.block_size).saturating_mul(1 << parameters.log_cost);
        if memory > MOST_MEMORY {
            return refuse("octets of memory", memory, MOST_MEMORY);
        }
        let written = memory.saturating_mul(parameters.parallelization);
        let Some(left) = self.scrypt.checked_sub(written) else {
            return refuse("octets written by scrypt", written, MOST_MEMORY * MOST_PASSES);
        };
        self.scrypt = left;
        parameters.accepted().ok_or(Error::EncryptionMalformed { part: "scrypt-params" })
    }
}

/// What scrypt-params (RFC 7914 section 7.1) say of the work, none of them zero.
pub(crate) struct ScryptParameters {
    pub(crate) log_cost: u32,
    pub(crate) block_size: u64,
    pub(crate) parallelization: u64,
}

impl ScryptParameters {
    /// The same for the library; the length is only there to be checked.
    fn accepted(&self) -> Option<scrypt::Params> {
        let log_cost = u8::try_from(self.log_cost).ok()?;
        let block_size = u32::try_from(self.block_size).ok()?;
        let parallelization = u32::try_from(self.parallelization).ok()?;
        scrypt::Params::new(log_cost, block_size, parallelization, scrypt::Params::RECOMMENDED_LEN).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_modest_derivations_are_refused_together() {
        let mut cost = Cost::new();

        for _ in 0..3 {
            assert_eq!(cost.take_iterations(1_000_000, 2), Ok(()));
        }
        assert_eq!(
            cost.take_iterations(1, 1),
            Err(Error::KeyDerivationCost {
                what: "iterations",
                asked: MOST_ITERATIONS + 1,
                limit: MOST_ITERATIONS
            })
        );
    }

    #[test]
    fn one_count_beyond_the_limit_is_refused() {
        assert_eq!(Cost::accept_iterations(MOST_ITERATIONS), Ok(6_000_000));
        for count in [MOST_ITERATIONS + 1, u64::from(u32::MAX) + 2, u64::MAX] {
            assert!(matches!(Cost::accept_iterations(count), Err(Error::KeyDerivationCost { .. })));
        }
    }

    #[test]
    fn scrypt_is_bounded_in_memory_and_in_passes() {
        let taken = |log_cost, block_size, parallelization| {
            Cost::new().take_scrypt(&ScryptParameters { log_cost, block_size, parallelization })
        };
        for (log_cost, block_size, parallelization) in [(17, 8, 1), (17, 8, 4), (1, 1, 1)] {
            assert!(taken(log_cost, block_size, parallelization).is_ok());
        }
        for (log_cost, block_size, parallelization) in
            [(17, 8, 5), (18, 8, 1), (63, u64::MAX, 1), (1, 1 << 50, 1), (1, 1, u64::MAX)]
        {
            let refused = taken(log_cost, block_size, parallelization);
            assert!(matches!(refused, Err(Error::KeyDerivationCost { .. })));
        }
        assert!(matches!(taken(16, 1, 1), Err(Error::EncryptionMalformed { part: "scrypt-params" })));
    }
}

//! Which vector instructions simulations run on.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use pulp::{Arch, WithSimd};

use crate::error::{Error, Result};

/// The vector instructions that simulations run on: the widest that the processor has, unless
/// others are asked for to measure or test them. All of them give the same bits.
///
/// ```
/// use isomoment::simulate::Instructions;
/// let sets = Instructions::available();
/// assert_eq!(sets[0], Instructions::Plain);
/// sets[0].force()?;
/// Instructions::widest().force()?;
/// # Ok::<(), isomoment::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Instructions {
    /// What every processor of the platform has.
    Plain = 1,
    /// AVX2 and fused multiply–add: four doubles at once.
    Avx2,
    /// AVX-512: eight doubles at once.
    Avx512,
    /// NEON: two doubles at once.
    Neon,
}

/// The set asked for, 0 for the widest: of the whole process, as it changes no result.
static FORCED: AtomicU8 = AtomicU8::new(0);

impl Instructions {
    const ALL: [Self; 4] = [Self::Plain, Self::Avx2, Self::Avx512, Self::Neon];

    /// The sets that this processor has, from the narrowest to the widest.
    pub fn available() -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|set| set.arch().is_some())
            .collect()
    }

    /// The set that simulations run on where nothing is forced.
    pub fn widest() -> Self {
        *Self::available().last().unwrap_or(&Self::Plain)
    }

    /// Makes the whole process simulate on this set from now on.
    ///
    /// # Errors
    /// [`Error::Domain`] where the processor does not have it.
    pub fn force(self) -> Result<()> {
        if self.arch().is_none() {
            let names: Vec<_> = Self::available().iter().map(Self::to_string).collect();
            return Err(Error::domain("instructions", self, names.join(", ")));
        }
        FORCED.store(self as u8, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn arch(self) -> Option<Arch> {
        match self {
            Self::Plain => Some(Arch::Scalar),
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Self::Avx2 => pulp::x86::V3::try_new().map(Arch::V3),
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Self::Avx512 => pulp::x86::V4::try_new().map(Arch::V4),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => pulp::aarch64::Neon::try_new().map(Arch::Neon),
            _ => None,
        }
    }
}

/// `plain`, `avx2`, `avx512` or `neon`.
impl fmt::Display for Instructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Plain => "plain",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Neon => "neon",
        })
    }
}

/// Runs a loop compiled for the set in force.
#[inline(always)]
pub(super) fn dispatch<O: WithSimd>(operation: O) -> O::Output {
    let forced = FORCED.load(Ordering::Relaxed);
    let set = Instructions::ALL.get(usize::from(forced).wrapping_sub(1));
    let arch = set.and_then(|set| set.arch()).unwrap_or_default();
    arch.dispatch(operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_that_the_processor_lacks_is_refused() {
        for set in Instructions::ALL {
            assert_eq!(
                set.force().is_ok(),
                Instructions::available().contains(&set)
            );
        }
        let lacking = Instructions::ALL.into_iter().find(|s| s.arch().is_none());
        let error = lacking.unwrap().force().unwrap_err().to_string();
        assert!(error.contains("it must be plain"), "{error}");
        Instructions::widest().force().unwrap();
    }
}

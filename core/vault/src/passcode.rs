//! Stretching a passcode: Argon2id (RFC 9106), with its cost stored beside the wrap and a floor that nothing goes under.
//!
//! The default is 64 MiB, 3 passes, 1 lane: 0.26 s on the measuring machine, RFC 9106 §4's second recommended option
//! with one lane. The floor is OWASP's least (Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane), for iOS
//! extensions, which have little memory.

use crate::error::{Result, VaultError};
use crate::secret::Passcode;
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What one guess at the passcode costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasscodeCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl PasscodeCost {
    /// The least that is taken, for new wraps and for stored ones.
    pub const MINIMUM: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };

    /// Above this a stored cost is not computed: a changed envelope must not make the phone run out of memory.
    pub const MAXIMUM: Self = Self { memory_kib: 1024 * 1024, passes: 64, lanes: 16 };

    /// Errors when a field is below [`PasscodeCost::MINIMUM`] or above [`PasscodeCost::MAXIMUM`].
    pub fn check(&self) -> Result<()> {
        for (field, found, minimum, maximum) in [
            ("memory_kib", self.memory_kib, Self::MINIMUM.memory_kib, Self::MAXIMUM.memory_kib),
            ("passes", self.passes, Self::MINIMUM.passes, Self::MAXIMUM.passes),
            ("lanes", self.lanes, Self::MINIMUM.lanes, Self::MAXIMUM.lanes),
        ] {
            if found < minimum || found > maximum {
                return Err(VaultError::PasscodeCost { field, found, minimum });
            }
        }
        Ok(())
    }
}

impl Default for PasscodeCost {
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 }
    }
}

/// 32 bytes from the passcode, at `cost`.
pub(crate) fn stretch(passcode: &Passcode, salt: &[u8], cost: &PasscodeCost) -> Result<Zeroizing<[u8; 32]>> {
    cost.check()?;
    let refused = |_| VaultError::Crypto { doing: "stretching the passcode" };
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(refused)?;
    let mut out = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passcode.bytes(), salt, out.as_mut_slice())
        .map_err(refused)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_below_the_floor_is_refused_by_name() {
        let cheap = PasscodeCost { memory_kib: 8, ..PasscodeCost::default() };
        let error = stretch(&Passcode::new("1234"), &[0; 16], &cheap).unwrap_err();
        assert_eq!(error, VaultError::PasscodeCost { field: "memory_kib", found: 8, minimum: 19 * 1024 });
        assert!(PasscodeCost { passes: 1, ..PasscodeCost::default() }.check().is_err());
        assert!(PasscodeCost { passes: 1000, ..PasscodeCost::default() }.check().is_err());
    }

    #[test]
    fn the_same_passcode_stretches_to_other_bytes_under_another_salt_or_cost() {
        let passcode = Passcode::new("correct horse");
        let a = stretch(&passcode, &[1; 16], &PasscodeCost::MINIMUM).unwrap();
        assert_eq!(a, stretch(&passcode, &[1; 16], &PasscodeCost::MINIMUM).unwrap());
        assert_ne!(a, stretch(&passcode, &[2; 16], &PasscodeCost::MINIMUM).unwrap());
        let dearer = PasscodeCost { passes: 3, ..PasscodeCost::MINIMUM };
        assert_ne!(a, stretch(&passcode, &[1; 16], &dearer).unwrap());
    }
}

//! The recovery code: 160 random bits, printed once, typed back when the phone or the passcode is gone.
//!
//! Crockford's base32 (crockford.com/base32.html) has no I, L, O or U, takes both cases and reads O as 0, I and L as 1. Nine groups
//! of four characters: 32 for the secret, 4 as a checksum (the first 20 bits of SHA-256), so that a slip of the
//! pen is told from a code of another vault: one wrong character in a million passes.

use crate::error::{Result, VaultError};
use crate::secret::{self, Key};
use ring::digest::{SHA256, digest};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SECRET_BYTES: usize = 20;
const SECRET_CHARACTERS: usize = 32;
const CHECK_CHARACTERS: usize = 4;
const GROUP: usize = 4;

/// The recovery code of one vault.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryCode([u8; SECRET_BYTES]);

impl RecoveryCode {
    pub(crate) fn random() -> Result<Self> {
        Ok(Self(secret::random()?))
    }

    /// Reads a code as typed: case, spaces and hyphens do not matter. Errors name the kind of slip.
    pub fn parse(typed: &str) -> Result<Self> {
        let slip = |problem| VaultError::RecoveryCodeMistyped { problem };
        let mut values = Zeroizing::new(Vec::with_capacity(SECRET_CHARACTERS + CHECK_CHARACTERS));
        for character in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            values.push(value_of(character).ok_or_else(|| slip("a character that no code has"))?);
        }
        match values.len() {
            36 => {}
            0..36 => return Err(slip("too short")),
            _ => return Err(slip("too long")),
        }
        let (body, check) = values.split_at(SECRET_CHARACTERS);
        let mut bytes = [0; SECRET_BYTES];
        for (five, out) in body.chunks_exact(8).zip(bytes.chunks_exact_mut(5)) {
            let joined = five.iter().fold(0u64, |all, five_bits| all << 5 | u64::from(*five_bits));
            out.copy_from_slice(&joined.to_be_bytes()[3..]);
        }
        let code = Self(bytes);
        bytes.zeroize();
        if code.checksum() == check { Ok(code) } else { Err(slip("the check characters do not fit")) }
    }

    /// The code as printed: nine groups of four, joined by hyphens.
    pub fn to_printed(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(45));
        let check = self.checksum();
        for (index, five_bits) in self.five_bits().iter().chain(&check).enumerate() {
            if index > 0 && index % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(*five_bits)]));
        }
        text
    }

    /// The key for one purpose. 160 random bits need no stretching.
    pub(crate) fn derive(&self, purpose: &str) -> Key {
        secret::derive(&self.0, purpose)
    }

    fn five_bits(&self) -> Zeroizing<Vec<u8>> {
        let mut all = Zeroizing::new(Vec::with_capacity(SECRET_CHARACTERS));
        for bytes in self.0.chunks_exact(5) {
            let joined = bytes.iter().fold(0u64, |all, byte| all << 8 | u64::from(*byte));
            all.extend((0..8u32).rev().map(|place| low_five(joined >> (5 * place))));
        }
        all
    }

    fn checksum(&self) -> [u8; CHECK_CHARACTERS] {
        let hash = digest(&SHA256, &[b"homeline recovery code", self.0.as_slice()].concat());
        let first = hash.as_ref().iter().take(4).fold(0u64, |all, byte| all << 8 | u64::from(*byte));
        std::array::from_fn(|place| low_five(first >> (27 - 5 * place)))
    }
}

fn low_five(bits: u64) -> u8 {
    u8::try_from(bits & 31).expect("five bits fit a byte")
}

fn value_of(character: char) -> Option<u8> {
    let plain = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = ALPHABET.iter().position(|letter| char::from(*letter) == plain)?;
    u8::try_from(place).ok()
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_comes_back_as_printed_and_as_people_type() {
        for _ in 0..50 {
            let code = RecoveryCode::random().unwrap();
            let printed = code.to_printed();
            assert_eq!(printed.len(), 44);
            assert_eq!(RecoveryCode::parse(&printed).unwrap().0, code.0);
            let sloppy = printed.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            assert_eq!(RecoveryCode::parse(&sloppy).unwrap().0, code.0);
        }
    }

    #[test]
    fn a_known_code_stays_readable_for_ever() {
        let code = RecoveryCode(std::array::from_fn(|i| u8::try_from(i * 13).unwrap()));
        let printed = code.to_printed();
        assert_eq!(printed.as_str(), "006H-M9SM-8575-PT3N-GA7S-SADP-RF8D-VTQQ-RK1W");
    }

    #[test]
    fn every_single_wrong_character_and_every_swap_of_neighbours_is_noticed() {
        let code = RecoveryCode(std::array::from_fn(|i| u8::try_from(i * 7 + 1).unwrap()));
        let printed: Vec<char> = code.to_printed().chars().filter(|c| *c != '-').collect();
        for place in 0..printed.len() {
            for letter in ALPHABET {
                let mut typed = printed.clone();
                typed[place] = char::from(*letter);
                if typed != printed {
                    let error = RecoveryCode::parse(&typed.iter().collect::<String>()).unwrap_err();
                    assert_eq!(error, VaultError::RecoveryCodeMistyped { problem: "the check characters do not fit" });
                }
            }
            if place > 0 && printed[place] != printed[place - 1] {
                let mut typed = printed.clone();
                typed.swap(place, place - 1);
                assert!(RecoveryCode::parse(&typed.iter().collect::<String>()).is_err());
            }
        }
    }

    #[test]
    fn a_slip_is_named() {
        let problem = |text: &str| match RecoveryCode::parse(text) {
            Err(VaultError::RecoveryCodeMistyped { problem }) => problem,
            other => panic!("{other:?}"),
        };
        assert_eq!(problem("ABCD"), "too short");
        assert_eq!(problem(&"0".repeat(37)), "too long");
        assert_eq!(problem("U"), "a character that no code has");
    }
}

//! SQLCipher's crypto provider, filled by `ring` (HMAC, PBKDF2, random) and RustCrypto `aes`/`cbc` (AES-256-CBC).
//!
//! SQLCipher asks its cryptography from a table of functions (`struct sqlcipher_provider` in `sqlcipher.h`, 4.19.0). Built
//! with `SQLCIPHER_CRYPTO_CUSTOM`, it calls [`homeline_sqlcipher_provider_setup`] once to have the table filled. The page
//! format stays SQLCipher 4's own, so stock SQLCipher reads our files and we read its files (`tests/stock_sqlcipher.rs`);
//! OpenSSL is not linked, which makes the library 2.7 times smaller.
//!
//! This is the only file of the crate with foreign functions of ours. What it promises: no panic crosses into C, lengths are
//! checked before a slice is made, and the keyed HMAC state is freed with SQLCipher's context, that is when the connection
//! closes. AES key schedules live for one call and are wiped (`aes` feature `zeroize`); ring does not wipe its HMAC
//! state, which is derived from the page MAC key: closing the vault frees it, and that residue is accepted.

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{hmac, pbkdf2};
use std::ffi::{CStr, c_char, c_int, c_uchar, c_void};
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use zeroize::Zeroize;

/// What `PRAGMA cipher_provider` answers when this provider is linked.
pub const PROVIDER_NAME: &CStr = c"homeline-ring";
const PROVIDER_VERSION: &CStr = c"ring 0.17, aes 0.9";
const CIPHER_NAME: &CStr = c"aes-256-cbc";

const OK: c_int = 0; // SQLITE_OK
const FAILED: c_int = 1; // SQLITE_ERROR
const KEY_BYTES: c_int = 32;
const BLOCK_BYTES: c_int = 16;
const MODE_ENCRYPT: c_int = 1; // SQLCIPHER_ENCRYPT; 0 is SQLCIPHER_DECRYPT

/// `struct sqlcipher_provider`, field for field.
#[repr(C)]
pub struct Provider {
    init: Option<extern "C" fn() -> c_int>,
    shutdown: Option<extern "C" fn()>,
    get_provider_name: extern "C" fn(*mut c_void) -> *const c_char,
    add_random: extern "C" fn(*mut c_void, *const c_void, c_int) -> c_int,
    random: unsafe extern "C" fn(*mut c_void, *mut c_void, c_int) -> c_int,
    #[allow(clippy::type_complexity, reason = "it is the C signature")]
    hmac: unsafe extern "C" fn(
        *mut c_void,
        c_int,
        *const c_uchar,
        c_int,
        *const c_uchar,
        c_int,
        *const c_uchar,
        c_int,
        *mut c_uchar,
    ) -> c_int,
    #[allow(clippy::type_complexity, reason = "it is the C signature")]
    kdf: unsafe extern "C" fn(
        *mut c_void,
        c_int,
        *const c_uchar,
        c_int,
        *const c_uchar,
        c_int,
        c_int,
        c_int,
        *mut c_uchar,
    ) -> c_int,
    #[allow(clippy::type_complexity, reason = "it is the C signature")]
    cipher: unsafe extern "C" fn(
        *mut c_void,
        c_int,
        *const c_uchar,
        c_int,
        *const c_uchar,
        *const c_uchar,
        c_int,
        *mut c_uchar,
    ) -> c_int,
    get_cipher: extern "C" fn(*mut c_void) -> *const c_char,
    get_key_sz: extern "C" fn(*mut c_void) -> c_int,
    get_iv_sz: extern "C" fn(*mut c_void) -> c_int,
    get_block_sz: extern "C" fn(*mut c_void) -> c_int,
    get_hmac_sz: extern "C" fn(*mut c_void, c_int) -> c_int,
    ctx_init: unsafe extern "C" fn(*mut *mut c_void) -> c_int,
    ctx_free: unsafe extern "C" fn(*mut *mut c_void) -> c_int,
    fips_status: extern "C" fn(*mut c_void) -> c_int,
    get_provider_version: extern "C" fn(*mut c_void) -> *const c_char,
    next: *mut Provider,
}

/// The hash of an HMAC or of a PBKDF2, by SQLCipher's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

impl Hash {
    fn from_number(number: c_int) -> Option<Self> {
        match number {
            0 => Some(Self::Sha1),
            1 => Some(Self::Sha256),
            2 => Some(Self::Sha512),
            _ => None,
        }
    }

    fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }

    fn bytes(self) -> c_int {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// One connection's state: the HMAC key schedule, so that it is computed once and not for each page.
#[derive(Default)]
struct Context {
    keyed: Option<Keyed>,
}

struct Keyed {
    hash: Hash,
    bytes: [u8; 32],
    key: hmac::Key,
}

impl Drop for Keyed {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Context {
    fn tag(&mut self, hash: Hash, key: &[u8], first: &[u8], second: &[u8]) -> hmac::Tag {
        let fresh;
        let key = match <[u8; 32]>::try_from(key) {
            // A page MAC key: kept, because the same one comes for every page.
            Ok(mut bytes) => {
                let known = self.keyed.as_ref().is_some_and(|k| k.hash == hash && same(&k.bytes, &bytes));
                if !known {
                    self.keyed = Some(Keyed { hash, bytes, key: hmac::Key::new(hash.hmac(), &bytes) });
                }
                bytes.zeroize();
                &self.keyed.as_ref().expect("it was set above").key
            }
            Err(_) => {
                fresh = hmac::Key::new(hash.hmac(), key);
                &fresh
            }
        };
        let mut mac = hmac::Context::with_key(key);
        mac.update(first);
        mac.update(second);
        mac.sign()
    }
}

/// Without an early end, so that the time tells nothing of the keys.
fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

/// AES-256-CBC without padding, in place. `data` is a whole number of blocks.
fn aes_256_cbc(encrypt: bool, key: &[u8; 32], iv: &[u8; 16], data: &mut [u8]) -> bool {
    let length = data.len();
    if encrypt {
        cbc::Encryptor::<Aes256>::new(key.into(), iv.into()).encrypt_padded::<NoPadding>(data, length).is_ok()
    } else {
        cbc::Decryptor::<Aes256>::new(key.into(), iv.into()).decrypt_padded::<NoPadding>(data).is_ok()
    }
}

/// A panic must not cross into C; SQLCipher turns the failure into an error of the statement.
fn guarded(work: impl FnOnce() -> Option<()>) -> c_int {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Some(())) => OK,
        Ok(None) | Err(_) => FAILED,
    }
}

/// # Safety
/// `at` is null, or is valid for reads of `length` bytes as long as the slice lives.
unsafe fn input<'a>(at: *const c_uchar, length: c_int) -> Option<&'a [u8]> {
    let length = usize::try_from(length).ok()?;
    if at.is_null() {
        return (length == 0).then_some(&[]);
    }
    // SAFETY: not null, and the caller promises that `length` bytes are readable there.
    Some(unsafe { std::slice::from_raw_parts(at, length) })
}

/// # Safety
/// `at` is null, or is valid for writes of `length` bytes that nothing else reads or writes as long as the slice lives.
unsafe fn output<'a>(at: *mut c_uchar, length: c_int) -> Option<&'a mut [u8]> {
    let length = usize::try_from(length).ok()?;
    if at.is_null() {
        return None;
    }
    // SAFETY: not null, and the caller promises that `length` bytes there are ours alone.
    Some(unsafe { std::slice::from_raw_parts_mut(at, length) })
}

extern "C" fn provider_name(_: *mut c_void) -> *const c_char {
    PROVIDER_NAME.as_ptr()
}

extern "C" fn provider_version(_: *mut c_void) -> *const c_char {
    PROVIDER_VERSION.as_ptr()
}

extern "C" fn cipher_name(_: *mut c_void) -> *const c_char {
    CIPHER_NAME.as_ptr()
}

/// The system's generator needs no seed of ours.
extern "C" fn add_random(_: *mut c_void, _: *const c_void, _: c_int) -> c_int {
    OK
}

/// # Safety
/// `buffer` is valid for writes of `length` bytes (SQLCipher's contract).
unsafe extern "C" fn random(_: *mut c_void, buffer: *mut c_void, length: c_int) -> c_int {
    guarded(|| {
        // SAFETY: SQLCipher hands a buffer of its own with its length.
        let buffer = unsafe { output(buffer.cast(), length) }?;
        SystemRandom::new().fill(buffer).ok()
    })
}

/// # Safety
/// `context` comes from [`context_init`]; the buffers are valid for their lengths, `out` for the hash's length (SQLCipher's contract).
#[allow(clippy::too_many_arguments, reason = "it is the C signature")]
unsafe extern "C" fn page_hmac(
    context: *mut c_void,
    algorithm: c_int,
    key: *const c_uchar,
    key_bytes: c_int,
    first: *const c_uchar,
    first_bytes: c_int,
    second: *const c_uchar,
    second_bytes: c_int,
    out: *mut c_uchar,
) -> c_int {
    guarded(|| {
        let hash = Hash::from_number(algorithm)?;
        if first.is_null() {
            return None;
        }
        // SAFETY: SQLCipher's buffers with their lengths; `second` may be null, then its length does not matter.
        let (key, first) = unsafe { (input(key, key_bytes)?, input(first, first_bytes)?) };
        // SAFETY: as above.
        let second = if second.is_null() { &[][..] } else { unsafe { input(second, second_bytes)? } };
        // SAFETY: made by `context_init`, not freed, and used by one thread at a time under the connection's mutex.
        let context = unsafe { context.cast::<Context>().as_mut()? };
        let tag = context.tag(hash, key, first, second);
        // SAFETY: SQLCipher keeps `get_hmac_sz` bytes for the result, which is exactly the tag's length. `out` may lie behind
        // `first` in the same page; `first` is not read any more.
        unsafe { output(out, hash.bytes())? }.copy_from_slice(tag.as_ref());
        Some(())
    })
}

/// # Safety
/// The buffers are valid for their lengths, `key` for writes of `key_bytes` (SQLCipher's contract).
#[allow(clippy::too_many_arguments, reason = "it is the C signature")]
unsafe extern "C" fn derive(
    _: *mut c_void,
    algorithm: c_int,
    secret: *const c_uchar,
    secret_bytes: c_int,
    salt: *const c_uchar,
    salt_bytes: c_int,
    rounds: c_int,
    key_bytes: c_int,
    key: *mut c_uchar,
) -> c_int {
    guarded(|| {
        let hash = Hash::from_number(algorithm)?;
        let rounds = NonZeroU32::new(u32::try_from(rounds).ok()?)?;
        // SAFETY: SQLCipher's buffers with their lengths; the derived key goes to a buffer other than secret and salt.
        let (secret, salt, key) =
            unsafe { (input(secret, secret_bytes)?, input(salt, salt_bytes)?, output(key, key_bytes)?) };
        pbkdf2::derive(hash.pbkdf2(), rounds, salt, secret, key);
        Some(())
    })
}

/// # Safety
/// The buffers are valid for their lengths: `iv` for 16 bytes, `out` for writes of `length` bytes; `from` and `out` are the
/// same buffer or do not overlap (SQLCipher's contract).
#[allow(clippy::too_many_arguments, reason = "it is the C signature")]
unsafe extern "C" fn page_cipher(
    _: *mut c_void,
    mode: c_int,
    key: *const c_uchar,
    key_bytes: c_int,
    iv: *const c_uchar,
    from: *const c_uchar,
    length: c_int,
    out: *mut c_uchar,
) -> c_int {
    guarded(|| {
        if length % BLOCK_BYTES != 0 || from.is_null() || out.is_null() {
            return None;
        }
        // SAFETY: SQLCipher's buffers with their lengths.
        let (key, iv) = unsafe { (input(key, key_bytes)?, input(iv, BLOCK_BYTES)?) };
        let (key, iv): (&[u8; 32], &[u8; 16]) = (key.try_into().ok()?, iv.try_into().ok()?);
        if !std::ptr::eq(from, out) {
            // SAFETY: both hold `length` bytes; `copy` allows overlap.
            unsafe { std::ptr::copy(from, out, usize::try_from(length).ok()?) };
        }
        // SAFETY: the output page, which nothing else touches during this call; `from` is not read any more.
        let data = unsafe { output(out, length)? };
        aes_256_cbc(mode == MODE_ENCRYPT, key, iv, data).then_some(())
    })
}

extern "C" fn key_bytes(_: *mut c_void) -> c_int {
    KEY_BYTES
}

extern "C" fn block_bytes(_: *mut c_void) -> c_int {
    BLOCK_BYTES
}

extern "C" fn hmac_bytes(_: *mut c_void, algorithm: c_int) -> c_int {
    Hash::from_number(algorithm).map_or(0, Hash::bytes)
}

/// # Safety
/// `slot` is valid for a write (SQLCipher's contract).
unsafe extern "C" fn context_init(slot: *mut *mut c_void) -> c_int {
    guarded(|| {
        // SAFETY: SQLCipher hands the address of its own pointer.
        let slot = unsafe { slot.as_mut()? };
        *slot = Box::into_raw(Box::new(Context::default())).cast();
        Some(())
    })
}

/// # Safety
/// `slot` holds null or a pointer from [`context_init`] that is not used any more (SQLCipher's contract).
unsafe extern "C" fn context_free(slot: *mut *mut c_void) -> c_int {
    guarded(|| {
        // SAFETY: SQLCipher hands the address of its own pointer.
        let slot = unsafe { slot.as_mut()? };
        let context = std::mem::replace(slot, std::ptr::null_mut());
        if !context.is_null() {
            // SAFETY: it came from `Box::into_raw` in `context_init`, and the slot is null from now on: freed once.
            drop(unsafe { Box::from_raw(context.cast::<Context>()) });
        }
        Some(())
    })
}

extern "C" fn fips_status(_: *mut c_void) -> c_int {
    0
}

/// Fills SQLCipher's provider table; called by SQLCipher itself, once, when SQLite initialises.
///
/// # Safety
/// `table` is valid for a write of one `struct sqlcipher_provider` (SQLCipher's contract).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn homeline_sqlcipher_provider_setup(table: *mut Provider) -> c_int {
    if table.is_null() {
        return FAILED;
    }
    let provider = Provider {
        init: None,
        shutdown: None,
        get_provider_name: provider_name,
        add_random,
        random,
        hmac: page_hmac,
        kdf: derive,
        cipher: page_cipher,
        get_cipher: cipher_name,
        get_key_sz: key_bytes,
        get_iv_sz: block_bytes,
        get_block_sz: block_bytes,
        get_hmac_sz: hmac_bytes,
        ctx_init: context_init,
        ctx_free: context_free,
        fips_status,
        get_provider_version: provider_version,
        next: std::ptr::null_mut(),
    };
    // SAFETY: not null; SQLCipher allocated room for the struct, not initialised, so `write` (which reads nothing) is right.
    unsafe { std::ptr::write(table, provider) };
    OK
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// Through the C table, as SQLCipher calls it.
    fn mac(algorithm: c_int, key: &[u8], first: &[u8], second: Option<&[u8]>) -> Option<Vec<u8>> {
        let n = |slice: &[u8]| c_int::try_from(slice.len()).unwrap();
        let mut context = std::ptr::null_mut();
        let mut out = vec![0u8; 64];
        let (second_at, second_n) = second.map_or((std::ptr::null(), 0), |s| (s.as_ptr(), n(s)));
        // SAFETY: all buffers are live, with their own lengths; 64 bytes hold every hash.
        let code = unsafe {
            assert_eq!(context_init(&mut context), OK);
            let code = page_hmac(
                context,
                algorithm,
                key.as_ptr(),
                n(key),
                first.as_ptr(),
                n(first),
                second_at,
                second_n,
                out.as_mut_ptr(),
            );
            assert_eq!(context_free(&mut context), OK);
            assert!(context.is_null());
            assert_eq!(context_free(&mut context), OK, "a second free is harmless");
            code
        };
        out.truncate(usize::try_from(hmac_bytes(std::ptr::null_mut(), algorithm)).unwrap());
        (code == OK).then_some(out)
    }

    #[test]
    fn hmac_gives_the_known_answers_of_rfc_2202_and_rfc_4231() {
        let key = [0x0b; 20];
        assert_eq!(mac(0, &key, b"Hi There", None).unwrap(), bytes("b617318655057264e28bc0b6fb378c8ef146be00"));
        assert_eq!(
            mac(1, &key, b"Hi ", Some(b"There")).unwrap(),
            bytes("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        );
        assert_eq!(
            mac(2, &key, b"Hi There", None).unwrap(),
            bytes(
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
            )
        );
        assert_eq!(mac(3, &key, b"Hi There", None), None, "an unknown hash is an error");
    }

    #[test]
    fn a_kept_key_is_replaced_when_another_comes() {
        let mut context = Context::default();
        let (a, b) = ([1u8; 32], [2u8; 32]);
        let first = context.tag(Hash::Sha256, &a, b"page", b"1").as_ref().to_vec();
        let other = context.tag(Hash::Sha256, &b, b"page", b"1").as_ref().to_vec();
        let again = context.tag(Hash::Sha256, &a, b"page", b"1").as_ref().to_vec();
        let longer = context.tag(Hash::Sha512, &a, b"page", b"1").as_ref().to_vec();
        assert_ne!(first, other);
        assert_eq!(first, again);
        assert_eq!(longer.len(), 64);
    }

    #[test]
    fn pbkdf2_gives_the_known_answers_of_rfc_6070_and_its_sha2_siblings() {
        let derived = |algorithm, rounds, length: usize| {
            let mut key = vec![0u8; length];
            // SAFETY: live buffers with their own lengths.
            let code = unsafe {
                derive(
                    std::ptr::null_mut(),
                    algorithm,
                    b"password".as_ptr(),
                    8,
                    b"salt".as_ptr(),
                    4,
                    rounds,
                    c_int::try_from(length).unwrap(),
                    key.as_mut_ptr(),
                )
            };
            (code == OK).then_some(key)
        };
        assert_eq!(derived(0, 2, 20).unwrap(), bytes("ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"));
        assert_eq!(
            derived(1, 4096, 32).unwrap(),
            bytes("c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a")
        );
        assert_eq!(
            derived(2, 1, 64).unwrap(),
            bytes(
                "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce"
            )
        );
        assert_eq!(derived(1, 0, 32), None, "no rounds is an error");
    }

    #[test]
    fn aes_256_cbc_gives_the_known_answer_of_nist_sp_800_38a_and_comes_back() {
        // SP 800-38A, F.2.5 CBC-AES256.Encrypt
        let key = bytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
        let iv = bytes("000102030405060708090a0b0c0d0e0f");
        let plain = bytes(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
        );
        let sealed = bytes(
            "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
        );
        let run = |mode, from: &[u8], length: c_int| {
            let mut out = vec![0u8; from.len()];
            // SAFETY: live buffers; `out` is as long as `from`.
            let code = unsafe {
                page_cipher(
                    std::ptr::null_mut(),
                    mode,
                    key.as_ptr(),
                    32,
                    iv.as_ptr(),
                    from.as_ptr(),
                    length,
                    out.as_mut_ptr(),
                )
            };
            (code == OK).then_some(out)
        };
        assert_eq!(run(1, &plain, 64).unwrap(), sealed);
        assert_eq!(run(0, &sealed, 64).unwrap(), plain);
        assert_eq!(run(1, &plain, 63), None, "half a block is an error");
    }

    #[test]
    fn random_fills_the_whole_buffer_and_refuses_none() {
        let mut buffer = [0u8; 64];
        // SAFETY: a live buffer with its length; null with a length is what is tested.
        unsafe {
            assert_eq!(random(std::ptr::null_mut(), buffer.as_mut_ptr().cast(), 64), OK);
            assert_eq!(random(std::ptr::null_mut(), std::ptr::null_mut(), 64), FAILED);
        }
        assert!(buffer.chunks(16).all(|part| part.iter().any(|b| *b != 0)));
    }

    #[test]
    fn a_panic_becomes_an_error_code() {
        assert_eq!(guarded(|| std::panic::resume_unwind(Box::new("boom"))), FAILED);
    }
}

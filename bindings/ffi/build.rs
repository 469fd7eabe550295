//! The contract's checksum: of the sources that say what crosses the border. `bindings/generate.sh` computes the same of the
//! same files (`cat src/*.rs | cksum`, POSIX), and writes it beside the code that it generates. And what the linker does so
//! that the shipped library is small.

use std::path::Path;
use std::{env, fs};

fn main() {
    let source = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is")).join("src");
    println!("cargo::rerun-if-changed={}", source.display());
    let mut files: Vec<_> = fs::read_dir(&source)
        .expect("the crate has sources")
        .map(|entry| entry.expect("an entry of a folder").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect();
    files.sort();
    let text: Vec<u8> = files.iter().flat_map(|file| fs::read(file).expect("a source can be read")).collect();
    println!("cargo::rustc-env=HOMELINE_CONTRACT={}", cksum(&text));
    if let Some(argument) = packed_relocations() {
        println!("cargo::rustc-cdylib-link-arg={argument}");
    }
}

/// Addresses that the loader adjusts take 24 bytes each, and almost all of them only add where the library lies: packed, they
/// are some bits. For what is shipped alone (the one profile that asks for size), because on Linux it wants glibc 2.36. Android
/// unpacks its own form since API 23; the form of Linux it knows since API 30 only. Apple's linker packs by itself.
fn packed_relocations() -> Option<&'static str> {
    let shipped = env::var("OPT_LEVEL").is_ok_and(|level| level == "s" || level == "z");
    match env::var("CARGO_CFG_TARGET_OS").ok()?.as_str() {
        "android" if shipped => Some("-Wl,--pack-dyn-relocs=android"),
        "linux" if shipped => Some("-Wl,-z,pack-relative-relocs"),
        _ => None,
    }
}

/// POSIX `cksum`: CRC-32 with the polynomial 0x04C11DB7, most significant bit first, over the bytes and their number.
fn cksum(bytes: &[u8]) -> u32 {
    let length = (0..8).map(|byte| bytes.len() >> (8 * byte)).take_while(|rest| *rest > 0);
    let length = length.map(|rest| u8::try_from(rest & 0xFF).expect("eight bits"));
    let crc = bytes.iter().copied().chain(length).fold(0u32, |crc, byte| {
        (0..8).fold(
            crc ^ (u32::from(byte) << 24),
            |crc, _| if crc >> 31 == 1 { (crc << 1) ^ 0x04C1_1DB7 } else { crc << 1 },
        )
    });
    !crc
}

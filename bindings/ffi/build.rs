//! The contract's checksum: of the sources that say what crosses the border. `bindings/generate.sh` computes the same of the
//! same files (`cat src/*.rs | cksum`, POSIX), and writes it beside the code that it generates.

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

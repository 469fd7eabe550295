//! Pictures, without what they tell beside the picture: EXIF, XMP and text chunks hold the place, the phone, the minute.

use crate::error::HomelineError;
use img_parts::jpeg::{Jpeg, markers};
use img_parts::png::Png;
use img_parts::{Bytes, ImageEXIF};

/// The largest picture, in bytes.
pub(crate) const LARGEST_PHOTO: usize = 20 * 1024 * 1024;
/// PNG chunks that carry words, times or EXIF (PNG specification, third edition, §11.3).
const TELLING_CHUNKS: [[u8; 4]; 5] = [*b"eXIf", *b"tEXt", *b"zTXt", *b"iTXt", *b"tIME"];

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// Checks that the bytes are a JPEG or PNG picture and takes out what it tells beside the picture.
pub(crate) fn without_metadata(bytes: &[u8]) -> Result<Picture, HomelineError> {
    if bytes.len() > LARGEST_PHOTO {
        let megabytes = |n: usize| n / 1_048_576;
        return Err(refused(format!(
            "it has {} MB, the most is {} MB",
            megabytes(bytes.len()),
            megabytes(LARGEST_PHOTO)
        )));
    }
    let copy = Bytes::copy_from_slice(bytes);
    if let Ok(mut jpeg) = Jpeg::from_bytes(copy.clone()) {
        // A picture has a frame; JPEG's first three bytes alone do not make one.
        let has_frame = jpeg.segments().iter().any(|segment| segment.marker() == markers::SOS);
        if has_frame {
            jpeg.set_exif(None);
            for marker in [markers::APP1, markers::APP13, markers::COM] {
                jpeg.remove_segments_by_marker(marker);
            }
            return Ok(Picture { content_type: "image/jpeg", bytes: jpeg.encoder().bytes().to_vec() });
        }
    }
    if let Ok(mut png) = Png::from_bytes(copy) {
        let has_pixels = png.chunk_by_type(*b"IHDR").is_some() && png.chunk_by_type(*b"IDAT").is_some();
        if has_pixels {
            for kind in TELLING_CHUNKS {
                png.remove_chunks_by_type(kind);
            }
            return Ok(Picture { content_type: "image/png", bytes: png.encoder().bytes().to_vec() });
        }
    }
    Err(refused("it is not a JPEG or PNG picture, or it is cut short".to_owned()))
}

fn refused(what: String) -> HomelineError {
    HomelineError::input("photo", what, "Take the picture again, as JPEG or PNG.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One grey pixel, with a text chunk and an EXIF chunk.
    fn png_that_tells() -> Vec<u8> {
        let mut png = Png::from_bytes(Bytes::from_static(include_bytes!("../testdata/one-pixel.png"))).unwrap();
        for (kind, text) in [(*b"tEXt", "Author\0Rosa"), (*b"eXIf", "GPS 41.88 -87.63")] {
            png.chunks_mut().insert(1, img_parts::png::PngChunk::new(kind, Bytes::from(text)));
        }
        png.encoder().bytes().to_vec()
    }

    #[test]
    fn the_place_and_the_name_are_taken_out_and_the_pixels_stay() {
        let told = png_that_tells();
        assert!(told.windows(3).any(|w| w == b"GPS"));
        let picture = without_metadata(&told).unwrap();
        assert_eq!(picture.content_type, "image/png");
        assert_eq!(picture.bytes, include_bytes!("../testdata/one-pixel.png"));
    }

    #[test]
    fn what_is_not_a_picture_is_refused() {
        for bytes in [&b""[..], b"hello", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7"] {
            assert_eq!(without_metadata(bytes).unwrap_err().field.as_deref(), Some("photo"), "{bytes:?}");
        }
    }
}

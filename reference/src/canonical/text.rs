//! JSON text as ECMAScript writes it.

#[cfg(feature = "mutants")]
use super::mistakes;

/// A text being written.
#[derive(Debug)]
pub struct Text {
    out: String,
    /// Whether two feeds were shown by the same short key (HALO-PAY-013).
    pub(super) ambiguous: bool,
}

/// Where a member begins that may yet be left out.
pub(super) struct Mark {
    length: usize,
    count: usize,
}

impl Default for Text {
    /// An empty text, with room for an ordinary payload.
    fn default() -> Self {
        Self { out: String::with_capacity(1024), ambiguous: false }
    }
}

impl Text {
    /// The text.
    pub fn finish(self) -> String {
        self.out
    }

    /// Whether two feeds were shown by the same short key, so that the text does not tell them apart.
    pub const fn is_ambiguous(&self) -> bool {
        self.ambiguous
    }

    /// Writes text as it is.
    pub fn raw(&mut self, text: &str) {
        self.out.push_str(text);
    }

    #[cfg(feature = "mutants")]
    pub(super) fn so_far(&self) -> &str {
        &self.out
    }

    /// Begins an object or a list; the result counts its members.
    pub(super) fn open(&mut self, bracket: char) -> usize {
        self.out.push(bracket);
        0
    }

    pub(super) fn close(&mut self, bracket: char) {
        self.out.push(bracket);
    }

    /// Begins an item of a list.
    pub(super) fn item(&mut self, count: &mut usize) {
        if *count > 0 {
            self.out.push(',');
        }
        *count += 1;
    }

    /// Begins a member of an object.
    pub(super) fn member(&mut self, count: &mut usize, name: &str) -> Mark {
        let mark = Mark { length: self.out.len(), count: *count };
        self.item(count);
        self.string(name);
        self.out.push(':');
        mark
    }

    /// Takes a member back.
    pub(super) fn back(&mut self, count: &mut usize, mark: Mark) {
        self.out.truncate(mark.length);
        *count = mark.count;
    }

    /// A string: escaped are `"`, `\` and the control characters below U+0020 (HALO-PAY-005).
    pub fn string(&mut self, text: &str) {
        alter!(HALO_PAY_005, (),
            "every character beyond ASCII is escaped" => return mistakes::ascii(self, text),
            "a slash is escaped" => return mistakes::with(self, text, '/', "\\/"),
            "U+007F is escaped" => return mistakes::with(self, text, '\u{7f}', "\\u007f"),
            "U+2028 is escaped" => return mistakes::with(self, text, '\u{2028}', "\\u2028"),
            "control characters have no short escapes" => return mistakes::without_short_escapes(self, text));
        self.right_string(text);
    }

    pub(super) fn right_string(&mut self, text: &str) {
        self.out.push('"');
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
            let (plain, special) = rest.split_at(at);
            self.out.push_str(plain);
            let mut chars = special.chars();
            match chars.next() {
                Some('"') => self.raw("\\\""),
                Some('\\') => self.raw("\\\\"),
                Some('\u{8}') => self.raw("\\b"),
                Some('\u{c}') => self.raw("\\f"),
                Some('\n') => self.raw("\\n"),
                Some('\r') => self.raw("\\r"),
                Some('\t') => self.raw("\\t"),
                Some(control) => self.raw(&alter!(HALO_PAY_005, format!("\\u{:04x}", u32::from(control)),
                    "escapes are in upper-case hex" => format!("\\u{:04X}", u32::from(control)))),
                None => {}
            }
            rest = chars.as_str();
        }
        self.out.push_str(rest);
        self.out.push('"');
    }

    /// Bytes as a string of lower-case hex (HALO-PAY-010).
    pub fn hex(&mut self, bytes: &[u8]) {
        self.out.push('"');
        alter!(HALO_PAY_010, data_encoding::HEXLOWER.encode_append(bytes, &mut self.out),
            "bytes are in upper-case hex" => data_encoding::HEXUPPER.encode_append(bytes, &mut self.out),
            "bytes are in base64" => data_encoding::BASE64.encode_append(bytes, &mut self.out),
            "bytes are in hex with a prefix" => mistakes::prefixed(self, bytes));
        self.out.push('"');
    }

    /// A number as ECMAScript prints it; `null` where it is not finite (HALO-PAY-006, HALO-PAY-007).
    pub fn number(&mut self, number: f64) {
        alter!(HALO_PAY_007, (),
            "the zero below zero keeps its sign" =>
                if number == 0.0 && number.is_sign_negative() { return self.raw("-0") },
            "NaN and the infinities are their names" =>
                if !number.is_finite() { return self.raw(&number.to_string()) });
        if number.is_finite() {
            alter!(HALO_PAY_006, self.raw(ryu_js::Buffer::new().format_finite(number)),
                "numbers are printed as Rust prints them" => self.raw(&number.to_string()),
                "whole numbers have a point and a zero" => self.raw(&format!("{number:?}")),
                "exponents have no sign" =>
                    self.raw(&ryu_js::Buffer::new().format_finite(number).replace("e+", "e")));
        } else {
            self.raw("null");
        }
    }
}

/// The first four hex characters of a key, three dots, and the last four.
pub(super) fn short_key(key: &[u8]) -> String {
    let length = alter!(HALO_PAY_012, 2, "a feed is shown by eight characters and eight" => 4);
    let first = key.get(..length).unwrap_or(key);
    let last = key.get(key.len().saturating_sub(length)..).unwrap_or(key);
    let dots = alter!(HALO_PAY_012, "...", "the dots are one character" => "…");
    let short =
        format!("{}{dots}{}", data_encoding::HEXLOWER.encode(first), data_encoding::HEXLOWER.encode(last));
    alter!(HALO_PAY_012, short, "a feed is shown by its whole key" => data_encoding::HEXLOWER.encode(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Text)) -> String {
        let mut text = Text::default();
        write(&mut text);
        text.finish()
    }

    #[test]
    fn strings_are_escaped_as_ecmascript_does() {
        assert_eq!(written(|text| text.string("\"\\/\u{8}\u{c}\n\r\t")), r#""\"\\/\b\f\n\r\t""#);
        assert_eq!(written(|text| text.string("\u{0}\u{1f}")), "\"\\u0000\\u001f\"");
        assert_eq!(written(|text| text.string("\u{7f}\u{2028}é😀")), "\"\u{7f}\u{2028}é😀\"");
    }

    #[test]
    fn numbers_are_printed_as_ecmascript_does() {
        let cases = [
            (1e21, "1e+21"),
            (1e-7, "1e-7"),
            (0.000001, "0.000001"),
            (1e20, "100000000000000000000"),
            (5e-324, "5e-324"),
            (0.1 + 0.2, "0.30000000000000004"),
            (-0.0, "0"),
            (1.0, "1"),
            (f64::NAN, "null"),
            (f64::NEG_INFINITY, "null"),
        ];
        for (number, expected) in cases {
            assert_eq!(written(|text| text.number(number)), expected);
        }
    }

    #[test]
    fn short_keys_of_short_keys() {
        assert_eq!(short_key(&[]), "...");
        assert_eq!(short_key(&[0xaa]), "aa...aa");
        assert_eq!(short_key(&[0xaa, 0xbb, 0xcc]), "aabb...bbcc");
    }
}

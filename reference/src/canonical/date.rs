//! Dates: milliseconds since 1970 in UTC, and their text.

use crate::wire::Message;

/// Dates reach this many milliseconds before and after 1970, as in ECMAScript.
const LIMIT: f64 = 8.64e15;

/// Unix milliseconds of a `google.protobuf.Timestamp`, truncated towards 1970; `None` beyond years
/// -271821 to 275760.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
pub fn milliseconds(timestamp: &Message<'_>) -> Option<i64> {
    let seconds = timestamp.int(1).unwrap_or_default() as f64;
    let nanos = timestamp.int(2).unwrap_or_default() as f64;
    let milliseconds = alter!(HALO_PAY_011, seconds * 1000.0 + nanos / 1e6,
        "milliseconds are computed in integers" => seconds * 1000.0 + (nanos / 1e6).floor());
    let whole = alter!(HALO_PAY_011, milliseconds.trunc(),
        "milliseconds are rounded to the nearest" => milliseconds.round(),
        "milliseconds are rounded down" => milliseconds.floor());
    let limit = alter!(HALO_ENC_015, LIMIT, "dates end with the year 9999" => 253_402_300_799_999.0);
    (milliseconds.abs() <= limit).then_some(whole as i64)
}

/// `YYYY-MM-DDTHH:mm:ss.sssZ`, with a sign and six digits for years outside of 0 to 9999 (HALO-PAY-011).
pub(super) fn iso(milliseconds: i64) -> String {
    let (year, month, day) = civil(milliseconds.div_euclid(86_400_000));
    let time = milliseconds.rem_euclid(86_400_000);
    let (hour, minute) = (time / 3_600_000, time / 60_000 % 60);
    let (second, milli) = (time / 1000 % 60, time % 1000);
    let year = match alter!(HALO_PAY_011, year, "years have no sign and no six digits" => year.rem_euclid(10_000))
    {
        0..=9999 => format!("{year:04}"),
        year if year < 0 => format!("-{:06}", -year),
        year => format!("+{year:06}"),
    };
    let date = format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    alter!(HALO_PAY_011, format!("{date}.{milli:03}Z"),
        "a date has no milliseconds" => format!("{date}Z"),
        "a date has no milliseconds where they are 0" =>
            if milli == 0 { format!("{date}Z") } else { format!("{date}.{milli:03}Z") },
        "a date has microseconds" => format!("{date}.{milli:03}000Z"),
        "a date has the offset +00:00" => format!("{date}.{milli:03}+00:00"))
}

/// Year, month and day of a day counted from 1970, in the proleptic Gregorian calendar.
fn civil(day: i64) -> (i64, i64, i64) {
    // Counted from 1 March of year 0, so that the leap day ends a year; 400 years have 146,097 days.
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_ecmascript_writes_them() {
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(iso(1_704_164_645_678), "2024-01-02T03:04:05.678Z");
        assert_eq!(iso(1_709_164_800_000), "2024-02-29T00:00:00.000Z");
        assert_eq!(iso(253_402_300_800_000), "+010000-01-01T00:00:00.000Z");
        assert_eq!(iso(-62_167_219_200_001), "-000001-12-31T23:59:59.999Z");
        assert_eq!(iso(8_640_000_000_000_000), "+275760-09-13T00:00:00.000Z");
    }
}

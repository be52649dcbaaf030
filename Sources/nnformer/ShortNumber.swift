/// Numbers for people: four significant digits.
enum ShortNumber {
    /// `1234`, `12.35 k`, `4.09 G`: decimal prefixes, so that they read as the units of FLOPs and bytes.
    static func text(_ count: UInt64) -> String {
        guard count >= 10_000 else { return String(count) }
        var scaled = Double(count)
        var prefix = ""
        for next in ["k", "M", "G", "T", "P", "E"] where scaled >= 999.95 {
            scaled /= 1000
            prefix = next
        }
        return text(scaled) + " " + prefix
    }

    /// Four significant digits without an exponent, `0.01234`, `12.35`, `123456`.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return String(value) }
        var decimals = 3
        var bound = 9.9995
        while decimals > 0, value.magnitude >= bound {
            decimals -= 1
            bound *= 10
        }
        var threshold = 0.99995
        while decimals < 12, value != 0, value.magnitude < threshold {
            decimals += 1
            threshold /= 10
        }
        return fixed(value, decimals: decimals)
    }

    /// `value` rounded to `decimals` digits after the point.
    static func fixed(_ value: Double, decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        // Beyond what an integer holds, digits after the point no longer exist.
        guard let scaled = Int64(exactly: (value.magnitude * scale).rounded()), decimals > 0 else {
            return "\(value.rounded())".replacing(/\.0$/, with: "")
        }
        var digits = String(scaled)
        while digits.count <= decimals { digits = "0" + digits }
        return (value < 0 ? "-" : "") + digits.dropLast(decimals) + "." + digits.suffix(decimals)
    }
}

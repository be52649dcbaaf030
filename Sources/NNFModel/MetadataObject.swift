import NNFGraph
import NNFWeights

/// A JSON object of a weights file's metadata; every accessor says where in it the trouble lies.
struct MetadataObject {
    private let object: JSONObject
    /// How to get here from the top: `platforms[2].labels[0]`; empty at the top.
    private let path: String

    init(_ value: JSONValue, path: String) throws(Failure) {
        guard case .object(let object) = value else {
            throw Failure(
                .malformedInput, "metadata of the weights: \(path.isEmpty ? "it" : path) is not a JSON object")
        }
        self.object = object
        self.path = path
    }

    /// The document that entry `entry` of a weights file's metadata holds.
    init(of file: WeightsFile, entry: String) throws(Failure) {
        guard let text = file.metadata(named: entry) else {
            throw Failure(
                .incompatibleWeights,
                "the weights file has no metadata entry '\(entry)': it is not a file for this purpose")
        }
        let document: JSONValue
        do throws(WeightsError) {
            document = try JSONReader.parse(Array(text.utf8))
        } catch {
            // Offsets count from the start of the entry, not of the file: they would mislead.
            throw Failure(error.code, "metadata entry '\(entry)' of the weights: \(error.message)")
        }
        try self.init(document, path: "")
    }

    /// Integers that say what the file was made for, and what this library needs them to be.
    func requireVersions(
        _ versions: [(name: String, ours: Int)], of subject: String = "the weights have",
        remedy: String = "take weights exported for this version of the library"
    ) throws(Failure) {
        for (name, ours) in versions {
            let theirs = try integer(name, in: 0...Int(Int32.max))
            guard theirs == ours else {
                throw Failure(
                    .incompatibleWeights,
                    "\(subject) \(name) \(theirs), this library needs \(ours); \(remedy)")
            }
        }
    }

    func integer(_ name: String, in bounds: ClosedRange<Int>) throws(Failure) -> Int {
        guard case .integer(let wide) = object[name], let value = Int(exactly: wide), bounds.contains(value) else {
            throw unusable(name, "an integer from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return value
    }

    /// A finite number; NaN for `null`, which stands for "not measured".
    func number(_ name: String) throws(Failure) -> Double {
        switch object[name] {
        case .integer(let value): return Double(value)
        case .real(let value): return value
        case .null: return .nan
        default: throw unusable(name, "a number")
        }
    }

    /// Text without NUL, which would cut it short in C.
    func string(_ name: String) throws(Failure) -> String {
        guard case .string(let value) = object[name], !value.utf8.contains(0) else {
            throw unusable(name, "a string")
        }
        return value
    }

    func objects(_ name: String, atMost limit: Int) throws(Failure) -> [MetadataObject] {
        guard case .array(let values) = object[name], values.count <= limit else {
            throw unusable(name, "an array of at most \(limit) objects")
        }
        var objects: [MetadataObject] = []
        for (index, value) in values.enumerated() {
            objects.append(try MetadataObject(value, path: "\(location(name))[\(index)]"))
        }
        return objects
    }

    /// `nil` where there is no such member.
    func optionalObject(_ name: String) throws(Failure) -> MetadataObject? {
        guard let value = object[name] else { return nil }
        return try MetadataObject(value, path: location(name))
    }

    func strings(_ name: String, atMost limit: Int) throws(Failure) -> [String] {
        guard case .array(let values) = object[name], values.count <= limit else {
            throw unusable(name, "an array of at most \(limit) strings")
        }
        var strings: [String] = []
        for value in values {
            guard case .string(let text) = value else { throw unusable(name, "an array of strings") }
            strings.append(text)
        }
        return strings
    }

    func unusable(_ name: String, _ expectation: String) -> Failure {
        Failure(.malformedInput, "metadata of the weights: \(location(name)) must be \(expectation)")
    }

    private func location(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

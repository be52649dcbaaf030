internal import NNFGraph

/// The equation of `Einsum`, such as `bij,bjk->bik` or `...ij,...jk`.
///
/// A letter names an axis, `...` the axes that no letter of the term names; those are broadcast. Without an arrow the
/// result has the broadcast axes, then the letters that occur once, in alphabetical order (NumPy's `einsum`).
struct EinsumEquation {
    private enum Label: Hashable {
        case letter(Character)
        case ellipsis
    }

    private let operands: [[Label]]
    private let result: [Label]

    init(_ text: String, _ context: OperatorContext) throws(Failure) {
        let letters = Array(try Self.compact(text, context))
        var operandPart = letters[...]
        var resultPart: ArraySlice<Character>?
        if let dash = letters.firstIndex(of: "-") {
            guard letters.dropFirst(dash + 1).first == ">" else {
                throw context.invalid("equation '\(text.prefix(80))' has '-' without '>'")
            }
            operandPart = letters.prefix(dash)
            resultPart = letters.dropFirst(dash + 2)
        }
        var operands: [[Label]] = []
        for term in operandPart.split(separator: ",", omittingEmptySubsequences: false) {
            operands.append(try Self.labels(of: term, context))
        }
        self.operands = operands
        if let resultPart {
            let result = try Self.labels(of: resultPart, context)
            guard Set(result).count == result.count else {
                throw context.invalid("the result of equation '\(text.prefix(80))' names an axis twice")
            }
            let known = Set(operands.joined())
            guard result.allSatisfy({ known.contains($0) || $0 == .ellipsis }) else {
                throw context.invalid(
                    "the result of equation '\(text.prefix(80))' names an axis that no operand has")
            }
            self.result = result
        } else {
            var occurrences: [Character: Int] = [:]
            for case .letter(let letter) in operands.joined() { occurrences[letter, default: 0] += 1 }
            let single = occurrences.filter { $0.value == 1 }.keys.sorted()
            self.result = [.ellipsis] + single.map { .letter($0) }
        }
    }

    /// The equation without blanks, of which there may be any number; the rest is no longer than its terms can be, so that
    /// nothing here costs more than a walk through the bytes.
    private static func compact(_ text: String, _ context: OperatorContext) throws(Failure) -> String {
        // Dots, and a comma or an arrow; a term more for the result, and one that may be too many.
        let longest = (context.inputs.count + 2) * (Limits.rank + 5)
        let bytes = Array(text.utf8.lazy.filter { $0 != UInt8(ascii: " ") }.prefix(longest + 1))
        guard bytes.count <= longest else {
            throw context.invalid("equation '\(text.prefix(80))' is longer than its \(context.inputs.count) inputs have axes")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The labels of one term. At most `Limits.rank` of them, so that nothing here is quadratic in the file.
    private static func labels(
        of term: ArraySlice<Character>, _ context: OperatorContext
    ) throws(Failure) -> [Label] {
        var labels: [Label] = []
        var rest = term
        while let character = rest.popFirst() {
            if character == "." {
                guard rest.prefix(2) == [".", "."], !labels.contains(.ellipsis) else {
                    throw context.invalid("a term of the equation has dots that are no single '...'")
                }
                rest = rest.dropFirst(2)
                labels.append(.ellipsis)
            } else if character.isASCII, character.isLetter {
                labels.append(.letter(character))
            } else {
                throw context.invalid("the equation contains '\(character)', which names no axis")
            }
            guard labels.count <= Limits.rank else {
                throw context.invalid("a term of the equation names more than \(Limits.rank) axes")
            }
        }
        return labels
    }

    /// The shape of the result; `nil` when it depends on a rank that is unknown.
    func resultShape(
        of shapes: [[Dimension]?], _ context: OperatorContext
    ) throws(Failure) -> [Dimension]? {
        guard shapes.count == operands.count else {
            throw context.invalid(
                "the equation has \(operands.count) terms for \(shapes.count) inputs")
        }
        var extents: [Character: Dimension] = [:]
        var broadcastAxes: [Dimension]? = []
        for (labels, shape) in zip(operands, shapes) {
            guard let shape else {
                if labels.contains(.ellipsis) { broadcastAxes = nil }
                continue
            }
            let hidden = shape.count - labels.count(where: { $0 != .ellipsis })
            guard labels.contains(.ellipsis) ? hidden >= 0 : hidden == 0 else {
                throw context.invalid(
                    "a term of the equation does not fit an input of shape \(context.describe(shape))")
            }
            var rest = shape[...]
            for label in labels {
                switch label {
                case .ellipsis:
                    let axes = Array(rest.prefix(hidden))
                    rest = rest.dropFirst(hidden)
                    if let before = broadcastAxes { broadcastAxes = try context.broadcast(before, axes) }
                case .letter(let letter):
                    guard let extent = rest.popFirst() else { continue }
                    extents[letter] = try agreed(extents[letter], extent, letter, context)
                }
            }
        }
        var shape: [Dimension] = []
        for label in result {
            switch label {
            case .ellipsis:
                guard let broadcastAxes else { return nil }
                shape += broadcastAxes
            case .letter(let letter):
                shape.append(extents[letter] ?? .unknown)
            }
        }
        return shape
    }

    /// Axes of one letter agree; runtimes also broadcast an extent of 1.
    private func agreed(
        _ left: Dimension?, _ right: Dimension, _ letter: Character, _ context: OperatorContext
    ) throws(Failure) -> Dimension {
        guard let left, left.extent != 1 else { return right }
        if right.extent == 1 { return left }
        return try context.unified(left, right, "axes '\(letter)' of the equation")
    }
}

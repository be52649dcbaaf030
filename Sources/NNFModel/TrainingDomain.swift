import NNFGraph
import NNFWeights

/// What a model was trained on, as far as estimates can be judged by it (Documentation/Trust.md).
///
/// Graphs are points, and labels come in groups: networks of one family at one batch size. A graph's distance from what a platform was
/// trained on is that to the nearest reference of the groups that the platform has labels of, in units of how far the networks of
/// that group lie apart.
struct TrainingDomain: Sendable {
    /// Of a file.
    private static let maximumGroups = 4096
    private static let maximumReferences = 1 << 16
    /// Kinds of operators of all groups together; ONNX and what runtimes add to it have a few hundred.
    private static let maximumOperators = 4096
    /// ln 10: distance widens no interval beyond a factor of ten to either side, where it says that nothing is known.
    private static let widestLogHalfWidth = 2.302_585

    private let dimensions: Int
    private let width: Int
    /// [dimensions × (width + operators of the vocabulary)]: takes the mean embedding and the square root of each operator's share of
    /// the nodes to the space of `references`.
    private let projection: WeightsTensor
    private let offset: [Float]
    /// [references × dimensions]
    private let references: WeightsTensor
    /// By reference.
    private let groupOfReference: [Int]
    /// By group, the unit of distances from it.
    private let groupScales: [Double]
    private var groupCount: Int { groupScales.count }
    /// By platform: the distance that nine tenths of the held-out graphs of its own groups keep within.
    private let usualDistances: [Double]
    /// [platforms × groups]: logarithm of upper bound / estimate at the usual distance; 0 where a platform has no labels.
    private let logHalfWidths: WeightsTensor
    /// How intervals grow with distance beyond the usual: half the width is multiplied by (distance / usual)^growth.
    private let growth: Double
    /// Those of all training graphs, and their numbers here.
    private let operatorNames: [String]
    private let operatorNumbers: [String: Int]
    /// By platform, those that its training graphs hold.
    private let operators: [OperatorSet]

    /// `nil` where the file says nothing of this.
    init?(_ configuration: ModelConfiguration, of file: WeightsFile, _ source: inout TensorSource) throws(Failure) {
        let metadata = try MetadataObject(of: file, entry: "nnformer")
        guard let domain = try metadata.optionalObject("training_domain") else { return nil }
        let groups = try domain.objects("groups", atMost: Self.maximumGroups)
        guard !groups.isEmpty else { throw domain.unusable("groups", "at least one group") }
        let platformCount = configuration.platforms.count
        let columns = configuration.encoder.width + OperatorVocabulary.count
        let dimensions = try domain.integer("dimensions", in: 1...1024)
        let referenceCount = try domain.integer("references", in: 1...Self.maximumReferences)
        func elements(_ name: String, _ shape: [Int]) throws(Failure) -> [Float] {
            try source.take("training_domain.\(name)", shape: shape).withElements { Array($0) }
        }
        // The large ones are read where they lie.
        projection = try source.take("training_domain.projection", shape: [dimensions, columns])
        offset = try elements("offset", [dimensions])
        references = try source.take("training_domain.references", shape: [referenceCount, dimensions])
        usualDistances = try elements("usual_distances", [platformCount]).map(Double.init)
        logHalfWidths = try source.take("training_domain.log_half_widths", shape: [platformCount, groups.count])
        groupScales = try elements("group_scales", [groups.count]).map(Double.init)
        guard groupScales.allSatisfy({ $0 > 0 }) else {
            throw Failure(.malformedInput, "a number of training_domain.group_scales is not positive")
        }
        guard usualDistances.allSatisfy({ $0 >= 0 }), logHalfWidths.withElements({ $0.allSatisfy { $0 >= 0 } }) else {
            throw Failure(.malformedInput, "a distance or width of training_domain is negative")
        }
        groupOfReference = try elements("reference_groups", [referenceCount]).map { group throws(Failure) in
            guard let group = Int(exactly: group), groups.indices.contains(group) else {
                throw Failure(.malformedInput, "training_domain.reference_groups holds \(group): there are \(groups.count) groups")
            }
            return group
        }
        growth = try domain.number("growth")
        guard (0...8).contains(growth) else { throw domain.unusable("growth", "a number from 0 to 8") }
        let (names, numbers, ofGroups) = try Self.operators(of: groups)
        (operatorNames, operatorNumbers) = (names, numbers)
        // In bounds: the tensor has a row of groups for each platform.
        operators = logHalfWidths.withElements { halfWidths in
            (0..<platformCount).map { platform in
                var seen = OperatorSet(outOf: names.count)
                for (group, operators) in ofGroups.enumerated() where halfWidths[platform * groups.count + group] > 0 {
                    seen.formUnion(operators)
                }
                return seen
            }
        }
        self.dimensions = dimensions
        width = configuration.encoder.width
    }

    /// The operators of all groups, each once, their numbers, and each group's.
    private static func operators(
        of groups: [MetadataObject]
    ) throws(Failure) -> (names: [String], numbers: [String: Int], ofGroups: [OperatorSet]) {
        var names: [String] = []
        var numbers: [String: Int] = [:]
        var ofGroups: [OperatorSet] = []
        for group in groups {
            var operators = OperatorSet(outOf: maximumOperators)
            for name in try group.strings("operators", atMost: maximumOperators) {
                let number = numbers[name] ?? names.count
                if number == names.count {
                    guard number < maximumOperators else {
                        throw group.unusable("operators", "of at most \(maximumOperators) kinds in all groups together")
                    }
                    names.append(name)
                    numbers[name] = number
                }
                operators.insert(number)
            }
            ofGroups.append(operators)
        }
        return (names, numbers, ofGroups)
    }

    /// Where a graph lies, given the mean of its nodes' embeddings, of which the first `width` elements count.
    /// O(nodes + references × dimensions).
    func position(of graph: GraphEncoding, meanEmbedding: [Double]) -> Position? {
        guard meanEmbedding.count >= width, graph.nodeCount > 0 else { return nil }
        var shares = [Float](repeating: 0, count: OperatorVocabulary.count)
        for row in graph.featureRows {
            // The first of a row's ones is the operator's.
            let number = Int(graph.featureOnes[Int(row) * graph.features.onesPerRow])
            if shares.indices.contains(number) { shares[number] += 1 }
        }
        let nodeCount = Float(graph.nodeCount)
        let inputs = meanEmbedding.prefix(width).map { Float($0) } + shares.map { ($0 / nodeCount).squareRoot() }
        var point = offset
        // Of the vocabulary, a graph has few operators. In bounds: the tensor has a row of as many columns for each dimension.
        projection.withElements { projection in
            for (column, input) in inputs.enumerated() where input != 0 {
                for dimension in 0..<dimensions { point[dimension] += projection[dimension * inputs.count + column] * input }
            }
        }
        var squares = [Float](repeating: .infinity, count: groupCount)
        // In bounds: the tensor has a row for each of `groupOfReference`.
        references.withElements { references in
            for (reference, group) in groupOfReference.enumerated() {
                var sum: Float = 0
                for dimension in 0..<dimensions {
                    let difference = references[reference * dimensions + dimension] - point[dimension]
                    sum += difference * difference
                }
                squares[group] = min(squares[group], sum)
            }
        }
        return Position(groupDistances: zip(squares, groupScales).map { Double($0).squareRoot() / $1 })
    }

    /// A graph's place among the training graphs.
    struct Position {
        /// By group, to its nearest reference, in the group's unit.
        fileprivate let groupDistances: [Double]
    }

    /// What that means for a platform of the weights; `nil` where the platform has no labels, and where there is no such platform.
    func judgement(of position: Position, platform: Int) -> Judgement? {
        guard usualDistances.indices.contains(platform) else { return nil }
        var nearest: (distance: Double, halfWidth: Double)?
        logHalfWidths.withElements { halfWidths in
            for (group, distance) in position.groupDistances.enumerated() {
                // In bounds: it has a row of groups for each of `usualDistances`, and a position has all groups.
                let halfWidth = Double(halfWidths[platform * groupCount + group])
                guard halfWidth > 0, distance < nearest?.distance ?? .infinity else { continue }
                nearest = (distance, halfWidth)
            }
        }
        let usual = usualDistances[platform]
        guard let nearest, usual > 0 else { return nil }
        let ratio = nearest.distance / usual
        let widest = max(Self.widestLogHalfWidth / nearest.halfWidth, 1)
        let widening = min(power(max(ratio, 1), growth), widest)
        return Judgement(
            inDomainScore: ratio > 1 ? 1 / (ratio * ratio) : 1, logHalfWidth: nearest.halfWidth * widening,
            widening: widening)
    }

    /// Names of the operators that the training graphs of any of these platforms of the weights hold, each once.
    func operators(seenBy platforms: [Int]) -> [String] {
        var seen = OperatorSet(outOf: operatorNames.count)
        for platform in platforms where operators.indices.contains(platform) { seen.formUnion(operators[platform]) }
        return operatorNames.indices.filter(seen.contains).map { operatorNames[$0] }
    }

    /// Whether the training graphs of a platform of the weights hold the operator.
    func hasSeen(_ operatorName: String, platform: Int) -> Bool {
        guard operators.indices.contains(platform), let number = operatorNumbers[operatorName] else { return false }
        return operators[platform].contains(number)
    }
}

/// How far an estimate can be trusted.
struct Judgement {
    /// 0...1, see `nnformer_estimate.in_domain_score`.
    let inDomainScore: Double
    /// Logarithm of upper bound / estimate, and of estimate / lower bound.
    let logHalfWidth: Double
    /// How much of that is due to the distance: a factor of at least 1.
    let widening: Double
}

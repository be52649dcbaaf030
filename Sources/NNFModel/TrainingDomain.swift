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
    /// ln 10: distance widens no interval beyond a factor of ten to either side, where it says that nothing is known.
    private static let widestLogHalfWidth = 2.302_585

    private let dimensions: Int
    private let width: Int
    /// [dimensions × (width + operators of the vocabulary)]: takes the mean embedding and the square root of each operator's share of
    /// the nodes to the space of `references`.
    private let projection: [Float]
    private let offset: [Float]
    /// [references × dimensions]
    private let references: [Float]
    /// By reference.
    private let groupOfReference: [Int]
    /// By group, the unit of distances from it.
    private let groupScales: [Double]
    private var groupCount: Int { groupScales.count }
    /// By platform: the distance that nine tenths of the held-out graphs of its own groups keep within.
    private let usualDistances: [Double]
    /// [platforms × groups]: logarithm of upper bound / estimate at the usual distance; 0 where a platform has no labels.
    private let logHalfWidths: [Double]
    /// How intervals grow with distance beyond the usual: half the width is multiplied by (distance / usual)^growth.
    private let growth: Double
    /// By platform, those that its training graphs hold.
    private let operators: [Set<String>]

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
        projection = try elements("projection", [dimensions, columns])
        offset = try elements("offset", [dimensions])
        references = try elements("references", [referenceCount, dimensions])
        usualDistances = try elements("usual_distances", [platformCount]).map(Double.init)
        logHalfWidths = try elements("log_half_widths", [platformCount, groups.count]).map(Double.init)
        groupScales = try elements("group_scales", [groups.count]).map(Double.init)
        guard groupScales.allSatisfy({ $0 > 0 }) else {
            throw Failure(.malformedInput, "a number of training_domain.group_scales is not positive")
        }
        guard usualDistances.allSatisfy({ $0 >= 0 }), logHalfWidths.allSatisfy({ $0 >= 0 }) else {
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
        var operatorsOfGroups: [[String]] = []
        for group in groups { operatorsOfGroups.append(try group.strings("operators", atMost: 4096)) }
        let logHalfWidths = logHalfWidths
        operators = (0..<platformCount).map { platform in
            Set(groups.indices.filter { logHalfWidths[platform * groups.count + $0] > 0 }.flatMap { operatorsOfGroups[$0] })
        }
        self.dimensions = dimensions
        width = configuration.encoder.width
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
        // Of the vocabulary, a graph has few operators.
        for (column, input) in inputs.enumerated() where input != 0 {
            for dimension in 0..<dimensions { point[dimension] += projection[dimension * inputs.count + column] * input }
        }
        var squares = [Float](repeating: .infinity, count: groupCount)
        for (reference, group) in groupOfReference.enumerated() {
            var sum: Float = 0
            for dimension in 0..<dimensions {
                let difference = references[reference * dimensions + dimension] - point[dimension]
                sum += difference * difference
            }
            squares[group] = min(squares[group], sum)
        }
        return Position(groupDistances: zip(squares, groupScales).map { Double($0).squareRoot() / $1 })
    }

    /// A graph's place among the training graphs.
    struct Position {
        /// By group, to its nearest reference, in the group's unit.
        fileprivate let groupDistances: [Double]
    }

    /// What that means for a platform of the weights; `nil` where the platform has no labels.
    func judgement(of position: Position, platform: Int) -> Judgement? {
        var nearest: (distance: Double, halfWidth: Double)?
        for group in 0..<groupCount {
            let halfWidth = logHalfWidths[platform * groupCount + group]
            let distance = position.groupDistances[group]
            guard halfWidth > 0, distance < nearest?.distance ?? .infinity else { continue }
            nearest = (distance, halfWidth)
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

    /// Whether the training graphs of a platform of the weights hold the operator.
    func hasSeen(_ operatorName: String, platform: Int) -> Bool { operators[platform].contains(operatorName) }
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

import ArgumentParser

struct PlatformsCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    static let configuration = CommandConfiguration(
        commandName: "platforms",
        abstract: "Lists the platforms, what they were trained on and how well they are met.",
        discussion: """
            The error is the mean absolute percentage error on networks held out from training, over all families of \
            networks that the platform was measured on; json has each apart.
            """)

    @Option(help: "table or json.")
    var format = Format.table

    @OptionGroup var weightsOptions: WeightsOptions

    func run() throws {
        let platforms = try weightsOptions.openPredictor().platforms
        switch format {
        case .json: StandardStreams.write(try JSONText.text(platforms))
        case .table: StandardStreams.write(Self.table(of: platforms).text)
        }
    }

    private static func table(of platforms: [Platform]) -> TextTable {
        var table = TextTable([
            ("platform", .left), ("device", .left), ("runtime", .left), ("precision", .left),
            ("time per", .left),
            ("networks", .right), ("error", .right), ("families", .left),
        ])
        for platform in platforms {
            var families: [String] = []
            for labelSet in platform.labelSets where !families.contains(labelSet.family) {
                families.append(labelSet.family)
            }
            table.append([
                platform.id, platform.device, platform.runtime, platform.precision, platform.quantity.subject,
                ShortNumber.text(platform.trainingNetworks),
                platform.validationError.map { ShortNumber.fixed($0, decimals: 1) + " %" } ?? "",
                families.joined(separator: ", "),
            ])
        }
        return table
    }
}

extension Platform {
    /// Networks that the platform was trained on, those of each label set counted anew.
    fileprivate var trainingNetworks: UInt64 {
        labelSets.reduce(0) { sum, labelSet in
            let (total, overflow) = sum.addingReportingOverflow(labelSet.trainingNetworks)
            return overflow ? .max : total
        }
    }

    /// Mean absolute percentage error over all validation networks, `nil` where there are none.
    fileprivate var validationError: Double? {
        let networks = labelSets.reduce(0.0) { $0 + Double($1.validationNetworks) }
        guard networks > 0 else { return nil }
        return labelSets.reduce(0.0) { $0 + $1.mapePercent * Double($1.validationNetworks) } / networks
    }
}

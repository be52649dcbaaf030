/// What a row of features is made of: groups of one-hot features, one feature of each group being 1 and the others 0, and
/// after them measures, which are any numbers.
package struct FeatureLayout: Equatable, Sendable {
    /// How many features each group has.
    package let groups: [Int]
    package let measureCount: Int
    /// Features before this are one-hot.
    package let measureOffset: Int

    package var onesPerRow: Int { groups.count }
    package var count: Int { measureOffset + measureCount }

    package init(groups: [Int], measureCount: Int) {
        self.groups = groups
        self.measureCount = measureCount
        measureOffset = groups.reduce(0, +)
    }
}

/// The parts of a network that people speak of, such as residual blocks: each node belongs to one.
///
/// Exporters write a node's place in the program into its name (`/layer1/layer1.0/conv1/Conv`). Where most names have such
/// a scope, blocks follow it; elsewhere a network is cut wherever a single value carries everything that comes later,
/// and what lies between two cuts is a block, a chain of nodes being one for each node with multiply-accumulates.
package struct Blocks: Sendable {
    /// By block, in the order of their first nodes: a scope, or `block 3`.
    package let names: [String]
    /// By node.
    package let blockOfNode: [Int]

    /// Characters of a name that are kept.
    private static let longestName = 160

    /// O(nodes + edges + characters of names).
    package init(of graph: Graph, relations: Relations) {
        let scopes = graph.nodes.map { Self.scope(of: $0.name) }
        if 2 * scopes.count(where: { $0.count > 1 }) >= scopes.count {
            self.init(scopes: scopes)
        } else {
            self.init(cutting: graph, relations)
        }
    }

    /// One block for each distinct name.
    private init(scopes: [[Substring]]) {
        // Scopes that have others inside: a node right in one belongs to it, a layer's only node to what the layer is in.
        var containers: Set<[Substring]> = []
        for scope in scopes where scope.count > 2 { containers.insert(Array(scope.dropLast(2))) }
        var numbers: [String: Int] = [:]
        var names: [String] = []
        blockOfNode = scopes.map { scope in
            let name = Self.name(ofBlockOf: scope, containers)
            if let number = numbers[name] { return number }
            numbers[name] = names.count
            names.append(name)
            return names.count - 1
        }
        self.names = names
    }

    /// The components of a name between slashes; at most 32, the last being the node's own.
    private static func scope(of name: String) -> [Substring] {
        name.split(separator: "/", maxSplits: 31, omittingEmptySubsequences: true)
    }

    private static func name(ofBlockOf scope: [Substring], _ containers: Set<[Substring]>) -> String {
        guard let own = scope.last else { return "unnamed" }
        let path = scope.dropLast()
        guard !path.isEmpty else { return String(own.prefix(longestName)) }
        var length: Int
        if let indexed = path.firstIndex(where: isNumbered) {
            // `blocks.0/blocks.0.1` goes on counting, `layer1.0/conv1` does not.
            length = indexed + 1
            while length < path.count, path[length].hasPrefix(path[length - 1] + ".") { length += 1 }
        } else if path.count > 1, !containers.contains(Array(path)) {
            length = path.count - 1
        } else {
            length = path.count
        }
        var kept: [Substring] = []
        for component in path.prefix(length) {
            // `layer1/layer1.0` says the same twice.
            if let last = kept.last, component.hasPrefix(last + ".") { kept.removeLast() }
            kept.append(component)
        }
        return String(kept.joined(separator: "/").prefix(longestName))
    }

    /// Whether a component counts equal parts: `layer1.0`, `h.11`, `7`.
    private static func isNumbered(_ component: Substring) -> Bool {
        guard let last = component.split(separator: ".").last else { return false }
        return (component.contains(".") || last.count == component.count) && last.allSatisfy(\.isNumber)
    }

    /// Between places where one value carries everything that comes later.
    private init(cutting graph: Graph, _ relations: Relations) {
        let count = graph.nodes.count
        // By node: how many values begin and end to be carried on after it.
        var changes = [Int](repeating: 0, count: count + 1)
        for node in 0..<count {
            guard let last = relations.successors[node].last.map(Int.init), last > node else { continue }
            changes[node] += 1
            changes[last] -= 1
        }
        var blockOfNode: [Int] = []
        blockOfNode.reserveCapacity(count)
        var blockCount = 0
        var first = 0
        var carried = 0
        // Whether the present block may still take in nodes of a chain: those without multiply-accumulates, or the first with.
        var isOpen = false
        var hasProducts = false
        for node in 0..<count {
            carried += changes[node]
            guard carried <= 1 || node == count - 1 else { continue }
            let isRegion = node > first
            let multiplies = (first...node).contains { graph.nodes[$0].cost.macs > 0 }
            if !isOpen || isRegion || (multiplies && hasProducts) {
                blockCount += 1
                hasProducts = false
            }
            isOpen = true
            hasProducts = hasProducts || multiplies || isRegion
            for _ in first...node { blockOfNode.append(blockCount - 1) }
            first = node + 1
        }
        self.blockOfNode = blockOfNode
        names = (0..<blockCount).map { "block \($0 + 1)" }
    }
}

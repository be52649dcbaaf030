/// A breakdown as a page of its own: HTML with SVG, and nothing that would be loaded from elsewhere.
struct BreakdownPage {
    /// Drawings have as many nodes as can be told apart; the table has them all, up to this.
    private static let drawnNodes = 2_000
    private static let listedNodes = 10_000
    private static let chartWidth = 960.0

    private let breakdown: Breakdown

    init(_ breakdown: Breakdown) { self.breakdown = breakdown }

    var text: String {
        let title = "\(breakdown.file) on \(breakdown.platform)"
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(Self.escaped(title))</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <header>
            <h1>\(Self.escaped(title))</h1>
            <p><strong>\(ShortNumber.text(breakdown.latencyMs)) ms</strong> per \(breakdown.quantity.subject) at batch size \
            \(breakdown.batchSize): \(breakdown.nodes.count) nodes in \(breakdown.blocks.count) blocks, and \
            \(ShortNumber.text(breakdown.fixedMs)) ms (\(Breakdown.percent(breakdown.fixedShare))) whatever the nodes.</p>
            </header>
            <section><h2>Nodes in the order of the network</h2>\(timeline)</section>
            <section><h2>Blocks</h2>\(blockTable)</section>
            <section><h2>The same network on every platform</h2>\(comparison)</section>
            <section><h2>Nodes</h2>\(nodeTable)</section>
            <footer>Estimated by nnformer from the graph alone; nothing was run.</footer>
            </body>
            </html>

            """
    }

    /// A bar a node, as high as its share; colours tell blocks apart.
    private var timeline: String {
        let nodes = breakdown.nodes.prefix(Self.drawnNodes)
        let height = 180.0
        let width = Self.chartWidth / Double(max(nodes.count, 1))
        let largest = nodes.map(\.latencyMs).max() ?? 0
        var bars = ""
        for (position, node) in nodes.enumerated() {
            let barHeight = largest > 0 ? max(node.latencyMs / largest * height, 0.5) : 0.5
            let label =
                "\(node.name) (\(node.operatorName)): \(ShortNumber.text(node.latencyMs)) ms, \(Breakdown.percent(node.share)), "
                + "\(ShortNumber.text(node.flops)) FLOPs, block \(breakdown.blocks[node.block].name)"
            bars +=
                "<rect class=\"b\(node.block % 6)\" x=\"\(Self.coordinate(Double(position) * width))\" "
                + "y=\"\(Self.coordinate(height - barHeight))\" width=\"\(Self.coordinate(max(width - 0.5, 0.4)))\" "
                + "height=\"\(Self.coordinate(barHeight))\"><title>\(Self.escaped(label))</title></rect>\n"
        }
        let caption =
            nodes.count < breakdown.nodes.count
            ? "The first \(nodes.count) of \(breakdown.nodes.count) nodes. " : ""
        return """
            <svg viewBox="0 0 \(Self.coordinate(Self.chartWidth)) \(Self.coordinate(height))" role="img" \
            aria-label="milliseconds by node" preserveAspectRatio="none" class="timeline">
            \(bars)</svg>
            <p class="caption">\(caption)The highest bar is \(ShortNumber.text(largest)) ms; colours change with the block.</p>
            """
    }

    private var blockTable: String {
        let largest = breakdown.blocks.map(\.share).max() ?? 0
        let rows = breakdown.blocks.enumerated().map { number, block in
            "<tr><td><span class=\"key b\(number % 6)\"></span>\(Self.escaped(block.name))</td><td>\(block.nodeCount)</td>"
                + "<td>\(ShortNumber.text(block.latencyMs))</td><td>\(Self.bar(block.share, of: largest))</td>"
                + "<td>\(ShortNumber.text(block.flops))</td><td>\(ShortNumber.text(block.bytes))</td></tr>\n"
        }
        return Self.table(["block", "nodes", "ms", "share", "FLOPs", "bytes"], rows)
    }

    private var comparison: String {
        let largest = breakdown.platforms.map(\.latencyMs).max() ?? 0
        let rows = breakdown.platforms.sorted { $0.latencyMs < $1.latencyMs }.map { platform in
            let isChosen = platform.id == breakdown.platform
            return "<tr\(isChosen ? " class=\"chosen\"" : "")><td>\(Self.escaped(platform.id))</td>"
                + "<td>\(ShortNumber.text(platform.latencyMs)) per \(platform.quantity.subject)</td>"
                + "<td>\(Self.bar(platform.latencyMs, of: largest, label: ""))</td>"
                + "<td>\(platform.estimate.intervalText)</td>"
                + "<td class=\"words\">\(Self.escaped(platform.estimate.domainText))</td></tr>\n"
        }
        return Self.table(["platform", "ms", "", "90 % interval", "in domain"], rows)
    }

    private var nodeTable: String {
        let largest = breakdown.nodes.map(\.share).max() ?? 0
        let rows = breakdown.nodes.prefix(Self.listedNodes).map { node in
            "<tr><td>\(Self.escaped(node.name))</td><td>\(Self.escaped(node.operatorName))</td>"
                + "<td>\(Self.escaped(breakdown.blocks[node.block].name))</td><td>\(Self.escaped(node.outputShape))</td>"
                + "<td>\(ShortNumber.text(node.latencyMs))</td><td>\(Self.bar(node.share, of: largest))</td>"
                + "<td>\(ShortNumber.text(node.flops))</td><td>\(ShortNumber.text(node.bytesRead))</td>"
                + "<td>\(ShortNumber.text(node.bytesWritten))</td></tr>\n"
        }
        return Self.table(
            ["node", "operator", "block", "output", "ms", "share", "FLOPs", "bytes read", "bytes written"], Array(rows))
    }

    private static func table(_ titles: [String], _ rows: [String]) -> String {
        "<table><thead><tr>\(titles.map { "<th>\($0)</th>" }.joined())</tr></thead><tbody>\n\(rows.joined())</tbody></table>"
    }

    /// A bar of a share, beside its percents unless `label` says otherwise.
    private static func bar(_ value: Double, of largest: Double, label: String? = nil) -> String {
        let width = largest > 0 ? value / largest * 120 : 0
        return "<svg width=\"120\" height=\"10\" aria-hidden=\"true\"><rect class=\"bar\" width=\"\(coordinate(width))\" height=\"10\"/></svg> "
            + "<span class=\"percent\">\(label ?? Breakdown.percent(value))</span>"
    }

    private static func coordinate(_ value: Double) -> String { ShortNumber.fixed(value, decimals: 2) }

    /// Text of a file as text of the page, whatever it holds.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in OneLine.text(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static let style = """
        :root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
        body { max-width: 1080px; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin-top: 2rem; }
        table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
        th, td { text-align: right; padding: .2rem .6rem; border-bottom: 1px solid #8884; white-space: nowrap; }
        td.words { white-space: normal; }
        th:first-child, td:first-child { text-align: left; }
        .timeline { width: 100%; height: 180px; border-bottom: 1px solid #888; }
        .caption, footer { color: #777; font-size: .9rem; } footer { margin: 2rem 0; }
        .key { display: inline-block; width: .7rem; height: .7rem; margin-right: .4rem; }
        .percent { display: inline-block; min-width: 3.4rem; } .bar { fill: #4477aa; } .chosen { font-weight: bold; }
        .b0 { fill: #4477aa; background: #4477aa; } .b1 { fill: #ee6677; background: #ee6677; }
        .b2 { fill: #228833; background: #228833; } .b3 { fill: #ccbb44; background: #ccbb44; }
        .b4 { fill: #66ccee; background: #66ccee; } .b5 { fill: #aa3377; background: #aa3377; }
        """
}

import NNFOnnx
import XCTest

final class OperatorRulesTests: XCTestCase {
    /// Merging keeps one rule of a name, so a name in two tables would hide one of them.
    func testNoOperatorHasTwoRules() {
        for tables in [OperatorRules.standardTables, OperatorRules.microsoftTables] {
            var seen: Set<String> = []
            for name in tables.flatMap(\.keys) {
                XCTAssertTrue(seen.insert(name).inserted, "\(name) has two rules")
            }
        }
    }

    func testDomains() {
        XCTAssertNotNil(OperatorRules.rule(domain: "", operatorType: "Conv"))
        XCTAssertNotNil(OperatorRules.rule(domain: "ai.onnx", operatorType: "Conv"))
        XCTAssertNil(OperatorRules.rule(domain: "com.microsoft", operatorType: "Conv"))
        XCTAssertNotNil(OperatorRules.rule(domain: "com.microsoft", operatorType: "FusedConv"))
        XCTAssertNil(OperatorRules.rule(domain: "example", operatorType: "Conv"))
        XCTAssertNil(OperatorRules.rule(domain: "", operatorType: ""))
    }
}

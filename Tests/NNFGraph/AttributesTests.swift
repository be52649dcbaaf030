import NNFGraph
import XCTest

final class AttributesTests: XCTestCase {
    func testSizeFollowsEveryChange() {
        let empty = Attributes()
        XCTAssertEqual(empty.sizeInBytes, 0)
        var attributes = Attributes(["list": .ints([1, 2, 3])])
        let one = attributes.sizeInBytes
        XCTAssertGreaterThanOrEqual(one, 24 + 4)
        attributes["text"] = .string(String(repeating: "n", count: 1000))
        XCTAssertGreaterThanOrEqual(attributes.sizeInBytes, one + 1000)
        attributes["text"] = .strings(["one", "two"])
        XCTAssertLessThan(attributes.sizeInBytes, one + 200)
        attributes["text"] = nil
        attributes["text"] = nil
        XCTAssertEqual(attributes.sizeInBytes, one)
        XCTAssertEqual(attributes, Attributes(["list": .ints([1, 2, 3])]))
        attributes["list"] = nil
        XCTAssertEqual(attributes, empty)
        XCTAssertEqual(attributes.count, 0)
    }

    func testLastInts() {
        let attributes = Attributes(["list": .ints([1, 2, 3]), "one": .ints([4]), "number": .int(5)])
        XCTAssertEqual(attributes.lastInts(2, of: "list"), [2, 3])
        XCTAssertEqual(attributes.lastInts(2, of: "one"), [4])
        XCTAssertNil(attributes.lastInts(2, of: "number"))
        XCTAssertNil(attributes.lastInts(2, of: "none"))
    }
}

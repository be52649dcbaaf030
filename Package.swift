// swift-tools-version: 6.0
import PackageDescription

let root = Context.packageDirectory

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]

func tests(of module: String, with others: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(module)Tests", dependencies: [.byName(name: module), "TestSupport"] + others,
        path: "Tests/\(module)", swiftSettings: swiftSettings)
}

let package = Package(
    name: "nnformer",
    products: [
        .library(name: "nnformer", type: .dynamic, targets: ["NNFShared"]),
        .executable(name: "nnformer-tool", targets: ["nnformer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
    ],
    targets: [
        // The layers, lowest first; a target may import only what stands above it (Scripts/check).
        .target(name: "NNFKernels", linkerSettings: [.linkedLibrary("m")]),
        .target(name: "CNNFWeights", exclude: ["nnformer.safetensors", "accuracy.safetensors"]),
        .target(
            name: "COnnx",
            cxxSettings: [.define("ONNX_ML", to: "1"), .define("ONNX_NAMESPACE", to: "onnx")],
            linkerSettings: [.linkedLibrary("onnx_proto"), .linkedLibrary("protobuf")]),
        .target(name: "CNNFormer", path: "Include", publicHeadersPath: "."),
        .target(name: "NNFWeights", dependencies: ["NNFKernels", "CNNFWeights"], swiftSettings: swiftSettings),
        .target(name: "NNFGraph", dependencies: ["NNFKernels"], swiftSettings: swiftSettings),
        .target(name: "NNFCells", dependencies: ["NNFGraph"], swiftSettings: swiftSettings),
        .target(name: "NNFOnnx", dependencies: ["COnnx", "NNFGraph"], swiftSettings: swiftSettings),
        .target(
            name: "NNFModel", dependencies: ["NNFKernels", "NNFWeights", "NNFGraph", "NNFCells"],
            swiftSettings: swiftSettings),
        .target(
            name: "NNFCAPI", dependencies: ["CNNFormer", "NNFGraph", "NNFCells", "NNFOnnx", "NNFModel"],
            swiftSettings: swiftSettings),
        // The link unit of libnnformer: settings here must not reach the tool and the tests.
        .target(
            name: "NNFShared", dependencies: ["NNFCAPI"],
            linkerSettings: [
                .unsafeFlags(
                    [
                        // gold, SwiftPM's default, leaves local symbols in the dynamic table.
                        "-static-stdlib", "-use-ld=lld", "-Xlinker", "--version-script=\(root)/nnformer.map",
                        "-Xlinker", "-soname=libnnformer.so.0",
                        // protobuf aborts a host that unloads the library and loads it again: the loader keeps it.
                        "-Xlinker", "-z", "-Xlinker", "nodelete",
                    ], .when(platforms: [.linux])),
                .unsafeFlags(
                    ["-Xlinker", "--no-undefined"], .when(platforms: [.linux], configuration: .release)),
            ]),
        .executableTarget(
            name: "nnformer",
            dependencies: [
                "CNNFormer", "NNFCAPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),
        // Tests, a folder a module; libonnx's own shape inference is an oracle there, never part of the library.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
        .target(
            name: "COnnxOracle", path: "Tests/COnnxOracle",
            cxxSettings: [.define("ONNX_ML", to: "1"), .define("ONNX_NAMESPACE", to: "onnx")],
            linkerSettings: [
                .linkedLibrary("onnx"), .linkedLibrary("onnx_proto"), .linkedLibrary("protobuf"),
            ]),
        tests(of: "NNFKernels"),
        tests(of: "NNFWeights"),
        tests(of: "NNFGraph"),
        tests(of: "NNFCells", with: ["NNFGraph"]),
        tests(of: "NNFOnnx", with: ["NNFGraph", "COnnxOracle"]),
        tests(of: "NNFModel", with: ["NNFCells", "NNFOnnx"]),
    ],
    cLanguageStandard: .gnu2x,
    cxxLanguageStandard: .cxx17
)

// libFuzzer's runtime is linked only where every target is built for it: see Tests/Fuzz/run.sh.
if Context.environment["NNFORMER_FUZZ"] != nil {
    package.targets += [
        .target(
            name: "FuzzMutator", path: "Tests/Fuzz/FuzzMutator",
            cxxSettings: [.define("ONNX_ML", to: "1"), .define("ONNX_NAMESPACE", to: "onnx")]),
        .executableTarget(
            name: "FuzzOnnx", dependencies: ["FuzzMutator", "NNFOnnx", "NNFGraph"], path: "Tests/Fuzz/FuzzOnnx",
            swiftSettings: swiftSettings + [.unsafeFlags(["-parse-as-library"])]),
    ]
    package.products.append(.executable(name: "FuzzOnnx", targets: ["FuzzOnnx"]))
}

// swift-tools-version:6.0
import PackageDescription

// `bindings/generate.sh swift` fills target/generated on any machine. Apple platforms link the XCFramework that
// build-xcframework.sh makes; Linux, where the tests run, links the host's static library.
#if os(Linux)
  let library: Target = .systemLibrary(name: "HomelineFFI", path: "target/generated/HomelineFFI")
#else
  let library: Target = .binaryTarget(name: "HomelineFFI", path: "target/HomelineFFI.xcframework")
#endif

let kit: [Target] = [
  library,
  // Generated code in a target and a language mode of its own: uniffi 0.32 promises Swift 5.
  .target(
    name: "HomelineGenerated",
    dependencies: ["HomelineFFI"],
    path: "target/generated/HomelineGenerated",
    swiftSettings: [.swiftLanguageMode(.v5)],
    linkerSettings: [.linkedLibrary("homeline_ffi", .when(platforms: [.linux]))]
  ),
  .target(name: "HomelineKit", dependencies: ["HomelineGenerated"]),
]

// What only the tests of this repository need.
#if os(Linux)
  let tests: [Target] = [
    .target(name: "GettingStarted", dependencies: ["HomelineKit"], path: "target/samples"),
    .executableTarget(name: "call-cost", dependencies: ["HomelineKit", "HomelineFFI"]),
    .executableTarget(name: "first-calls", dependencies: ["HomelineKit"]),
    .testTarget(name: "HomelineKitTests", dependencies: ["HomelineKit", "GettingStarted"]),
  ]
#else
  let tests: [Target] = []
#endif

let package = Package(
  name: "HomelineKit",
  platforms: [.iOS(.v17), .macOS(.v14)],
  products: [.library(name: "HomelineKit", targets: ["HomelineKit"])],
  targets: kit + tests
)

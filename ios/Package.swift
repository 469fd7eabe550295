// swift-tools-version:6.0
import PackageDescription

var targets: [Target] = [
  // View models: no Apple framework, so every line of them runs under test on Linux.
  .target(name: "ShellLogic", dependencies: [.product(name: "HomelineKit", package: "swift")]),
  // SwiftUI screens.
  .target(name: "ShellUI", dependencies: ["ShellLogic", .product(name: "HomelineKit", package: "swift")]),
  // Adapters to what the phone lends: its keys, its clocks.
  .target(name: "ShellApple", dependencies: [.product(name: "HomelineKit", package: "swift")]),
  .testTarget(name: "ShellLogicTests", dependencies: ["ShellLogic"]),
  .testTarget(name: "ShellAppleTests", dependencies: ["ShellApple"]),
]

#if os(Linux)
  // Apple's frameworks are not to be had here. The modules under LinuxStubs carry the names and signatures that the screens
  // use, so that the real files are type-checked. They are in no product.
  for (module, user) in [("SwiftUI", "ShellUI"), ("Security", "ShellApple")] {
    targets.append(.target(name: module, path: "LinuxStubs/\(module)"))
    for target in targets where target.name == user { target.dependencies.append(.target(name: module)) }
  }
#endif

let package = Package(
  name: "HomelineShell",
  defaultLocalization: "en",
  platforms: [.iOS(.v17), .macOS(.v14)],
  products: [
    .library(name: "ShellUI", targets: ["ShellUI", "ShellLogic"]),
    .library(name: "ShellApple", targets: ["ShellApple"]),
  ],
  dependencies: [.package(path: "../bindings/swift")],
  targets: targets
)

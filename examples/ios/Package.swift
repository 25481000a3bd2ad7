// swift-tools-version: 5.9
import PackageDescription

let package = Package(
    name: "PhoneExample",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "PhoneExample", targets: ["PhoneLogic", "PhoneViews"])],
    dependencies: [.package(name: "Webphone", path: "../../bindings/swift")],
    targets: [
        // What is decided: no SwiftUI, tested without a device.
        .target(name: "PhoneLogic", dependencies: ["Webphone"]),
        // What is shown.
        .target(name: "PhoneViews", dependencies: ["PhoneLogic", "Webphone"]),
        .testTarget(
            name: "PhoneLogicTests",
            dependencies: [
                "PhoneLogic", "Webphone", .product(name: "WebphoneSimulator", package: "Webphone"),
            ]),
    ],
    swiftLanguageVersions: [.v5, .version("6")]
)

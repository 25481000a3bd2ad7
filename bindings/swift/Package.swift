// swift-tools-version: 5.9
import PackageDescription

// The Rust core: on Apple's platforms a framework of static libraries, elsewhere one that pkg-config finds.
// The release script writes the framework's address here; in the project it lies where `make xcframework` leaves it.
#if canImport(Darwin)
    let core = Target.binaryTarget(name: "CWebphone", path: "CWebphone.xcframework")
#else
    let core = Target.systemLibrary(name: "CWebphone", pkgConfig: "webphone")
#endif

let package = Package(
    name: "Webphone",
    platforms: [.iOS(.v15), .macOS(.v12), .macCatalyst(.v15)],
    products: [
        .library(name: "Webphone", targets: ["Webphone"]),
        .library(name: "WebphoneSimulator", targets: ["WebphoneSimulator"]),
    ],
    targets: [
        core,
        // What UniFFI generates, and the cancellation that it lacks.
        .target(name: "WebphoneFFI", dependencies: ["CWebphone"]),
        .target(name: "Webphone", dependencies: ["WebphoneFFI"]),
        .target(name: "WebphoneSimulator", dependencies: ["Webphone", "WebphoneFFI"]),
        .testTarget(name: "WebphoneTests", dependencies: ["Webphone", "WebphoneFFI", "WebphoneSimulator"]),
    ],
    // The newest that the compiler knows: Swift 6's data-race safety where it is there.
    swiftLanguageVersions: [.v5, .version("6")]
)

// Off Apple's platforms tests compile and drive the host of a phone against a stand-in for Apple's frameworks.
#if !canImport(Darwin)
    if Context.environment["WEBPHONE_STAND_IN"] != nil {
        package.dependencies.append(.package(path: "StandIn"))
        for target in package.targets where ["Webphone", "WebphoneTests"].contains(target.name) {
            target.dependencies.append(.product(name: "StandIn", package: "StandIn"))
        }
    }
#endif

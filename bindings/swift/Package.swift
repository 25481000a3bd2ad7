// swift-tools-version: 5.9
import PackageDescription

// The Rust core: on Apple's platforms a framework of static libraries, elsewhere a library that pkg-config finds.
// The release writes the framework's address and checksum here; in the project it lies where `make xcframework` leaves it.
#if canImport(Darwin)
    let core = Target.binaryTarget(name: "CWebphone", path: "CWebphone.xcframework")
    let resources: [Resource] = [.copy("PrivacyInfo.xcprivacy")]
    let excluded: [String] = []
#else
    let core = Target.systemLibrary(name: "CWebphone", pkgConfig: "webphone")
    let resources: [Resource] = []
    let excluded = ["PrivacyInfo.xcprivacy"]
#endif

let apple: [Platform] = [.iOS, .macOS, .macCatalyst]

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
        .target(
            name: "WebphoneFFI", dependencies: ["CWebphone"],
            // What the core asks of Apple's systems.
            linkerSettings: [
                .linkedFramework("CoreFoundation", .when(platforms: apple)),
                .linkedFramework("Security", .when(platforms: apple)),
                .linkedLibrary("iconv", .when(platforms: apple)),
            ]
        ),
        .target(name: "Webphone", dependencies: ["WebphoneFFI"], exclude: excluded, resources: resources),
        .target(name: "WebphoneSimulator", dependencies: ["Webphone", "WebphoneFFI"]),
    ],
    // The newest that the compiler knows: Swift 6's data-race safety where it is there.
    swiftLanguageVersions: [.v5, .version("6")]
)

// What follows is the project's own: the release leaves it out, with what it names.
package.targets += [
    .testTarget(name: "WebphoneTests", dependencies: ["Webphone", "WebphoneFFI", "WebphoneSimulator"]),
    // What `scripts/bench swift` runs.
    .executableTarget(name: "Benchmark", dependencies: ["Webphone", "WebphoneSimulator"], path: "Benchmark"),
]

// What tests ask the C library.
#if os(Linux)
    package.targets.append(.systemLibrary(name: "CHeap", path: "Tests/CHeap"))
    package.targets.first { $0.name == "WebphoneTests" }?.dependencies.append("CHeap")
#endif

// Off Apple's platforms tests compile and drive the host of a phone against a stand-in for Apple's frameworks.
#if !canImport(Darwin)
    if Context.environment["WEBPHONE_STAND_IN"] != nil {
        package.dependencies.append(.package(path: "StandIn"))
        for target in package.targets where ["Webphone", "WebphoneTests"].contains(target.name) {
            target.dependencies.append(.product(name: "StandIn", package: "StandIn"))
        }
    }
#endif

// swift-tools-version: 5.9
import PackageDescription

let webphone = Target.Dependency.product(name: "Webphone", package: "Webphone")
let simulator = Target.Dependency.product(name: "WebphoneSimulator", package: "Webphone")

let package = Package(
    name: "Examples",
    platforms: [.macOS(.v12)],
    dependencies: [
        // In a program of yours: .package(url: …, from: …)
        .package(name: "Webphone", path: "../../bindings/swift")
    ],
    targets: [
        .executableTarget(name: "fetch", dependencies: [webphone]),
        .executableTarget(name: "bulk", dependencies: [webphone]),
        .executableTarget(name: "calls", dependencies: [webphone, simulator]),
        .executableTarget(name: "simulate", dependencies: [simulator]),
    ]
)

// swift-tools-version: 5.9
import PackageDescription

// For tests only: what the host of a phone uses of Apple's frameworks, so that it compiles and can be driven where those are
// not. The signatures are transcribed from Apple's public documentation, with the versions since which they are there; what
// they do is what that documentation says, and no more than the tests need. Nothing here was compared with the frameworks.
let package = Package(
    name: "StandIn",
    products: [.library(name: "StandIn", targets: ["Combine", "UIKit", "WebKit", "SwiftUI"])],
    targets: [
        .target(name: "Combine"),
        .target(name: "UIKit"),
        .target(name: "WebKit", dependencies: ["UIKit"]),
        .target(name: "SwiftUI", dependencies: ["Combine", "UIKit"]),
    ],
    swiftLanguageVersions: [.v5, .version("6")]
)

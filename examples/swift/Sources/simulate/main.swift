// Runs a program against a simulated API; no account is needed: `swift run simulate .build/debug/fetch 4000`

import Foundation
import WebphoneSimulator

guard CommandLine.arguments.count > 1 else {
    fatalError("usage: simulate PROGRAM [ARGUMENT…]")
}
let simulator = try Simulator()
let program = Process()
program.executableURL = URL(fileURLWithPath: CommandLine.arguments[1])
program.arguments = Array(CommandLine.arguments.dropFirst(2))
program.environment = ProcessInfo.processInfo.environment.merging([
    "TOTALVOICE_ACCESS_TOKEN": try simulator.token,
    "WEBPHONE_BASE_URL": try simulator.apiURL,
]) { _, simulated in simulated }
try program.run()
program.waitUntilExit()
exit(program.terminationStatus)

import Webphone
import WebphoneSimulator

let simulator = try Simulator()
let client = try simulator.client()  // an account's: Client(token: "…")

let url = try await client.fetch(.number(4000), type: .hidden)
print(url)

do {
    _ = try await client.fetch(.number(4711))
} catch let error as WebphoneError {
    print(error.localizedDescription, error.recoverySuggestion ?? "")
}

let phone = try Session(simulator.phone("4000"), url: url)
let updates = phone.updates

import Webphone
import WebphoneSimulator

let simulator = try Simulator()
let client = try simulator.client()  // an account's: Client(token: "…")

let url = try await client.fetch(.number(4000), type: .hidden)
print(url)

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

switch try await phone.call("11 99999-0001") {
case .confirmed(let by, let callID):
    print("It is being called, says \(by): \(callID ?? "no id")")
case .unconfirmed, .sent, .unchanged:
    print("Perhaps it is being called: the phone did not say so in time")
}

try await phone.hangUp()
phone.close()
for await update in updates {
    print(update.number, update.cause, update.state.call?.phase ?? "idle", separator: "\t")
}

// A server's view of a phone: follows what it does, calls, answers who calls, and pauses in a queue. The page is a
// simulated one; a real one needs what posts texts to its window, and hands in what the window says: `Session.init(post:)`.

import Webphone
import WebphoneSimulator

let simulator = try Simulator()
let window = try simulator.phone("4000")
let phone = try Session(window)

let following = Task { [updates = phone.updates] in
    for await update in updates {
        switch update.cause {
        case .event(.incomingCall(let caller, _, _), _): print("rings: \(caller?.digits ?? "somebody")")
        case .event(.unknown(let name, _), _): print("said something new: \(name)")
        case .callEnded(let call): print("over after \(Int(call.talkTime() ?? 0)) s: \(call.end?.reason ?? .unknown)")
        default: break
        }
    }
}

// Waits until the phone is ready, by itself.
switch try await phone.call("11 99999-0001") {
case .confirmed(let by, let callID): print("called: \(by), \(callID ?? "no id")")
case .unconfirmed: print("called, perhaps: the phone said nothing")
case .unchanged, .sent: print("cannot happen to a call")
}
try await phone.hangUp()
let updates = phone.updates
try window.incoming(SimulatedCaller(number: "(79) 91234-5678"))
for await update in updates where update.state.ringing != nil { break }
try await phone.answer()
try await phone.hangUp()
do {
    try await phone.sendDTMF("1")
} catch WebphoneError.noCall {
    print("no call, no keys: nothing was sent")
}
print("joined: \(try await phone.joinQueue("47"))")
print("paused: \(try await phone.pauseInQueue("47"))")
phone.close()
await following.value

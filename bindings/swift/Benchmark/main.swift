// From a message of a phone to its update, a fetch, and a cancellation, through Swift: `scripts/bench swift` runs it beside
// the same in Rust.
//
// usage: Benchmark receive | fetch BASE_URL TOKEN | cancel fetch | cancel batch | cancel command | cancel updates
// (prints microseconds: the median of several runs, of cancellations the slowest)

import Foundation
import Webphone
import WebphoneSimulator

/// What leads to a call, another one that rings, and two queues.
let before = [
    #"{"message":"status","status":"conectado"}"#,
    #"{"message":"entrou_na_fila","filaId":47}"#,
    #"{"message":"entrou_na_fila","filaId":48}"#,
    #"{"message":"chegandoChamada","numeroChegando":"(79) 91234-5678","numeroDestino":"4000","chamadaRecebidaId":77}"#,
    #"{"message":"status","status":"chamando"}"#,
    #"{"message":"status","status":"conversando"}"#,
]
/// What is measured: one message is as good as another.
let measured = [
    #"{"message":"stats_webphone","internet":{"ping":31,"jitter":2},"computador":{"cpu":17}}"#,
    #"{"message":"pausou_na_fila","filaId":47}"#,
    #"{"message":"despausou_na_fila","filaId":47}"#,
]

func now() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) / 1000
}

/// The middle of what several runs of so many pieces of work took, each: microseconds.
func median(of count: Int, _ run: () async throws -> Void) async rethrows -> Double {
    var times: [Double] = []
    for _ in 0..<9 {
        let began = now()
        try await run()
        times.append((now() - began) / Double(count))
    }
    return times.sorted()[4]
}

func receive() async throws -> Double {
    let phone = try Session { _ in }
    phone.report(.loaded)
    before.forEach(phone.receive)
    precondition(phone.state.call != nil && phone.state.queues.count == 2)
    var updates = phone.updates.makeAsyncIterator()
    let count = 9_999
    return await median(of: count) {
        for number in 0..<count {
            phone.receive(measured[number % measured.count])
            _ = await updates.next()
        }
    }
}

func fetch(_ client: Client) async throws -> Double {
    for _ in 0..<200 { _ = try await client.fetch(.number(4000)) }
    let count = 1_000
    return try await median(of: count) {
        for _ in 0..<count { _ = try await client.fetch(.number(4000)) }
    }
}

/// From `cancel()` until what a task waited for is over, at the server too: the slowest of a hundred.
func cancel(_ what: String) async throws -> Double {
    let simulator = try Simulator()
    let client = try simulator.client(timeout: 600)
    try simulator.addFault(.delay(delayMs: 600_000))
    // Its page never loads: commands wait.
    let phone = try Session(configuration: SessionConfig(record: .plain)) { _ in }
    let inFlight = { try simulator.requests(last: 0).inFlight }
    let (read, reading) = AsyncStream.makeStream(of: Void.self)
    var reads = read.makeAsyncIterator()
    var slowest = 0.0
    for number in 1000..<1100 {
        let task: Task<Void, any Error>
        switch what {
        case "fetch":
            task = Task { _ = try await client.fetch(.number(4000)) }
            while try inFlight() == 0 { await Task.yield() }
        case "batch":
            task = Task {
                let requests = repeatElement(Extension.number(4000), count: 100)
                for try await _ in try client.fetchMany(requests, concurrency: 4) {}
            }
            while try inFlight() < 4 { await Task.yield() }
        case "command":
            task = Task { try await phone.call("\(number)") }
            while try phone.trace()?.contains("\"\(number)\"") != true { await Task.yield() }
        default:
            let updates = phone.updates
            phone.report(.notice(name: "n", detail: ""))
            task = Task {
                for await _ in updates { reading.yield() }
                try Task.checkCancellation()
            }
            // It waits for the next one, or is about to.
            _ = await reads.next()
        }
        let began = now()
        task.cancel()
        let outcome = await task.result
        while try inFlight() > 0 { await Task.yield() }
        slowest = max(slowest, now() - began)
        guard case .failure(is CancellationError) = outcome else { preconditionFailure("it ended by itself") }
    }
    return slowest
}

let arguments = CommandLine.arguments.dropFirst()
let took: Double
switch (arguments.first, Array(arguments.dropFirst())) {
case ("receive", _):
    took = try await receive()
case ("fetch", let api) where api.count == 2:
    took = try await fetch(Client(token: api[1], baseURL: .other(url: api[0])))
case ("cancel", let what) where [["fetch"], ["batch"], ["command"], ["updates"]].contains(what):
    took = try await cancel(what[0])
default:
    fatalError("usage: Benchmark receive | fetch BASE_URL TOKEN | cancel fetch | batch | command | updates")
}
print(took)

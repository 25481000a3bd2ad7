// Fetches the URLs of the extensions on its standard input, one a line, as they come, and prints a line for each:
// `seq 4000 4999 | swift run bulk`

import Foundation
import Webphone

let client = try Client()
let extensions = FileHandle.standardInput.numbers
for try await result in try client.fetchMany(extensions, type: .hidden, concurrency: 64, rate: 500) {
    switch result.outcome {
    case .success(let url): print("\(result.request.extension): \(url)")
    case .failure(let error): print("\(result.request.extension): \(error)")
    }
}

extension FileHandle {
    /// The lines of a file, as they come, each an extension's number.
    fileprivate var numbers: AsyncStream<Extension> {
        AsyncStream { found in
            Thread.detachNewThread {
                while let line = readLine() { found.yield(.number(line)) }
                found.finish()
            }
        }
    }
}

// Prints the URL of an extension's phone: `TOTALVOICE_ACCESS_TOKEN=… swift run fetch 4000`

import Foundation
import Webphone

guard CommandLine.arguments.count == 2 else {
    fatalError("usage: fetch EXTENSION")
}
do {
    let url = try await Client().fetch(.number(CommandLine.arguments[1]), type: .hidden)
    // The secret itself: to the page that hosts the phone and to nobody else. A server would put it into its answer.
    print(url.reveal())
} catch let error as WebphoneError {
    // What happened, and what to do.
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}

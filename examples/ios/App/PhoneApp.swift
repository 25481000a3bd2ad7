// The app's entry, for a project of Xcode's: parsed by the tests, never compiled, since no Apple machine was at hand.

import PhoneViews
import SwiftUI
import Webphone

@main
struct PhoneApp: App {
    @State private var phone: Webphone?
    @State private var message = "Loading the phone…"

    var body: some Scene {
        WindowGroup {
            if let phone {
                PhoneScreen(phone)
            } else {
                Text(message).task { await open() }
            }
        }
    }

    /// Gets the phone's URL. An app in users' hands asks its own server for it: the token opens the whole account.
    private func open() async {
        do {
            let token = ProcessInfo.processInfo.environment["TOTALVOICE_ACCESS_TOKEN"]
            let client = try Client(token: token ?? "")
            phone = Webphone(url: try await client.fetch(.number(4000), type: .hidden))
        } catch {
            message = error.localizedDescription
        }
    }
}

// Compiled against a stand-in for SwiftUI, never run: no Apple machine was at hand.

#if canImport(SwiftUI)
    import PhoneLogic
    import SwiftUI
    import Webphone

    /// The whole app: line, calls, keys, queues.
    public struct PhoneScreen: View {
        private let phone: Webphone
        @StateObject private var state: PhoneState
        @State private var dialler = Dialler()
        @State private var target = ""
        @State private var message: String?

        /// Shows a phone, which the app holds as long as its calls have to live.
        public init(_ phone: Webphone) {
            self.phone = phone
            _state = StateObject(wrappedValue: PhoneState(phone))
        }

        public var body: some View {
            // A talk is counted while it lasts.
            TimelineView(.periodic(from: .now, by: 1)) { _ in
                VStack(spacing: 16) {
                    content(Screen(state.snapshot))
                    // WebKit gives the microphone only to a view in a window; this one may be as small as can be.
                    WebphoneView(phone).frame(width: 1, height: 1).accessibilityHidden(true)
                }
                .padding()
            }
        }

        @ViewBuilder
        private func content(_ screen: Screen) -> some View {
            if let trouble = screen.trouble {
                Text(trouble)
                if screen.offersRestart {
                    Button("Load again") { restart() }
                }
            }
            if let message {
                Text(message)
            }
            if let ringing = screen.ringing {
                IncomingCall(caller: ringing, perform: perform)
            }
            if let call = screen.call {
                CurrentCall(call: call, mute: screen.mute, target: $target, perform: perform)
            }
            Keys(
                dialler: $dialler, canCall: screen.canCall, isTalking: screen.call?.isTalking ?? false,
                perform: perform)
            Queues(queues: screen.queues, perform: perform)
        }

        private func perform(_ action: Action) {
            Task { message = await action.perform(on: phone) }
        }

        private func restart() {
            do {
                try phone.restart()
            } catch {
                message = error.localizedDescription
            }
        }
    }

    private struct IncomingCall: View {
        let caller: String
        let perform: @MainActor (Action) -> Void

        var body: some View {
            Text("\(caller) calls")
            HStack {
                Button("Answer") { perform(.answer) }
                Button("Decline") { perform(.hangUp) }
            }
        }
    }

    private struct CurrentCall: View {
        let call: Screen.CallCard
        let mute: Screen.MuteButton
        @Binding var target: String
        let perform: @MainActor (Action) -> Void

        var body: some View {
            Text(call.title)
            if let talked = call.talked {
                Text("\(talked) s")
            }
            HStack {
                Button("Hang up") { perform(.hangUp) }
                switch mute {
                case .none: EmptyView()
                case .mute: Button("Mute") { perform(.setMuted(true)) }
                case .unmute: Button("Unmute") { perform(.setMuted(false)) }
                case .ask:
                    Button("It is muted") { perform(.sayMuted(true)) }
                    Button("It is not muted") { perform(.sayMuted(false)) }
                }
            }
            if call.isTalking {
                HStack {
                    TextField("Number", text: $target)
                    Button("Transfer") { perform(.transfer(to: target)) }.disabled(target.isEmpty)
                    Button("Ask first") { perform(.consult(target)) }.disabled(target.isEmpty)
                }
            }
            if let consulting = call.consulting {
                Text("With \(consulting): hanging up connects the two.")
            }
        }
    }

    private struct Keys: View {
        @Binding var dialler: Dialler
        let canCall: Bool
        let isTalking: Bool
        let perform: @MainActor (Action) -> Void

        var body: some View {
            Text(dialler.number)
            ForEach([0, 3, 6, 9], id: \.self) { row in
                HStack {
                    ForEach(Array(Dialler.keys[row..<row + 3]), id: \.self) { key in
                        Button(key) { dialler.press(key, talking: isTalking).map(perform) }
                    }
                }
            }
            HStack {
                Button("Delete") { dialler.deleteLast() }
                Button("Call") { dialler.call().map(perform) }.disabled(!canCall || dialler.number.isEmpty)
            }
        }
    }

    private struct Queues: View {
        let queues: [Queue]
        let perform: @MainActor (Action) -> Void

        var body: some View {
            ForEach(queues, id: \.id) { queue in
                HStack {
                    Text("Queue \(queue.id)")
                    if queue.paused == true {
                        Button("Resume") { perform(.resume(in: queue.id)) }
                    } else {
                        Button("Pause") { perform(.pause(in: queue.id)) }
                    }
                    Button("Leave") { perform(.leave(queue: queue.id)) }
                }
            }
            HStack {
                Button("Pause in all queues") { perform(.pause(in: nil)) }
                Button("Resume in all") { perform(.resume(in: nil)) }
            }
        }
    }
#endif

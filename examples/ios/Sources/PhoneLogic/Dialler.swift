/// The keys, and what was typed with them.
public struct Dialler: Equatable, Sendable {
    public static let keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"]

    /// The number so far.
    public private(set) var number = ""

    public init() {}

    /// A key is pressed: during a talk it goes to the other side, else it is typed.
    public mutating func press(_ key: String, talking: Bool) -> Action? {
        if talking { return .press(key) }
        number += key
        return nil
    }

    public mutating func deleteLast() {
        _ = number.popLast()
    }

    /// Calls what was typed; the keys are empty then.
    public mutating func call() -> Action? {
        guard !number.isEmpty else { return nil }
        defer { number = "" }
        return .call(number)
    }
}

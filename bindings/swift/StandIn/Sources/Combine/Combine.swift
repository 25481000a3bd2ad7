// A stand-in for Apple's Combine: see Package.swift.

/// Something whose changes can be followed.
@available(iOS 13.0, macOS 10.15, *)
public protocol ObservableObject: AnyObject {}

/// A property whose changes can be followed. Here it only holds its value.
@available(iOS 13.0, macOS 10.15, *)
@propertyWrapper
public struct Published<Value> {
    public var wrappedValue: Value

    public init(wrappedValue: Value) {
        self.wrappedValue = wrappedValue
    }
}

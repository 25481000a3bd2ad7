// A stand-in for Apple's SwiftUI: see Package.swift. It is compiled against; nothing here draws.

@_exported import Combine
@_exported import Foundation

#if canImport(UIKit)
    @_exported import UIKit
#else
    @_exported import AppKit
#endif

private func nothingDraws() -> Never { fatalError("a stand-in draws nothing") }

// MARK: Views

@available(iOS 13.0, macOS 10.15, *)
@MainActor
public protocol View {
    associatedtype Body: View
    @ViewBuilder var body: Body { get }
}

@available(iOS 13.0, macOS 10.15, *)
extension Never: View {
    public var body: Never { nothingDraws() }
}

/// A view that has no views in it.
public protocol StandInView: View where Body == Never {}

extension StandInView {
    public var body: Never { nothingDraws() }
}

@available(iOS 13.0, macOS 10.15, *)
extension Optional: View where Wrapped: View {
    public var body: Never { nothingDraws() }
}

@available(iOS 13.0, macOS 10.15, *)
public struct TupleView<T>: StandInView {
    public var value: T
}

@available(iOS 13.0, macOS 10.15, *)
public struct _ConditionalContent<TrueContent, FalseContent>: StandInView {}

@available(iOS 13.0, macOS 10.15, *)
@MainActor
@resultBuilder
public enum ViewBuilder {
    public static func buildBlock() -> EmptyView {
        EmptyView()
    }

    public static func buildBlock<Content: View>(_ content: Content) -> Content {
        content
    }

    public static func buildBlock<each Content: View>(_ content: repeat each Content) -> TupleView<
        (repeat each Content)
    > {
        TupleView(value: (repeat each content))
    }

    public static func buildIf<Content: View>(_ content: Content?) -> Content? {
        content
    }

    public static func buildEither<TrueContent: View, FalseContent: View>(
        first: TrueContent
    ) -> _ConditionalContent<TrueContent, FalseContent> {
        _ConditionalContent()
    }

    public static func buildEither<TrueContent: View, FalseContent: View>(
        second: FalseContent
    ) -> _ConditionalContent<TrueContent, FalseContent> {
        _ConditionalContent()
    }
}

@available(iOS 13.0, macOS 10.15, *)
public struct EmptyView: StandInView {
    public nonisolated init() {}
}

@available(iOS 13.0, macOS 10.15, *)
public struct Text: StandInView {
    public init<Content: StringProtocol>(_ content: Content) {}
}

@available(iOS 13.0, macOS 10.15, *)
public struct VStack<Content: View>: StandInView {
    public init(spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {}
}

@available(iOS 13.0, macOS 10.15, *)
public struct HStack<Content: View>: StandInView {
    public init(spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {}
}

@available(iOS 13.0, macOS 10.15, *)
public struct Button<Label: View>: StandInView {}

@available(iOS 13.0, macOS 10.15, *)
extension Button where Label == Text {
    public init<Title: StringProtocol>(_ title: Title, action: @escaping @MainActor () -> Void) {}
}

@available(iOS 13.0, macOS 10.15, *)
public struct TextField<Label: View>: StandInView {}

@available(iOS 13.0, macOS 10.15, *)
extension TextField where Label == Text {
    public init<Title: StringProtocol>(_ title: Title, text: Binding<String>) {}
}

@available(iOS 13.0, macOS 10.15, *)
public struct ForEach<Data: RandomAccessCollection, ID: Hashable, Content>: StandInView {}

@available(iOS 13.0, macOS 10.15, *)
extension ForEach where Content: View {
    public init(_ data: Data, id: KeyPath<Data.Element, ID>, @ViewBuilder content: @escaping (Data.Element) -> Content)
    {}
}

@available(iOS 15.0, macOS 12.0, *)
public protocol TimelineSchedule {}

@available(iOS 15.0, macOS 12.0, *)
public struct PeriodicTimelineSchedule: TimelineSchedule {
    public init(from startDate: Date, by interval: TimeInterval) {}
}

@available(iOS 15.0, macOS 12.0, *)
extension TimelineSchedule where Self == PeriodicTimelineSchedule {
    public static func periodic(from startDate: Date, by interval: TimeInterval) -> PeriodicTimelineSchedule {
        PeriodicTimelineSchedule(from: startDate, by: interval)
    }
}

@available(iOS 15.0, macOS 12.0, *)
public struct TimelineView<Schedule: TimelineSchedule, Content: View>: StandInView {
    public struct Context {
        public let date: Date
    }

    public init(_ schedule: Schedule, @ViewBuilder content: @escaping (Context) -> Content) {}
}

// MARK: What is said of a view

@available(iOS 13.0, macOS 10.15, *)
extension View {
    public func padding() -> some View { self }

    public func disabled(_ disabled: Bool) -> some View { self }

    public func frame(width: CGFloat? = nil, height: CGFloat? = nil) -> some View { self }

    @available(iOS 14.0, macOS 11.0, *)
    public func accessibilityHidden(_ hidden: Bool) -> some View { self }
}

// MARK: What a view holds

@available(iOS 13.0, macOS 10.15, *)
@MainActor
@propertyWrapper
@dynamicMemberLookup
public struct Binding<Value> {
    private let get: () -> Value
    private let set: (Value) -> Void

    init(get: @escaping () -> Value, set: @escaping (Value) -> Void) {
        self.get = get
        self.set = set
    }

    public var wrappedValue: Value {
        get { get() }
        nonmutating set { set(newValue) }
    }

    public var projectedValue: Binding<Value> { self }

    public subscript<Member>(dynamicMember path: WritableKeyPath<Value, Member>) -> Binding<Member> {
        Binding<Member>(get: { wrappedValue[keyPath: path] }, set: { wrappedValue[keyPath: path] = $0 })
    }
}

@available(iOS 13.0, macOS 10.15, *)
@MainActor
@propertyWrapper
public struct State<Value> {
    private final class Box {
        var value: Value

        init(_ value: Value) {
            self.value = value
        }
    }

    private let box: Box

    public init(wrappedValue: Value) {
        box = Box(wrappedValue)
    }

    public var wrappedValue: Value {
        get { box.value }
        nonmutating set { box.value = newValue }
    }

    public var projectedValue: Binding<Value> {
        Binding(get: { box.value }, set: { box.value = $0 })
    }
}

@available(iOS 13.0, macOS 10.15, *)
extension State where Value: ExpressibleByNilLiteral {
    public init() {
        self.init(wrappedValue: nil)
    }
}

@available(iOS 14.0, macOS 11.0, *)
@MainActor
@propertyWrapper
public struct StateObject<ObjectType: ObservableObject> {
    public let wrappedValue: ObjectType

    public init(wrappedValue thunk: @autoclosure @escaping () -> ObjectType) {
        wrappedValue = thunk()
    }
}

// MARK: Views of UIKit and AppKit

#if canImport(UIKit)
    @available(iOS 13.0, *)
    @MainActor
    public protocol UIViewRepresentable: View where Body == Never {
        associatedtype UIViewType: UIView
        typealias Context = UIViewRepresentableContext<Self>

        func makeUIView(context: Context) -> UIViewType
        func updateUIView(_ uiView: UIViewType, context: Context)
    }

    @available(iOS 13.0, *)
    extension UIViewRepresentable {
        public var body: Never { nothingDraws() }
    }

    @available(iOS 13.0, *)
    public struct UIViewRepresentableContext<Representable> {
        /// For tests.
        public init() {}
    }
#else
    @available(macOS 10.15, *)
    @MainActor
    public protocol NSViewRepresentable: View where Body == Never {
        associatedtype NSViewType: NSView
        typealias Context = NSViewRepresentableContext<Self>

        func makeNSView(context: Context) -> NSViewType
        func updateNSView(_ nsView: NSViewType, context: Context)
    }

    @available(macOS 10.15, *)
    extension NSViewRepresentable {
        public var body: Never { nothingDraws() }
    }

    @available(macOS 10.15, *)
    public struct NSViewRepresentableContext<Representable> {}
#endif

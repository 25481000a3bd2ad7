// A stand-in for Apple's AppKit: see Package.swift. It is no part of that: with it the host's other half is compiled, and
// never run.

import Foundation

@available(macOS 10.0, *)
@MainActor
open class NSResponder: NSObject {}

@available(macOS 10.0, *)
@MainActor
open class NSView: NSResponder {
    public struct AutoresizingMask: OptionSet, Sendable {
        public let rawValue: UInt

        public init(rawValue: UInt) {
            self.rawValue = rawValue
        }

        public static let width = AutoresizingMask(rawValue: 2)
        public static let height = AutoresizingMask(rawValue: 16)
    }

    open var frame: NSRect
    open var bounds: NSRect
    open var autoresizingMask: AutoresizingMask = []
    open private(set) weak var superview: NSView?
    open private(set) weak var window: NSWindow?

    public init(frame frameRect: NSRect) {
        frame = frameRect
        bounds = NSRect(origin: .zero, size: frameRect.size)
        super.init()
    }

    public required init?(coder: NSCoder) {
        nil
    }

    open func addSubview(_ view: NSView) {}

    open func removeFromSuperview() {}

    open func viewDidMoveToWindow() {}

    open func viewDidMoveToSuperview() {}

    open func hitTest(_ point: NSPoint) -> NSView? {
        nil
    }

    @available(macOS 10.10, *)
    open func setAccessibilityHidden(_ accessibilityHidden: Bool) {}
}

@available(macOS 10.0, *)
@MainActor
open class NSWindow: NSResponder {
    open var contentView: NSView?
}

@available(macOS 10.0, *)
@MainActor
open class NSWorkspace: NSObject {
    open class var shared: NSWorkspace {
        NSWorkspace()
    }

    @discardableResult
    open func open(_ url: URL) -> Bool {
        false
    }
}

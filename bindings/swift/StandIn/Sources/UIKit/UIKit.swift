// A stand-in for Apple's UIKit: see Package.swift.

import Foundation

@available(iOS 2.0, *)
@MainActor
open class UIResponder: NSObject {}

@available(iOS 2.0, *)
@MainActor
open class UIView: UIResponder {
    public struct AutoresizingMask: OptionSet, Sendable {
        public let rawValue: UInt

        public init(rawValue: UInt) {
            self.rawValue = rawValue
        }

        public static let flexibleWidth = AutoresizingMask(rawValue: 1 << 1)
        public static let flexibleHeight = AutoresizingMask(rawValue: 1 << 4)
    }

    open var frame: CGRect
    open var bounds: CGRect { CGRect(origin: .zero, size: frame.size) }
    open var autoresizingMask: AutoresizingMask = []
    open var isUserInteractionEnabled = true
    @available(iOS 5.0, *)
    open var accessibilityElementsHidden = false
    open private(set) weak var superview: UIView?
    open private(set) var subviews: [UIView] = []

    public init(frame: CGRect) {
        self.frame = frame
        super.init()
    }

    public required init?(coder: NSCoder) {
        nil
    }

    open var window: UIWindow? {
        superview?.window
    }

    open func addSubview(_ view: UIView) {
        let before = view.window
        view.detach()
        subviews.append(view)
        view.superview = self
        view.moved(from: before)
        view.didMoveToSuperview()
    }

    open func removeFromSuperview() {
        let before = window
        detach()
        moved(from: before)
        didMoveToSuperview()
    }

    /// For a view and all in it whose window is another.
    open func didMoveToWindow() {}

    open func didMoveToSuperview() {}

    private func detach() {
        superview?.subviews.removeAll { $0 === self }
        superview = nil
    }

    private func moved(from before: UIWindow?) {
        guard window !== before else { return }
        didMoveToWindow()
        for view in subviews { view.moved(from: before) }
    }
}

@available(iOS 2.0, *)
@MainActor
open class UIWindow: UIView {
    open override var window: UIWindow? {
        self
    }
}

@available(iOS 2.0, *)
@MainActor
open class UIApplication: UIResponder {
    public struct OpenExternalURLOptionsKey: Hashable, Sendable {
        public let rawValue: String
    }

    open class var shared: UIApplication {
        theOne
    }

    private static let theOne = UIApplication()

    /// For tests: what was opened.
    public private(set) var standInOpened: [URL] = []

    @available(iOS 10.0, *)
    open func open(
        _ url: URL, options: [OpenExternalURLOptionsKey: Any] = [:],
        completionHandler completion: (@MainActor @Sendable (Bool) -> Void)? = nil
    ) {
        standInOpened.append(url)
        completion?(true)
    }
}

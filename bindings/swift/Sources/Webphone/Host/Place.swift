#if canImport(WebKit)
    import Foundation
    import WebKit

    /// Keeps a phone's view in a window: where the app shows it, else unseen in the window that it gave.
    @MainActor
    final class Place {
        /// The window for times when the app shows the view nowhere.
        weak var home: Webphone.Window? {
            didSet { settle() }
        }
        /// The view came into a window, or is in none.
        var onMove: (() -> Void)?

        private let view: PhoneView
        private let nook = unseenView()
        private var isLooking = false

        init(_ view: PhoneView) {
            self.view = view
            view.onMove = { [weak self] in self?.moved() }
        }

        /// Looks where the view is.
        func moved() {
            guard view.window == nil else {
                if view.superview !== nook { nook.removeFromSuperview() }
                onMove?()
                return
            }
            // It may be on its way from one place to another.
            guard !isLooking else { return }
            isLooking = true
            Task { [weak self] in
                guard let self else { return }
                isLooking = false
                guard view.window == nil else { return }
                settle()
                if view.window == nil { onMove?() }
            }
        }

        private func settle() {
            guard view.window == nil || view.superview === nook, let window = home?.content else { return }
            view.frame = nook.bounds
            nook.addSubview(view)
            window.addSubview(nook)
        }

        /// Takes the view out of all windows.
        func leave() {
            onMove = nil
            view.onMove = nil
            view.removeFromSuperview()
            nook.removeFromSuperview()
        }
    }

    // What differs between UIKit and AppKit.

    #if canImport(UIKit)
        import UIKit

        typealias PlatformView = UIView

        extension Webphone {
            /// A window.
            public typealias Window = UIWindow
        }

        /// The web view of a phone, which says when it comes into another window.
        final class PhoneView: WKWebView {
            var onMove: (() -> Void)?

            override func didMoveToWindow() {
                super.didMoveToWindow()
                onMove?()
            }

            /// Also within a window.
            override func didMoveToSuperview() {
                super.didMoveToSuperview()
                onMove?()
            }
        }

        extension UIView {
            /// Shows another view in all of this one.
            func cover(with view: UIView) {
                view.frame = bounds
                view.autoresizingMask = [.flexibleWidth, .flexibleHeight]
                addSubview(view)
            }
        }

        extension UIWindow {
            fileprivate var content: UIView? { self }
        }

        /// A view out of reach of fingers and of VoiceOver. WebKit needs it to be there, not to be seen.
        @MainActor
        private func unseenView() -> UIView {
            let view = UIView(frame: CGRect(x: 0, y: 0, width: 1, height: 1))
            view.isUserInteractionEnabled = false
            view.accessibilityElementsHidden = true
            return view
        }

        @MainActor
        func openBySystem(_ url: URL) {
            UIApplication.shared.open(url)
        }
    #else
        import AppKit

        typealias PlatformView = NSView

        extension Webphone {
            /// A window.
            public typealias Window = NSWindow
        }

        /// The web view of a phone, which says when it comes into another window.
        final class PhoneView: WKWebView {
            var onMove: (() -> Void)?

            override func viewDidMoveToWindow() {
                super.viewDidMoveToWindow()
                onMove?()
            }

            /// Also within a window.
            override func viewDidMoveToSuperview() {
                super.viewDidMoveToSuperview()
                onMove?()
            }
        }

        extension NSView {
            /// Shows another view in all of this one.
            func cover(with view: NSView) {
                view.frame = bounds
                view.autoresizingMask = [.width, .height]
                addSubview(view)
            }
        }

        extension NSWindow {
            fileprivate var content: NSView? { contentView }
        }

        /// A view that no click reaches.
        private final class Unreachable: NSView {
            override func hitTest(_ point: NSPoint) -> NSView? {
                nil
            }
        }

        /// A view out of reach of the mouse and of VoiceOver. WebKit needs it to be there, not to be seen.
        @MainActor
        private func unseenView() -> NSView {
            let view = Unreachable(frame: CGRect(x: 0, y: 0, width: 1, height: 1))
            view.setAccessibilityHidden(true)
            return view
        }

        @MainActor
        func openBySystem(_ url: URL) {
            NSWorkspace.shared.open(url)
        }
    #endif
#endif

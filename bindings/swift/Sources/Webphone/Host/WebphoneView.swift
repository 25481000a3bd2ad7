#if canImport(WebKit) && canImport(SwiftUI)
    import SwiftUI
    import WebKit

    /// The interface of a phone, in SwiftUI. Where it isn't shown any more, the phone goes on if it was also given a window
    /// (`attach(to:)`).
    ///
    /// ```swift
    /// WebphoneView(phone)
    /// ```
    public struct WebphoneView {
        private let phone: Webphone

        /// Shows this phone's view. A phone has one view: of several that show it, it is in the last.
        public init(_ phone: Webphone) {
            self.phone = phone
        }

        /// Puts the phone's view into a place that SwiftUI made for it.
        @MainActor
        private func fill(_ place: PlatformView) {
            if phone.view.superview !== place { place.cover(with: phone.view) }
        }
    }

    #if canImport(UIKit)
        extension WebphoneView: UIViewRepresentable {
            /// As SwiftUI asks.
            public func makeUIView(context: Context) -> UIView {
                let place = UIView(frame: .zero)
                fill(place)
                return place
            }

            /// As SwiftUI asks.
            public func updateUIView(_ place: UIView, context: Context) {
                fill(place)
            }
        }
    #else
        extension WebphoneView: NSViewRepresentable {
            /// As SwiftUI asks.
            public func makeNSView(context: Context) -> NSView {
                let place = NSView(frame: .zero)
                fill(place)
                return place
            }

            /// As SwiftUI asks.
            public func updateNSView(_ place: NSView, context: Context) {
                fill(place)
            }
        }
    #endif
#endif

#if canImport(WebKit)
    import Foundation
    import WebKit
    import WebphoneFFI

    // Everything that WebKit asks and tells goes to the core, which decides; everything that the core says goes to WebKit.
    // None of this was ever run by Apple's WebKit: tests drive it on Linux by a stand-in.
    //
    // The methods of WebKit's protocols carry their selectors: one that WebKit does not have fails to compile there, where it
    // would otherwise just never be called.

    /// The web view of a phone, and who answers for it.
    @MainActor
    final class WebKitHost: NSObject {
        let view: PhoneView
        let place: Place
        /// What is in the view, or will be.
        private(set) var page: HostPage
        var openOutside: @MainActor (URL) -> Void = openBySystem

        private let link: PageLink
        /// Where bridge and handler live, out of sight of all pages.
        private let world = WKContentWorld.world(name: "webphone")
        /// Windows that the phone opened.
        private var children: [WKWebView] = []
        /// What waits for the view to be in a window.
        private var due: PageLoad?
        /// Whether the next navigation of the main frame is ours.
        private var isExpected = false
        private var current: WKNavigation?
        private var isTornDown = false

        init(_ link: PageLink, _ page: HostPage) throws {
            self.link = link
            self.page = page
            let configuration = WKWebViewConfiguration()
            #if canImport(UIKit)
                configuration.allowsInlineMediaPlayback = true
            #endif
            configuration.mediaTypesRequiringUserActionForPlayback = []
            configuration.preferences.javaScriptCanOpenWindowsAutomatically = false
            let messages = MessageHandler()
            configuration.userContentController.add(messages, contentWorld: world, name: "webphone")
            view = PhoneView(frame: CGRect(x: 0, y: 0, width: 1, height: 1), configuration: configuration)
            view.allowsLinkPreview = false
            place = Place(view)
            super.init()
            messages.host = self
            view.navigationDelegate = self
            view.uiDelegate = self
            place.onMove = { [weak self] in self?.moved() }
            deliverEnvelopes()
            try show(page)
        }

        // MARK: Its page

        /// Loads a page in the place of the one before. The first one waits until the view is in a window.
        func show(_ page: HostPage) throws {
            let load = try link.load(page: page)
            self.page = page
            closeChildren()
            if view.window == nil && current == nil {
                due = load
                place.moved()
            } else {
                present(load)
            }
        }

        private func present(_ load: PageLoad) {
            due = nil
            let scripts = view.configuration.userContentController
            scripts.removeAllUserScripts()
            scripts.addUserScript(
                WKUserScript(
                    source: load.bridge(), injectionTime: .atDocumentEnd, forMainFrameOnly: true, in: world))
            guard let url = URL(string: load.url()),
                let response = HTTPURLResponse(
                    url: url, statusCode: 200, httpVersion: "HTTP/1.1", headerFields: load.headers())
            else {
                let detail = "Foundation can't read the host page's address."
                return link.report(report: .failed(detail: detail, failure: nil))
            }
            isExpected = true
            current = view.loadSimulatedRequest(
                URLRequest(url: url), response: response, responseData: Data(load.html().utf8))
        }

        /// The view came into a window, or is in none.
        private func moved() {
            guard view.window == nil else {
                guard let due else { return }
                // It did not fail, it waited.
                link.report(report: .loading)
                return present(due)
            }
            let detail = "The phone's view is in no window, where WebKit gives no microphone: show it, or attach(to:)."
            link.report(
                report: due == nil
                    ? .notice(name: "not_in_window", detail: detail) : .failed(detail: detail, failure: nil))
        }

        // MARK: Texts

        /// Hands the core's envelopes to the page, one after the other, until the session ends.
        private func deliverEnvelopes() {
            Task.detached { [link, weak self] in
                while let envelope = try? await RustWork.run({ try await link.nextEnvelope() }) {
                    await self?.deliver(envelope)
                }
            }
        }

        private func deliver(_ envelope: String) async {
            do {
                _ = try await view.callAsyncJavaScript(
                    "webphoneHost.receive(envelope)", arguments: ["envelope": envelope], in: nil, contentWorld: world)
            } catch {
                link.undelivered(envelope: envelope)
            }
        }

        fileprivate func receive(_ message: WKScriptMessage) {
            guard message.webView === view, let text = message.body as? String else { return }
            let frame = message.frameInfo
            link.receiveEnvelope(
                text: text,
                source: MessageSource(mainFrame: frame.isMainFrame, origin: frame.securityOrigin.text))
        }

        // MARK: Decisions

        private func decide(_ target: URL?, _ part: PagePart) -> NavigationDecision {
            let target = target ?? blank
            let decision = page.navigation(target: target.absoluteString, part: part)
            if decision == .openOutside { openOutside(target) }
            return decision
        }

        private func part(_ action: WKNavigationAction, in webView: WKWebView) -> PagePart {
            guard let frame = action.targetFrame else { return .newWindow }
            guard frame.isMainFrame else { return .frame }
            return webView === view ? .hostPage : .childWindow
        }

        // MARK: Its end

        func closeChildren() {
            for child in children { close(child) }
        }

        private func close(_ child: WKWebView) {
            children.removeAll { $0 === child }
            child.navigationDelegate = nil
            child.uiDelegate = nil
            child.stopLoading()
            child.removeFromSuperview()
        }

        /// Takes the phone out of the view, whoever holds that.
        func tearDown() {
            guard !isTornDown else { return }
            isTornDown = true
            closeChildren()
            view.navigationDelegate = nil
            view.uiDelegate = nil
            let content = view.configuration.userContentController
            content.removeAllUserScripts()
            content.removeAllScriptMessageHandlers()
            view.stopLoading()
            view.loadHTMLString("", baseURL: nil)
            place.leave()
        }
    }

    // MARK: What WebKit asks before something happens

    extension WebKitHost: WKNavigationDelegate {
        #if canImport(ObjectiveC)
            @objc(webView:decidePolicyForNavigationAction:decisionHandler:)
        #endif
        func webView(
            _ webView: WKWebView, decidePolicyFor navigationAction: WKNavigationAction
        ) async -> WKNavigationActionPolicy {
            let part = part(navigationAction, in: webView)
            guard decide(navigationAction.request.url, part) == .allow else { return .cancel }
            guard part == .hostPage else { return .allow }
            guard !isExpected else {
                isExpected = false
                return .allow
            }
            // A reload would go to the network, where the host page is not: it is made anew instead, if nothing is in the way.
            try? show(page)
            return .cancel
        }

        #if canImport(ObjectiveC)
            @objc(webView:decidePolicyForNavigationResponse:decisionHandler:)
        #endif
        func webView(
            _ webView: WKWebView, decidePolicyFor navigationResponse: WKNavigationResponse
        ) async -> WKNavigationResponsePolicy {
            if let response = navigationResponse.response as? HTTPURLResponse, let url = response.url {
                link.documentFailed(
                    url: url.absoluteString, failure: .status(status: Int32(clamping: response.statusCode)),
                    document: true)
            }
            return navigationResponse.canShowMIMEType ? .allow : .cancel
        }

        #if canImport(ObjectiveC)
            @objc(webView:didCommitNavigation:)
        #endif
        func webView(_ webView: WKWebView, didCommit navigation: WKNavigation!) {
            if webView === view { isExpected = false }
        }

        #if canImport(ObjectiveC)
            @objc(webView:didFailProvisionalNavigation:withError:)
        #endif
        func webView(
            _ webView: WKWebView, didFailProvisionalNavigation navigation: WKNavigation!, withError error: any Error
        ) {
            // What gave way to another load did not fail.
            guard let failure = LoadFailure(error) else { return }
            if webView !== view {
                let failed = (error as NSError).userInfo[NSURLErrorFailingURLErrorKey] as? URL ?? webView.url ?? blank
                link.documentFailed(url: failed.absoluteString, failure: failure, document: true)
            } else if navigation === current {
                link.report(report: .lost(detail: "The host page did not load."))
            }
        }

        #if canImport(ObjectiveC)
            @objc(webViewWebContentProcessDidTerminate:)
        #endif
        func webViewWebContentProcessDidTerminate(_ webView: WKWebView) {
            guard webView === view else { return close(webView) }
            closeChildren()
            link.report(report: .lost(detail: "The page's process ended: it crashed, or the system needed its memory."))
        }
    }

    extension WebKitHost: WKUIDelegate {
        #if canImport(ObjectiveC)
            @objc(webView:requestMediaCapturePermissionForOrigin:initiatedByFrame:type:decisionHandler:)
        #endif
        func webView(
            _ webView: WKWebView, decideMediaCapturePermissionsFor origin: WKSecurityOrigin,
            initiatedBy frame: WKFrameInfo, type: WKMediaCaptureType
        ) async -> WKPermissionDecision {
            let request = PermissionRequest(
                origin: origin.text, frameOrigin: frame.securityOrigin.text, childWindow: webView !== view,
                microphone: type != .camera, others: type != .microphone)
            guard page.permits(request: request) else {
                let detail = "A page asked for a microphone or camera that is not for it."
                link.report(report: .notice(name: "permission_refused", detail: detail))
                return .deny
            }
            return .grant
        }

        #if canImport(ObjectiveC)
            @objc(webView:createWebViewWithConfiguration:forNavigationAction:windowFeatures:)
        #endif
        func webView(
            _ webView: WKWebView, createWebViewWith configuration: WKWebViewConfiguration,
            for navigationAction: WKNavigationAction, windowFeatures: WKWindowFeatures
        ) -> WKWebView? {
            guard decide(navigationAction.request.url, .newWindow) == .allow else { return nil }
            // Bridge and handler are the host page's alone.
            configuration.userContentController = WKUserContentController()
            let child = WKWebView(frame: view.bounds, configuration: configuration)
            child.navigationDelegate = self
            child.uiDelegate = self
            view.cover(with: child)
            children.append(child)
            return child
        }

        #if canImport(ObjectiveC)
            @objc(webViewDidClose:)
        #endif
        func webViewDidClose(_ webView: WKWebView) {
            if webView !== view { close(webView) }
        }
    }

    // MARK: Their shapes

    /// Takes what the bridge posts. WebKit holds it, so it must not hold what holds WebKit's view.
    @MainActor
    private final class MessageHandler: NSObject, WKScriptMessageHandler {
        weak var host: WebKitHost?

        #if canImport(ObjectiveC)
            @objc(userContentController:didReceiveScriptMessage:)
        #endif
        func userContentController(
            _ userContentController: WKUserContentController, didReceive message: WKScriptMessage
        ) {
            host?.receive(message)
        }
    }

    extension WKSecurityOrigin {
        /// As the core reads it: a port of 0 is the default one. An opaque origin has no host.
        fileprivate var text: String {
            let host = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
            return "\(self.protocol)://\(host):\(port)"
        }
    }

    extension LoadFailure {
        /// What WebKit says of a document that did not load; nil when it gave way to another, or may not be loaded.
        fileprivate init?(_ error: any Error) {
            let error = error as NSError
            guard error.domain == NSURLErrorDomain, error.code != NSURLErrorCancelled else { return nil }
            switch error.code {
            case NSURLErrorClientCertificateRequired...NSURLErrorSecureConnectionFailed,
                NSURLErrorAppTransportSecurityRequiresSecureConnection:
                self = .tls
            default:
                self = .network(code: "\(error.domain):\(error.code)")
            }
        }
    }

    // swift-format-ignore: NeverForceUnwrap
    private let blank = URL(string: "about:blank")!
#endif

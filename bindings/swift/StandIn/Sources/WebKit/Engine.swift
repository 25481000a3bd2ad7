// What tests see and do of a stand-in's web view: what WebKit's engine, the network and the user do there.

/// A document that a view was asked to show.
public struct StandInDocument {
    public let url: URL
    /// What it was answered with; nil where nothing was said of that.
    public let response: HTTPURLResponse?
    public let html: String
}

/// What runs scripts in the documents of a view.
@MainActor
public protocol StandInScripts: AnyObject {
    /// A script of the user's runs as a document of the main frame ends.
    func run(_ script: String, world: String?, in engine: StandInEngine)

    /// The body of an asynchronous function is called with these arguments.
    func call(_ body: String, arguments: [String: Any], world: String?) async throws -> Any?
}

/// What a function of a document can throw.
public struct StandInScriptError: Error {
    public init() {}
}

/// The engine of a view.
@MainActor
public final class StandInEngine {
    private unowned let view: WKWebView
    /// What was asked for, also in vain.
    public private(set) var loads: [StandInDocument] = []
    /// What is there; nil before the first, and after its process ended.
    public private(set) var document: StandInDocument?
    public var scripts: (any StandInScripts)?
    /// How often a document was fetched from the network.
    public private(set) var fetches = 0

    private var current: WKNavigation?

    init(_ view: WKWebView) {
        self.view = view
    }

    /// The settings that the view was made with.
    public var configuration: WKWebViewConfiguration {
        view.settings
    }

    public func frame(main: Bool, origin: String) -> WKFrameInfo {
        WKFrameInfo(isMainFrame: main, origin: origin)
    }

    public var mainFrame: WKFrameInfo {
        frame(main: true, origin: document?.url.absoluteString ?? "")
    }

    // MARK: Documents

    func load(_ document: StandInDocument) -> WKNavigation {
        loads.append(document)
        let navigation = WKNavigation()
        current = navigation
        Task { [weak view] in
            guard let view else { return }
            let policy = await view.standIn.navigate(document.url.absoluteString, in: view.standIn.mainFrame)
            view.standIn.arrive(document, navigation, policy)
        }
        return navigation
    }

    private func arrive(_ document: StandInDocument, _ navigation: WKNavigation, _ policy: WKNavigationActionPolicy) {
        guard navigation === current, policy == .allow else {
            let error = NSError(domain: NSURLErrorDomain, code: NSURLErrorCancelled)
            view.navigationDelegate?.webView(view, didFailProvisionalNavigation: navigation, withError: error)
            return
        }
        self.document = document
        view.url = document.url
        view.navigationDelegate?.webView(view, didCommit: navigation)
        for script in view.settings.userContentController.userScripts {
            scripts?.run(script.source, world: script.world.name, in: self)
        }
    }

    func stop() {
        current = nil
    }

    /// Somebody wants to go somewhere; in a window that is not there yet without a frame.
    public func navigate(_ url: String, in frame: WKFrameInfo?) async -> WKNavigationActionPolicy {
        guard let url = URL(string: url), let delegate = view.navigationDelegate else { return .allow }
        return await delegate.webView(view, decidePolicyFor: WKNavigationAction(URLRequest(url: url), frame))
    }

    /// The page, or the user, reloads the main frame: what is allowed goes to the network.
    public func reload() async {
        guard let url = document?.url else { return }
        if await navigate(url.absoluteString, in: mainFrame) == .allow { fetches += 1 }
    }

    /// A server answers with a document.
    public func respond(_ url: String, status: Int, canShow: Bool = true) async -> WKNavigationResponsePolicy {
        guard let url = URL(string: url), let delegate = view.navigationDelegate,
            let response = HTTPURLResponse(url: url, statusCode: status, httpVersion: nil, headerFields: nil)
        else { return .allow }
        return await delegate.webView(view, decidePolicyFor: WKNavigationResponse(response, canShow: canShow))
    }

    /// The document of the main frame does not come.
    public func fail(_ error: any Error) {
        view.navigationDelegate?.webView(view, didFailProvisionalNavigation: current, withError: error)
    }

    /// The view's process ends.
    public func terminate() {
        document = nil
        view.navigationDelegate?.webViewWebContentProcessDidTerminate(view)
    }

    // MARK: Scripts

    func call(_ body: String, _ arguments: [String: Any], _ world: WKContentWorld) async throws -> Any? {
        guard document != nil, let scripts else { throw StandInScriptError() }
        return try await scripts.call(body, arguments: arguments, world: world.name)
    }

    /// A script of a frame posts something; whether there is somebody for it in that world. Without one: the pages' own.
    @discardableResult
    public func post(_ body: Any, name: String, world: String?, from frame: WKFrameInfo) -> Bool {
        let content = view.settings.userContentController
        guard let world else { return false }
        let key = WKUserContentController.Handled(
            world: ObjectIdentifier(WKContentWorld.world(name: world)), name: name)
        guard let handler = content.handlers[key] else { return false }
        handler.userContentController(content, didReceive: WKScriptMessage(body, view, frame, name))
        return true
    }

    // MARK: Windows and permissions

    /// A frame asks for a microphone or a camera. WebKit names the top-level origin first.
    public func askToCapture(
        _ type: WKMediaCaptureType, top: String, frame: WKFrameInfo
    ) async -> WKPermissionDecision {
        guard let delegate = view.uiDelegate else { return .prompt }
        return await delegate.webView(
            view, decideMediaCapturePermissionsFor: WKSecurityOrigin(top), initiatedBy: frame, type: type)
    }

    /// A link with a target: first the navigation is asked for, then the window.
    public func follow(_ url: String) async -> WKWebView? {
        await navigate(url, in: nil) == .allow ? open(url) : nil
    }

    /// `window.open`: the window is asked for at once.
    public func open(_ url: String) -> WKWebView? {
        guard let url = URL(string: url) else { return nil }
        return view.uiDelegate?.webView(
            view, createWebViewWith: view.configuration, for: WKNavigationAction(URLRequest(url: url), nil),
            windowFeatures: WKWindowFeatures())
    }

    /// `window.close`.
    public func close() {
        view.uiDelegate?.webViewDidClose(view)
    }
}

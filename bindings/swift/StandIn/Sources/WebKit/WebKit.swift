// A stand-in for Apple's WebKit: see Package.swift. What tests drive it by stands in Engine.swift.
//
// The methods of the protocols are optional in WebKit. Here those that the host implements are required, so that a signature
// which is not WebKit's does not compile; each one's Objective-C selector stands above it.

@_exported import Foundation

#if canImport(UIKit)
    @_exported import UIKit
#else
    @_exported import AppKit
#endif

#if canImport(FoundationNetworking)
    @_exported import FoundationNetworking
#endif

// MARK: Scripts

@available(iOS 14.0, macOS 11.0, *)
@MainActor
open class WKContentWorld: NSObject {
    open private(set) var name: String?

    open class func world(name: String) -> WKContentWorld {
        if let world = worlds[name] { return world }
        let world = WKContentWorld()
        world.name = name
        worlds[name] = world
        return world
    }

    /// One name is one world.
    private static var worlds: [String: WKContentWorld] = [:]
}

@available(iOS 8.0, macOS 10.10, *)
public enum WKUserScriptInjectionTime: Int, Sendable {
    case atDocumentStart = 0
    case atDocumentEnd = 1
}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
open class WKUserScript: NSObject {
    public let source: String
    public let injectionTime: WKUserScriptInjectionTime
    public let isForMainFrameOnly: Bool
    let world: WKContentWorld

    @available(iOS 14.0, macOS 11.0, *)
    public init(
        source: String, injectionTime: WKUserScriptInjectionTime, forMainFrameOnly: Bool,
        in contentWorld: WKContentWorld
    ) {
        self.source = source
        self.injectionTime = injectionTime
        isForMainFrameOnly = forMainFrameOnly
        world = contentWorld
    }
}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
open class WKScriptMessage: NSObject {
    public let body: Any
    public private(set) weak var webView: WKWebView?
    public let frameInfo: WKFrameInfo
    public let name: String

    init(_ body: Any, _ webView: WKWebView, _ frameInfo: WKFrameInfo, _ name: String) {
        self.body = body
        self.webView = webView
        self.frameInfo = frameInfo
        self.name = name
    }
}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
public protocol WKScriptMessageHandler: NSObjectProtocol {
    // userContentController:didReceiveScriptMessage:
    func userContentController(
        _ userContentController: WKUserContentController, didReceive message: WKScriptMessage
    )
}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
open class WKUserContentController: NSObject {
    struct Handled: Hashable {
        let world: ObjectIdentifier
        let name: String
    }

    open private(set) var userScripts: [WKUserScript] = []
    /// Held, as WebKit holds them.
    private(set) var handlers: [Handled: any WKScriptMessageHandler] = [:]

    open func addUserScript(_ userScript: WKUserScript) {
        userScripts.append(userScript)
    }

    open func removeAllUserScripts() {
        userScripts = []
    }

    @available(iOS 14.0, macOS 11.0, *)
    open func add(
        _ scriptMessageHandler: any WKScriptMessageHandler, contentWorld world: WKContentWorld, name: String
    ) {
        handlers[Handled(world: ObjectIdentifier(world), name: name)] = scriptMessageHandler
    }

    @available(iOS 14.0, macOS 11.0, *)
    open func removeAllScriptMessageHandlers() {
        handlers = [:]
    }
}

// MARK: Settings

@available(iOS 10.0, macOS 10.12, *)
public struct WKAudiovisualMediaTypes: OptionSet, Sendable {
    public let rawValue: UInt

    public init(rawValue: UInt) {
        self.rawValue = rawValue
    }

    public static let audio = WKAudiovisualMediaTypes(rawValue: 1)
    public static let video = WKAudiovisualMediaTypes(rawValue: 2)
    public static let all: WKAudiovisualMediaTypes = [.audio, .video]
}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
open class WKPreferences: NSObject {
    open var javaScriptCanOpenWindowsAutomatically = true
}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
open class WKWebViewConfiguration: NSObject {
    open var userContentController = WKUserContentController()
    open var preferences = WKPreferences()
    #if canImport(UIKit)
        open var allowsInlineMediaPlayback = false
    #endif
    @available(iOS 10.0, macOS 10.12, *)
    open var mediaTypesRequiringUserActionForPlayback = WKAudiovisualMediaTypes.all

    /// A view has a copy, which shares what stands in it.
    func copied() -> WKWebViewConfiguration {
        let copy = WKWebViewConfiguration()
        copy.userContentController = userContentController
        copy.preferences = preferences
        #if canImport(UIKit)
            copy.allowsInlineMediaPlayback = allowsInlineMediaPlayback
        #endif
        copy.mediaTypesRequiringUserActionForPlayback = mediaTypesRequiringUserActionForPlayback
        return copy
    }
}

// MARK: Frames and navigations

@available(iOS 9.0, macOS 10.11, *)
@MainActor
open class WKSecurityOrigin: NSObject {
    public let `protocol`: String
    public let host: String
    /// 0 is the protocol's own.
    public let port: Int

    init(_ origin: String) {
        let url = URL(string: origin)
        `protocol` = url?.scheme ?? ""
        host = url?.host ?? ""
        port = url?.port ?? 0
    }
}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
open class WKFrameInfo: NSObject {
    public let isMainFrame: Bool
    @available(iOS 9.0, macOS 10.11, *)
    public let securityOrigin: WKSecurityOrigin

    init(isMainFrame: Bool, origin: String) {
        self.isMainFrame = isMainFrame
        securityOrigin = WKSecurityOrigin(origin)
    }
}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
open class WKNavigation: NSObject {}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
open class WKNavigationAction: NSObject {
    public let request: URLRequest
    /// nil for a window that is not there yet.
    public let targetFrame: WKFrameInfo?

    init(_ request: URLRequest, _ targetFrame: WKFrameInfo?) {
        self.request = request
        self.targetFrame = targetFrame
    }
}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
open class WKNavigationResponse: NSObject {
    public let response: URLResponse
    public let canShowMIMEType: Bool

    init(_ response: URLResponse, canShow: Bool) {
        self.response = response
        canShowMIMEType = canShow
    }
}

@available(iOS 8.0, macOS 10.10, *)
public enum WKNavigationActionPolicy: Int, Sendable {
    case cancel = 0
    case allow = 1
}

@available(iOS 8.0, macOS 10.10, *)
public enum WKNavigationResponsePolicy: Int, Sendable {
    case cancel = 0
    case allow = 1
}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
public protocol WKNavigationDelegate: NSObjectProtocol {
    // webView:decidePolicyForNavigationAction:decisionHandler:
    func webView(
        _ webView: WKWebView, decidePolicyFor navigationAction: WKNavigationAction
    ) async -> WKNavigationActionPolicy

    // webView:decidePolicyForNavigationResponse:decisionHandler:
    func webView(
        _ webView: WKWebView, decidePolicyFor navigationResponse: WKNavigationResponse
    ) async -> WKNavigationResponsePolicy

    // webView:didCommitNavigation:
    func webView(_ webView: WKWebView, didCommit navigation: WKNavigation!)

    // webView:didFailProvisionalNavigation:withError:
    func webView(
        _ webView: WKWebView, didFailProvisionalNavigation navigation: WKNavigation!, withError error: any Error
    )

    // webViewWebContentProcessDidTerminate:
    @available(iOS 9.0, macOS 10.11, *)
    func webViewWebContentProcessDidTerminate(_ webView: WKWebView)
}

// MARK: Windows and permissions

@available(iOS 15.0, macOS 12.0, *)
public enum WKPermissionDecision: Int, Sendable {
    case prompt = 0
    case grant = 1
    case deny = 2
}

@available(iOS 15.0, macOS 12.0, *)
public enum WKMediaCaptureType: Int, Sendable {
    case camera = 0
    case microphone = 1
    case cameraAndMicrophone = 2
}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
open class WKWindowFeatures: NSObject {}

@available(iOS 8.0, macOS 10.10, *)
@MainActor
public protocol WKUIDelegate: NSObjectProtocol {
    // webView:requestMediaCapturePermissionForOrigin:initiatedByFrame:type:decisionHandler:
    @available(iOS 15.0, macOS 12.0, *)
    func webView(
        _ webView: WKWebView, decideMediaCapturePermissionsFor origin: WKSecurityOrigin,
        initiatedBy frame: WKFrameInfo, type: WKMediaCaptureType
    ) async -> WKPermissionDecision

    // webView:createWebViewWithConfiguration:forNavigationAction:windowFeatures:
    func webView(
        _ webView: WKWebView, createWebViewWith configuration: WKWebViewConfiguration,
        for navigationAction: WKNavigationAction, windowFeatures: WKWindowFeatures
    ) -> WKWebView?

    // webViewDidClose:
    @available(iOS 9.0, macOS 10.11, *)
    func webViewDidClose(_ webView: WKWebView)
}

// MARK: The view

#if canImport(UIKit)
    public typealias StandInBaseView = UIView
#else
    public typealias StandInBaseView = NSView
#endif

@available(iOS 8.0, macOS 10.10, *)
@MainActor
open class WKWebView: StandInBaseView {
    open weak var navigationDelegate: (any WKNavigationDelegate)?
    open weak var uiDelegate: (any WKUIDelegate)?
    @available(iOS 9.0, macOS 10.11, *)
    open var allowsLinkPreview = true
    open internal(set) var url: URL?
    let settings: WKWebViewConfiguration
    /// For tests: its engine.
    public private(set) lazy var standIn = StandInEngine(self)

    public init(frame: CGRect, configuration: WKWebViewConfiguration) {
        settings = configuration.copied()
        super.init(frame: frame)
    }

    public required init?(coder: NSCoder) {
        nil
    }

    /// A copy: what is changed in it stays without effect.
    open var configuration: WKWebViewConfiguration {
        settings.copied()
    }

    open func stopLoading() {
        standIn.stop()
    }

    @discardableResult
    open func loadHTMLString(_ string: String, baseURL: URL?) -> WKNavigation? {
        standIn.load(StandInDocument(url: baseURL ?? URL(fileURLWithPath: "/"), response: nil, html: string))
    }

    @available(iOS 15.0, macOS 12.0, *)
    @discardableResult
    open func loadSimulatedRequest(
        _ request: URLRequest, response: URLResponse, responseData data: Data
    ) -> WKNavigation {
        let html = String(decoding: data, as: UTF8.self)
        let url = request.url ?? URL(fileURLWithPath: "/")
        return standIn.load(StandInDocument(url: url, response: response as? HTTPURLResponse, html: html))
    }

    @available(iOS 15.0, macOS 12.0, *)
    open func callAsyncJavaScript(
        _ functionBody: String, arguments: [String: Any] = [:], in frame: WKFrameInfo? = nil,
        contentWorld: WKContentWorld
    ) async throws -> Any? {
        try await standIn.call(functionBody, arguments, contentWorld)
    }
}

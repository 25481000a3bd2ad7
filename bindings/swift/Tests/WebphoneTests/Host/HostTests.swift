#if os(Linux) && canImport(WebKit)
    import Foundation
    import SwiftUI
    @testable import Webphone
    import WebphoneFFI
    import WebphoneSimulator
    import WebKit
    import XCTest

    private let phoneURL = "https://api2.totalvoice.com.br/w3/?key=K3Y&tipo=hidden"
    private let hostURL = "https://webphone-host.api2.totalvoice.com.br/"

    /// A phone in its web view, against a stand-in for WebKit.
    @MainActor
    final class HostTests: XCTestCase, @unchecked Sendable {
        // MARK: Its page

        func testThePageIsTheCoresAndTheBridgeLivesInAWorldOfItsOwn() async throws {
            let hosted = try await Hosted(url: phoneURL)
            try await eventually("it loads") { hosted.engine.document != nil }
            let document = try XCTUnwrap(hosted.engine.document)
            XCTAssertEqual(document.url.absoluteString, hostURL)
            XCTAssertFalse(document.html.contains("K3Y"))
            XCTAssertFalse(document.html.contains("<script"))
            let response = try XCTUnwrap(document.response)
            XCTAssertEqual(response.statusCode, 200)
            let policy = try XCTUnwrap(response.value(forHTTPHeaderField: "Content-Security-Policy"))
            XCTAssertTrue(policy.contains("frame-ancestors 'none'"), policy)
            XCTAssertEqual(response.value(forHTTPHeaderField: "Content-Type"), "text/html; charset=utf-8")

            let settings = hosted.engine.configuration
            let script = try XCTUnwrap(settings.userContentController.userScripts.first)
            XCTAssertEqual(settings.userContentController.userScripts.count, 1)
            XCTAssertTrue(script.isForMainFrameOnly)
            XCTAssertEqual(script.injectionTime, .atDocumentEnd)
            XCTAssertEqual(hosted.page.worlds, ["webphone"])
            XCTAssertTrue(settings.allowsInlineMediaPlayback)
            XCTAssertEqual(settings.mediaTypesRequiringUserActionForPlayback, [])
            XCTAssertFalse(settings.preferences.javaScriptCanOpenWindowsAutomatically)
            // Scripts of pages have nobody to talk to.
            XCTAssertFalse(
                hosted.engine.post("x", name: "webphone", world: nil, from: hosted.engine.mainFrame))
            try await eventually("the phone's URL went to the bridge alone") { hosted.page.url == phoneURL }
        }

        func testACallFromTheFirstTextToTheLast() async throws {
            let hosted = try await Hosted()
            let phone = hosted.phone
            let outcome = try await phone.call("11 99999-0001")
            guard case .confirmed("chamada_id", _?) = outcome else { return XCTFail("\(outcome)") }
            try await eventually("they talk") { phone.state.call?.phase == .talking }
            let keys = try await phone.sendDTMF("1#")
            XCTAssertEqual(keys, .sent(keys: 2))
            try await eventually("the keys arrived") { try hosted.page.phone.state().dtmf == "1#" }
            let muted = try await phone.setMuted(true)
            XCTAssertEqual(muted, .sent(keys: nil))
            let ended = try await phone.hangUp()
            guard case .confirmed("encerrada", _) = ended else { return XCTFail("\(ended)") }
            _ = try hosted.page.phone.incoming(caller: SimulatedCaller(number: "4001"))
            try await eventually("it rings") { phone.state.ringing != nil }
            try await phone.answer()
            XCTAssertEqual(phone.state.call?.phase, .talking)
        }

        /// What the README's reader types.
        func testTheTenLines() async throws {
            let simulator = try Simulator()
            let window = UIWindow(frame: .zero)
            var label = ""

            let client = try simulator.client()
            let url = try await client.fetch(.number(4000), type: .hidden)

            let phone = Webphone(url: url)
            phone.attach(to: window)
            let page = try Page(CoreSimulator.start(config: SimulatorConfig(), token: nil))
            phone.view.standIn.scripts = page
            let updates = phone.updates
            let outcome = try await phone.call("11999990000")
            guard case .confirmed = outcome else { return XCTFail("\(outcome)") }
            for await update in updates {
                label = update.state.call.map { "\($0.phase)" } ?? "idle"
                if label == "talking" { break }
            }
            XCTAssertEqual(label, "talking")
        }

        // MARK: Its window

        func testWithoutAWindowNothingLoadsAndItSaysWhy() async throws {
            let configuration = SessionConfig(readyTimeoutMs: 50)
            let hosted = try await Hosted(configuration: configuration, attached: false)
            try await hosted.reported("it says why") {
                if case .failed(let detail, nil) = $0 { detail.contains("attach(to:)") } else { false }
            }
            let error = await failure { try await hosted.phone.call("4001") }
            XCTAssertEqual(error, .notReady(reason: .loadFailed))
            XCTAssertEqual(hosted.engine.loads.count, 0)
            hosted.phone.attach(to: hosted.window)
            try await eventually("it is ready") { hosted.phone.state.line == .connected }
            XCTAssertFalse(hosted.phone.state.page.failed)
        }

        func testACommandWaitsForTheWindow() async throws {
            let hosted = try await Hosted(attached: false)
            let phone = hosted.phone
            async let outcome = phone.call("11999990001")
            try await hosted.reported("it says why") { if case .failed = $0 { true } else { false } }
            phone.attach(to: hosted.window)
            guard case .confirmed = try await outcome else { return XCTFail("not confirmed") }
        }

        func testUnseenItIsOutOfReach() async throws {
            let hosted = try await Hosted.ready()
            let nook = try XCTUnwrap(hosted.phone.view.superview)
            XCTAssertTrue(nook.superview === hosted.window)
            XCTAssertEqual(nook.frame.size, CGSize(width: 1, height: 1))
            XCTAssertFalse(nook.isUserInteractionEnabled)
            XCTAssertTrue(nook.accessibilityElementsHidden)
            XCTAssertEqual(hosted.phone.view.frame, nook.bounds)
        }

        func testTheAppShowsItAndStopsShowingIt() async throws {
            let hosted = try await Hosted.ready()
            let view = hosted.phone.view
            let nook = try XCTUnwrap(view.superview)
            let place = UIView(frame: CGRect(x: 0, y: 0, width: 300, height: 400))
            hosted.window.addSubview(place)
            place.addSubview(view)
            XCTAssertNil(nook.superview)
            place.removeFromSuperview()
            XCTAssertNil(view.window)
            try await eventually("it is back") { view.superview === nook && view.window === hosted.window }
            XCTAssertEqual(hosted.engine.loads.count, 1)
            XCTAssertEqual(hosted.phone.state.line, .connected)
        }

        func testAViewThatLeavesItsOnlyWindowIsTold() async throws {
            let hosted = try await Hosted(attached: false)
            hosted.window.addSubview(hosted.phone.view)
            try await eventually("it is ready") { hosted.phone.state.line == .connected }
            hosted.phone.view.removeFromSuperview()
            try await hosted.noticed("not_in_window")
            XCTAssertEqual(hosted.phone.state.line, .connected)
        }

        // MARK: Trust

        func testOnlyTheHostPagesMainFrameIsHeard() async throws {
            let hosted = try await Hosted.ready()
            let engine = hosted.engine
            let left = { hosted.page.envelope(#"["closed"]"#) }
            for (text, frame) in [
                (left(), hosted.frame(hosted.hostOrigin)),
                (left(), hosted.frame(hosted.origin)),
                (left(), engine.frame(main: true, origin: "https://evil.example")),
                (left(), engine.frame(main: true, origin: "")),
                (hosted.page.envelope(#"["closed"]"#, nonce: String(repeating: "0", count: 32)), engine.mainFrame),
            ] {
                XCTAssertTrue(engine.post(text, name: "webphone", world: "webphone", from: frame))
                XCTAssertEqual(hosted.phone.state.page.phase, .ready, "\(frame.isMainFrame) \(text)")
            }
            // Nor is what is no text.
            engine.post([left()], name: "webphone", world: "webphone", from: engine.mainFrame)
            engine.post(7, name: "webphone", world: "webphone", from: engine.mainFrame)
            XCTAssertEqual(hosted.phone.state.page.phase, .ready)
            engine.post(left(), name: "webphone", world: "webphone", from: engine.mainFrame)
            XCTAssertEqual(hosted.phone.state.page.phase, .lost)
        }

        func testTheMicrophoneIsForThePhoneInItsPage() async throws {
            let hosted = try await Hosted.ready(url: phoneURL)
            let engine = hosted.engine
            let phone = hosted.frame("https://api2.totalvoice.com.br")
            let evil = hosted.frame("https://evil.example")
            let granted = await engine.askToCapture(.microphone, top: hostURL, frame: phone)
            XCTAssertEqual(granted, .grant)
            // After a redirect among the vendor's own.
            let moved = await engine.askToCapture(
                .microphone, top: hostURL, frame: hosted.frame("https://voice-app.zenvia.com"))
            XCTAssertEqual(moved, .grant)
            XCTAssertFalse(hosted.causes.value.contains { "\($0)".contains("permission_refused") })
            for (type, top, frame) in [
                (WKMediaCaptureType.camera, hostURL, phone),
                (.cameraAndMicrophone, hostURL, phone),
                (.microphone, hostURL, evil),
                (.microphone, hostURL, hosted.frame("")),
                (.microphone, hostURL, hosted.frame("http://api2.totalvoice.com.br")),
                (.microphone, hostURL, hosted.frame("https://api2.totalvoice.com.br:8443")),
                (.microphone, "https://evil.example", phone),
                (.microphone, "https://evil.example", evil),
                (.microphone, "https://api2.totalvoice.com.br", phone),
                (.microphone, "", phone),
            ] {
                let decision = await engine.askToCapture(type, top: top, frame: frame)
                XCTAssertEqual(decision, .deny, "\(type) \(top) \(frame.securityOrigin.host)")
            }
            try await hosted.noticed("permission_refused")
        }

        func testWhereItsFramesAndWindowsMayGo() async throws {
            let hosted = try await Hosted.ready(url: phoneURL)
            let engine = hosted.engine
            let phone = hosted.frame("https://api2.totalvoice.com.br")
            var opened: [String] = []
            hosted.phone.openOutside = { opened.append($0.absoluteString) }
            for (url, frame, policy) in [
                ("https://voice-app.zenvia.com/w3/", phone, WKNavigationActionPolicy.allow),
                ("about:blank", phone, .allow),
                ("https://evil.example/", phone, .cancel),
                ("https://evil.example/", engine.mainFrame, .cancel),
                (phoneURL, engine.mainFrame, .cancel),
                ("javascript:alert(1)", phone, .cancel),
                ("file:///etc/passwd", phone, .cancel),
            ] {
                let decided = await engine.navigate(url, in: frame)
                XCTAssertEqual(decided, policy, url)
            }
            XCTAssertEqual(opened, [])
            let outside = await engine.follow("https://help.example/")
            XCTAssertNil(outside)
            XCTAssertNil(engine.open("tel:4001"))
            XCTAssertEqual(opened, ["https://help.example/", "tel:4001"])
            XCTAssertNil(engine.open("file:///etc/passwd"))
            XCTAssertEqual(opened.count, 2)
        }

        func testAWindowOfThePhoneIsAChildOfItsView() async throws {
            let hosted = try await Hosted.ready(url: phoneURL)
            let followed = await hosted.engine.follow("https://api2.totalvoice.com.br/help")
            let child = try XCTUnwrap(followed)
            XCTAssertTrue(child.superview === hosted.phone.view)
            // Neither bridge nor handler goes there.
            XCTAssertEqual(child.configuration.userContentController.userScripts, [])
            XCTAssertFalse(
                child.standIn.post("x", name: "webphone", world: "webphone", from: child.standIn.mainFrame))
            let own = child.standIn.frame(main: true, origin: "https://api2.totalvoice.com.br")
            let granted = await child.standIn.askToCapture(
                .microphone, top: "https://api2.totalvoice.com.br", frame: own)
            XCTAssertEqual(granted, .grant)
            let denied = await child.standIn.askToCapture(.microphone, top: hostURL, frame: own)
            XCTAssertEqual(denied, .deny)
            let away = await child.standIn.navigate("file:///etc/passwd", in: own)
            XCTAssertEqual(away, .cancel)
            child.standIn.close()
            XCTAssertNil(child.superview)
            let crashed = try XCTUnwrap(hosted.engine.open("about:blank"))
            crashed.standIn.terminate()
            XCTAssertNil(crashed.superview)
            let last = try XCTUnwrap(hosted.engine.open("about:blank"))
            hosted.phone.closeChildWindows()
            XCTAssertNil(last.superview)
            XCTAssertNil(last.uiDelegate)
            XCTAssertEqual(hosted.phone.state.page.phase, .ready)
        }

        // MARK: What goes wrong

        func testWhatThePhonesDocumentWasAnsweredWithIsTold() async throws {
            let hosted = try await Hosted(url: phoneURL)
            hosted.page.isSilent = true
            try await eventually("it loads") { hosted.phone.state.page.phase == .loaded }
            for (url, status) in [(phoneURL, 200), ("https://elsewhere.example/", 500), (hostURL, 200)] {
                let policy = await hosted.engine.respond(url, status: status)
                XCTAssertEqual(policy, .allow)
            }
            XCTAssertFalse(hosted.phone.state.page.failed)
            _ = await hosted.engine.respond(phoneURL, status: 403)
            try await hosted.reported("HTTP 403") {
                if case .failed(_, .status(403)) = $0 { true } else { false }
            }
            XCTAssertTrue(hosted.phone.state.page.failed)
            XCTAssertFalse("\(hosted.causes.value)".contains("K3Y"))
            let download = await hosted.engine.respond("https://elsewhere.example/x.zip", status: 200, canShow: false)
            XCTAssertEqual(download, .cancel)
        }

        func testWhyADocumentOfAWindowDidNotLoadIsTold() async throws {
            for (code, expected) in [
                (NSURLErrorServerCertificateUntrusted, LoadFailure.tls),
                (NSURLErrorSecureConnectionFailed, .tls),
                (NSURLErrorCannotConnectToHost, .network(code: "NSURLErrorDomain:-1004")),
            ] {
                let hosted = try await Hosted(url: phoneURL)
                try await eventually("it loads") { hosted.engine.document != nil }
                let child = try XCTUnwrap(hosted.engine.open("https://api2.totalvoice.com.br/"))
                let url = try XCTUnwrap(URL(string: phoneURL))
                child.standIn.fail(
                    NSError(domain: NSURLErrorDomain, code: code, userInfo: [NSURLErrorFailingURLErrorKey: url]))
                try await hosted.reported("\(expected)") {
                    if case .failed(_, let failure) = $0 { failure == expected } else { false }
                }
                child.standIn.fail(NSError(domain: "WebKitErrorDomain", code: 102))
                child.standIn.fail(NSError(domain: NSURLErrorDomain, code: NSURLErrorCancelled))
                XCTAssertEqual(hosted.causes.value.filter { "\($0)".contains("failed") }.count, 1)
            }
        }

        func testAHostPageThatDoesNotLoadIsALoss() async throws {
            let hosted = try await Hosted.ready()
            hosted.engine.fail(NSError(domain: NSURLErrorDomain, code: NSURLErrorCancelled))
            XCTAssertEqual(hosted.phone.state.page.phase, .ready)
            hosted.engine.fail(NSError(domain: NSURLErrorDomain, code: NSURLErrorUnknown))
            XCTAssertEqual(hosted.phone.state.page.phase, .lost)
        }

        func testAProcessThatEndsLosesThePageAndRestartBringsItBack() async throws {
            let hosted = try await Hosted.ready()
            let phone = hosted.phone
            // 0006 is silent when it is hung up.
            _ = try await phone.call("110006")
            let error = Task { await failure { try await phone.hangUp() } }
            try await eventually("it was posted") { hosted.page.orders.count == 3 }
            hosted.engine.terminate()
            let lost = await error.value
            XCTAssertEqual(lost, .pageLost(posted: .yes))
            XCTAssertEqual(phone.state.page.phase, .lost)
            XCTAssertNil(phone.state.call)
            try phone.restart()
            XCTAssertEqual(phone.state.page.phase, .loading)
            try await eventually("it is ready again") { phone.state.line == .connected }
            XCTAssertEqual(hosted.page.nonces.count, 2)
            XCTAssertNotEqual(hosted.page.nonces[0], hosted.page.nonces[1])
            // What the page before still says is not heard.
            let late = hosted.page.envelope(#"["closed"]"#, nonce: hosted.page.nonces[0])
            hosted.engine.post(late, name: "webphone", world: "webphone", from: hosted.engine.mainFrame)
            XCTAssertEqual(phone.state.page.phase, .ready)
            let outcome = try await phone.call("11999990001")
            guard case .confirmed = outcome else { return XCTFail("\(outcome)") }
        }

        func testAReloadIsMadeAnewAndNeverGoesToTheNetwork() async throws {
            let hosted = try await Hosted.ready()
            await hosted.engine.reload()
            try await eventually("it is made anew") { hosted.page.nonces.count == 2 }
            try await eventually("it is ready again") { hosted.phone.state.line == .connected }
            _ = try await hosted.phone.call("11999990001")
            await hosted.engine.reload()
            XCTAssertNotNil(hosted.phone.state.call)
            XCTAssertEqual(hosted.engine.loads.count, 2)
            XCTAssertEqual(hosted.engine.fetches, 0)
        }

        func testWhatThePageCannotBeToldWasNotPosted() async throws {
            let hosted = try await Hosted.ready()
            hosted.page.isDeaf = true
            let error = await failure { try await hosted.phone.call("4001") }
            XCTAssertEqual(error, .pageLost(posted: .no))
            XCTAssertNil(hosted.phone.state.call)
        }

        func testAURLThatDialsIsLoadedOnce() async throws {
            let dials = phoneURL + "&ligar_para=4001"
            let hosted = try await Hosted(url: dials)
            try await eventually("it loads") { hosted.page.url == dials }
            let again = await failure { try hosted.phone.restart() }
            XCTAssertEqual(again, .dialsOnOpen)
            XCTAssertEqual(hosted.engine.loads.count, 1)
        }

        func testAnotherURLTakesItsPlace() async throws {
            let hosted = try await Hosted.ready()
            let next = "https://voice-app.zenvia.com/w3/?key=N3XT&tipo=hidden"
            try hosted.phone.renew(WebphoneURL(next))
            try await eventually("it loads") { hosted.page.url == next }
            XCTAssertEqual(
                hosted.engine.document?.url.absoluteString, "https://webphone-host.voice-app.zenvia.com/")
            XCTAssertEqual(hosted.engine.configuration.userContentController.userScripts.count, 1)
            try await eventually("it is ready") { hosted.phone.state.line == .connected }
        }

        func testASettingThatDoesNotFitIsNamed() async throws {
            let url = try WebphoneURL("https://api2.totalvoice.com.br/w3/?key=K&tipo=embedded")
            var patient = HostPageOptions()
            patient.setLoadTimeout(.seconds(600))
            XCTAssertEqual(patient.loadTimeout, 600)
            _ = try Webphone(url: url, options: patient)
            patient.loadTimeout = 600.001
            for (options, field) in [
                (HostPageOptions(loading: .script), "loading"), (HostPageOptions(loading: .popup), "loading"),
                (HostPageOptions(language: "\""), "language"), (patient, "load_timeout_ms"),
            ] {
                let error = await failure { try Webphone(url: url, options: options) }
                guard case .invalid(field, _) = error else { return XCTFail("\(String(describing: error))") }
            }
        }

        // MARK: Its end

        func testCloseEndsEveryWaiterAndThePage() async throws {
            let hosted = try await Hosted.ready(configuration: SessionConfig(callTimeoutMs: 600_000))
            let phone = hosted.phone
            let child = try XCTUnwrap(hosted.engine.open("about:blank"))
            hosted.page.isDeaf = true
            let waiting = Task { await failure { try await phone.connect() } }
            let following = Task {
                for await _ in phone.updates {}
                return true
            }
            phone.close()
            phone.close()
            _ = try await within { await waiting.value }
            let ended = try await within { await following.value }
            XCTAssertTrue(ended)
            let content = hosted.engine.configuration.userContentController
            XCTAssertEqual(content.userScripts, [])
            XCTAssertFalse(
                hosted.engine.post("x", name: "webphone", world: "webphone", from: hosted.engine.mainFrame))
            XCTAssertNil(phone.view.navigationDelegate)
            XCTAssertNil(phone.view.uiDelegate)
            XCTAssertNil(phone.view.window)
            XCTAssertNil(child.superview)
            XCTAssertEqual(hosted.window.subviews, [])
            try await eventually("its document is gone") { hosted.engine.document?.html == "" }
            let again = await failure { try phone.restart() }
            XCTAssertEqual(again, .closed)
            let call = await failure { try await phone.call("4001") }
            XCTAssertEqual(call, .sessionClosed(posted: .no))
            XCTAssertTrue(phone.state.shutDown)
            // Back in a window it stays as it is.
            hosted.window.addSubview(phone.view)
            XCTAssertEqual(hosted.engine.document?.html, "")
        }

        func testWithItsLastReferenceAllOfItGoes() async throws {
            weak var phone: Webphone?
            weak var session: Session?
            weak var view: WKWebView?
            weak var content: WKUserContentController?
            weak var delegate: (any WKNavigationDelegate)?
            weak var link: CoreSession?
            let window = UIWindow(frame: .zero)
            try await {
                let hosted = try await Hosted.ready()
                hosted.phone.attach(to: window)
                _ = hosted.engine.open("about:blank")
                _ = try await hosted.phone.call("11999990001")
                phone = hosted.phone
                session = hosted.phone.session
                link = hosted.phone.session.core
                view = hosted.phone.view
                content = hosted.engine.configuration.userContentController
                delegate = hosted.phone.view.navigationDelegate
                XCTAssertNotNil(view)
                XCTAssertNotNil(delegate)
            }()
            XCTAssertNil(phone)
            XCTAssertNil(session)
            try await eventually("its view, delegate, handler and core are gone") {
                view == nil && content == nil && delegate == nil && link == nil
            }
            XCTAssertEqual(window.subviews, [])
        }

        /// Also without its tear-down, as when a phone can't be made: WebKit holds its handlers, but not its delegates.
        func testNothingIsHeldInACircle() async throws {
            weak var host: WebKitHost?
            weak var view: WKWebView?
            try {
                let url = try WebphoneURL(phoneURL)
                let session = try Session(unposted: url, configuration: SessionConfig(), clock: nil)
                let page = try HostPage.open(url: url.core, host: .messageHandler, options: HostPageOptions())
                let made = try WebKitHost(PageLink.open(session: session.core), page)
                (host, view) = (made, made.view)
            }()
            try await eventually("host and view are gone") { host == nil && view == nil }
        }

        func testAViewThatOutlivesItsPhoneHoldsNoPhone() async throws {
            var hosted: Hosted? = try await Hosted.ready()
            let view = try XCTUnwrap(hosted).phone.view
            hosted = nil
            try await eventually("its document is gone") { view.standIn.document?.html == "" }
            XCTAssertNil(view.navigationDelegate)
        }

        /// From a thread that is not the main one.
        func testTheLastReferenceMayGoAnywhere() async throws {
            let held = Shared<Webphone?>(try await Hosted.ready().phone)
            let view = try XCTUnwrap(held.value).view
            await Task.detached { held.value = nil }.value
            try await eventually("its document is gone") { view.standIn.document?.html == "" }
        }

        // MARK: In SwiftUI

        func testAViewOfSwiftUIShowsIt() async throws {
            let hosted = try await Hosted(attached: false)
            let shown = WebphoneView(hosted.phone)
            let place = shown.makeUIView(context: .init())
            place.frame = CGRect(x: 0, y: 0, width: 300, height: 400)
            hosted.window.addSubview(place)
            XCTAssertTrue(hosted.phone.view.superview === place)
            try await eventually("it is ready") { hosted.phone.state.line == .connected }
            // Another view of it takes it over; the first gets it back when it is updated.
            let other = WebphoneView(hosted.phone).makeUIView(context: .init())
            XCTAssertTrue(hosted.phone.view.superview === other)
            shown.updateUIView(place, context: .init())
            XCTAssertTrue(hosted.phone.view.superview === place)
            XCTAssertEqual(hosted.phone.view.frame.size, CGSize(width: 300, height: 400))
        }

        func testAStateFollowsItsPhoneAndHoldsNothing() async throws {
            let hosted = try await Hosted.ready()
            var state: PhoneState? = PhoneState(hosted.phone)
            weak var gone = state
            XCTAssertEqual(state?.line, .connected)
            _ = try await hosted.phone.call("11999990001")
            try await eventually("the state follows") { state?.call?.phase == .talking }
            XCTAssertNotNil(state?.cause)
            state = nil
            try await eventually("it is gone") { gone == nil }
            let last = PhoneState(hosted.phone)
            hosted.phone.close()
            try await eventually("it saw the end") { last.snapshot.shutDown }
        }
    }
#endif

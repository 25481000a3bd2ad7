import Webphone
import WebphoneSimulator

let simulator = try Simulator()

import Foundation
import Webphone
import WebphoneFFI

/// JSON as the vectors hold it, to be compared field by field. What is null may as well be missing.
enum JSON: Hashable, Decodable {
    case null
    case flag(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let fields = try? value.decode([String: JSON].self) {
            self = .object(fields)
        } else if let list = try? value.decode([JSON].self) {
            self = .list(list)
        } else if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else {
            self = .number(try value.decode(Double.self))
        }
    }

    /// A field of an object.
    subscript(name: String) -> JSON {
        guard case .object(let fields) = self else { return .null }
        return fields[name] ?? .null
    }

    var isNull: Bool { self == .null }

    var string: String? {
        if case .text(let text) = self { return text }
        return nil
    }

    var int: Int? {
        if case .integer(let integer) = self { return Int(integer) }
        return nil
    }

    var list: [JSON] {
        if case .list(let list) = self { return list }
        return []
    }

    /// Without the fields that are null, at any depth.
    var withoutNulls: JSON {
        switch self {
        case .object(let fields): return .object(fields.filter { !$0.value.isNull }.mapValues(\.withoutNulls))
        case .list(let list): return .list(list.map(\.withoutNulls))
        default: return self
        }
    }

    /// This with a patch (RFC 7386).
    func merged(with patch: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        guard case .object(var fields) = self else { return JSON.object([:]).merged(with: patch) }
        for (name, change) in changes {
            fields[name] = change.isNull ? nil : (fields[name] ?? .null).merged(with: change)
        }
        return .object(fields)
    }
}

extension JSON {
    /// What the vectors write for a value of the library: structures by their fields, enumerations by their words, all
    /// names in `snake_case`. What is nil is left out.
    init(shape value: Any) {
        switch value {
        case let text as String: self = .text(text)
        case let flag as Bool: self = .flag(flag)
        case let number as any BinaryInteger: self = .integer(Int64(number))
        case let list as [Any]: self = .list(list.map(JSON.init(shape:)))
        case let error as WebphoneError: self = JSON(shape: error)
        default: self = JSON(reflecting: value)
        }
    }

    private init(shape error: WebphoneError) {
        var fields: [String: JSON] = ["code": .text(error.code())]
        fields["posted"] = error.posted().map(JSON.init(shape:))
        if case .rejected(let statusErro) = error { fields["status_erro"] = .text(statusErro) }
        if case .notReady(let reason) = error { fields["reason"] = JSON(shape: reason) }
        self = .object(fields)
    }

    private init(reflecting value: Any) {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            self = mirror.children.first.map { JSON(shape: $0.value) } ?? .null
        case .enum:
            let payload = mirror.children.first
            let word = snakeCase(payload?.label ?? "\(value)")
            let fields = payload.map { JSON.fields(of: Mirror(reflecting: $0.value)) } ?? [:]
            switch value {
            // These are objects that name their `type`.
            case is Cause, is Command, is Event, is Input, is LoadFailure, is Outcome, is PageReport, is Request:
                self = .object(fields.merging(["type": .text(word)]) { _, type in type })
            default:
                self = payload == nil ? .text(word) : .object([word: .object(fields)])
            }
        case .struct:
            self = .object(JSON.fields(of: mirror))
        default:
            preconditionFailure("\(value) has no shape in the vectors")
        }
    }

    private static func fields(of mirror: Mirror) -> [String: JSON] {
        var fields: [String: JSON] = [:]
        for case (let label?, let value) in mirror.children {
            let shape = JSON(shape: value)
            if !shape.isNull { fields[snakeCase(label)] = shape }
        }
        return fields
    }
}

/// `callID` as `call_id`.
func snakeCase(_ name: String) -> String {
    var snake = ""
    var last: Character?
    for character in name {
        if character.isUppercase, let last, !last.isUppercase { snake.append("_") }
        snake.append(character)
        last = character
    }
    return snake.lowercased()
}

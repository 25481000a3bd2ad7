package dev.webphone

import java.io.Serializable

/** Which extension (*ramal*): by its number or by its unique id. A request always has one. */
public sealed class Extension : Serializable {
    /**
     * An extension by its number (`ramal`), such as 4000.
     *
     * @property value 1 to 40 digits; leading zeros count. It is checked when it is used: a wrong one is
     *   [WebphoneException.Invalid] naming `ramal`, and nothing is sent.
     */
    public data class Number(public val value: String) : Extension() {
        /** By its number as a number: 4000. */
        public constructor(value: Int) : this(value.toString())
    }

    /**
     * An extension by its unique id in the account (`id_ramal`).
     *
     * @property value 1 to 40 letters, digits, `-` and `_`. It is checked when it is used: a wrong one is
     *   [WebphoneException.Invalid] naming `id_ramal`, and nothing is sent.
     */
    public data class Id(public val value: String) : Extension() {
        /** By its id as the API gives it in some places, as a number. */
        public constructor(value: Long) : this(value.toString())
    }
}

/** How a phone shows itself (`tipo`). */
public enum class PhoneType {
    /** `floating`: the phone opens in a window of its own. The API's default. */
    FLOATING,

    /** `embedded`: the vendor's interface inside the page, in a frame. */
    EMBEDDED,

    /** `hidden`: no interface; the application brings its own. */
    HIDDEN
}

/**
 * One request for a webphone URL: `GET /webphone` with its documented parameters.
 *
 * @property extension Which extension (`ramal` or `id_ramal`).
 * @property type How the phone shows itself (`tipo`).
 * @property callOnOpen The number that the phone dials when it opens (`ligar_para`); null: it dials nothing.
 * @property closeAtEnd Whether the phone closes when its call ends (`fechar_fim`).
 */
public data class UrlRequest
@JvmOverloads
constructor(
    public val extension: Extension,
    public val type: PhoneType = PhoneType.FLOATING,
    public val callOnOpen: PhoneNumber? = null,
    public val closeAtEnd: Boolean = false
) : Serializable

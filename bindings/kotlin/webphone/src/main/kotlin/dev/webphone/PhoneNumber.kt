package dev.webphone

import dev.webphone.ffi.parsePhoneNumber
import java.io.Serializable

/**
 * A telephone number that can be dialled: 2 to 20 digits, `*` and `#`.
 *
 * It is taken as people write it: spaces and `( ) - .` are dropped, and so is `+55` before 10 or 11 digits. Nothing is
 * ever added, no area code either.
 *
 * @param written The number as somebody wrote it.
 * @throws WebphoneException.Invalid naming `number` with the reason, when it can't be dialled.
 */
public class PhoneNumber(written: String) : Serializable {
    /** As it is dialled: `11999990000`. */
    public val digits: String = lifting { parsePhoneNumber(written) }

    override fun equals(other: Any?): Boolean = other is PhoneNumber && other.digits == digits

    override fun hashCode(): Int = digits.hashCode()

    /** As it is dialled. */
    override fun toString(): String = digits
}

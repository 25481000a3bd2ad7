// What crosses between the core's generated types and the public ones of the API side. Shapes only: no rules.

@file:JvmSynthetic

package dev.webphone

import dev.webphone.ffi.AnswerProblem as FfiAnswerProblem
import dev.webphone.ffi.ApiFailure as FfiApiFailure
import dev.webphone.ffi.ApiReason as FfiApiReason
import dev.webphone.ffi.BaseUrl as FfiBaseUrl
import dev.webphone.ffi.BatchProgress as FfiBatchProgress
import dev.webphone.ffi.Extension as FfiExtension
import dev.webphone.ffi.NotReadyReason as FfiNotReadyReason
import dev.webphone.ffi.PhoneType as FfiPhoneType
import dev.webphone.ffi.Posted as FfiPosted
import dev.webphone.ffi.UnreachableCause as FfiUnreachableCause
import dev.webphone.ffi.UrlRequest as FfiUrlRequest
import dev.webphone.ffi.WebphoneException as FfiWebphoneException

/** The public enumeration's constant of the same name: a test holds both sides to the same names. */
internal inline fun <reified T : Enum<T>> Enum<*>.named(): T = enumValueOf(name)

internal fun FfiPhoneType.lift(): PhoneType = named()

internal fun PhoneType.lower(): FfiPhoneType = named()

internal fun FfiPosted.lift(): Posted = named()

internal fun FfiNotReadyReason.lift(): NotReadyReason = named()

internal fun FfiUnreachableCause.lift(): UnreachableCause = named()

internal fun Extension.lower(): FfiExtension = when (this) {
    is Extension.Number -> FfiExtension.Number(value)
    is Extension.Id -> FfiExtension.Id(value)
}

internal fun UrlRequest.lower() = FfiUrlRequest(extension.lower(), type.lower(), callOnOpen?.digits, closeAtEnd)

internal fun BaseUrl.lower(): FfiBaseUrl = when (this) {
    BaseUrl.TotalVoice -> FfiBaseUrl.TotalVoice
    BaseUrl.Zenvia -> FfiBaseUrl.Zenvia
    is BaseUrl.Other -> FfiBaseUrl.Other(url)
}

internal fun FfiBaseUrl.lift(): BaseUrl = when (this) {
    FfiBaseUrl.TotalVoice -> BaseUrl.TotalVoice
    FfiBaseUrl.Zenvia -> BaseUrl.Zenvia
    is FfiBaseUrl.Other -> BaseUrl.Other(url)
}

internal fun FfiBatchProgress.lift() = BatchProgress(pushed, fetched, failed, rateLimitPauses)

private fun FfiApiFailure.lift() = ApiFailure(httpStatus, motivo, reason.lift(), apiText, attempts)

private fun FfiApiReason.lift(): ApiReason = when (this) {
    FfiApiReason.NoPermission -> ApiReason.NoPermission
    FfiApiReason.NoBalance -> ApiReason.NoBalance
    FfiApiReason.MissingParameter -> ApiReason.MissingParameter
    FfiApiReason.InvalidParameter -> ApiReason.InvalidParameter
    FfiApiReason.Duplicate -> ApiReason.Duplicate
    FfiApiReason.NotImplemented -> ApiReason.NotImplemented
    FfiApiReason.AuthenticationFailed -> ApiReason.AuthenticationFailed
    FfiApiReason.InternalError -> ApiReason.InternalError
    FfiApiReason.NotFound -> ApiReason.NotFound
    FfiApiReason.NoRecording -> ApiReason.NoRecording
    FfiApiReason.CallNotActive -> ApiReason.CallNotActive
    FfiApiReason.PathNotFound -> ApiReason.PathNotFound
    FfiApiReason.InvalidRequest -> ApiReason.InvalidRequest
    FfiApiReason.TooManyRequests -> ApiReason.TooManyRequests
    FfiApiReason.Unavailable -> ApiReason.Unavailable
    is FfiApiReason.Other -> ApiReason.Other(value)
}

private fun FfiAnswerProblem.lift(): AnswerProblem = when (this) {
    FfiAnswerProblem.NotHttp -> AnswerProblem.NotHttp
    FfiAnswerProblem.Redirect -> AnswerProblem.Redirect
    FfiAnswerProblem.Empty -> AnswerProblem.Empty
    FfiAnswerProblem.TooLarge -> AnswerProblem.TooLarge
    FfiAnswerProblem.NotText -> AnswerProblem.NotText
    FfiAnswerProblem.NotJson -> AnswerProblem.NotJson
    is FfiAnswerProblem.Field -> AnswerProblem.Field(field, reason)
}

internal fun FfiWebphoneException.lift(): WebphoneException {
    val told = Told(describe(), code(), isRetryable())
    return when (this) {
        is FfiWebphoneException.Invalid -> WebphoneException.Invalid(told, field, reason)

        is FfiWebphoneException.Unauthorized -> WebphoneException.Unauthorized(told, failure.lift())

        is FfiWebphoneException.Refused -> WebphoneException.Refused(told, failure.lift())

        is FfiWebphoneException.RateLimited -> WebphoneException.RateLimited(told, failure.lift(), retryAfterMs)

        is FfiWebphoneException.Unavailable -> WebphoneException.Unavailable(told, failure.lift(), retryAfterMs)

        is FfiWebphoneException.Unreachable ->
            WebphoneException.Unreachable(told, where.lift(), attempts)

        is FfiWebphoneException.UnexpectedAnswer ->
            WebphoneException.UnexpectedAnswer(told, httpStatus, problem.lift(), attempts)

        is FfiWebphoneException.NotTried -> WebphoneException.NotTried(told)

        is FfiWebphoneException.Closed -> WebphoneException.Closed(told)

        is FfiWebphoneException.Cancelled -> WebphoneException.Cancelled(told)

        is FfiWebphoneException.Busy -> WebphoneException.Busy(told)

        is FfiWebphoneException.Rejected -> WebphoneException.Rejected(told, statusErro)

        is FfiWebphoneException.CallInProgress -> WebphoneException.CallInProgress(told)

        is FfiWebphoneException.NoCall -> WebphoneException.NoCall(told)

        is FfiWebphoneException.MuteUnknown -> WebphoneException.MuteUnknown(told)

        is FfiWebphoneException.NotReady -> WebphoneException.NotReady(told, reason.lift())

        is FfiWebphoneException.PageLost -> WebphoneException.PageLost(told, posted.lift())

        is FfiWebphoneException.SessionClosed -> WebphoneException.SessionClosed(told, posted.lift())

        is FfiWebphoneException.CommandCancelled -> WebphoneException.CommandCancelled(told, posted.lift())

        is FfiWebphoneException.DialsOnOpen -> WebphoneException.DialsOnOpen(told)

        is FfiWebphoneException.Unsupported -> WebphoneException.Unsupported(told, feature, null)

        is FfiWebphoneException.Internal -> WebphoneException.Internal(told, null)
    }
}

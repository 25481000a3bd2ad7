package dev.webphone

import kotlin.reflect.KClass
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredMemberProperties
import kotlin.reflect.full.isSubclassOf
import kotlin.reflect.full.primaryConstructor
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.time.Duration

/**
 * That every type of the core that this package shows is shown whole: a variant, a word or a field that the core gets fails
 * here until it is public.
 */
class GeneratedTypesTest {
    private val generated = Packaged.classes("dev.webphone.ffi")
        .filter { it.enclosingClass == null && !it.isSynthetic && it.isAnnotationPresent(Metadata::class.java) }
        .mapNotNull { runCatching { it.kotlin.also { type -> type.simpleName } }.getOrNull() }
        .filter { !it.isSubclassOf(Throwable::class) && isData(it) }

    /** The generated code's own machinery, and objects, which have a class with methods here or none at all. */
    private fun isData(type: KClass<*>): Boolean = with(checkNotNull(type.simpleName)) {
        val plain = type.isData || type.isSealed || type.java.isEnum
        plain && !startsWith("Uniffi") && !startsWith("FfiConverter") && !endsWith("Started")
    }

    /** What hosts of a page use; none of it is public in this package. */
    private val ofAPage = setOf(
        "HostPageOptions",
        "MessageSource",
        "NavigationDecision",
        "PageHost",
        "PagePart",
        "PermissionRequest",
        "PhoneLoading"
    )

    /** What stays inside: it is taken apart where it comes. */
    private val inside =
        setOf("BatchStep", "CommandResult", "FaultRule", "FetchOutcome", "LogRecords", "WakeQueueFunctions")

    /** By another name here, or inside of another type. */
    private val public: Map<String, KClass<*>> = mapOf(
        "ReplayedSettlement" to Settlement::class,
        "SimulatedAnswer" to Script.Answer::class,
        "SimulatedPhoneFault" to PhoneFault::class,
        "SimulatedPhoneOutput" to PhoneOutput::class
    )

    /** Classes that hold the generated ones; each field has a method of their builder, or is what makes that. */
    private val settings = mapOf(
        "BatchOptions" to BatchOptions.Builder::class,
        "ClientConfig" to ClientConfig.Builder::class,
        "SessionConfig" to SessionConfig.Builder::class,
        "SimulatedCaller" to SimulatedCaller.Builder::class,
        "SimulatedScript" to Script.Builder::class,
        "SimulatorConfig" to SimulatorConfig.Builder::class
    )

    /** Arguments of a method. */
    private val arguments = setOf("SimulatedWording")

    private fun twin(name: String): KClass<*>? = public[name]
        ?: runCatching { Class.forName("dev.webphone.$name").kotlin }.getOrNull()

    /** A field's name here: durations and instants say so in Kotlin's way. */
    private fun here(field: String): String = when {
        field in setOf("monoMs", "unixMs", "deadlineMs") -> field
        else -> renamed[field] ?: field.replace(Regex("Ms$"), "Millis")
    }

    private val renamed = mapOf(
        "phoneType" to "type",
        "atMs" to "at",
        "delayMs" to "timeMillis",
        "result" to "outcome, error",
        "rootCertificatesPem" to "rootCertificates"
    )

    private fun fields(type: KClass<*>): Set<String> =
        type.primaryConstructor?.parameters.orEmpty().mapTo(sortedSetOf()) { checkNotNull(it.name) }

    /** As they are shown: by the properties where the generated one is held; durations besides in Kotlin's way. */
    private fun seen(type: KClass<*>): Set<String> = if (type.primaryConstructor?.visibility == KVisibility.INTERNAL) {
        val properties = type.declaredMemberProperties.filter {
            it.visibility == KVisibility.PUBLIC && it.returnType.classifier != Duration::class
        }
        properties.mapTo(sortedSetOf()) { it.name }
    } else {
        fields(type)
    }

    private fun expected(type: KClass<*>): Set<String> = fields(type).flatMap { here(it).split(", ") }.toSortedSet()

    @Test
    fun `every type is public, or known to stay inside`() {
        assertTrue(generated.size > 60, "${generated.size} types")
        val names = generated.map { checkNotNull(it.simpleName) }.toSet()
        assertEquals(
            emptySet(),
            (ofAPage + inside + arguments + public.keys + settings.keys) - names,
            "gone from the core"
        )
        val unknown = names - ofAPage - inside - arguments - settings.keys
        assertEquals(emptyList(), unknown.filter { twin(it) == null })
    }

    @Test
    fun `every word of an enumeration`() {
        for (type in shown { it.java.isEnum }) {
            val words = type.java.enumConstants.map { (it as Enum<*>).name }
            assertEquals(
                words,
                checkNotNull(twin(checkNotNull(type.simpleName))).java.enumConstants.map {
                    (it as Enum<*>).name
                },
                "$type"
            )
        }
    }

    @Test
    fun `every variant of a union, with its fields`() {
        for (type in shown { it.isSealed }) {
            val twin = checkNotNull(twin(checkNotNull(type.simpleName)))
            val variants = type.sealedSubclasses.associateBy { it.simpleName }
            val twins = twin.sealedSubclasses.associateBy { it.simpleName }
            assertEquals(variants.keys, twins.keys, "$type")
            for ((name, variant) in variants) {
                val sorted = seen(twins.getValue(name)).mapTo(sortedSetOf()) {
                    it.replace("expiresAtMs", "expiresAtMillis")
                }
                assertEquals(expected(variant), sorted, "$variant")
            }
        }
    }

    @Test
    fun `every field of a record`() {
        for (type in shown { it.isData }) {
            val found = fields(checkNotNull(twin(checkNotNull(type.simpleName))))
            val wanted = expected(type).map {
                if (it == "expiresAtMillis" &&
                    it !in found
                ) {
                    "expiresAt"
                } else if (it == "unixMs" && it !in found) {
                    "at"
                } else {
                    it
                }
            }
            // A log record tells what its batch lost.
            assertEquals(
                wanted.toSortedSet(),
                found.filter {
                    type.simpleName != "LogRecord" || it != "lost"
                }.toSortedSet(),
                "$type"
            )
        }
    }

    @Test
    fun `every setting has a method of its builder`() {
        for ((name, builder) in settings) {
            val type = generated.single { it.simpleName == name }
            val methods = builder.java.methods.filter { it.returnType == builder.java }.map { it.name }
            assertEquals(expected(type), (methods + fields(builder)).toSortedSet() as Set<String>, name)
        }
    }

    private fun shown(kind: (KClass<*>) -> Boolean) = generated
        .filter { kind(it) && it.simpleName !in ofAPage + inside + arguments + settings.keys }
        .also { assertTrue(it.size > 10) }
}

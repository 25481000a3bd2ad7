package dev.webphone

import java.lang.reflect.Constructor
import java.lang.reflect.Executable
import java.lang.reflect.GenericArrayType
import java.lang.reflect.Member
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import java.lang.reflect.ParameterizedType
import java.lang.reflect.Type
import java.lang.reflect.WildcardType
import kotlin.reflect.KVisibility
import kotlin.reflect.jvm.kotlinFunction
import kotlin.reflect.jvm.kotlinProperty
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

private val packages = listOf("dev.webphone", "dev.webphone.junit")

/** What no signature that Java meets may name: it is Kotlin's own, or the generated code's. */
private val kotlins = listOf(
    "kotlin.Unit",
    "kotlin.coroutines.",
    "kotlin.jvm.functions.",
    "kotlin.UInt",
    "kotlin.ULong",
    "kotlin.time.Duration",
    "dev.webphone.ffi."
)

/** What a Java program sees of this package. */
class PublicInterfaceTest {
    private val classes = packages.flatMap(Packaged::classes).filter { type ->
        generateSequence(type) { it.enclosingClass }.all { Modifier.isPublic(it.modifiers) && !it.isInternal }
    }

    /** For this module alone, though the JVM knows no such thing. */
    private val Class<*>.isInternal get() =
        isSynthetic || (!isFacade && kotlin.visibility == KVisibility.INTERNAL)

    /** Where functions outside of classes stand. */
    private val Class<*>.isFacade get() = getAnnotation(Metadata::class.java)?.kind != 1

    /** Likewise: a constructor that Kotlin hides, or a name that Kotlin has made unspeakable by that of the module. */
    private val Member.isInternal get() = name.substringAfterLast('$', "") in listOf("webphone", "webphone_android") ||
        (this is Constructor<*> && kotlinFunction?.visibility == KVisibility.INTERNAL)

    private fun Class<*>.seen(): List<Member> {
        val members: List<Member> = declaredMethods.toList() + declaredConstructors + declaredFields
        return members.filter {
            (Modifier.isPublic(it.modifiers) || Modifier.isProtected(it.modifiers)) &&
                !it.isSynthetic &&
                !it.isInternal
        }
    }

    private fun types(member: Member): List<Type> = when (member) {
        is Method -> member.genericParameterTypes.toList() + member.genericReturnType + member.genericExceptionTypes
        is Executable -> member.genericParameterTypes.toList() + member.genericExceptionTypes
        is java.lang.reflect.Field -> listOf(member.genericType)
        else -> error("$member")
    }

    private fun named(type: Type): List<String> = when (type) {
        is Class<*> -> listOf(if (type.isArray) type.componentType.name else type.name)
        is ParameterizedType -> named(type.rawType) + type.actualTypeArguments.flatMap(::named)
        is WildcardType -> (type.upperBounds + type.lowerBounds).flatMap(::named)
        is GenericArrayType -> named(type.genericComponentType)
        else -> emptyList()
    }

    @Test
    fun `Java meets no name and no type of Kotlin's own`() {
        assertTrue(classes.size > 80, "${classes.size} classes")
        val wrong = classes.flatMap { type ->
            type.seen().filter { member ->
                val unspeakable = member !is Constructor<*> && member.name.any { it in "-\$" }
                unspeakable || types(member).flatMap(::named).any { name -> kotlins.any(name::startsWith) }
            }.map { "${type.name}: $it" }
        }
        assertEquals(emptyList(), wrong)
    }

    @Test
    fun `what waits is hidden from Java and has a twin there`() {
        val waiting = classes.flatMap { type ->
            type.declaredMethods.filter {
                it.isSynthetic && it.suspends &&
                    '\$' !in it.name
            }.map { type to it }
        }
        assertTrue(waiting.size > 20, "${waiting.size} methods wait")
        val without = waiting.filter { (type, method) ->
            val places = listOf(type, Verbs::class.java).flatMap {
                it.methods.toList()
            }.filter { !it.isSynthetic }.map { it.name }
            listOf("", "Async", "Blocking").none { method.name + it in places }
        }
        assertEquals(emptyList(), without)
    }

    private val Method.suspends get() =
        Modifier.isPublic(modifiers) && parameterTypes.lastOrNull()?.name == "kotlin.coroutines.Continuation"

    @Test
    fun `what was generated is nobody else's`() {
        val generated = Packaged.classes("dev.webphone.ffi").filter { it.enclosingClass == null && !it.isSynthetic }
        val (types, facades) = generated.filter {
            it.isAnnotationPresent(Metadata::class.java)
        }.partition { !it.isFacade }
        assertTrue(types.size > 200 && facades.isNotEmpty(), "${types.size} types, ${facades.size} facades")
        val hidden = setOf(KVisibility.INTERNAL, KVisibility.PRIVATE)
        assertEquals(emptyList(), types.filter { it.kotlin.visibility !in hidden })
        val members = facades.flatMap { facade ->
            facade.declaredMethods.mapNotNull { it.kotlinFunction } +
                facade.declaredFields.mapNotNull { it.kotlinProperty }
        }
        assertTrue(members.size > 20, "${members.size} functions and properties")
        assertEquals(emptyList(), members.filter { it.visibility !in hidden })
    }

    @Test
    fun `nothing is left open to be extended`() {
        val open = classes.filter {
            !it.isInterface && !Modifier.isFinal(it.modifiers) && !Modifier.isAbstract(it.modifiers)
        }
        assertEquals(emptyList(), open)
    }
}

package dev.webphone.junit

import dev.webphone.Simulator
import dev.webphone.SimulatorConfig
import org.junit.jupiter.api.extension.AfterAllCallback
import org.junit.jupiter.api.extension.AfterEachCallback
import org.junit.jupiter.api.extension.ExtensionContext
import org.junit.jupiter.api.extension.ParameterContext
import org.junit.jupiter.api.extension.ParameterResolver

/**
 * Gives tests of JUnit 5 (5.1 or later) a fresh [Simulator] each, and closes it after them; one that a constructor or a
 * method for the whole class takes, after the class.
 *
 * ```
 * @ExtendWith(SimulatorExtension::class)
 * class MyWidgetTest {
 *     @Test
 *     fun dials(simulator: Simulator) { … }
 *
 *     @Test
 *     fun waits(@VirtualTime simulator: Simulator) { simulator.advance(1.hours) }
 * }
 * ```
 */
public class SimulatorExtension :
    ParameterResolver,
    AfterEachCallback,
    AfterAllCallback {
    override fun supportsParameter(parameter: ParameterContext, context: ExtensionContext): Boolean =
        parameter.parameter.type == Simulator::class.java

    override fun resolveParameter(parameter: ParameterContext, context: ExtensionContext): Simulator {
        val config = SimulatorConfig(virtualTime = parameter.isAnnotated(VirtualTime::class.java))
        return Simulator(config).also { context.started() += it }
    }

    override fun afterEach(context: ExtensionContext): Unit = context.end()

    override fun afterAll(context: ExtensionContext): Unit = context.end()

    private fun ExtensionContext.end() = started().forEach(Simulator::close)

    /** Those of this context alone, a test's or a class's: its store shows those of the ones around it too. */
    private fun ExtensionContext.started(): MutableList<Simulator> =
        getStore(namespace).getOrComputeIfAbsent(uniqueId, { Started() }, Started::class.java).simulators

    private class Started {
        val simulators = mutableListOf<Simulator>()
    }

    private companion object {
        val namespace: ExtensionContext.Namespace = ExtensionContext.Namespace.create(SimulatorExtension::class.java)
    }
}

/** A simulator whose time stands still until the test moves it: for code that drives a phone. */
@Target(AnnotationTarget.VALUE_PARAMETER)
@Retention(AnnotationRetention.RUNTIME)
public annotation class VirtualTime

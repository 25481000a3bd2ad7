package dev.webphone.junit

import dev.webphone.Simulator
import dev.webphone.SimulatorConfig
import org.junit.jupiter.api.extension.ExtensionContext
import org.junit.jupiter.api.extension.ParameterContext
import org.junit.jupiter.api.extension.ParameterResolver

/**
 * Gives tests of JUnit 5 a fresh [Simulator] each, and closes it after them.
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
public class SimulatorExtension : ParameterResolver {
    override fun supportsParameter(parameter: ParameterContext, context: ExtensionContext): Boolean =
        parameter.parameter.type == Simulator::class.java

    override fun resolveParameter(parameter: ParameterContext, context: ExtensionContext): Simulator {
        val config = SimulatorConfig(virtualTime = parameter.isAnnotated(VirtualTime::class.java))
        val started = Started(Simulator(config))
        context.getStore(ExtensionContext.Namespace.create(javaClass, parameter.index)).put(parameter.index, started)
        return started.simulator
    }

    /** Closed by JUnit, with the test that it was made for. */
    private class Started(val simulator: Simulator) : AutoCloseable {
        override fun close() = simulator.close()
    }
}

/** A simulator whose time stands still until the test moves it: for code that drives a phone. */
@Target(AnnotationTarget.VALUE_PARAMETER)
@Retention(AnnotationRetention.RUNTIME)
public annotation class VirtualTime

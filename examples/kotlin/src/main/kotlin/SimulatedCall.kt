// Makes and takes calls with a simulated phone: nothing here needs an account.

import dev.webphone.CallPhase
import dev.webphone.Line
import dev.webphone.Outcome
import dev.webphone.Session
import dev.webphone.Simulator
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch

suspend fun main() = coroutineScope {
    Simulator().use { simulator ->
        val simulated = simulator.phone(4000)
        Session(simulated).use { phone ->
            // Every change with its cause; the state after it comes along.
            val following = launch { phone.updates.collect { println("… ${it.cause::class.simpleName}") } }

            // Somebody calls in.
            phone.state.first { it.line == Line.CONNECTED }
            simulated.incoming("(79) 91234-5678")
            val ringing = phone.state.first { it.ringing != null }.ringing
            println("it rings: ${ringing?.number?.digits}")
            phone.answer()
            println(phone.state.value.call?.phase)
            phone.hangUp()
            println("it ended: ${phone.history.last().end?.reason}")

            // This number is busy in a simulator.
            when (val outcome = phone.call("11 99999-0002")) {
                is Outcome.Confirmed -> println("call ${outcome.callId}")
                Outcome.Unconfirmed -> println("it may have worked")
                else -> Unit
            }
            phone.state.first { it.call == null || it.call?.phase == CallPhase.TALKING }
            println("busy: ${phone.history.last().end?.reason}")
            following.cancel()
        }
    }
}

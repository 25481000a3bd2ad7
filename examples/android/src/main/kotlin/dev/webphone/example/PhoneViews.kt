package dev.webphone.example

import android.content.Context
import android.text.InputType
import android.view.View
import android.widget.Button
import android.widget.EditText
import android.widget.FrameLayout
import android.widget.GridLayout
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView

/** The screen's views, made in code: the platform's own, nothing else. */
internal class PhoneViews(private val context: Context) {
    val url = field("URL of the phone", InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_URI)
    val open = button("Open")
    val status = TextView(context)
    val call = TextView(context)
    val message = TextView(context).apply { accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE }
    val number = field("Number", InputType.TYPE_CLASS_PHONE)
    val dial = button("Call")
    val answer = button("Answer")
    val hangUp = button("Hang up")
    val mute = button("Mute")
    val transfer = button("Transfer")
    val consult = button("Ask first")
    val keys = "123456789*0#".map { button("$it") }
    val queue = field("Queue", InputType.TYPE_CLASS_NUMBER)
    val join = button("Join")
    val leave = button("Leave")
    val pause = button("Pause")
    val resume = button("Resume")
    val queues = TextView(context)
    val restart = button("Load again")

    /** Where a phone with an interface of its own is shown. */
    val place = FrameLayout(context)

    private val opening = column(url, open)
    private val phone = column(
        status,
        call,
        row(answer, hangUp),
        number,
        row(dial, transfer, consult, mute),
        GridLayout(context).apply {
            columnCount = 3
            keys.forEach(::addView)
        },
        queue,
        row(join, leave, pause, resume),
        queues,
        restart,
        place
    )
    val root = ScrollView(context).apply {
        fitsSystemWindows = true
        addView(column(opening, phone, message))
    }

    fun showPhone(isOpen: Boolean) {
        opening.visibility = if (isOpen) View.GONE else View.VISIBLE
        phone.visibility = if (isOpen) View.VISIBLE else View.GONE
    }

    /** From now on the buttons mean this phone. */
    fun use(desk: Desk) {
        dial.setOnClickListener { desk.call("${number.text}") }
        answer.setOnClickListener { desk.answer() }
        hangUp.setOnClickListener { desk.hangUp() }
        mute.setOnClickListener { desk.mute() }
        transfer.setOnClickListener { desk.transfer("${number.text}") }
        consult.setOnClickListener { desk.consult("${number.text}") }
        join.setOnClickListener { desk.joinQueue("${queue.text}") }
        leave.setOnClickListener { desk.leaveQueue("${queue.text}") }
        pause.setOnClickListener { desk.pause("${queue.text}") }
        resume.setOnClickListener { desk.resume("${queue.text}") }
        restart.setOnClickListener { desk.restart() }
        keys.forEach { key -> key.setOnClickListener { press(desk, "${key.text}") } }
    }

    /** In a call a key is for the other side, else for the number. */
    private fun press(desk: Desk, key: String) {
        if (desk.phone.state.value.call != null) desk.press(key) else number.append(key)
    }

    fun show(screen: Screen) {
        status.text = screen.status
        call.text = screen.call
        queues.text = screen.queues
        mute.text = screen.muteLabel
        dial.isEnabled = screen.canCall
        answer.isEnabled = screen.canAnswer
        hangUp.isEnabled = screen.canHangUp
        mute.isEnabled = screen.canMute
        listOf(transfer, consult).forEach { it.isEnabled = screen.canTransfer }
        listOf(join, leave, pause, resume).forEach { it.isEnabled = screen.canUseQueues }
        restart.visibility = if (screen.canRestart) View.VISIBLE else View.GONE
    }

    private fun field(label: String, type: Int) = EditText(context).apply {
        hint = label
        inputType = type
        isSingleLine = true
    }

    private fun button(label: String) = Button(context).apply {
        text = label
        isAllCaps = false
    }

    private fun row(vararg views: View) = LinearLayout(context).apply { views.forEach(::addView) }

    private fun column(vararg views: View) = LinearLayout(context).apply {
        orientation = LinearLayout.VERTICAL
        views.forEach(::addView)
    }
}

"""Drive a phone as a session: call, follow what happens, press keys, hang up.

It needs no account: the phone is simulated. In an application the transport posts into the phone's window instead, and
what the window says goes to `receive`.
"""

from __future__ import annotations

import asyncio

import webphone
from webphone import causes, events


async def follow(updates: webphone.Updates) -> None:
    """Tell what happens, as it happens, until the session ends."""
    async for update in updates:
        match update.cause:
            case causes.Event(event=events.Status(status=status)):
                print("  the phone says:", status)
            case causes.CallEnded(call=call):
                print(f"  ended: {call.number}, talked {call.talk_time}")
            case _:
                pass


async def main() -> None:
    """One call, from its beginning to its end."""
    with webphone.Simulator() as simulator:
        async with webphone.Session(simulator.phone(4000)) as phone:
            following = asyncio.create_task(follow(phone.updates()))
            outcome = await phone.call("11 99999-0001")  # waits for the phone to be ready, by itself
            print(outcome)
            if call := phone.state.call:
                print(call.phase, call.talk_time, call.elapsed())
            print(await phone.send_dtmf("12#"))
            try:
                await phone.set_muted(True)
            except webphone.MuteUnknownError as error:
                print(error)
            print(await phone.hang_up())
        await following


if __name__ == "__main__":
    asyncio.run(main())

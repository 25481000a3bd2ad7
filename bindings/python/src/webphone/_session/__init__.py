"""A phone in a page, as a session. Nothing of it is loaded before somebody asks `webphone` for a part of it.

`states` is what a session looks like, `outcomes` what became of a command, `errors` what it failed with; `convert` is
the one place where these and the generated module's become each other. `sessions` is what a program holds, `transport`
carries texts to the page, `updates` follows a session, `replayed` lives a recorded one again.
"""

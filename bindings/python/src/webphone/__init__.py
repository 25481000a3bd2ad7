"""Fetch the webphone of a TotalVoice/Zenvia extension."""

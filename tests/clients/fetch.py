"""Ask for a webphone with the vendor's client for Python. usage: fetch.py PARAMETERS."""

import json
import os
import sys

from totalvoice.cliente import Cliente

client = Cliente(os.environ["TOTALVOICE_ACCESS_TOKEN"])
client.host = os.environ["WEBPHONE_BASE_URL"]
print(client.webphone.get_webphone(**json.loads(sys.argv[1])).decode())

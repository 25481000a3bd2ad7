#!/usr/bin/env bash
# Asks for a webphone as the vendor's documentation does on a command line, with curl. usage: fetch.sh QUERY
exec curl --silent --show-error --request GET "$WEBPHONE_BASE_URL/webphone?$1" \
    --header 'Content-Type: application/json' \
    --header 'Accept: application/json' \
    --header "Access-Token: $TOTALVOICE_ACCESS_TOKEN"

"""Physics of radio and light on a link: arrays in, arrays out.

Rules of the room: losses are positive decibels; nothing here knows terminals, customers or scenarios; every formula names
its recommendation and version; outside a recommendation's range a result is masked or labelled, never silently made up.
"""

"""``skycommons decide``: everything that a decision goes through, from the request to the review."""

from typing import Final

from cyclopts import App

decide_app: Final = App(name="decide", help="Ask for, preview, approve, refuse, review and list decisions.")

_PARTS: Final = (
    ("request", "decide_requests:request", "Register what somebody outside asks for, sealed if the law demands."),
    ("answer", "decide_requests:answer", "Answer a request without a decision."),
    ("unseal", "decide_requests:unseal", "Open a sealed request."),
    ("forget", "decide_requests:forget", "Erase what stands behind a sealed request, for ever."),
    ("declare", "decide_requests:declare", "Declare an interest: parties that your seat cannot judge."),
    ("preview", "decide_propose:preview", "Compute what a decision would do, and write it."),
    ("propose", "decide_propose:propose", "Ask for a decision over service."),
    (
        "emergency",
        "decide_propose:emergency",
        "Ask for a decision that takes effect at once, ends soon and is reviewed.",
    ),
    ("approve", "decide_votes:approve", "Approve a decision."),
    ("reject", "decide_votes:reject", "Refuse a decision."),
    ("veto", "decide_votes:veto", "Stop a decision that waits; an oversight seat can."),
    ("recuse", "decide_votes:recuse", "Recuse your seat, and take back its vote."),
    ("cancel", "decide_votes:cancel", "Take back a decision that your seat asked for."),
    ("failed", "decide_votes:failed", "Report that a decision could not be enforced."),
    ("review", "decide_votes:review", "Judge an emergency: uphold or censure it."),
    ("appeal", "decide_requests:appeal", "Register an appeal against a decision."),
    ("resolve", "decide_votes:resolve", "Decide an appeal: grant or dismiss it."),
    ("submit", "decide_submit:submit", "Hand in a message that was signed elsewhere."),
    ("effective", "decide_submit:effective", "Report that a decision is enforced."),
    ("settle", "decide_submit:settle", "Ask the witnesses for the time; what is due takes effect or ends."),
    ("list", "decide_show:list_", "List decisions and requests."),
    ("show", "decide_show:show", "Explain a decision, request or appeal: who may vote, what is missing."),
)

for _name, _path, _help in _PARTS:
    decide_app.command(f"skycommons.cli.{_path}", name=_name, help=_help)

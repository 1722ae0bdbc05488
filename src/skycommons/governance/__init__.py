"""Who may switch a territory, and how anybody can check it: signed documents, and the transparency log that holds them.

Rules of the room:

* It is pure: bytes and values in, values out. No file, no network, no clock, no chance but that of a signing key.
* It imports no other room but the errors, no NumPy and no physics, so that an auditor can read all of it. Cryptographic
  primitives come from ``cryptography``, canonical JSON from ``rfc8785``; what stands here is the log itself and what it says.
* Every format has one strict reader. Whatever it accepts, it writes back byte for byte the same; whatever it refuses, it
  refuses with `FormatError`, never with another error.
* One check has two faces: ``..._result`` returns the evidence, ``verify_...`` or ``open_...`` raises a `TrustError` on it.
* Times are whole seconds since 1970-01-01 UTC, as others signed them. Nothing here knows what time it is.

The way through the files, lower first::

    lines        numbers, base64 and hashes as the texts of a log write them
    canonical    documents that are signed: RFC 8785
    merkle       RFC 6962: roots, proofs of inclusion, proofs of consistency
    tiles        the tree as files of 256 hashes, and the entries beside it
    checkpoint   the head of a tree as three lines of text
    note_keys    who signs: names, key ids, three kinds of signatures;   signers: the same with the secret
    notes        text with signatures under it
    witness_policy   which logs and witnesses are trusted, and how many of them are enough
    proofs       one file that proves one entry, without a network
    add_checkpoint   what a witness is asked, and what it has to answer

What is said in the log, in the same order::

    words        words that several documents use
    fields       one strict reader of objects: every document is read with it, all faults at once
    entries      one entry: payload, digest, and the message that is signed
    roster       who has a seat, with which roles and keys;   policy   which decision needs whom, within which bounds
    decisions, votes, requests, licences, appeals   what seats say;   operator_entries   what the operator says
    bodies       what an entry says, as one of these
    cell_lists, previews   what decisions name by its hash: where, and with what effect
    sshsig, member_keys    signatures of seats, by OpenSSH and by a file of ours
    trust        whom a verifier trusts;   bundles   everything that a verifier needs, in one file

What follows from what is said::

    states       where a decision stands, and what may follow;   quorum   whether enough different hands agree
    log_clock    what time it is, as witnesses swear;   layers   the service map
    ledger_state     the books;   ledger_submit, ledger_votes, ledger_clockwork, ledger_apply, ledger_register   the rules
    ledger       reads a log and rules over each entry;   ledger_summary   its state as plain values
    verify       whether a service map may be obeyed;   explain   the same in sentences
"""

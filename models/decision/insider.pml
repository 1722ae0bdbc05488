/* One insider with the log's key, the database and one approver's key, against the verifier in the scheduler.
 *
 * The decision needs two approvals; one of the approvers is in the insider's hand, the other is honest. Entries stand in one
 * history, which witnesses.pml shows. The insider appends any entry in any order, forges votes in the honest one's name, and
 * offers the scheduler maps that claim anything, with a bundle up to any size that was witnessed, which may leave
 * something out. The scheduler folds the whole log up to there, no less than it has seen, and takes a map only if it
 * is what the fold gives. Where it refuses, it keeps the last good map.
 *
 * Faults, and the property that finds each:
 *   BUG_UNWITNESSED  I1   a bundle is believed without witnesses
 *   BUG_FAIL_OPEN    I1   a map that does not verify is taken until there is one that does
 *   BUG_STALE        I5   a bundle may be older than what the scheduler has seen, so that what was ended comes back
 *   BUG_SUBSET       I9   entries are proved one by one, so that a bundle may leave a veto out
 *   BUG_CELLS        I11  the map's cells are not compared with those of the decision
 *   BUG_INSIDER      I14  a map is believed because the log's key signed it
 *   BUG_FORGED       I14  the fold counts votes without looking at the approver's signature
 *   BUG_ONE_HAND     I14  one approver is enough
 */

#define ENTRIES  6

mtype = { OPEN, QUEUED, VETOED, APPLIED, ENDED };

/* the log: what the fold gives for its first `size` entries, and what it would give without the vetoes among them */
byte size;
mtype fold[7] = OPEN;
mtype without_veto[7] = OPEN;
bit bad_yes, honest_yes, forged_yes;    /* approvals in the log */
byte witnessed;                         /* the size of the newest witnessed checkpoint */

/* the scheduler */
byte known;          /* the size of the newest log that it has verified */
bit dark;            /* over the cells of the decision */
bit dark_beyond;     /* over other cells */

/* what happened, for the properties alone */
bit honest_signed, end_known;

#if defined(BUG_ONE_HAND)
#define QUORUM  (bad_yes || honest_yes)
#elif defined(BUG_FORGED)
#define QUORUM  (bad_yes && (honest_yes || forged_yes))
#else
#define QUORUM  (bad_yes && honest_yes)
#endif

#define NOW  fold[size]

inline append(next, next_without_veto) {
    fold[size + 1] = next;
    without_veto[size + 1] = next_without_veto;
    size++
}

inline vote() {
    if
    :: NOW == OPEN && QUORUM -> append(QUEUED, QUEUED)
    :: else -> append(NOW, without_veto[size])
    fi
}

#define LATER(state)  (state == QUEUED -> APPLIED : state)

#ifdef BUG_UNWITNESSED
#define SHOWABLE(n)  (n <= size)
#else
#define SHOWABLE(n)  (n <= witnessed)
#endif

#ifdef BUG_STALE
#define FRESH(n)  true
#else
#define FRESH(n)  (n >= known)
#endif

#ifdef BUG_SUBSET
#define FOLDED(n)  (leaves_out -> without_veto[n] : fold[n])
#else
#define FOLDED(n)  fold[n]
#endif

#if defined(BUG_INSIDER)
#define VERIFIES(n)  (!beyond)
#elif defined(BUG_CELLS)
#define VERIFIES(n)  (SHOWABLE(n) && FRESH(n) && claim == (FOLDED(n) == APPLIED) && (claim || !beyond))
#else
#define VERIFIES(n)  (SHOWABLE(n) && FRESH(n) && claim == (FOLDED(n) == APPLIED) && !beyond)
#endif

/* A bundle of the first `n` entries with a map. */
inline offer(n) {
    if
    :: claim = 0
    :: claim = 1
    fi;
    if
    :: beyond = 0
    :: beyond = 1
    fi;
    if
    :: leaves_out = 0
    :: leaves_out = 1
    fi;
    if
    :: VERIFIES(n) ->
        dark = claim;
        dark_beyond = beyond;
        known = n;
        end_known = end_known || fold[n] == ENDED
#ifdef BUG_FAIL_OPEN
    :: else -> dark = claim
#else
    :: else    /* the last good one stays */
#endif
    fi;
    claim = 0; beyond = 0; leaves_out = 0
}

proctype Insider() {
    bit claim, beyond, leaves_out;
    do
    :: atomic { size < ENTRIES && !bad_yes -> bad_yes = 1; vote() }
    :: atomic { size < ENTRIES && !forged_yes -> forged_yes = 1; vote() }
    :: atomic { size < ENTRIES -> append(NOW, without_veto[size]) }    /* any other entry: void */
    :: atomic { size < ENTRIES -> append(LATER(NOW), LATER(without_veto[size])) }    /* the delay has passed */
    :: atomic { offer(0) }
    :: atomic { offer(1) }
    :: atomic { offer(2) }
    :: atomic { offer(3) }
    :: atomic { offer(4) }
    :: atomic { offer(5) }
    :: atomic { offer(6) }
    od
}

proctype Others() {
    do
    :: atomic { !honest_signed -> honest_signed = 1 }
    :: atomic { size < ENTRIES && honest_signed && !honest_yes -> honest_yes = 1; vote() }
    :: atomic { size < ENTRIES && NOW == QUEUED -> append(VETOED, QUEUED) }
    :: atomic { size < ENTRIES && NOW == APPLIED -> append(ENDED, ENDED) }    /* a restore */
    od
}

proctype Witnesses() {
    do
    :: atomic { witnessed < size -> witnessed = size }
    od
}

init { atomic { run Insider(); run Others(); run Witnesses() } }

/* The scheduler's state is what a witnessed checkpoint gives. */
ltl I1 { [] (dark -> known <= witnessed && fold[known] != OPEN && fold[known] != QUEUED) }
/* What the scheduler has seen ended does not come back. */
ltl I5 { [] (end_known -> !dark) }
/* A veto can't be hidden from the scheduler: no log with it can be shown as one without it. */
ltl I9 { [] (dark -> fold[known] != VETOED) }
/* Cells outside the decision are never touched. */
ltl I11 { [] (!dark_beyond) }
/* The insider alone changes nothing: an honest approver signed. */
ltl I14 { [] (dark -> honest_signed) }

ltl can_take_effect { [] !dark }
ltl can_be_restored { [] (dark -> [] (!end_known)) }
ltl can_be_vetoed { [] !(fold[known] == VETOED) }

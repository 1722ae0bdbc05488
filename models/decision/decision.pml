/* One decision that takes service away, from its request to its end.
 *
 * Every step of an actor is one entry of the log, and what the fold makes of it. Votes that the rules do not allow are
 * void: the fold goes on as if they were not there. The rule of this decision: three approvals, at least one of legal and
 * one of oversight, at least two organisations; two rejections end it; the requester and his organisation do not count. Of
 * two votes of a seat the last one stands.
 *
 *   seat 0  operations  A   the requester
 *   seat 1  legal       A   of the requester's organisation
 *   seat 2  legal       B
 *   seat 3  legal       C
 *   seat 4  oversight   B   has the veto
 *   seat 5  operations  B
 *
 * Time is what clock.pml shows of the witnesses: a lock starts no earlier than its entry was written, and the log's clock
 * (`now`) never runs before the true time (`t`), though it may stand still for as long as the operator likes.
 *
 * Faults, and the property that finds each:
 *   BUG_SELF_APPROVE  I2   the requester's approval counts
 *   BUG_AFFILIATE     I2   approvals from the requester's organisation count
 *   BUG_SAME_ROLE     I2   roles are not looked at
 *   BUG_SAME_ORG      I2   organisations are not looked at
 *   BUG_DOUBLE_VOTE   I2   a seat that votes twice counts twice
 *   BUG_RECUSED       I2   the approval of a seat that recused itself still counts
 *   BUG_BLIND         I2   an approval of another text or preview counts
 *   BUG_RETRY         I2   what failed is sent again without counting again
 *   BUG_MUTATE        I3   what was approved may be altered
 *   BUG_EPOCH         I3   a change of the roster does not void
 *   BUG_POLICY        I3   a change of the policy does not void
 *   BUG_BASE          I3   a change of the state underneath does not void
 *   BUG_DELAY         I4   the lock runs from the request, not from the quorum
 *   BUG_REPLAY        I5   what is sent again is applied again
 *   BUG_REOPEN        I5_final  a decision that is over opens when its entry is written once more
 *   BUG_END           I6   the map does not carry its end, so that somebody has to end it
 *   BUG_VETO_LATE     I9   entries are read in batches, the time before the vetoes
 *   BUG_LOG_AFTER     I1   service changes first, the log is witnessed afterwards
 *   BUG_FAIL_ALONE    I14  one person's report of a failure takes a decision back
 *   BUG_SILENCE       I16  who says nothing until the clock runs out has agreed
 */

#define BIT(seat)       (1 << (seat))
#define HAS(set, seat)  (((set) >> (seat)) & 1)
#define COUNT(set)      (HAS(set, 0) + HAS(set, 1) + HAS(set, 2) + HAS(set, 3) + HAS(set, 4) + HAS(set, 5))

#define REQUESTER   BIT(0)
#define OPERATIONS  (BIT(0) | BIT(5))
#define LEGAL       (BIT(1) | BIT(2) | BIT(3))
#define OVERSIGHT   BIT(4)
#define ORG_A       (BIT(0) | BIT(1))
#define ORG_B       (BIT(2) | BIT(4) | BIT(5))
#define ORG_C       BIT(3)

#define APPROVALS   3
#define REJECTIONS  2
#define FIRST            1   /* the model's time begins here, */
#define LAST             8   /* and stops here */
#define APPROVE_BY       3
#define DELAY            2
#define EXECUTION_CLOCK  2
#define ENDS_AT          7

mtype = { DRAFT, OPEN, QUEUED, APPLYING, EFFECTIVE, ENDED, REJECTED, LAPSED, CANCELLED, VOID, VETOED, FAILED };

/* what the fold holds */
mtype state = DRAFT;
byte yes, no, recused;    /* sets of seats */
byte count;               /* approvals that the fold counted */
byte now = FIRST;         /* the log's clock */
byte start;               /* when the lock began to run; 0: no witness has seen it yet */
byte failures;            /* seats that reported a failure */
byte layers;              /* how often this decision lies in the service map */

/* the world */
byte t = FIRST;           /* the true time */
bit content, epoch, policy, base;   /* 1: no longer what the decision was made over */
bit published;            /* the map under a witnessed checkpoint holds the decision */
bit held;                 /* the scheduler's map does */
bit dark;                 /* the scheduler plans without service there */

/* what happened, for the properties alone */
byte over;                /* seats whose approval, though counted, was of another text */
byte queued_t;            /* the true time of the quorum */
bit in_time, vetoed, leaf_witnessed, applied_twice;
mtype final = DRAFT;      /* the state in which the decision was over; DRAFT: none yet */

/* ---- the rules ---- */

#ifdef BUG_SELF_APPROVE
#define EXCLUDED  (ORG_A & ~REQUESTER)
#elif defined(BUG_AFFILIATE)
#define EXCLUDED  REQUESTER
#else
#define EXCLUDED  ORG_A
#endif

#define MAY_VOTE(seat)  (!HAS(recused | EXCLUDED, seat))

#ifdef BUG_DOUBLE_VOTE
#define IS_NEW(seat)  (count < APPROVALS)
#else
#define IS_NEW(seat)  (!HAS(yes, seat))
#endif

#ifdef BUG_SAME_ROLE
#define ROLES  true
#else
#define ROLES  ((yes & LEGAL) && (yes & OVERSIGHT))
#endif

#ifdef BUG_SAME_ORG
#define ORGANISATIONS  true
#else
#define ORGANISATIONS  (((yes & ORG_A) != 0) + ((yes & ORG_B) != 0) + ((yes & ORG_C) != 0) >= 2)
#endif

#define QUORUM  (count >= APPROVALS && ROLES && ORGANISATIONS)

#ifdef BUG_MUTATE
#define SAME_CONTENT  true
#else
#define SAME_CONTENT  (content == 0)
#endif
#ifdef BUG_EPOCH
#define SAME_EPOCH  true
#else
#define SAME_EPOCH  (epoch == 0)
#endif
#ifdef BUG_POLICY
#define SAME_POLICY  true
#else
#define SAME_POLICY  (policy == 0)
#endif
#ifdef BUG_BASE
#define SAME_BASE  true
#else
#define SAME_BASE  (base == 0)
#endif

#define HOLDS  (SAME_CONTENT && SAME_EPOCH && SAME_POLICY && SAME_BASE)

#ifdef BUG_RETRY
#define MAY_BE_SENT_AGAIN  true
#else
#define MAY_BE_SENT_AGAIN  QUORUM
#endif

#ifdef BUG_DELAY
#define UNLOCK_AT  (FIRST + DELAY)
#else
#define UNLOCK_AT  (start + DELAY)
#endif
#define TOO_LATE  (now >= UNLOCK_AT + EXECUTION_CLOCK || now >= ENDS_AT)

inline enter(next) {
    state = next;
    if
    :: next == ENDED || next == REJECTED || next == LAPSED || next == CANCELLED || next == VOID || next == VETOED ->
        if
        :: final == DRAFT -> final = next
        :: else
        fi
    :: else
    fi
}

inline queue_if_quorate() {
    if
    :: state == OPEN && QUORUM -> enter(QUEUED); queued_t = t; in_time = (now < APPROVE_BY)
    :: else
    fi
}

inline approve(seat, text) {
    if
#ifdef BUG_BLIND
    :: state == OPEN && MAY_VOTE(seat) ->
#else
    :: state == OPEN && MAY_VOTE(seat) && text == content ->
#endif
        count = count + IS_NEW(seat);
        yes = yes | BIT(seat);
        no = no & ~BIT(seat);    /* the last word stands */
        if
        :: text == 1 -> over = over | BIT(seat)
        :: else -> over = over & ~BIT(seat)
        fi;
        queue_if_quorate()
    :: else    /* void */
    fi
}

inline reject(seat) {
    if
    :: state == OPEN && MAY_VOTE(seat) ->
        count = count - HAS(yes, seat);
        yes = yes & ~BIT(seat);
        no = no | BIT(seat);
        if
        :: COUNT(no) >= REJECTIONS -> enter(REJECTED)
        :: else
        fi
    :: else
    fi
}

/* A seat recuses itself, declares an interest, or is named as a party: its votes no longer count. */
inline recuse(seat) {
    if
    :: !HAS(recused | EXCLUDED, seat) ->
        recused = recused | BIT(seat);
#ifndef BUG_RECUSED
        count = count - HAS(yes, seat);
        yes = yes & ~BIT(seat);
        no = no & ~BIT(seat);
        if
        :: state == QUEUED && !QUORUM -> enter(VOID)
        :: else
        fi
#endif
    :: else
    fi
}

inline apply() {
#ifdef BUG_REPLAY
    layers++;
#else
    layers = 1;
#endif
    if
    :: layers > 1 -> applied_twice = 1
    :: else
    fi;
    enter(APPLYING)
}

/* An entry `witnessed`: all that time does, it does here. */
inline witnessed(time) {
    now = time;
    if
    :: state == OPEN && now >= APPROVE_BY ->
#ifdef BUG_SILENCE
        count = APPROVALS; enter(QUEUED); queued_t = t
#else
        enter(LAPSED)
#endif
    :: state == QUEUED && start != 0 && TOO_LATE -> enter(LAPSED)
    :: state == QUEUED && start != 0 && !TOO_LATE && now >= UNLOCK_AT ->
        if
#ifdef BUG_SILENCE
        :: HOLDS -> apply()
#else
        :: HOLDS && QUORUM -> apply()
#endif
        :: else -> enter(VOID)
        fi
    :: state == FAILED && TOO_LATE -> enter(LAPSED)
    :: (state == APPLYING || state == EFFECTIVE) && now >= ENDS_AT -> layers = 0; enter(ENDED)
    :: else
    fi
}

#define UNDECIDED  (state == OPEN || state == QUEUED || state == FAILED)

inline void_if_changed() {
    if
    :: !HOLDS && state == FAILED -> enter(LAPSED)
    :: !HOLDS && state != FAILED -> enter(VOID)
    :: else
    fi
}

/* The scheduler asks its map anew for every slot: the map says when a layer ends. */
inline plan_slot() {
#ifdef BUG_END
    dark = held
#else
    dark = held && t < ENDS_AT
#endif
}

/* ---- the actors; each does what it likes, as often as it likes, or nothing ---- */

proctype Requester() {
    do
    :: atomic { state == DRAFT -> enter(OPEN) }
    :: atomic { state == OPEN || state == QUEUED -> enter(CANCELLED) }
#ifdef BUG_REOPEN
    :: atomic { final != DRAFT -> enter(OPEN) }    /* the same entry again */
#endif
    od
}

proctype Seat(byte seat) {
    do
    :: atomic { state == OPEN -> approve(seat, 0) }
    :: atomic { state == OPEN -> approve(seat, 1) }    /* a screen showed him another text */
    :: atomic { state == OPEN -> reject(seat) }
    :: atomic { UNDECIDED -> recuse(seat) }
    :: atomic { (state == OPEN || state == QUEUED) && HAS(OVERSIGHT, seat) ->
            vetoed = 1;
#ifndef BUG_VETO_LATE
            enter(VETOED)
#endif
        }
    :: atomic { state == APPLYING && seat >= 3 && !HAS(failures, seat) ->
            failures = failures | BIT(seat);
            if
#ifdef BUG_FAIL_ALONE
            :: true -> layers = 0; enter(FAILED)
#else
            :: ((failures & OPERATIONS) != 0) + ((failures & LEGAL) != 0) + ((failures & OVERSIGHT) != 0) >= 2 ->
                layers = 0; enter(FAILED)
            :: else
#endif
            fi
        }
    od
}

proctype Operator() {
    byte time;
    do
    :: atomic { now < t && state != DRAFT ->    /* any time that the witnesses have reached, or none */
            select(time : FIRST .. LAST);
            if
            :: time > now && time <= t -> witnessed(time)
            :: else
            fi;
            time = 0
        }
    :: atomic { state == QUEUED && start == 0 ->    /* a checkpoint with the quorum in it is witnessed */
            if
            :: start = t + 1                        /* a witness may say too late a time */
            :: start = t
            :: start = queued_t                     /* or the operator kept it back */
            fi
        }
    :: atomic { state == APPLYING -> enter(EFFECTIVE) }
    :: atomic { state == APPLYING && layers < 2 -> apply() }    /* the answer was lost: sent again */
    :: atomic { state == FAILED && HOLDS && MAY_BE_SENT_AGAIN && !TOO_LATE -> failures = 0; apply() }
    od
}

/* Others: what lies under the decision changes, by decisions of their own. */
proctype Others() {
    do
    :: atomic { UNDECIDED && content == 0 -> content = 1; void_if_changed() }
    :: atomic { UNDECIDED && epoch == 0 -> epoch = 1; void_if_changed() }
    :: atomic { UNDECIDED && policy == 0 -> policy = 1; void_if_changed() }
    :: atomic { UNDECIDED && base == 0 -> base = 1; void_if_changed() }
    :: atomic { state == EFFECTIVE -> layers = 0; enter(ENDED) }    /* a restore */
    od
}

proctype Witnesses() {
    do
    :: atomic { published != (layers > 0) ->
            published = (layers > 0);
            leaf_witnessed = leaf_witnessed || published
        }
    od
}

proctype Scheduler() {
    do
#ifdef BUG_LOG_AFTER
    :: atomic { held != (layers > 0) -> held = (layers > 0); plan_slot() }
#else
    :: atomic { held != published -> held = published; plan_slot() }
#endif
    od
}

proctype Time() {
    do
    :: atomic { t < LAST && state != DRAFT -> t++; plan_slot() }
    od
}

init {
    atomic {
        run Requester(); run Operator(); run Others(); run Witnesses(); run Scheduler(); run Time();
        run Seat(0); run Seat(1); run Seat(2); run Seat(3); run Seat(4); run Seat(5)
    }
}

/* ---- the properties ---- */

#define TRUE_YES     (yes & ~recused & ~ORG_A & ~over)
#define TRUE_QUORUM  (COUNT(TRUE_YES) >= 3 && (TRUE_YES & LEGAL) && (TRUE_YES & OVERSIGHT) \
                      && (TRUE_YES & ORG_B) && (TRUE_YES & ORG_C))

/* Service changes only by an applied decision under a witnessed checkpoint. */
ltl I1 { [] (dark -> leaf_witnessed) }
/* What is applied has its approvals: distinct, eligible, not recused, of exactly this text and preview. */
ltl I2 { [] (state == APPLYING -> TRUE_QUORUM) }
/* Nothing is applied over changed content, roster, policy or state. */
ltl I3 { [] (state == APPLYING -> !content && !epoch && !policy && !base) }
/* Nothing is applied before the delay has truly passed since the quorum. */
ltl I4 { [] (state == APPLYING -> t >= queued_t + DELAY) }
/* A decision lies in the map at most once. */
ltl I5 { [] (!applied_twice) }
/* What is over stays over. */
ltl I5_final { [] (final != DRAFT -> state == final) }
/* Service comes back at the end that was signed, whatever anybody does or leaves undone. */
ltl I6 { [] (t >= ENDS_AT -> !dark) }
/* After a veto nothing is applied. */
ltl I9 { [] (vetoed -> state != APPLYING) }
/* No single person takes a decision back as failed. */
ltl I14 { [] (state == FAILED -> COUNT(failures) >= 2) }
/* No quorum by the end of the approval clock: nothing is applied. */
ltl I16 { [] (state == APPLYING -> in_time) }

/* Reachable, so that the properties do not hold for want of anything that happens. */
ltl can_take_effect { [] !(state == EFFECTIVE && dark) }
ltl can_end_by_the_clock { [] !(state == ENDED && now >= ENDS_AT) }
ltl can_be_restored { [] !(state == ENDED && now < ENDS_AT) }
ltl can_be_vetoed { [] !(state == VETOED) }
ltl can_be_cancelled { [] !(state == CANCELLED) }
ltl can_be_rejected { [] !(state == REJECTED) }
ltl can_lapse_unapproved { [] !(state == LAPSED && queued_t == 0 && yes == 0) }
ltl can_lapse_unexecuted { [] !(state == LAPSED && start != 0) }
ltl can_be_voided { [] !(state == VOID && base) }
ltl can_fail_and_be_retried { [] (state == FAILED -> [] !(state == EFFECTIVE)) }

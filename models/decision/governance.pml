/* Two changes of the rules themselves, which race each other.
 *
 * A change of roster, policy or keys needs the quorum of the roster in force and of the roster that it brings, and the delay
 * in force. It is made over the roster and the policy in force: where another change comes into force first, it is void.
 *
 *   in force   seats 0 1 2   two approvals   delay 2
 *   change 0   seats 2 3 4   two approvals   delay 2     a roster that strangers fill
 *   change 1   seats 0 1 2   one approval    delay 0     rules that are no rules
 *
 * Faults, and the property that finds each:
 *   BUG_POLICY_ONLY_NEW  I10  the quorum of the new roster and policy is enough
 *   BUG_POLICY_ONLY_OLD  I10  the quorum of the old one is enough
 *   BUG_NEW_DELAY        I10_delay  a change waits as long as it itself says
 *   BUG_TWO_CHANGES      I3   a change stays pending when another comes into force
 *   BUG_OPERATOR_RULES   I10  the operator may set the policy
 */

#define BIT(seat)       (1 << (seat))
#define HAS(set, seat)  (((set) >> (seat)) & 1)
#define COUNT(set)      (HAS(set, 0) + HAS(set, 1) + HAS(set, 2) + HAS(set, 3) + HAS(set, 4))

#define FIRST  1
#define LAST   6

mtype = { OPEN, QUEUED, IN_FORCE, VOID };

/* the rules in force */
byte roster = BIT(0) | BIT(1) | BIT(2);
byte approvals = 2;
byte delay = 2;
byte version;

/* the changes; what they bring does not change */
#define NEW_ROSTER(i)     (i == 0 -> (BIT(2) | BIT(3) | BIT(4)) : (BIT(0) | BIT(1) | BIT(2)))
#define NEW_APPROVALS(i)  (i == 0 -> 2 : 1)
#define NEW_DELAY(i)      (i == 0 -> 2 : 0)

mtype state[2] = OPEN;
byte yes[2];           /* sets of seats */
byte queued_t[2];
byte t = FIRST;

bit unlawful, early, stale;    /* for the properties alone */

#define OLD_QUORUM(i)  (COUNT(yes[i] & roster) >= approvals)
#define NEW_QUORUM(i)  (COUNT(yes[i] & NEW_ROSTER(i)) >= NEW_APPROVALS(i))

#ifdef BUG_POLICY_ONLY_NEW
#define QUORUM(i)  NEW_QUORUM(i)
#elif defined(BUG_POLICY_ONLY_OLD)
#define QUORUM(i)  OLD_QUORUM(i)
#else
#define QUORUM(i)  (OLD_QUORUM(i) && NEW_QUORUM(i))
#endif

#ifdef BUG_NEW_DELAY
#define WAITED(i)  (t >= queued_t[i] + NEW_DELAY(i))
#else
#define WAITED(i)  (t >= queued_t[i] + delay)
#endif

inline come_into_force(i) {
    /* what the world sees, by the rules as they stand before */
    unlawful = unlawful || !(OLD_QUORUM(i) && NEW_QUORUM(i));
    early = early || t < queued_t[i] + delay;
    stale = stale || version != 0;
    roster = NEW_ROSTER(i);
    approvals = NEW_APPROVALS(i);
    delay = NEW_DELAY(i);
    version++;
    state[i] = IN_FORCE;
#ifndef BUG_TWO_CHANGES
    if
    :: state[1 - i] != IN_FORCE -> state[1 - i] = VOID
    :: else
    fi
#endif
}

inline approve(i, seat) {
    yes[i] = yes[i] | BIT(seat);
    if
    :: QUORUM(i) -> state[i] = QUEUED; queued_t[i] = t
    :: else
    fi
}

proctype Seat(byte seat) {
    do
    :: atomic { state[0] == OPEN && !HAS(yes[0], seat) -> approve(0, seat) }
    :: atomic { state[1] == OPEN && !HAS(yes[1], seat) -> approve(1, seat) }
    od
}

proctype Operator() {
    do
    :: atomic { state[0] == QUEUED && WAITED(0) -> come_into_force(0) }
    :: atomic { state[1] == QUEUED && WAITED(1) -> come_into_force(1) }
#ifdef BUG_OPERATOR_RULES
    :: atomic { state[1] == OPEN -> come_into_force(1) }
#endif
    od
}

proctype Time() {
    do
    :: atomic { t < LAST -> t++ }
    od
}

init { atomic { run Operator(); run Time(); run Seat(0); run Seat(1); run Seat(2); run Seat(3); run Seat(4) } }

/* Rules change only by the quorum of the rules in force and of those that come. */
ltl I10 { [] (!unlawful) }
/* They change only after the delay in force. */
ltl I10_delay { [] (!early) }
/* A change that was made over other rules than those in force does not come into force. */
ltl I3 { [] (!stale) }

ltl can_change_the_roster { [] !(state[0] == IN_FORCE) }
ltl can_change_the_policy { [] !(state[1] == IN_FORCE) }

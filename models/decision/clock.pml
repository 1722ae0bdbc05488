/* The clock of the log: witnesses' times, of which one may be a lie.
 *
 * There is no clock in the log. Two of three witnesses make the quorum; witness 2 says whatever time it likes, or nothing.
 * The operator chooses which signatures to show, and when. A lock starts at the latest time of a quorum that saw its
 * entry; the log's clock is the earliest time of a quorum. Of three signatures the second in order counts, which is the
 * later of one pair and the earlier of another: so it is enough to look at pairs.
 *
 * What is shown here is what decision.pml and emergency.pml take for granted.
 *
 * Faults, and the property that finds each:
 *   BUG_CLOCK           I4  the log's clock is the latest time of a quorum: one witness can make it run ahead
 *   BUG_START           I4  a lock starts at the earliest time of a quorum: one witness can set it back
 *   BUG_OLD_CHECKPOINT  I4  a lock starts by a checkpoint that does not hold the entry yet
 *   BUG_OPERATOR_CLOCK  I4  the operator says what time it is
 *   BUG_ONE_WITNESS     I4  one witness is enough
 */

#define DELAY  2
#define FIRST  1
#define LAST   6

#define LATER(a, b)    ((a) > (b) -> (a) : (b))
#define EARLIER(a, b)  ((a) < (b) -> (a) : (b))

#ifdef BUG_CLOCK
#define CLOCK(a, b)  LATER(a, b)
#elif defined(BUG_OPERATOR_CLOCK) || defined(BUG_ONE_WITNESS)
#define CLOCK(a, b)  (b)
#else
#define CLOCK(a, b)  EARLIER(a, b)
#endif

#ifdef BUG_START
#define START(a, b)  EARLIER(a, b)
#else
#define START(a, b)  LATER(a, b)
#endif

byte t = FIRST;      /* the true time */
byte logged;         /* the true time at which the entry was written; 0: not yet */
byte seen[2];        /* when each honest witness signed a checkpoint that holds it; 0: not yet */
byte later[2];       /* when each honest witness signed the newest checkpoint */
byte start;          /* the fold: when the lock began to run; 0: unknown */
byte now;            /* the fold: the log's clock */
bit unlocked;

proctype Honest(bit witness) {
    do
    :: atomic { later[witness] != t -> later[witness] = t }
#ifdef BUG_OLD_CHECKPOINT
    :: atomic { seen[witness] == 0 -> seen[witness] = t }
#else
    :: atomic { seen[witness] == 0 && logged != 0 -> seen[witness] = t }
#endif
    od
}

/* Each step is an entry `witnessed` with the signatures of two: `lie` is what witness 2 said for it. */
proctype Operator() {
    byte lie;
    do
    :: atomic { logged == 0 -> logged = t }
    :: atomic { logged != 0 && start == 0 && seen[0] != 0 && seen[1] != 0 -> start = START(seen[0], seen[1]) }
    :: atomic { logged != 0 && start == 0 && seen[0] != 0 -> select(lie : FIRST .. LAST); start = START(seen[0], lie); lie = 0 }
    :: atomic { logged != 0 && start == 0 && seen[1] != 0 -> select(lie : FIRST .. LAST); start = START(seen[1], lie); lie = 0 }
    :: atomic { later[0] != 0 && later[1] != 0 -> now = LATER(now, CLOCK(later[0], later[1])) }
    :: atomic { later[0] != 0 -> select(lie : FIRST .. LAST); now = LATER(now, CLOCK(later[0], lie)); lie = 0 }
    :: atomic { later[1] != 0 -> select(lie : FIRST .. LAST); now = LATER(now, CLOCK(later[1], lie)); lie = 0 }
    :: atomic { start != 0 && now >= start + DELAY && !unlocked -> unlocked = 1 }
    od
}

proctype Time() {
    do
    :: atomic { t < LAST -> t++ }
    od
}

init { atomic { run Honest(0); run Honest(1); run Operator(); run Time() } }

/* The delay has truly passed when the lock opens. */
ltl I4 { [] (unlocked -> t >= logged + DELAY) }
/* The log's clock never runs ahead: what is to end by it can't be put off by calling the present late. */
ltl I6_clock { [] (now <= t) }
/* A lock never starts before its entry was written. */
ltl I4_start { [] (start != 0 -> start >= logged) }

ltl can_unlock { [] !(unlocked && t == logged + DELAY) }
ltl can_be_held_back { [] !(t == LAST && logged == FIRST && !unlocked) }

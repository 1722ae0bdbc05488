/* Two emergencies that take service away, their ends and their reviews.
 *
 * Two persons of different roles declare one together, the declarer among them; it works at once, ends by itself, and is
 * looked at afterwards by two persons who had no part in it, one of them of oversight. Until they are done there is no second
 * one over any of the same cells. The longest time is counted by the log's clock, which may be behind but never ahead (clock.pml).
 *
 *   seat 0  operations
 *   seat 1  operations
 *   seat 2  legal
 *   seat 3  oversight
 *   seat 4  oversight
 *
 * Faults, and the property that finds each:
 *   BUG_ALONE            I2  who declares may sign again as the second person
 *   BUG_EMERGENCY_ROLES  I2  two persons of one role are enough
 *   BUG_TTL              I6  the emergency ends when the control plane gets to it
 *   BUG_TTL_CLOCK        I6  the longest time is counted from a time that one witness may have made up
 *   BUG_EMERGENCY_CHAIN  I7  the next one need not wait for the review of the last
 *   BUG_RACE             I7  the gate is looked at when the emergency is declared, not when it takes effect
 *   BUG_OVERLAP          I7  the gate compares scopes for being equal
 *   BUG_OWN_REVIEW       I7  who declared it may review it
 *   BUG_REVIEW_ALONE     I7  one reviewer is enough
 *   BUG_PROTECTED        I8  an emergency may name protected users
 */

#define BIT(seat)       (1 << (seat))
#define HAS(set, seat)  (((set) >> (seat)) & 1)
#define COUNT(set)      (HAS(set, 0) + HAS(set, 1) + HAS(set, 2) + HAS(set, 3) + HAS(set, 4))

#define OPERATIONS  (BIT(0) | BIT(1))
#define LEGAL       BIT(2)
#define OVERSIGHT   (BIT(3) | BIT(4))

#define LONGEST  2   /* from taking effect to the end */
#define FIRST    1
#define LAST     5

mtype = { NONE, DECLARED, EFFECTIVE, REVIEW_OPEN, CLOSED };    /* CLOSED: upheld or censured */

mtype state[2] = NONE;
byte scope[2];       /* sets of two cells */
byte yes[2];         /* sets of seats */
byte reviews[2];
byte ends[2];
byte t = FIRST;
bit dark[2];         /* the scheduler plans without service there */

byte effect_t[2];    /* the true time of the effect, for the properties alone */
bit protected_lost;

#define DIFFERENT_ROLES(set)  ((((set) & OPERATIONS) != 0) + (((set) & LEGAL) != 0) + (((set) & OVERSIGHT) != 0) >= 2)

#ifdef BUG_ALONE
#define AGREED(i, seat)  (HAS(yes[i], seat) || DIFFERENT_ROLES(yes[i] | BIT(seat)))
#elif defined(BUG_EMERGENCY_ROLES)
#define AGREED(i, seat)  (!HAS(yes[i], seat))
#else
#define AGREED(i, seat)  (!HAS(yes[i], seat) && DIFFERENT_ROLES(yes[i] | BIT(seat)))
#endif

#ifdef BUG_OVERLAP
#define OVERLAP  (scope[0] == scope[1])
#else
#define OVERLAP  ((scope[0] & scope[1]) != 0)
#endif

#ifdef BUG_EMERGENCY_CHAIN
#define IN_THE_WAY(i)  (state[i] == EFFECTIVE)
#else
#define IN_THE_WAY(i)  (state[i] == EFFECTIVE || state[i] == REVIEW_OPEN)
#endif

#define GATE(i)  (!(OVERLAP && IN_THE_WAY(1 - i)))

#ifdef BUG_RACE
#define GATE_AT_EFFECT(i)  true
#else
#define GATE_AT_EFFECT(i)  GATE(i)
#endif

#ifdef BUG_OWN_REVIEW
#define MAY_REVIEW(i, seat)  (!HAS(reviews[i], seat))
#else
#define MAY_REVIEW(i, seat)  (!HAS(reviews[i] | yes[i], seat))
#endif

#ifdef BUG_REVIEW_ALONE
#define REVIEWERS  1
#else
#define REVIEWERS  2
#endif

#ifdef BUG_TTL
#define MAP_ENDS(i)  false
#else
#define MAP_ENDS(i)  (t >= ends[i])
#endif

inline plan_slot(i) { dark[i] = (state[i] == EFFECTIVE && !MAP_ENDS(i)) }

inline declare(i, seat) {
    if
    :: scope[i] = 1
    :: scope[i] = 2
    :: scope[i] = 3
    fi;
    if
    :: GATE(i) -> state[i] = DECLARED; yes[i] = BIT(seat)
    :: else -> scope[i] = 0    /* refused */
    fi
}

inline take_effect(i, seat, protected) {
    yes[i] = yes[i] | BIT(seat);
    effect_t[i] = t;
    if
    :: ends[i] = t + LONGEST        /* the longest that the fold accepts, */
    :: ends[i] = t + LONGEST - 1    /* where the log's clock is behind, too */
#ifdef BUG_TTL_CLOCK
    :: ends[i] = t + LONGEST + 1
#endif
    fi;
    protected_lost = protected_lost || protected;
    state[i] = EFFECTIVE;
    plan_slot(i)
}

inline review(i, seat) {
    reviews[i] = reviews[i] | BIT(seat);
    if
    :: COUNT(reviews[i]) >= REVIEWERS && (reviews[i] & OVERSIGHT) -> state[i] = CLOSED
    :: else
    fi
}

proctype Seat(byte seat) {
    do
    :: atomic { state[0] == NONE -> declare(0, seat) }
    :: atomic { state[1] == NONE && state[0] != NONE -> declare(1, seat) }    /* they are alike: this one is the later */
    :: atomic { state[0] == DECLARED && AGREED(0, seat) && GATE_AT_EFFECT(0) -> take_effect(0, seat, 0) }
    :: atomic { state[1] == DECLARED && AGREED(1, seat) && GATE_AT_EFFECT(1) -> take_effect(1, seat, 0) }
#ifdef BUG_PROTECTED
    :: atomic { state[0] == DECLARED && AGREED(0, seat) && GATE_AT_EFFECT(0) -> take_effect(0, seat, 1) }
#endif
    :: atomic { state[0] == REVIEW_OPEN && MAY_REVIEW(0, seat) -> review(0, seat) }
    :: atomic { state[1] == REVIEW_OPEN && MAY_REVIEW(1, seat) -> review(1, seat) }
    od
}

/* The log notices the end at some time, or never. */
proctype Operator() {
    do
    :: atomic { state[0] == EFFECTIVE && t >= ends[0] -> state[0] = REVIEW_OPEN; plan_slot(0) }
    :: atomic { state[1] == EFFECTIVE && t >= ends[1] -> state[1] = REVIEW_OPEN; plan_slot(1) }
    od
}

proctype Time() {
    do
    :: atomic { t < LAST -> t++; plan_slot(0); plan_slot(1) }
    od
}

init { atomic { run Operator(); run Time(); run Seat(0); run Seat(1); run Seat(2); run Seat(3); run Seat(4) } }

#define BY_TWO(i)       (COUNT(yes[i]) >= 2 && DIFFERENT_ROLES(yes[i]))
#define OVER(i)         (effect_t[i] != 0 && t >= effect_t[i] + LONGEST)
#define REVIEWED(i)     (COUNT(reviews[i] & ~yes[i]) >= 2 && (reviews[i] & ~yes[i] & OVERSIGHT))
#define UNREVIEWED(i)   (effect_t[i] != 0 && !REVIEWED(i))

/* An emergency takes two persons of different roles. */
ltl I2 { [] ((dark[0] -> BY_TWO(0)) && (dark[1] -> BY_TWO(1))) }
/* It ends in the scheduler by its longest time, whatever anybody does or leaves undone. */
ltl I6 { [] ((OVER(0) -> !dark[0]) && (OVER(1) -> !dark[1])) }
/* No two over a common cell without a review by others in between. */
ltl I7 { [] !((scope[0] & scope[1]) && UNREVIEWED(0) && UNREVIEWED(1)) }
/* Protected users never lose service by an emergency. */
ltl I8 { [] (!protected_lost) }

ltl can_declare { [] !(dark[0]) }
ltl can_end_by_itself { [] !(state[0] == EFFECTIVE && OVER(0) && !dark[0]) }
ltl can_be_reviewed { [] !(state[0] == CLOSED) }
ltl can_repeat_after_review { [] !(state[0] == CLOSED && dark[1] && (scope[0] & scope[1])) }
ltl can_help_elsewhere { [] !(dark[0] && dark[1]) }

/* The log shows one history to all: witnesses against an operator who would show two.
 *
 * The insider has the log's key and shows any history to anybody. Four witnesses stand by; three are honest, the fourth
 * signs whatever it is asked to. Readers believe a history that three witnesses signed and that continues what they
 * saw before. Any two sets of three of the four have two in common, and so an honest one; that is what the number must do:
 * twice the quorum is more than the witnesses and the liars together.
 *
 * A history is a number in binary after a leading 1; 1 is the empty one, and each further digit an entry.
 *
 * Faults, and the property that finds each:
 *   BUG_WITNESS_QUORUM   I13  two of the four are enough
 *   BUG_WITNESS          I13  a witness signs what it is shown without looking at what it signed before
 *   BUG_NO_WITNESS       I13  the log's own signature is enough
 *   BUG_READER_ROLLBACK  I13_reader  a reader takes any history with enough signatures, older ones too
 */

#define ENTRIES    3
#define HISTORIES  15    /* the last one */

#define LENGTH(h)  (((h) >= 2) + ((h) >= 4) + ((h) >= 8))
#define CONTINUES(new, old)   (LENGTH(new) >= LENGTH(old) && ((new) >> (LENGTH(new) - LENGTH(old))) == (old))
#define CONSISTENT(one, two)  (CONTINUES(one, two) || CONTINUES(two, one))

#if defined(BUG_NO_WITNESS)
#define QUORUM  0
#elif defined(BUG_WITNESS_QUORUM)
#define QUORUM  2
#else
#define QUORUM  3
#endif

byte seen[3] = 1;      /* the newest history that each honest witness signed; it signed what this continues, too */
byte reader[2] = 1;    /* the newest history that each reader believes */
bit went_back;         /* for the property alone */

#define SIGNED(h)  (CONTINUES(seen[0], h) + CONTINUES(seen[1], h) + CONTINUES(seen[2], h) + 1)

proctype Witness(byte w) {
    do
    :: atomic { LENGTH(seen[w]) < ENTRIES -> seen[w] = seen[w] * 2 }
    :: atomic { LENGTH(seen[w]) < ENTRIES -> seen[w] = seen[w] * 2 + 1 }
#ifdef BUG_WITNESS
    :: atomic { seen[w] > 1 -> seen[w] = 1 }    /* and from there to any other */
#endif
    od
}

proctype Reader(byte r) {
    byte offered;
    do
    :: atomic { select(offered : 1 .. HISTORIES);
            if
#ifdef BUG_READER_ROLLBACK
            :: SIGNED(offered) >= QUORUM ->
#else
            :: SIGNED(offered) >= QUORUM && CONTINUES(offered, reader[r]) ->
#endif
                went_back = went_back || !CONTINUES(offered, reader[r]);
                reader[r] = offered
            :: else
            fi;
            offered = 0
        }
    od
}

init { atomic { run Witness(0); run Witness(1); run Witness(2); run Reader(0); run Reader(1) } }

/* Any two histories that are believed anywhere are one. */
ltl I13 { [] (CONSISTENT(reader[0], reader[1])) }
/* What a reader believes is only ever continued. */
ltl I13_reader { [] (!went_back) }

ltl can_grow { [] !(reader[0] == 13 && reader[1] == 13) }
ltl can_stall_on_a_fork { [] !(!CONSISTENT(seen[0], seen[1])) }

/* The log on disk: two writers, crashes at any step, and somebody who meddles with the database behind their back.
 *
 * A write goes: judged in memory; one transaction of the database with the entry and what follows from it, by
 * compare-and-swap on the head; the lock store, on another disk, by compare-and-swap too; tiles; checkpoint; answer. A crash
 * loses what is in memory. At start the lock is compared with the database: a database that does not continue the lock was
 * rolled back or altered, and nothing is signed; one that is ahead of the tiles finishes them. The log is replayed: where
 * the database shows something else, nothing is served. Once, while nothing runs, an old backup is put back, or what the
 * database shows is altered, or an entry is.
 *
 * A history is a number in binary after a leading 1; 1 is the empty one, and each further digit an entry.
 *
 * Faults, and the property that finds each:
 *   BUG_TWO_TRANSACTIONS  I12  the entry is committed first, what follows from it afterwards
 *   BUG_NO_REPLAY         I12  a start believes what the database shows
 *   BUG_ROLLBACK          I13  a start does not look at the lock
 *   BUG_NO_CAS            I13  two writers do not see each other
 *   BUG_PUBLISH_FIRST     I13  the checkpoint is written before the transaction
 *   BUG_ACK_EARLY         I17  the answer is given before the transaction
 */

#define ENTRIES    3
#define LENGTH(h)  (((h) >= 2) + ((h) >= 4) + ((h) >= 8))
#define CONTINUES(new, old)  (LENGTH(new) >= LENGTH(old) && ((new) >> (LENGTH(new) - LENGTH(old))) == (old))

mtype = { DOWN, STARTING, UP, REFUSED };
mtype = { IDLE, COMMIT, ROWS, LOCK, TILES, PUBLISH, ANSWER };

mtype service = UP;

/* on disk */
byte entries = 1;      /* the database: the log's entries, */
byte rows = 1;         /* and what the fold makes of them: the history that they show */
byte lock = 1;         /* the last head that was signed, on another disk */
byte tiles = 1;
byte published = 1;    /* the checkpoint that the world sees */

/* in memory: how far a start is, and for each writer */
byte started;
mtype stage[2] = IDLE;
byte base[2];          /* the head that it judged by */
byte next[2];

/* what happened, for the properties alone */
byte answered = 1;     /* the newest history that somebody was told is safe */
bit forked;
bit meddled;

#ifdef BUG_PUBLISH_FIRST
#define AFTER_JUDGING  PUBLISH
#define AFTER_PUBLISH  COMMIT
#define AFTER_TILES    ANSWER
#elif defined(BUG_ACK_EARLY)
#define AFTER_JUDGING  ANSWER
#define AFTER_PUBLISH  IDLE
#define AFTER_TILES    PUBLISH
#else
#define AFTER_JUDGING  COMMIT
#define AFTER_PUBLISH  ANSWER
#define AFTER_TILES    PUBLISH
#endif

#ifdef BUG_ACK_EARLY
#define AFTER_ANSWER  COMMIT
#else
#define AFTER_ANSWER  IDLE
#endif

#ifdef BUG_NO_CAS
#define HEAD_IS_MINE(w)  true
#define LOCK_IS_MINE(w)  true
#else
#define HEAD_IS_MINE(w)  (entries == base[w])
#define LOCK_IS_MINE(w)  CONTINUES(next[w], lock)
#endif

inline publish(head) {
    forked = forked || !(CONTINUES(head, published) || CONTINUES(published, head));
    if
    :: LENGTH(head) >= LENGTH(published) -> published = head
    :: else
    fi
}

inline idle(w) { stage[w] = IDLE; base[w] = 0; next[w] = 0 }

proctype Writer(byte w) {
    do
    :: atomic { service == UP && stage[w] == IDLE && LENGTH(entries) < ENTRIES ->
            base[w] = entries;
            if
            :: next[w] = entries * 2
            :: next[w] = entries * 2 + 1
            fi;
            stage[w] = AFTER_JUDGING
        }
    :: atomic { service == UP && stage[w] == COMMIT ->
            if
            :: HEAD_IS_MINE(w) ->
                entries = next[w];
#ifdef BUG_TWO_TRANSACTIONS
                stage[w] = ROWS
#else
                rows = next[w];
                stage[w] = LOCK
#endif
            :: else -> idle(w)    /* the other was faster: judge again */
            fi
        }
    :: atomic { service == UP && stage[w] == ROWS -> rows = next[w]; stage[w] = LOCK }
    :: atomic { service == UP && stage[w] == LOCK ->
            if
            :: LOCK_IS_MINE(w) -> lock = next[w]
            :: else    /* the other went further and took this entry along */
            fi;
            stage[w] = TILES
        }
    :: atomic { service == UP && stage[w] == TILES ->
            if
            :: LENGTH(next[w]) > LENGTH(tiles) -> tiles = next[w]
            :: else
            fi;
            stage[w] = AFTER_TILES
        }
    :: atomic { service == UP && stage[w] == PUBLISH ->
            publish(next[w]);
            if
            :: AFTER_PUBLISH == IDLE -> idle(w)
            :: else -> stage[w] = AFTER_PUBLISH
            fi
        }
    :: atomic { service == UP && stage[w] == ANSWER ->
            if
            :: LENGTH(next[w]) > LENGTH(answered) -> answered = next[w]
            :: else
            fi;
            if
            :: AFTER_ANSWER == IDLE -> idle(w)
            :: else -> stage[w] = AFTER_ANSWER
            fi
        }
    od
}

proctype Trouble() {
    do
    :: atomic { service == UP || service == STARTING -> service = DOWN; started = 0; idle(0); idle(1) }
    :: atomic { service == DOWN && !meddled && entries > 1 ->
            if
            :: entries = entries >> 1; rows = entries    /* an old backup */
            :: rows = rows ^ 1
            :: entries = entries ^ 1
            :: entries = entries ^ 1; rows = entries
            fi;
            meddled = 1
        }
    od
}

/* A start may crash at any of its steps, and begin again. */
proctype Start() {
    do
    :: atomic { service == DOWN -> service = STARTING }    /* nobody else may touch the database from here on */
    :: atomic { service == STARTING && started == 0 ->
            if
#ifdef BUG_ROLLBACK
            :: lock = entries
#else
            :: CONTINUES(entries, lock) -> lock = entries
            :: else -> service = REFUSED
#endif
            fi;
            started = 1
        }
    :: atomic { service == STARTING && started == 1 ->
            if
#ifndef BUG_NO_REPLAY
            :: rows != entries -> service = REFUSED
#endif
            :: else
            fi;
            started = 2
        }
    :: atomic { service == STARTING && started == 2 -> tiles = entries; started = 3 }
    :: atomic { service == STARTING && started == 3 -> publish(entries); started = 0; service = UP }
    od
}

init { atomic { run Writer(0); run Writer(1); run Trouble(); run Start() } }

/* The database is the replay of the log. */
ltl I12 { [] (service == UP -> rows == entries) }
/* Every checkpoint that was ever published continues every earlier one. */
ltl I13 { [] (!forked) }
/* What was answered is there after any crash, or the service refuses to run. */
ltl I17 { [] (service == UP -> CONTINUES(entries, answered)) }
/* What the world sees is in the database. */
ltl I17_published { [] (service == UP -> CONTINUES(entries, published)) }

ltl can_answer_all { [] !(LENGTH(answered) == ENTRIES) }
ltl can_refuse { [] !(service == REFUSED) }
ltl can_recover { [] (service == DOWN && LENGTH(entries) > LENGTH(published) -> [] !(service == UP && published == entries)) }

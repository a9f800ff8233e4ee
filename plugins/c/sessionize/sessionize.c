/* Sessions of keys by the time that their rows say: a session ends when the next row comes more than a gap after its last one. */
#include <sluicebox.h>

typedef struct options {
    int64_t gap_ms;
} options;

typedef struct session {
    int64_t start;
    int64_t end;
    int64_t count;
} session;

static void put(sb_out *out, const session *session) {
    sb_put_i64(out, 0, session->start);
    sb_put_i64(out, 1, session->end);
    sb_put_i64(out, 2, session->count);
    sb_end_row(out);
}

static int update(const void *given, sb_key *key) {
    int64_t gap = ((const options *)given)->gap_ms;
    session now = {0, 0, 0};
    if (key->has_state) {
        now = (session){sb_row_i64(key->state, 0), sb_row_i64(key->state, 1), sb_row_i64(key->state, 2)};
    }
    for (uint32_t row = key->first_value; row < key->end_value; row++) {
        int64_t at = sb_i64_at(&key->values->columns[0], row), until;
        if (__builtin_add_overflow(now.end, gap, &until)) until = gap < 0 ? INT64_MIN : INT64_MAX;
        if (now.count > 0 && at <= until) {
            now.start = at < now.start ? at : now.start;
            now.end = at > now.end ? at : now.end;
            now.count++;
        } else {
            if (now.count > 0) put(key->emitted, &now);
            now = (session){at, at, 1};
        }
    }
    if (key->end_value > key->first_value) put(key->new_state, &now);
    return SB_OK;
}

SLUICEBOX_STATES({
    .name = "sessionize",
    .doc = "Sessions that are over: their first and last time, and how many rows they had. A row that comes late belongs to the session "
           "that is open.",
    .kind = SB_MAP_WITH_STATE,
    .keys = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
    .input = SB_COLUMNS(SB_FIELD("at", SB_INT64)),
    .state = SB_COLUMNS(SB_FIELD("start", SB_INT64), SB_FIELD("end", SB_INT64), SB_FIELD("count", SB_INT64)),
    .state_version = 1,
    .output = SB_COLUMNS(SB_FIELD("start", SB_INT64), SB_FIELD("end", SB_INT64), SB_FIELD("count", SB_INT64)),
    .config = SB_CONFIG(options, NULL, SB_REQUIRED(options, gap_ms, SB_OPTION_I64)),
    .update = update,
})

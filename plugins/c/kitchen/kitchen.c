/* What the tests look at of the SDK beside the plugins that other languages have too: every kind of operator, and everything that can go
 * wrong. */
#include <sluicebox.h>
#include <stdio.h>
#include <stdlib.h>

/* Lines that are longer than three bytes. */
static int is_long(void *self, sb_row line, sb_out *out) {
    (void)self, (void)out;
    return sb_row_text(line, 0).size > 3 ? SB_KEEP : SB_OK;
}

/* Lines with their partition and number, and how many they were at the end. */
typedef struct numbering {
    uint32_t partition;
    int64_t rows;
    bool told;
} numbering;

static int open(const void *options, const sb_context *context, void **self) {
    (void)options;
    numbering *numbering = calloc(1, sizeof *numbering);
    if (numbering == NULL) return sb_fail(SB_FAILED, "out of memory");
    numbering->partition = context->partition;
    *self = numbering;
    return SB_OK;
}

static void put(sb_out *out, const numbering *numbering, sb_text line) {
    sb_put_i64(out, 0, numbering->partition);
    sb_put_i64(out, 1, numbering->rows);
    sb_put_text(out, 2, line);
    sb_end_row(out);
}

static int number(void *self, sb_row line, sb_out *out) {
    numbering *numbering = self;
    put(out, numbering, sb_row_text(line, 0));
    numbering->rows++;
    sb_count("numbered", 1);
    return SB_OK;
}

static int total(void *self, sb_out *out) {
    numbering *numbering = self;
    if (!numbering->told) put(out, numbering, sb_text_from("in all"));
    numbering->told = true;
    return SB_OK;
}

/* How often a key has come, and its last value; the value `forget` removes it. */
static int latest(const void *options, sb_key *key) {
    (void)options;
    int64_t count = key->has_state ? sb_row_i64(key->state, 0) : 0;
    if (key->end_value == key->first_value) return SB_OK;
    sb_text last = sb_text_at(&key->values->columns[0], key->end_value - 1);
    if (sb_text_equal(last, sb_text_from("forget"))) {
        key->remove = true;
        return SB_OK;
    }
    sb_put_i64(key->new_state, 0, count + key->end_value - key->first_value);
    sb_put_text(key->new_state, 1, last);
    sb_end_row(key->new_state);
    return SB_OK;
}

/* The call goes on in here, so that a stack has more than one function. */
__attribute__((noinline)) static size_t length_of(const sb_text *text) { return text->size; }

/* What can go wrong with a line, by what it says. */
static int go_wrong(void *self, sb_row line, sb_out *out) {
    (void)self;
    sb_text text = sb_row_text(line, 0), *nowhere = NULL;
    if (sb_text_equal(text, sb_text_from("null pointer"))) text.size = length_of(nowhere);
    if (sb_text_equal(text, sb_text_from("fail"))) return sb_fail(SB_FAILED, "it said %.*s", (int)text.size, text.data);
    if (sb_text_equal(text, sb_text_from("reject"))) return sb_reject("it said %.*s", (int)text.size, text.data);
    if (sb_text_equal(text, sb_text_from("wrong type"))) sb_put_i64(out, 0, 1);
    if (sb_text_equal(text, sb_text_from("twice"))) sb_put_text(out, 0, text);
    if (sb_text_equal(text, sb_text_from("print"))) {
        printf("this was printed\n");
        fflush(stdout);
    }
    sb_put_text(out, 0, text);
    return SB_OK;
}

/* A key with its city, by the job's table `cities`, and with the job's value `motto`. Both are kept for the partition. */
typedef struct city {
    sb_text key;
    sb_text name;
    bool is_null;
} city;

typedef struct located {
    city cities[8];
    uint32_t n_cities;
    bool has_motto;
    sb_text motto;
} located;

static sb_text kept(sb_text text) {
    char *data = malloc(text.size + 1);
    return (sb_text){memcpy(data, text.data, text.size), text.size};
}

static int open_located(const void *options, const sb_context *context, void **self) {
    (void)options, (void)context;
    located *located = *self = calloc(1, sizeof *located);
    sb_table cities;
    sb_schema columns = SB_COLUMNS(SB_FIELD("key", SB_UTF8), SB_NULLABLE("city", SB_UTF8));
    int opened = sb_table_open(&cities, "cities", &columns);
    if (opened < 0) return opened;
    for (sb_batch rows; sb_table_next(&cities, &rows);) {
        for (uint32_t row = 0; row < rows.rows && located->n_cities < 8; row++) {
            city *city = &located->cities[located->n_cities++];
            city->key = kept(sb_text_at(&rows.columns[0], row));
            city->is_null = sb_is_null(&rows.columns[1], row);
            city->name = kept(sb_text_at(&rows.columns[1], row));
        }
    }
    sb_text motto;
    located->has_motto = sb_broadcast("motto", &motto);
    if (located->has_motto) located->motto = kept(motto);
    return SB_OK;
}

static int locate(void *self, sb_row line, sb_out *out) {
    const located *located = self;
    sb_text key = sb_row_text(line, 0);
    sb_put_text(out, 0, key);
    for (uint32_t i = 0; i < located->n_cities; i++) {
        const city *city = &located->cities[i];
        if (sb_text_equal(city->key, key) && !city->is_null) sb_put_text(out, 1, city->name);
    }
    if (located->has_motto) sb_put_text(out, 2, located->motto);
    sb_end_row(out);
    return SB_OK;
}

static void close_located(void *self) {
    located *located = self;
    for (uint32_t i = 0; i < located->n_cities; i++) {
        free((void *)located->cities[i].key.data);
        free((void *)located->cities[i].name.data);
    }
    free((void *)located->motto.data);
    free(located);
}

/* How many rows the table `many` has, and the sum of its column `n`. */
static int survey(void *self, sb_row line, sb_out *out) {
    (void)self, (void)line;
    sb_table many;
    sb_schema columns = SB_COLUMNS(SB_FIELD("n", SB_INT64));
    int64_t n_rows = 0, sum = 0;
    int opened = sb_table_open(&many, "many", &columns);
    if (opened < 0) return opened;
    for (sb_batch rows; sb_table_next(&many, &rows); n_rows += rows.rows) {
        for (uint32_t row = 0; row < rows.rows; row++)
            sum += sb_i64_at(&rows.columns[0], row);
    }
    sb_put_i64(out, 0, n_rows);
    sb_put_i64(out, 1, sum);
    return SB_OK;
}

/* The sum of a key's values, and who saw it before: what `chameleon` keeps since the second version of its state. */
#define US -1

static int sum_up(const void *options, sb_key *key) {
    (void)options;
    int64_t sum = key->has_state ? sb_row_i64(key->state, 0) : 0, seen = key->has_state ? sb_row_i64(key->state, 1) : US;
    for (uint32_t row = key->first_value; row < key->end_value; row++) {
        sum += sb_i64_at(&key->values->columns[0], row);
        sb_put_i64(key->emitted, 0, sb_row_i64(key->key, 0));
        sb_put_i64(key->emitted, 1, sum);
        sb_put_i64(key->emitted, 2, seen);
        sb_end_row(key->emitted);
        seen = US;
    }
    if (key->timed_out || key->first_value == key->end_value) return SB_OK;
    sb_put_i64(key->new_state, 0, sum);
    sb_put_i64(key->new_state, 1, US);
    sb_end_row(key->new_state);
    return SB_OK;
}

static int migrate(const void *options, uint32_t version, sb_row old, sb_out *out) {
    (void)options;
    if (version != 1) return sb_fail(SB_FAILED, "no way from state of version %u", version);
    sb_put_i64(out, 0, sb_row_i64(old, 0));
    sb_put_i64(out, 1, 0);
    return SB_OK;
}

/* Numbers from 0. The first start fails before one of them. */
typedef struct until {
    int64_t end;
    int64_t fail_at;
} until;

typedef struct counting {
    until until;
    uint32_t attempt;
    int64_t next;
} counting;

static int start_counting(const void *options, const sb_context *context, const sb_text *position, void **self) {
    counting *counting = *self = calloc(1, sizeof *counting);
    counting->until = *(const until *)options;
    counting->attempt = context->attempt;
    if (position != NULL) memcpy(&counting->next, position->data, sizeof counting->next);
    sb_log(SB_INFO, "it starts at %lld", (long long)counting->next);
    return SB_OK;
}

static int count(void *self, sb_received *received) {
    counting *counting = self;
    while (sb_rows(received->rows) < received->max_rows && counting->next < counting->until.end) {
        if (counting->attempt == 0 && counting->next == counting->until.fail_at) {
            if (sb_rows(received->rows) > 0) break;
            return sb_fail(SB_FAILED, "can't count past %lld", (long long)counting->next);
        }
        sb_put_i64(received->rows, 0, counting->next++);
        sb_end_row(received->rows);
    }
    received->position = (sb_text){(const char *)&counting->next, sizeof counting->next};
    received->ended = counting->next == counting->until.end;
    return SB_OK;
}

/* A sink that tells the log what it commits. */
typedef struct told {
    char *text;
    size_t size;
} told;

static int open_told(const void *options, const sb_context *context, void **self) {
    (void)options, (void)context;
    *self = calloc(1, sizeof(told));
    return *self == NULL ? sb_fail(SB_FAILED, "out of memory") : SB_OK;
}

static int write_told(void *self, const sb_batch *rows) {
    told *told = self;
    for (uint32_t row = 0; row < rows->rows; row++) {
        sb_text line = sb_text_at(&rows->columns[0], row);
        char *grown = realloc(told->text, told->size + line.size + 1);
        if (grown == NULL) return sb_fail(SB_FAILED, "out of memory");
        memcpy(grown + told->size, line.data, line.size);
        grown[told->size + line.size] = ';';
        told->text = grown;
        told->size += line.size + 1;
    }
    return SB_OK;
}

static int prepare_told(void *self, sb_text *committable) {
    told *told = self;
    *committable = (sb_text){told->text, told->size};
    return SB_OK;
}

static int commit_told(const void *options, const sb_target *target, sb_texts committables) {
    (void)options;
    for (uint32_t i = 0; i < committables.n; i++) {
        sb_text each = committables.texts[i];
        if (each.size > 0) sb_log(SB_INFO, "%.*s has %.*s", (int)target->output.size, target->output.data, (int)each.size, each.data);
    }
    return SB_OK;
}

SLUICEBOX_TRANSFORMS({.name = "long", .doc = "", .kind = SB_FILTER, .input = SB_COLUMNS(SB_FIELD("", SB_UTF8)), .row = is_long},
                     {.name = "number",
                      .doc = "",
                      .kind = SB_MAP_PARTITIONS,
                      .input = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
                      .output = SB_COLUMNS(SB_FIELD("partition", SB_UINT32), SB_FIELD("number", SB_INT64), SB_FIELD("line", SB_UTF8)),
                      .open = open,
                      .row = number,
                      .finish = total,
                      .close = free},
                     {.name = "go-wrong",
                      .doc = "",
                      .kind = SB_MAP_ROWS,
                      .input = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
                      .output = SB_COLUMNS(SB_FIELD("line", SB_UTF8)),
                      .row = go_wrong},
                     {.name = "locate",
                      .doc = "",
                      .kind = SB_MAP_PARTITIONS,
                      .input = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
                      .output = SB_COLUMNS(SB_FIELD("key", SB_UTF8), SB_NULLABLE("city", SB_UTF8), SB_NULLABLE("motto", SB_UTF8)),
                      .open = open_located,
                      .row = locate,
                      .close = close_located},
                     {.name = "survey",
                      .doc = "",
                      .kind = SB_MAP_ROWS,
                      .input = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
                      .output = SB_COLUMNS(SB_FIELD("rows", SB_UINT64), SB_FIELD("sum", SB_INT64)),
                      .row = survey})

SLUICEBOX_STATES({.name = "latest",
                  .doc = "",
                  .kind = SB_UPDATE_STATE_BY_KEY,
                  .keys = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
                  .input = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
                  .state = SB_COLUMNS(SB_FIELD("count", SB_INT64), SB_FIELD("last", SB_UTF8)),
                  .state_version = 1,
                  .update = latest},
                 {.name = "total",
                  .doc = "",
                  .kind = SB_MAP_WITH_STATE,
                  .keys = SB_COLUMNS(SB_FIELD("", SB_INT64)),
                  .input = SB_COLUMNS(SB_FIELD("", SB_INT64)),
                  .state = SB_COLUMNS(SB_FIELD("sum", SB_INT64), SB_FIELD("seen", SB_INT64)),
                  .state_version = 2,
                  .output = SB_COLUMNS(SB_FIELD("key", SB_INT64), SB_FIELD("sum", SB_INT64), SB_FIELD("seen", SB_INT64)),
                  .update = sum_up,
                  .migrate = migrate})

SLUICEBOX_RECEIVERS({.name = "counting",
                     .doc = "",
                     .replayable = true,
                     .output = SB_COLUMNS(SB_FIELD("number", SB_UINT64)),
                     .config = SB_CONFIG(until, NULL, SB_REQUIRED(until, end, SB_OPTION_I64), SB_OPTION(until, fail_at, SB_OPTION_I64)),
                     .start = start_counting,
                     .receive = count,
                     .stop = free})

SLUICEBOX_SINKS({.name = "tell",
                 .doc = "",
                 .input = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
                 .open = open_told,
                 .write = write_told,
                 .prepare = prepare_told,
                 .commit = commit_told})

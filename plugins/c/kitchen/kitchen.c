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
                      .row = go_wrong})

SLUICEBOX_STATES({.name = "latest",
                  .doc = "",
                  .kind = SB_UPDATE_STATE_BY_KEY,
                  .keys = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
                  .input = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
                  .state = SB_COLUMNS(SB_FIELD("count", SB_INT64), SB_FIELD("last", SB_UTF8)),
                  .state_version = 1,
                  .update = latest})

SLUICEBOX_SINKS({.name = "tell",
                 .doc = "",
                 .input = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
                 .open = open_told,
                 .write = write_told,
                 .prepare = prepare_told,
                 .commit = commit_told})

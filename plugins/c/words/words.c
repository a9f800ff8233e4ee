/* What a word count needs: lines to words, and how often each comes in a batch. */
#include <sluicebox.h>

/* Words of a line, at single spaces; there are no empty words. */
static int split(void *self, sb_row line, sb_out *out) {
    (void)self;
    sb_text rest = sb_row_text(line, 0), word;
    while (sb_text_split(&rest, ' ', &word)) {
        if (word.size == 0) continue;
        sb_put_text(out, 0, word);
        sb_end_row(out);
    }
    return SB_OK;
}

typedef struct tally {
    int64_t count;
} tally;

static int add(const void *options, void *accumulator, sb_row row) {
    (void)options, (void)row;
    ((tally *)accumulator)->count++;
    return SB_OK;
}

static int merge(const void *options, void *into, const void *from) {
    (void)options;
    ((tally *)into)->count += ((const tally *)from)->count;
    return SB_OK;
}

static int unmerge(const void *options, void *from, const void *what) {
    (void)options;
    ((tally *)from)->count -= ((const tally *)what)->count;
    return SB_OK;
}

static int save(const void *options, const void *accumulator, sb_out *out) {
    (void)options;
    sb_put_i64(out, 0, ((const tally *)accumulator)->count);
    return SB_OK;
}

static int load(const void *options, void *accumulator, sb_row row) {
    (void)options;
    ((tally *)accumulator)->count = sb_row_i64(row, 0);
    return SB_OK;
}

SLUICEBOX_TRANSFORMS({
    .name = "split",
    .doc = "Words of lines, at single spaces; there are no empty words.",
    .kind = SB_FLAT_MAP,
    .input = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
    .output = SB_COLUMNS(SB_FIELD("word", SB_UTF8)),
    .row = split,
})

SLUICEBOX_AGGREGATES({
    .name = "tally",
    .doc = "How many rows a key has.",
    .partial = SB_COLUMNS(SB_FIELD("count", SB_INT64)),
    .partial_version = 1,
    .output = SB_COLUMNS(SB_FIELD("count", SB_INT64)),
    .size = sizeof(tally),
    .add = add,
    .merge = merge,
    .unmerge = unmerge,
    .save = save,
    .load = load,
    .finish = save,
})

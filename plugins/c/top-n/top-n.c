/* The highest scores of a key, as a text. */
#include <inttypes.h>
#include <sluicebox.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct options {
    int64_t n;
} options;

static const options defaults = {.n = 10};

typedef struct entry {
    sb_text name;
    int64_t score;
} entry;

/* Sorted, and no longer than it may be. */
typedef struct top {
    entry *entries;
    uint32_t length;
    uint32_t capacity;
} top;

static bool comes_before(const entry *a, const entry *b) {
    return a->score != b->score ? a->score > b->score : sb_text_compare(a->name, b->name) <= 0;
}

static int insert(const options *options, top *into, entry added) {
    if (options->n < 1) return sb_fail(SB_INVALID_CONFIG, "n is %" PRId64 "; it is at least 1", options->n);
    uint32_t at = into->length;
    while (at > 0 && !comes_before(&into->entries[at - 1], &added))
        at--;
    if (at >= options->n) return SB_OK;
    if (into->length == into->capacity) {
        into->capacity = into->capacity == 0 ? 8 : into->capacity * 2;
        entry *grown = sb_alloc(into->capacity * sizeof *grown);
        if (into->length > 0) memcpy(grown, into->entries, into->length * sizeof *grown);
        into->entries = grown;
    }
    memmove(&into->entries[at + 1], &into->entries[at], (into->length - at) * sizeof *into->entries);
    into->entries[at] = added;
    if (into->length < options->n) into->length++;
    return SB_OK;
}

static int add(const void *options, void *accumulator, sb_row row) {
    return insert(options, accumulator, (entry){sb_row_text(row, 0), sb_row_i64(row, 1)});
}

static int merge(const void *options, void *into, const void *from) {
    const top *part = from;
    for (uint32_t i = 0; i < part->length; i++) {
        int returned = insert(options, into, part->entries[i]);
        if (returned != SB_OK) return returned;
    }
    return SB_OK;
}

static int save(const void *options, const void *accumulator, sb_out *out) {
    (void)options;
    const top *top = accumulator;
    sb_builder *names = sb_builder_of(out, 0), *scores = sb_builder_of(out, 1);
    for (uint32_t i = 0; i < top->length; i++) {
        sb_append_text(sb_builder_child(names, 0), top->entries[i].name);
        sb_append_i64(sb_builder_child(scores, 0), top->entries[i].score);
    }
    sb_append_nested(names);
    sb_append_nested(scores);
    return SB_OK;
}

static int load(const void *options, void *accumulator, sb_row row) {
    (void)options;
    const sb_column *names = &row.batch->columns[0], *scores = &row.batch->columns[1];
    sb_items items = sb_items_at(names, row.row), of_scores = sb_items_at(scores, row.row);
    top *top = accumulator;
    top->length = top->capacity = items.end - items.first;
    top->entries = sb_alloc(top->length * sizeof *top->entries);
    for (uint32_t i = 0; i < top->length; i++) {
        top->entries[i].name = sb_text_at(&names->children[0], items.first + i);
        top->entries[i].score = sb_i64_at(&scores->children[0], of_scores.first + i);
    }
    return SB_OK;
}

static int finish(const void *options, const void *accumulator, sb_out *out) {
    (void)options;
    const top *top = accumulator;
    size_t size = 0;
    /* A comma, an equals sign, and at most 20 digits with their sign. */
    for (uint32_t i = 0; i < top->length; i++)
        size += top->entries[i].name.size + 24;
    char *text = sb_alloc(size + 1), *to = text;
    for (uint32_t i = 0; i < top->length; i++) {
        if (i > 0) *to++ = ',';
        if (top->entries[i].name.size > 0) memcpy(to, top->entries[i].name.data, top->entries[i].name.size);
        to += top->entries[i].name.size;
        to += sprintf(to, "=%" PRId64, top->entries[i].score);
    }
    sb_put_text(out, 0, (sb_text){text, (size_t)(to - text)});
    return SB_OK;
}

static const sb_field names[] = {SB_FIELD("item", SB_UTF8)}, scores[] = {SB_FIELD("item", SB_INT64)};

SLUICEBOX_AGGREGATES({
    .name = "top-n",
    .doc = "The names with the highest scores, as `name=score,...`: higher scores first, and of equal ones the name that comes first by "
           "its bytes.",
    .input = SB_COLUMNS(SB_FIELD("name", SB_UTF8), SB_FIELD("score", SB_INT64)),
    .partial = SB_COLUMNS({.name = "names", .type = SB_LIST, .children = names, .n_children = 1},
                          {.name = "scores", .type = SB_LIST, .children = scores, .n_children = 1}),
    .partial_version = 1,
    .output = SB_COLUMNS(SB_FIELD("top", SB_UTF8)),
    .config = SB_CONFIG(options, &defaults, SB_OPTION(options, n, SB_OPTION_I64)),
    .size = sizeof(top),
    .add = add,
    .merge = merge,
    .save = save,
    .load = load,
    .finish = finish,
})

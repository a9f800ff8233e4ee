/* Tests of the SDK, on the machine: what stands between an author's functions and the host, without a host. */
#include "host.h"

static sb_text text(const char *string) { return sb_text_from(string); }

static void texts(void) {
    sb_text rest = text("a  b"), part;
    CHECK(sb_text_split(&rest, ' ', &part) && sb_text_equal(part, text("a")));
    CHECK(sb_text_split(&rest, ' ', &part) && part.size == 0);
    CHECK(sb_text_split(&rest, ' ', &part) && sb_text_equal(part, text("b")));
    CHECK(!sb_text_split(&rest, ' ', &part));
    CHECK(sb_text_compare(text("a"), text("b")) < 0 && sb_text_compare(text("b"), text("ab")) > 0);
    CHECK(sb_text_compare(text("a"), text("ab")) < 0 && sb_text_compare(text(""), text("")) == 0);
    CHECK(sb_text_compare(text("\xf0"), text("a")) > 0);
    sb_log(SB_WARN, "%d of %s", 2, "them");
    CHECK(strcmp(logged, "2 2 of them") == 0);
    sb_count("rows", 3);
    CHECK(count == 3 && strcmp(counted, "rows") == 0);
    sb_end_call();
}

static void memory(void) {
    char *first = sb_alloc(10);
    memcpy(first, "0123456789", 10);
    char *grown = arena_grow(&of_call, first, 10, 1000);
    CHECK(grown == first && memcmp(grown, "0123456789", 10) == 0);
    char *second = sb_alloc(1);
    char *moved = arena_grow(&of_call, grown, 1000, 2000);
    CHECK(moved != grown && second != moved && memcmp(moved, "0123456789", 10) == 0);
    char *large = sb_alloc((size_t)10 << 20);
    large[((size_t)10 << 20) - 1] = 1;
    CHECK(((uintptr_t)large & 15) == 0);
    sb_end_call();
    CHECK(sb_alloc(100) != NULL);
    sb_end_call();
}

static const char *parsed(const char *json) {
    json_value *value = json_parse(text(json));
    return value == NULL ? NULL : value->type == JSON_TEXT || value->type == JSON_NUMBER ? arena_text(&of_call, value->text).data : "";
}

static void json(void) {
    CHECK(strcmp(parsed("\"a\\n\\u00e9\\ud83d\\ude00\\\"\\/\""), "a\n\xc3\xa9\xf0\x9f\x98\x80\"/") == 0);
    CHECK(strcmp(parsed(" -1.5e+3 "), "-1.5e+3") == 0);
    const char *good[] = {"{}", "[]", "[1, [2], {\"a\": null}]", "true", "false", "null", "{\"a\": {\"b\": []}}", "0"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(parsed(good[i]) != NULL);
    const char *bad[] = {"",        "{",           "[1,]",        "{\"a\"}", "{\"a\": 1,}", "01",     "1.",    "+1", "\"",
                         "\"\\x\"", "\"\\ud800\"", "\"\\udc00\"", "nul",     "1 2",         "\"\n\"", "[1 2]", "'a'"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(parsed(bad[i]) == NULL);
    char deep[201];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    deep[200] = 0;
    CHECK(parsed(deep) == NULL);
    sb_end_call();
}

typedef struct options {
    sb_texts names;
    int64_t keep_last;
    double share;
    bool loud;
    sb_text word;
} options;

static const options defaults = {.keep_last = 4, .word = {"none", 4}};
static const sb_config table =
    SB_CONFIG(options, &defaults, SB_REQUIRED(options, names, SB_OPTION_TEXTS), SB_OPTION(options, keep_last, SB_OPTION_I64),
              SB_OPTION(options, share, SB_OPTION_F64), SB_OPTION(options, loud, SB_OPTION_BOOL), SB_OPTION(options, word, SB_OPTION_TEXT));

static void config(void) {
    const options *read = config_read(&table, text("{\"names\": [\"a\", \"\\u00e9\"], \"share\": 0.25, \"loud\": true}"));
    CHECK(read != NULL && read->names.n == 2 && sb_text_equal(read->names.texts[1], text("\xc3\xa9")));
    CHECK(read->keep_last == 4 && read->share == 0.25 && read->loud && sb_text_equal(read->word, text("none")));
    read = config_read(&table, text("{\"names\": [], \"keep-last\": -9223372036854775808, \"word\": \"w\"}"));
    CHECK(read != NULL && read->keep_last == INT64_MIN && sb_text_equal(read->word, text("w")));
    struct {
        const char *json, *message;
    } wrong[] = {
        {"{}", "names is missing: a list of texts"},
        {"{\"names\": [], \"keep_last\": 1}", "unknown key \"keep_last\"; there is names, keep-last, share, loud, word"},
        {"{\"names\": [], \"keep-last\": 1.5}", "keep-last is not an integer"},
        {"{\"names\": [], \"keep-last\": 9223372036854775808}", "keep-last is not an integer"},
        {"{\"names\": [1]}", "names is not a list of texts"},
        {"{\"names\": [], \"loud\": \"yes\"}", "loud is not true or false"},
        {"[]", "the configuration isn't a table"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        sb_end_call();
        CHECK(config_read(&table, text(wrong[i].json)) == NULL);
        CHECK(is_error(error_answer(SB_OK), 0, wrong[i].message));
    }
    sb_end_call();
}

/* Rows that were made, as rows that are read. */
static sb_batch back(sb_out *out, const sb_schema *schema) {
    static wire_batch wire;
    batch_to_wire(out, &wire);
    return batch_of_wire(schema, wire.rows, wire.nodes.data, wire.buffers.data);
}

static const sb_field item[] = {SB_NULLABLE("item", SB_INT32)};
static const sb_field members[] = {SB_FIELD("x", SB_FLOAT32), SB_NULLABLE("y", SB_UTF8)};
static const sb_schema schema = SB_COLUMNS(SB_NULLABLE("text", SB_UTF8), SB_NULLABLE("small", SB_INT8), SB_NULLABLE("flag", SB_BOOL),
                                           {.name = "list", .type = SB_LIST, .nullable = true, .children = item, .n_children = 1},
                                           {.name = "pair", .type = SB_STRUCT, .nullable = true, .children = members, .n_children = 2});

static void columns(void) {
    sb_out out;
    out_begin(&out, schema.fields, schema.n_fields, 0);
    for (int row = 0; row < 1000; row++) {
        if (row % 3 != 1) {
            sb_put_text(&out, 0, text(row % 2 ? "odd" : ""));
            sb_put_i64(&out, 1, row % 128);
            sb_put_bool(&out, 2, row % 2);
            sb_builder *list = sb_builder_of(&out, 3), *pair = sb_builder_of(&out, 4);
            for (int i = 0; i < row % 4; i++) {
                if (i == 2) {
                    sb_append_null(sb_builder_child(list, 0));
                } else {
                    sb_append_i64(sb_builder_child(list, 0), row + i);
                }
            }
            sb_append_nested(list);
            sb_append_f64(sb_builder_child(pair, 0), row / 2.0);
            sb_append_text(sb_builder_child(pair, 1), text("y"));
            sb_append_nested(pair);
        }
        sb_end_row(&out);
    }
    sb_batch batch = back(&out, &schema);
    CHECK(call_error == 0 && batch.rows == 1000 && batch.columns[0].null_count == 333);
    for (uint32_t row = 0; row < 1000; row++) {
        sb_row of = {&batch, row};
        for (uint32_t column = 0; column < 5; column++)
            CHECK(sb_row_is_null(of, column) == (row % 3 == 1));
        if (row % 3 == 1) continue;
        CHECK(sb_text_equal(sb_row_text(of, 0), text(row % 2 ? "odd" : "")));
        CHECK(sb_row_i64(of, 1) == row % 128 && sb_row_bool(of, 2) == (row % 2 == 1));
        sb_items items = sb_items_at(&batch.columns[3], row);
        CHECK(items.end - items.first == row % 4);
        for (uint32_t i = items.first; i < items.end; i++) {
            const sb_column *child = &batch.columns[3].children[0];
            CHECK(sb_is_null(child, i) == (i - items.first == 2));
            CHECK(sb_is_null(child, i) || sb_i64_at(child, i) == row + (i - items.first));
        }
        CHECK(sb_f64_at(&batch.columns[4].children[0], row) == (float)(row / 2.0));
    }
    /* Copied row by row, and taken whole, they are the same again. */
    sb_out copied, taken;
    out_begin(&copied, schema.fields, schema.n_fields, 0);
    out_begin(&taken, schema.fields, schema.n_fields, 0);
    for (uint32_t row = 0; row < 1000; row++) {
        for (uint32_t column = 0; column < 5; column++)
            sb_put_copy(&copied, column, &batch.columns[column], row);
        sb_end_row(&copied);
    }
    for (uint32_t column = 0; column < 5; column++)
        sb_take(sb_builder_of(&taken, column), &batch.columns[column]);
    sb_batch again = back(&copied, &schema), whole = back(&taken, &schema);
    for (uint32_t row = 0; row < 1000; row++) {
        if (row % 3 == 1) continue;
        CHECK(sb_text_equal(sb_text_at(&again.columns[0], row), sb_text_at(&whole.columns[0], row)));
        CHECK(sb_items_at(&again.columns[3], row).end == sb_items_at(&whole.columns[3], row).end);
    }
    sb_end_call();

    out_begin(&out, schema.fields, schema.n_fields, 0);
    sb_put_i64(&out, 1, 128);
    CHECK(is_error(error_answer(SB_OK), 2, "column \"small\" is int8, and has no 128"));
    sb_end_call();
    out_begin(&out, schema.fields, schema.n_fields, 0);
    sb_put_i64(&out, 0, 1);
    CHECK(is_error(error_answer(SB_OK), 2, "column \"text\" is utf8, and an integer is put into it"));
    sb_end_call();
    static const sb_field integers[] = {SB_FIELD("signed", SB_INT64), SB_FIELD("unsigned", SB_UINT64), SB_FIELD("tiny", SB_INT8)};
    static const sb_schema of_integers = {integers, 3, false};
    out_begin(&out, integers, 3, 0);
    sb_put_u64(&out, 0, INT64_MAX);
    sb_put_u64(&out, 1, UINT64_MAX);
    sb_put_i64(&out, 2, INT8_MIN);
    sb_end_row(&out);
    sb_batch numbers = back(&out, &of_integers);
    CHECK(sb_i64_at(&numbers.columns[0], 0) == INT64_MAX && sb_u64_at(&numbers.columns[0], 0) == INT64_MAX);
    CHECK(sb_u64_at(&numbers.columns[1], 0) == UINT64_MAX && sb_i64_at(&numbers.columns[1], 0) == -1);
    CHECK(sb_i64_at(&numbers.columns[2], 0) == INT8_MIN);
    sb_end_call();
    /* No number becomes another one. */
    out_begin(&out, integers, 3, 0);
    sb_put_u64(&out, 0, UINT64_MAX);
    CHECK(is_error(error_answer(SB_OK), 2, "column \"signed\" is int64, and has no 18446744073709551615"));
    sb_end_call();
    out_begin(&out, integers, 3, 0);
    sb_put_i64(&out, 1, INT64_MIN);
    CHECK(is_error(error_answer(SB_OK), 2, "column \"unsigned\" is uint64, and has no -9223372036854775808"));
    sb_end_call();
    out_begin(&out, integers, 3, 0);
    sb_put_u64(&out, 2, UINT64_MAX);
    CHECK(is_error(error_answer(SB_OK), 2, "column \"tiny\" is int8, and has no 18446744073709551615"));
    sb_end_call();
    out_begin(&out, schema.fields, schema.n_fields, 0);
    sb_put_i64(&out, 9, 1);
    CHECK(is_error(error_answer(SB_OK), 2, "column 9 is put, and only 5 are made"));
    sb_end_call();
    out_begin(&out, members, 1, 0);
    sb_end_row(&out);
    CHECK(is_error(error_answer(SB_OK), 2, "column \"x\" has no value in a row, and isn't nullable"));
    sb_end_call();
}

static void schemas(void) {
    static const sb_field texts[] = {SB_FIELD("item", SB_UTF8)};
    static const sb_field fields[] = {{.name = "at", .type = SB_TIMESTAMP, .unit = SB_MICROSECOND, .zone = "UTC"},
                                      {.name = "amount", .type = SB_DECIMAL128, .precision = 10, .scale = -2},
                                      {.name = "l", .type = SB_LIST, .nullable = true, .children = texts, .n_children = 1},
                                      {.name = "h", .type = SB_FIXED_BINARY, .size = 16}};
    wire_list wire = schema_to_wire(fields, 4);
    CHECK(wire.n == 5);
    sb_schema read = schema_of_wire(&of_open, wire.data, wire.n);
    CHECK(read.n_fields == 4 && strcmp(read.fields[0].zone, "UTC") == 0 && read.fields[0].unit == SB_MICROSECOND);
    CHECK(read.fields[1].precision == 10 && read.fields[1].scale == -2 && read.fields[2].n_children == 1);
    CHECK(strcmp(read.fields[2].children[0].name, "item") == 0 && read.fields[3].size == 16);
    arena_reset(&of_open);
    sb_end_call();
}

/* An operator, from bind to process, as the host calls it. */
static int twice(void *self, sb_row in, sb_out *out) {
    (void)self;
    if (sb_row_i64(in, 0) < 0) return sb_reject("%lld is below zero", (long long)sb_row_i64(in, 0));
    sb_put_i64(out, 0, 2 * sb_row_i64(in, 0));
    return SB_OK;
}

SLUICEBOX_TRANSFORMS({.name = "twice",
                      .doc = "Twice.",
                      .kind = SB_MAP_ROWS,
                      .input = SB_COLUMNS(SB_FIELD("", SB_INT64)),
                      .output = SB_COLUMNS(SB_FIELD("twice", SB_INT64)),
                      .row = twice})

static void operators(void) {
    static const sb_field number[] = {SB_NULLABLE("n", SB_INT64)};
    wire_list fields = schema_to_wire(number, 1);
    CHECK(is_error(sb_export_transform_bind("thrice", 6, "{}", 2, fields.data, fields.n), 2, "there is no transform \"thrice\""));
    sb_end_call();
    fields = schema_to_wire(number, 1);
    CHECK(is_error(sb_export_transform_bind("twice", 5, "{\"a\": 1}", 8, fields.data, fields.n), 0, "unknown key \"a\"; there is no keys"));
    sb_end_call();
    fields = schema_to_wire(number, 1);
    wire_result *opened = sb_export_transform_open("j", 1, "s", 1, 0, 0, 1, 0, "twice", 5, "{}", 2, fields.data, fields.n);
    CHECK(!opened->is_error);
    sb_out out;
    out_begin(&out, number, 1, 0);
    sb_put_i64(&out, 0, 21);
    sb_end_row(&out);
    sb_end_row(&out);
    sb_put_i64(&out, 0, -1);
    sb_end_row(&out);
    wire_batch wire;
    batch_to_wire(&out, &wire);
    struct {
        uint8_t is_error;
        struct {
            uint8_t tag;
            union {
                wire_batch made;
                struct {
                    wire_batch rows;
                    wire_list ends;
                } expanded;
            } of;
        } rows;
        wire_list rejected;
    } *answer = sb_export_transform_process(wire.rows, wire.nodes.data, wire.nodes.n, wire.buffers.data, wire.buffers.n);
    CHECK(!answer->is_error && answer->rows.tag == 0 && answer->rows.of.made.rows == 1 && answer->rejected.n == 2);
    const wire_list *buffers = answer->rows.of.made.buffers.data;
    CHECK(*(const int64_t *)buffers[1].data == 42);
    sb_end_call();
}

static void references(void) {
    const sb_schema paths = SB_COLUMNS(SB_NULLABLE("weight", SB_INT64), SB_FIELD("path", SB_UTF8));
    sb_table table;
    CHECK(sb_table_open(&table, "pages", &paths) == SB_OK);
    uint32_t n_rows = 0;
    for (sb_batch rows; sb_table_next(&table, &rows); n_rows += rows.rows) {
        for (uint32_t row = 0; row < rows.rows; row++) {
            uint32_t at = n_rows + row;
            CHECK(sb_is_null(&rows.columns[0], row) == (at == 3));
            CHECK(at == 3 || sb_i64_at(&rows.columns[0], row) == at * 10);
            CHECK(sb_text_equal(sb_text_at(&rows.columns[1], row), sb_format("/%u", at)));
        }
    }
    CHECK(n_rows == 5 && call_error == 0);
    CHECK(sb_table_open(&table, "pages", NULL) == SB_OK);
    sb_batch all;
    CHECK(sb_table_next(&table, &all) && all.n_columns == 2 && strcmp(all.columns[1].field->name, "weight") == 0);
    sb_end_call();

    const sb_schema weights = SB_COLUMNS(SB_FIELD("weight", SB_INT64));
    CHECK(sb_table_open(&table, "pages", &weights) == SB_OK);
    CHECK(sb_table_next(&table, &all) && all.rows == 2 && !sb_table_next(&table, &all));
    CHECK(is_error(error_answer(SB_OK), 2, "table \"pages\", row 3: column \"weight\" is null"));
    sb_end_call();
    CHECK(is_error(error_answer(sb_table_open(&table, "page", NULL)), 2, "no table \"page\", or its job doesn't grant it"));
    sb_end_call();
    const sb_schema wrong = SB_COLUMNS(SB_FIELD("weigth", SB_INT64)), text_weights = SB_COLUMNS(SB_FIELD("weight", SB_UTF8));
    CHECK(is_error(error_answer(sb_table_open(&table, "pages", &wrong)), 2, "has no column \"weigth\"; it has path, weight"));
    sb_end_call();
    CHECK(is_error(error_answer(sb_table_open(&table, "pages", &text_weights)), 2, "column \"weight\" is int64, and is read as utf8"));
    sb_end_call();

    sb_text value;
    CHECK(sb_broadcast("motto", &value) && sb_text_equal(value, text("onward")) && value.data[6] == 0);
    CHECK(!sb_broadcast("slogan", &value) && call_error == 0);
    sb_end_call();
}

/* State of an older version, as the host hands it over. */
static int keep(const void *options, sb_key *key) {
    (void)options, (void)key;
    return SB_OK;
}

static int split_sum(const void *options, uint32_t version, sb_row old, sb_out *out) {
    (void)options;
    if (version != 1) return sb_fail(SB_FAILED, "no way from version %u", version);
    sb_put_i64(out, 0, sb_row_i64(old, 0));
    sb_put_i64(out, 1, 7);
    return SB_OK;
}

SLUICEBOX_STATES({.name = "sum",
                  .doc = "",
                  .kind = SB_UPDATE_STATE_BY_KEY,
                  .keys = SB_COLUMNS(SB_FIELD("", SB_INT64)),
                  .input = SB_COLUMNS(SB_FIELD("", SB_INT64)),
                  .state = SB_COLUMNS(SB_FIELD("sum", SB_INT64), SB_FIELD("seen", SB_INT64)),
                  .state_version = 2,
                  .update = keep,
                  .migrate = split_sum})

static void migrations(void) {
    static const sb_field number[] = {SB_FIELD("n", SB_INT64)};
    wire_list fields = schema_to_wire(number, 1);
    wire_result *opened = sb_export_state_open("j", 1, "s", 1, 0, 0, 1, 0, "sum", 3, "{}", 2, fields.data, fields.n, fields.data, fields.n);
    CHECK(!opened->is_error);
    sb_out out;
    out_begin(&out, number, 1, 0);
    for (int row = 0; row < 3; row++) {
        sb_put_i64(&out, 0, row * 100);
        sb_end_row(&out);
    }
    wire_batch old;
    batch_to_wire(&out, &old);
    wire_result *answer =
        sb_export_state_migrate(1, fields.data, fields.n, old.rows, old.nodes.data, old.nodes.n, old.buffers.data, old.buffers.n);
    CHECK(!answer->is_error && answer->of.batch.rows == 3);
    const wire_list *buffers = answer->of.batch.buffers.data;
    CHECK(((const int64_t *)buffers[1].data)[2] == 200 && ((const int64_t *)buffers[3].data)[2] == 7);
    answer = sb_export_state_migrate(3, fields.data, fields.n, old.rows, old.nodes.data, old.nodes.n, old.buffers.data, old.buffers.n);
    CHECK(is_error(answer, 2, "no way from version 3"));
    sb_end_call();
}

/* A receiver of numbers, that counts on from its position. */
static int start_counting(const void *options, const sb_context *context, const sb_text *position, void **self) {
    static int64_t next;
    (void)options, (void)context;
    next = position == NULL ? 0 : atoll(position->data);
    *self = &next;
    return SB_OK;
}

static int receive_counting(void *self, sb_received *received) {
    int64_t *next = self;
    for (uint32_t i = 0; i < received->max_rows; i++) {
        sb_put_i64(received->rows, 0, (*next)++);
        sb_end_row(received->rows);
    }
    received->position = sb_format("%lld", (long long)*next);
    return SB_OK;
}

SLUICEBOX_RECEIVERS({.name = "counting",
                     .doc = "",
                     .replayable = true,
                     .output = SB_COLUMNS(SB_FIELD("n", SB_INT64)),
                     .start = start_counting,
                     .receive = receive_counting})

typedef struct chunk_result {
    uint8_t is_error;
    wire_batch rows;
    wire_list position;
    uint8_t ended;
} chunk_result;

static void positions(void) {
    const char *position = NULL;
    char kept[32];
    for (int64_t round = 0; round < 3; round++) {
        size_t n = position == NULL ? 0 : strlen(position);
        wire_result *started =
            sb_export_receiver_start("j", 1, "s", 1, 0, 0, 1, (uint32_t)round, "counting", 8, "{}", 2, n > 0, position, n);
        CHECK(!started->is_error);
        chunk_result *chunk = sb_export_receiver_receive(5, 10);
        CHECK(!chunk->is_error && chunk->rows.rows == 5 && !chunk->ended);
        const wire_list *buffers = chunk->rows.buffers.data;
        CHECK(((const int64_t *)buffers[1].data)[0] == 5 * round);
        snprintf(kept, sizeof kept, "%.*s", (int)chunk->position.n, (const char *)chunk->position.data);
        position = kept;
        sb_end_call();
        CHECK(!((wire_result *)sb_export_receiver_ack(kept, strlen(kept)))->is_error);
        sb_export_receiver_stop();
    }
    CHECK(strcmp(kept, "15") == 0);
}

int main(void) {
    texts();
    memory();
    json();
    config();
    columns();
    schemas();
    operators();
    references();
    migrations();
    positions();
    arena_reset(&of_open);
    printf("the SDK for C: %d checks hold\n", n_checks);
    return 0;
}

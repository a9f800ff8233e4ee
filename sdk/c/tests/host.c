/* The host of the tests: what it is asked for, and what it keeps of what it is told. */
#include "host.h"

#include <stdio.h>

int n_checks;
char logged[256], counted[64];
int64_t count;

void host_log(int32_t level, const char *message, size_t n_message);
void host_log(int32_t level, const char *message, size_t n_message) {
    snprintf(logged, sizeof logged, "%d %.*s", level, (int)n_message, message);
}

void host_count(const char *name, size_t n_name, int64_t added);
void host_count(const char *name, size_t n_name, int64_t added) {
    snprintf(counted, sizeof counted, "%.*s", (int)n_name, name);
    count += added;
}

/* A table `pages` of five rows, of which two are handed over at a time, and a value `motto`, of which three bytes are. */
static const sb_field page_fields[] = {SB_NULLABLE("path", SB_UTF8), SB_NULLABLE("weight", SB_INT64)};
static const char motto[] = "onward";

typedef struct rows_option {
    uint8_t some;
    wire_batch rows;
} rows_option;
typedef struct size_option {
    uint8_t some;
    uint64_t size;
} size_option;
typedef struct bytes_option {
    uint8_t some;
    wire_list bytes;
} bytes_option;

void host_table_columns(const char *name, size_t n_name, wire_schema_option *columns);
void host_table_columns(const char *name, size_t n_name, wire_schema_option *columns) {
    columns->some = is_named("pages", (sb_text){name, n_name});
    columns->fields = schema_to_wire(page_fields, 2);
}

void host_table_rows(const char *name, size_t n_name, const wire_list *wanted, size_t n_wanted, uint64_t start, uint32_t max_rows,
                     rows_option *rows);
void host_table_rows(const char *name, size_t n_name, const wire_list *wanted, size_t n_wanted, uint64_t start, uint32_t max_rows,
                     rows_option *rows) {
    sb_field *fields = sb_alloc(2 * sizeof *fields);
    for (size_t i = 0; i < n_wanted; i++)
        fields[i] = page_fields[is_named("weight", (sb_text){wanted[i].data, wanted[i].n})];
    rows->some = is_named("pages", (sb_text){name, n_name}) && start < 5 && max_rows >= 2;
    sb_out *out = sb_alloc(sizeof *out);
    out_begin(out, fields, (uint32_t)n_wanted, 2);
    for (uint64_t row = start; row < 5 && row < start + 2; row++) {
        for (uint32_t i = 0; i < n_wanted; i++) {
            if (fields[i].type == SB_UTF8) sb_put_text(out, i, sb_format("/%d", (int)row));
            if (fields[i].type == SB_INT64 && row != 3) sb_put_i64(out, i, (int64_t)row * 10);
        }
        sb_end_row(out);
    }
    batch_to_wire(out, &rows->rows);
}

void host_broadcast_size(const char *name, size_t n_name, size_option *size);
void host_broadcast_size(const char *name, size_t n_name, size_option *size) {
    *size = (size_option){is_named("motto", (sb_text){name, n_name}), strlen(motto)};
}

void host_broadcast_bytes(const char *name, size_t n_name, uint64_t start, uint32_t max_bytes, bytes_option *bytes);
void host_broadcast_bytes(const char *name, size_t n_name, uint64_t start, uint32_t max_bytes, bytes_option *bytes) {
    bytes->some = is_named("motto", (sb_text){name, n_name}) && start < strlen(motto) && max_bytes > 3;
    bytes->bytes = (wire_list){(void *)(motto + start), 3};
}

bool is_error(const void *answer, int tag, const char *part) {
    const wire_result *result = answer;
    char *message = sb_alloc(result->of.error.message.n + 1);
    if (!result->is_error || result->of.error.tag != tag) return false;
    memcpy(message, result->of.error.message.data, result->of.error.message.n);
    if (strstr(message, part) == NULL) fprintf(stderr, "no \"%s\" in \"%s\"\n", part, message);
    return strstr(message, part) != NULL;
}

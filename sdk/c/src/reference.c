/* What the job has beside an operator's input: static tables and broadcast values. */
#include "abi.h"

typedef struct wire_rows_option {
    uint8_t some;
    wire_batch rows;
} wire_rows_option;

typedef struct wire_size_option {
    uint8_t some;
    /* 64-bit members are aligned to 8 bytes. */
    _Alignas(8) uint64_t size;
} wire_size_option;

typedef struct wire_bytes_option {
    uint8_t some;
    wire_list bytes;
} wire_bytes_option;

#ifdef __wasm__
_Static_assert(sizeof(wire_rows_option) == 24 && sizeof(wire_size_option) == 16 && sizeof(wire_bytes_option) == 12,
               "the layout of 32 bits");
#endif

IMPORT("tables", "columns") extern void host_table_columns(const char *name, size_t n_name, wire_schema_option *columns);
IMPORT("tables", "read")
extern void host_table_rows(const char *name, size_t n_name, const wire_list *wanted, size_t n_wanted, uint64_t start, uint32_t max_rows,
                            wire_rows_option *rows);
IMPORT("broadcasts", "size") extern void host_broadcast_size(const char *name, size_t n_name, wire_size_option *size);
IMPORT("broadcasts", "read")
extern void host_broadcast_bytes(const char *name, size_t n_name, uint64_t start, uint32_t max_bytes, wire_bytes_option *bytes);

/* The most bytes that are asked for at a time. */
#define PIECE ((uint32_t)1 << 20)

int sb_table_open(sb_table *table, const char *name, const sb_schema *columns) {
    wire_schema_option offered = {0};
    host_table_columns(name, strlen(name), &offered);
    if (!offered.some) {
        return sb_fail(SB_FAILED, "there is no table \"%s\", or its job doesn't grant it: grants = { tables = [\"%s\"] }", name, name);
    }
    sb_schema *has = arena_alloc(&of_call, sizeof *has), *given = arena_alloc(&of_call, sizeof *given);
    *has = schema_of_wire(&of_call, offered.fields.data, offered.fields.n);
    if (columns == NULL || columns->any) columns = has;
    sb_field *fields = arena_alloc(&of_call, (columns->n_fields + 1) * sizeof *fields);
    for (uint32_t i = 0; i < columns->n_fields; i++) {
        const sb_field *asked = &columns->fields[i], *found = NULL;
        for (uint32_t j = 0; j < has->n_fields; j++) {
            if (strcmp(has->fields[j].name, asked->name) == 0) found = &has->fields[j];
        }
        if (found == NULL) {
            sb_text names = {"", 0};
            for (uint32_t j = 0; j < has->n_fields; j++)
                names = sb_format("%s%s%s", names.data, j == 0 ? "" : ", ", has->fields[j].name);
            return sb_fail(SB_FAILED, "table \"%s\" has no column \"%s\"; it has %s", name, asked->name, names.data);
        }
        if (!is_same_type(asked, found)) {
            return sb_fail(SB_FAILED, "table \"%s\": column \"%s\" is %s, and is read as %s", name, asked->name, type_name(found),
                           type_name(asked));
        }
        fields[i] = *found;
    }
    *given = (sb_schema){fields, columns->n_fields, false};
    *table = (sb_table){name, given, columns, 0};
    return SB_OK;
}

bool sb_table_next(sb_table *table, sb_batch *rows) {
    const sb_schema *given = table->given;
    wire_list *wanted = arena_alloc(&of_call, (given->n_fields + 1) * sizeof *wanted);
    for (uint32_t i = 0; i < given->n_fields; i++)
        wanted[i] = list_of_string(given->fields[i].name);
    wire_rows_option answer = {0};
    host_table_rows(table->name, strlen(table->name), wanted, given->n_fields, table->next_row, UINT32_MAX, &answer);
    if (!answer.some || answer.rows.rows == 0) return false;
    *rows = batch_of_wire(given, answer.rows.rows, answer.rows.nodes.data, answer.rows.buffers.data);
    for (uint32_t row = 0; may_have_nulls(table->columns, rows) && row < rows->rows; row++) {
        const char *lacking = null_in(table->columns, (sb_row){rows, row});
        if (lacking == NULL) continue;
        unsigned long long at = table->next_row + row;
        sb_fail(SB_FAILED, "table \"%s\", row %llu: column \"%s\" is null", table->name, at, lacking);
        return false;
    }
    table->next_row += rows->rows;
    return true;
}

bool sb_broadcast(const char *name, sb_text *bytes) {
    wire_size_option size = {0};
    host_broadcast_size(name, strlen(name), &size);
    if (!size.some) return false;
    if (size.size > SIZE_MAX / 2) out_of_memory();
    char *data = arena_alloc(&of_call, (size_t)size.size + 1);
    size_t n = 0;
    wire_bytes_option piece = {0};
    /* It is what it is for all of a batch, so there are as many bytes as were told. */
    for (host_broadcast_bytes(name, strlen(name), 0, PIECE, &piece); piece.some && piece.bytes.n > 0 && piece.bytes.n <= size.size - n;
         host_broadcast_bytes(name, strlen(name), n, PIECE, &piece)) {
        memcpy(data + n, piece.bytes.data, piece.bytes.n);
        n += piece.bytes.n;
    }
    data[n] = 0;
    *bytes = (sb_text){data, n};
    return true;
}

/* Columns that come from the host, and columns that are made for it. */
#include "abi.h"

#include <limits.h>

/* --- types -----------------------------------------------------------------------------------------------------------------------------
 */

/* Bytes of a value; 0: bits, or no values of a fixed width. */
static uint32_t width_of(const sb_field *field) {
    switch (field->type) {
    case SB_INT8:
    case SB_UINT8:
        return 1;
    case SB_INT16:
    case SB_UINT16:
        return 2;
    case SB_INT32:
    case SB_UINT32:
    case SB_FLOAT32:
    case SB_DATE32:
        return 4;
    case SB_INT64:
    case SB_UINT64:
    case SB_FLOAT64:
    case SB_DATE64:
    case SB_TIMESTAMP:
    case SB_DURATION:
        return 8;
    case SB_TIME:
        return field->unit <= SB_MILLISECOND ? 4 : 8;
    case SB_DECIMAL128:
        return 16;
    case SB_INTERVAL:
        return field->unit == SB_YEAR_MONTH ? 4 : field->unit == SB_DAY_TIME ? 8 : 16;
    case SB_FIXED_BINARY:
        return field->size;
    default:
        return 0;
    }
}

static bool has_offsets(const sb_field *field) {
    return field->type == SB_UTF8 || field->type == SB_BINARY || field->type == SB_LIST || field->type == SB_MAP;
}

static bool is_bytes(const sb_field *field) { return field->type == SB_UTF8 || field->type == SB_BINARY; }

static bool is_nested(const sb_field *field) { return field->type >= SB_LIST; }

static const char *const NAMES[] = {
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
    "decimal128",
    "utf8",
    "binary",
    "fixed-size binary",
    "date32",
    "date64",
    "time",
    "timestamp",
    "duration",
    "interval",
    "list",
    "fixed-size list",
    "struct",
    "map",
};

const char *type_name(const sb_field *field) { return field->type <= SB_MAP ? NAMES[field->type] : "unknown"; }

bool is_same_type(const sb_field *a, const sb_field *b) {
    bool zones = a->zone == NULL || b->zone == NULL ? a->zone == b->zone : strcmp(a->zone, b->zone) == 0;
    if (a->type != b->type || a->unit != b->unit || a->precision != b->precision || a->scale != b->scale || a->size != b->size || !zones ||
        a->n_children != b->n_children)
        return false;
    for (uint32_t i = 0; i < a->n_children; i++) {
        if (!is_same_type(&a->children[i], &b->children[i])) return false;
    }
    return true;
}

static uint32_t count_fields(const sb_field *fields, uint32_t n) {
    uint32_t all = n;
    for (uint32_t i = 0; i < n; i++)
        all += count_fields(fields[i].children, fields[i].n_children);
    return all;
}

static const sb_field *read_fields(arena *from, const wire_field **next, uint32_t n) {
    sb_field *fields = arena_alloc(from, (n ? n : 1) * sizeof *fields);
    memset(fields, 0, n * sizeof *fields);
    for (uint32_t i = 0; i < n; i++) {
        const wire_field *wire = (*next)++;
        sb_field *field = &fields[i];
        field->name = arena_text(from, (sb_text){wire->name.data, wire->name.n}).data;
        field->type = (sb_type)wire->type.tag;
        field->nullable = wire->nullable != 0;
        switch (field->type) {
        case SB_DECIMAL128:
            field->precision = wire->type.of.decimal.precision;
            field->scale = wire->type.of.decimal.scale;
            break;
        case SB_FIXED_BINARY:
        case SB_FIXED_LIST:
            field->size = wire->type.of.size;
            break;
        case SB_TIMESTAMP:
            field->unit = wire->type.of.timestamp.unit;
            if (wire->type.of.timestamp.zone.some) {
                wire_list zone = wire->type.of.timestamp.zone.name;
                field->zone = arena_text(from, (sb_text){zone.data, zone.n}).data;
            }
            break;
        case SB_TIME:
        case SB_DURATION:
        case SB_INTERVAL:
            field->unit = wire->type.of.unit;
            break;
        default:
            break;
        }
        field->n_children = wire->children;
        field->children = read_fields(from, next, wire->children);
    }
    return fields;
}

sb_schema schema_of_wire(arena *from, const wire_field *fields, size_t n) {
    /* Fields on top are those that are nobody's children. */
    uint32_t n_top = 0;
    for (size_t i = 0; i < n; n_top++) {
        for (size_t below = 1; below > 0; i++)
            below = below - 1 + fields[i].children;
    }
    const wire_field *next = fields;
    return (sb_schema){read_fields(from, &next, n_top), n_top, false};
}

static void write_fields(wire_field **next, const sb_field *fields, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        const sb_field *field = &fields[i];
        wire_field *wire = (*next)++;
        wire->name = list_of_string(field->name);
        wire->type.tag = (uint8_t)field->type;
        wire->nullable = field->nullable;
        wire->children = field->n_children;
        switch (field->type) {
        case SB_DECIMAL128:
            wire->type.of.decimal.precision = field->precision;
            wire->type.of.decimal.scale = field->scale;
            break;
        case SB_FIXED_BINARY:
        case SB_FIXED_LIST:
            wire->type.of.size = field->size;
            break;
        case SB_TIMESTAMP:
            wire->type.of.timestamp.unit = field->unit;
            wire->type.of.timestamp.zone.some = field->zone != NULL;
            wire->type.of.timestamp.zone.name = list_of_string(field->zone);
            break;
        case SB_TIME:
        case SB_DURATION:
        case SB_INTERVAL:
            wire->type.of.unit = field->unit;
            break;
        default:
            break;
        }
        write_fields(next, field->children, field->n_children);
    }
}

wire_list schema_to_wire(const sb_field *fields, uint32_t n) {
    uint32_t all = count_fields(fields, n);
    wire_field *wire = sb_alloc(all * sizeof *wire), *next = wire;
    write_fields(&next, fields, n);
    return (wire_list){wire, all};
}

wire_schema_option asked_to_wire(const sb_schema *schema) {
    wire_schema_option asked = {!schema->any, {NULL, 0}};
    if (schema->any) return asked;
    asked.fields = schema_to_wire(schema->fields, schema->n_fields);
    /* A null where the operator takes none is the SDK's to refuse, by its row. */
    wire_field *wire = asked.fields.data;
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        wire->nullable = 1;
        wire += count_fields(&schema->fields[i], 1);
    }
    return asked;
}

const char *null_in(const sb_schema *asked, sb_row row) {
    for (uint32_t i = 0; i < asked->n_fields && i < row.batch->n_columns; i++) {
        if (!asked->fields[i].nullable && sb_row_is_null(row, i)) return row.batch->columns[i].field->name;
    }
    return NULL;
}

bool may_have_nulls(const sb_schema *asked, const sb_batch *batch) {
    for (uint32_t i = 0; i < asked->n_fields && i < batch->n_columns; i++) {
        if (!asked->fields[i].nullable && batch->columns[i].null_count > 0) return true;
    }
    return false;
}

/* --- columns that are read -------------------------------------------------------------------------------------------------------------
 */

static const sb_column *read_columns(const sb_field *fields, uint32_t n, const wire_node **nodes, const wire_list **buffers) {
    sb_column *columns = sb_alloc((n ? n : 1) * sizeof *columns);
    for (uint32_t i = 0; i < n; i++) {
        sb_column *column = &columns[i];
        const sb_field *field = column->field = &fields[i];
        const wire_node *node = (*nodes)++;
        column->length = node->length;
        column->null_count = node->null_count;
        const wire_list *validity = (*buffers)++;
        column->validity = node->null_count > 0 ? validity->data : NULL;
        if (has_offsets(field)) column->offsets = (*buffers)++->data;
        if (!is_nested(field)) {
            const wire_list *values = (*buffers)++;
            column->values = values->data;
            column->n_values = values->n;
        }
        column->children = read_columns(field->children, field->n_children, nodes, buffers);
    }
    return columns;
}

sb_batch batch_of_wire(const sb_schema *schema, uint32_t rows, const wire_node *nodes, const wire_list *buffers) {
    return (sb_batch){rows, schema->n_fields, read_columns(schema->fields, schema->n_fields, &nodes, &buffers)};
}

bool sb_bool_at(const sb_column *column, uint32_t row) { return column->values[row >> 3] >> (row & 7) & 1; }

int64_t sb_i64_at(const sb_column *column, uint32_t row) {
    const uint8_t *values = column->values;
    switch (column->field->type) {
    case SB_INT8:
        return ((const int8_t *)values)[row];
    case SB_UINT8:
        return values[row];
    case SB_INT16:
        return ((const int16_t *)(const void *)values)[row];
    case SB_UINT16:
        return ((const uint16_t *)(const void *)values)[row];
    case SB_UINT32:
        return ((const uint32_t *)(const void *)values)[row];
    case SB_BOOL:
        return sb_bool_at(column, row);
    default:
        return width_of(column->field) == 4 ? ((const int32_t *)(const void *)values)[row] : ((const int64_t *)(const void *)values)[row];
    }
}

uint64_t sb_u64_at(const sb_column *column, uint32_t row) { return (uint64_t)sb_i64_at(column, row); }

double sb_f64_at(const sb_column *column, uint32_t row) {
    switch (column->field->type) {
    case SB_FLOAT64:
        return ((const double *)(const void *)column->values)[row];
    case SB_FLOAT32:
        return ((const float *)(const void *)column->values)[row];
    case SB_UINT64:
        return (double)sb_u64_at(column, row);
    default:
        return (double)sb_i64_at(column, row);
    }
}

sb_items sb_items_at(const sb_column *column, uint32_t row) {
    if (column->offsets != NULL) return (sb_items){(uint32_t)column->offsets[row], (uint32_t)column->offsets[row + 1]};
    uint32_t size = column->field->size;
    return (sb_items){row * size, (row + 1) * size};
}

/* --- columns that are made -------------------------------------------------------------------------------------------------------------
 */

static void builders_begin(sb_builder *builders, const sb_field *fields, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        builders[i].field = &fields[i];
        if (fields[i].n_children == 0) continue;
        builders[i].children = sb_alloc(fields[i].n_children * sizeof(sb_builder));
        builders_begin(builders[i].children, fields[i].children, fields[i].n_children);
    }
}

void out_begin(sb_out *out, const sb_field *fields, uint32_t n, uint32_t expected_rows) {
    out->rows = 0;
    out->n_builders = n;
    out->builders = sb_alloc((n ? n : 1) * sizeof *out->builders);
    builders_begin(out->builders, fields, n);
    for (uint32_t i = 0; i < n; i++) {
        sb_builder *builder = &out->builders[i];
        uint32_t width = width_of(builder->field);
        size_t n_values = is_bytes(builder->field) ? 16 * (size_t)expected_rows : (size_t)width * expected_rows;
        if (n_values > 0) builder->values = arena_alloc(&of_call, builder->values_capacity = n_values);
        if (has_offsets(builder->field)) {
            builder->offsets_capacity = ((size_t)expected_rows + 1) * sizeof(int32_t);
            builder->offsets = arena_alloc(&of_call, builder->offsets_capacity);
            builder->offsets[0] = 0;
        }
    }
}

sb_builder *sb_builder_of(sb_out *out, uint32_t column) {
    if (column < out->n_builders) return &out->builders[column];
    sb_fail(SB_FAILED, "column %u is put, and only %u are made", column, out->n_builders);
    /* One that nobody looks at. */
    sb_builder *nowhere = sb_alloc(sizeof *nowhere);
    static const sb_field nothing = {.name = "", .type = SB_BINARY, .nullable = true};
    nowhere->field = &nothing;
    return nowhere;
}

sb_builder *sb_builder_child(sb_builder *builder, uint32_t child) {
    sb_out children = {0, builder->field->n_children, builder->children};
    return sb_builder_of(&children, child);
}

static void *room(void **data, size_t *capacity, size_t used, size_t more) {
    size_t wanted = used + more;
    if (wanted > *capacity) {
        size_t twice = *capacity * 2, n = wanted > twice ? wanted : twice;
        if (n < 64) n = 64;
        *data = arena_grow(&of_call, *data, *capacity, n);
        *capacity = n;
    }
    return (uint8_t *)*data + used;
}

static uint8_t *values_room(sb_builder *builder, size_t more) {
    return room((void **)&builder->values, &builder->values_capacity, builder->n_values, more);
}

/* The value just appended is there, or null. */
static inline void end_value(sb_builder *builder, bool is_null) {
    uint32_t row = builder->length++;
    if (is_null && builder->validity == NULL) {
        size_t n = row / 8 + 1;
        memset(room((void **)&builder->validity, &builder->validity_capacity, 0, n), 0xff, n);
        /* What is room for more is set when it is reached. */
    }
    if (builder->validity == NULL) return;
    if ((row & 7) == 0) *(uint8_t *)room((void **)&builder->validity, &builder->validity_capacity, row / 8, 1) = 0xff;
    if (!is_null) return;
    builder->validity[row >> 3] &= (uint8_t)~(1u << (row & 7));
    builder->null_count++;
}

static void end_offset(sb_builder *builder, size_t end) {
    if (end > INT32_MAX) {
        sb_fail(SB_FAILED, "column \"%s\" has more than 2 GiB in a call", builder->field->name);
        end = 0;
    }
    if (builder->offsets == NULL) {
        builder->offsets = arena_alloc(&of_call, builder->offsets_capacity = 64);
        builder->offsets[0] = 0;
    }
    int32_t *at = room((void **)&builder->offsets, &builder->offsets_capacity, ((size_t)builder->length + 1) * sizeof *at, sizeof *at);
    *at = (int32_t)end;
}

static void not_of_type(const sb_builder *builder, const char *value) {
    sb_fail(SB_FAILED, "column \"%s\" is %s, and %s is put into it", builder->field->name, NAMES[builder->field->type], value);
}

void sb_append_null(sb_builder *builder) {
    const sb_field *field = builder->field;
    if (!field->nullable) {
        sb_fail(SB_FAILED, "column \"%s\" has no value in a row, and isn't nullable", field->name);
        return;
    }
    if (is_bytes(field)) {
        end_offset(builder, builder->n_values);
    } else if (has_offsets(field)) {
        end_offset(builder, builder->children[0].length);
    } else if (field->type == SB_BOOL) {
        if ((builder->length & 7) == 0) {
            *values_room(builder, 1) = 0;
            builder->n_values++;
        }
    } else if (field->type == SB_STRUCT || field->type == SB_FIXED_LIST) {
        uint32_t each = field->type == SB_STRUCT ? 1 : field->size;
        for (uint32_t child = 0; child < field->n_children; child++) {
            for (uint32_t i = 0; i < each; i++) {
                sb_builder *below = &builder->children[child];
                /* What is below a null means nothing, and has to be there. */
                bool nullable = below->field->nullable;
                sb_field any = *below->field;
                any.nullable = true;
                const sb_field *was = below->field;
                below->field = &any;
                sb_append_null(below);
                below->field = was;
                if (nullable) continue;
                /* Its own column has no nulls. */
                below->null_count--;
                below->validity[(below->length - 1) >> 3] |= (uint8_t)(1u << ((below->length - 1) & 7));
            }
        }
    } else {
        uint32_t width = width_of(field);
        memset(values_room(builder, width), 0, width);
        builder->n_values += width;
    }
    end_value(builder, true);
}

void sb_append_text(sb_builder *builder, sb_text value) {
    const sb_field *field = builder->field;
    bool is_fixed = field->type == SB_FIXED_BINARY;
    if (!is_bytes(field) && !is_fixed) {
        not_of_type(builder, "a text");
        return;
    }
    if (is_fixed && value.size != field->size) {
        sb_fail(SB_FAILED, "column \"%s\" has %u bytes a row, and %zu are put into it", field->name, field->size, value.size);
        return;
    }
    if (value.size > 0) memcpy(values_room(builder, value.size), value.data, value.size);
    builder->n_values += value.size;
    if (!is_fixed) end_offset(builder, builder->n_values);
    end_value(builder, false);
}

void sb_append_bool(sb_builder *builder, bool value) {
    if (builder->field->type != SB_BOOL) {
        not_of_type(builder, "a bool");
        return;
    }
    uint32_t row = builder->length;
    if ((row & 7) == 0) {
        *values_room(builder, 1) = 0;
        builder->n_values++;
    }
    builder->values[row >> 3] |= (uint8_t)((unsigned)value << (row & 7));
    end_value(builder, false);
}

#define APPEND_AS(type, is_signed)                                                                         \
    do {                                                                                                   \
        type converted = (type)value;                                                                      \
        fits = (uint64_t)converted == value && is_negative == ((is_signed) && (value & HIGHEST_BIT) != 0); \
        memcpy(values_room(builder, sizeof converted), &converted, sizeof converted);                      \
        builder->n_values += sizeof converted;                                                             \
    } while (0)

static const uint64_t HIGHEST_BIT = (uint64_t)1 << 63;

/* A number below zero is its two's complement. */
static void append_integer(sb_builder *builder, uint64_t value, bool is_negative) {
    bool fits = true;
    switch (builder->field->type) {
    case SB_INT8:
        APPEND_AS(int8_t, true);
        break;
    case SB_UINT8:
        APPEND_AS(uint8_t, false);
        break;
    case SB_INT16:
        APPEND_AS(int16_t, true);
        break;
    case SB_UINT16:
        APPEND_AS(uint16_t, false);
        break;
    case SB_UINT32:
        APPEND_AS(uint32_t, false);
        break;
    case SB_INT32:
    case SB_DATE32:
        APPEND_AS(int32_t, true);
        break;
    case SB_UINT64:
        APPEND_AS(uint64_t, false);
        break;
    case SB_INT64:
    case SB_DATE64:
    case SB_TIMESTAMP:
    case SB_DURATION:
        APPEND_AS(int64_t, true);
        break;
    case SB_TIME:
        if (width_of(builder->field) == 4) {
            APPEND_AS(int32_t, true);
        } else {
            APPEND_AS(int64_t, true);
        }
        break;
    default:
        not_of_type(builder, "an integer");
        return;
    }
    if (!fits) {
        unsigned long long size = is_negative ? -value : value;
        sb_fail(SB_FAILED, "column \"%s\" is %s, and has no %s%llu", builder->field->name, NAMES[builder->field->type],
                is_negative ? "-" : "", size);
    }
    end_value(builder, false);
}

void sb_append_i64(sb_builder *builder, int64_t value) { append_integer(builder, (uint64_t)value, value < 0); }

void sb_append_u64(sb_builder *builder, uint64_t value) { append_integer(builder, value, false); }

void sb_append_f64(sb_builder *builder, double value) {
    if (builder->field->type == SB_FLOAT64) {
        memcpy(values_room(builder, sizeof value), &value, sizeof value);
        builder->n_values += sizeof value;
    } else if (builder->field->type == SB_FLOAT32) {
        float nearest = (float)value;
        memcpy(values_room(builder, sizeof nearest), &nearest, sizeof nearest);
        builder->n_values += sizeof nearest;
    } else {
        not_of_type(builder, "a floating-point number");
        return;
    }
    end_value(builder, false);
}

void sb_append_nested(sb_builder *builder) {
    const sb_field *field = builder->field;
    if (field->type == SB_LIST || field->type == SB_MAP) {
        end_offset(builder, builder->children[0].length);
    } else if (field->type == SB_FIXED_LIST || field->type == SB_STRUCT) {
        uint32_t each = field->type == SB_STRUCT ? 1 : field->size;
        for (uint32_t child = 0; child < field->n_children; child++) {
            if (builder->children[child].length == (builder->length + 1) * each) continue;
            sb_fail(SB_FAILED, "row %u of column \"%s\" isn't whole: \"%s\" has %u values, and %u are due", builder->length, field->name,
                    builder->children[child].field->name, builder->children[child].length, (builder->length + 1) * each);
        }
    } else {
        not_of_type(builder, "a list or struct");
        return;
    }
    end_value(builder, false);
}

void sb_append_copy(sb_builder *builder, const sb_column *column, uint32_t row) {
    const sb_field *field = builder->field;
    if (field->type != column->field->type || field->n_children != column->field->n_children ||
        width_of(field) != width_of(column->field)) {
        not_of_type(builder, NAMES[column->field->type]);
        return;
    }
    if (sb_is_null(column, row)) {
        sb_append_null(builder);
    } else if (is_bytes(field)) {
        sb_append_text(builder, sb_text_at(column, row));
    } else if (field->type == SB_BOOL) {
        sb_append_bool(builder, sb_bool_at(column, row));
    } else if (field->type == SB_STRUCT) {
        for (uint32_t i = 0; i < field->n_children; i++)
            sb_append_copy(&builder->children[i], &column->children[i], row);
        sb_append_nested(builder);
    } else if (is_nested(field)) {
        sb_items items = sb_items_at(column, row);
        for (uint32_t i = items.first; i < items.end; i++)
            sb_append_copy(&builder->children[0], &column->children[0], i);
        sb_append_nested(builder);
    } else {
        uint32_t width = width_of(field);
        memcpy(values_room(builder, width), column->values + (size_t)row * width, width);
        builder->n_values += width;
        end_value(builder, false);
    }
}

void sb_take(sb_builder *builder, const sb_column *column) {
    if (builder->field->type != column->field->type || builder->field->n_children != column->field->n_children) {
        not_of_type(builder, NAMES[column->field->type]);
    } else if (builder->length > 0) {
        sb_fail(SB_FAILED, "column \"%s\" has rows already, and a whole one is put into it", builder->field->name);
    } else {
        builder->taken = column;
        builder->length = column->length;
    }
}

void sb_end_row(sb_out *out) {
    uint32_t rows = ++out->rows;
    for (uint32_t i = 0; i < out->n_builders; i++) {
        sb_builder *builder = &out->builders[i];
        if (builder->length < rows) {
            sb_append_null(builder);
        } else if (builder->length > rows) {
            sb_fail(SB_FAILED, "column \"%s\" is put twice in a row", builder->field->name);
        }
    }
}

uint32_t sb_rows(const sb_out *out) { return out->rows; }

bool anything_put(const sb_out *out) {
    for (uint32_t i = 0; i < out->n_builders; i++) {
        if (out->builders[i].length > out->rows) return true;
    }
    return false;
}

static uint32_t count_buffers(const sb_field *fields, uint32_t n) {
    uint32_t all = 0;
    for (uint32_t i = 0; i < n; i++) {
        all += 1 + has_offsets(&fields[i]) + !is_nested(&fields[i]) + count_buffers(fields[i].children, fields[i].n_children);
    }
    return all;
}

static void write_taken(const sb_column *columns, uint32_t n, wire_node **nodes, wire_list **buffers) {
    for (uint32_t i = 0; i < n; i++) {
        const sb_column *column = &columns[i];
        *(*nodes)++ = (wire_node){column->length, column->null_count};
        *(*buffers)++ = (wire_list){(void *)column->validity, column->validity == NULL ? 0 : (column->length + 7) / 8};
        if (column->offsets != NULL) *(*buffers)++ = (wire_list){(void *)column->offsets, ((size_t)column->length + 1) * sizeof(int32_t)};
        if (!is_nested(column->field)) *(*buffers)++ = (wire_list){(void *)column->values, column->n_values};
        write_taken(column->children, column->field->n_children, nodes, buffers);
    }
}

static void write_built(sb_builder *builders, uint32_t n, wire_node **nodes, wire_list **buffers) {
    for (uint32_t i = 0; i < n; i++) {
        sb_builder *builder = &builders[i];
        if (builder->taken != NULL) {
            write_taken(builder->taken, 1, nodes, buffers);
            continue;
        }
        *(*nodes)++ = (wire_node){builder->length, builder->null_count};
        *(*buffers)++ = (wire_list){builder->validity, builder->null_count == 0 ? 0 : (builder->length + 7) / 8};
        if (has_offsets(builder->field)) {
            static int32_t none = 0;
            *(*buffers)++ =
                (wire_list){builder->offsets == NULL ? &none : builder->offsets, ((size_t)builder->length + 1) * sizeof(int32_t)};
        }
        if (!is_nested(builder->field)) *(*buffers)++ = (wire_list){builder->values, builder->n_values};
        write_built(builder->children, builder->field->n_children, nodes, buffers);
    }
}

void batch_to_wire(sb_out *out, wire_batch *batch) {
    /* Columns that were taken, or appended to as wholes, say how many rows there are. */
    if (out->rows == 0 && out->n_builders > 0) out->rows = out->builders[0].length;
    for (uint32_t i = 0; i < out->n_builders; i++) {
        if (out->builders[i].length == out->rows) continue;
        sb_fail(SB_FAILED, "column \"%s\" has %u rows, and the others %u", out->builders[i].field->name, out->builders[i].length,
                out->rows);
        return;
    }
    uint32_t n_nodes = 0, n_buffers = 0;
    for (uint32_t i = 0; i < out->n_builders; i++) {
        n_nodes += count_fields(out->builders[i].field, 1);
        n_buffers += count_buffers(out->builders[i].field, 1);
    }
    wire_node *nodes = sb_alloc(n_nodes * sizeof *nodes), *next_node = nodes;
    wire_list *buffers = sb_alloc(n_buffers * sizeof *buffers), *next_buffer = buffers;
    write_built(out->builders, out->n_builders, &next_node, &next_buffer);
    batch->rows = out->rows;
    batch->nodes = (wire_list){nodes, n_nodes};
    batch->buffers = (wire_list){buffers, n_buffers};
}

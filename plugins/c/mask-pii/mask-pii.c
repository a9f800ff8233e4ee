/* Texts of which only the end is shown: what must not be read by those who read the stream. */
#include <inttypes.h>
#include <sluicebox.h>

typedef struct options {
    sb_texts columns;
    int64_t keep;
    sb_text mask;
} options;

static const options defaults = {.keep = 4, .mask = {"*", 1}};

/* Characters, Unicode's scalar values: bytes that don't go on with one. */
static bool begins(char byte) { return ((unsigned char)byte & 0xc0) != 0x80; }

static size_t characters(sb_text text) {
    size_t n = 0;
    for (size_t i = 0; i < text.size; i++)
        n += begins(text.data[i]);
    return n;
}

/* Whether a column is among those to be masked. */
static bool is_masked(const options *options, const sb_field *field) {
    for (uint32_t i = 0; i < options->columns.n; i++) {
        if (sb_text_equal(options->columns.texts[i], sb_text_from(field->name))) return true;
    }
    return false;
}

static int bind(const void *given, const sb_schema *input, sb_binding *binding) {
    const options *options = given;
    if (characters(options->mask) != 1) return sb_fail(SB_INVALID_CONFIG, "mask is not one character");
    if (options->keep < 0) return sb_fail(SB_INVALID_CONFIG, "keep is %" PRId64 "; it is at least 0", options->keep);
    for (uint32_t i = 0; i < options->columns.n; i++) {
        sb_text name = options->columns.texts[i];
        uint32_t at = 0;
        while (at < input->n_fields && !sb_text_equal(name, sb_text_from(input->fields[at].name)))
            at++;
        if (at == input->n_fields) return sb_fail(SB_INVALID_CONFIG, "columns: the stream has no column `%.*s`", (int)name.size, name.data);
        if (input->fields[at].type != SB_UTF8) {
            return sb_fail(SB_INVALID_INPUT, "column `%.*s` is not a string, and only those are masked", (int)name.size, name.data);
        }
    }
    binding->output = input->fields;
    binding->n_output = input->n_fields;
    return SB_OK;
}

static void mask(const options *options, const sb_column *column, sb_builder *into) {
    size_t size = 0, room = 0;
    char *text = NULL;
    for (uint32_t row = 0; row < column->length; row++) {
        if (sb_is_null(column, row)) {
            sb_append_null(into);
            continue;
        }
        sb_text given = sb_text_at(column, row);
        size_t n = characters(given), hidden = n > (uint64_t)options->keep ? n - (size_t)options->keep : 0;
        size_t from = 0;
        for (size_t seen = 0; from < given.size; from++) {
            if (begins(given.data[from]) && seen++ == hidden) break;
        }
        size = hidden * options->mask.size + (given.size - from);
        if (size > room) text = sb_alloc(room = size * 2);
        for (size_t i = 0; i < hidden; i++)
            memcpy(text + i * options->mask.size, options->mask.data, options->mask.size);
        if (given.size > from) memcpy(text + hidden * options->mask.size, given.data + from, given.size - from);
        sb_append_text(into, (sb_text){text, size});
    }
}

static int chunk(void *self, const sb_batch *in, sb_chunk *chunk) {
    for (uint32_t i = 0; i < in->n_columns; i++) {
        sb_builder *into = sb_builder_of(sb_chunk_out(chunk), i);
        if (is_masked(self, in->columns[i].field)) {
            mask(self, &in->columns[i], into);
        } else {
            sb_take(into, &in->columns[i]);
        }
    }
    return SB_OK;
}

SLUICEBOX_TRANSFORMS({
    .name = "mask-pii",
    .doc = "Rows with all characters of some columns' texts masked, but for the last; nulls and other columns are left as they are.",
    .kind = SB_MAP_ROWS,
    .input = SB_ANY_COLUMNS,
    .config = SB_CONFIG(options, &defaults, SB_REQUIRED(options, columns, SB_OPTION_TEXTS), SB_OPTION(options, keep, SB_OPTION_I64),
                        SB_OPTION(options, mask, SB_OPTION_TEXT)),
    .bind = bind,
    .chunk = chunk,
})

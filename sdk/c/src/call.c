/* Calls: their memory, their errors, and what they say to the host. */
#include "abi.h"

#include <stdio.h>
#include <stdlib.h>

IMPORT("logging", "log") extern void host_log(int32_t level, const char *message, size_t n_message);
IMPORT("counters", "add") extern void host_count(const char *name, size_t n_name, int64_t count);

/* --- memory ----------------------------------------------------------------------------------------------------------------------------
 */

#define ALIGNED(size) (((size) + 15) & ~(size_t)15)
/* The least that is asked of malloc, and the most of a block that is kept from one call to the next. */
#define BLOCK ((size_t)1 << 16)
#define KEPT ((size_t)4 << 20)

struct block {
    struct block *before;
    size_t used;
    size_t size;
    /* So that what follows is aligned. */
    size_t unused;
};

arena of_call, of_open;
int call_error;
sb_text call_reason;
static sb_text error_message;

void out_of_memory(void) {
    static const char message[] = "out of memory";
    host_log(SB_ERROR, message, sizeof message - 1);
    abort();
}

static uint8_t *bytes_of(struct block *block) { return (uint8_t *)(block + 1); }

void *arena_alloc(arena *from, size_t size) {
    if (size > (size_t)PTRDIFF_MAX - BLOCK) out_of_memory();
    size = ALIGNED(size);
    struct block *block = from->block;
    if (block == NULL || block->size - block->used < size) {
        /* Each is at least as large as the one before, so there are few of them. */
        size_t least = block == NULL ? BLOCK : block->size;
        size_t n = size > least ? size : least;
        struct block *more = malloc(sizeof *more + n);
        if (more == NULL) more = malloc(sizeof *more + (n = size));
        if (more == NULL) out_of_memory();
        more->before = block;
        more->used = 0;
        more->size = n;
        from->block = block = more;
    }
    uint8_t *at = bytes_of(block) + block->used;
    block->used += size;
    return at;
}

void *arena_grow(arena *from, void *old, size_t old_size, size_t size) {
    struct block *block = from->block;
    size_t old_aligned = ALIGNED(old_size);
    if (old != NULL && block != NULL && (uint8_t *)old + old_aligned == bytes_of(block) + block->used) {
        size_t before = block->used - old_aligned;
        if (size <= (size_t)PTRDIFF_MAX - BLOCK && block->size - before >= ALIGNED(size)) {
            block->used = before + ALIGNED(size);
            return old;
        }
    }
    void *grown = arena_alloc(from, size);
    if (old_size > 0) memcpy(grown, old, old_size < size ? old_size : size);
    return grown;
}

void arena_reset(arena *from) {
    struct block *block = from->block;
    if (block == NULL) return;
    while (block->before != NULL) {
        struct block *before = block->before;
        block->before = before->before;
        free(before);
    }
    block->used = 0;
    if (block->size > KEPT) {
        free(block);
        from->block = NULL;
    }
}

sb_text arena_text(arena *from, sb_text text) {
    char *data = arena_alloc(from, text.size + 1);
    if (text.size > 0) memcpy(data, text.data, text.size);
    data[text.size] = 0;
    return (sb_text){data, text.size};
}

void *sb_alloc(size_t size) { return memset(arena_alloc(&of_call, size), 0, size); }

/* What the host hands over goes into memory of the call. */
SB_AS("cabi_realloc") void *sb_realloc(void *old, size_t old_size, size_t align, size_t size);
void *sb_realloc(void *old, size_t old_size, size_t align, size_t size) {
    (void)align;
    return arena_grow(&of_call, old, old_size, size);
}

/* What stands between the module and WASI keeps what it is given. */
SB_AS("cabi_realloc_adapter") void *sb_realloc_adapter(void *old, size_t old_size, size_t align, size_t size);
void *sb_realloc_adapter(void *old, size_t old_size, size_t align, size_t size) {
    (void)old_size;
    void *grown = old == NULL ? aligned_alloc(align, (size + align - 1) / align * align) : realloc(old, size);
    if (grown == NULL) out_of_memory();
    return grown;
}

void sb_end_call(void) {
    arena_reset(&of_call);
    call_error = 0;
}

/* --- texts -----------------------------------------------------------------------------------------------------------------------------
 */

static sb_text format_text(arena *from, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size < 0) size = 0;
    char *data = arena_alloc(from, (size_t)size + 1);
    data[0] = 0;
    vsnprintf(data, (size_t)size + 1, format, again);
    va_end(again);
    return (sb_text){data, (size_t)size};
}

sb_text sb_format(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    sb_text text = format_text(&of_call, format, arguments);
    va_end(arguments);
    return text;
}

int sb_text_compare(sb_text a, sb_text b) {
    size_t n = a.size < b.size ? a.size : b.size;
    int order = n == 0 ? 0 : memcmp(a.data, b.data, n);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

bool sb_text_split(sb_text *rest, char separator, sb_text *part) {
    if (rest->size == 0) return false;
    const char *end = memchr(rest->data, separator, rest->size);
    part->data = rest->data;
    part->size = end == NULL ? rest->size : (size_t)(end - rest->data);
    size_t cut = part->size + (end != NULL);
    rest->data += cut;
    rest->size -= cut;
    return true;
}

bool is_named(const char *name, sb_text given) { return strlen(name) == given.size && memcmp(name, given.data, given.size) == 0; }

wire_list list_of_string(const char *string) {
    if (string == NULL) string = "";
    return (wire_list){(void *)string, strlen(string)};
}

/* --- errors ----------------------------------------------------------------------------------------------------------------------------
 */

static int fail(sb_error error, const char *format, va_list arguments) {
    /* The first is the one that the others came of. */
    if (call_error == 0) {
        error_message = format_text(&of_call, format, arguments);
        call_error = error;
    }
    return call_error;
}

int sb_fail(sb_error error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int returned = fail(error, format, arguments);
    va_end(arguments);
    return returned;
}

int sb_reject(const char *reason, ...) {
    va_list arguments;
    va_start(arguments, reason);
    call_reason = format_text(&of_call, reason, arguments);
    va_end(arguments);
    return SB_REJECTED;
}

wire_result *error_answer(int returned) {
    if (call_error == 0 && returned < 0) sb_fail((sb_error)returned, "a function returned %d without a message", returned);
    if (call_error == 0) return NULL;
    wire_result *answer = sb_alloc(64);
    /* All results have their error behind the same byte but that of state's bind, which has eight; see there. */
    answer->is_error = 1;
    int tag = -call_error - 1;
    answer->of.error.tag = (uint8_t)(tag < 0 || tag > 3 ? 2 : tag);
    answer->of.error.message = (wire_list){(void *)error_message.data, error_message.size};
    return answer;
}

wire_result *empty_answer(void) { return sb_alloc(64); }

wire_result *fail_answer(sb_error error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fail(error, format, arguments);
    va_end(arguments);
    return error_answer(SB_OK);
}

/* --- what is said to the host ----------------------------------------------------------------------------------------------------------
 */

void sb_log(sb_level level, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    sb_text line = format_text(&of_call, format, arguments);
    va_end(arguments);
    host_log(level, line.data, line.size);
}

void sb_count(const char *name, uint64_t count) { host_count(name, strlen(name), (int64_t)count); }

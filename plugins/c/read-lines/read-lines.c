/*
 * Lines of one file, as they are appended to it.
 *
 * Its position is how many bytes were taken, so it goes on where it stood.
 */
#include <errno.h>
#include <sluicebox.h>
#include <stdio.h>
#include <stdlib.h>

/* The most that is read in one call, and the longest line. */
#define CALL ((size_t)1 << 20)

typedef struct options {
    sb_text file;
    bool ends;
} options;

typedef struct reader {
    const options *options;
    uint64_t offset;
} reader;

static int start(const void *given, const sb_context *context, const sb_text *position, void **self) {
    (void)context;
    if (position != NULL && position->size != sizeof(uint64_t)) return sb_fail(SB_FAILED, "its position is of another receiver");
    reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) return sb_fail(SB_FAILED, "out of memory");
    reader->options = given;
    if (position != NULL) memcpy(&reader->offset, position->data, sizeof reader->offset);
    *self = reader;
    return SB_OK;
}

/* Whether bytes are UTF-8. */
static bool is_text(const char *data, size_t size) {
    for (size_t i = 0; i < size;) {
        unsigned char c = (unsigned char)data[i];
        size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : 4;
        if (more == 4 || i + more >= size) return false;
        unsigned char next = more > 0 ? (unsigned char)data[i + 1] : 0;
        if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next >= 0xa0) || (c == 0xf0 && next < 0x90) || (c == 0xf4 && next >= 0x90))
            return false;
        for (size_t k = 1; k <= more; k++) {
            if (((unsigned char)data[i + k] & 0xc0) != 0x80) return false;
        }
        i += more + 1;
    }
    return true;
}

static int receive(void *self, sb_received *received) {
    reader *reader = self;
    const char *path = reader->options->file.data;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        if (errno == ENOENT) return sb_fail(SB_UNAVAILABLE, "%s is not there", path);
        return sb_fail(SB_UNAVAILABLE, "%s: %s", path, strerror(errno));
    }
    char *read = sb_alloc(CALL + 1);
    size_t size = 0;
    bool failed = fseeko(file, (off_t)reader->offset, SEEK_SET) != 0;
    if (!failed) {
        size = fread(read, 1, CALL + 1, file);
        failed = ferror(file) != 0;
    }
    int error = errno;
    fclose(file);
    if (failed) return sb_fail(SB_UNAVAILABLE, "%s: %s", path, strerror(error));

    bool at_end = size <= CALL, ends = reader->options->ends;
    size_t taken = 0;
    while (sb_rows(received->rows) < received->max_rows && taken < size) {
        const char *line = read + taken, *end = memchr(line, '\n', size - taken);
        size_t length = end != NULL ? (size_t)(end - line) : size - taken;
        if (end == NULL && !(at_end && ends)) {
            if (taken == 0 && !at_end) return sb_fail(SB_FAILED, "a line of %s has more than %zu bytes", path, CALL);
            break; /* The line isn't whole yet. */
        }
        if (is_text(line, length)) {
            sb_put_text(received->rows, 0, (sb_text){line, length});
            sb_end_row(received->rows);
        } else {
            sb_count("lines_dropped", 1);
        }
        taken += length + (end != NULL);
    }
    reader->offset += taken;
    char *position = sb_alloc(sizeof reader->offset);
    memcpy(position, &reader->offset, sizeof reader->offset);
    received->position = (sb_text){position, sizeof reader->offset};
    received->ended = at_end && ends && taken == size;
    return SB_OK;
}

static void stop(void *self) { free(self); }

SLUICEBOX_RECEIVERS({
    .name = "read-lines",
    .doc = "Lines of a file, as UTF-8; those that aren't are counted as `lines_dropped`.",
    .replayable = true,
    .output = SB_COLUMNS(SB_FIELD("line", SB_UTF8)),
    .config = SB_CONFIG(options, NULL, SB_REQUIRED(options, file, SB_OPTION_TEXT), SB_OPTION(options, ends, SB_OPTION_BOOL)),
    .start = start,
    .receive = receive,
    .stop = stop,
})

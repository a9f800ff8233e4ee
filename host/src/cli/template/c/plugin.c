/* Lines, louder. */
#include <sluicebox.h>

/* The line in capitals: letters of ASCII. */
static int shout(void *self, sb_row line, sb_out *out) {
    (void)self;
    sb_text text = sb_row_text(line, 0);
    char *loud = sb_alloc(text.size);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        loud[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    sb_put_text(out, 0, (sb_text){loud, text.size});
    return SB_OK;
}

SLUICEBOX_TRANSFORMS({
    .name = "{operator}",
    .doc = "The line in capitals.",
    .kind = SB_MAP_ROWS,
    .input = SB_COLUMNS(SB_FIELD("", SB_UTF8)),
    .output = SB_COLUMNS(SB_FIELD("line", SB_UTF8)),
    .row = shout,
})

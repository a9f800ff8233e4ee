/* Reads JSON: the configuration, which the host writes. */
#include "abi.h"

/* How deep values may be in others: readers call themselves. */
#define DEEPEST 64

typedef struct reader {
    const char *at;
    const char *end;
} reader;

static void skip_space(reader *reader) {
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' || *reader->at == '\r'))
        reader->at++;
}

static bool take(reader *reader, const char *word) {
    size_t n = strlen(word);
    if ((size_t)(reader->end - reader->at) < n || memcmp(reader->at, word, n) != 0) return false;
    reader->at += n;
    return true;
}

static bool read_hex(reader *reader, uint32_t *unit) {
    if (reader->end - reader->at < 4) return false;
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        char c = *reader->at++;
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16) return false;
        *unit = *unit * 16 + digit;
    }
    return true;
}

static char *write_utf8(char *to, uint32_t c) {
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

/* A text, without the quote it begins with. */
static bool read_text(reader *reader, sb_text *text) {
    /* No escape is shorter than what it stands for. */
    char *data = sb_alloc((size_t)(reader->end - reader->at) + 1), *to = data;
    while (reader->at < reader->end) {
        unsigned char c = (unsigned char)*reader->at++;
        if (c == '"') {
            *to = 0;
            *text = (sb_text){data, (size_t)(to - data)};
            return true;
        }
        if (c < 0x20) return false;
        if (c != '\\') {
            *to++ = (char)c;
            continue;
        }
        if (reader->at == reader->end) return false;
        char escaped = *reader->at++;
        static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
        const char *letter = memchr(letters, escaped, sizeof letters - 1);
        if (letter != NULL) {
            *to++ = meanings[letter - letters];
            continue;
        }
        uint32_t unit, low;
        if (escaped != 'u' || !read_hex(reader, &unit)) return false;
        if (unit >= 0xdc00 && unit < 0xe000) return false;
        if (unit >= 0xd800 && unit < 0xdc00) {
            if (!take(reader, "\\u") || !read_hex(reader, &low) || low < 0xdc00 || low >= 0xe000) return false;
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        }
        to = write_utf8(to, unit);
    }
    return false;
}

static bool read_digits(reader *reader) {
    const char *first = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    return reader->at > first;
}

static bool read_number(reader *reader, sb_text *text) {
    const char *first = reader->at;
    take(reader, "-");
    if (!take(reader, "0") && !read_digits(reader)) return false;
    if (take(reader, ".") && !read_digits(reader)) return false;
    if (take(reader, "e") || take(reader, "E")) {
        if (!take(reader, "+")) take(reader, "-");
        if (!read_digits(reader)) return false;
    }
    *text = (sb_text){first, (size_t)(reader->at - first)};
    return true;
}

static json_value *read_value(reader *reader, int depth) {
    json_value *value = sb_alloc(sizeof *value);
    skip_space(reader);
    if (depth > DEEPEST || reader->at == reader->end) return NULL;
    if (take(reader, "null")) return value;
    if (take(reader, "true")) {
        value->type = JSON_TRUE;
    } else if (take(reader, "false")) {
        value->type = JSON_FALSE;
    } else if (take(reader, "\"")) {
        value->type = JSON_TEXT;
        if (!read_text(reader, &value->text)) return NULL;
    } else if (*reader->at == '[' || *reader->at == '{') {
        bool is_object = *reader->at++ == '{';
        const char *end = is_object ? "}" : "]";
        value->type = is_object ? JSON_OBJECT : JSON_ARRAY;
        json_value **last = &value->first;
        skip_space(reader);
        if (take(reader, end)) return value;
        do {
            sb_text key = {NULL, 0};
            skip_space(reader);
            if (is_object) {
                if (!take(reader, "\"") || !read_text(reader, &key)) return NULL;
                skip_space(reader);
                if (!take(reader, ":")) return NULL;
            }
            json_value *item = read_value(reader, depth + 1);
            if (item == NULL) return NULL;
            item->key = key;
            *last = item;
            last = &item->next;
            skip_space(reader);
        } while (take(reader, ","));
        if (!take(reader, end)) return NULL;
    } else {
        value->type = JSON_NUMBER;
        if (!read_number(reader, &value->text)) return NULL;
    }
    return value;
}

json_value *json_parse(sb_text text) {
    reader reader = {text.data, text.data + text.size};
    json_value *value = read_value(&reader, 0);
    skip_space(&reader);
    return reader.at == reader.end ? value : NULL;
}
